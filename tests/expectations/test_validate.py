"""Rules as findings: each shipped rule on a row of its own, words without holes, faults that name their rule.

The base rows below are sound: no rule fires on them. A fixture changes as few cells as its rule needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations import suites, validate
from pipeline import findings
from pipeline.errors import FaultError
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.entry import RecordType
from pipeline.schema.model import ExpectationCall
from pipeline.schema.rule_columns import read_by
from pipeline.store.facts import IN_YEAR, facts_of
from pipeline.store.ingest import typed_schema

YEAR = 2025
SOUND: dict[RecordType, dict[str, Any]] = {
    "school": {
        "name": "明德小学", "school_type": "211", "urban_rural": "111", "is_public": 1.0, "is_counted_school": 1.0,
        "operator_code": "831", "teaching_rooms_sqm": 4000.0, "indoor_sports_sqm": 500.0, "sports_field_sqm": 6000.0,
        "equipment_yuan": 900_000.0, "computers": 90.0, "books": 20_000.0, "multimedia_rooms": 20.0, "staff": 50.0,
        "boarders": 0.0, "beds": 0.0, "d_grade_area_sqm": 0.0, "d_grade_sealed_area_sqm": 0.0, "health_staff": 1.0,
        "public_funds_yuan": 600_000.0, "public_funds_budget_yuan": 700_000.0, "training_budget_yuan": 40_000.0,
    },
    "stage": {
        "stage": "primary", "pupils": 600.0, "classes": 15.0, "full_time_teachers": 40.0, "doctor_teachers": 0.0,
        "master_teachers": 4.0, "bachelor_teachers": 30.0, "college_teachers": 6.0, "backbone_teachers": 5.0,
        "pe_teachers": 3.0, "music_teachers": 2.0, "art_teachers": 2.0, "arts_teachers": 0.0, "senior_rank_teachers": 1.0,
        "associate_rank_teachers": 9.0, "intermediate_rank_teachers": 12.0, "certified_teachers": 40.0,
        "teachers_training_due": 38.0, "teachers_trained_360h": 37.0,
    },
    "class": {"stage": "primary", "grade": 3.0, "class_name": "三年级一班", "class_pupils": 44.0},
    "room": {"room_kind": "music", "room_name": "音乐教室一", "room_sqm": 100.0},
}  # fmt: skip

BAD: dict[str, dict[str, Any]] = {
    "areas_plausible": {"teaching_rooms_sqm": 100_001.0},
    "room_area_plausible": {"room_sqm": 401.0},
    "room_area_positive": {"room_sqm": 0.0},
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def frame(catalogue: Catalogue, record: RecordType, *rows: Mapping[str, Any]) -> pl.DataFrame:
    """Typed rows of a record type: sound but for what is given; numbered from row 2 as under a header."""
    place = {"submission_id": "s", "part": record, "year": YEAR, "county_code": "990101"}
    filled = [
        place | {"row": n, "school_id": f"21990101{n:02d}"} | SOUND[record] | dict(row) for n, row in enumerate(rows, 2)
    ]
    schema = typed_schema(catalogue, record)
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in filled], schema=schema, orient="row")


def cells(catalogue: Catalogue, record: RecordType) -> dict[str, Any]:
    """Where each column of a record type stands: the fields in their order, from column A."""
    names = [n for n in typed_schema(catalogue, record) if n not in ("submission_id", "part", "year", "row")]
    return {f"{name}@": {"columns": [f"C{i}_"], "sheet": ""} for i, name in enumerate(names)}


def found_of(catalogue: Catalogue, record: RecordType, *rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = validate({record: frame(catalogue, record, *rows)}, catalogue, {"s": {record: cells(catalogue, record)}})
    return found.to_dicts()


def with_rule(catalogue: Catalogue, **changes: Any) -> Catalogue:
    """A catalogue of one rule, named 'probe'."""
    base = catalogue.rules["books_plausible"]
    rule = base.model_copy(update={"id": "probe", "expectation": None, "condition": None} | changes)
    return catalogue.model_copy(update={"rules": {"probe": rule}})


@pytest.mark.parametrize("record", SOUND)
def test_no_rule_fires_on_a_sound_row(catalogue: Catalogue, record: RecordType) -> None:
    assert found_of(catalogue, record, {}) == []


def test_no_row_leaves_a_hole_even_where_everything_is_blank(catalogue: Catalogue) -> None:
    from expectations.validate import _finding

    for rule in catalogue.rules.values():
        blank = dict.fromkeys([*typed_schema(catalogue, rule.record), *read_by(rule)]) | {"row": 2}
        finding = _finding(rule, blank, rule.blames, catalogue, {})
        words = [str(finding[k]) for k in ("message_zh", "message_en", "found", "expected")]
        assert not any("{" in text or "None" in text for text in words), words


def test_a_label_is_said_once(catalogue: Catalogue) -> None:
    for cells_of_room in ({"room_sqm": 401.0}, {"room_sqm": 0.0}, {"room_kind": "dance"}):
        (finding,) = found_of(catalogue, "room", cells_of_room)
        assert finding["message_zh"].count("专用教室") == 1, finding["message_zh"]


def test_a_stage_is_called_by_its_label_in_each_language(catalogue: Catalogue) -> None:
    (finding,) = found_of(catalogue, "stage", {"pupils": None})
    assert "小学学段" in finding["message_zh"]
    assert "stage Primary" in finding["message_en"]


def test_a_school_without_a_name_is_called_by_its_code(catalogue: Catalogue) -> None:
    (finding,) = (
        f for f in found_of(catalogue, "school", {"name": None, "books": 9e6}) if f["rule_id"] != "school_name_given"
    )
    assert finding["message_zh"].startswith("2199010102 的图书")


def test_no_regex_of_the_catalogue_has_a_capture_group(catalogue: Catalogue) -> None:
    for rule in catalogue.rules.values():
        regex = rule.expectation.kwargs.get("regex", "") if rule.expectation else ""
        assert "(" not in regex.replace("(?:", ""), rule.id


# -- from rule to finding ----------------------------------------------------------------------------------------


def test_an_expectation_of_great_expectations_becomes_a_finding_with_its_cell(catalogue: Catalogue) -> None:
    rows = frame(catalogue, "school", {"name": "致远小学"}, {"books": 3_000_000.0})
    (finding,) = validate(
        {"school": rows}, catalogue, {"s": {"school": {"books@": {"columns": ["U"], "sheet": ""}}}}
    ).to_dicts()
    assert {k: finding[k] for k in ("rule_id", "severity", "year", "county_code", "school_id", "row", "cell", "field", "found")} == {
        "rule_id": "books_plausible", "severity": "warning", "year": YEAR, "county_code": "990101",
        "school_id": "2199010103", "row": 3, "cell": "U3", "field": "books", "found": "3000000",
    }  # fmt: skip
    assert (
        finding["expected"]
        == "200万册以内（超过 99999 册属正常） / up to 2,000,000 volumes (more than 99,999 is normal)"
    )
    assert finding["message_zh"] == "明德小学 的图书 3000000，超出常见范围"
    assert finding["message_en"] == "明德小学 gives Books 3000000, beyond the usual range"


def test_a_condition_becomes_a_finding_that_names_every_cell_it_compares(catalogue: Catalogue) -> None:
    rows = frame(catalogue, "stage", {"full_time_teachers": 30.0, "certified_teachers": 30.0, "teachers_training_due": 30.0, "teachers_trained_360h": 30.0})  # fmt: skip
    where = {
        f"{name}@": {"columns": [letter], "sheet": ""}
        for name, letter in zip(SOUND["stage"], "CDEFGHIJKLMNOPQRSTU", strict=True)
    }
    found = validate({"stage": rows}, catalogue, {"s": {"stage": where}}).to_dicts()
    finding = next(f for f in found if f["rule_id"] == "degrees_within_teachers")
    assert finding["cell"] == "F2,G2,H2,I2,J2"
    assert finding["found"] == "30；0；4；30；6"
    assert "本科学历专任教师 30" in finding["message_zh"]


def test_of_a_condition_with_parts_only_the_part_that_fails_is_blamed(catalogue: Catalogue) -> None:
    (blank,) = found_of(catalogue, "school", {"equipment_yuan": None, "multimedia_rooms": None})
    assert blank["field"] == "equipment_yuan,multimedia_rooms"
    assert blank["message_zh"].endswith("教学仪器设备资产值 空，网络多媒体教室 空")
    assert blank["message_en"].endswith("Teaching equipment blank, Networked multimedia rooms blank")
    (negative,) = found_of(catalogue, "stage", {"music_teachers": -2.0})
    assert (negative["field"], negative["found"]) == ("music_teachers", "-2")


def test_a_part_behind_an_or_is_blamed_only_where_the_or_fails(catalogue: Catalogue) -> None:
    blank = {"college_teachers": None, "pe_teachers": None}
    primary, junior = found_of(catalogue, "stage", blank, blank | {"stage": "junior"})
    assert primary["field"] == "college_teachers,pe_teachers"
    assert junior["field"] == "pe_teachers"


def test_missing_cells_pass_conditions(catalogue: Catalogue) -> None:
    (blank,) = found_of(catalogue, "school", {"boarders": None, "beds": None, "computers": None, "books": None})
    assert blank["rule_id"] == "ledger_cells_given"


def test_the_code_of_a_school_has_a_cell(tmp_path: Path, catalogue: Catalogue) -> None:
    from pipeline.returns.reader import read_file
    from pipeline.store.ingest import frames_of

    text = "县级行政区划代码,学校标识码,学校名称,办学类型\n990101,12345,短码小学,211\n"
    result = read_file(text.encode(), "x.csv", YEAR, catalogue)
    places = {"s": {part.part: part.cells for part in result.parts}}
    found = validate(frames_of(result, catalogue, "s", YEAR), catalogue, places).to_dicts()
    assert [f["cell"] for f in found if f["rule_id"] == "school_id_format"] == ["B2"]


# -- steps -------------------------------------------------------------------------------------------------------


def test_a_school_that_failed_critically_in_step_1_is_not_checked_in_step_2(catalogue: Catalogue) -> None:
    worse = {"art_teachers": -1.0, "certified_teachers": 99.0}
    mild = {"art_teachers": None, "certified_teachers": 99.0}
    found = found_of(catalogue, "stage", worse, mild)
    assert [f["rule_id"] for f in found if f["row"] == 2] == ["teacher_counts_not_negative"]
    assert sorted(f["rule_id"] for f in found if f["row"] == 3) == ["certified_within_teachers", "teacher_cells_given"]


def test_a_school_that_failed_critically_in_reading_is_not_checked_at_all(catalogue: Catalogue) -> None:
    rows = frame(catalogue, "stage", {"art_teachers": -1.0}, {"art_teachers": -1.0})
    already = findings.frame(
        [{"submission_id": "s", "part": "stage", "school_id": "2199010102", "rule_id": "x", "severity": "critical"}]
    )
    assert [f["row"] for f in validate({"stage": rows}, catalogue, {}, already).to_dicts()] == [3]


def test_a_school_that_failed_in_one_part_is_still_checked_in_another(catalogue: Catalogue) -> None:
    frames = {
        "school": frame(catalogue, "school", {"books": -1.0}),
        "stage": frame(catalogue, "stage", {"certified_teachers": 99.0}),
    }
    rules = set(validate(frames, catalogue, {})["rule_id"])
    assert rules == {"counts_of_things_not_negative", "certified_within_teachers"}


def test_no_rows_give_no_findings(catalogue: Catalogue) -> None:
    empty = {record: frame(catalogue, record) for record in SOUND}
    assert validate(empty, catalogue, {}).schema == findings.SCHEMA


# -- keys and years ----------------------------------------------------------------------------------------------


def test_a_key_is_unique_within_a_part_of_a_file_not_in_the_whole_batch(catalogue: Catalogue) -> None:
    rooms = frame(
        catalogue, "room", {"school_id": "2199010102"}, {"school_id": "2199010102"}, {"school_id": "2199010102"}
    )
    apart = rooms.with_columns(pl.Series("submission_id", ["s", "t", "t"]))
    key = ExpectationCall(type="expect_column_values_to_be_unique", kwargs={"column": "room_name"})
    one = with_rule(catalogue, record="room", expectation=key, blames=("room_name",))
    assert [(f["submission_id"], f["row"]) for f in validate({"room": apart}, one, {}).to_dicts()] == [
        ("t", 3),
        ("t", 4),
    ]


def test_a_key_with_a_blank_in_it_is_none(catalogue: Catalogue) -> None:
    key = ExpectationCall(
        type="expect_compound_columns_to_be_unique", kwargs={"column_list": ["school_id", "room_name"]}
    )
    one = with_rule(catalogue, record="room", expectation=key, blames=("room_name",))
    same = {"school_id": "2199010102", "room_name": None}
    assert found_of(one, "room", same, same) == []


def test_a_rule_across_years_is_not_run_without_the_year_before(catalogue: Catalogue) -> None:
    one = with_rule(catalogue, condition="books >= before_books", blames=("books", "before_books"))
    rows = frame(catalogue, "school", {})
    assert validate({"school": rows}, one, {}).height == 0
    richer = {"school": rows.with_columns(books=pl.lit(30_000.0))}
    (finding,) = validate({"school": rows}, one, {}, before=facts_of(one, richer, IN_YEAR)).to_dicts()
    assert finding["found"] == "20000；30000"
    assert "上年图书 30000" in finding["message_zh"]


def test_a_rule_reads_nothing_of_rows_that_a_critical_finding_set_aside(catalogue: Catalogue) -> None:
    one = with_rule(catalogue, condition="stage_rows >= 1", blames=("school_id",), step=2)
    frames = {"school": frame(catalogue, "school", {}, {}), "stage": frame(catalogue, "stage", {"school_id": "other"})}
    assert len(validate(frames, one, {})) == 2
    hit = {"submission_id": "s", "part": "stage", "school_id": "2199010102", "severity": "critical", "rule_id": "x"}
    assert validate(frames, one, {}, findings.frame([hit]))["school_id"].to_list() == ["2199010103"]


# -- faults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "arguments", "why"),
    [
        ("expect_column_values_to_be_between", {"column": "nothing", "min_value": 0}, "nothing"),
        ("expect_column_values_to_be_as_hoped", {"column": "books"}, "expect_column_values_to_be_as_hoped"),
        (
            "expect_column_values_to_be_between",
            {"column": "books", "minimum": 0},
            "minimum: extra fields not permitted",
        ),
        ("expect_column_values_to_be_between", {"column": "name", "min_value": 0}, "same type"),
        ("expect_column_values_to_match_regex", {"column": "name", "regex": "("}, "regular expression"),
        ("expect_column_mean_to_be_between", {"column": "books", "min_value": 0}, "single rows"),
        ("expect_table_row_count_to_equal", {"value": 1}, "single rows"),
        ("expect_column_values_to_be_of_type", {"column": "books", "type_": "str"}, "names no rows"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_a_fault_that_names_it(
    catalogue: Catalogue, kind: str, arguments: dict[str, Any], why: str
) -> None:
    broken = with_rule(catalogue, expectation=ExpectationCall(type=kind, kwargs=arguments))
    with pytest.raises(FaultError, match="“probe”") as error:
        validate({"school": frame(catalogue, "school", {})}, broken, {})
    assert why in error.value.en
    assert "\n" not in error.value.en


@pytest.mark.parametrize("condition", ["nothing > 0", "books > 'many'", "books + name = 1"])
def test_a_condition_that_cannot_be_evaluated_is_a_fault_that_names_its_rule(
    catalogue: Catalogue, condition: str
) -> None:
    with pytest.raises(FaultError, match="“probe”"):
        validate({"school": frame(catalogue, "school", {})}, with_rule(catalogue, condition=condition), {})


# -- what is kept ------------------------------------------------------------------------------------------------


def test_suites_and_results_are_kept_with_the_same_bytes_every_time(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = {"room": frame(catalogue, "room", {}, BAD["room_area_plausible"], BAD["room_area_positive"])}
    kept = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        validate(rows, catalogue, {}, keep=folder)
        kept.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert kept[0] == kept[1]
    assert sorted(kept[0]) == [
        "room-1.result.json", "room-1.suite.json", "room-2.result.json", "room-2.suite.json", "room-3.result.json",
        "room-3.suite.json",
    ]  # fmt: skip
    suite, result = json.loads(kept[0]["room-3.suite.json"]), json.loads(kept[0]["room-3.result.json"])
    assert [e["type"] for e in suite["expectations"]] == ["expect_column_values_to_be_between"]
    assert result["results"] == [
        {
            "rule_id": "room_area_plausible", "success": False, "element_count": 2, "unexpected_count": 1,
            "missing_count": 0, "unexpected_percent": 50.0,
        }
    ]  # fmt: skip


def test_the_condition_of_a_rule_is_asserted_by_great_expectations_too(tmp_path: Path, catalogue: Catalogue) -> None:
    rule = catalogue.rules["areas_plausible"]
    batch = suites.batch_of(frame(catalogue, "school", {}, BAD[rule.id]), [rule])
    assert list(suites.failures(batch, [rule], "one", tmp_path)) == [(rule, [1])]
    suite = json.loads((tmp_path / "one.suite.json").read_text(encoding="utf-8"))
    assert suite["expectations"][0]["kwargs"] == {"column": "_rule_areas_plausible", "value_set": [True]}

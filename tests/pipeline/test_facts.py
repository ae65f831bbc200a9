"""What rules may read beside a row: derived fields as SQL makes them, cells of other sheets, and what is unknown."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.entry import RecordType
from pipeline.store.facts import IN_YEAR, facts_of, with_before, with_facts
from pipeline.store.ingest import typed_schema

PLACE = {"submission_id": "f", "year": 2025, "county_code": "990101", "row": 3}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def rows(catalogue: Catalogue, record: RecordType, *cells: dict[str, Any]) -> pl.DataFrame:
    schema = typed_schema(catalogue, record)
    filled = [PLACE | {"part": record} | row for row in cells]
    return pl.DataFrame([[row.get(c) for c in schema] for row in filled], schema=schema, orient="row", strict=False)


def frames(catalogue: Catalogue) -> dict[RecordType, pl.DataFrame]:
    """A nine-year school with classes, and a school of which only a school row came."""
    return {
        "school": rows(
            catalogue, "school",
            {"school_id": "a", "name": "甲校", "school_type": "312", "urban_rural": "111"},
            {"school_id": "b", "name": "乙校", "school_type": "211"},
        ),
        "stage": rows(
            catalogue, "stage",
            {"school_id": "a", "stage": "primary", "pupils": 600, "classes": 13, "full_time_teachers": 30},
            {"school_id": "a", "stage": "junior", "pupils": 300, "classes": 6, "full_time_teachers": 25},
        ),
        "class": rows(
            catalogue, "class",
            {"school_id": "a", "stage": "primary", "class_pupils": 45},
            {"school_id": "a", "stage": "primary", "class_pupils": 46},
            {"school_id": "a", "stage": "junior", "class_pupils": None},
        ),
    }  # fmt: skip


def test_derived_fields_are_those_of_the_catalogue(catalogue: Catalogue) -> None:
    school = facts_of(catalogue, frames(catalogue)).school.row(0, named=True)
    assert {name: school[name] for name in ("pupils_all", "classes_compulsory", "music_rooms_needed", "teachers_all")} == {
        "pupils_all": 900, "classes_compulsory": 19, "music_rooms_needed": 2, "teachers_all": 55,
    }  # fmt: skip


def test_a_class_of_unknown_size_leaves_the_sum_unknown_and_the_count_known(catalogue: Catalogue) -> None:
    primary, junior = facts_of(catalogue, frames(catalogue)).stage.sort("stage", descending=True).to_dicts()
    assert (primary["classes_listed"], primary["pupils_listed"], primary["classes_within_limit"]) == (2, 91, 1)
    assert (junior["classes_listed"], junior["pupils_listed"]) == (1, None)


def test_no_rows_are_a_true_zero_where_the_county_sent_such_rows_and_unknown_elsewhere(catalogue: Catalogue) -> None:
    school = facts_of(catalogue, frames(catalogue)).school.row(1, named=True)
    assert (school["stage_rows"], school["pupils_all"], school["room_rows"]) == (0, 0, None)


def test_rows_that_were_set_aside_leave_counts_and_sums_unknown(catalogue: Catalogue) -> None:
    lost = pl.DataFrame({"submission_id": ["f"], "school_id": ["a"], "record": ["stage"]})
    school = facts_of(catalogue, frames(catalogue), lost=lost).school.row(0, named=True)
    assert (school["stage_rows"], school["pupils_all"], school["class_rows"]) == (None, None, 3)


def test_a_row_takes_the_cells_of_its_school_and_of_its_stage(catalogue: Catalogue) -> None:
    given = frames(catalogue)
    wide = with_facts(
        given["class"], "class", {"name", "school_type", "pupils", "stage_rows"}, facts_of(catalogue, given)
    )
    assert wide.select("name", "school_type", "pupils", "stage_rows").row(2) == ("甲校", "312", 300, 1)


def test_files_know_nothing_of_one_another(catalogue: Catalogue) -> None:
    given = frames(catalogue)
    other = given["class"].with_columns(submission_id=pl.lit("g"))
    wide = with_facts(other, "class", {"name", "stage_rows"}, facts_of(catalogue, {**given, "class": other}))
    assert set(wide.select("name", "stage_rows").rows()) == {(None, None)}


def test_a_county_has_its_stage_rows_added_up_and_its_rows_counted(catalogue: Catalogue) -> None:
    county = rows(catalogue, "county", {"county_code": "990101"})
    facts = facts_of(catalogue, {**frames(catalogue), "county": county})
    names = ["sum_primary_pupils", "sum_junior_classes", "sum_senior_pupils", "sum_primary_backbone_teachers"]
    wide = with_facts(county, "county", {*names, "class_rows", "room_rows"}, facts)
    assert wide.select(*names, "class_rows", "room_rows").row(0) == (600, 6, None, None, 3, 0)


def test_the_year_before_comes_by_school_and_stage(catalogue: Catalogue) -> None:
    given = frames(catalogue)
    before = facts_of(catalogue, given, IN_YEAR)
    now = given["stage"].with_columns(submission_id=pl.lit("new"))
    wide = with_before(now, "stage", {"before_pupils", "before_classes_listed", "before_name"}, before)
    assert wide.select("before_pupils", "before_classes_listed", "before_name").rows() == [
        (600, 2, "甲校"),
        (300, 1, "甲校"),
    ]


def test_whole_multiples_are_not_rounded_up(catalogue: Catalogue) -> None:
    cells = [{"school_id": str(k), "stage": "primary", "classes": 12 * k, "pupils": 1} for k in range(1, 84)]
    given: dict[RecordType, pl.DataFrame] = {
        "school": rows(catalogue, "school", *({"school_id": c["school_id"]} for c in cells)),
        "stage": rows(catalogue, "stage", *cells),
    }
    made = facts_of(catalogue, given).school
    assert made["music_rooms_needed"].to_list() == [float(k) for k in range(1, 84)]

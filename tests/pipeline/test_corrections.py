"""Corrections: a value that counts is mended where its guard holds; what does not hold is said, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.year import validate_year
from pipeline.errors import HomeError
from pipeline.release.package import inputs_digest
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.corrections import corrections_digest, read_corrections
from pipeline.store.home import Home
from pipeline.store.ingest import fingerprint
from pipeline.store.ledger import Ledger, derive
from pipeline.store.withdrawals import withdraw
from tests.pipeline.test_ledger import ONE, ROOMS, TWO, A, B, C, school, schools, send, stages, units
from tests.pipeline.test_withdrawals import anew, ids

ENTRY: dict[str, Any] = {
    "id": "c1", "year": 2025, "school": f'"{A}"', "field": "books", "old": 100, "new": 120, "reason": "少写",
    "source": "学校来函", "date": "2026-03-05", "author": "王",
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def write(home: Home, *entries: Mapping[str, Any], name: str = "a.yaml") -> None:
    """A file of corrections: ``ENTRY`` with what is given; a key given as None is left out."""
    lines = []
    for entry in entries:
        whole = {key: value for key, value in (ENTRY | entry).items() if value is not None}
        first, *rest = (f"{key}: {value}" for key, value in whole.items())
        lines += [f"- {first}", *(f"  {line}" for line in rest)]
    home.corrections.mkdir(parents=True, exist_ok=True)
    (home.corrections / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def not_applied(ledger: Ledger) -> list[tuple[Any, ...]]:
    of = ledger.finding.filter(pl.col("rule_id").str.starts_with("correction"))
    return of.select("rule_id", "severity", "school_id", "found", "expected").rows()


# -- where the guard holds -----------------------------------------------------------------------------------------


def test_a_correction_whose_guard_holds_is_what_counts(home: Home, catalogue: Catalogue) -> None:
    write(home, {})
    ledger = send(home, catalogue, {"x.csv": schools(school(ONE, A), school(ONE, B))})
    assert units(ledger) == {A: 120, B: 100}
    assert not_applied(ledger) == []
    (row,) = ledger.correction.to_dicts()
    assert (row["is_applied"], row["old_value"], row["new_value"], row["cell"]) == (True, "100", "120", "G2")
    assert (row["county_code"], row["submission_id"], row["corrected_on"]) == (ONE, ids(home)[0], "2026-03-05")
    assert (row["reason"], row["source"], row["author"]) == ("少写", "学校来函", "王")


def test_the_parsed_cache_is_untouched_so_a_correction_taken_back_leaves_no_trace(
    home: Home, catalogue: Catalogue
) -> None:
    before = send(home, catalogue, {"x.csv": schools(school(ONE, A))})
    write(home, {})
    assert units(anew(home, catalogue)) == {A: 120}
    (home.corrections / "a.yaml").unlink()
    after = anew(home, catalogue)
    assert units(after) == {A: 100}
    assert before.finding.equals(after.finding) and after.correction.is_empty()


def test_rules_see_the_corrected_value(home: Home, catalogue: Catalogue) -> None:
    write(home, {"old": -1})
    send(home, catalogue, {"x.csv": schools(school(ONE, A, books=-1), school(ONE, B))})
    validate_year(home, catalogue, 2025)
    ledger = derive(home, catalogue)
    assert units(ledger) == {A: 120, B: 100}
    assert "counts_of_things_not_negative" not in set(ledger.finding["rule_id"])


def test_a_cell_that_could_not_be_read_is_settled_by_its_correction(home: Home, catalogue: Catalogue) -> None:
    """The finding stays and says what was done; it quarantines nobody."""
    write(home, {"old": "null"})
    ledger = send(home, catalogue, {"x.csv": schools(school(ONE, A, books="很多"), school(ONE, B, books="很多"))})
    assert units(ledger) == {A: 120}
    told = ledger.finding.filter(rule_id="not_a_number").select("school_id", "severity").sort("school_id").rows()
    assert told == [(A, "info"), (B, "critical")]
    assert "c1" in ledger.finding.filter(school_id=A, rule_id="not_a_number")["message_en"].item()


def test_a_unit_s_factor_does_not_break_the_guard(home: Home, catalogue: Catalogue) -> None:
    header = "县级行政区划代码,学校标识码,学校名称,办学类型,教学仪器设备资产值（万元）\n"
    write(home, {"field": "equipment_yuan", "old": 123400, "new": 1234000})
    ledger = send(home, catalogue, {"x.csv": f"{header}{ONE},{A},校,211,12.34\n"})
    assert ledger.units["school"]["equipment_yuan"].to_list() == [1234000]


def test_stage_class_room_and_identity_values_can_be_corrected(home: Home, catalogue: Catalogue) -> None:
    write(
        home,
        {"id": "s", "stage": "primary", "field": "pupils", "old": 90, "new": 95},
        {"id": "r", "field": "room_sqm", "row": "{room_kind: music}", "old": 98, "new": 89},
        {"id": "n", "field": "name", "old": "校01", "new": "第一小学"},
        {"id": "t", "field": "school_type", "old": '"211"', "new": '"311"'},
        {"id": "p", "school": f'"{B}"', "field": "parent_school_id", "old": "null", "new": f'"{A}"'},
    )
    files = {
        "s.csv": schools(school(ONE, A), school(ONE, B, counted="否")),
        "t.csv": stages((ONE, A, "小学", 90), (ONE, A, "初中", 90)),
        "r.csv": f"{ROOMS}\n{ONE},{A},音乐,98\n{ONE},{A},美术,98\n",
    }
    ledger = send(home, catalogue, files)
    assert not_applied(ledger) == [] and ledger.correction["is_applied"].all()
    first, second = ledger.units["school"].sort("school_id").to_dicts()
    assert (first["name"], first["school_type"], second["merged_into"]) == ("第一小学", "311", A)
    assert dict(ledger.units["stage"].select("stage", "pupils").iter_rows()) == {"primary": 95, "junior": 90}
    assert dict(ledger.units["room"].select("room_kind", "room_sqm").iter_rows()) == {"music": 89, "art": 98}


# -- where it does not ---------------------------------------------------------------------------------------------


def test_a_correction_whose_guard_does_not_hold_is_a_finding_and_changes_nothing(
    home: Home, catalogue: Catalogue
) -> None:
    write(home, {"old": 1000})
    ledger = send(home, catalogue, {"x.csv": schools(school(ONE, A))})
    assert units(ledger) == {A: 100}
    assert not_applied(ledger) == [("correction_not_applied", "warning", A, "100", "1000")]
    (found,) = ledger.finding.filter(rule_id="correction_not_applied").to_dicts()
    assert (found["cell"], found["field"], found["submission_id"]) == ("G2", "books", ids(home)[0])
    assert not ledger.correction["is_applied"].item()


def test_a_resent_file_that_holds_the_new_value_asks_to_drop_the_correction(home: Home, catalogue: Catalogue) -> None:
    write(home, {})
    ledger = send(home, catalogue, {"x.csv": schools(school(ONE, A))}, {"x.csv": schools(school(ONE, A, books=120))})
    assert units(ledger) == {A: 120}
    assert not_applied(ledger) == [("correction_not_applied", "warning", A, "120", "100")]


def test_a_correction_of_a_superseded_file_counts_again_when_that_file_does(home: Home, catalogue: Catalogue) -> None:
    write(home, {})
    send(home, catalogue, {"x.csv": schools(school(ONE, A))}, {"x.csv": schools(school(ONE, A, books=7))})
    withdraw(home, ids(home)[1], "误报")
    ledger = anew(home, catalogue)
    assert units(ledger) == {A: 120} and not_applied(ledger) == []


def test_null_is_a_value_to_guard_and_to_give(home: Home, catalogue: Catalogue) -> None:
    write(home, {"old": "null", "new": 5}, {"id": "c2", "school": f'"{B}"', "new": "null"})
    ledger = send(home, catalogue, {"x.csv": schools(school(ONE, A, books=""), school(ONE, B), school(ONE, C))})
    assert units(ledger) == {A: 5, B: None, C: 100}
    write(home, {"old": "null", "new": 5, "school": f'"{C}"'})
    assert not_applied(anew(home, catalogue)) == [("correction_not_applied", "warning", C, "100", "空 blank")]


def test_a_correction_that_meets_nothing_is_told_under_its_county(home: Home, catalogue: Catalogue) -> None:
    write(home, {"school": f'"{C}"', "county": f'"{ONE}"'}, {"id": "c2", "year": 2019})
    ledger = send(home, catalogue, {"x.csv": schools(school(ONE, A))})
    told = ledger.finding.filter(rule_id="correction_without_row").sort("year")
    assert told.select("year", "county_code", "submission_id").rows() == [(2019, None, None), (2025, ONE, ids(home)[0])]
    assert not ledger.correction["is_applied"].any()


def test_a_correction_of_one_file_leaves_the_others(home: Home, catalogue: Catalogue) -> None:
    write(home, {"file": "2025/a.csv"})
    send(home, catalogue, {"a.csv": schools(school(ONE, A))}, {"b.csv": schools(school(ONE, A))})
    assert units(anew(home, catalogue)) == {A: 100}
    write(home, {"file": "b.csv", "cell": "G2"})
    assert units(anew(home, catalogue)) == {A: 120}
    write(home, {"file": "b.csv", "cell": "G3"})
    assert units(anew(home, catalogue)) == {A: 100}


def test_a_county_keeps_its_correction_to_itself(home: Home, catalogue: Catalogue) -> None:
    write(home, {"county": f'"{TWO}"'})
    ledger = send(home, catalogue, {"x.csv": schools(school(ONE, A))})
    assert units(ledger) == {A: 100}


# -- what is new ---------------------------------------------------------------------------------------------------


def test_a_changed_correction_makes_its_own_year_stale(home: Home, catalogue: Catalogue) -> None:
    send(home, catalogue, {"x.csv": schools(school(ONE, A))})
    digest = inputs_digest(home, catalogue)
    prints = {year: fingerprint(home, catalogue, "code", year) for year in (2023, 2025, 2026)}
    write(home, {})
    assert inputs_digest(home, catalogue) != digest
    after = {year: fingerprint(home, catalogue, "code", year) for year in prints}
    assert [year for year in prints if after[year] != prints[year]] == [2025, 2026], "2026 compares with 2025"


def test_the_digest_of_a_file_that_cannot_be_read_is_of_its_bytes(home: Home) -> None:
    home.corrections.mkdir()
    (home.corrections / "a.yaml").write_bytes(b"- {id: \xff")
    first = corrections_digest(home, [2025])
    (home.corrections / "a.yaml").write_bytes(b"- {id: \xfe\xfe")
    assert first and corrections_digest(home, [2025]) != first


# -- what cannot be used -------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a field that is not there": ({"field": "bookz"}, r"line 4, entry “c1”: there is no field “bookz”; did you mean “books”"),
    "a computed field": ({"field": "music_rooms_needed"}, "is computed; correct what it is computed from"),
    "a school's code": ({"field": "school_id"}, "cannot be corrected; send the file again instead"),
    "no stage": ({"field": "pupils"}, "is reported by stage"),
    "an unknown stage": ({"field": "pupils", "stage": "upper"}, "there is no stage “upper”"),
    "a stage too many": ({"stage": "primary"}, "not reported by stage"),
    "no school": ({"school": None}, "“school” .* is missing"),
    "a code without quotation marks": ({"school": A}, "quotation marks"),
    "text for a number": ({"new": '"120"'}, "“new” must be a number"),
    "half a book": ({"new": 120.5}, "whole number"),
    "infinitely many": ({"new": ".inf"}, "finite"),
    "a number for a name": ({"field": "name", "old": "校01", "new": 1}, "must be text"),
    "no change": ({"new": 100.0}, "is the old one"),
    "no reason": ({"reason": None}, "“reason” is missing"),
    "an empty reason": ({"reason": "' '"}, "say something"),
    "no guard": ({"old": None}, "“old” is missing"),
    "no date": ({"date": "someday"}, "“date”"),
    "a key of its own": ({"why": "x"}, "there is no key “why”"),
    "a class without its row": ({"field": "class_pupils", "old": 50, "new": 51}, "say which row"),
    "a row of another kind": ({"field": "room_sqm", "row": "{grade: 1}", "old": 50, "new": 51}, "has no “grade”"),
    "a row where there is none": ({"row": "{grade: 1}"}, "“row” is for"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_an_entry_that_cannot_be_used_is_named_with_file_line_and_cause(
    home: Home, catalogue: Catalogue, case: str
) -> None:
    change, said = WRONG[case]
    write(home, change)
    with pytest.raises(
        HomeError, match=rf"corrections file corrections/a.yaml, line \d.*{said.removeprefix('line 4, ')}"
    ):
        read_corrections(home, catalogue)


def test_a_correction_made_twice_is_a_fault_that_names_both(home: Home, catalogue: Catalogue) -> None:
    write(home, {})
    write(home, {"id": "c2", "old": 5}, name="b.yaml")
    with pytest.raises(HomeError, match=r"b.yaml.*“c2”.*same value as the entry “c1” at line 1 of corrections/a.yaml"):
        read_corrections(home, catalogue)
    write(home, {"field": "computers"}, name="b.yaml")
    with pytest.raises(HomeError, match="same id"):
        read_corrections(home, catalogue)


@pytest.mark.parametrize(("text", "said"), [("a: 1", "must be a list"), ("- [", "not valid YAML")])
def test_a_file_that_is_no_list_of_corrections_is_told(home: Home, catalogue: Catalogue, text: str, said: str) -> None:
    home.corrections.mkdir()
    (home.corrections / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(HomeError, match=f"corrections file corrections/a.yaml.*{said}"):
        read_corrections(home, catalogue)


def test_an_empty_file_and_a_hidden_one_hold_no_corrections(home: Home, catalogue: Catalogue) -> None:
    home.corrections.mkdir()
    (home.corrections / "a.yaml").write_text("# none yet\n", encoding="utf-8")
    (home.corrections / ".b.yaml").write_text("- [", encoding="utf-8")
    assert read_corrections(home, catalogue) == ()

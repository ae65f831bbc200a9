"""Published examples and known mistakes through the whole chain, from CSV files to tables.

Numbers: ``domain.md`` 2.2 and 2.3 (the published example and split), ``reference/mistakes.md`` (by number), ``method.md`` 1
and 11. One chain is run for all of them; every school stands for one example.
"""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from tests.pipeline.chain import only, run_chain, table

YEAR = 2025
EXAMPLE, CASES, BLANK = "990101", "990102", "990201"
BOOKS_OF_FIVE = [(45, 279), (37, 137), (89, 935), (76, 160), (55, 402)]
"""Pupils and books of the five schools of the published example."""

(
    NINE,
    GYM,
    TWELVE,
    NO_PRIMARY,
    ZERO_PRIMARY,
    NO_SENIOR,
    COMPLETE,
    CENTRE,
    BRANCH,
    MAIN,
    CAMPUS,
    PRIVATE,
    POINT_49,
    POINT_50,
) = (f"31990102{n:02d}" for n in range(1, 15))
BLANK_SENIOR = "3499020101"


def school(school_id: str, kind: str, **cells: Any) -> dict[str, Any]:
    """A public school row of a kind, with the given cells."""
    row = {"school_id": school_id, "name": f"第{school_id[-2:]}校", "school_type": kind, "urban_rural": "121"}
    return row | {"is_public": "1", "is_counted_school": "1", "operator_code": "831"} | cells


def stages(school_id: str, **heads: int | None) -> list[dict[str, Any]]:
    """Stage rows of a school: pupils by stage."""
    return [{"school_id": school_id, "stage": stage, "pupils": pupils} for stage, pupils in heads.items()]


def example_county() -> dict[str, list[dict[str, Any]]]:
    ids = [f"21990101{n:02d}" for n in range(1, 6)]
    return {
        "schools": [school(i, "211", books=books) for i, (_, books) in zip(ids, BOOKS_OF_FIVE, strict=True)],
        "stages": [row for i, (p, _) in zip(ids, BOOKS_OF_FIVE, strict=True) for row in stages(i, primary=p)],
    }


def county_of_cases() -> dict[str, list[dict[str, Any]]]:
    branch = {"is_counted_school": "0"}
    schools = [
        school(NINE, "312", books=23226),
        school(GYM, "312", teaching_rooms_sqm=20000, indoor_sports_sqm=1200, sports_field_sqm=9000),
        school(TWELVE, "345", books=1_000_000),
        school(NO_PRIMARY, "312", books=900),
        school(ZERO_PRIMARY, "312", books=900),
        school(NO_SENIOR, "345", books=5000),
        school(COMPLETE, "341", books=3400),
        school(CENTRE, "211", books=600, equipment_yuan=500_000),
        school(BRANCH, "211", books=90, equipment_yuan=123_400, parent_school_id=CENTRE, **branch),
        school(MAIN, "312", books=4200),
        school(CAMPUS, "312", books=700, parent_school_id=MAIN, **branch),
        school(PRIVATE, "211", books=800, is_public="0", operator_code="999"),
        school(POINT_49, "218", books=500, urban_rural="220"),
        school(POINT_50, "218", books=500, urban_rural="220"),
    ]
    of_stages = [
        *stages(NINE, primary=166, junior=210),
        *stages(GYM, primary=1200, junior=1500),
        *stages(TWELVE, primary=1200, junior=1500, senior=1500),
        *stages(NO_PRIMARY, junior=300),
        *stages(ZERO_PRIMARY, primary=0, junior=300),
        *stages(NO_SENIOR, primary=100, junior=100),
        *stages(COMPLETE, junior=100, senior=200),
        *stages(CENTRE, primary=300),
        *stages(BRANCH, primary=40),
        *stages(MAIN, primary=200, junior=200),
        *stages(CAMPUS, junior=50),
        *stages(PRIVATE, primary=100),
        *stages(POINT_49, primary=49),
        *stages(POINT_50, primary=50),
    ]
    return {"schools": schools, "stages": of_stages}


def county_with_a_blank() -> dict[str, list[dict[str, Any]]]:
    other = "2199020102"
    schools = [school(BLANK_SENIOR, "345", books=5000), school(other, "211", books=3000)]
    of_stages = [*stages(BLANK_SENIOR, primary=100, junior=100, senior=None), *stages(other, primary=100)]
    return {"schools": schools, "stages": of_stages}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    counties = {EXAMPLE: example_county(), CASES: county_of_cases(), BLANK: county_with_a_blank()}
    return run_chain(tmp_path_factory.mktemp("examples"), {YEAR: counties}, catalogue)


@pytest.fixture(scope="module")
def books(catalogue: Catalogue) -> str:
    """The id of the indicator that measures books."""
    return next(i.id for i in catalogue.indicators.values() if i.numerator == "books" and i.scope == "stage")


def stage_row(home: Home, school_id: str, stage: str) -> dict[str, Any]:
    return only(home, "school_stage", school_id=school_id, stage=stage)


def test_the_published_example_of_five_schools(home: Home, books: str) -> None:
    key = {"standard_id": "basic-2012", "area_code": EXAMPLE, "stage": "primary", "indicator_id": books}
    gap = only(home, "gap_coefficient", **key)
    assert (gap["schools"], gap["pupils"], gap["state"]) == (5, 302, "ok")
    assert gap["mean"] == pytest.approx(6.33443709, abs=5e-9)
    assert gap["sd"] == pytest.approx(3.26386071, abs=5e-9)
    assert gap["cv"] == pytest.approx(0.51525663, abs=5e-9)


def test_the_published_split_of_a_nine_year_school(home: Home) -> None:
    assert stage_row(home, NINE, "primary")["books"] == pytest.approx(9711.627, abs=5e-4)
    assert stage_row(home, NINE, "junior")["books"] == pytest.approx(13514.373, abs=5e-4)


def test_the_gymnasium_leaves_the_rooms_before_the_split(home: Home, catalogue: Catalogue) -> None:
    rooms = next(i.id for i in catalogue.indicators.values() if i.numerator == "teaching_rooms_sqm - indoor_sports_sqm")
    value = only(home, "indicator_value", school_id=GYM, stage="junior", indicator_id=rooms)["value"]
    assert value == pytest.approx(7.2561, abs=5e-5)


def test_senior_pupils_take_their_share_of_a_twelve_year_school(home: Home) -> None:
    assert stage_row(home, TWELVE, "primary")["books"] / 1_000_000 == pytest.approx(0.248447, abs=5e-7)
    assert table(home, "school_stage", school_id=TWELVE)["stage"].to_list() == ["junior", "primary"]


@pytest.mark.parametrize("school_id", [NO_PRIMARY, ZERO_PRIMARY])
def test_a_nine_year_school_without_primary_pupils_has_no_primary_row(home: Home, school_id: str) -> None:
    rows = table(home, "school_stage", school_id=school_id)
    assert rows.select("stage", "pupils", "books").rows() == [("junior", 300, 900)]


def test_a_twelve_year_school_without_a_senior_row_is_not_split_but_missing(home: Home, books: str) -> None:
    values = table(home, "indicator_value", school_id=NO_SENIOR, indicator_id=books).sort("stage")
    assert values.select("stage", "value", "state").rows() == [
        ("junior", None, "missing"),
        ("primary", None, "missing"),
    ]
    assert stage_row(home, NO_SENIOR, "primary")["pupils"] == 100


def test_a_blank_senior_cell_quarantines_the_stages_and_the_school_counts_as_missing(home: Home, books: str) -> None:
    found = table(home, "finding", school_id=BLANK_SENIOR, severity="critical")
    assert found["rule_id"].to_list() == ["pupils_given"]
    assert table(home, "school_stage", school_id=BLANK_SENIOR).is_empty()
    for stage, there in (("primary", 1), ("junior", 0)):
        key = {"standard_id": "basic-2012", "area_code": BLANK, "stage": stage, "indicator_id": books}
        gap = only(home, "gap_coefficient", **key)
        assert (gap["schools"], gap["schools_missing"], gap["pupils_missing"]) == (there, 1, 100)
        assert (gap["state"], gap["is_met"]) == ("incomplete", None)


def test_a_complete_secondary_school_has_a_junior_row_only(home: Home) -> None:
    rows = table(home, "school_stage", school_id=COMPLETE)
    assert rows["stage"].to_list() == ["junior"]
    assert rows["books"].item() == pytest.approx(3400 * 100 / (100 + 1.2 * 200), rel=1e-12)


def test_a_branch_is_added_to_its_parent_field_by_field(home: Home) -> None:
    row = stage_row(home, CENTRE, "primary")
    assert (row["pupils"], row["books"], row["equipment_yuan"], row["campuses"]) == (340, 690, 623_400, 2)
    assert table(home, "school_stage", school_id=BRANCH).is_empty()
    assert only(home, "school", school_id=BRANCH)["is_merged"]


def test_a_campus_with_one_stage_is_that_stage_unsplit(home: Home) -> None:
    primary, junior = stage_row(home, MAIN, "primary"), stage_row(home, MAIN, "junior")
    assert primary["books"] == pytest.approx(4200 / 2.1, rel=1e-12)
    assert junior["books"] == pytest.approx(4200 * 1.1 / 2.1 + 700, rel=1e-12)
    assert (primary["pupils"], junior["pupils"]) == (200, 250)


@pytest.mark.parametrize(
    ("school_id", "standard", "is_counted"),
    [
        (POINT_49, "quality-2017", False),
        (POINT_50, "quality-2017", True),
        (POINT_50, "basic-2012", False),
        (PRIVATE, "quality-2017", True),
        (PRIVATE, "basic-2012", False),
    ],
)
def test_who_is_counted(home: Home, school_id: str, standard: str, is_counted: bool) -> None:
    scope = only(home, "school_scope", school_id=school_id, standard_id=standard)
    assert scope["is_counted"] is is_counted
    assert bool(scope["reason"]) is not is_counted

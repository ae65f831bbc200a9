"""A spoilt province of three years: the release and the oracle agree on every test, item, county and relaxation.

Beside that, figures that can be checked by hand, seen through the tables as a supervisor would see them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.oracle.cells import read_roster
from tests.oracle.compare import VERDICTS, differences
from tests.oracle.judged import verdict_tables
from tests.oracle.troubles import TROUBLES

Tables = dict[str, pd.DataFrame]
OTHERS = ("gap_coefficient", "indicator_attainment", "finding", "setting")
STATES = {"met", "unmet", "not_applicable", "no_data"}


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Tables:
    database = judged_home / "releases" / "latest" / "junheng.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return {name: connection.table(name).df() for name in (*VERDICTS, *OTHERS)}


@pytest.fixture(scope="module")
def oracle(judged_home: Path, release: Tables) -> Tables:
    critical = release["finding"].query("severity == 'critical'")
    rows = critical[["year", "county_code", "part", "school_id"]].itertuples(index=False, name=None)
    aside = {(int(year), county, part, school) for year, county, part, school in rows}
    return verdict_tables(judged_home, aside, release)


@pytest.fixture(scope="module")
def state(judged_home: Path, release: Tables) -> Any:
    """The row of a test in the last county and year that a trouble hit."""
    counties = read_roster(judged_home / "roster" / "2025.csv").counties
    names = [t.__name__.strip("_") for t in TROUBLES]

    def of(trouble: str, item: str, test: str, standard: str = "quality-2017", stage: str = "") -> Any:
        number = names.index(trouble)
        hit = [
            (y, c)
            for y in (2025, 2024)
            for p, c in enumerate(counties)
            if (p + 2 * (y - 2023)) % len(TROUBLES) == number
        ]
        tests = release["county_item_test"].set_index(
            ["year", "county_code", "standard_id", "item_id", "test_id", "stage"]
        )
        return tests.loc[(*hit[0], standard, item, test, stage)]

    return of


@pytest.mark.parametrize("table", VERDICTS)
def test_every_verdict_of_the_release_is_the_oracles(oracle: Tables, release: Tables, table: str) -> None:
    found = differences(table, oracle[table], release[table])
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("county_item_test", "state", STATES),
        ("county_item", "verdict", STATES),
        ("county_item", "declared", {True, False, None}),
        ("county_item", "differs", {True, False, None}),
        ("county_determination", "verdict", {"met", "unmet", "no_data"}),
        ("relaxation", "granted_to", {"school", "county"}),
        ("relaxation", "is_needed", {True, False}),
        ("relaxation", "state", {"in_force", "expired", "not_yet", "condition_unmet", "condition_unknown", "not_on_file", "school_unknown"}),
    ],
)  # fmt: skip
def test_every_state_of_a_verdict_occurs(oracle: Tables, table: str, column: str, values: set[object]) -> None:
    assert {None if pd.isna(v) else v for v in oracle[table][column]} == values


def test_relaxations_turn_verdicts_and_are_named(release: Tables) -> None:
    tests = release["county_item_test"]
    turned = tests[(tests["state"] != tests["state_relaxed"])]
    assert set(turned["item_id"]) >= {"music_art_rooms", "school_size"}
    assert (tests["relaxed_zh"].notna() == (tests["schools_relaxed"].fillna(0) > 0)).all()


@pytest.mark.parametrize(
    ("item", "test", "value"),
    [
        ("teacher_rotation", "rotated", 10.0),
        ("teacher_rotation", "backbone", 20.0),
        ("teacher_pay", "pay", 1.0),
        ("post_allocation", "within_total", 1.0),
        ("nearby_enrolment", "town", 95.0),
        ("senior_quota_places", "allotted", 50.0),
        ("left_behind_and_migrant_children", "migrant", 85.0),
        ("disabled_enrolment", "enrolled", 95.0),
        ("social_recognition", "reported", 85.0),
        ("quality_monitoring", "science_level", 3.0),
        ("quality_monitoring", "pe_difference", 0.1499),
        ("special_school_funds", "special_schools", 6000.0),
    ],
)
def test_exactly_on_a_limit_is_met(state: Any, item: str, test: str, value: float) -> None:
    row = state("limits", item, test)
    assert row["state"] == "met" and row["value"] == pytest.approx(value, rel=1e-12)


def test_a_difference_rate_must_lie_below_its_limit(state: Any) -> None:
    assert state("limits", "quality_monitoring", "science_difference")["state"] == "unmet"


def test_retention_by_the_usual_formula_is_met_where_the_other_one_fails(state: Any) -> None:
    row = state("limits", "junior_retention", "retention", stage="junior")
    assert (row["numerator"], row["denominator"], row["value"], row["state"]) == (475, 500, 95.0, "met")


@pytest.mark.parametrize(
    ("item", "test", "wanted"),
    [
        ("teacher_rotation", "rotated", "unmet"),
        ("teacher_rotation", "backbone", "unmet"),
        ("teacher_pay", "pay", "unmet"),
        ("quality_monitoring", "pe_level", "unmet"),
        ("quality_monitoring", "arts_difference", "no_data"),
        ("veto_key_schools", "none_known", "unmet"),
        ("veto_burden", "none_known", "no_data"),
        ("basic_balance_certificate", "years_held", "unmet"),
    ],
)
def test_just_beyond_a_limit_is_unmet_and_a_slip_of_per_cent_is_no_rate(
    state: Any, item: str, test: str, wanted: str
) -> None:
    assert state("below", item, test)["state"] == wanted


def test_a_ticked_box_is_no_survey(state: Any, release: Tables) -> None:
    assert state("blanks", "social_recognition", "reported")["state"] == "no_data"


def test_a_mean_does_not_hide_a_small_school_without_its_funds(state: Any) -> None:
    row = state("sizes", "small_school_funds", "each_small_school")
    assert row["state"] == "unmet" and row["schools_unmet"] >= 1


def test_nobody_to_ask_about_is_not_applicable(state: Any) -> None:
    for item, test in (("teacher_rotation", "rotated"), ("teacher_rotation", "backbone"), ("senior_quota_places", "allotted"),
                       ("left_behind_and_migrant_children", "migrant"), ("disabled_enrolment", "enrolled"),
                       ("special_school_funds", "special_schools"), ("special_school_funds", "other_disabled_pupils")):  # fmt: skip
        assert state("zeros", item, test)["state"] == "not_applicable", (item, test)

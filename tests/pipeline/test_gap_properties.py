"""Properties of the gap coefficient, held by the SQL that ships: small made-up counties through ``gap_coefficient.sql``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.schema import load_catalogue
from pipeline.schema.model import Catalogue, Division
from pipeline.tables import compute
from tests.oracles import weighted_cv

School = tuple[str, float, float]
"""County, pupils, value."""

LEVELS = {"990101": "9901", "990102": "9901", "990201": "9902"}
PROPERTIES = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The shipped catalogue with one standard, one gap indicator, and three counties in two prefectures of a province."""
    shipped = load_catalogue()
    standard = shipped.standards[shipped.about.default_standard]
    assert standard.gap is not None
    gap = standard.gap.model_copy(update={"indicators": standard.gap.indicators[:1]})
    one = standard.model_copy(update={"gap": gap})
    places = [("99", "province", ""), ("9901", "prefecture", "99"), ("9902", "prefecture", "99")]
    places += [(county, "county", prefecture) for county, prefecture in LEVELS.items()]
    divisions = tuple(
        Division.model_validate({"code": c, "name_zh": c, "name_en": c, "level": lv, "parent_code": p})
        for c, lv, p in places
    )
    return shipped.model_copy(update={"standards": {one.id: one}, "divisions": divisions})


@pytest.fixture(scope="module")
def gaps_of(catalogue: Catalogue) -> Any:
    """Runs the shipped SQL on schools: returns rows of gap_coefficient by area code."""
    indicator = next(iter(catalogue.standards.values())).gap.indicators[0]  # type: ignore[union-attr]
    stage = catalogue.judged_stages[0].id
    sql = compute.render("gap_coefficient", catalogue)
    connection = compute.connect(catalogue)
    connection.execute(
        "create table absent_scope (year bigint, standard_id varchar, school_id varchar, county_code varchar, stage varchar, pupils double, is_counted boolean)"
    )

    place = pl.DataFrame({"place_no": range(len(LEVELS)), "year": 2025, "county_code": sorted(LEVELS), "stage": stage})
    connection.register("place", place.to_arrow())
    connection.register("expected_county", place.with_columns(is_expected=True).to_arrow())

    def run(schools: Sequence[School]) -> dict[str, dict[str, Any]]:
        frame = pl.DataFrame(
            {
                "place_no": [sorted(LEVELS).index(county) for county, _, _ in schools],
                "school_id": [str(i) for i in range(len(schools))],
                "pupils": [float(pupils) for _, pupils, _ in schools],
                "is_counted_1": [True] * len(schools),
                f"x_{indicator}": pl.Series([value for _, _, value in schools], dtype=pl.Float64),
                f"u_{indicator}": pl.Series([None] * len(schools), dtype=pl.Float64),
            }
        )
        connection.register("indicator_wide", frame.to_arrow())
        seen = place.filter(pl.col("place_no").is_in(frame["place_no"].implode())).to_arrow()
        connection.register("unit", seen)
        connection.register("came", seen)
        for name in ("expected", "least_gap"):
            connection.execute(f"create or replace view {name} as {compute.render(name, catalogue)}")
        rows = connection.sql(sql).pl().filter(stage=stage)
        return {row["area_code"]: row for row in rows.iter_rows(named=True)}

    return run


pupils = st.integers(1, 5_000)
values = st.one_of(st.just(0.0), st.floats(0.001, 1e6))
schools = st.lists(st.tuples(st.sampled_from(sorted(LEVELS)), pupils, values), min_size=1, max_size=25)


def close(a: float, b: float, tolerance: float = 1e-9) -> bool:
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12)


@PROPERTIES
@given(schools)
def test_every_area_agrees_with_an_independent_weighted_cv(gaps_of: Any, given_schools: list[School]) -> None:
    found = gaps_of(given_schools)
    members = {
        "0": set(LEVELS),
        "99": set(LEVELS),
        "9901": {"990101", "990102"},
        "9902": {"990201"},
        **{c: {c} for c in LEVELS},
    }
    for area, counties in members.items():
        inside = [(p, x) for county, p, x in given_schools if county in counties]
        row = found[area]
        assert row["schools"] == len(inside)
        if not inside:
            continue
        expected = weighted_cv(np.array([x for _, x in inside]), np.array([float(p) for p, _ in inside]))
        assert close(row["mean"], expected.mean)
        if expected.mean == 0:
            assert row["cv"] is None
        else:
            assert close(row["cv"], expected.cv)


@PROPERTIES
@given(schools, st.floats(1e-3, 1e3))
def test_scaling_every_value_leaves_the_coefficient(gaps_of: Any, given_schools: list[School], factor: float) -> None:
    before, after = gaps_of(given_schools), gaps_of([(c, p, x * factor) for c, p, x in given_schools])
    for area, row in before.items():
        assert row["cv"] is None or close(row["cv"], after[area]["cv"])


@PROPERTIES
@given(schools)
def test_replicating_every_school_leaves_the_coefficient(gaps_of: Any, given_schools: list[School]) -> None:
    before, after = gaps_of(given_schools), gaps_of(given_schools * 3)
    for area, row in before.items():
        assert row["cv"] is None or close(row["cv"], after[area]["cv"])


@PROPERTIES
@given(schools, pupils, pupils, st.floats(0.001, 1e6))
def test_merging_two_schools_with_equal_ratios_changes_nothing(
    gaps_of: Any, others: list[School], first: int, second: int, value: float
) -> None:
    apart = gaps_of([*others, ("990101", first, value), ("990101", second, value)])
    merged = gaps_of([*others, ("990101", first + second, value)])
    for area, row in merged.items():
        assert row["cv"] is None or close(row["cv"], apart[area]["cv"])


@PROPERTIES
@given(schools)
def test_squared_coefficients_add_up_between_and_within_areas(gaps_of: Any, given_schools: list[School]) -> None:
    found = gaps_of(given_schools)
    for whole, parts in (("0", list(LEVELS)), ("99", ["9901", "9902"]), ("9901", ["990101", "990102"])):
        area = found[whole]
        if area["cv"] is None:
            continue
        between = within = 0.0
        for part in (found[p] for p in parts if found[p]["schools"]):
            share, ratio = part["pupils"] / area["pupils"], part["mean"] / area["mean"]
            between += share * (ratio - 1) ** 2
            within += share * ratio**2 * (part["cv"] or 0.0) ** 2
        assert math.isclose(area["cv"] ** 2, between + within, rel_tol=1e-9, abs_tol=1e-12)


def test_an_unweighted_coefficient_would_not_pass(gaps_of: Any) -> None:
    unequal = [("990101", 1, 1.0), ("990101", 9, 2.0)]
    row = gaps_of(unequal)["990101"]
    unweighted = float(np.std([1.0, 2.0]) / np.mean([1.0, 2.0]))
    assert close(row["cv"], 0.3 / 1.9)
    assert abs(row["cv"] - unweighted) > 0.1


@PROPERTIES
@given(st.floats(1e-3, 1e6), st.lists(st.tuples(st.sampled_from(sorted(LEVELS)), pupils), min_size=2, max_size=30))
def test_schools_of_the_same_double_have_no_gap_at_all(
    gaps_of: Any, value: float, places: list[tuple[str, int]]
) -> None:
    found = gaps_of([(county, p, value) for county, p in places])
    for row in found.values():
        if row["schools"]:
            assert (row["cv"], row["sd"], row["mean"], row["theil"]) == (0.0, 0.0, value, 0.0)
            assert row["state"] in ("ok", "single_school", "incomplete")


@PROPERTIES
@given(st.floats(1e-3, 1e3), st.lists(pupils, min_size=2, max_size=40))
def test_values_that_differ_only_by_rounding_give_less_than_1e_14(gaps_of: Any, ratio: float, sizes: list[int]) -> None:
    row = gaps_of([("990101", p, (p * ratio) / p) for p in sizes])["990101"]
    assert row["cv"] < 1e-14


@PROPERTIES
@given(st.lists(st.tuples(pupils, st.floats(-1, 1)), min_size=3, max_size=40), st.floats(1e-3, 1e5))
def test_coefficients_of_1e_4_are_right_to_1e_9(gaps_of: Any, parts: list[tuple[int, float]], level: float) -> None:
    from fractions import Fraction

    rows = [("990101", float(p), level * (1 + 2e-4 * wobble)) for p, wobble in parts]
    weight = sum(Fraction(p) for _, p, _ in rows)
    mean = sum(Fraction(p) * Fraction(x) for _, p, x in rows) / weight
    square = sum(Fraction(p) * (Fraction(x) - mean) ** 2 for _, p, x in rows) / weight
    exact = math.sqrt(float(square / mean**2))
    found = gaps_of(rows)["990101"]["cv"]
    if exact > 1e-6:
        assert math.isclose(found, exact, rel_tol=1e-9)


def test_states_are_told_apart(gaps_of: Any) -> None:
    found = gaps_of([("990101", 100, 0.0), ("990101", 50, 0.0), ("990102", 30, 4.0)])
    assert (found["990101"]["state"], found["990101"]["cv"]) == ("zero_mean", None)
    assert (found["990102"]["state"], found["990102"]["cv"]) == ("single_school", 0.0)
    assert (found["990201"]["state"], found["990201"]["cv"]) == ("incomplete", None)


@pytest.mark.parametrize(("missing", "state"), [(5, "ok"), (6, "incomplete")])
def test_five_per_cent_of_pupils_may_lack_the_value_and_no_more(gaps_of: Any, missing: int, state: str) -> None:
    rows = [("990101", 100 - missing - 40, 1.0), ("990101", 40, 2.0), ("990101", missing, None)]
    row = gaps_of(rows)["990101"]
    assert (row["state"], row["schools_missing"], row["pupils_missing"]) == (state, 1, missing)
    assert row["cv_low"] <= row["cv"] <= row["cv_high"]
    assert row["is_met"] is True  # whatever the lost school holds, up to the largest value, the limit is kept


@pytest.mark.parametrize(("excess", "met"), [(0.0, True), (1e-12, True), (1e-6, False), (-1e-6, True)])
def test_a_coefficient_exactly_on_the_limit_is_met(
    catalogue: Catalogue, gaps_of: Any, excess: float, met: bool
) -> None:
    limit = next(iter(catalogue.standards.values())).gap.limits[catalogue.judged_stages[0].id]  # type: ignore[union-attr]
    spread = limit + excess
    row = gaps_of([("990101", 500, 1 - spread), ("990101", 500, 1 + spread)])["990101"]
    assert close(row["cv"], spread)
    assert row["is_met"] is met

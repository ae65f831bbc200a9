"""Each school's part in its county's gap: shares, the effect of one unit more, and what would be if schools reached the level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracles import weighted_cv
from tests.pipeline.decomposed import School, Taken, one_indicator

PROPERTIES = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LEVEL = 4.0

pupils = st.integers(1, 5_000)
values = st.one_of(st.just(0.0), st.just(LEVEL), st.floats(0.01, 50))
schools = st.lists(st.tuples(pupils, values), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def taken() -> Taken:
    return Taken(one_indicator())


def county(rows: Sequence[tuple[float, float]]) -> list[School]:
    return [("990101", None, p, x) for p, x in rows]


def cv_of(rows: Sequence[tuple[float, float]]) -> float | None:
    """The coefficient of (pupils, value), null where the mean is 0."""
    if len({x for _, x in rows}) == 1:
        return 0.0 if rows[0][1] else None
    return weighted_cv([x for _, x in rows], [p for p, _ in rows]).cv


def close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is None and b is None
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def by_school(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["school_id"]))


@PROPERTIES
@given(schools)
def test_shares_are_those_of_the_squared_deviations_and_add_up_to_one(
    taken: Taken, rows: list[tuple[float, float]]
) -> None:
    found = by_school(taken.contributions(county(rows)))
    assert len(found) == len(rows)
    if len({x for _, x in rows}) == 1:
        assert {row["share"] for row in found} == {None}
        assert {row["state"] for row in found} <= {"no_gap", "single_school", "zero_mean"}
        return
    weight = sum(Fraction(p) for p, _ in rows)
    mean = sum(Fraction(p) * Fraction(x) for p, x in rows) / weight
    squares = [Fraction(p) * (Fraction(x) - mean) ** 2 for p, x in rows]
    for row, square in zip(found, squares, strict=True):
        assert close(row["share"], float(square / sum(squares)))
    assert math.isclose(sum(row["share"] for row in found), 1, rel_tol=1e-12)
    assert {row["state"] for row in found} == {"ok"}


@PROPERTIES
@given(schools)
def test_one_unit_more_narrows_the_gap_only_below_the_mean_and_a_part_of_it(
    taken: Taken, rows: list[tuple[float, float]]
) -> None:
    found = by_school(taken.contributions(county(rows)))
    spread = weighted_cv([x for _, x in rows], [p for p, _ in rows])
    if not spread.cv > 1e-6:
        return
    turn = (1 + spread.cv**2) * spread.mean
    for i, row in enumerate(found):
        p, x = rows[i]
        if abs(x - turn) > 1e-6 * turn:
            assert (row["marginal_effect"] < 0) == (x < turn)
        step = 1e-4 * spread.mean  # a central difference in the value; a unit of the numerator moves it by 100 / pupils
        up, down = ([*rows[:i], (p, x + s), *rows[i + 1 :]] for s in (step, -step))
        slope = ((cv_of(up) or 0.0) - (cv_of(down) or 0.0)) / (2 * step) * 100 / p
        assert math.isclose(
            row["marginal_effect"], slope, rel_tol=1e-3, abs_tol=1e-4 * 100 / (spread.weight * spread.mean)
        )


@PROPERTIES
@given(schools)
def test_what_would_be_if_schools_reached_the_level_takes_the_mean_anew(
    taken: Taken, rows: list[tuple[float, float]]
) -> None:
    found = taken.contributions(county(rows), LEVEL)
    now = [(row["pupils"], row["value"]) for row in found]
    reached = [(p, max(x, LEVEL)) for p, x in now]
    for i, row in enumerate(found):
        assert row["place"] == i + 1
        assert close(row["cv_without_shortfall"], cv_of([*now[:i], reached[i], *now[i + 1 :]]))
        assert close(row["cv_first_reached"], cv_of([*reached[: i + 1], *now[i + 1 :]]))


@PROPERTIES
@given(st.lists(st.tuples(pupils, st.floats(0, LEVEL)), min_size=1, max_size=12))
def test_when_all_have_reached_the_same_level_nothing_is_left(taken: Taken, rows: list[tuple[float, float]]) -> None:
    assert taken.contributions(county(rows), LEVEL)[-1]["cv_first_reached"] == 0.0


def test_the_largest_share_comes_first_and_ties_by_school(taken: Taken) -> None:
    found = taken.contributions(county([(10, 1.0), (10, 3.0), (10, 1.0), (10, 3.0), (10, 12.0)]), LEVEL)
    assert [row["school_id"] for row in found] == ["0004", "0000", "0002", "0001", "0003"]
    assert [row["side"] for row in found] == ["above", "below", "below", "below", "below"]
    assert math.isclose(found[-1]["share_first"], 1, rel_tol=1e-12)


def test_raising_a_school_may_widen_the_gap(taken: Taken) -> None:
    """x < (1 + CV²) X is no licence for any amount: the rest fall behind when the largest school leaps to the level."""
    found = by_school(taken.contributions(county([(900, 1.0), (100, 1.0), (100, 1.2)]), LEVEL))
    assert found[1]["marginal_effect"] < 0
    assert found[1]["cv_without_shortfall"] > found[1]["cv"]


def test_a_standard_without_a_level_has_no_what_if(taken: Taken) -> None:
    found = taken.contributions(county([(10, 1.0), (10, 3.0)]))
    assert {
        (row["threshold"], row["is_met"], row["cv_without_shortfall"], row["cv_first_reached"]) for row in found
    } == {(None,) * 4}


def test_schools_at_the_mean_stand_on_neither_side(taken: Taken) -> None:
    assert {row["side"] for row in taken.contributions(county([(3, 0.1), (7, 0.1)]))} == {"at"}
    assert {row["state"] for row in taken.contributions(county([(3, 0.1), (7, 0.1)]))} == {"no_gap"}
    assert [row["state"] for row in taken.contributions(county([(3, 0.1)]))] == ["single_school"]

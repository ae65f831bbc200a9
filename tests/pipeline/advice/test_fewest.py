"""The fewest moves: against every way of spreading the units, with and without limits of the donors."""

from __future__ import annotations

import itertools

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.advice.fewest import fewest_moves
from pipeline.advice.steps import steps_of
from tests.pipeline.advice.cases import counties, gap_of


def brute_force(units: list[int], pupils: list[int], can_give: list[int], limit: float) -> tuple[int | None, float]:
    """Fewest moves and least coefficient over every spreading of the units, however silly."""
    total, best, least = sum(units), None, float("inf")
    ranges = [range(max(0, r - g), total + 1) for r, g in zip(units, can_give, strict=True)]
    for spread in itertools.product(*ranges[:-1]):
        last = total - sum(spread)
        if last < ranges[-1].start:
            continue
        after = [*spread, last]
        cv = gap_of(after, pupils)
        least = min(least, cv)
        moves = sum(max(0, r - a) for r, a in zip(units, after, strict=True))
        if cv <= limit and (best is None or moves < best):
            best = moves
    return best, least


@settings(max_examples=300, deadline=None)
@given(counties(largest=4), st.floats(0.02, 1.2), st.data())
def test_the_fewest_moves_are_those_of_brute_force(
    county: tuple[list[int], list[int]], limit: float, data: st.DataObject
) -> None:
    units, pupils = county
    assume(sum(units) <= 11)
    can_give = [data.draw(st.integers(0, r)) for r in units] if data.draw(st.booleans()) else units
    moves, least = brute_force(units, pupils, can_give, limit)
    assume(moves is None or abs(least - limit) > 1e-9)
    found = fewest_moves(steps_of(units, pupils, can_give, limit), len(units))
    assert found.is_reached == (moves is not None)
    assert found.moves == (moves or 0)
    assert abs(found.cv_reachable - least) < 1e-9
    assert sum(found.given) == sum(found.received) == found.moves
    assert all(g <= c for g, c in zip(found.given, can_give, strict=True))
    assert not any(g and r for g, r in zip(found.given, found.received, strict=True))
    if found.is_reached:
        after = [u - g + r for u, g, r in zip(units, found.given, found.received, strict=True)]
        assert gap_of(after, pupils) <= limit * (1 + 1e-12)


def test_equal_schools_give_in_order_of_their_place() -> None:
    found = fewest_moves(steps_of([6, 6, 0, 0], [300, 300, 300, 300], [6, 6, 6, 6], 0.85), 4)
    assert (found.given, found.received) == ((1, 0, 0, 0), (0, 0, 1, 0)) and found.moves == 1
    found = fewest_moves(steps_of([6, 6, 0, 0], [300, 300, 300, 300], [6, 6, 6, 6], 0.7), 4)
    assert (found.given, found.received) == ((1, 1, 0, 0), (0, 0, 1, 1)) and found.moves == 2


def test_a_coefficient_exactly_at_the_limit_needs_no_move() -> None:
    # Two schools of equal size with 3 and 1: mean 2, spread 1, coefficient exactly 0.5.
    assert fewest_moves(steps_of([3, 1], [100, 100], [3, 1], 0.5), 2).moves == 0
    assert fewest_moves(steps_of([3, 1], [100, 100], [3, 1], 0.4999), 2).moves == 1


@settings(max_examples=100, deadline=None)
@given(counties(most=6, largest=40), st.floats(0.1, 0.9))
def test_half_persons_move_as_whole_persons(county: tuple[list[int], list[int]], limit: float) -> None:
    units = [r + 0.5 for r in county[0]]
    found = fewest_moves(steps_of(units, county[1], county[0], limit), len(units))
    after = [u - g + r for u, g, r in zip(units, found.given, found.received, strict=True)]
    assert all((a - u).is_integer() and a >= 0 for a, u in zip(after, units, strict=True))
    assert not found.is_reached or gap_of(after, county[1]) <= limit * (1 + 1e-12)

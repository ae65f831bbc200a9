"""Moves kept within groups and districts: against every plan of the fewest moves."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.advice.fewest import fewest_moves
from pipeline.advice.inside import kept_inside
from pipeline.advice.pairing import moves_of
from pipeline.advice.rotation import PLANNED, rotation
from pipeline.advice.steps import steps_of
from pipeline.advice.within import Aim, kept_within, weight_of
from tests.pipeline.advice.cases import case, counties, gap_of, wishes


def every_plan(units: list[int], pupils: list[int], limit: float) -> list[tuple[list[int], list[int]]]:
    """All spreadings within the limit, as units given and received."""
    total, found = sum(units), []
    for spread in itertools.product(*(range(total + 1) for _ in units[:-1])):
        after = [*spread, total - sum(spread)]
        if after[-1] >= 0 and gap_of(after, pupils) <= limit:
            changes = [a - u for a, u in zip(after, units, strict=True)]
            found.append(([max(0, -c) for c in changes], [max(0, c) for c in changes]))
    return found


def labels(n: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(0, 2), min_size=n, max_size=n).map(tuple)


@settings(max_examples=150, deadline=None)
@given(counties(most=5, largest=4), st.floats(0.05, 1.0), st.data())
def test_of_the_fewest_moves_those_that_cross_least_are_chosen(
    county: tuple[list[int], list[int]], limit: float, data: st.DataObject
) -> None:
    units, pupils = county
    assume(sum(units) <= 11)
    steps = steps_of(units, pupils, units, limit)
    fewest = fewest_moves(steps, len(units))
    assume(fewest.moves > 0)
    aims = [Aim(data.draw(labels(len(units))), 1.0), Aim(data.draw(labels(len(units))), 10.0)]
    solved = kept_within(steps, fewest, aims, {"mip_rel_gap": 0.0})
    plans = [p for p in every_plan(units, pupils, limit) if sum(p[0]) == fewest.moves]
    assert sum(solved.given) == sum(solved.received) == fewest.moves
    best = min(weight_of(aims, *p) for p in plans)
    assert weight_of(aims, solved.given, solved.received) == pytest.approx(best)
    assert solved.bound <= best + 1e-6


@settings(max_examples=150, deadline=None)
@given(counties(most=5, largest=4), st.floats(0.05, 1.0), st.data())
def test_staying_inside_first_crosses_as_little_as_any_plan(
    county: tuple[list[int], list[int]], limit: float, data: st.DataObject
) -> None:
    units, pupils = county
    assume(sum(units) <= 11)
    steps = steps_of(units, pupils, units, limit)
    fewest = fewest_moves(steps, len(units))
    assume(fewest.moves > 0)
    aim = Aim(data.draw(labels(len(units))), 1.0)
    made = kept_inside(steps, fewest, aim.parts)
    plans = every_plan(units, pupils, limit)
    across = min(aim.across(*p) for p in plans)
    assert made.across == aim.across(made.given, made.received) == across
    moves = min(sum(p[0]) for p in plans if aim.across(*p) == across)
    assert made.moves_bound <= moves <= made.moves == sum(made.given)
    if across == 0:
        assert made.moves == moves == made.moves_bound


@settings(max_examples=60, deadline=None)
@given(counties(most=6, largest=12), st.floats(0.2, 0.9), st.data())
def test_the_list_of_moves_carries_out_what_is_given_and_received(
    county: tuple[list[int], list[int]], limit: float, data: st.DataObject
) -> None:
    units, pupils = county
    groups = [f"g{n}" if n else "" for n in data.draw(labels(len(units)))]
    districts = [f"d{n}" for n in data.draw(labels(len(units)))]
    asked = case(units, pupils, limit, groups=groups, districts=districts)
    made = rotation(asked, wishes(limit))
    assume(made.state == PLANNED)
    after = dict(zip((s.school_id for s in asked.schools), units, strict=True))
    for move in made.moves:
        after[move.from_school_id] -= move.units
        after[move.to_school_id] += move.units
    assert list(after.values()) == list(made.units_after)
    assert gap_of(made.units_after, pupils) <= limit * (1 + 1e-9)
    assert made == rotation.__wrapped__(asked, wishes(limit))


def test_where_groups_cross_districts_the_plan_says_how_far_it_may_be_from_the_best() -> None:
    # Net of groups and of districts is 0, yet every pair crosses one or the other.
    schools = case(
        [4, 4, 0, 0], [400, 400, 400, 400], 0.01, groups=["a", "b", "a", "b"], districts=["x", "y", "y", "x"]
    )
    made = rotation(schools, wishes(0.01))
    assert made.moved == 4
    assert (made.crossing("group"), made.crossing("district")) == (4, 0)
    assert made.gap == 4
    pairs = moves_of(schools.schools, (2, 2, 0, 0), (0, 0, 2, 2), 100.0, 1.0)
    assert not any(move.crosses_group for move in pairs)


def test_a_solver_stopped_early_still_gives_the_fewest_moves_and_says_how_far_from_the_best_it_may_be() -> None:
    asked = case([9, 8, 7, 0, 0, 1], [300, 310, 290, 305, 420, 400], 0.3, groups=["a", "b", "c", "b", "c", "a"])
    whole = rotation(asked, wishes(0.3))
    stopped = rotation(asked, wishes(0.3, time_limit_s=0.0))
    assert stopped.moved == whole.moved
    assert stopped.crossing("group") >= whole.crossing("group")
    assert stopped.crossing("group") - stopped.gap <= whole.crossing("group")
    assert whole.gap == 0

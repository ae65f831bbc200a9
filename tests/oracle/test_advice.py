"""What would close a gap, held against a count through every outcome: as few moves, and as little spent, as there can be."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.oracle.compare import held_against
from tests.oracle.moving import DISTRICT_WEIGHT, KEY, Case, cases, crossings, rotation_plans
from tests.oracle.released import Release, cv_of, group_of
from tests.oracle.spending import scale, spending_plans
from tests.oracle.texts import WHOLE_UNITS, at_least, at_most


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Release:
    return Release(judged_home)


@pytest.fixture(scope="module")
def of_people(release: Release) -> dict[tuple, Case]:
    return {case.key: case for case in cases(release, of_people=True)}


def test_no_rotation_needs_fewer_moves(release: Release) -> None:
    found = held_against("rotation_plan", KEY, rotation_plans(release), release["rotation_plan"])
    assert not found, "\n".join(found)


def test_as_many_schools_are_named_as_lack_their_value(release: Release) -> None:
    """A point too small for the standard to count is neither counted nor named, though it sent nothing too."""
    told = pd.concat([release["rotation_plan"], release["spending_plan"]]).query("state == 'incomplete'")
    assert len(told)
    for plan in told.itertuples():
        assert len(re.findall(r"\d{10}", plan.reason_zh)) == plan.schools_missing, plan.reason_zh


def test_every_plan_does_what_it_says(release: Release, of_people: dict[tuple, Case]) -> None:
    """Donors keep their standard, moves are whole, and the coefficient afterwards is the one that is told."""
    moves = group_of(release["rotation_move"], *KEY)
    plans = release["rotation_plan"].query("state == 'planned'")
    assert set(moves) == set(plans[KEY].itertuples(index=False, name=None))
    assert len(plans)
    for plan in plans.itertuples():
        key = (plan.year, plan.standard_id, plan.county_code, plan.stage, plan.indicator_id)
        case, mine = of_people[key], moves[key]
        gone = mine.groupby("from_school_id").units.sum().reindex(case.ids, fill_value=0).to_numpy()
        come = mine.groupby("to_school_id").units.sum().reindex(case.ids, fill_value=0).to_numpy()
        assert mine.units.ge(1).all()
        assert gone.sum() == come.sum() == mine.units.sum() == plan.moves
        assert not ((gone > 0) & (come > 0)).any(), "nobody gives and receives"
        assert all(g <= s for g, s in zip(gone, case.spare(), strict=True))
        assert ((gone > 0).sum(), (come > 0).sum()) == (plan.schools_giving, plan.schools_receiving)
        after = cv_of((case.units - gone + come) / case.pupils, case.pupils)
        assert after == pytest.approx(plan.cv_after, rel=1e-9)
        assert at_most(after, plan.cv_limit)


def test_moves_cross_groups_and_districts_no_more_than_they_must(
    release: Release, of_people: dict[tuple, Case]
) -> None:
    member = {(m.year, m.kind, m.school_id): m.group_id for m in release["group_membership"].itertuples()}
    moves = group_of(release["rotation_move"], *KEY)
    for plan in release["rotation_plan"].query("state == 'planned'").itertuples():
        key = (plan.year, plan.standard_id, plan.county_code, plan.stage, plan.indicator_id)
        case = of_people[key]
        group, district = (
            {i: member.get((plan.year, kind, i), "none") for i in case.ids} for kind in ("group", "district")
        )
        crossed = {"group": 0, "district": 0}
        for move in moves[key].itertuples():
            other_group = group[move.from_school_id] != group[move.to_school_id]
            other_district = district[move.from_school_id] != district[move.to_school_id]
            crossed["group"] += move.units * other_group
            crossed["district"] += move.units * other_district
            # Two schools in no group are one class where moves are counted, and not of one group where it is told.
            of_one = {
                k: not o and w[move.from_school_id] != "none"
                for k, o, w in (("group", other_group, group), ("district", other_district, district))
            }
            told = "group" if of_one["group"] else "district" if of_one["district"] else "county"
            assert move.within == told, (key, move)
        assert (plan.moves_between_groups, plan.moves_between_districts) == (crossed["group"], crossed["district"]), key
        least = crossings(case, int(plan.moves), (list(group.values()), list(district.values())))
        weighed = plan.moves_between_groups + DISTRICT_WEIGHT * plan.moves_between_districts
        assert weighed - plan.between_gap <= least + 1e-6, (key, weighed, least)
        assert weighed >= least - 1e-6, (key, weighed, least)


def test_no_spending_is_less(release: Release) -> None:
    """The level and the least amount to 1e-7: the plan may use the tolerance of comparisons, the search here does not."""
    ours, theirs = spending_plans(release), release["spending_plan"]
    loose = ["level", "units_least"]
    found = held_against("spending_plan", KEY, ours.drop(columns=loose), theirs)
    assert not found, "\n".join(found)
    a, b = (frame.set_index(KEY).sort_index()[loose].astype(float) for frame in (ours, theirs))
    pd.testing.assert_frame_equal(a, b, rtol=1e-7)


def test_what_schools_are_given_makes_the_plan(release: Release) -> None:
    """Sums, coefficient, standard and price by hand; of whole things none can be taken back."""
    every = {c.key: c for of_people in (True, False) for c in cases(release, of_people)}
    given = group_of(release["spending_school"], *KEY)
    plans = release["spending_plan"].query("state == 'planned'")
    assert set(given) == set(plans[KEY].itertuples(index=False, name=None))
    assert len(plans)
    for plan in plans.itertuples():
        key = (plan.year, plan.standard_id, plan.county_code, plan.stage, plan.indicator_id)
        case, mine = every[key], given[key].set_index("school_id")
        extra = mine.units_added.reindex(case.ids, fill_value=0.0).to_numpy(float)
        after = (case.units + extra) / case.pupils
        assert mine.units_now.to_numpy() == pytest.approx(
            pd.Series(case.units, case.ids)[mine.index].to_numpy(), rel=1e-9
        )
        assert (extra > 0).sum() == plan.schools_given == len(mine)
        assert extra.sum() == pytest.approx(plan.units, rel=1e-9)
        assert mine.units_school.sum() == pytest.approx(plan.units_school, rel=1e-9)
        assert plan.units_distance == pytest.approx(plan.units - plan.units_least, abs=1e-6)
        assert plan.units >= plan.units_least * (1 - 1e-9)
        told = mine.value_after.to_numpy() / scale(case)
        assert told == pytest.approx(pd.Series(after, case.ids)[mine.index].to_numpy(), rel=1e-9)
        cv = cv_of(after, case.pupils)
        assert cv == pytest.approx(plan.cv_after, rel=1e-9)
        assert at_most(cv, plan.cv_limit)
        assert all(at_least(v * scale(case), case.level) for v in after)
        if not pd.isna(plan.yuan_per_unit):
            assert plan.cost_yuan == pytest.approx(plan.units * plan.yuan_per_unit, rel=1e-9)
            assert plan.cost_school_yuan == pytest.approx(plan.units_school * plan.yuan_per_unit, rel=1e-9)
        if key[4] in WHOLE_UNITS:
            assert (extra == np.round(extra)).all()
            for i in np.flatnonzero(extra):
                less = case.units + extra
                less[i] -= 1
                still = cv_of(less / case.pupils, case.pupils)
                level = at_least(less[i] / case.pupils[i] * scale(case), case.level)
                assert not (level and at_most(still, plan.cv_limit)), (key, case.ids[i])

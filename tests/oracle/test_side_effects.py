"""What a plan does besides, and the columns of plans that no search is needed for: empty ones, prices, parts of schools."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.oracle.compare import held_against
from tests.oracle.ledger import WEIGHT, campus_pupils
from tests.oracle.moving import KEY, Case, cases
from tests.oracle.prices import price, read_prices
from tests.oracle.released import Release, cv_of, group_of
from tests.oracle.side_effects import SIDE_KEY, side_effects
from tests.oracle.spending import scale
from tests.oracle.texts import WHOLE_UNITS, at_least, at_most
from tests.oracle.things import THINGS

OF_MOVES = (
    "moves", "moves_between_groups", "moves_between_districts", "between_gap", "schools_giving", "schools_receiving", "cv_after",
)  # fmt: skip
OF_SPENDING = (
    "units_to_standard", "units_least", "units", "units_school", "units_distance", "schools_given", "cv_after",
)  # fmt: skip
COUNTED = {*WHOLE_UNITS, "multimedia_rooms_per_100"}


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Release:
    return Release(judged_home)


@pytest.fixture(scope="module")
def asked(release: Release) -> dict[tuple, Case]:
    return {c.key: c for of_people in (True, False) for c in cases(release, of_people)}


def test_a_rotation_does_this_to_other_counts_of_teachers(release: Release) -> None:
    """Every row and column."""
    ours, theirs = side_effects(release), release["rotation_side_effect"]
    assert set(ours.columns) == set(theirs.columns)
    assert set(theirs.is_certain) == {True, False}
    found = held_against("rotation_side_effect", SIDE_KEY, ours, theirs)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("table", "columns"), [("rotation_plan", OF_MOVES), ("spending_plan", OF_SPENDING)])
def test_only_a_plan_has_figures(release: Release, table: str, columns: tuple[str, ...]) -> None:
    plans = release[table]
    for column in columns:
        assert plans[column].notna().equals(plans.state.eq("planned")), column


def test_a_plan_costs_what_the_register_says(judged_home: Path, release: Release) -> None:
    prices, plans = read_prices(judged_home), release["spending_plan"]
    for plan in plans.itertuples():
        yuan = price(prices, THINGS[plan.indicator_id].field, plan.year)
        assert (None if pd.isna(plan.yuan_per_unit) else plan.yuan_per_unit) == yuan
        for cost, units in ((plan.cost_yuan, plan.units), (plan.cost_school_yuan, plan.units_school)):
            if yuan is None or plan.state != "planned":
                assert pd.isna(cost)
            else:
                assert cost == pytest.approx(units * yuan, rel=1e-9)
    assert plans.yuan_per_unit.notna().any()
    assert plans.yuan_per_unit.isna().any()


def test_what_a_stage_is_given_its_school_must_add_for_all(judged_home: Path, release: Release) -> None:
    """The stage's part over its share, 1 : 1.1 : 1.32 by pupils; people belong to the stage. Whole things are whole for the school."""
    value = release["indicator_value"].set_index(["year", "school_id", "stage", "indicator_id"]).value
    campuses, divided = campus_pupils(release, judged_home), 0
    for row in release["spending_school"].itertuples():
        share = 1.0
        if THINGS[row.indicator_id].shared:
            parts = {
                float(WEIGHT[row.stage] * p[row.stage] / sum(WEIGHT[s] * n for s, n in p.items()))
                for p in campuses[row.year, row.school_id]
                if row.stage in p
            }
            share = max(parts)
        divided += share < 1
        assert row.units_added == pytest.approx(row.units_school * share, rel=1e-9)
        assert row.value_before == pytest.approx(value[row.year, row.school_id, row.stage, row.indicator_id], rel=1e-9)
        if row.indicator_id in COUNTED:
            assert row.units_school == pytest.approx(round(row.units_school), abs=1e-9)
    assert divided


def test_what_is_measured_goes_to_those_below_one_level(release: Release, asked: dict[tuple, Case]) -> None:
    """Each is raised to the common level or to the standard, the higher; who is there already is given nothing."""
    given = group_of(release["spending_school"], *KEY)
    for plan in release["spending_plan"].query("state == 'planned'").itertuples():
        key = (plan.year, plan.standard_id, plan.county_code, plan.stage, plan.indicator_id)
        if key[4] in COUNTED:
            continue
        case, mine = asked[key], given[key].set_index("school_id")
        level = case.level if pd.isna(plan.level) else max(case.level, plan.level)
        for school, now in zip(case.ids, case.units / case.pupils * scale(case), strict=True):
            if school in mine.index:
                assert mine.value_after[school] == pytest.approx(level, rel=1e-7)
                assert now < level
            else:
                assert now >= level * (1 - 1e-7)


def test_no_room_can_be_taken_back(release: Release, asked: dict[tuple, Case]) -> None:
    """A room less in any school, of which the stage has its part, and either the school or the county is no longer there."""
    given = group_of(release["spending_school"], *KEY)
    plans = release["spending_plan"].query("state == 'planned' and indicator_id == 'multimedia_rooms_per_100'")
    assert len(plans)
    for plan in plans.itertuples():
        key = (plan.year, plan.standard_id, plan.county_code, plan.stage, plan.indicator_id)
        case, mine = asked[key], given[key].set_index("school_id")
        after = case.units + mine.units_added.reindex(case.ids, fill_value=0.0).to_numpy(float)
        for i in np.flatnonzero(after - case.units):
            less = after.copy()
            less[i] -= mine.units_added[case.ids[i]] / mine.units_school[case.ids[i]]
            there = at_least(less[i] / case.pupils[i] * scale(case), case.level)
            assert not (there and at_most(cv_of(less / case.pupils, case.pupils), plan.cv_limit)), (key, case.ids[i])

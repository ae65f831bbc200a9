"""School groups and districts, taken anew from registers, rosters, values and scores: members, gaps, ranks, reach, awards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.oracle.compare import held_against
from tests.oracle.group_awards import awards
from tests.oracle.group_gaps import group_gaps
from tests.oracle.group_known import Group, Known, groups_of
from tests.oracle.group_ranks import rankings
from tests.oracle.group_reach import coverage
from tests.oracle.grouped import Province, placed
from tests.oracle.released import Release

UNIT = ["year", "kind", "school_id"]
GAP = ["year", "standard_id", "kind", "group_id", "stage", "indicator_id"]
RANK = ["year", "kind", "standard_id", "measure", "group_id"]


@dataclass(frozen=True)
class Anew:
    """What the oracle makes of a home, each table from those before it."""

    home: Path
    release: Release
    province: Province
    members: pd.DataFrame
    unplaced: pd.DataFrame
    groups: list[Group]
    gaps: pd.DataFrame
    ranks: pd.DataFrame


def taken_anew(home: Path) -> Anew:
    release = Release(home)
    province = Province(release, home)
    members, unplaced = placed(province)
    groups, known = groups_of(members, unplaced), Known(release)
    gaps = group_gaps(groups, known)
    return Anew(home, release, province, members, unplaced, groups, gaps, rankings(groups, gaps, release, known))


@pytest.fixture(scope="module")
def anew(judged_home: Path) -> Anew:
    return taken_anew(judged_home)


def test_these_schools_are_in_groups_and_districts(anew: Anew) -> None:
    found = held_against("group_membership", UNIT, anew.members, anew.release["group_membership"])
    assert not found, "\n".join(found)


def test_these_units_are_named_and_no_members(anew: Anew) -> None:
    ours = anew.unplaced.drop(columns="form")
    found = held_against("group_unplaced", UNIT, ours, anew.release["group_unplaced"])
    assert not found, "\n".join(found)


def test_gaps_inside_to_the_lead_and_before_joining_are_these(anew: Anew) -> None:
    found = held_against("group_gap", GAP, anew.gaps, anew.release["group_gap"])
    assert not found, "\n".join(found)


def test_groups_and_districts_have_these_ranks(anew: Anew) -> None:
    found = held_against("group_ranking", RANK, anew.ranks, anew.release["group_ranking"])
    assert not found, "\n".join(found)


def test_groups_and_districts_reach_so_far(anew: Anew) -> None:
    named = pd.concat([anew.members, anew.unplaced])
    ours = coverage(anew.groups, named, anew.province, anew.release)
    key = ["year", "area_level", "area_code", "kind"]
    found = held_against("group_coverage", key, ours, anew.release["group_coverage"])
    assert not found, "\n".join(found)


def test_groups_are_awarded_this(anew: Anew) -> None:
    ours = awards(anew.groups, anew.ranks, anew.release, anew.home)
    found = held_against("group_award", ["year", "group_id"], ours, anew.release["group_award"])
    assert not found, "\n".join(found)


def test_no_column_of_these_tables_is_left_out(anew: Anew) -> None:
    """Labels too are taken anew; where a table gains a column, this fails until the oracle has it."""
    made = {"group_membership": anew.members, "group_gap": anew.gaps, "group_ranking": anew.ranks}
    made |= {"group_unplaced": anew.unplaced.drop(columns="form")}
    made |= {"group_award": awards(anew.groups, anew.ranks, anew.release, anew.home)}
    named = pd.concat([anew.members, anew.unplaced])
    made |= {"group_coverage": coverage(anew.groups, named, anew.province, anew.release)}
    for table, ours in made.items():
        assert set(ours.columns) == set(anew.release[table].columns), table


def test_a_gap_that_is_off_by_a_millionth_is_named(anew: Anew) -> None:
    off = anew.gaps.copy()
    place = off.index[off.narrowed_by.notna() & off.narrowed_by.ne(0)][0]
    off.loc[place, "narrowed_by"] *= 1 + 1e-6
    found = held_against("group_gap", GAP, off, anew.release["group_gap"])
    assert len(found) == 1
    assert "group_gap.narrowed_by: 1 of" in found[0]

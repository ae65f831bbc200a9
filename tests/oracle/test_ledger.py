"""The ledger of schools, progress of counties and their lists, taken anew from schools, items, scores and the register of prices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle import ledger, progress
from tests.oracle.compare import held_against
from tests.oracle.released import Release
from tests.oracle.things import THINGS


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Release:
    return Release(judged_home)


def test_every_school_lacks_what_the_ledger_says(judged_home: Path, release: Release) -> None:
    """Every row, and every column but the three of words: amounts, what became of last year's, the stage that decides, cost."""
    ours, theirs = ledger.Ledger(release, judged_home).rows(), release["school_shortfall"]
    assert set(theirs.columns) - set(ours.columns) == {"unit", "what_zh", "what_en"}
    found = held_against("school_shortfall", ledger.KEY, ours, theirs)
    assert not found, "\n".join(found)


def test_every_kind_of_shortfall_is_there(release: Release) -> None:
    rows = release["school_shortfall"]
    assert set(rows.state) == {"new", "persisting", "unknown", "closed", "ended", "missing"}
    assert set(rows.change) == {"add", "remove"}
    assert set(rows.indicator_id) == set(THINGS)
    assert rows[rows.stage.eq("all") & rows.state.eq("closed")].binding_stage.eq("junior").any()
    assert rows.query("state == 'missing'").shortfall.isna().all()


def test_counties_come_on_like_this(release: Release) -> None:
    ours, theirs = progress.county_progress(release), release["county_progress"]
    assert set(ours.columns) == set(theirs.columns)
    found = held_against("county_progress", progress.KEY, ours, theirs)
    assert not found, "\n".join(found)


def test_these_counties_are_of_merit_and_of_warning(release: Release) -> None:
    ours = progress.county_lists(release["county_progress"])
    found = held_against("county_list", progress.LIST_KEY, ours, release["county_list"])
    assert not found, "\n".join(found)


def test_a_figure_that_is_another_is_named(release: Release) -> None:
    theirs = release["county_progress"].copy()
    theirs.loc[theirs.index[7], "shortfalls_closed"] += 1
    (found,) = held_against("county_progress", progress.KEY, progress.county_progress(release), theirs)
    assert found.startswith("county_progress.shortfalls_closed: 1 of")

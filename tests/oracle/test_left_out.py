"""Ranks without an indicator, without a school, and under other figures, each version computed anew."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.oracle.compare import held_against
from tests.oracle.left_out import KEY, moved_by_leaving_out, other_figures, ranges
from tests.oracle.released import Release

CHOICE = ["year", "standard_id", "measure", "stage", "province_code", "choice", "option"]


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Release:
    return Release(judged_home)


@pytest.mark.parametrize("cause", ["indicator_out", "school_out"])
def test_ranks_move_as_far_as_this(release: Release, cause: str) -> None:
    ours = ranges(release).query("cause == @cause").drop(columns=["best", "worst"])
    theirs = release["rank_uncertainty"].query("cause == @cause and state != 'not_ranked'")
    assert (theirs.state == "ok").any()
    found = held_against("rank_uncertainty", [*KEY, "cause"], ours, theirs)
    assert not found, "\n".join(found)


def test_the_ends_are_given_by_what_is_named(release: Release) -> None:
    theirs = release["rank_uncertainty"].set_index([*KEY, "cause"])
    for own in ranges(release).itertuples():
        told = theirs.loc[(own.year, own.standard_id, own.measure, own.stage, own.county_code, own.cause)]
        for name, ends in ((told.low_by, own.best), (told.high_by, own.worst)):
            assert (name in ends) if ends else pd.isna(name), (own, name)


def test_choices_move_counties_as_far_as_this(release: Release) -> None:
    ours = pd.concat([moved_by_leaving_out(release), other_figures(release)])
    theirs = release["rank_choice"].query("choice != 'weights'")
    theirs = theirs[(theirs.choice != "normalisation") | (theirs.measure == "mean_cv")]
    found = held_against("rank_choice", CHOICE, ours, theirs)
    assert not found, "\n".join(found)

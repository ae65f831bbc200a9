"""Gaps taken apart and each school's part in them, recomputed by plain sums over schools."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.oracle.compare import held_against
from tests.oracle.released import Release
from tests.oracle.taken_apart import contributions, decompositions

AREA = ["year", "standard_id", "area_level", "area_code", "stage", "indicator_id", "divided_by"]
SCHOOL = ["year", "standard_id", "county_code", "stage", "indicator_id", "school_id"]


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Release:
    return Release(judged_home)


@pytest.fixture(scope="module")
def ours(release: Release) -> tuple[pd.DataFrame, pd.DataFrame]:
    return decompositions(release)


def test_gaps_fall_into_these_parts(release: Release, ours: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = held_against("gap_decomposition", AREA, ours[0], release["gap_decomposition"])
    assert not found, "\n".join(found)


def test_classes_have_these_parts_of_a_gap(release: Release, ours: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = held_against("gap_decomposition_class", [*AREA, "class_code"], ours[1], release["gap_decomposition_class"])
    assert not found, "\n".join(found)


def test_schools_have_this_part_of_their_countys_gap(release: Release) -> None:
    found = held_against("school_contribution", SCHOOL, contributions(release), release["school_contribution"])
    assert not found, "\n".join(found)

"""Town and country, what counties are compared by, and weak schools with what became of them, taken anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.compare import held_against
from tests.oracle.released import Release
from tests.oracle.settlement import features, pressures
from tests.oracle.weak import weak_schools


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Release:
    return Release(judged_home)


def test_town_and_country_are_as_crowded_as_this(release: Release, judged_home: Path) -> None:
    key = ["year", "county_code", "stage", "settlement"]
    found = held_against("settlement_pressure", key, pressures(release, judged_home), release["settlement_pressure"])
    assert not found, "\n".join(found)


def test_counties_are_compared_by_these_numbers(release: Release, judged_home: Path) -> None:
    key = ["year", "county_code", "feature_id"]
    found = held_against("county_feature", key, features(release, judged_home), release["county_feature"])
    assert not found, "\n".join(found)


def test_these_schools_are_or_were_weak(release: Release) -> None:
    key = ["year", "standard_id", "school_id", "stage", "area_level"]
    found = held_against("weak_school", key, weak_schools(release), release["weak_school"])
    assert not found, "\n".join(found)

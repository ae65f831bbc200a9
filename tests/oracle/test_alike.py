"""Counties alike and places among them, taken anew from features and ranks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.alike import among_peers, peers, standardised
from tests.oracle.compare import held_against
from tests.oracle.released import Release


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Release:
    return Release(judged_home)


def test_features_are_put_on_one_scale_like_this(release: Release) -> None:
    key = ["year", "county_code", "feature_id"]
    ours = standardised(release)[[*key, "standardised"]]
    found = held_against("county_feature", key, ours, release["county_feature"])
    assert not found, "\n".join(found)


def test_these_counties_are_the_most_alike(release: Release) -> None:
    found = held_against("county_peer", ["year", "county_code", "peer_no"], peers(release), release["county_peer"])
    assert not found, "\n".join(found)


def test_counties_have_this_place_among_those_alike(release: Release) -> None:
    key = ["year", "standard_id", "measure", "stage", "county_code"]
    found = held_against("county_among_peers", key, among_peers(release), release["county_among_peers"])
    assert not found, "\n".join(found)

"""Changes since the year before of gaps and measures, taken anew from values, scores and verdicts on gaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle.changes import changes
from tests.oracle.compare import held_against
from tests.oracle.gap_changes import gap_changes
from tests.oracle.released import Release


@pytest.fixture(scope="module")
def release(judged_home: Path) -> Release:
    return Release(judged_home)


def test_gaps_changed_like_this_and_by_these_causes(release: Release) -> None:
    key = ["year", "standard_id", "stage", "county_code", "indicator_id"]
    found = held_against("county_gap_change", key, gap_changes(release), release["county_gap_change"])
    assert not found, "\n".join(found)


def test_measures_changed_like_this_and_by_these_causes(release: Release) -> None:
    key = ["year", "standard_id", "measure", "stage", "county_code"]
    found = held_against("county_change", key, changes(release), release["county_change"])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("table", ["county_change", "county_gap_change", "settlement_pressure"])
def test_only_what_compares_without_a_word_of_care_has_no_reason(release: Release, table: str) -> None:
    rows = release[table]
    plain = rows.state.eq("comparable") & rows.kind.eq("same")
    assert rows.reason_zh.isna().eq(plain).all()
    assert rows.reason_en.isna().eq(plain).all()


def test_a_composite_is_within_its_limit_where_the_verdict_says_so(release: Release) -> None:
    verdicts = release["county_item_test"].query("test_id == 'composite'")
    rows = release["county_change"].query("measure == 'mean_cv' and standard_id == 'basic-2012'")
    both = verdicts[["year", "county_code", "stage", "state"]].merge(rows, on=["year", "county_code", "stage"])
    said = both.state_x.map({"met": True, "unmet": False}).astype("boolean")
    assert len(both) == len(rows) == len(verdicts)
    assert said.equals(both.is_within.astype("boolean").rename(said.name))

"""Real input 1: 420 Californian districts through ``junheng run --catalogue``, against independent values."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from tests import oracles
from tests.homes import CATALOGUES, query, run_home

WHOLE = "_STATE_"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {1999: [oracles.caschools_file()]}
    return run_home(tmp_path_factory.mktemp("caschools"), files, CATALOGUES / "caschools")


@pytest.fixture(scope="module")
def gaps(home: Path) -> pd.DataFrame:
    """The county and province rows by county name and indicator, the province under the reference's name."""
    rows = query(
        home,
        "select g.*, case when area_level = 'province' then ? else d.name_en end as place "
        "from gap_coefficient g join division d on d.code = g.area_code where area_level in ('county', 'province')",
        WHOLE,
    )
    return pd.DataFrame(rows).set_index(["place", "indicator_id"])


def test_all_138_cells_agree_with_the_reference(gaps: pd.DataFrame) -> None:
    reference = oracles.caschools_cv().reset_index()
    assert len(reference) == len(gaps) == 138
    for cell in reference.itertuples():
        row = gaps.loc[(cell.county, cell.indicator)]
        assert (row.schools, row.pupils) == (cell.n, cell.P)
        assert math.isclose(row["mean"], cell.mean, rel_tol=1e-9)
        assert math.isclose(row.sd, cell.S, rel_tol=1e-9, abs_tol=0)
        assert math.isclose(row.cv, cell.CV, rel_tol=1e-9, abs_tol=0)


def test_the_four_counties_of_one_district_have_no_gap_and_are_not_comparable(gaps: pd.DataFrame) -> None:
    alone = gaps[gaps.schools == 1]
    assert len(alone) == 4 * 3
    assert set(alone.cv) == {0.0}
    assert set(alone.state) == {"single_school"}
    assert set(gaps[gaps.schools > 1].state) == {"ok"}


def test_theil_of_the_state_agrees_with_the_reference(gaps: pd.DataFrame) -> None:
    for cell in oracles.caschools_theil().reset_index().itertuples():
        assert math.isclose(gaps.loc[(WHOLE, cell.indicator)].theil, cell.theil_T, rel_tol=1e-9)


def test_the_gap_of_the_state_comes_apart_as_in_the_reference(home: Path) -> None:
    rows = query(home, "select * from gap_decomposition where area_level = 'province' and divided_by = 'county'")
    found = pd.DataFrame(rows).set_index("indicator_id")
    reference = oracles.caschools_theil()
    columns = {
        "theil_T": "theil_t", "T_between": "theil_t_between", "T_within": "theil_t_within", "L_between": "theil_l_between",
        "mld_L": "theil_l", "L_within": "theil_l_within",
    }  # fmt: skip
    assert len(found) == len(reference) == 3
    for cell in reference.itertuples():
        row = found.loc[cell.Index]
        assert row.classes == 45
        for theirs, ours in columns.items():
            if pd.isna(getattr(cell, theirs)):  # eight districts have no computer: L has no value, its part between has
                assert (pd.isna(row[ours]), row.theil_l_state) == (True, "zero_value")
            else:
                assert math.isclose(row[ours], getattr(cell, theirs), rel_tol=1e-9)
        for theirs, ours in {"GE2": "cv2", "GE2_between": "cv2_between", "GE2_within": "cv2_within"}.items():
            assert math.isclose(row[ours] / 2, getattr(cell, theirs), rel_tol=1e-9)
        assert math.isclose(1 - row.theil_t_between / row.theil_t, cell.T_within_share, rel_tol=1e-9)
        assert math.isclose(row.cv2_between + row.cv2_within, row.cv**2, rel_tol=1e-12)


def test_each_districts_share_adds_up_in_every_county(home: Path) -> None:
    rows = query(home, "select county_code, indicator_id, sum(share) as s from school_contribution group by all")
    assert len(rows) == 45 * 3
    assert all(row["s"] is None or math.isclose(row["s"], 1, rel_tol=1e-12) for row in rows)


def test_nothing_was_lost(home: Path) -> None:
    account = query(home, "select sum(rows_read) as r, sum(rows_accepted) as a from submission_part")[0]
    assert (account["r"], account["a"]) == (420, 420)

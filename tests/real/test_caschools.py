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


def test_nothing_was_lost(home: Path) -> None:
    account = query(home, "select sum(rows_read) as r, sum(rows_accepted) as a from submission_part")[0]
    assert (account["r"], account["a"]) == (420, 420)

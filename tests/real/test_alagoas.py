"""Real input 2: 3,877 Brazilian schools through ``junheng run --catalogue``, against independent values."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from tests import oracles
from tests.homes import CATALOGUES, query, run_home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {2022: [oracles.alagoas_file()]}
    return run_home(tmp_path_factory.mktemp("alagoas"), files, CATALOGUES / "alagoas")


@pytest.fixture(scope="module")
def gaps(home: Path) -> pd.DataFrame:
    rows = query(home, "select * from gap_coefficient where area_level = 'county'")
    return pd.DataFrame(rows).set_index(["area_code", "indicator_id"])


def test_all_408_rows_agree_with_the_reference(gaps: pd.DataFrame) -> None:
    reference = oracles.alagoas_cv().reset_index()
    assert len(reference) == len(gaps) == 408
    for cell in reference.itertuples():
        row = gaps.loc[(str(cell.co_municipio), cell.indicator)]
        assert (row.schools, row.pupils, row.schools_missing) == (cell.n, cell.P, cell.dropped)
        assert math.isclose(row["mean"], cell.mean, rel_tol=1e-9)
        assert math.isclose(row.sd, cell.S, rel_tol=1e-9)
        assert math.isclose(row.cv, cell.CV, rel_tol=1e-9)


def test_403_rows_are_ok_and_five_lack_too_many_pupils(gaps: pd.DataFrame) -> None:
    assert gaps.state.value_counts().to_dict() == {"ok": 403, "incomplete": 5}
    incomplete = gaps[gaps.state == "incomplete"]
    assert incomplete.index.get_level_values("indicator_id").nunique() == 1
    assert incomplete.cv.notna().all()
    assert (incomplete.pupils_missing > 0.05 * (incomplete.pupils + incomplete.pupils_missing)).all()


def test_every_row_is_accounted_for(home: Path) -> None:
    counts = query(
        home,
        "select sum(rows_read) r, sum(rows_accepted) a, sum(rows_quarantined) q, sum(rows_filtered) f, sum(rows_not_data) n "
        "from submission_part",
    )[0]
    assert counts == {"r": 3877, "a": 2339, "q": 0, "f": 1538, "n": 0}
    filters = query(home, "select filter_id, sum(rows) n from submission_filter group by 1 order by 2 desc")
    assert [row["n"] for row in filters] == [863, 657, 18]


def test_rejected_values_are_nine_warnings_on_their_indicator_only(home: Path) -> None:
    found = query(home, "select * from finding")
    assert [row["severity"] for row in found] == ["warning"] * 9
    assert {row["found"] for row in found} == {"88888"}
    assert sorted(pd.Series([row["field"] for row in found]).value_counts()) == [1, 8]
    missing = query(home, "select indicator_id, count(*) n from indicator_value where state = 'missing' group by 1")
    assert sorted(row["n"] for row in missing) == [1, 8]


def test_squared_coefficients_add_up_over_mesoregions(home: Path) -> None:
    rows = query(home, "select * from gap_coefficient where area_level in ('prefecture', 'province')")
    for whole in (r for r in rows if r["area_level"] == "province"):
        parts = [r for r in rows if r["area_level"] == "prefecture" and r["indicator_id"] == whole["indicator_id"]]
        assert len(parts) == 3
        total = sum(
            p["pupils"]
            / whole["pupils"]
            * ((p["mean"] / whole["mean"] - 1) ** 2 + (p["mean"] / whole["mean"] * p["cv"]) ** 2)
            for p in parts
        )
        assert math.isclose(total, whole["cv"] ** 2, rel_tol=1e-12)

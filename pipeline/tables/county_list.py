"""county_list: counties of merit and of warning over the years. Key: standard_id, list, county_code, entered_year."""

from __future__ import annotations

import polars as pl

from pipeline.schema.comparison import Comparison
from pipeline.schema.ledger_limits import LedgerLimits
from pipeline.schema.model import Catalogue
from pipeline.shortfalls.lists import lists
from pipeline.shortfalls.progress import broken_counties
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """One row a stay on a list; ``left_year`` is null while on it."""
    progress = pl.read_parquet(home.table("county_progress"))
    return lists(progress, broken_counties(catalogue), LedgerLimits.of(catalogue), Comparison.of(catalogue))

"""county_determination: one row a year, standard and county: whether the county meets the standard, all items together."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.verdicts.items import county_determinations


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """From the items alone."""
    return county_determinations(pl.read_parquet(home.table("county_item")))

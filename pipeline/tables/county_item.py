"""county_item: one row a year, standard, county and item: the verdict, beside what the county declares, and why."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.verdicts.items import county_items


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """A county that reported nothing of its own declares nothing."""
    cells = home.table("county_return")
    said = (
        pl.read_parquet(cells) if cells.exists() else pl.DataFrame(schema={"year": pl.Int64, "county_code": pl.String})
    )
    return county_items(catalogue, pl.read_parquet(home.table("county_item_test")), said)

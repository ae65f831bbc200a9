"""county_item_test: one row a year, standard, county, item, test and stage: a sub-demand on a county, judged."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.verdicts.ground import ground_of
from pipeline.verdicts.judged import county_tests


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Rows that no test of the catalogue makes are none."""
    with ground_of(home, catalogue) as ground:
        return county_tests(
            ground, pl.read_parquet(home.table("relaxation")), pl.read_parquet(home.table("county_survey"))
        )

"""How sure a rank is: one row a year, standard, measure, stage, county and cause (method 8)."""

from __future__ import annotations

import polars as pl

from pipeline.certainty import uncertainty
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The four ranges of every rank: weights, an indicator left out, a school left out, small errors in the returns."""
    return uncertainty.table(home, catalogue)

"""How each indicator goes with the mean it is part of: one row a year, standard, measure, stage, province and indicator."""

from __future__ import annotations

import polars as pl

from pipeline.certainty import diagnostics
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Effective weights, shares of the differences between counties, correlations with the mean."""
    return diagnostics.indicators(home, catalogue)

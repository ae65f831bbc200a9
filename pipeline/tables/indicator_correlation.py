"""How indicators go together across counties: one row a year, standard, measure, stage, province and pair of indicators."""

from __future__ import annotations

import polars as pl

from pipeline.certainty import diagnostics
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Pearson's correlations of coefficients, or of attainments."""
    return diagnostics.pairs(home, catalogue)

"""What the choices behind a ranking do: one row a year, standard, measure, stage, province, choice and option (method 8)."""

from __future__ import annotations

import polars as pl

from pipeline.certainty import choices
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """By how many places each choice moves a county on average."""
    return choices.table(home, catalogue)

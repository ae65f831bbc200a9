"""gap_decomposition: a row a gap and way to divide it; made by ``sql/after/gap_decomposition.sql``, after the members of groups are known."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables import compute


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The table. Raises FaultError when its SQL fails."""
    return compute.after("gap_decomposition", home, catalogue)

"""county_progress: schools up to a standard against the target, and the county's account. Key: year, standard_id, county_code, stage."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.shortfalls.progress import progress
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Every county expected, under every standard that asks levels of schools."""
    return progress(home, catalogue)

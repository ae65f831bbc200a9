"""group_membership: one row a year, kind (group, district) and school that is in one. Key: year, kind, school_id."""

from __future__ import annotations

import polars as pl

from pipeline.groups.table import named_of, with_newness
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The members of each year, by the register where the home keeps one for the county and kind, else by the returns.

    Raises HomeError for a register that contradicts itself.
    """
    return with_newness(named_of(home, catalogue).members, home, catalogue)

"""group_unplaced: one row a year, kind and unit that register or return names and that is no member. Key: year, kind, school_id."""

from __future__ import annotations

import polars as pl

from pipeline.groups.table import named_of
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """What is named and not counted, with the reason, so that nothing of the register is lost.

    Raises HomeError for a register that contradicts itself.
    """
    return named_of(home, catalogue).unplaced

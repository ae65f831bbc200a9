"""group_gap: one row a year, standard, group or district, stage and indicator. Key: year, standard_id, kind, group_id, stage,
indicator_id."""

from __future__ import annotations

import polars as pl

from pipeline.groups.gaps import group_gaps
from pipeline.groups.table import measured_of, named_of
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The gap between all schools of a group or district, and between a group's lead and its members, before joining and now."""
    return group_gaps(named_of(home, catalogue), measured_of(home, catalogue))

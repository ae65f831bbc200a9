"""group_ranking: one row a year, kind, standard, measure and group or district. Key: year, kind, standard_id, measure, group_id."""

from __future__ import annotations

import polars as pl

from pipeline.groups.gaps import rested_on
from pipeline.groups.ranking import group_measures
from pipeline.groups.table import measured_of, named_of, scored_of
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """What groups and districts are ranked by, and their ranks in county and province. Only state ok is ranked."""
    gaps = pl.read_parquet(home.table("group_gap"))
    named = named_of(home, catalogue)
    rested = rested_on(named, gaps, measured_of(home, catalogue))
    return group_measures(named, gaps, rested, scored_of(home, catalogue))

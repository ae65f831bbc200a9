"""group_coverage: one row a year, area and kind. Key: year, area_level, area_code, kind."""

from __future__ import annotations

import polars as pl

from pipeline.groups.coverage import group_coverage
from pipeline.groups.table import named_of, schools_of
from pipeline.schema.group_rules import GroupRules
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """What groups and districts reach in counties, prefectures, provinces and the nation."""
    return group_coverage(named_of(home, catalogue), schools_of(home, catalogue), GroupRules.of(catalogue))

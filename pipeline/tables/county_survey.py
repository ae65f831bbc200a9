"""county_survey: one row a year, standard, county, way and total: what the register of surveys comes to, by party and by school."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.verdicts.ground import ground_of
from pipeline.verdicts.surveys import county_surveys


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """A county and year without entries have no row. Raises HomeError for a register that cannot be used."""
    with ground_of(home, catalogue) as ground:
        return county_surveys(ground, home)

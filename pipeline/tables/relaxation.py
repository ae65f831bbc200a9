"""relaxation: one row a year, standard, relaxation, school and grant: whether it is in force, and by when the full demand is due."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.verdicts.ground import ground_of
from pipeline.verdicts.relaxed import relaxations


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Raises HomeError for a register that cannot be used."""
    with ground_of(home, catalogue) as ground:
        return relaxations(ground, home)

"""rotation_move: one row a move of a rotation that is planned: so many people from one school to another.

Key: year, standard_id, county_code, stage, indicator_id, from_school_id, to_school_id.
"""

from __future__ import annotations

import polars as pl

from pipeline.advice.judge import Judge
from pipeline.advice.planning import planned_rotations
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The moves of every rotation that is planned."""
    with Judge(catalogue) as judge:
        rows = [
            planned.key
            | {"from_school_id": m.from_school_id, "to_school_id": m.to_school_id, "units": m.units, "within": m.level}
            for planned in planned_rotations(home, catalogue, judge)
            if planned.rotation
            for m in planned.rotation.moves
        ]
    return pl.DataFrame(rows, schema=polars_schema("rotation_move"))

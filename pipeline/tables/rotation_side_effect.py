"""rotation_side_effect: one row a rotation that is planned and further indicator that counts the same body of people.

Key: year, standard_id, county_code, stage, indicator_id, other_indicator_id.
"""

from __future__ import annotations

import dataclasses

import polars as pl

from pipeline.advice.judge import Judge
from pipeline.advice.planning import planned_rotations
from pipeline.advice.side_effects import side_effects
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """What every rotation that is planned does to the other counts of the same people."""
    rows = []
    with Judge(catalogue) as judge:
        for planned in planned_rotations(home, catalogue, judge):
            if planned.rotation is None or not planned.rotation.moves:
                continue
            for effect in side_effects(planned.case, planned.rotation, judge):
                told = dataclasses.asdict(effect) | {"is_turned": effect.is_turned(judge)}
                rows.append(planned.key | {"other_indicator_id": told.pop("indicator_id")} | told)
    return pl.DataFrame(rows, schema=polars_schema("rotation_side_effect"))

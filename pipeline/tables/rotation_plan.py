"""rotation_plan: one row a county of the latest year, standard, stage and indicator of people that is over its limit.

Key: year, standard_id, county_code, stage, indicator_id. ``method`` 9; the moves themselves stand in ``rotation_move``.
"""

from __future__ import annotations

import polars as pl

from pipeline.advice import words
from pipeline.advice.judge import Judge
from pipeline.advice.planning import Planned, planned_rotations
from pipeline.advice.rotation import PLANNED
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The rotation, or why there is none."""
    with Judge(catalogue) as judge:
        rows = [_row(planned) for planned in planned_rotations(home, catalogue, judge)]
    return pl.DataFrame(rows, schema=polars_schema("rotation_plan"))


def _row(planned: Planned) -> dict[str, object]:
    case, made = planned.case, planned.rotation
    assert made is not None
    told = words.rotation(case, made)
    row: dict[str, object] = planned.key | {
        "schools": len(case.schools), "schools_missing": case.schools_missing, "cv": case.cv, "cv_limit": case.limit,
        "cv_least": case.cv_least, "cv_reachable": made.cv_reachable, "state": made.state,
        "units": sum(s.units for s in case.schools) if not case.schools_missing else None,
        "moves": None, "moves_between_groups": None, "moves_between_districts": None, "between_gap": None,
        "schools_giving": None, "schools_receiving": None, "cv_after": planned.cv_after,
        "moves_without_limits": made.moves_without_limits, "reason_zh": told.zh, "reason_en": told.en,
    }  # fmt: skip
    if made.state == PLANNED:
        row |= {
            "moves": made.moved, "moves_between_groups": made.crossing("group"), "between_gap": made.gap,
            "moves_between_districts": made.crossing("district"),
            "schools_giving": len({m.from_school_id for m in made.moves}),
            "schools_receiving": len({m.to_school_id for m in made.moves}),
        }  # fmt: skip
    return row

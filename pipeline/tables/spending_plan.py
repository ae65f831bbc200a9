"""spending_plan: one row a county of the latest year, standard, stage and indicator over its limit that moves cannot mend.

Key: year, standard_id, county_code, stage, indicator_id. ``method`` 9; what each school is given stands in ``spending_school``.
"""

from __future__ import annotations

import polars as pl

from pipeline.advice import words
from pipeline.advice.judge import Judge
from pipeline.advice.planning import Planned, planned_spending
from pipeline.advice.rotation import PLANNED
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema

NUMBERS = ("units_to_standard", "units_least", "units", "units_school", "level")


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The least spending, or why none is planned."""
    with Judge(catalogue) as judge:
        rows = [_row(planned) for planned in planned_spending(home, catalogue, judge)]
    return pl.DataFrame(rows, schema=polars_schema("spending_plan"))


def _row(planned: Planned) -> dict[str, object]:
    case, made, price = planned.case, planned.spending, planned.yuan_per_unit
    assert made is not None
    is_planned, told = made.state == PLANNED, words.spending(case, made)
    return planned.key | {
        "schools": len(case.schools), "schools_missing": case.schools_missing, "cv": case.cv, "cv_limit": case.limit,
        "state": made.state, **{name: getattr(made, name) if is_planned else None for name in NUMBERS},
        "units_distance": made.distance if is_planned else None,
        "schools_given": sum(s.units_added > 0 for s in made.schools) if is_planned else None,
        "cv_after": planned.cv_after, "yuan_per_unit": price,
        "cost_yuan": made.cost * price if is_planned and price is not None else None,
        "cost_school_yuan": made.cost_school * price if is_planned and price is not None else None,
        "reason_zh": told.zh, "reason_en": told.en,
    }  # fmt: skip

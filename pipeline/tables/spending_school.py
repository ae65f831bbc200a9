"""spending_school: one row a school that a plan of least spending gives something.

Key: year, standard_id, county_code, stage, indicator_id, school_id.
"""

from __future__ import annotations

import dataclasses

import polars as pl

from pipeline.advice.judge import Judge
from pipeline.advice.planning import planned_spending
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """What every school is given."""
    with Judge(catalogue) as judge:
        rows = [
            planned.key | dataclasses.asdict(school)
            for planned in planned_spending(home, catalogue, judge)
            if planned.spending
            for school in planned.spending.schools
            if school.units_added > 0
        ]
    return pl.DataFrame(rows, schema=polars_schema("spending_school"))

"""Cells per pupil, and their median among the schools of the same county and file: what a slip of the unit is held against."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from pipeline.schema.entry import RecordType
from pipeline.schema.rule_columns import MEDIAN, OWN, PER_PUPIL
from pipeline.store.facts import Facts

LEAST_ROWS = 3
"""Fewer rows than this have no middle that one slip leaves where it is."""


def with_medians(frame: pl.DataFrame, record: RecordType, names: Iterable[str], facts: Facts) -> pl.DataFrame:
    """Rows of schools or stages with those of ``names`` that hold a cell per pupil: their own, and the median.

    Null where the cell is 0 or blank, where the pupils are, and where too few rows have a value.
    """
    cells = {_cell(name) for name in names if name.startswith((OWN, MEDIAN)) and name.endswith(PER_PUPIL)}
    cells = {cell for cell in cells if cell in frame.columns}
    if not cells or record not in ("school", "stage"):
        return frame
    key = [*facts.key, "stage"] if record == "stage" else list(facts.key)
    given = pl.col("pupils").sum()
    pupils = facts.stage.group_by(key).agg(__pupils=pl.when(pl.col("pupils").null_count() == 0).then(given))
    joined = frame.join(pupils, on=key, how="left", maintain_order="left")
    area = [*facts.key[:-1], "county_code", *(["stage"] if record == "stage" else [])]
    counted = (pl.col("__pupils") > 0).fill_null(False)
    own = joined.with_columns(
        pl.when(counted & (pl.col(cell) > 0)).then(pl.col(cell) / pl.col("__pupils")).alias(f"{OWN}{cell}{PER_PUPIL}")
        for cell in sorted(cells)
    )
    return own.with_columns(
        pl.when(pl.col(f"{OWN}{cell}{PER_PUPIL}").count().over(area) >= LEAST_ROWS)
        .then(pl.col(f"{OWN}{cell}{PER_PUPIL}").median().over(area))
        .alias(f"{MEDIAN}{cell}{PER_PUPIL}")
        for cell in sorted(cells)
    ).drop("__pupils")


def _cell(name: str) -> str:
    return name.removeprefix(OWN).removeprefix(MEDIAN).removesuffix(PER_PUPIL)

"""What a test comes to in every county: one frame of the same columns for every kind of test."""

from __future__ import annotations

import polars as pl

MET, UNMET, NOT_APPLICABLE, NO_DATA = "met", "unmet", "not_applicable", "no_data"
STATES = (MET, UNMET, NOT_APPLICABLE, NO_DATA)

NAMED = 3
"""Schools that a reason names; the others are counted."""

_SCHOOL = pl.Struct({"name": pl.String(), "value": pl.Float64(), "bound": pl.Float64()})

RESULT: dict[str, pl.DataType] = {
    "year": pl.Int64(), "county_code": pl.String(), "test_id": pl.String(), "stage": pl.String(),
    "state": pl.String(), "state_relaxed": pl.String(), "value": pl.Float64(), "bound": pl.Float64(),
    "numerator": pl.Float64(), "denominator": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
    "units": pl.Int64(), "unmet": pl.Int64(), "unknown": pl.Int64(), "missing": pl.Int64(),
    "failing": pl.List(_SCHOOL), "lacking": pl.List(pl.String()), "relaxed": pl.Int64(), "relaxed_by": pl.List(pl.String()),
    "why": pl.String(),
}  # fmt: skip
"""``stage``: '' for none. ``units``: schools asked, missing ones not among them; ``unmet``, ``unknown``, ``missing``: of them, how
many fail, lack the number, did not come. ``failing``: the first of them. ``lacking``: ids of cells that are blank. ``relaxed``:
schools that meet by a relaxation only. ``why``: a further cause, a word of ``words.yaml``."""


def shaped(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with every column of a result, null where they have none."""
    there = rows.columns
    return rows.select(pl.col(c).cast(t) if c in there else pl.lit(None, t).alias(c) for c, t in RESULT.items())


def combined(state: str) -> pl.Expr:
    """The state of several that must all hold (an aggregation): unmet before no data before met before not applicable."""
    column = pl.col(state)
    return (
        pl.when((column == UNMET).any()).then(pl.lit(UNMET))
        .when((column == NO_DATA).any()).then(pl.lit(NO_DATA))
        .when((column == MET).any()).then(pl.lit(MET))
        .otherwise(pl.lit(NOT_APPLICABLE))
    )  # fmt: skip

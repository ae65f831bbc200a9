"""What a test hands over: its counties with their counts, and the schools that stand behind them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.schema.suspicion_limits import Limits
from pipeline.suspicion.pooled import COUNTY, Prior, counted, with_dispersion, with_expected, with_tail

EVIDENCE = {
    "school_id": pl.String(), "other_school_id": pl.String(), "stage": pl.String(), "item": pl.String(),
    "value": pl.Float64(), "value_before": pl.Float64(), "threshold": pl.Float64(), "observed": pl.Int64(), "n": pl.Int64(),
    "expected": pl.Float64(), "p_value": pl.Float64(), "trace_id": pl.String(),
}  # fmt: skip
"""Columns of the evidence besides year, province and county; those that say nothing in a test are null."""
COUNTS = {"n": pl.Int64(), "observed": pl.Int64(), "expected": pl.Float64(), "p_value": pl.Float64()}


@dataclass(frozen=True)
class Tested:
    """``counties``: year, province_code, county_code, n, observed, expected, p_value (null where too few).
    ``evidence``: those and the columns of EVIDENCE, a row a school (and item) that hits."""

    counties: pl.DataFrame
    evidence: pl.DataFrame


def evidence_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with every column of the evidence, null where they have none."""
    there = rows.columns
    return rows.select(
        *COUNTY, *(pl.col(c).cast(t) if c in there else pl.lit(None, t).alias(c) for c, t in EVIDENCE.items())
    )


def pooled_test(trials: pl.DataFrame, prior: Prior, minimum: int, limits: Limits) -> Tested:
    """The test of a county's trials together: p is null where fewer than ``minimum`` hit."""
    units = counted(with_expected(trials, prior, limits), COUNTY)
    told = with_tail(with_dispersion(units, prior.dispersion))
    p = pl.when(pl.col("observed") >= minimum).then(pl.col("p_value")).alias("p_value")
    return Tested(told.select(*COUNTY, "n", "observed", "expected", p), evidence_of(trials.filter("hit")))

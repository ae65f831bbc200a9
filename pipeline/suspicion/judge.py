"""Which counties are worth a look: false discoveries bounded in every province, and a cut that clean returns pass."""

from __future__ import annotations

import polars as pl

from pipeline.schema.suspicion_limits import Limits

FAMILY = ["year", "province_code", "test_id"]
"""Rows that are judged together: one test of a province and year."""


def judged(rows: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Rows with ``q_value`` (Benjamini and Hochberg 1995, over the rows of the family that have a p) and ``is_flagged``."""
    tested = rows.filter(pl.col("p_value").is_not_null()).sort(*FAMILY, "p_value", "county_code")
    scaled = pl.col("p_value") * pl.len().over(FAMILY) / (pl.int_range(pl.len()).over(FAMILY) + 1)
    q = scaled.reverse().cum_min().reverse().over(FAMILY).clip(upper_bound=1.0)
    key = [*FAMILY, "county_code"]
    told = rows.join(tested.select(*key, q.alias("q_value")), on=key, how="left", nulls_equal=True)
    flagged = (pl.col("q_value") <= limits.false_discovery_pct / 100) & (pl.col("p_value") <= limits.cut)
    return told.with_columns(flagged.fill_null(False).alias("is_flagged"))

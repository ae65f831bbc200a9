"""Figures repeated from last year to the digit, beyond what the cells of the province do."""

from __future__ import annotations

import polars as pl

from pipeline.schema.suspicion_limits import Limits
from pipeline.suspicion.cells import Reported, with_year_before
from pipeline.suspicion.pooled import COUNTY, Prior, counted, with_dispersion, with_expected, with_tail
from pipeline.suspicion.tested import Tested, evidence_of

LEAST = 5
"""Smaller numbers stay the same by themselves."""


def as_last_year(reported: Reported, limits: Limits) -> Tested:
    """School by school: of its cells that change elsewhere, how many are last year's. A county's p is that of its most repeated
    school times the schools tested; schools below ``repeated_share`` count as 1.

    Cells that most of the province repeats (areas, books) say nothing and are left out; groups are cell, stage and size.
    """
    free = (pl.col("value") >= LEAST) | (pl.col("value") != pl.col("value").round())
    size = pl.sum_horizontal(*((pl.col("before") >= 10**d).cast(pl.Int64) for d in range(1, 5))).cast(pl.String)
    pairs = with_year_before(reported.cells, ["county_code", "school_id", "stage", "field"]).filter(free)
    trials = pairs.with_columns(hit=pl.col("value") == pl.col("before"), group_1="field", group_2="stage", group_3=size)
    prior = Prior(0.1, limits.least_dispersion_cells, limits.custom_share)
    schools = counted(with_expected(trials, prior, limits), [*COUNTY, "school_id"])
    schools = with_dispersion(schools.filter(pl.col("n") >= limits.least_cells), prior.dispersion)
    repeated = with_tail(schools.filter(pl.col("observed") >= pl.col("n") * limits.repeated_share))
    told = schools.join(repeated.select(*COUNTY, "school_id", "p_value"), on=[*COUNTY, "school_id"], how="left")
    return by_worst(told, evidence_of(repeated))


def by_worst(schools: pl.DataFrame, evidence: pl.DataFrame) -> Tested:
    """Counties by their least likely school: p times the schools tested; observed: schools of p × schools below 1 in 20."""
    count = pl.len().cast(pl.Int64)
    likely = (pl.col("p_value").fill_null(1.0) * pl.len()).clip(upper_bound=1.0)
    counties = schools.group_by(COUNTY).agg(
        count.alias("n"), (likely < 0.05).sum().cast(pl.Int64).alias("observed"), pl.lit(None, pl.Float64).alias("expected"),
        likely.min().alias("p_value"),
    )  # fmt: skip
    sizes = counties.select(*COUNTY, pl.col("n").alias("schools"))
    few = evidence.join(sizes, on=COUNTY).filter(pl.col("p_value") * pl.col("schools") < 0.05).drop("schools")
    return Tested(counties.sort(COUNTY), few)

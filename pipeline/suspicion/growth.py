"""Resources that grow while pupils vanish."""

from __future__ import annotations

import polars as pl

from pipeline.schema.suspicion_limits import Limits
from pipeline.suspicion.cells import Reported, with_year_before
from pipeline.suspicion.pooled import Prior
from pipeline.suspicion.tested import Tested, pooled_test

SCHOOL = ["county_code", "school_id"]


def growing(reported: Reported, limits: Limits) -> Tested:
    """In schools that lost more than ``fall_pct`` of their pupils since last year: shared things that grew by more than
    ``growth_pct``, against the province, by thing."""
    pupils = with_year_before(reported.pupils, SCHOOL, "pupils")
    shrunk = pupils.filter((pl.col("before") > 0) & (pl.col("pupils") < pl.col("before") * (1 - limits.fall_pct / 100)))
    shared = reported.cells.filter(pl.col("field").is_in(reported.resources))
    pairs = with_year_before(shared, [*SCHOOL, "field"]).filter((pl.col("before") > 0) & (pl.col("value") > 0))
    trials = pairs.join(shrunk.select("year", *SCHOOL), on=["year", *SCHOOL], how="semi").with_columns(
        hit=pl.col("value") > pl.col("before") * (1 + limits.growth_pct / 100),
        group_1="field", group_2=pl.lit(""), group_3=pl.lit(""), item="field", value_before="before",
    )  # fmt: skip
    return pooled_test(
        trials, Prior(0.1, limits.least_dispersion_cells, limits.custom_share), limits.minimum_changed, limits
    )

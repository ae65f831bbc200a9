"""Round figures: of the numbers whose last digit is free, how many end in 0."""

from __future__ import annotations

import polars as pl

from pipeline.schema.suspicion_limits import Limits
from pipeline.suspicion.cells import Reported
from pipeline.suspicion.pooled import Prior
from pipeline.suspicion.tested import Tested, pooled_test

LEAST = 100
"""Numbers below have too few digits for the last to be free."""


def round_figures(reported: Reported, limits: Limits) -> Tested:
    """Groups are cell and number of digits; where the province itself is round (money in thousands), they are left out."""
    free = reported.cells.filter(pl.col("value") >= LEAST)
    digits = pl.sum_horizontal(*((pl.col("value") >= 10**d).cast(pl.Int64) for d in range(3, 9))).cast(pl.String)
    trials = free.with_columns(
        hit=pl.col("value") % 10 == 0, group_1="field", group_2=digits, group_3="stage", item="field"
    )
    return pooled_test(trials, Prior(0.1, limits.least_dispersion, limits.custom_share), limits.minimum, limits)

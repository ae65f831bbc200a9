"""What a gap comes to, recomputed: cv, its bounds under missing values, its state, and whether the limit is kept (method 6).

Here: the judgement of gap rows. Not here: how means and deviations are made (``gaps``), how bounds are searched (``bounds``).
"""

from __future__ import annotations

import polars as pl

from pipeline.audit.bounds import bounds
from pipeline.audit.formulas import half_up
from pipeline.schema.model import Catalogue, Standard


def judged(frame: pl.DataFrame, standard: Standard, catalogue: Catalogue) -> pl.DataFrame:
    """Adds cv, cv_low, cv_high, cv_limit, state and is_met, the last three-valued and at county level only.

    ``frame``: gap rows of one standard with counts, mean, sd, ``__high`` (largest value) and ``__absent_unknown``.
    """
    assert standard.gap is not None
    limit = pl.col("stage").replace_strict(standard.gap.limits, default=None, return_dtype=pl.Float64)
    county = pl.col("area_level") == "county"
    unknown = pl.col("__absent_unknown").fill_null(False)
    frame = frame.with_columns(
        pl.when(pl.col("mean") != 0).then(pl.col("sd") / pl.col("mean")).alias("cv"),
        pl.when(county).then(limit).alias("cv_limit"),
        _state(catalogue).alias("state"),
        (county & (pl.col("mean") > 0) & ~unknown).fill_null(False).alias("__can_bound"),
    )
    frame = frame.hstack(bounds(frame))
    tolerance = float(catalogue.setting("comparison_tolerance"))

    def within(name: str) -> pl.Expr:
        return half_up(pl.col(name), catalogue.setting("decimals_cv")) <= pl.col("cv_limit") * (1 + tolerance)

    several = county & ~unknown & (pl.col("schools") + pl.col("schools_missing") > 1)
    nothing = (pl.col("state") == "zero_mean") & _asks_a_level(standard)
    is_met = (
        pl.when(~several | pl.col("cv_limit").is_null()).then(None)
        .when(nothing).then(False)
        .when(within("cv_high")).then(True)
        .when(~within("cv_low")).then(False)
    )  # fmt: skip
    return frame.with_columns(is_met.alias("is_met"))


def _asks_a_level(standard: Standard) -> pl.Expr:
    """Whether the standard asks a level above 0 of the row's indicator in the row's stage."""
    asked = pl.lit(False)
    for item in standard.items:
        stages = {t.stage for t in item.thresholds if t.value > 0}
        here = pl.lit(True) if "*" in stages else pl.col("stage").is_in(sorted(stages))
        asked = asked | ((pl.col("indicator_id") == item.indicator) & here if stages else pl.lit(False))
    return asked


def _state(catalogue: Catalogue) -> pl.Expr:
    """The first that applies. An area of which nothing came is no data, not an area without schools (method 6)."""
    schools, missing = pl.col("schools"), pl.col("schools_missing")
    owed = pl.col("pupils") + pl.col("pupils_missing")
    too_few = pl.col("pupils_missing") * 100 > owed * catalogue.setting("missing_pupils_limit_pct")
    # Pupils that nobody can count might be more than the tolerated share of a county.
    too_few = too_few | (pl.col("__absent_unknown").fill_null(False) & (pl.col("area_level") == "county"))
    expected = pl.col("counties_expected") * catalogue.setting("expected_counties_limit_pct")
    none_came = (pl.col("counties_came") == 0) & (pl.col("counties_expected") > 0)
    return (
        pl.when(none_came | (pl.col("counties_came") * 100 < expected)).then(pl.lit("incomplete"))
        .when(schools + missing == 0).then(pl.lit("no_schools"))
        .when(too_few | (schools == 0)).then(pl.lit("incomplete"))
        .when(schools == 1).then(pl.lit("single_school"))
        .when(pl.col("mean") == 0).then(pl.lit("zero_mean"))
        .otherwise(pl.lit("ok"))
    )  # fmt: skip

"""What a change of a gap is made of, exactly: other schools, moving pupils, other resources.

Let f be the coefficient of some schools, as a function of their pupils (weights and denominators) and resources (numerators). With the
schools measured in both years (c) f(P, N) has four corners: both as then, both as now, and two mixed. The change is

    f(now) − f(then) = [f(now) − f_c(P1, N1)] − [f(then) − f_c(P0, N0)]     other schools
                     + ½ [f_c(P1,N1) − f_c(P0,N1) + f_c(P1,N0) − f_c(P0,N0)]  moving pupils
                     + ½ [f_c(P1,N1) − f_c(P1,N0) + f_c(P0,N1) − f_c(P0,N0)]  other resources

The last two are the Shapley values of two factors, the only division that adds up and does not depend on which is changed first
(Shorrocks 2013, J. Econ. Inequality 11). A mean of coefficients or the largest of them has corners of its own, taken alike.
"""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import gap_indicator
from pipeline.years.boundaries import Boundaries, in_todays_boundaries

PLACE = ["year", "standard_id", "stage", "county_code"]
CORNERS = ("now", "then", "p1n1", "p0n0", "p0n1", "p1n0")
"""All schools of each year, then the schools of both years with pupils (p) and resources (n) of now (1) or then (0)."""
EFFECTS = ("change_roster", "change_pupils", "change_resources")


def corners(home: Home, catalogue: Catalogue, made: Boundaries) -> pl.DataFrame:
    """A row a year, standard, stage, county and indicator with a gap: the coefficient at every corner; null where there is no school, or
    the mean is 0."""
    now = _schools(home, catalogue)
    return corners_of(now, in_todays_boundaries(now, made))


def corners_of(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """The corners of places that have schools in both years, by place and indicator. ``now``, ``then``: a row a school with a known value:
    PLACE, indicator_id, school_id, pupils, numerator, denominator; both with the year and county of today."""
    key = [*PLACE, "indicator_id", "school_id"]
    now, then = now.sort(key), then.sort(key)
    both = now.join(then, on=key, suffix="_then").sort(key)
    group = [*PLACE, "indicator_id"]
    found = _gap(now, group, "now", "pupils", pl.col("numerator") / pl.col("denominator"))
    found = found.join(_gap(then, group, "then", "pupils", pl.col("numerator") / pl.col("denominator")), on=group)
    for pupils in ("", "_then"):
        for resources in ("", "_then"):
            name = f"p{int(not pupils)}n{int(not resources)}"
            value = pl.col("numerator" + resources) / pl.col("denominator" + pupils)
            found = found.join(_gap(both, group, name, "pupils" + pupils, value), on=group, how="left")
    return found.sort(group)


def _schools(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """A row a year, standard, stage, school and indicator whose gap is measured: pupils, numerator and denominator of known values."""
    asked = gap_indicator(catalogue).select("standard_id", "stage", "indicator_id")
    scope = pl.scan_parquet(home.table("school_scope")).filter("is_counted")
    values = pl.scan_parquet(home.table("indicator_value")).filter(
        (pl.col("state") == "ok") & (pl.col("pupils") > 0) & pl.col("indicator_id").is_in(asked["indicator_id"].unique().to_list())
    )  # fmt: skip
    rows = values.join(asked.lazy(), on=["stage", "indicator_id"]).join(
        scope.select("year", "standard_id", "school_id", "stage"), on=["year", "standard_id", "school_id", "stage"]
    )
    columns = [*PLACE, "indicator_id", "school_id", "pupils", "numerator", "denominator"]
    return rows.select(columns).collect().sort(*PLACE, "indicator_id", "school_id")


def _gap(rows: pl.DataFrame, group: list[str], name: str, pupils: str, value: pl.Expr) -> pl.DataFrame:
    """The coefficient of every group, as the official formula has it; equal values have none."""
    p, x = pl.col("__p"), pl.col("__x")
    mean = (p * x).sum() / p.sum()
    cv = ((p * (x - mean) ** 2).sum() / p.sum()).sqrt() / mean
    told = pl.when(mean == 0).then(None).when(x.min() == x.max()).then(0.0).otherwise(cv)
    wide = rows.with_columns(pl.col(pupils).alias("__p"), value.alias("__x"))
    return wide.group_by(group, maintain_order=True).agg(told.alias(name))


def measure_corners(gaps: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """The corners of the measures that are made of coefficients: mean_cv and worst_ratio by stage, and worst_ratio of all stages
    (``both``, the larger). A corner is null where one of its coefficients is."""
    limits = gap_indicator(catalogue)
    told = limits.join(gaps, on=["standard_id", "stage", "indicator_id"]).sort(*PLACE, "position")
    of = limits.group_by("standard_id", "stage").agg(pl.len().alias("of"))
    whole = {c: pl.col(c).is_not_null().all() & (pl.len() == pl.col("of").first()) for c in CORNERS}
    grouped = told.join(of, on=["standard_id", "stage"]).sort(*PLACE, "position").group_by(PLACE, maintain_order=True)
    mean = grouped.agg(pl.when(whole[c]).then(pl.col(c).sum() / pl.len()).alias(c) for c in CORNERS)
    worst = grouped.agg(
        pl.when(whole[c]).then(
            pl.when(pl.col("composite_limit").first().is_not_null()).then(pl.col(c).sum() / pl.len() / pl.col("composite_limit").first())
            .otherwise((pl.col(c) / pl.col("cv_limit")).max())
        ).alias(c)
        for c in CORNERS
    )  # fmt: skip
    stages = len(catalogue.judged_stages)
    county = [c for c in PLACE if c != "stage"]
    every = worst.group_by(county, maintain_order=True).agg(
        pl.when(pl.col(c).is_not_null().all() & (pl.len() == stages)).then(pl.col(c).max()).alias(c) for c in CORNERS
    )
    columns = [*PLACE, "measure", *CORNERS]
    parts = (
        mean.with_columns(measure=pl.lit("mean_cv")), worst.with_columns(measure=pl.lit("worst_ratio")),
        every.with_columns(measure=pl.lit("worst_ratio"), stage=pl.lit("both")),
    )  # fmt: skip
    return pl.concat([part.select(columns) for part in parts])


def with_effects(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of corners with the three parts of the change; all null where one corner is."""
    half = {
        "change_pupils": (pl.col("p1n1") - pl.col("p0n1")) + (pl.col("p1n0") - pl.col("p0n0")),
        "change_resources": (pl.col("p1n1") - pl.col("p1n0")) + (pl.col("p0n1") - pl.col("p0n0")),
    }
    told = pl.all_horizontal(pl.col(c).is_not_null() for c in CORNERS)
    roster = (pl.col("now") - pl.col("p1n1")) - (pl.col("then") - pl.col("p0n0"))
    return rows.with_columns(
        pl.when(told).then(roster).alias("change_roster"),
        *(pl.when(told).then(0.5 * both).alias(name) for name, both in half.items()),
    )


def level_effects(home: Home, made: Boundaries) -> pl.DataFrame:
    """For mean_score and share_meeting: the change in schools that were there in both years, ``change_stayed``, by place and measure."""
    key = [*PLACE, "school_id"]
    now = pl.read_parquet(home.table("school_score"), columns=[*key, "score", "meets_standard"]).sort(key)
    both = now.join(in_todays_boundaries(now, made), on=key, suffix="_then").sort(key)
    meets = both.with_columns(
        pl.col(c).fill_null(False).cast(pl.Float64) for c in ("meets_standard", "meets_standard_then")
    )
    known = both.filter(pl.col("score").is_not_null() & pl.col("score_then").is_not_null())
    parts = (("mean_score", known, "score"), ("share_meeting", meets, "meets_standard"))
    return pl.concat(
        rows.group_by(PLACE, maintain_order=True).agg(
            (pl.col(column).mean() - pl.col(f"{column}_then").mean()).alias("change_stayed")
        ).with_columns(pl.lit(measure).alias("measure"))
        for measure, rows, column in parts
    )  # fmt: skip


def rosters(home: Home, made: Boundaries) -> pl.DataFrame:
    """By place: schools that the standard counts in both years, only now, only then; share of pupils (the lesser of the two years') in
    schools of both years, null where a year has no school."""
    key = ["year", "standard_id", "school_id", "stage"]
    scope = pl.scan_parquet(home.table("school_scope")).filter("is_counted").select(key)
    stages = pl.scan_parquet(home.table("school_stage")).select("year", "school_id", "stage", "county_code", "pupils")
    now = scope.join(stages, on=["year", "school_id", "stage"]).collect().sort(key)
    then = in_todays_boundaries(now, made).rename({"pupils": "pupils_then"}).with_columns(there=pl.lit(True))
    every = now.with_columns(here=pl.lit(True)).join(then, on=[*PLACE, "school_id"], how="full", coalesce=True)
    every = every.with_columns(pl.col("here", "there").fill_null(False)).sort(*PLACE, "school_id")
    here, there = pl.col("here"), pl.col("there")
    share = [pl.col(c).filter(here & there).sum() / pl.col(c).sum() for c in ("pupils", "pupils_then")]
    return every.group_by(PLACE, maintain_order=True).agg(
        (here & there).sum().cast(pl.Int64).alias("schools_stayed"), (here & ~there).sum().cast(pl.Int64).alias("schools_joined"),
        (there & ~here).sum().cast(pl.Int64).alias("schools_left"),
        pl.when(here.any() & there.any()).then(100 * pl.min_horizontal(*share)).fill_nan(None).alias("pupils_stayed_pct"),
    )  # fmt: skip

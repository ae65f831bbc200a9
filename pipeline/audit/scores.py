"""Levels and scores recomputed: what each school attains of each item, and whether it is up to a standard (method 3–5).

Here: indicator_attainment and school_score. Not here: values, rankings.
"""

from __future__ import annotations

import polars as pl

from pipeline.audit.formulas import half_up
from pipeline.audit.schools import Schools
from pipeline.schema.model import Catalogue, Item, SchoolRule, Standard, Threshold

ATTAINMENT_KEY = ["year", "school_id", "stage", "standard_id", "indicator_id"]
SCORE_KEY = ["year", "standard_id", "school_id", "stage"]
LOST = ("missing", "not_collected")


def build_attainment(
    schools: Schools, scope: pl.DataFrame, values: dict[str, pl.DataFrame], catalogue: Catalogue
) -> pl.DataFrame:
    """indicator_attainment, sorted by key; with ``county_code``, ``weight`` and ``is_veto`` of the row."""
    kind = pl.col("school_type") if "school_type" in schools.stage.columns else pl.lit(None, pl.String)
    rows = schools.stage.select("year", "school_id", "stage", "county_code", "pupils", kind.alias("school_type"))
    frames = []
    for standard in catalogue.standards.values():
        counted = scope.filter((pl.col("standard_id") == standard.id) & pl.col("is_counted"))
        here = rows.with_row_index("__row").join(counted, on=["year", "school_id", "stage"], how="semi")
        for item in standard.items:
            if item.thresholds:
                made = here.hstack(values[item.indicator].select("value", "state")[here["__row"]])
                frames.append(_attained(made, standard, item, catalogue))
    return pl.concat(frames).sort(ATTAINMENT_KEY) if frames else _none(ATTAINMENT_KEY)


def _none(key: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema={name: pl.Int64() if name == "year" else pl.String() for name in key})


def _attained(rows: pl.DataFrame, standard: Standard, item: Item, catalogue: Catalogue) -> pl.DataFrame:
    """The rows of one item for which it has a level."""
    kinds = rows.select("year", "stage", "school_type").unique().sort("year", "stage", "school_type")
    levels = [_level(item, *kind) for kind in kinds.iter_rows()]
    asked = kinds.with_columns(
        pl.Series("threshold", [t.value if t else None for t in levels], pl.Float64),
        pl.Series("floor", [t.floor if t else None for t in levels], pl.Float64),
    )
    held = rows.join(asked, on=["year", "stage", "school_type"], nulls_equal=True).filter(
        pl.col("threshold").is_not_null()
    )
    higher = catalogue.indicators[item.indicator].direction == ">="
    seen = half_up(pl.col("value"), catalogue.setting("decimals_value"))
    tolerance = catalogue.setting("comparison_tolerance")
    known = pl.col("state") == "ok"

    def reaches(level: str) -> pl.Expr:
        slack = pl.col(level).abs() * tolerance
        return seen >= pl.col(level) - slack if higher else seen <= pl.col(level) + slack

    held = held.with_columns(
        pl.when(known).then(reaches("threshold")).alias("is_met"),
        pl.when(known & pl.col("floor").is_not_null()).then(reaches("floor")).alias("is_above_floor"),
    )
    share = pl.col("value") / pl.col("threshold") if higher else pl.col("threshold") / pl.col("value")
    part = pl.when(pl.col("is_met")).then(1.0).when(known).then(share.fill_nan(0.0))
    return held.select(
        "year", "school_id", "stage", pl.lit(standard.id).alias("standard_id"),
        pl.lit(item.indicator).alias("indicator_id"), "county_code", pl.lit(item.item_no).alias("item_no"), "pupils",
        "value", "threshold", "floor", pl.lit(item.weight, pl.Float64).alias("weight"), part.alias("attainment"), "is_met",
        "is_above_floor", pl.lit(item.is_veto).alias("is_veto"), "state",
    )  # fmt: skip


def _level(item: Item, year: int, stage: str, school_type: str | None) -> Threshold | None:
    """The level that applies: the exact stage before any, then the exact type before any, then the latest year."""
    fitting = [
        t
        for t in item.thresholds
        if t.stage in ("*", stage) and t.school_type in ("*", school_type) and t.year_from <= year
    ]
    return max(fitting, key=lambda t: (t.stage != "*", t.school_type != "*", t.year_from), default=None)


def build_scores(attainment: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """school_score, sorted by key."""
    if "weight" not in attainment.columns:
        return _none(SCORE_KEY)
    lost, applies = pl.col("state").is_in(LOST), pl.col("state") != "not_applicable"
    weight, gained = pl.col("weight"), pl.col("weight") * pl.col("attainment").fill_null(0.0)
    tallied = attainment.group_by(*SCORE_KEY, "county_code", "pupils").agg(
        applies.sum().cast(pl.Int64).alias("indicators_applicable"),
        pl.col("is_met").sum().cast(pl.Int64).alias("indicators_met"),
        (~pl.col("is_met")).sum().cast(pl.Int64).alias("__unmet"),
        (~pl.col("is_above_floor")).sum().cast(pl.Int64).alias("indicators_below_floor"),
        lost.sum().cast(pl.Int64).alias("indicators_missing"),
        (pl.col("is_veto") & ~pl.col("is_met").fill_null(True)).any().alias("__vetoed"),
        (pl.col("is_veto") & lost).any().alias("__veto_lost"),
        gained.sum().alias("__gained"),
        weight.filter(lost).sum().alias("__lost"),
        weight.filter(applies).sum().alias("__all"),
    )
    some = pl.col("__all") > 0
    least = pl.when(some).then(100 * pl.col("__gained") / pl.col("__all"))
    most = pl.when(some).then(100 * (pl.col("__gained") + pl.col("__lost")) / pl.col("__all"))
    scored = tallied.with_columns(
        pl.when(pl.col("indicators_missing") == 0).then(least).alias("score"), least.alias("score_min"),
        most.alias("score_max"),
        pl.when(pl.col("__vetoed")).then(True).when(~pl.col("__veto_lost")).then(False).alias("has_veto"),
        _meets(catalogue).alias("meets_standard"),
    )  # fmt: skip
    return scored.select(pl.exclude("^__.*$")).sort(SCORE_KEY)


def _meets(catalogue: Catalogue) -> pl.Expr:
    """Three-valued: what known items decide is false; true only when no item is missing."""
    verdict = pl.lit(None, pl.Boolean)
    for standard in catalogue.standards.values():
        if standard.school_rule is not None:
            here = pl.col("standard_id") == standard.id
            fails = _fails(standard.school_rule)
            known = pl.when(fails).then(False).when(pl.col("indicators_missing") == 0).then(True)
            verdict = pl.when(here).then(known).otherwise(verdict)
    return verdict


def _fails(rule: SchoolRule) -> pl.Expr:
    fails = pl.col("indicators_applicable") < rule.min_applicable
    if rule.veto:
        fails = fails | pl.col("__vetoed")
    if rule.rest_above_floor:
        fails = fails | (pl.col("indicators_below_floor") > 0)
    if rule.max_unmet is not None:
        fails = fails | (pl.col("__unmet") > rule.max_unmet)
    return fails

"""One row a year, standard, school and item, as the ledger counts them: met, open with what is lacking, missing, not applicable.

What belongs to a stage (teachers) has a row a stage; what the stages share or the whole school has stands once, stage ``all``,
with the stage that binds. Not here: the year before (``fate``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.schema.comparison import Array, Comparison
from pipeline.schema.model import Catalogue, Indicator
from pipeline.schema.shortfall import Effect, effect_of
from pipeline.shortfalls.campuses import least_in_all, least_whole_in_all, undominated
from pipeline.shortfalls.need import Rule, Values, least
from pipeline.store.home import Home

ALL = "all"
KEY = ("year", "standard_id", "school_id", "stage", "indicator_id")
OPEN, MET, NOT_APPLICABLE, MISSING = "open", "met", "not_applicable", "missing"
AMOUNTS = {"shortfall": "threshold", "shortfall_floor": "floor"}
"""Amount → the level to which it brings."""
SCHOOL = ["year", "standard_id", "school_id"]


@dataclass(frozen=True)
class Campuses:
    """Shares of shared things. ``best``: a row a school's stage with the largest share that a campus gives it;
    ``several``: (year, school) → stage → shares by campus, where no campus serves every stage best."""

    best: pl.DataFrame
    several: dict[tuple[int, str], dict[str, Array]]


def held(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Rows of ``KEY`` with county_code, item_no, situation, binding_stage, value, threshold, floor, the amounts and trace_id."""
    rows = _judged(home, catalogue)
    campuses = _campuses(home, catalogue)
    parts = [
        _of_indicator(found, catalogue.indicators[str(name)], catalogue, campuses)
        for (name,), found in rows.partition_by("indicator_id", as_dict=True, maintain_order=True).items()
    ]
    return pl.concat(parts) if parts else _of_none(rows)


def _judged(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Attainment rows with numerator, denominator and the place of their stage, in order of key."""
    order = {stage: n for n, stage in enumerate(catalogue.stages)}
    parts = pl.read_parquet(home.table("indicator_value")).select(
        "year", "school_id", "stage", "indicator_id", "numerator", "denominator"
    )
    return (
        pl.read_parquet(home.table("indicator_attainment"))
        .join(parts, on=["year", "school_id", "stage", "indicator_id"], how="left")
        .with_columns(pl.col("stage").replace_strict(order, return_dtype=pl.Int64).alias("position"))
        .sort("year", "standard_id", "indicator_id", "school_id", "position")
    )


def _campuses(home: Home, catalogue: Catalogue) -> Campuses:
    judged = [stage.id for stage in catalogue.judged_stages]
    shares = (
        pl.read_parquet(home.table("unit_share"))
        .filter(pl.col("stage").is_in(judged) & pl.col("stage_share").is_not_null())
        .select(
            "year", pl.col("merged_into").alias("school_id"), pl.col("school_id").alias("unit"), "stage", "stage_share"
        )
    )
    best = shares.group_by("year", "school_id", "stage").agg(pl.col("stage_share").max().alias("share"))
    counts = shares.group_by("year", "school_id").agg(pl.col("stage", "unit").n_unique())
    combined = counts.filter(pl.col("stage") > 1, pl.col("unit") > 1)
    several: dict[tuple[int, str], dict[str, Array]] = {}
    of_schools = shares.join(combined, on=["year", "school_id"], how="semi").sort("year", "school_id", "unit")
    for (year, school), found in of_schools.partition_by("year", "school_id", as_dict=True).items():
        wide = found.pivot("stage", index="unit", values="stage_share").fill_null(0.0)
        names = [name for name in judged if name in wide.columns]
        kept = undominated(wide.select(names).to_numpy())
        if len(kept) > 1:
            several[(int(str(year)), str(school))] = {name: kept[:, n] for n, name in enumerate(names)}
    return Campuses(best, several)


def is_by_stage(indicator: Indicator, effect: Effect | None) -> bool:
    """Whether the ledger tells an indicator stage by stage: what it counts belongs to a stage."""
    return indicator.scope == "stage" and (effect is None or effect.field.scope == "stage")


def _of_indicator(rows: pl.DataFrame, indicator: Indicator, catalogue: Catalogue, campuses: Campuses) -> pl.DataFrame:
    effect = effect_of(indicator, catalogue)
    told = pl.col("stage") if is_by_stage(indicator, effect) else pl.lit(ALL)
    shared = effect is not None and indicator.scope == "stage" and effect.field.scope == "split"
    if shared:
        rows = rows.join(campuses.best, on=["year", "school_id", "stage"], how="left", maintain_order="left")
    else:
        rows = rows.with_columns(pl.lit(1.0).alias("share"))
    rows = rows.with_columns(told.alias("told_stage"))
    rule = Rule(indicator.direction, effect, Comparison.of(catalogue)) if effect else None
    for amount, level in AMOUNTS.items():
        need = least(rule, _values(rows, level)) if rule else np.full(rows.height, np.nan)
        rows = rows.with_columns(pl.Series(amount, need, pl.Float64, nan_to_null=True))
    found = _by_school(rows)
    return _over_campuses(found, rows, rule, campuses) if rule and shared and campuses.several else found


def _values(rows: pl.DataFrame, level: str) -> Values:
    """Rows as arrays; NaN where there is no value."""
    known = rows.select(
        pl.when(pl.col("state") == "ok").then(name).cast(pl.Float64).alias(f"part_{n}")
        for n, name in enumerate(("numerator", "denominator", level, "share"))
    )
    return Values(*(column.to_numpy() for column in known.iter_columns()))


def _by_school(rows: pl.DataFrame) -> pl.DataFrame:
    """Stage rows as the ledger tells them; the stage that lacks most binds, the first of equals."""
    unmet = pl.col("is_met").not_().fill_null(False)
    missing = pl.col("state").is_in(["missing", "not_collected"])
    ordered = rows.with_columns(unmet.alias("unmet"), missing.alias("missing")).sort(
        *SCHOOL, "told_stage", pl.col("unmet"), pl.col("shortfall"), "position",
        descending=[False, False, False, False, True, True, False], nulls_last=True,
    )  # fmt: skip
    lacks, single = pl.col("missing").any(), pl.len() == 1
    found = ordered.group_by(*SCHOOL, "indicator_id", "told_stage", maintain_order=True).agg(
        pl.col("county_code", "item_no").first(),
        # What is missing is traced to the first stage that lacks it, not to one that has it.
        pl.coalesce(
            pl.col("trace_id").sort_by("position").filter(pl.col("missing").sort_by("position")).first(), pl.col("trace_id").first()
        ),
        pl.when(lacks).then(pl.lit(MISSING)).when(pl.col("unmet").any()).then(pl.lit(OPEN))
        .when((pl.col("state") == "ok").any()).then(pl.lit(MET)).otherwise(pl.lit(NOT_APPLICABLE)).first().alias("situation"),
        pl.when(~lacks | single).then(pl.col("stage").first()).first().alias("binding_stage"),
        pl.when(~lacks).then(pl.col("value").first()).first().alias("value"),
        *(pl.when(~lacks | single).then(pl.col(name).first()).first().alias(name) for name in ("threshold", "floor")),
        *(pl.when(~lacks).then(pl.col(name).max()).first().alias(name) for name in AMOUNTS),
    )  # fmt: skip
    return found.rename({"told_stage": "stage"})


def _over_campuses(found: pl.DataFrame, rows: pl.DataFrame, rule: Rule, campuses: Campuses) -> pl.DataFrame:
    """Amounts of schools whose campuses serve different stages best, where more than one stage lacks."""
    for amount, level in AMOUNTS.items():
        lacking = rows.filter(pl.col(amount) > 0).with_columns(pl.len().over(SCHOOL).alias("stages"))
        mended = []
        for (year, standard, school), own in (
            lacking.filter(pl.col("stages") > 1).partition_by(SCHOOL, as_dict=True).items()
        ):
            shares = campuses.several.get((int(str(year)), str(school)))
            if shares is not None:
                mended.append((year, standard, school, _placed(own, level, rule, shares)))
        if mended:
            schema = {"year": pl.Int64, "standard_id": pl.String, "school_id": pl.String, "placed": pl.Float64}
            placed = pl.DataFrame(mended, schema=schema, orient="row")
            found = found.join(placed, on=SCHOOL, how="left", maintain_order="left")
            kept = pl.when(pl.col(amount).is_not_null()).then(pl.coalesce("placed", amount))
            found = found.with_columns(kept.alias(amount)).drop("placed")
    return found


def _placed(rows: pl.DataFrame, level: str, rule: Rule, shares: dict[str, Array]) -> float:
    """What a school lacks in all, of rows that all lack; what other stages get besides does them no harm."""
    by_campus = np.column_stack([shares[stage] for stage in rows["stage"]])
    found = _values(rows.with_columns(pl.lit(1.0).alias("share")), level)
    if not rule.effect.is_counted:
        return least_in_all(by_campus, rule.units(found, found.level))
    needs = rule.units(found, rule.reached_level(found.level))
    return least_whole_in_all(by_campus, needs, lambda given: bool(rule.is_met(found, given).all()))


def _of_none(rows: pl.DataFrame) -> pl.DataFrame:
    """No rows at all, with the columns that there would be."""
    none = rows.with_columns(
        pl.lit(ALL).alias("told_stage"), *(pl.lit(None, pl.Float64).alias(name) for name in AMOUNTS)
    )
    return _by_school(none)

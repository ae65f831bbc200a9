"""Who is compared and what each indicator comes to, recomputed (method 1.2, 2, 5).

Here: scope rules, numerators over denominators, states. Not here: how schools are made, gaps.
"""

from __future__ import annotations

import polars as pl

from pipeline.audit.formulas import holds, with_formulas
from pipeline.audit.schools import UNIT, Schools
from pipeline.schema.model import Catalogue, Indicator, Standard

SCOPE_KEY = ["year", "standard_id", "school_id", "stage"]
VALUE_KEY = ["year", "school_id", "stage", "indicator_id"]

VALUE_COLUMNS = {"numerator": pl.Float64(), "denominator": pl.Float64(), "value": pl.Float64(), "state": pl.String()}

COLLECTED_BY = ["year", "county_code"]
"""Where nobody gives a value of an item, it is not collected there. Method 5: "nobody in the county", whatever the stage."""


def left_out_by(frame: pl.DataFrame, standard: Standard) -> pl.Series:
    """The first rule of a standard's scope that holds, by id, for each row of school_stage's columns; null: it counts."""
    found = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    for rule in standard.scope:
        found = found.set(found.is_null() & holds(frame, rule.when), rule.id)
    return found.alias("rule_id")


def build_scope(stage: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """school_scope: a row a standard and row of school_stage, with is_counted and rule_id, sorted by key."""
    frames = []
    for name in sorted(catalogue.standards):
        rule = left_out_by(stage, catalogue.standards[name])
        keyed = stage.select("year", pl.lit(name).alias("standard_id"), "school_id", "stage")
        frames.append(keyed.with_columns(rule, is_counted=rule.is_null()))
    if not frames:
        return stage.select(
            "year", "school_id", "stage", standard_id=pl.lit(""), is_counted=False, rule_id=pl.lit("")
        ).clear()
    joined = pl.concat(frames)
    return joined if joined["year"].n_unique() < 2 else joined.sort(SCOPE_KEY)


def build_values(schools: Schools, catalogue: Catalogue) -> dict[str, pl.DataFrame]:
    """By indicator: numerator, denominator, value, state, a row a row of school_stage, in its order."""
    keyed = schools.total.select(UNIT).with_row_index("__school")
    school_of_row = schools.stage.select(UNIT).join(keyed, on=UNIT, how="left", maintain_order="left")["__school"]
    counties = schools.stage.select(COLLECTED_BY)
    result = {}
    for indicator in catalogue.indicators.values():
        if indicator.scope == "stage":
            measured = _measured(schools.stage, indicator)
        else:
            measured = _measured(schools.total, indicator)[school_of_row]
        result[indicator.id] = _with_state(measured, counties)
    return result


def _measured(frame: pl.DataFrame, indicator: Indicator) -> pl.DataFrame:
    """applies, numerator, denominator, value of every row; the last three null where the indicator does not apply."""
    parts = {"numerator": indicator.numerator, "denominator": indicator.denominator}
    # Under names of their own: an expression may read a field of the same name.
    made = with_formulas(frame, {f"__{name}": text for name, text in parts.items()}, pl.Float64())
    made = made.select(pl.col("__numerator").alias("numerator"), pl.col("__denominator").alias("denominator"))
    if indicator.missing == "zero":
        made = made.with_columns(pl.col("numerator").fill_null(0.0))
    applies = pl.repeat(True, frame.height, eager=True)
    if indicator.applies_when:
        applies = with_formulas(frame, {"__applies": indicator.applies_when}, pl.Boolean())["__applies"].fill_null(True)
    made = made.with_columns(pl.when(applies).then(pl.col(name)).alias(name) for name in parts)
    value = pl.when(pl.col("denominator") != 0).then(pl.col("numerator") / pl.col("denominator"))
    return made.with_columns(value.alias("value"), applies.alias("applies"))


def _with_state(measured: pl.DataFrame, counties: pl.DataFrame) -> pl.DataFrame:
    """numerator, denominator, value and the state: not applicable, ok, not collected, missing."""
    given = measured.select("value").hstack(counties).select(pl.col("value").count().over(COLLECTED_BY))["value"]
    state = (
        pl.when(~pl.col("applies") | (pl.col("denominator") == 0).fill_null(False)).then(pl.lit("not_applicable"))
        .when(pl.col("value").is_not_null()).then(pl.lit("ok"))
        .when(given == 0).then(pl.lit("not_collected"))
        .otherwise(pl.lit("missing"))
    )  # fmt: skip
    return measured.select("numerator", "denominator", "value", state.alias("state"))

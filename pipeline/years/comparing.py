"""Whether a county's year and the year before compare, and in which words: what measures and single gaps have in common."""

from __future__ import annotations

import polars as pl

from pipeline.schema.entry import Label
from pipeline.years.boundaries import RECODE, RENAME, SAME, Boundaries
from pipeline.years.words import reason

COMPARABLE, BROKEN, NO_YEAR_BEFORE, NOT_MEASURED = "comparable", "broken", "no_year_before", "not_measured"
OK = "ok"
COUNTY = ["year", "county_code"]
STANDARD, ROSTER = "standard", "roster"


def compared(rows: pl.DataFrame, made: Boundaries, stayed_pct: float) -> pl.DataFrame:
    """Rows with ``state``, ``kind``, ``reason_zh``, ``reason_en`` and ``county_before``.

    ``rows``: year, county_code, state_now, state_before (null: last year has no such row), is_level_changed and pupils_stayed_pct.
    """
    held = made.counties.select("year").unique().select(pl.col("year") + 1, pl.lit(True).alias("has_before"))
    joined = rows.join(made.counties, on=COUNTY, how="left").join(held, on="year", how="left")
    named = joined.with_columns(_why(stayed_pct).alias("why"))
    state = (
        pl.when(pl.col("why").is_in(["no_year_before", "new_county"])).then(pl.lit(NO_YEAR_BEFORE))
        .when(pl.col("why").is_in(["lost", "gone", STANDARD])).then(pl.lit(BROKEN))
        .when(pl.col("why") == "not_measured").then(pl.lit(NOT_MEASURED))
        .otherwise(pl.lit(COMPARABLE))
    )  # fmt: skip
    kind = pl.when(pl.col("why").is_in([STANDARD, ROSTER])).then("why").otherwise("kind").alias("kind")
    before = (
        pl.when(~pl.col("why").is_in(["no_year_before", "new_county"])).then("county_before").alias("county_before")
    )
    told = named.with_columns(state.alias("state"), kind, before)
    return told.with_columns(_sentences(told, stayed_pct)).drop("why", "has_before", "is_followed", "lost")


def _why(stayed_pct: float) -> pl.Expr:
    """The first reason that applies; those of ``words.yaml``, or same."""
    few = (pl.col("pupils_stayed_pct") < stayed_pct).fill_null(False)
    return (
        pl.when(pl.col("has_before").is_null()).then(pl.lit("no_year_before"))
        .when(~pl.col("is_followed") & (pl.col("lost") > 0)).then(pl.lit("lost"))
        .when(~pl.col("is_followed")).then(pl.lit("gone"))
        .when(pl.col("state_before").is_null()).then(pl.lit("new_county"))
        .when(pl.col("is_level_changed")).then(pl.lit(STANDARD))
        .when((pl.col("state_now") != OK) | (pl.col("state_before") != OK)).then(pl.lit("not_measured"))
        .when(few & pl.col("kind").is_in([SAME, RENAME, RECODE])).then(pl.lit(ROSTER))
        .otherwise("kind")
    )  # fmt: skip


def _sentences(rows: pl.DataFrame, stayed_pct: float) -> list[pl.Series]:
    """The reasons in both languages, null where there is nothing to say."""
    holes = [
        "why",
        "year",
        "kind",
        "lost",
        "county_before",
        "county_code",
        "state_now",
        "state_before",
        "pupils_stayed_pct",
    ]
    said: list[Label | None] = []
    for row in rows.select(holes).iter_rows(named=True):
        if row["why"] == SAME:
            said.append(None)
            continue
        stayed = row["pupils_stayed_pct"]
        filled = row | {
            "before": row["county_before"], "county": row["county_code"], "year_before": row["year"] - 1,
            "stayed": "" if stayed is None else f"{stayed:.1f}", "limit": f"{stayed_pct:g}",
        }  # fmt: skip
        said.append(reason(row["why"], filled))
    return [
        pl.Series("reason_zh", [s and s.zh for s in said], dtype=pl.String),
        pl.Series("reason_en", [s and s.en for s in said], dtype=pl.String),
    ]

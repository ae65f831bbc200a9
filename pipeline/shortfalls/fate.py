"""What became of a shortfall since the year before: new, persisting, closed, ended, unknown, missing. Schools are followed by code.

Every shortfall of last year is found again: persisting, closed, ended (no longer asked: the school is gone, left out or the item does
not apply) or missing. Not here: amounts (``held``).
"""

from __future__ import annotations

import polars as pl

from pipeline.shortfalls.held import ALL, KEY, MET, MISSING, OPEN
from pipeline.store.home import Home

NEW, PERSISTING, CLOSED, ENDED, UNKNOWN = "new", "persisting", "closed", "ended", "unknown"
BEFORE = ("situation", "shortfall", "binding_stage", "county_code", "item_no", "trace_id", "threshold", "floor")
"""What is known of the year before."""


def with_fate(home: Home, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``held`` that the ledger shows, with ``state`` and ``shortfall_before``; those that went are there a year longer."""
    before = rows.select(
        (pl.col("year") + 1).alias("year"), *KEY[1:], *(pl.col(name).alias(f"{name}_before") for name in BEFORE)
    )
    both = rows.join(before, on=list(KEY), how="full", coalesce=True)
    both = both.filter(pl.col("year").is_in(rows["year"].unique().implode()))
    county = pl.coalesce("county_code", "county_code_before").alias("county_code")
    judged = _with_presence(home, both.with_columns(county)).with_columns(_state())
    was_open = pl.col("situation_before") == OPEN
    went = pl.col("state").is_in([CLOSED, ENDED]) | pl.col("situation").is_null()
    return _of_closing_stage(home, judged.filter(pl.col("state").is_not_null())).with_columns(
        pl.when(was_open).then("shortfall_before").alias("shortfall_before"),
        pl.coalesce("item_no", "item_no_before").alias("item_no"),
        pl.coalesce("trace_id", "trace_id_before").alias("trace_id"),
        # Whose it was stays told: a county's account adds up by stage.
        pl.when(went)
        .then(pl.coalesce("binding_stage_before", "binding_stage"))
        .otherwise("binding_stage")
        .alias("binding_stage"),
        *(pl.when(pl.col("state") != ENDED).then(name).alias(name) for name in ("value", "threshold", "floor")),
        *(
            pl.when(~pl.col("state").is_in([ENDED, MISSING])).then(name).alias(name)
            for name in ("shortfall", "shortfall_floor")
        ),
    )


def _of_closing_stage(home: Home, rows: pl.DataFrame) -> pl.DataFrame:
    """Value, level, floor and trace of a closed row are this year's of the stage that had decided it, not of another."""
    names = ("value", "threshold", "floor", "trace_id")
    own = pl.read_parquet(home.table("indicator_attainment")).select(
        *KEY[:3],
        pl.col("stage").alias("binding_stage_before"),
        "indicator_id",
        *(pl.col(name).alias(f"{name}_own") for name in names),
    )
    found = rows.join(own, on=[*KEY[:3], "binding_stage_before", "indicator_id"], how="left", maintain_order="left")
    is_closed = pl.col("state") == CLOSED
    return found.with_columns(
        pl.when(is_closed).then(f"{name}_own").otherwise(name).alias(name) for name in names
    ).drop(f"{name}_own" for name in names)


def _state() -> pl.Expr:
    """The state of a row of both years; null where the ledger has nothing to show."""
    now, then = pl.col("situation"), pl.col("situation_before")
    was_open = then == OPEN
    is_first_seen = then.is_null() & (pl.col("absent_before") | ~pl.col("came_before"))
    return (
        pl.when(now == MISSING).then(pl.lit(MISSING))
        .when((now == OPEN) & was_open).then(pl.lit(PERSISTING))
        .when((now == OPEN) & ((then == MISSING) | is_first_seen)).then(pl.lit(UNKNOWN))
        .when(now == OPEN).then(pl.lit(NEW))
        .when((now == MET) & was_open).then(pl.lit(CLOSED))
        .when(was_open & now.is_null() & (pl.col("absent_now") | pl.col("is_awaited"))).then(pl.lit(MISSING))
        .when(was_open).then(pl.lit(ENDED))
        .alias("state")
    )  # fmt: skip


def _with_presence(home: Home, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds whether the school was absent (quarantined, or expected and not sent) this year and last, whether its county came
    last year, and whether its county is awaited this year."""
    gone = pl.read_parquet(home.table("absent_scope")).filter("is_counted").select(*KEY[:3], "stage")
    gone = pl.concat([gone, gone.with_columns(pl.lit(ALL).alias("stage"))]).unique()
    counties = (
        pl.read_parquet(home.table("expected"))
        .filter(pl.col("area_level") == "county")
        .group_by("year", pl.col("area_code").alias("county_code"))
        .agg(
            (pl.col("counties_came") > 0).any().alias("came"), (pl.col("counties_expected") > 0).any().alias("expected")
        )
    )
    year_later = (pl.col("year") + 1).alias("year")
    return (
        rows.join(gone.with_columns(pl.lit(True).alias("absent_now")), on=[*KEY[:3], "stage"], how="left")
        .join(gone.with_columns(year_later, pl.lit(True).alias("absent_before")), on=[*KEY[:3], "stage"], how="left")
        .join(
            counties.filter("came").select(year_later, "county_code", pl.lit(True).alias("came_before")),
            on=["year", "county_code"], how="left",
        )
        .join(
            counties.select("year", "county_code", (pl.col("expected") & ~pl.col("came")).alias("is_awaited")),
            on=["year", "county_code"], how="left",
        )
        .with_columns(pl.col("absent_now", "absent_before", "came_before", "is_awaited").fill_null(False))
    )  # fmt: skip

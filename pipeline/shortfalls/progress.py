"""How a county comes on: schools up to a standard against the target, its account of shortfalls, pace and cost.

A verdict that missing schools could turn is not given (``method`` 6): the share is held between what it is if none of the unknown
schools is up to the standard and what it is if all are. Not here: lists of counties (``lists``).
"""

from __future__ import annotations

from math import fsum

import polars as pl

from pipeline.schema.comparison import Comparison
from pipeline.schema.ledger_limits import LedgerLimits
from pipeline.schema.model import Catalogue
from pipeline.shortfalls.fate import CLOSED, ENDED, NEW, PERSISTING, UNKNOWN
from pipeline.shortfalls.held import ALL, MISSING
from pipeline.store.home import Home

KEY = ["year", "standard_id", "county_code", "stage"]
REACHED, ON_TRACK, SLOW, NO_DATA = "reached", "on_track", "slow", "no_data"
OPEN_STATES = (NEW, PERSISTING, UNKNOWN)


def progress(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Rows of ``county_progress``: a year, standard that asks levels, county and stage, ``all`` included."""
    rows = (
        _counties(home, catalogue)
        .join(_schools(home), on=KEY, how="left")
        .join(_account(home), on=KEY, how="left")
        .with_columns(pl.col("^(schools|shortfalls).*$").fill_null(0))
    )
    limits = LedgerLimits.of(catalogue)
    return _paced(_against_target(_with_year_before(rows, catalogue), limits, Comparison.of(catalogue)))


def _counties(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Every expected county and stage under every standard that asks levels; ``is_told``: nothing expected of it did not come."""
    asking = [s.id for s in catalogue.standards.values() if any(i.thresholds for i in s.items)]
    stages = (
        pl.read_parquet(home.table("expected"))
        .filter(pl.col("area_level") == "county")
        .select(
            "year", pl.col("area_code").alias("county_code"), "stage",
            ((pl.col("counties_came") > 0) | (pl.col("counties_expected") == 0)).alias("is_told"),
        )
    )  # fmt: skip
    whole = stages.group_by("year", "county_code").agg(pl.lit(ALL).alias("stage"), pl.col("is_told").all())
    standards = pl.DataFrame({"standard_id": asking}, schema={"standard_id": pl.String})
    return pl.concat([stages, whole.select(stages.columns)]).join(standards, how="cross").sort(KEY)


def _schools(home: Home) -> pl.DataFrame:
    """Schools that a standard counts, those that meet it and those of which it is not known; a school of stage ``all`` meets it
    where each of its stages does."""
    came = pl.read_parquet(home.table("school_score")).select(*KEY, "school_id", "meets_standard")
    gone = pl.read_parquet(home.table("absent_scope")).filter("is_counted")
    every = pl.concat([came, gone.select(*KEY, "school_id", pl.lit(None, pl.Boolean).alias("meets_standard"))])
    met = pl.col("meets_standard")
    whole = every.group_by("year", "standard_id", "county_code", "school_id").agg(
        pl.lit(ALL).alias("stage"),
        pl.when((~met).any())
        .then(False)
        .when(met.is_null().any())
        .then(None)
        .otherwise(True)
        .first()
        .alias("meets_standard"),
    )
    return pl.concat([every, whole.select(every.columns)]).group_by(KEY).agg(
        pl.len().cast(pl.Int64).alias("schools"), _count(met).alias("schools_meeting"),
        _count(met.is_null()).alias("schools_unknown"),
    )  # fmt: skip


def _account(home: Home) -> pl.DataFrame:
    """The shortfalls of a county by state; a shared one counts in the stage that binds, so that stages add up to ``all``."""
    rows = pl.read_parquet(home.table("school_shortfall")).sort(
        "year", "standard_id", "school_id", "stage", "indicator_id"
    )
    of_stage = rows.with_columns(pl.coalesce("binding_stage", "stage").alias("stage")).filter(pl.col("stage") != ALL)
    both = pl.concat([of_stage, rows.with_columns(pl.lit(ALL).alias("stage"))])
    state, names = pl.col("state"), ("cost_yuan", "cost_floor_yuan")
    is_open = state.is_in(OPEN_STATES)
    priced = is_open & pl.col("cost_yuan").is_not_null()
    counted = both.group_by(KEY, maintain_order=True).agg(
        _count(is_open).alias("shortfalls"),
        *(_count(state == name).alias(f"shortfalls_{name}") for name in (*OPEN_STATES, CLOSED, ENDED, MISSING)),
        _count(is_open & ~priced).alias("shortfalls_unpriced"),
        *(pl.col(name).filter(priced) for name in names),
    )
    return counted.with_columns(_summed(counted[name]) for name in names)


def _count(holds: pl.Expr) -> pl.Expr:
    """Rows for which something holds; signed, since counts are taken from one another."""
    return holds.sum().cast(pl.Int64)


def _summed(parts: pl.Series) -> pl.Series:
    """Exact sums, whatever the order of their parts; null where there are none."""
    return pl.Series(
        parts.name, [fsum(x for x in own if x is not None) if len(own) else None for own in parts], pl.Float64
    )


def _with_year_before(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Adds the schools of the year before, where the county is the same: not split, merged or given a new code since."""
    broken = pl.DataFrame(
        sorted(broken_counties(catalogue)), schema={"year": pl.Int64, "county_code": pl.String}, orient="row"
    )
    then = rows.filter("is_told", pl.col("schools") > 0).select(
        (pl.col("year") + 1).alias("year"), *KEY[1:],
        *(pl.col(name).alias(f"{name}_before") for name in ("schools", "schools_meeting", "schools_unknown")),
    )  # fmt: skip
    return rows.join(then.join(broken, on=["year", "county_code"], how="anti"), on=KEY, how="left")


def broken_counties(catalogue: Catalogue) -> set[tuple[int, str]]:
    """Years and counties that a split, merger or new code makes another than the year before."""
    changes = (c for c in catalogue.division_changes if c.kind != "rename")
    return {(change.year, code) for change in changes for code in (change.old_code, change.new_code)}


def _share(part: str, suffix: str = "") -> pl.Expr:
    counted = pl.col(f"schools_meeting{suffix}")
    if part == "high":
        counted = counted + pl.col(f"schools_unknown{suffix}")
    return pl.when(pl.col(f"schools{suffix}") > 0).then(counted / pl.col(f"schools{suffix}"))


def _against_target(rows: pl.DataFrame, limits: LedgerLimits, comparison: Comparison) -> pl.DataFrame:
    """Adds the share, its bounds, the target and where the county stands to it."""
    target = limits.target
    rows = rows.with_columns(
        _share("low").alias("share"), _share("high").alias("share_high"),
        _share("low", "_before").alias("share_before"), _share("high", "_before").alias("share_high_before"),
        pl.lit(target).alias("target_share"), pl.lit(limits.target_year, pl.Int64).alias("target_year"),
        pl.max_horizontal(pl.lit(limits.target_year, pl.Int64) - pl.col("year"), pl.lit(0)).alias("years_left"),
    )  # fmt: skip
    slack = target * comparison.tolerance
    reached = pl.col("share") >= target - slack
    unreached = pl.col("share_high") < target - slack
    # Rising by this much a year reaches the target in time; the rise is at least, and at most, what the unknown allow.
    lowest = (pl.col("share") - pl.col("share_high_before")) * pl.col("years_left") >= target - pl.col("share") - slack
    highest = (pl.col("share_high") - pl.col("share_before")) * pl.col("years_left") >= target - pl.col(
        "share_high"
    ) - slack
    state = (
        pl.when(~pl.col("is_told") | (pl.col("schools") == 0)).then(pl.lit(NO_DATA))
        .when(reached).then(pl.lit(REACHED))
        .when(unreached & (pl.col("years_left") == 0)).then(pl.lit(SLOW))
        .when(unreached & lowest).then(pl.lit(ON_TRACK))
        .when(unreached & ~highest).then(pl.lit(SLOW))
        .otherwise(pl.lit(NO_DATA))
    )  # fmt: skip
    return rows.with_columns(state.alias("state"))


def _paced(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds the closing rate, the net fall of shortfalls in a year, and the years that what is open takes at that pace.

    A county that sent nothing, or has no school, has no pace; and none are left only where nothing is missing and no school silent.
    """
    known = pl.col("shortfalls_closed") + pl.col("shortfalls_persisting")
    has_before = pl.col("schools_before").is_not_null()
    is_known = (pl.col("shortfalls_missing") == 0) & (pl.col("schools_unknown") == 0)
    there = pl.col("is_told") & (pl.col("schools") > 0)
    pace = pl.when(has_before & there).then(pl.col("shortfalls_closed") - pl.col("shortfalls_new")).cast(pl.Float64)
    pace_state = (
        pl.when(~there).then(pl.lit("no_data"))
        .when((pl.col("shortfalls") == 0) & is_known).then(pl.lit("none_left"))
        .when(pl.col("shortfalls") == 0).then(pl.lit("no_data"))
        .when(~has_before).then(pl.lit("no_year_before"))
        .when(pace <= 0).then(pl.lit("not_falling"))
        .otherwise(pl.lit("falling"))
    )  # fmt: skip
    rows = rows.with_columns(
        (pl.when(known > 0).then(pl.col("shortfalls_closed") / known)).alias("closing_rate"),
        pace.alias("pace"), pace_state.alias("pace_state"),
    )  # fmt: skip
    years = (
        pl.when(pl.col("pace_state") == "none_left").then(0.0)
        .when(pl.col("pace_state") == "falling").then(pl.col("shortfalls") / pl.col("pace"))
    )  # fmt: skip
    return rows.with_columns(years.alias("years_to_go"))

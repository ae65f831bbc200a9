"""Values heaped just above a level: standing there, and having come there since last year with nothing built.

Building exactly to the standard is lawful, so a county is held against its province: of the values near a level, the share just above.
"""

from __future__ import annotations

import polars as pl

from pipeline.schema.comparison import tolerance
from pipeline.schema.model import Catalogue
from pipeline.schema.suspicion_limits import Limits
from pipeline.store.home import Home
from pipeline.suspicion.cells import Reported, with_year_before
from pipeline.suspicion.pooled import Prior
from pipeline.suspicion.tested import Tested, pooled_test

RISEN = 0.05
"""Share of the schools below that come to just above in a year, where a province has none to tell."""
FARTHEST = 4
KEY = ["county_code", "school_id", "stage", "item"]


def measured(home: Home, catalogue: Catalogue, reported: Reported) -> pl.DataFrame:
    """Values held against a level above 0, each once whatever number of standards ask it: ``at`` is value ÷ level, mirrored
    (2 − value ÷ level) where less is better, so that met is always 1 and more."""
    levels = pl.scan_parquet(home.table("indicator_attainment"))
    ways = pl.LazyFrame(
        [(i.id, i.direction, i.scope == "school") for i in catalogue.indicators.values()],
        schema={"indicator_id": pl.String, "direction": pl.String, "of_school": pl.Boolean}, orient="row",
    )  # fmt: skip
    known = levels.filter((pl.col("state") == "ok") & (pl.col("threshold") > 0)).join(ways, on="indicator_id")
    ratio = pl.col("value") / pl.col("threshold")
    rows = known.select(
        "year", "county_code", "school_id",
        pl.when("of_school").then(pl.lit("")).otherwise(pl.col("stage")).alias("stage"),
        pl.col("indicator_id").alias("item"), "pupils", "value", "threshold", "trace_id",
        pl.when(pl.col("direction") == ">=").then(ratio).otherwise(2 - ratio).alias("at"),
    )  # fmt: skip
    order = ["year", *KEY, "threshold"]
    once = rows.collect().sort(*order, "trace_id").unique(order, keep="first", maintain_order=True)
    return once.join(reported.counties, on=["year", "county_code"])


def just_above(values: pl.DataFrame, catalogue: Catalogue, limits: Limits) -> Tested:
    """Of the values within ``near_pct`` of a level, those that exceed it by less than ``window_pct``."""
    slack = tolerance(catalogue)
    near, window = limits.near_pct / 100, limits.window_pct / 100
    at = pl.col("at") + slack
    trials = values.filter((at >= 1 - near) & (at < 1 + near)).with_columns(
        hit=(at >= 1) & (at < 1 + window), group_1="item", group_2="stage", group_3=_size(limits)
    )
    return pooled_test(
        trials, Prior(window / (2 * near), limits.least_dispersion, limits.custom_share), limits.minimum, limits
    )


def just_risen(values: pl.DataFrame, reported: Reported, catalogue: Catalogue, limits: Limits) -> Tested:
    """Of the values that were below the level last year, in schools whose pupils did not fall and where nothing was built, those
    that are now less than ``window_pct`` above it. Groups are indicator, stage and how far below they were."""
    slack = tolerance(catalogue)
    near, at = limits.near_pct / 100, pl.col("at") + slack
    past = values.select(
        (pl.col("year") + 1).alias("year"), *KEY, "threshold", (pl.col("at") + slack).alias("was"), pl.col("value").alias("value_before")
    )  # fmt: skip
    below = values.join(past, on=["year", *KEY, "threshold"]).filter(pl.col("was") < 1)
    far = ((1 - pl.col("was")) / near).floor().clip(upper_bound=FARTHEST).cast(pl.Int64).cast(pl.String)
    quiet = _unbuilt(reported, catalogue, limits)
    trials = below.join(quiet, on=["year", "county_code", "school_id", "item"], how="semi").with_columns(
        hit=(at >= 1) & (at < 1 + limits.window_pct / 100), group_1=far, group_2="item", group_3="stage"
    )
    return pooled_test(
        trials, Prior(RISEN, limits.least_dispersion, limits.custom_share), limits.minimum_changed, limits
    )


def _unbuilt(reported: Reported, catalogue: Catalogue, limits: Limits) -> pl.DataFrame:
    """Schools and indicators of which, since last year, pupils did not fall and nothing was built: no area or room that the
    indicator does not itself count grew by more than ``near_pct``."""
    school = ["county_code", "school_id"]
    pupils = with_year_before(reported.pupils, school, "pupils").filter(pl.col("pupils") >= pl.col("before"))
    shared = reported.cells.filter(pl.col("field").is_in(reported.built)).select("year", *school, "field", "value")
    grown = with_year_before(shared, [*school, "field"]).filter(
        pl.col("value") > pl.col("before") * (1 + limits.near_pct / 100)
    )
    own = pl.DataFrame(
        [(i.id, name) for i in catalogue.indicators.values() for name in _counts(i.numerator, catalogue)],
        schema={"item": pl.String, "field": pl.String}, orient="row",
    )  # fmt: skip
    items = pl.DataFrame({"item": list(catalogue.indicators)}, schema={"item": pl.String})
    pairs = pupils.select("year", *school).join(items, how="cross")
    built = grown.join(items, how="cross").join(own, on=["item", "field"], how="anti")
    return pairs.join(built, on=["year", *school, "item"], how="anti")


def _counts(numerator: str, catalogue: Catalogue) -> set[str]:
    """Cells that a numerator reads, through derived fields."""
    from pipeline.schema.expressions import columns_of

    found: set[str] = set()
    todo = list(columns_of(numerator))
    while todo:
        name = todo.pop()
        field = catalogue.fields.get(name)
        if name not in found and field is not None:
            found.add(name)
            todo += columns_of(field.expression) if field.expression else ()
    return found


def _size(limits: Limits) -> pl.Expr:
    """The size class of a school's pupils, as a word."""
    return pl.sum_horizontal(*((pl.col("pupils") >= bound).cast(pl.Int64) for bound in limits.sizes)).cast(pl.String)

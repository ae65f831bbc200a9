"""Town and country (城镇挤、乡村弱): schools, pupils, classes over the limit and schools over size by class of place, and since last year.

Figures without a verdict. Every school with pupils is in them, whatever a standard counts. A class of places that has no school left
keeps its row for a year, with 0 schools: that it is empty is what one looks for.
"""

from __future__ import annotations

import polars as pl

from pipeline.schema.expressions import for_polars
from pipeline.schema.model import Catalogue
from pipeline.schema.years import Settlement
from pipeline.schema.years_limits import YearsLimits
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema
from pipeline.years.boundaries import Boundaries, boundaries, in_todays_boundaries
from pipeline.years.comparing import COMPARABLE, OK, compared

TABLE = "settlement_pressure"
INCOMPLETE, NO_SCHOOLS = "incomplete", "no_schools"
UNKNOWN = "unknown"
"""The class of schools whose place is not told."""
PLACE = ["year", "county_code", "stage"]
KEY = [*PLACE, "settlement"]
SINCE = ("schools", "pupils", "pupils_per_school", "pupils_per_class", "over_limit_pct")
"""Figures of which last year's stand beside."""


def settlement_pressure(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """One row a year, county, stage and class of places that has a school, or had one the year before."""
    settlement = catalogue.settlement
    if settlement is None:
        return pl.DataFrame(schema=polars_schema(TABLE))
    limits, made = YearsLimits.of(catalogue), boundaries(home, catalogue)
    schools = _schools(home, settlement, limits)
    missing = _classed(pl.read_parquet(home.table("absent")), settlement).select("school_id", *KEY)
    now = _figures(schools, missing)
    then = _figures(_then(schools, made), _then(missing, made))
    return _named(_compared(now, then, _asked_before(home, made), made, limits), settlement)


def _then(rows: pl.DataFrame, made: Boundaries) -> pl.DataFrame:
    return in_todays_boundaries(rows.drop_nulls("county_code"), made).sort(*KEY, "school_id")


def _classed(rows: pl.DataFrame, settlement: Settlement) -> pl.DataFrame:
    """Rows with ``settlement``: the first class whose condition holds."""
    place: pl.Expr = pl.lit(UNKNOWN)
    for one in reversed(settlement.classes):
        place = pl.when(_expression(one.when).fill_null(False)).then(pl.lit(one.id)).otherwise(place)
    return rows.with_columns(place.alias("settlement"))


def _expression(text: str) -> pl.Expr:
    return pl.sql_expr(for_polars(text))


def _schools(home: Home, settlement: Settlement, limits: YearsLimits) -> pl.DataFrame:
    """A row a school and stage: its class of place and what is known of its size and classes."""
    rows = _classed(pl.read_parquet(home.table("school_stage")), settlement)
    whole = pl.read_parquet(home.table("school_total"), columns=["year", "school_id", "pupils"])
    told = rows.select(
        *KEY, "school_id", "pupils", _expression(settlement.school_classes).cast(pl.Float64).alias("classes"),
        _expression(settlement.known_classes).cast(pl.Float64).alias("known"),
        _expression(settlement.within_limit).cast(pl.Float64).alias("within"),
    ).join(whole.rename({"pupils": "pupils_whole"}), on=["year", "school_id"], how="left")  # fmt: skip
    sized = told.join(_over_size(home, settlement), on=["year", "school_id", "stage"], how="left")
    return sized.with_columns(
        (pl.col("pupils_whole") < limits.small_pupils).alias("is_small"), (pl.col("pupils_whole") < limits.tiny_pupils).alias("is_tiny")
    ).sort(*KEY, "school_id")  # fmt: skip


def _over_size(home: Home, settlement: Settlement) -> pl.DataFrame:
    """Year, school and stage → whether the school is over its size; null and no row where it is not held against one."""
    over = settlement.over_size
    rows = pl.scan_parquet(home.table("indicator_attainment"))
    asked = pl.lit(False) if over is None else (
        (pl.col("standard_id") == over.standard) & (pl.col("indicator_id") == over.indicator)
    )  # fmt: skip
    return rows.filter(asked).select("year", "school_id", "stage", (~pl.col("is_met")).alias("is_over_size")).collect()


def _figures(schools: pl.DataFrame, missing: pl.DataFrame) -> pl.DataFrame:
    """The figures by KEY; classes of places with missing schools only have a row with 0 schools."""
    classed, sized = pl.col("classes").is_not_null(), pl.col("is_over_size").is_not_null()
    known = pl.col("known").is_not_null() & pl.col("within").is_not_null()
    pupils = pl.col("pupils")
    made = schools.group_by(KEY, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("schools"), pl.when(pupils.is_not_null().all()).then(pupils.sum()).alias("pupils"),
        pl.col("is_small").sum().cast(pl.Int64).alias("schools_small"), pl.col("is_tiny").sum().cast(pl.Int64).alias("schools_tiny"),
        pl.col("classes").sum().alias("classes"), (~classed).sum().cast(pl.Int64).alias("schools_without_classes"),
        (pupils.filter(classed).sum() / pl.col("classes").sum()).alias("pupils_per_class"),
        pl.col("known").filter(known).sum().alias("classes_of_known_size"),
        (pl.col("known") - pl.col("within")).filter(known).sum().alias("classes_over_limit"),
        sized.sum().cast(pl.Int64).alias("schools_of_known_size"), pl.col("is_over_size").sum().cast(pl.Int64).alias("schools_over_size"),
        pupils.filter(sized).sum().alias("pupils_of_known_size"), pupils.filter(pl.col("is_over_size")).sum().alias("pupils_over_size"),
    )  # fmt: skip
    lost = missing.group_by(KEY).agg(pl.len().cast(pl.Int64).alias("schools_missing"))
    joined = made.join(lost, on=KEY, how="full", coalesce=True)
    return _with_ratios(joined.with_columns(pl.all().exclude(*KEY, "pupils", "pupils_per_class").fill_null(0)))


def _with_ratios(rows: pl.DataFrame) -> pl.DataFrame:
    """Shares and means, null where nothing is known to take them of; 0 pupils where there is no school."""

    def of(part: str, whole: str, times: int) -> pl.Expr:
        return pl.when(pl.col(whole) > 0).then(times * pl.col(part) / pl.col(whole))

    return rows.with_columns(pl.when(pl.col("schools") == 0).then(0.0).otherwise("pupils").alias("pupils")).with_columns(
        of("pupils", "schools", 1).alias("pupils_per_school"),
        of("classes_over_limit", "classes_of_known_size", 100).alias("over_limit_pct"),
        of("pupils_over_size", "pupils_of_known_size", 100).alias("over_size_pct"),
        pl.when(pl.col("classes") > 0).then("pupils_per_class").alias("pupils_per_class"),
    )  # fmt: skip


def _asked_before(home: Home, made: Boundaries) -> pl.DataFrame:
    """PLACE → whether the county, as it lay the year before, was expected to tell of the stage; no row where it was not there."""
    codes = pl.col("county_before").str.split("+").alias("code")
    lay = made.counties.select("year", "county_code", codes).explode("code")
    asked = pl.read_parquet(home.table("expected_county"), columns=[*PLACE, "is_expected"])
    asked = asked.rename({"county_code": "code"}).with_columns(pl.col("year") + 1)
    return lay.join(asked, on=["year", "code"]).group_by(PLACE).agg(pl.col("is_expected").any().alias("was_expected"))


def _compared(
    now: pl.DataFrame, then: pl.DataFrame, asked: pl.DataFrame, made: Boundaries, limits: YearsLimits
) -> pl.DataFrame:
    """Rows of both years side by side, for counties and stages that told of this year."""
    past = then.select(
        *KEY, *(pl.col(c).alias(f"{c}_before") for c in SINCE), pl.col("schools_missing").alias("missing_before")
    )
    here = now.select(PLACE).unique()
    there = then.select(*PLACE, pl.lit(True).alias("has_place_before")).unique()
    rows = (
        now.join(past, on=KEY, how="full", coalesce=True)
        .join(here, on=PLACE, how="semi")
        .join(there, on=PLACE, how="left")
        .join(asked, on=PLACE, how="left")
    )
    counted = [c for c in now.columns if c not in KEY and not c.endswith("_pct") and not c.startswith("pupils_per")]
    gone = pl.col("schools").is_null()
    full = rows.with_columns(pl.when(gone).then(0).otherwise(c).cast(now.schema[c]).alias(c) for c in counted).with_columns(
        pl.lit(False).alias("is_level_changed"), pl.lit(None, pl.Float64).alias("pupils_stayed_pct"),
        _state("schools_missing").alias("state_now"),
        pl.when("has_place_before").then(_state("missing_before")).when("was_expected").then(pl.lit(INCOMPLETE))
        .when(~pl.col("was_expected")).then(pl.lit(NO_SCHOOLS)).alias("state_before"),
    )  # fmt: skip
    return _since(compared(full, made, limits.stayed_pct).sort(KEY))


def _since(rows: pl.DataFrame) -> pl.DataFrame:
    """Last year's figures where the years compare (0 schools where the class had none), the change, and the share of pupils."""
    can, none = pl.col("state") == COMPARABLE, pl.col("schools_before").fill_null(0) == 0
    zero = [
        pl.when(none).then(0).otherwise(c).cast(rows.schema[c]).alias(c) for c in ("schools_before", "pupils_before")
    ]
    told = rows.with_columns(zero).with_columns(pl.when(can).then(f"{c}_before").alias(f"{c}_before") for c in SINCE)
    change = pl.when(pl.col("pupils_before") > 0).then(100 * (pl.col("pupils") / pl.col("pupils_before") - 1))
    every = pl.col("pupils").is_not_null().all().over(PLACE) & (pl.col("pupils").sum().over(PLACE) > 0)
    share = pl.when(every).then(100 * pl.col("pupils") / pl.col("pupils").sum().over(PLACE))
    return told.with_columns(change.alias("pupils_change_pct"), share.alias("pupils_share_pct"))


def _state(missing: str) -> pl.Expr:
    return pl.when(pl.col(missing).fill_null(0) > 0).then(pl.lit(INCOMPLETE)).otherwise(pl.lit(OK))


def _named(rows: pl.DataFrame, settlement: Settlement) -> pl.DataFrame:
    """With the names of the classes."""
    words = [(c.id, c.label.zh, c.label.en) for c in settlement.classes] + [(UNKNOWN, "城乡未填", "Place not told")]
    schema = {"settlement": pl.String, "name_zh": pl.String, "name_en": pl.String}
    return rows.join(pl.DataFrame(words, schema=schema, orient="row"), on="settlement", how="left")

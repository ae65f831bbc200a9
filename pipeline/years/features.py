"""What counties are compared by: features of the catalogue, valued from the county's own cells and its schools, then standardised.

A value is (transformed value − median) ÷ (1.4826 × median absolute deviation) over the counties of the year that have it, so that
neither a unit nor one odd county decides. Where more than half the counties are equal that deviation is 0 and the mean absolute
deviation from the median (× 1.2533) stands in; where all are equal, the feature separates nobody and is 0 for all.
"""

from __future__ import annotations

import polars as pl

from pipeline.schema.expressions import for_polars
from pipeline.schema.model import Catalogue
from pipeline.schema.years import Feature, SchoolSum
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema

COUNTY = ["year", "county_code"]
MAD, MEAN_DEVIATION = 1.482602218505602, 1.2533141373155003
"""1 ÷ Φ⁻¹(3/4) and √(π/2): they make both deviations that of a normal distribution."""


def county_features(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """One row a year, county with schools and feature, in the catalogue's order; null where the value is missing or (log) not positive."""
    if catalogue.peers is None:
        return pl.DataFrame(schema=polars_schema("county_feature"))
    numbers = county_numbers(home, catalogue)
    values = [
        numbers.select(
            *COUNTY, pl.lit(f.id).alias("feature_id"), pl.lit(f.label.zh).alias("name_zh"), pl.lit(f.label.en).alias("name_en"),
            pl.lit(f.weight).alias("weight"), pl.lit(f.transform).alias("transform"), _value(f).alias("value"),
        )
        for f in catalogue.peers.features
    ]  # fmt: skip
    tolerance = float(catalogue.setting("comparison_tolerance"))
    rows = pl.concat(values).sort(*COUNTY, maintain_order=True)
    return standardised(rows, tolerance)


def county_numbers(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """One row a year and county with schools: the sums of its schools and the numbers that the county itself reported."""
    assert catalogue.peers is not None
    schools = pl.read_parquet(home.table("school_total")).sort(*COUNTY, "school_id")
    sums = schools.group_by(COUNTY, maintain_order=True).agg(_sum(one).alias(one.id) for one in catalogue.peers.sums)
    own = pl.read_parquet(home.table("county_return"))
    cells = [f.id for f in catalogue.cells_of("county") if f.type in ("integer", "number")]
    told = own.select(*COUNTY, *(pl.col(c).cast(pl.Float64) for c in cells if c in own.columns))
    none = [pl.lit(None, pl.Float64).alias(c) for c in cells if c not in own.columns]
    return sums.join(told.unique(COUNTY, keep="first", maintain_order=True), on=COUNTY, how="left").with_columns(none)


def _sum(one: SchoolSum) -> pl.Expr:
    """A sum over a county's schools: null where a school that belongs in it lacks the number, 0 where none belongs in it."""
    where = pl.sql_expr(for_polars(one.where)).fill_null(False) if one.where else pl.lit(True)
    if one.sum is None:
        return pl.len().cast(pl.Float64) if one.where is None else where.sum().cast(pl.Float64)
    number = pl.sql_expr(for_polars(one.sum)).cast(pl.Float64)
    held = number if one.where is None else number.filter(where)
    return pl.when(held.is_not_null().all()).then(held.sum())


def _value(feature: Feature) -> pl.Expr:
    number = pl.sql_expr(for_polars(feature.expression)).cast(pl.Float64)
    return pl.when(number.is_finite()).then(number)


def standardised(rows: pl.DataFrame, tolerance: float) -> pl.DataFrame:
    """Rows of year, feature_id, value and transform with ``standardised``. ``tolerance``: a deviation that is no more than this share of
    the largest value is rounding, not a difference."""
    group = ["year", "feature_id"]
    log = pl.when(pl.col("value") > 0).then(pl.col("value").log())
    x = pl.when(pl.col("transform") == "log").then(log).otherwise("value")
    far = (pl.col("__x") - pl.col("__x").median().over(group)).alias("__far")
    told = rows.with_columns(x.alias("__x")).with_columns(far)
    size = tolerance * pl.col("__x").abs().max().over(group)
    mad, mean = pl.col("__far").abs().median().over(group), pl.col("__far").abs().mean().over(group)
    scale = pl.when(mad > size).then(MAD * mad).when(mean > size).then(MEAN_DEVIATION * mean)
    z = pl.when(pl.col("__far").is_not_null()).then((pl.col("__far") / scale).fill_null(0.0))
    return told.with_columns(z.alias("standardised")).drop("__x", "__far")

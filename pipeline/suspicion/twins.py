"""Two schools with the same figures, in one county or in two."""

from __future__ import annotations

import polars as pl

from pipeline.schema.suspicion_limits import Limits
from pipeline.suspicion.cells import Reported
from pipeline.suspicion.pooled import COUNTY, tail
from pipeline.suspicion.tested import Tested, evidence_of

LEAST = 10
"""Smaller numbers coincide by themselves."""
TELLING = 100
"""A number from here on that few schools share points at a pair worth comparing."""
FEW = 8
SHARED_FIRST = 3
SCHOOL = ["county_code", "school_id"]


def same_figures(reported: Reported, limits: Limits) -> Tested:
    """Pairs of schools of one year, anywhere in the release: of the cells that both give, how many are equal.

    Candidates share three telling numbers. A pair's chance is that of as many coincidences as it has, each as likely as two
    schools agree in that cell at that size, times the number of pairs there are.
    """
    cells = reported.cells.filter(pl.col("value") >= LEAST).with_columns(
        size=pl.sum_horizontal(*((pl.col("value") >= 10**d).cast(pl.Int64) for d in range(2, 9)))
    )
    chance = _coincidence(cells)
    pairs = _compared(cells, _candidates(cells), chance).filter(
        (pl.col("n") >= limits.least_cells) & (pl.col("observed") >= pl.col("n") * limits.twin_share)
    )
    schools = (
        cells.group_by(*COUNTY, "school_id").agg(pl.len().alias("cells")).filter(pl.col("cells") >= limits.least_cells)
    )
    return _by_county(_with_p(pairs, schools, limits), schools)


def _coincidence(cells: pl.DataFrame) -> pl.DataFrame:
    """year, field, stage, size → the share of pairs of schools that agree in the cell."""
    group = ["year", "field", "stage", "size"]
    many = cells.group_by(*group, "value").agg(pl.len().cast(pl.Float64).alias("m"))
    sums = many.group_by(group).agg(
        (pl.col("m") * (pl.col("m") - 1)).sum().alias("agreeing"), pl.col("m").sum().alias("all")
    )
    pairs = pl.max_horizontal(pl.col("all") * (pl.col("all") - 1), 1.0)
    return sums.select(*group, ((pl.col("agreeing") + 1) / (pairs + 20)).alias("share"))


def _candidates(cells: pl.DataFrame) -> pl.DataFrame:
    """Pairs of schools that share at least three telling numbers which few others have."""
    key = ["year", "field", "stage", "value"]
    telling = cells.filter(pl.col("value") >= TELLING).filter((pl.len().over(key) > 1) & (pl.len().over(key) <= FEW))
    left = telling.select(*key, *SCHOOL)
    right = left.rename({c: f"other_{c}" for c in SCHOOL})
    both = left.join(right, on=key).filter(pl.col("school_id") < pl.col("other_school_id"))
    pair = ["year", *SCHOOL, *(f"other_{c}" for c in SCHOOL)]
    return (
        both.group_by(pair)
        .agg(pl.len().alias("shared"))
        .filter(pl.col("shared") >= SHARED_FIRST)
        .select(pair)
        .sort(pair)
    )


def _compared(cells: pl.DataFrame, pairs: pl.DataFrame, chance: pl.DataFrame) -> pl.DataFrame:
    """Candidates with the cells that both give (``n``), those that are equal, and how many would be by chance."""
    slim = cells.select("year", *SCHOOL, "field", "stage", "size", "value")
    other = slim.drop("size").rename({**{c: f"other_{c}" for c in SCHOOL}, "value": "other_value"})
    key = ["year", "field", "stage"]
    both = pairs.join(slim, on=["year", *SCHOOL]).join(other, on=[*key, *(f"other_{c}" for c in SCHOOL)])
    rated = both.join(chance, on=[*key, "size"]).sort(*pairs.columns, "field", "stage")
    return rated.group_by(pairs.columns, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n"), (pl.col("value") == pl.col("other_value")).sum().cast(pl.Int64).alias("observed"),
        pl.col("share").sum().alias("expected"),
    )  # fmt: skip


def _with_p(pairs: pl.DataFrame, schools: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    sizes = dict(schools.group_by("year").agg(pl.len()).iter_rows())
    p = [
        min(1.0, tail(n, k, e, limits.least_dispersion_cells) * sizes.get(year, 2) * (sizes.get(year, 2) - 1) / 2)
        for year, n, k, e in pairs.select("year", "n", "observed", "expected").iter_rows()
    ]
    return pairs.with_columns(pl.Series("p_value", p, dtype=pl.Float64))


def _by_county(pairs: pl.DataFrame, schools: pl.DataFrame) -> Tested:
    """Each county with its least likely pair; a pair stands in both counties."""
    turned = {"county_code": "other_county_code", "school_id": "other_school_id"}
    mirrored = pairs.rename({**turned, **{v: k for k, v in turned.items()}}).select(pairs.columns)
    rows = pl.concat([pairs, mirrored]).join(schools.select(COUNTY).unique(), on=["year", "county_code"])
    told = rows.filter(pl.col("p_value") < 0.05)
    worst = told.group_by(COUNTY).agg(
        pl.col("p_value").min(), pl.col("school_id").n_unique().cast(pl.Int64).alias("observed")
    )
    counties = schools.group_by(COUNTY).agg(pl.len().cast(pl.Int64).alias("n")).join(worst, on=COUNTY, how="left")
    made = counties.select(
        *COUNTY,
        "n",
        pl.col("observed").fill_null(0),
        pl.lit(None, pl.Float64).alias("expected"),
        pl.col("p_value").fill_null(1.0),
    )
    return Tested(made.sort(COUNTY), evidence_of(told))

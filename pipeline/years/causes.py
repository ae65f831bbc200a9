"""The indicator that contributed most to a change, in its direction (method 7), whatever the boundaries were.

The rule of ``county_ranking``: of a mean or share the part that moved most the way the value moved; of the worst of several ratios the
worst now where it rose, last year's worst where it fell; of all stages together, the stage that is the worst; ties by catalogue order.
"""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue

KEY = ["year", "standard_id", "measure", "stage", "county_code"]
BOTH = "both"


def causes(rows: pl.DataFrame, now: pl.DataFrame, then: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """KEY and ``cause_indicator`` of the comparable rows whose value changed. ``rows``: KEY, value, value_before, is_lower_better.
    ``now``, ``then``: parts as in measure_part, those of last year as if of this year."""
    sign = pl.when("is_lower_better").then(1.0).otherwise(-1.0)
    keyed = rows.with_columns(
        (pl.col("value").round(12) * sign).alias("rank_key"), (pl.col("value_before").round(12) * sign).alias("rank_key_before")
    )  # fmt: skip
    moved = _moved(_of_stage(keyed, catalogue), now, then)
    first = moved.filter(pl.col("by") > 0).sort(*KEY, "by", "position", descending=[False] * 5 + [True, False])
    told = first.unique(KEY, keep="first", maintain_order=True)
    return told.select(*KEY, pl.col("indicator_id").alias("cause_indicator"))


def _of_stage(keyed: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Rows whose key changed, each with the stage whose parts explain it (``of``)."""
    order = pl.DataFrame(
        [(s.id, n) for n, s in enumerate(catalogue.stages.values())], schema={"of": pl.String, "at": pl.Int64}, orient="row"
    )  # fmt: skip
    changed = keyed.filter(pl.col("rank_key") != pl.col("rank_key_before"))
    county = [c for c in KEY if c != "stage"]
    single = changed.filter(pl.col("stage") != BOTH).with_columns(of="stage")
    stages = keyed.filter(pl.col("stage") != BOTH).select(
        *county, pl.col("stage").alias("of"), pl.col("rank_key").alias("now"), pl.col("rank_key_before").alias("then")
    )
    sides = changed.filter(pl.col("stage") == BOTH).join(stages, on=county).join(order, on="of")
    worse = pl.when(pl.col("rank_key") > pl.col("rank_key_before")).then("now").otherwise("then").alias("worse")
    both = sides.with_columns(worse).sort(*KEY, "worse", "at", descending=[False] * 5 + [True, False])
    return pl.concat([single, both.unique(KEY, keep="first", maintain_order=True).select(single.columns)])


def _moved(rows: pl.DataFrame, now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    """A row a row and indicator: how far its part moved the way the value moved (``by``)."""
    at = ["year", "standard_id", "measure", "of", "county_code"]
    names = {"stage": "of"}
    parts = now.rename(names).join(
        then.rename(names).select(*at, "indicator_id", pl.col("part").alias("before")), on=[*at, "indicator_id"]
    )
    both = rows.join(parts.select(*at, "indicator_id", "position", "part", "before", "is_largest"), on=at)
    way = pl.when(pl.col("value") > pl.col("value_before")).then(1.0).otherwise(-1.0)
    by = (
        pl.when(~pl.col("is_largest")).then(way * (pl.col("part") - pl.col("before")))
        .when(way > 0).then(pl.col("part")).otherwise(pl.col("before"))
    )  # fmt: skip
    return both.with_columns(by.round(12).alias("by"))

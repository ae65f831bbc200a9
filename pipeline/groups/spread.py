"""How far values lie apart, weighted by pupils: the official gap coefficient over any set of schools.

Formula of 教督〔2012〕3号 as in ``sql/gap_coefficient.sql``: x = value of a school, P = its pupils, mean X = Σ P x / Σ P,
sd S = sqrt(Σ P (x − X)² / Σ P) in a second pass, cv = S / X. Where all values are the same double the mean is that double and sd is 0.
"""

from __future__ import annotations

import polars as pl

MEASURED = ("schools", "pupils", "mean", "sd", "cv")


def spread(rows: pl.DataFrame, key: list[str], value: str = "value", pupils: str = "pupils") -> pl.DataFrame:
    """One row a ``key`` that has values: schools, pupils, mean, sd, cv (null where the mean is 0).

    Rows without a value or pupils are left out; sums are taken in the order of the rows.
    """
    x, p = pl.col(value), pl.col(pupils)
    known = rows.filter(x.is_not_null() & p.is_not_null())
    first = known.group_by(key, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("schools"), p.sum().alias("pupils_in"), x.min().alias("low"), x.max().alias("high"),
        (p * x).sum().alias("total"),
    )  # fmt: skip
    equal = pl.col("low") == pl.col("high")
    mean = pl.when(equal).then(pl.col("low")).otherwise(pl.col("total") / pl.col("pupils_in")).alias("mean")
    first = first.with_columns(mean)
    second = known.join(first.select(*key, "mean"), on=key, maintain_order="left").group_by(key, maintain_order=True)
    squares = second.agg((p * (x - pl.col("mean")) ** 2).sum().alias("squares"))
    sd = pl.when(equal).then(0.0).otherwise((pl.col("squares") / pl.col("pupils_in")).sqrt())
    cv = pl.when(pl.col("mean") != 0).then(pl.col("sd") / pl.col("mean"))
    return (
        first.join(squares, on=key, maintain_order="left")
        .with_columns(sd.alias("sd"))
        .select(*key, "schools", pl.col("pupils_in").alias("pupils"), "mean", "sd", cv.alias("cv"))
    )

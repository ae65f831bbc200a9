"""How many hits a county would have if it were like its province, and how seldom it would have as many as it has.

A trial is one thing that could hit (a value near a level, a digit, a cell): its expected share is that of the other counties of the
province in the same group of trials, drawn towards the share of the wider group where there are few. The hits of a county
are beta-binomial: counties differ by more than chance, and by how much is taken from the others, never less than a floor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import betaln, gammaln

from pipeline.schema.suspicion_limits import Limits

PLACE = ["year", "province_code"]
COUNTY = [*PLACE, "county_code"]
GROUPS = ["group_1", "group_2", "group_3"]
"""Columns of a trial's groups, from the widest to the narrowest."""
MOST_DISPERSION = 0.5


@dataclass(frozen=True)
class Prior:
    """What is expected where nothing is known: the share of hits, and the dispersion that counties have at least. ``custom``:
    the share in a province above which hitting is its custom and no sign."""

    share: float
    dispersion: float
    custom: float


def with_expected(trials: pl.DataFrame, prior: Prior, limits: Limits) -> pl.DataFrame:
    """Trials (year, province_code, county_code, group_1 to group_3, hit) with ``share``: what the other counties make one expect.

    Trials of which more than ``prior.custom`` would hit are left out.
    """
    made = trials.with_columns(pl.lit(prior.share).alias("share"))
    for depth in range(len(GROUPS) + 1):
        group = [*PLACE, *GROUPS[:depth]]
        inside = (pl.len().over(group), pl.col("hit").sum().over(group))
        own = (pl.len().over([*group, "county_code"]), pl.col("hit").sum().over([*group, "county_code"]))
        w = limits.prior_trials
        drawn = (inside[1] - own[1] + w * pl.col("share")) / (inside[0] - own[0] + w)
        made = made.with_columns(drawn.alias("share"))
    return made.filter(pl.col("share") <= prior.custom)


def counted(trials: pl.DataFrame, unit: list[str]) -> pl.DataFrame:
    """One row a unit: ``n`` trials, ``observed`` hits, ``expected`` hits; sums are exact, whatever the order."""
    grouped = trials.group_by(unit).agg(
        pl.len().cast(pl.Int64).alias("n"), pl.col("hit").sum().cast(pl.Int64).alias("observed"), "share"
    )
    expected = pl.Series("expected", [math.fsum(shares) for shares in grouped["share"]], dtype=pl.Float64)
    return grouped.drop("share").with_columns(expected).sort(unit)


def with_dispersion(units: pl.DataFrame, least: float) -> pl.DataFrame:
    """Units (n, observed, expected) with ``dispersion``: the intra-class correlation of the other counties' units, by moments."""
    mean = pl.col("expected") / pl.col("n")
    spread = pl.col("n") * mean * (1 - mean)
    parts = units.with_columns(
        ((pl.col("observed") - pl.col("expected")) ** 2 - spread).alias("over"),
        (spread * (pl.col("n") - 1)).alias("weight"),
    )
    sums = parts.group_by(COUNTY, maintain_order=True).agg("over", "weight")
    by_county = sums.with_columns(
        *(
            pl.Series(name, [math.fsum(values) for values in sums[name]], dtype=pl.Float64)
            for name in ("over", "weight")
        )
    ).sort(COUNTY)
    rows = []
    for place, of in by_county.group_by(PLACE, maintain_order=True):
        over, weight = of["over"].to_list(), of["weight"].to_list()
        for i, county in enumerate(of["county_code"]):
            others = math.fsum(w for j, w in enumerate(weight) if j != i)
            moment = math.fsum(o for j, o in enumerate(over) if j != i) / others if others > 0 else 0.0
            rows.append((*place, county, min(MOST_DISPERSION, max(least, moment))))
    found = pl.DataFrame(rows, schema={**{c: units.schema[c] for c in COUNTY}, "dispersion": pl.Float64}, orient="row")
    return units.join(found, on=COUNTY, how="left")


def tail(n: int, observed: int, expected: float, dispersion: float) -> float:
    """The exact chance of ``observed`` hits or more among ``n``: beta-binomial of mean ``expected`` ÷ n, binomial where dispersion is 0."""
    if observed <= 0 or n <= 0:
        return 1.0
    mean = min(max(expected / n, 1e-12), 1 - 1e-12)
    k = np.arange(observed, n + 1)
    choose = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    if dispersion <= 0:
        logs = choose + k * math.log(mean) + (n - k) * math.log1p(-mean)
    else:
        a, b = mean * (1 - dispersion) / dispersion, (1 - mean) * (1 - dispersion) / dispersion
        logs = choose + betaln(k + a, n - k + b) - betaln(a, b)
    return min(1.0, math.fsum(np.exp(logs)))


def with_tail(units: pl.DataFrame) -> pl.DataFrame:
    """Units with ``p_value``."""
    columns = ("n", "observed", "expected", "dispersion")
    p = [tail(*row) for row in units.select(columns).iter_rows()]
    return units.with_columns(pl.Series("p_value", p, dtype=pl.Float64))

"""The counties most alike to each, among all of the year, and a county's place among them.

The distance of two counties is √(Σ w (z − z')² ÷ Σ w) over the features that both have: the usual difference in standard units. Two that
share too few features are not compared. Ties (at 12 decimals) go by code; the distance is the same seen from either side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.schema.comparison import at_least, tolerance
from pipeline.schema.model import Catalogue
from pipeline.schema.years_limits import YearsLimits
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import area
from pipeline.years.features import COUNTY

OK = "ok"
PEER = {
    "year": pl.Int64(), "county_code": pl.String(), "peer_no": pl.Int64(), "peer_code": pl.String(), "distance": pl.Float64(),
    "features_compared": pl.Int64(), "features": pl.Int64(), "differs_most_in": pl.String(), "differs_most_pct": pl.Float64(),
    "peers_found": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """How counties are compared: features with their weights, how many peers, the share of features that two must have in common."""

    features: tuple[str, ...]
    weights: tuple[float, ...]
    peers: int
    least_pct: float
    tolerance: float

    @classmethod
    def of(cls, catalogue: Catalogue) -> Measure:
        features = catalogue.peers.features if catalogue.peers else ()
        limits = YearsLimits.of(catalogue)
        return cls(
            tuple(f.id for f in features), tuple(f.weight for f in features), int(limits.peers), limits.peer_features_pct,
            tolerance(catalogue),
        )  # fmt: skip


def county_peer(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """One row a year, county and peer, nearest first."""
    rows = peers_of(pl.read_parquet(home.table("county_feature")), Measure.of(catalogue))
    places = area(catalogue).filter(pl.col("area_level") == "province")
    own, other = (_province(rows, code, places) for code in ("county_code", "peer_code"))
    joined = rows.join(own, on=["year", "county_code"], how="left").join(other, on=["year", "peer_code"], how="left")
    same = (pl.col("of_county_code") == pl.col("of_peer_code")).fill_null(False)
    return joined.with_columns(same.alias("is_same_province"))


def _province(rows: pl.DataFrame, column: str, places: pl.DataFrame) -> pl.DataFrame:
    """Year and code → the province it lies in (``of_<column>``); no row where it lies in none."""
    found = rows.select("year", column).unique().join(places, left_on=column, right_on="county_code")
    inside = found.filter((pl.col("valid_from") <= pl.col("year")) & (pl.col("year") <= pl.col("valid_to")))
    return inside.select("year", column, pl.col("area_code").alias(f"of_{column}"))


def peers_of(features: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """The peers of every county of every year. ``features``: year, county_code, feature_id, standardised."""
    rows: list[tuple[object, ...]] = []
    for (year,), of_year in features.group_by("year", maintain_order=True):
        wide = of_year.pivot("feature_id", index="county_code", values="standardised").sort("county_code")
        codes = wide["county_code"].to_list()
        z = np.column_stack([wide[f].to_numpy().astype(np.float64) for f in measure.features])
        for i, code in enumerate(codes):
            rows += [(year, code, *row) for row in _nearest(z, i, codes, measure)]
    return pl.DataFrame(rows, schema=PEER, orient="row")


def _nearest(z: np.ndarray, i: int, codes: list[str], measure: Measure) -> Iterator[tuple[object, ...]]:
    """The peers of one county: number, code, distance, features compared and in all, what they differ most in, peers found."""
    squares = np.asarray(measure.weights) * (z - z[i]) ** 2
    known = ~np.isnan(squares)
    total, weight = np.zeros(len(codes)), np.zeros(len(codes))
    for k in range(len(measure.features)):  # one after another: the same order, and so the same bits, from either side
        total += np.where(known[:, k], squares[:, k], 0.0)
        weight += np.where(known[:, k], measure.weights[k], 0.0)
    count = known.sum(axis=1)
    enough = (count > 0) & at_least(count * 100, measure.least_pct * len(measure.features), measure.tolerance)
    enough[i] = False
    distance = np.sqrt(total / np.where(weight > 0, weight, 1.0))
    order = sorted(np.flatnonzero(enough), key=lambda j: (round(float(distance[j]), 12), codes[j]))[: measure.peers]
    for number, j in enumerate(order, 1):
        most = int(np.argmax(np.where(known[j], squares[j], -1.0)))
        differs = total[j] > 0
        share = 100 * float(squares[j, most]) / float(total[j]) if differs else None
        yield (
            number, codes[j], float(distance[j]), int(count[j]), len(measure.features),
            measure.features[most] if differs else None, share, len(order),
        )  # fmt: skip


def county_among_peers(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """One row a year, standard, measure, stage and county of county_ranking: its place among itself and its peers."""
    return among(pl.read_parquet(home.table("county_measure")), pl.read_parquet(home.table("county_peer")))


def among(measures: pl.DataFrame, peers: pl.DataFrame) -> pl.DataFrame:
    """Places among peers. ``measures``: as in county_measure; ``peers``: year, county_code, peer_code. Only state ok is compared."""
    of = ["year", "standard_id", "measure", "stage"]
    sign = pl.when("is_lower_better").then(1.0).otherwise(-1.0)
    own = measures.with_columns((pl.col("value").round(12) * sign).alias("key"))
    ok = own.filter(pl.col("state") == OK)
    others = ok.select(
        *of,
        pl.col("county_code").alias("peer_code"),
        pl.col("key").alias("peer_key"),
        pl.col("value").alias("peer_value"),
    )
    key = [*of, "county_code"]
    pairs = ok.join(peers.select(*COUNTY, "peer_code"), on=COUNTY).join(others, on=[*of, "peer_code"])
    told = pairs.group_by(key).agg(
        pl.len().cast(pl.Int64).alias("peers_compared"), ((pl.col("peer_key") < pl.col("key")).sum() + 1).cast(pl.Int64).alias("place"),
        pl.col("peer_value").median().alias("peers_median"), pl.col("peer_value").min().alias("peers_least"),
        pl.col("peer_value").max().alias("peers_most"),
    )  # fmt: skip
    number = peers.group_by(COUNTY).agg(pl.len().cast(pl.Int64).alias("peers"))
    rows = measures.join(number, on=COUNTY, how="left").join(told, on=key, how="left")
    return rows.with_columns(pl.col("peers", "peers_compared").fill_null(0))

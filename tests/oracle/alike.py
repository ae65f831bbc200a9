"""Counties that are alike and their places among them, from the features and ranks of a release."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from tests.oracle.rankings import HIGHER_IS_BETTER
from tests.oracle.released import Tables

Row = dict[str, Any]
PEERS = 10
LEAST_SHARE = 0.6
LOGS = ("pupils", "schools", "pupils_per_school", "gdp_per_head", "revenue_per_pupil", "rural_income")
"""Features of which ratios are compared."""


def standardised(release: Tables) -> pd.DataFrame:
    """county_feature with ``standardised`` taken anew from the values."""
    made = []
    for (_, name), part in release["county_feature"].groupby(["year", "feature_id"]):
        value = part.value.to_numpy(float)
        moved = np.log(value) if name in LOGS else value
        middle = np.nanmedian(moved)
        spread = np.nanmedian(np.abs(moved - middle)) / norm.ppf(0.75)
        made.append(part.assign(standardised=(moved - middle) / spread if spread else np.nan))
    return pd.concat(made)


def peers(release: Tables) -> pd.DataFrame:
    """county_peer from the standardised features."""
    province = {(d.year, d.county_code): d.province_code for d in release["county_ranking"].itertuples()}
    made: list[Row] = []
    for year, part in release["county_feature"].groupby("year"):
        weights = part.groupby("feature_id").weight.first()
        grid = part.pivot(index="county_code", columns="feature_id", values="standardised").astype(float)
        for county in grid.index:
            near = []
            for other in grid.index.drop(county):
                gap = (grid.loc[county] - grid.loc[other]).dropna()
                if gap.empty or len(gap) < LEAST_SHARE * len(weights):
                    continue
                w = weights[gap.index]
                parts = w * gap**2
                near.append((round(math.sqrt(parts.sum() / w.sum()), 12), other, parts))
            near.sort(key=lambda n: n[:2])
            for place, (distance, other, parts) in enumerate(near[:PEERS], 1):
                most = parts[[f for f in part.feature_id.unique() if f in parts.index]].max()
                made.append(
                    {
                        "year": year,
                        "county_code": county,
                        "peer_no": place,
                        "peer_code": other,
                        "is_same_province": province[year, county] == province[year, other],
                        "distance": distance,
                        "features_compared": len(parts),
                        "features": len(weights),
                        "differs_most_pct": 100 * most / parts.sum() if most else None,
                        "peers_found": min(PEERS, len(near)),
                    }
                )
    return pd.DataFrame(made)


def among_peers(release: Tables) -> pd.DataFrame:
    """county_among_peers."""
    alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for p in release["county_peer"].itertuples():
        alike[p.year, p.county_code].append(p.peer_code)
    key = ["year", "standard_id", "measure", "stage"]
    made: list[Row] = []
    for group, part in release["county_ranking"].groupby(key):
        value = {r.county_code: r.value for r in part.itertuples() if r.state == "ok"}
        for r in part.itertuples():
            mine = alike[r.year, r.county_code]
            told = [value[c] for c in mine if c in value]
            sign = -1 if r.measure in HIGHER_IS_BETTER else 1
            compared = r.state == "ok" and bool(told)
            made.append(
                dict(zip(key, group, strict=True))
                | {
                    "county_code": r.county_code,
                    "value": r.value,
                    "state": r.state,
                    "peers": len(mine),
                    "peers_compared": len(told) if compared else 0,
                    "place": 1 + sum(sign * round(v, 12) < sign * round(r.value, 12) for v in told)
                    if compared
                    else None,
                    "peers_median": float(np.median(told)) if told and compared else None,
                    "peers_least": min(told) if told and compared else None,
                    "peers_most": max(told) if told and compared else None,
                }
            )
    return pd.DataFrame(made)

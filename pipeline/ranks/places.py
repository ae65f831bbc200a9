"""Ranks, and by how many places something moves them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

DECIMALS = 12
"""Keys are ranked as they are rounded to this many decimals, so that the last bits of a sum decide nothing (method 3)."""


def keys(values: Numbers, *, lower_is_better: bool) -> Numbers:
    """What is ranked: the least key is first."""
    rounded = np.round(values, DECIMALS)
    return rounded if lower_is_better else -rounded


def places(key: Numbers) -> Places:
    """Rank of each key along the last axis: one more than the number of smaller keys, so ties share the smaller rank."""
    if key.size == 0:
        return np.zeros(key.shape, dtype=np.int64)
    return np.asarray(rankdata(key, method="min", axis=-1)).astype(np.int64)


def tied(rank: Places) -> int:
    """How many units share their rank with another (one list)."""
    _, count = np.unique(rank, return_counts=True)
    return int(count[count > 1].sum())


def quantile(values: Numbers, pct: float) -> Numbers:
    """The value that ``pct`` per cent of those along the first axis do not exceed: always one of them, never between two."""
    ordered = np.sort(values, axis=0)
    # 5 % of 500 is the 25th; the slack keeps 25.000000000000004 from being the 26th.
    position = int(np.ceil(len(ordered) * pct / 100 - 1e-9))
    return np.asarray(ordered[min(max(position, 1), len(ordered)) - 1])

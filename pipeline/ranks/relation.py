"""How indicators go together, and how much each weighs. Diagnostics: of what the figures are, never marks of anybody."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from pipeline.ranks.normalise import is_constant

Numbers = NDArray[np.float64]


def correlation(x: Numbers, y: Numbers) -> float | None:
    """Pearson's correlation of two columns; None with fewer than two units or where one of the columns is the same throughout."""
    if len(x) < 2 or is_constant(x) or is_constant(y):
        return None
    # Scaled first: the square of a very small deviation would be 0.
    a, b = (column - column.mean() for column in (x, y))
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    found = float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
    return min(1.0, max(-1.0, found))


def rank_correlation(x: Numbers, y: Numbers) -> float | None:
    """Spearman's: Pearson's of the ranks, ties at the middle of their ranks; None where one list is all ties."""
    return correlation(rankdata(x), rankdata(y)) if len(x) else None


def rank_correlations(one: Numbers, many: Numbers) -> Numbers:
    """``rank_correlation`` of one list with each row of another; NaN where one of them is all ties."""
    if one.size < 2:
        return np.full(len(many), np.nan)
    a, b = rankdata(one), rankdata(many, axis=1)
    a, b = a - a.mean(), b - b.mean(axis=1, keepdims=True)
    scale = np.sqrt((a * a).sum() * (b * b).sum(axis=1))
    return np.divide((a * b).sum(axis=1), scale, out=np.full(len(many), np.nan), where=scale > 0)


def variance_shares(parts: Numbers) -> Numbers | None:
    """Of the variance of a sum over columns, the share that goes with each: cov(part, sum) / var(sum). They add up to 1.

    ``parts``: a row a unit, a column a summand. None where the sum is the same for all. A share can be below 0 or above 1.
    """
    total = parts.sum(axis=1)
    if len(total) < 2 or is_constant(total):
        return None
    deviation = total - total.mean()
    deviation = deviation / np.abs(deviation).max()
    covariance = ((parts - parts.mean(axis=0)) * deviation[:, None]).sum(axis=0)
    return np.asarray(covariance / covariance.sum())


def effective_weights(parent: Mapping[str, str | None], weight: Mapping[str, float]) -> dict[str, float]:
    """Weight of every node of a tree in its top: its share among its siblings times the effective weight of its parent.

    ``parent``: node to the node that it is part of, None for the top.
    """
    among: dict[str | None, float] = {}
    for node, above in parent.items():
        among[above] = among.get(above, 0.0) + weight[node]

    def effective(node: str) -> float:
        above = parent[node]
        share = weight[node] / among[above]
        return share if above is None else share * effective(above)

    return {node: effective(node) for node in parent}

"""One figure of several: along the last axis, whatever stands before it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Aggregation = Callable[[Numbers, Numbers], Numbers]
"""Values and weights along the last axis to one value."""


def arithmetic(x: Numbers, weight: Numbers) -> Numbers:
    """Weighted mean along the last axis; weights need not add up to 1 and one of them at least is above 0."""
    return np.asarray((x * weight).sum(axis=-1) / weight.sum(axis=-1))


def geometric(x: Numbers, weight: Numbers) -> Numbers:
    """Weighted geometric mean along the last axis, of values above 0 (callers shift what can be 0)."""
    return np.asarray(np.exp((np.log(x) * weight).sum(axis=-1) / weight.sum(axis=-1)))


def largest(x: Numbers, weight: Numbers) -> Numbers:
    """The largest value; a weight of 0 leaves a value out, others do not matter."""
    return np.asarray(np.where(weight > 0, x, -np.inf).max(axis=-1))


def excess(x: Numbers, weight: Numbers) -> Numbers:
    """How far beyond 1, weighted root of the mean square: for ratios of a value to its limit. Within the limit counts as 0."""
    return np.sqrt(arithmetic(np.maximum(x - 1, 0.0) ** 2, weight))


def without_each(x: Numbers, weight: Numbers, aggregate: Aggregation) -> Numbers:
    """The composite once for every indicator left out (its weight 0): one more axis in front. Needs two indicators at least."""
    kept = np.where(np.eye(len(weight), dtype=bool), 0.0, weight)
    return np.stack([aggregate(x, row) for row in kept])

"""Indicators on one scale. Both ways depend on who is compared: adding a unit moves the figures of all others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

NOISE = 1e-12
"""Values that differ by less than this part of the largest are the same: what is left is rounding."""


def is_constant(x: Numbers) -> NDArray[np.bool_]:
    """Whether all values of each column are the same; true of a single unit."""
    return np.asarray(x.max(axis=0) - x.min(axis=0) <= NOISE * np.abs(x).max(axis=0))


def min_max(x: Numbers, low: float = 0.0, high: float = 1.0) -> Numbers:
    """Columns stretched so that their least value is ``low`` and their largest ``high``.

    ``x``: a row a unit, a column an indicator, nothing missing. A column whose values are all the same tells nobody apart: all ``low``.
    """
    least = x.min(axis=0)
    share = np.divide(x - least, x.max(axis=0) - least, out=np.zeros_like(x), where=~is_constant(x))
    return low + (high - low) * share


def z_score(x: Numbers) -> Numbers:
    """Columns with mean 0 and standard deviation 1 (divisor n - 1, as is usual for scores of a sample).

    A column whose values are all the same, and a single unit, get 0.
    """
    if len(x) < 2:
        return np.zeros_like(x)
    deviation = x - x.mean(axis=0)
    spread = np.sqrt((deviation**2).sum(axis=0) / (len(x) - 1))
    return np.divide(deviation, spread, out=np.zeros_like(x), where=~is_constant(x))

"""Holding values against levels outside SQL: the rule of the macros ``at_least`` and ``at_most`` (``method`` 3), for numbers and arrays.

Here: the comparison with its tolerance and the rounding before it. Not here: what is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.schema.model import Catalogue

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]

DECIMAL_PLACES = 12
"""Places kept before rounding in decimal, as the SQL casts."""


X = TypeVar("X", float, Array)


def tolerance(catalogue: Catalogue) -> float:
    """Relative tolerance of every comparison."""
    return float(catalogue.setting("comparison_tolerance"))


def at_least(value: X, level: X, within: float) -> Any:
    """Whether a value reaches a level; ``within`` is the relative tolerance. A truth value, or an array of them."""
    return value >= level - abs(level) * within


def at_most(value: X, level: X, within: float) -> Any:
    """Whether a value stays within a level; ``within`` is the relative tolerance. A truth value, or an array of them."""
    return value <= level + abs(level) * within


@dataclass(frozen=True)
class Comparison:
    """``tolerance``: relative, absorbs floating-point error only. ``decimals``: of values before comparing, None for none."""

    tolerance: float = 1e-9
    decimals: int | None = None

    @classmethod
    def of(cls, catalogue: Catalogue) -> Comparison:
        """As the settings of a catalogue say."""
        decimals = catalogue.setting("decimals_value")
        return cls(tolerance(catalogue), None if decimals is None else int(decimals))

    def compared(self, x: ArrayLike) -> Array:
        """A value as it is compared: itself, or rounded half up."""
        value = np.asarray(x, dtype=np.float64)
        if self.decimals is None:
            return value
        scale = 10.0**self.decimals
        kept = np.round(np.abs(value) * scale, DECIMAL_PLACES - self.decimals)
        return np.sign(value) * np.floor(kept + 0.5) / scale

    def at_least(self, x: ArrayLike, t: ArrayLike) -> Truth:
        """Whether x reaches t; false where either is NaN."""
        return np.asarray(at_least(self.compared(x), np.asarray(t, dtype=np.float64), self.tolerance))

    def at_most(self, x: ArrayLike, t: ArrayLike) -> Truth:
        """Whether x keeps within t; false where either is NaN."""
        return np.asarray(at_most(self.compared(x), np.asarray(t, dtype=np.float64), self.tolerance))

    def meets(self, x: ArrayLike, t: ArrayLike, direction: str) -> Truth:
        """Whether x satisfies ``direction`` (``>=`` or ``<=``) t."""
        return self.at_least(x, t) if direction == ">=" else self.at_most(x, t)

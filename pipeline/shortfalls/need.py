"""The least amount of a field that brings a value to a level (``method`` 3 and 9), in the field's unit.

value = numerator ÷ denominator and one of them is linear in the field, so the amount is the gap divided by what one unit closes of
it. Things are whole: the smallest whole number for which the comparison of ``method`` 3 holds. Not here: where the amount goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.schema.comparison import Array, Comparison, Truth
from pipeline.schema.shortfall import Effect

STEPS = 4
"""Whole numbers tried from one below the quotient: rounding moves the true one by one at most."""


@dataclass(frozen=True)
class Values:
    """Rows of an indicator: a school's stage, or the school, each held against one level.

    ``share``: the part of the amount that the row gets (1 but for what the stages of a school share).
    """

    numerator: Array
    denominator: Array
    level: Array
    share: Array

    def where(self, rows: Truth) -> Values:
        return Values(self.numerator[rows], self.denominator[rows], self.level[rows], self.share[rows])


@dataclass(frozen=True)
class Rule:
    """How an indicator is held against its level, and what a unit of its field does."""

    direction: str
    effect: Effect
    comparison: Comparison

    def after(self, values: Values, amount: Array) -> Array:
        """The value once this amount of the field has been added, or removed."""
        sign = 1.0 if self.effect.change == "add" else -1.0
        moved = sign * self.effect.slope * amount * values.share
        if self.effect.side == "numerator":
            return np.asarray((values.numerator + moved) / values.denominator)
        return np.asarray(values.numerator / (values.denominator + moved))

    def is_met(self, values: Values, amount: Array) -> Truth:
        return self.comparison.meets(self.after(values, amount), values.level, self.direction)

    def gap(self, values: Values, level: Array) -> Array:
        """How far numerator and denominator are from the level, in units of the numerator; above 0 where unmet."""
        sign = 1.0 if self.direction == ">=" else -1.0
        return np.asarray(sign * (level * values.denominator - values.numerator))

    def units(self, values: Values, level: Array) -> Array:
        """Units of the field, and parts of one, that bring each row just to a level."""
        slope = abs(self.effect.slope)
        closed_by_one = values.share * (slope if self.effect.side == "numerator" else slope * level)
        return np.asarray(self.gap(values, level) / closed_by_one)

    def reached_level(self, level: Array) -> Array:
        """The last value that the comparison lets pass: within its tolerance, and where values are rounded, rounding to one that passes."""
        sign = 1.0 if self.direction == ">=" else -1.0
        passes = level - sign * np.abs(level) * self.comparison.tolerance
        if self.comparison.decimals is not None:
            scale = 10.0**self.comparison.decimals
            passes = (sign * np.ceil(sign * passes * scale) - 0.5 * sign) / scale
        return np.asarray(passes)


def least(rule: Rule, values: Values) -> Array:
    """The least amount for each row: 0 where the level is met, NaN where the value or the level is unknown."""
    with np.errstate(invalid="ignore", divide="ignore"):
        known = (
            np.isfinite(values.numerator) & np.isfinite(values.denominator) & np.isfinite(values.level * values.share)
        )
        found = np.where(known, 0.0, np.nan)
        lacking = known & ~rule.is_met(values, np.zeros(len(found)))
        short = values.where(lacking)
        found[lacking] = _whole(rule, short) if rule.effect.is_counted else _exact(rule, short)
    return found


def _exact(rule: Rule, values: Values) -> Array:
    return np.maximum(rule.units(values, values.level), 0.0)


def _whole(rule: Rule, values: Values) -> Array:
    amount = np.maximum(np.ceil(rule.units(values, rule.reached_level(values.level))) - 1, 1.0)
    for _ in range(STEPS):
        amount = np.where(rule.is_met(values, amount), amount, amount + 1)
    return amount

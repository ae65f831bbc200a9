"""Whole units of a spending plan: rounded up school by school, then what is surplus taken back, dearest first.

The distance to the continuous optimum is stated: no plan of whole units can cost less than that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.advice.spending import Problem, coefficient
from pipeline.schema.comparison import at_least

HAIR = 1e-9
"""Parts of a unit that rounding up leaves unbought: smaller than any comparison can tell."""


@dataclass(frozen=True)
class Bought:
    """Whole units bought for each school (``share`` of each goes to the stage), and the values that come of them."""

    units: tuple[int, ...]
    values: tuple[float, ...]


def whole_units(problem: Problem, continuous: Sequence[float], shares: Sequence[float], within: float) -> Bought:
    """Whole units that keep every school at its least value and the coefficient within the limit."""
    value_of_one = np.asarray(shares) / np.asarray(problem.units_per_value)
    lacking = (np.asarray(continuous) - np.asarray(problem.values)) / value_of_one
    bought = np.array([math.ceil(x - HAIR) for x in lacking])
    bought = _until_within(problem, bought, value_of_one, within)
    while (place := _surplus(problem, bought, value_of_one, within)) is not None:
        bought[place] -= 1
    values = _values(problem, bought, value_of_one)
    return Bought(tuple(int(n) for n in bought), tuple(float(x) for x in values))


def _values(problem: Problem, bought: np.ndarray, value_of_one: np.ndarray) -> np.ndarray:
    return np.asarray(problem.values) + bought * value_of_one


def _until_within(problem: Problem, bought: np.ndarray, value_of_one: np.ndarray, within: float) -> np.ndarray:
    """Adds a unit where the value is lowest until the limit and the least values hold: rounding up alone may exceed it."""
    made = bought.copy()
    while True:
        values = _values(problem, made, value_of_one)
        below = [i for i, (v, t) in enumerate(zip(values, problem.least, strict=True)) if not at_least(v, t, within)]
        if not below and coefficient(values, problem.pupils) <= problem.largest:
            return made
        made[below[0] if below else int(np.argmin(values))] += 1


def _surplus(problem: Problem, bought: np.ndarray, value_of_one: np.ndarray, within: float) -> int | None:
    """The school whose last unit is dearest of those that are not needed; the first of equals."""
    costs = np.asarray(problem.costs)
    for place in sorted(np.flatnonzero(bought), key=lambda i: (-costs[i], i)):
        less = bought.copy()
        less[place] -= 1
        values = _values(problem, less, value_of_one)
        least = at_least(float(values[place]), problem.least[place], within)
        if least and coefficient(values, problem.pupils) <= problem.largest:
            return int(place)
    return None

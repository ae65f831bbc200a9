"""The least spending that brings a gap within its limit where nothing can move: units are added, so the mean rises too.

With values x_i, pupils P_i and N = Σ P_i the coefficient is at most L exactly where ‖√P x‖ ≤ √((1 + L²)/N) · Σ P_i x_i, a
second-order cone, so the least cost is a convex programme. Where a unit costs the same everywhere and the denominator goes
with the pupils, its solution is to raise all to the standard, then the lowest to a common level: found by bisection. Else
the programme is solved (clarabel). Source: ``method`` 9.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.advice.county import SAME

HALVINGS = 200
Vector = np.ndarray


@dataclass(frozen=True)
class Problem:
    """Values now and the least that each school is to have, pupils, units that one of the value takes (denominator ÷
    per_unit) and the cost of a unit, by school; ``largest``: the largest coefficient that is within the limit."""

    values: tuple[float, ...]
    least: tuple[float, ...]
    pupils: tuple[float, ...]
    units_per_value: tuple[float, ...]
    costs: tuple[float, ...]
    largest: float

    @property
    def is_level(self) -> bool:
        """Whether a common level is the least spending: one cost, and units by pupils."""
        ratios = [c * u / p for c, u, p in zip(self.costs, self.units_per_value, self.pupils, strict=True)]
        return max(ratios) - min(ratios) <= SAME * max(ratios)


@dataclass(frozen=True)
class Continuous:
    """Values after spending, as numbers that need not be whole units. ``cost``: of what is added; ``gap``: how much less
    another plan could cost at most. ``level``: the common level, null where there is none or nothing is raised beyond the
    standard."""

    values: tuple[float, ...]
    cost: float
    gap: float
    level: float | None


def coefficient(values: Sequence[float] | Vector, pupils: Sequence[float] | Vector) -> float:
    """The gap coefficient in one formula, for the search; a plan is held against the limit by ``judge``."""
    x, p = np.asarray(values, float), np.asarray(pupils, float)
    mean = float(x @ p) / float(p.sum())
    return math.sqrt(float(p @ (x - mean) ** 2) / float(p.sum())) / mean if mean > 0 else math.inf


def least_spending(problem: Problem) -> Continuous:
    """The least that can be spent. Some least value, or some value, must be above 0."""
    start = np.maximum(problem.values, problem.least)
    if coefficient(start, problem.pupils) <= problem.largest:
        return _costed(problem, start, 0.0, None)
    if problem.is_level:
        level = _level(problem, start)
        return _costed(problem, np.maximum(start, level), 0.0, level)
    return _cone(problem, start)


def cost_of(problem: Problem, values: Sequence[float] | Vector) -> float:
    """What it costs to have these values."""
    added = (np.asarray(values) - np.asarray(problem.values)) * np.asarray(problem.units_per_value)
    return float(math.fsum(added * np.asarray(problem.costs)))


def _costed(problem: Problem, values: Vector, gap: float, level: float | None) -> Continuous:
    return Continuous(tuple(float(x) for x in values), cost_of(problem, values), gap, level)


def _level(problem: Problem, start: Vector) -> float:
    """The lowest common level of the lowest schools at which the coefficient is within the limit."""
    return _smallest(
        lambda level: coefficient(np.maximum(start, level), problem.pupils) <= problem.largest,
        float(start.min()),
        float(start.max()),
    )


def _smallest(holds: Callable[[float], bool], low: float, high: float) -> float:
    """The smallest number for which a growing condition holds, by bisection; it holds at ``high``."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _cone(problem: Problem, start: Vector) -> Continuous:
    """The cone programme, in units of the mean so that numbers are near 1; what the solver's tolerance leaves is made up
    by drawing all values towards their largest, and counts as part of the gap."""
    import clarabel
    from scipy.sparse import csc_array, vstack

    people = np.asarray(problem.pupils) / sum(problem.pupils)
    scale = float(start @ people)
    weight = np.asarray(problem.costs) * np.asarray(problem.units_per_value)
    unit = float(weight @ np.maximum(start, start.max())) or 1.0
    n = len(start)
    floor = csc_array(-np.eye(n))
    cone = csc_array(np.vstack([-math.sqrt(1 + problem.largest**2) * people, -np.diag(np.sqrt(people))]))
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    solver = clarabel.DefaultSolver(
        csc_array((n, n)), weight * scale / unit, csc_array(vstack([floor, cone])), np.r_[-start / scale, np.zeros(n + 1)],
        [clarabel.NonnegativeConeT(n), clarabel.SecondOrderConeT(n + 1)], settings,
    )  # fmt: skip
    found = solver.solve()
    values = np.maximum(np.asarray(found.x) * scale, start)
    values = _mended(values, problem)
    made = _costed(problem, values, 0.0, None)
    now = float(weight @ np.asarray(problem.values))
    least = float(found.obj_val_dual) * unit - now if str(found.status) in ("Solved", "AlmostSolved") else 0.0
    return Continuous(made.values, made.cost, max(0.0, made.cost - least), None)


def _mended(values: Vector, problem: Problem) -> Vector:
    """Values drawn towards their largest by the least part after which the limit holds."""
    if not np.all(np.isfinite(values)):
        values = np.maximum(np.nan_to_num(values), problem.values)
    highest = float(values.max())

    def drawn(part: float) -> Vector:
        return values + part * (highest - values)

    if coefficient(values, problem.pupils) <= problem.largest:
        return values
    part = _smallest(lambda p: coefficient(drawn(p), problem.pupils) <= problem.largest, 0.0, 1.0)
    return drawn(part)

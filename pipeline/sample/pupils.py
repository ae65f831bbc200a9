"""Pupils of a county's units in one year, over grades and classes.

Here: how pupils drift from year to year, how cohorts move up, and how each grade is divided into classes. Not here: teachers and things.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.sample.draws import Array, Draws
from pipeline.sample.parameters import parameters
from pipeline.sample.units import Flags, Numbers, Units


@dataclass(frozen=True)
class Classes:
    """Classes of a county in one year as columns, a row a class, in order of unit, stage, grade and number."""

    unit: Numbers
    stage: Numbers
    grade: Numbers
    number: Numbers
    size: Numbers

    def counted(self, units: int, stages: int) -> Array:
        """Classes by unit and stage."""
        flat = np.bincount(self.unit * stages + self.stage, minlength=units * stages)
        return flat.reshape(units, stages).astype(float)


def heads_in(units: Units, year: int, first: int) -> Array:
    """Pupils by unit and stage in a year: those of the first year moved on by every year since."""
    spec = parameters("structure")["pupils_yearly"]
    stages, draws = parameters("structure")["stages"], units.county.draws
    trend = np.array([[spec["trend"][stage][place] for stage in stages] for place in range(3)])[units.place]
    sd = np.sqrt(spec["sd"] ** 2 + spec["sd_small"] ** 2 / np.maximum(units.heads, 1.0))
    moved = np.zeros_like(units.heads)
    for later in range(first + 1, year + 1):
        moved += trend + sd * draws.normal("heads", later - first, size=units.heads.shape)
    return np.where(units.heads > 0, np.maximum(4, np.round(units.heads * np.exp(moved))), 0)


def heads_before(units: Units, year: int, first: int) -> Array:
    """Pupils of the year before; before the first year as if the drift had been the same."""
    if year > first:
        return heads_in(units, year - 1, first)
    back = 2 * units.heads - heads_in(units, first + 1, first)
    return np.where(units.heads > 0, np.maximum(4, back), 0)


def classes_in(units: Units, heads: Array, years_on: int, prepared: bool) -> Classes:
    """The classes into which the pupils of each grade fall; ``years_on`` is how many years after the first this is."""
    structure = parameters("structure")
    parts = [_of_stage(units, heads[:, s], s, years_on, prepared) for s in range(len(structure["stages"]))]
    unit, stage, grade, number, size = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((number, grade, stage, unit))
    return Classes(unit[order], stage[order], grade[order], number[order], size[order])


def _of_stage(units: Units, heads: Array, s: int, years_on: int, prepared: bool) -> tuple[Numbers, ...]:
    structure = parameters("structure")
    stage = structure["stages"][s]
    spec, draws = structure["class_sizes"][stage], units.county.draws
    levels = np.arange(spec["first"], spec["first"] + spec["levels"])
    limit = _limits(units, stage, prepared)
    by_grade = _by_grade(heads, years_on - levels, draws)
    count = np.where(by_grade > 0, np.ceil(by_grade / limit[:, None]), 0).astype(np.int64)
    points = units.is_kind(*structure["points"]["kinds"])
    if points.any():
        by_grade, count = _of_points(by_grade, count, points, heads)
    rows = np.repeat(np.arange(count.size), count.ravel())
    number = np.arange(len(rows)) - np.repeat(np.cumsum(count.ravel()) - count.ravel(), count.ravel())
    total, into = by_grade.ravel()[rows].astype(np.int64), count.ravel()[rows]
    size = total // into + (number < total % into)
    return rows // len(levels), np.full(len(rows), s), levels[rows % len(levels)], number + 1, size


def _limits(units: Units, stage: str, prepared: bool) -> Array:
    """The size at which each unit's grades get another class."""
    structure = parameters("structure")
    spec, draws = structure["class_sizes"][stage], units.county.draws
    bounds = np.cumsum(np.array(spec["chances"]), axis=1)[units.place]
    drawn = draws.uniform("limit", stage, size=len(units))
    limit = np.array(spec["limits"], dtype=float)[
        np.minimum((drawn[:, None] > bounds).sum(axis=1), bounds.shape[1] - 1)
    ]
    if prepared:
        limit = np.minimum(limit, spec["level"])
    for kind, size in structure["small_classes"].items():
        limit = np.where(units.is_kind(kind), size, limit)
    return limit


def _by_grade(heads: Array, cohorts: Array, draws: Draws) -> Array:
    """A stage's pupils over its grades: each cohort keeps its weight while it moves up. Whole, and they add up."""
    shape = parameters("structure")["cohort_shape"]
    weights = np.stack([draws.stream("cohort", int(c)).gamma(shape, size=len(heads)) for c in cohorts], axis=1)
    upto = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True) * heads[:, None]
    return np.diff(np.round(upto), axis=1, prepend=0.0)


def _of_points(by_grade: Array, count: Numbers, points: Flags, heads: Array) -> tuple[Array, Numbers]:
    """Teaching points have one class for so many pupils, in the lowest grades, each nearly of the same size."""
    spec = parameters("structure")["points"]
    levels = by_grade.shape[1]
    here = np.clip(np.ceil(heads / spec["pupils_a_class"]), 1, min(spec["most"], levels))
    within = np.arange(levels)[None, :] < here[:, None]
    upto = np.round(np.minimum(np.arange(1, levels + 1)[None, :], here[:, None]) / here[:, None] * heads[:, None])
    even = np.where(within, np.diff(upto, axis=1, prepend=0.0), 0.0)
    held = points & (heads > 0)
    return np.where(held[:, None], even, by_grade), np.where(held[:, None], within.astype(np.int64), count)

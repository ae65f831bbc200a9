"""Rotations and spending a second time: the fewest moves by counting through every outcome, school by school.

``Table[out, in]`` is the least sum of squared deviations that the schools looked at so far allow with so many people gone and
so many come; no theorem about the order of moves is used. Among plans of the fewest moves the ones that stay inside groups and
districts are found with one yes-or-no variable for every school and number of people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.oracle.gaps import Group, least_cv
from tests.oracle.released import Tables, counted_values, cv_of, group_of
from tests.oracle.texts import STANDARDS, WHOLE_UNITS, at_most

Row = dict[str, Any]
KEY = ["year", "standard_id", "county_code", "stage", "indicator_id"]
TOLERANCE = 1e-9
DISTRICT_WEIGHT = 10
KEPT_BY_ALL = 0.0


@dataclass(frozen=True)
class Case:
    """A county over a limit: what its schools have, whom they may lose, and where they belong."""

    key: tuple[Any, ...]
    gap: Any
    ids: list[str]
    units: np.ndarray
    pupils: np.ndarray
    level: float
    limit: float

    @property
    def mean(self) -> float:
        return float(self.units.sum() / self.pupils.sum())

    @property
    def bound(self) -> float:
        """Σ (r − q)² / P may be this at most."""
        cv = self.limit * (1 + TOLERANCE)
        return cv**2 * self.mean**2 * float(self.pupils.sum())

    def cost(self, i: int, units: np.ndarray) -> np.ndarray:
        return (units - self.mean * self.pupils[i]) ** 2 / self.pupils[i]

    def spare(self, free: bool = False) -> list[int]:
        """Whom each school may lose: down to the standard, or to nobody."""
        if free:
            return [round(u) for u in self.units]
        needed = np.ceil(self.level * self.pupils / 100 * (1 - TOLERANCE))
        kept = np.ceil(KEPT_BY_ALL * self.units * (1 - TOLERANCE))
        return [max(0, round(u - max(n, k))) for u, n, k in zip(self.units, needed, kept, strict=True)]


def cases(release: Tables, of_people: bool) -> list[Case]:
    """Counties of the latest year that are not known to be within a limit, for what people are counted in, or for the rest."""
    gaps = release["gap_coefficient"].query("area_level == 'county' and cv_limit.notna()")
    gaps = gaps[(gaps.year == gaps.year.max()) & gaps.indicator_id.isin(WHOLE_UNITS).eq(of_people)]
    # One school, or none, leaves nothing to compare; where nothing came there is nobody to move.
    values = group_of(counted_values(release), "year", "standard_id", "county_code", "stage", "indicator_id")
    none = counted_values(release).iloc[:0]
    found = []
    for gap in gaps.itertuples():
        if (not pd.isna(gap.is_met) and gap.is_met) or gap.schools + gap.schools_missing < 2:
            continue
        key = (gap.year, gap.standard_id, gap.area_code, gap.stage, gap.indicator_id)
        part = values.get(key, none)
        standard = next(s for s in STANDARDS if s.id == gap.standard_id)
        level = {v.indicator: v for v in standard.levels}[gap.indicator_id].by_stage[gap.stage]
        found.append(
            Case(
                key,
                gap,
                list(part.school_id),
                part.numerator.to_numpy(float),
                part.pupils.to_numpy(float),
                level,
                gap.cv_limit,
            )
        )
    return found


def counted_through(case: Case, free: bool = False) -> np.ndarray:
    """The least Σ (r − q)² / P for every number of people moved, from 0 on."""
    spare, total = case.spare(free), round(case.units.sum())
    largest = min(sum(spare), total)
    table = np.full((largest + 1, largest + 1), np.inf)
    table[0, 0] = 0.0
    for i, own in enumerate(case.units):
        made = np.full_like(table, np.inf)
        for out in range(min(spare[i], largest) + 1):
            made[out:] = np.minimum(made[out:], table[: largest + 1 - out] + case.cost(i, np.array(own - out)))
        coming = case.cost(i, own + np.arange(largest + 1))
        for come in range(1, largest + 1):
            made[:, come:] = np.minimum(made[:, come:], table[:, : largest + 1 - come] + coming[come])
        table = made
    return np.diagonal(table)


def fewest(case: Case, free: bool = False) -> tuple[int | None, float]:
    """The fewest moves that keep the limit (None: none do), and the least CV that any number of moves reaches."""
    sums = counted_through(case, free)
    within = np.flatnonzero(sums <= case.bound * (1 + 1e-12))
    least = math.sqrt(float(sums.min()) / float(case.pupils.sum())) / case.mean
    return (int(within[0]) if within.size else None), least


def crossings(case: Case, moves: int, classes: tuple[list[str], list[str]]) -> float:
    """Least moves between groups + ten times those between districts, among plans of so many moves."""
    spare, n = case.spare(), len(case.ids)
    options = [(i, d) for i in range(n) for d in range(-min(spare[i], moves), moves + 1)]
    ways = [(kind, name) for kind in (0, 1) for name in sorted(set(classes[kind]))]
    z, size = len(options), len(options) + len(ways)
    rows, low, high = [], [], []

    def add(coefficients: dict[int, float], least: float, most: float) -> None:
        row = np.zeros(size)
        for at, value in coefficients.items():
            row[at] = value
        rows.append(row)
        low.append(least)
        high.append(most)

    for i in range(n):
        add({k: 1 for k, (school, _) in enumerate(options) if school == i}, 1, 1)
    add({k: max(0, -d) for k, (_, d) in enumerate(options)}, moves, moves)
    add({k: max(0, d) for k, (_, d) in enumerate(options)}, moves, moves)
    scale = case.bound
    costs = {k: float(case.cost(i, np.array(case.units[i] + d))) / scale for k, (i, d) in enumerate(options)}
    add(costs, -np.inf, 1 + 1e-12)
    for w, (kind, name) in enumerate(ways):
        lost = {k: float(-d) for k, (i, d) in enumerate(options) if classes[kind][i] == name}
        add(lost | {z + w: -1.0}, -np.inf, 0)
    goal = np.zeros(size)
    goal[z:] = [1 if kind == 0 else DISTRICT_WEIGHT for kind, _ in ways]
    limits = Bounds(np.zeros(size), np.concatenate([np.ones(z), np.full(len(ways), np.inf)]))
    whole = np.concatenate([np.ones(z), np.zeros(len(ways))])
    answer = milp(goal, constraints=LinearConstraint(np.array(rows), low, high), bounds=limits, integrality=whole)
    assert answer.success, answer.message
    return float(answer.fun)


def rotation_plans(release: Tables) -> pd.DataFrame:
    """rotation_plan as far as it has one answer only: all but which of several best plans is taken."""
    return pd.DataFrame([_plan(case) for case in cases(release, of_people=True)])


def _plan(case: Case) -> Row:
    gap, some = case.gap, len(case.ids) > 0
    row = dict(zip(KEY, case.key, strict=True)) | {
        "schools": len(case.ids),
        "schools_missing": gap.schools_missing,
        "units": None if gap.schools_missing or not some else float(case.units.sum()),
        "cv": cv_of(case.units / case.pupils, case.pupils) if some else None,
        "cv_limit": case.limit,
        "cv_least": None,
        "cv_reachable": None,
        "moves": None,
        "moves_without_limits": None,
    }
    if some and case.units.sum() > 0:
        x = case.units / case.pupils
        row["cv_least"] = least_cv(Group(x, case.units, case.pupils, np.array([])))
    if gap.schools_missing or not some or pd.isna(gap.cv):
        zero = some and not gap.schools_missing
        return row | {"state": "zero_mean" if zero else "incomplete"}
    if at_most(row["cv"], case.limit):
        return row | {"state": "within_limit"}
    if not at_most(row["cv_least"], case.limit):
        return row | {"state": "whole_units", "cv_reachable": fewest(case)[1]}
    moves, reachable = fewest(case)
    row |= {"moves": moves, "cv_reachable": reachable}
    if moves is None:
        row |= {"moves_without_limits": fewest(case, free=True)[0]}
    return row | {"state": "donors" if moves is None else "planned"}

"""A whole plan of least spending for a case: what every school is given, to the standard and on to the limit.

A resource that a combined school shares between stages is planned by the stage's own part of it: what the other stage gets
along with it counts neither as cost nor as gain here. What the whole school must buy for that part (part ÷ the stage's
share) is told beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from pipeline.advice.county import Case
from pipeline.advice.rotation import INCOMPLETE, NO_SCHOOLS, PLANNED, SINGLE, WITHIN, ZERO
from pipeline.advice.spending import Continuous, Problem, cost_of, least_spending
from pipeline.advice.whole import whole_units

DOWNWARD = "less_is_better"
"""Where less is better, nothing can be added."""

BELOW_THE_EDGE = 5e-10
"""Relative distance from the largest coefficient that is within the limit: a common level ends exactly at what is asked, and
what is asked must hold again when the pipeline computes it in another order."""


@dataclass(frozen=True)
class Added:
    """What one school is given: units of the stage, units that the whole school gets for them, values before and after."""

    school_id: str
    units_now: float
    units_added: float
    units_school: float
    value_before: float
    value_after: float


@dataclass(frozen=True)
class Spending:
    """``level``: the common level to which the lowest are raised, null where there is none. ``units_to_standard``: lacking to the standard;
    ``units_least``: the continuous optimum, in units of the stage; ``cost`` and ``cost_school``: of the stage's parts and of what whole
    schools get, in the unit of the costs; ``distance``: cost above the continuous optimum or its bound, 0 for the best."""

    state: str
    schools: tuple[Added, ...] = ()
    level: float | None = None
    units_to_standard: float = 0.0
    units_least: float = 0.0
    cost: float = 0.0
    cost_school: float = 0.0
    distance: float = 0.0

    @property
    def units(self) -> float:
        return math.fsum(s.units_added for s in self.schools)

    @property
    def units_school(self) -> float:
        return math.fsum(s.units_school for s in self.schools)

    @property
    def values(self) -> list[float]:
        return [s.value_after for s in self.schools]


@lru_cache(maxsize=4096)
def spending(case: Case, largest: float, tolerance: float, costs: tuple[float, ...]) -> Spending:
    """The least spending for a case; ``costs``: of one unit of the stage, by school. A pure function: the tables that tell
    of one plan share it."""
    state = _known_state(case, largest)
    if state is not None:
        return Spending(state)
    problem = _problem(case, largest * (1 - BELOW_THE_EDGE), costs)
    best = least_spending(problem)
    return _told(case, problem, best, tolerance)


def _known_state(case: Case, largest: float) -> str | None:
    """Why there is nothing to plan, if so."""
    if case.state == NO_SCHOOLS:
        return NO_SCHOOLS
    if case.schools_missing > 0 or case.state == INCOMPLETE:
        return WITHIN if case.cv_high is not None and case.cv_high <= largest else INCOMPLETE
    if case.direction != ">=":
        return DOWNWARD
    if case.state == SINGLE or (case.state == ZERO and not any(s.threshold for s in case.schools)):
        return case.state
    return WITHIN if case.cv is not None and case.cv <= largest else None


def _problem(case: Case, largest: float, costs: tuple[float, ...]) -> Problem:
    return Problem(
        tuple(s.value for s in case.schools),
        tuple(max(s.value, s.threshold or 0.0) for s in case.schools),
        tuple(s.pupils for s in case.schools),
        tuple(s.denominator / case.per_unit for s in case.schools),
        costs,
        largest,
    )


def _told(case: Case, problem: Problem, best: Continuous, tolerance: float) -> Spending:
    shares = [s.share for s in case.schools]
    added = [(v - s.value) * u for v, s, u in zip(best.values, case.schools, problem.units_per_value, strict=True)]
    lacking = [(t - v) * u for t, v, u in zip(problem.least, problem.values, problem.units_per_value, strict=True)]
    bought = [a / share for a, share in zip(added, shares, strict=True)]
    values = best.values
    if case.is_counted:
        whole = whole_units(problem, best.values, shares, tolerance)
        bought, values = [float(n) for n in whole.units], whole.values
    parts = [n * share for n, share in zip(bought, shares, strict=True)]
    schools = tuple(
        Added(s.school_id, s.units, part, n, s.value, v)
        for s, part, n, v in zip(case.schools, parts, bought, values, strict=True)
    )
    cost = cost_of(problem, values)
    return Spending(
        PLANNED, schools, best.level, math.fsum(lacking), math.fsum(added), cost,
        math.fsum(n * c for n, c in zip(bought, problem.costs, strict=True)), max(0.0, cost - best.cost + best.gap),
    )  # fmt: skip

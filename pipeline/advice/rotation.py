"""A whole rotation: whether moves can bring a gap within its limit, and the plan, or why there is none.

Of the plans with the fewest moves, the one that weighs least across groups and districts; or, where that is preferred, the
fewest moves across groups (districts) first. Donors stay at the standard and keep their share. Source: ``method`` 9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pipeline.advice.county import Case, School
from pipeline.advice.fewest import Fewest, fewest_moves
from pipeline.advice.inside import kept_inside
from pipeline.advice.pairing import Move, moves_of
from pipeline.advice.steps import Steps, steps_of
from pipeline.advice.within import Aim, kept_within, weight_of
from pipeline.schema.comparison import at_least

PLANNED, WITHIN, INCOMPLETE, SINGLE, ZERO, NO_SCHOOLS, NOT_BY_PUPILS, WHOLE_UNITS, DONORS = (
    "planned", "within_limit", "incomplete", "single_school", "zero_mean", "no_schools", "not_by_pupils", "whole_units", "donors",
)  # fmt: skip
"""What comes of asking. The last two: whole units cannot be spread evenly enough; they could, but the donors' limits forbid."""

GROUP_WEIGHT = 1.0
TOO_CLOSE = 1e-6
"""Solvers' tolerance: bounds nearer to a whole number than this are that number."""


@dataclass(frozen=True)
class Wishes:
    """How a rotation is to be made. ``keep``: the least share of its people that every school keeps. ``prefer``: 'group' or
    'district' puts staying inside before the number of moves. ``largest``: the largest coefficient that is within the
    limit. ``time_limit_s`` is None where two runs must agree."""

    largest: float
    tolerance: float
    keep: float = 0.0
    prefer: str = ""
    district_weight: float = 10.0
    node_limit: int = 20000
    time_limit_s: float | None = None

    @property
    def options(self) -> dict[str, Any]:
        limits = {"node_limit": self.node_limit, "mip_rel_gap": 0.0}
        return limits if self.time_limit_s is None else limits | {"time_limit": self.time_limit_s}


@dataclass(frozen=True)
class Rotation:
    """What comes of asking for a rotation. ``moves``: in order of the donors. ``gap``: how much better, at most, another
    plan could be (0: the best there is), in weighted moves across, or in moves where staying inside is preferred.
    ``moves_without_limits``: the fewest moves if donors could give all, where their limits forbid (None: not even then)."""

    state: str
    moves: tuple[Move, ...] = ()
    units_after: tuple[float, ...] = ()
    gap: float = 0.0
    cv_reachable: float | None = None
    moves_without_limits: int | None = None

    @property
    def moved(self) -> int:
        return sum(move.units for move in self.moves)

    def crossing(self, what: str) -> int:
        """Units that cross groups or districts."""
        return sum(move.units for move in self.moves if getattr(move, f"crosses_{what}"))


@lru_cache(maxsize=4096)
def rotation(case: Case, wishes: Wishes) -> Rotation:
    """The rotation of a case. A pure function: the tables that tell of one plan share it."""
    state = _known_state(case, wishes)
    if state is not None:
        return Rotation(state)
    can_give = [can_be_given(s, case.per_unit, wishes) for s in case.schools]
    steps, fewest = _asked(case, can_give, wishes.largest)
    if not fewest.is_reached:
        return _why_not(case, fewest, wishes)
    given, received, least = _chosen(case, steps, fewest, wishes)
    group, district = _weights(wishes)
    moves = moves_of(case.schools, given, received, group, district)
    after = tuple(s.units - out + into for s, out, into in zip(case.schools, given, received, strict=True))
    made = Rotation(PLANNED, moves, after, cv_reachable=fewest.cv_reachable)
    return replace(made, gap=max(0.0, _reached(made, wishes) - least))


def can_be_given(school: School, per_unit: float, wishes: Wishes) -> int:
    """The most units that a school may lose: it stays at the standard and keeps its share."""
    kept = math.ceil(wishes.keep * school.units * (1 - wishes.tolerance))
    need = 0 if school.threshold is None else fewest_units(school, per_unit, wishes.tolerance)
    return max(0, math.floor(school.units) - max(kept, need))


def fewest_units(school: School, per_unit: float, within: float) -> int:
    """The smallest whole number of units with which a school reaches its threshold."""
    assert school.threshold is not None
    guess = max(0, math.floor(school.threshold * school.denominator / per_unit) - 1)
    while not at_least(per_unit * guess / school.denominator, school.threshold, within):
        guess += 1
    return guess


def _known_state(case: Case, wishes: Wishes) -> str | None:
    """Why there is nothing to plan, if so; data that are not whole come first, for they could turn everything."""
    if case.state == NO_SCHOOLS:
        return NO_SCHOOLS
    if case.schools_missing > 0 or case.state == INCOMPLETE:
        return WITHIN if case.cv_high is not None and case.cv_high <= wishes.largest else INCOMPLETE
    if case.state in (SINGLE, ZERO):
        return case.state
    if case.cv is not None and case.cv <= wishes.largest:
        return WITHIN
    return None if case.is_by_pupils else NOT_BY_PUPILS


def _asked(case: Case, can_give: list[int], largest: float) -> tuple[Steps, Fewest]:
    units, pupils = [s.units for s in case.schools], [s.pupils for s in case.schools]
    steps = steps_of(units, pupils, can_give, largest)
    return steps, fewest_moves(steps, len(units))


def _why_not(case: Case, fewest: Fewest, wishes: Wishes) -> Rotation:
    _, free = _asked(case, [math.floor(s.units) for s in case.schools], wishes.largest)
    if not free.is_reached:
        return Rotation(WHOLE_UNITS, cv_reachable=fewest.cv_reachable)
    return Rotation(DONORS, cv_reachable=fewest.cv_reachable, moves_without_limits=free.moves)


def _chosen(case: Case, steps: Steps, fewest: Fewest, wishes: Wishes) -> tuple[tuple[int, ...], tuple[int, ...], float]:
    """Units given and received, and the least that any plan reaches in what is asked for."""
    groups = _numbered([s.group_id for s in case.schools])
    districts = _numbered([s.district_id for s in case.schools])
    if wishes.prefer:
        inside = kept_inside(steps, fewest, groups if wishes.prefer == "group" else districts)
        return inside.given, inside.received, float(inside.moves_bound)
    aims = [Aim(groups, GROUP_WEIGHT), Aim(districts, wishes.district_weight)]
    kept = kept_within(steps, fewest, aims, wishes.options)
    if kept.bound == 0 and weight_of(aims, kept.given, kept.received) == 0:
        return kept.given, kept.received, 0.0
    return kept.given, kept.received, math.ceil(kept.bound - TOO_CLOSE) if _is_whole(wishes) else kept.bound - TOO_CLOSE


def _reached(made: Rotation, wishes: Wishes) -> float:
    """What the plan comes to in what was asked for."""
    if wishes.prefer:
        return float(made.moved)
    return GROUP_WEIGHT * made.crossing("group") + wishes.district_weight * made.crossing("district")


def _weights(wishes: Wishes) -> tuple[float, float]:
    """Weights of a move across groups and across districts when schools are paired; what is preferred outweighs all else."""
    if wishes.prefer == "group":
        return 1000.0, 1.0
    return GROUP_WEIGHT, 1000.0 if wishes.prefer == "district" else wishes.district_weight


def _is_whole(wishes: Wishes) -> bool:
    return float(wishes.district_weight).is_integer()


def _numbered(names: list[str]) -> tuple[int, ...]:
    order = {name: number for number, name in enumerate(sorted(set(names)))}
    return tuple(order[name] for name in names)

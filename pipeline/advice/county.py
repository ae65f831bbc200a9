"""What a plan is made from: one county's schools of a stage, as one standard counts them, for one indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

SAME = 1e-12
"""Relative difference of two numbers that are computed alike."""


@dataclass(frozen=True)
class School:
    """A school's stage. ``units``: what the indicator counts here, in the numerator's unit; ``value`` = per_unit · units ÷
    ``denominator``. ``share``: the part of one unit bought for the whole school that this stage gets (1 where nothing is
    shared). ``threshold``: the level that the standard asks of it, if any. No group or district is the class ''."""

    school_id: str
    name: str
    pupils: float
    denominator: float
    units: float
    value: float
    threshold: float | None = None
    group_id: str = ""
    district_id: str = ""
    share: float = 1.0


@dataclass(frozen=True)
class Other:
    """Another count of the same body of people, by school in the order of the case. ``of``: all people of the body in the
    school; ``per_unit``: what one unit adds to the numerator. A school without a value makes the whole unknown."""

    indicator_id: str
    per_unit: float
    units: tuple[float | None, ...]
    of: tuple[float | None, ...]
    thresholds: tuple[float | None, ...]
    cv: float | None
    limit: float | None


@dataclass(frozen=True)
class Case:
    """A county, stage, standard and indicator: its schools in order of their id, its gap and what the gap is held against.

    ``cv_high``: the largest coefficient that the schools without a value could make of it. ``state``: that of the gap coefficient. ``missing``: schools that the standard counts and of which no value is known
    (their number is ``schools_missing``, which may be larger: a school may be unknown by name).
    ``unit``: what one unit is called, in Chinese and English. ``can_move``: the indicator counts whole things that can move (people). ``is_counted``: whole things, moving or not.
    """

    year: int
    standard_id: str
    county_code: str
    stage: str
    indicator_id: str
    direction: str
    schools: tuple[School, ...]
    cv: float | None
    cv_high: float | None
    limit: float
    cv_least: float | None
    state: str
    schools_missing: int = 0
    missing: tuple[str, ...] = ()
    can_move: bool = True
    is_counted: bool = True
    per_unit: float = 1.0
    unit: tuple[str, str] = ("", "")
    others: tuple[Other, ...] = field(default=())

    @property
    def is_by_pupils(self) -> bool:
        """Whether the value is a fixed multiple of units ÷ pupils, so that the county's mean stands still when units move."""
        ratios = [s.denominator / s.pupils for s in self.schools]
        fits = all(
            abs(again - s.value) <= SAME * abs(s.value)
            for again, s in zip(self.values([s.units for s in self.schools]), self.schools, strict=True)
        )
        return not ratios or (fits and max(ratios) - min(ratios) <= SAME * max(ratios))

    def values(self, units: Sequence[float]) -> list[float]:
        """The schools' values if they had these units, computed as the pipeline computes them."""
        return [self.per_unit * r / s.denominator for r, s in zip(units, self.schools, strict=True)]

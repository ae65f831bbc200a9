"""What a rotation does to the other counts of the same people: a backbone teacher who moves is a full-time teacher too.

Returns tell how many people a school has of each kind, not who is both. So three cases are computed: those who move count
nowhere else (the coefficient as it is), they are such as their school has on average, and all of them count there too, as
far as the school has any. Where all teachers of the schools that give count there, the last two are the same and certain.
Source: ``method`` 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.advice.county import Case, Other
from pipeline.advice.judge import Judge
from pipeline.advice.rotation import Rotation
from pipeline.schema.comparison import at_least


@dataclass(frozen=True)
class SideEffect:
    """Another indicator's coefficient now (as if those who move counted nowhere else), at the donors' average, and if all
    count there too; how many schools miss its level now, and would at worst. Null where a school has no value."""

    indicator_id: str
    cv_limit: float | None
    cv_before: float | None
    cv_average: float | None
    cv_all: float | None
    schools_below_before: int | None
    schools_below_all: int | None
    is_certain: bool

    def is_turned(self, judge: Judge) -> bool:
        """Whether what is within its limit now may exceed it afterwards."""
        if self.cv_limit is None or self.cv_before is None or not judge.within(self.cv_before, self.cv_limit):
            return False
        after = [cv for cv in (self.cv_average, self.cv_all) if cv is not None]
        return any(not judge.within(cv, self.cv_limit) for cv in after)


def side_effects(case: Case, made: Rotation, judge: Judge) -> tuple[SideEffect, ...]:
    """One a further indicator of the standard that counts the same body of people, in catalogue order."""
    return tuple(_effect(case, made, other, judge) for other in case.others)


def _effect(case: Case, made: Rotation, other: Other, judge: Judge) -> SideEffect:
    if other.cv is None or any(u is None or o is None for u, o in zip(other.units, other.of, strict=True)):
        return SideEffect(other.indicator_id, other.limit, None, None, None, None, None, False)
    units = [float(u) for u in other.units if u is not None]
    whole = [float(o) for o in other.of if o is not None]
    given = _given(case, made)
    average = _after(case, made, units, [u / w if w > 0 else 0.0 for u, w in zip(units, whole, strict=True)])
    share = [min(1.0, u / out) if out else 0.0 for u, out in zip(units, given, strict=True)]
    every = _after(case, made, units, share)
    pupils = [s.pupils for s in case.schools]
    return SideEffect(
        other.indicator_id, other.limit, other.cv, judge.cv(_values(case, other, average), pupils),
        judge.cv(_values(case, other, every), pupils), _below(case, other, units, judge), _below(case, other, every, judge),
        all(u == w for u, w, out in zip(units, whole, given, strict=True) if out),
    )  # fmt: skip


def _given(case: Case, made: Rotation) -> list[int]:
    return [sum(m.units for m in made.moves if m.from_school_id == s.school_id) for s in case.schools]


def _after(case: Case, made: Rotation, units: Sequence[float], share: Sequence[float]) -> list[float]:
    """Units after the moves when this share of those who leave each school counts."""
    place = {s.school_id: number for number, s in enumerate(case.schools)}
    after = list(units)
    for move in made.moves:
        carried = move.units * share[place[move.from_school_id]]
        after[place[move.from_school_id]] -= carried
        after[place[move.to_school_id]] += carried
    return after


def _values(case: Case, other: Other, units: Sequence[float]) -> list[float]:
    return [other.per_unit * max(0.0, u) / s.denominator for u, s in zip(units, case.schools, strict=True)]


def _below(case: Case, other: Other, units: Sequence[float], judge: Judge) -> int | None:
    """Schools that miss the level of the other indicator; null where the standard asks none."""
    levels = [(v, t) for v, t in zip(_values(case, other, units), other.thresholds, strict=True) if t is not None]
    return sum(not at_least(v, t, judge.tolerance) for v, t in levels) if levels else None

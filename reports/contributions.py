"""Facts of who makes a gap: each school's share of the squared deviations, P(x − X)² ÷ Σ P(x − X)²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.facts import Gap, School

TOP = 8
"""Schools named in the figure; the others are one row."""

IN_TABLE = 3
"""Schools named for each gap of the table beside it."""


@dataclass(frozen=True)
class Share:
    """A school's part of a gap: ``share`` 0–1; ``is_low``: its value is under the county's mean."""

    school: School
    value: float
    level: float | None
    share: float
    is_low: bool


@dataclass(frozen=True)
class Contribution:
    """The schools of a gap, the largest share first. ``if_raised``: how many of the top schools are under the level, and
    the coefficient if exactly these were raised to it; null where none is."""

    gap: Gap
    shares: tuple[Share, ...]
    if_raised: tuple[int, float] | None

    @property
    def top(self) -> tuple[Share, ...]:
        return self.shares[:TOP]

    def rest(self, *, is_low: bool) -> float:
        """The part of the schools that are not named, on one side of the mean."""
        return sum(share.share for share in self.shares[TOP:] if share.is_low == is_low)

    def schools_for(self, part: float) -> int:
        """How many schools, taken from the largest, hold at least this part of the gap."""
        total = 0.0
        for count, share in enumerate(self.shares, 1):
            total += share.share
            if total >= part:
                return count
        return len(self.shares)


def contributions(gaps: Sequence[Gap], schools: Sequence[School]) -> tuple[Contribution, ...]:
    """A contribution for each gap that is shown, has a spread and three schools or more; in the page's order."""
    made = (_contribution(position, gap, schools) for position, gap in enumerate(gaps))
    return tuple(c for c in made if c is not None)


def _contribution(position: int, gap: Gap, schools: Sequence[School]) -> Contribution | None:
    pairs = [(s, s.values[position]) for s in schools if s.values[position].value is not None]
    if not gap.is_shown or gap.mean is None or not gap.sd or len(pairs) < 3:
        return None
    mean = gap.mean
    squares = {s.school_id: s.pupils * ((v.value or 0.0) - mean) ** 2 for s, v in pairs}
    total = sum(squares.values())
    shares = sorted(
        (Share(s, v.value or 0.0, v.level, squares[s.school_id] / total, (v.value or 0.0) < mean) for s, v in pairs),
        key=lambda share: (-share.share, share.school.school_id),
    )
    return Contribution(gap, tuple(shares), _if_raised(gap, shares))


def _if_raised(gap: Gap, shares: Sequence[Share]) -> tuple[int, float] | None:
    """The coefficient when the named schools that are under their level stand on it; the mean is computed anew."""
    if gap.indicator.direction != ">=":
        return None
    low = {s.school.school_id for s in shares[:TOP] if s.level is not None and s.value < s.level}
    if not low:
        return None
    pairs = [(s.school.pupils, (s.level or 0.0) if s.school.school_id in low else s.value) for s in shares]
    pupils = sum(p for p, _ in pairs)
    mean = sum(p * x for p, x in pairs) / pupils
    sd = (sum(p * (x - mean) ** 2 for p, x in pairs) / pupils) ** 0.5
    return (len(low), sd / mean) if mean else None

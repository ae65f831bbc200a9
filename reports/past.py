"""Facts of the past: each gap of the last years, and the years from which a county may not be compared with what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue, Indicator
from reports.facts import Gap

BOUNDARY_KINDS = ("split", "merge", "recode")
"""Changes of a division after which it is not compared with what it was (as rankings have it); a new name is none."""


@dataclass(frozen=True)
class Line:
    """An indicator's gaps by year: null where there is none that may be used."""

    gap: Gap
    points: tuple[float | None, ...]


@dataclass(frozen=True)
class Past:
    """``years`` without a hole; ``breaks``: years from which a comparison with the year before does not hold."""

    years: tuple[int, ...]
    lines: tuple[Line, ...]
    breaks: tuple[int, ...]

    @property
    def has_points(self) -> bool:
        """Whether two years or more can be drawn."""
        return len(self.years) > 1 and any(sum(p is not None for p in line.points) > 1 for line in self.lines)


def past(rows: Sequence[Mapping[str, Any]], gaps: Sequence[Gap], breaks: Sequence[int], year: int) -> Past:
    """The lines of the page's gaps, in the page's order, from the first year that the rows hold."""
    usable = {(r["indicator_id"], r["year"]): r["cv"] for r in rows if r["state"] == "ok"}
    first = min((r["year"] for r in rows if r["state"] == "ok"), default=year)
    years = tuple(range(first, year + 1))
    lines = tuple(Line(gap, tuple(usable.get((gap.indicator.id, y)) for y in years)) for gap in gaps)
    return Past(years, lines, tuple(b for b in breaks if first < b <= year))


def breaks_of(catalogue: Catalogue, county: str, years: range) -> tuple[int, ...]:
    """Years in which the county was split, merged or given another code."""
    found = {
        change.year
        for change in catalogue.division_changes
        if change.kind in BOUNDARY_KINDS and county in (change.old_code, change.new_code) and change.year in years
    }
    return tuple(sorted(found))


def changed_levels(catalogue: Catalogue, standard_id: str, year: int) -> tuple[Indicator, ...]:
    """Indicators for which the standard asks something else from this year on."""
    items = catalogue.standards[standard_id].items
    return tuple(catalogue.indicators[i.indicator] for i in items if any(t.year_from == year for t in i.thresholds))

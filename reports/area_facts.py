"""The facts of a province's page: one record that its sentences, tiles, figures and tables read, in both languages.

Here: the record and the check that its counts add up. Not here: making it (``area_gather``), values, verdicts and ranks
(the database has them), words.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from pipeline.schema.model import Indicator, Item, Stage, Standard
from reports.area_results import NOTHING_WHOLE, Whole
from reports.areas import Province
from reports.reader import Rows
from reports.release import County
from reports.sureness import UNKNOWN, Sure

Verdict = Literal["within", "beyond", "measured", "open", "absent", "single", "none"]
"""What a county's stage comes to: within or beyond the standard's limits; measured: the standard sets none; open: missing
values could turn it; absent: no return; single: one school; none: no school of the stage."""

NO_DATA = ("open", "absent")

NOT_COMPARABLE = ("single", "none")

FEW_SCHOOLS = 5

NEAR_LIMIT = 0.005

BOTH = "both"
"""What a ranking calls its stage where it is over all stages."""


@dataclass(frozen=True)
class CountyGap:
    """A county's gap of one indicator, now and (where usable) last year; ``ratio``: mean over level, 1 and more is up."""

    verdict: str
    cv: float | None
    limit: float | None
    last: float | None
    last_verdict: str | None
    mean: float | None
    ratio: float | None
    mean_is_up: bool | None
    schools_missing: int
    trace_id: str

    @property
    def is_shown(self) -> bool:
        """Whether the coefficient may be drawn and compared."""
        return self.cv is not None and self.verdict in ("met", "unmet", "undecided", "measured", "incomplete")

    @property
    def is_evenly_poor(self) -> bool:
        """A small gap around a mean below the level."""
        return self.mean_is_up is False and self.verdict == "met"

    @property
    def is_near(self) -> bool:
        return self.cv is not None and self.limit is not None and abs(self.cv - self.limit) <= NEAR_LIMIT


@dataclass(frozen=True)
class Rank:
    """A county's place by one measure; ranks are null unless ``state`` is ok and enough counties came.

    ``low``, ``high``: the band of places that ``sure`` gives, else the ranking's own tolerance.
    """

    value: float | None
    place: int | None
    low: int | None
    high: int | None
    compared: int | None
    nation: int | None
    compared_nation: int | None
    before: float | None
    change: int | None
    cause: str | None
    state: str
    sure: Sure = UNKNOWN


@dataclass(frozen=True)
class Share:
    """Schools of a county on one item: met, not met, missing, not applicable."""

    met: int
    unmet: int
    missing: int
    not_applicable: int

    @property
    def share(self) -> float | None:
        """Met over applicable; missing does not count as met."""
        applicable = self.met + self.unmet + self.missing
        return self.met / applicable if applicable else None


@dataclass(frozen=True)
class Line:
    """A county on the page. ``gaps``, ``shares``: by indicator; ``ranks``: by measure; ``before``: last year's verdict."""

    county: County
    verdict: Verdict
    before: Verdict | None
    gaps: dict[str, CountyGap]
    ranks: dict[str, Rank]
    shares: dict[str, Share]
    schools: int
    pupils: float
    meeting: int
    judged: int

    @property
    def over(self) -> int:
        return sum(g.verdict == "unmet" for g in self.gaps.values())

    @property
    def schools_missing(self) -> int:
        return max((g.schools_missing for g in self.gaps.values()), default=0)

    @property
    def worst(self) -> str | None:
        """The indicator of the largest gap; ties by the order of the standard."""
        shown = [(g.cv or 0.0, name) for name, g in self.gaps.items() if g.is_shown]
        return max(shown, key=lambda pair: pair[0])[1] if shown else None

    @property
    def crossed(self) -> Literal["", "out", "in"]:
        """Whether the county went beyond the limit or came within it since last year."""
        if {self.verdict, self.before} != {"within", "beyond"}:
            return ""
        return "out" if self.verdict == "beyond" else "in"


@dataclass(frozen=True)
class Tally:
    """An indicator over the counties of the page: how many within, beyond, and neither; evenly poor ones among within."""

    within: int
    beyond: int
    rest: int
    evenly_poor: int
    values: tuple[float, ...]

    def quantile(self, q: float) -> float | None:
        """A quantile of the counties' coefficients, interpolated between neighbours; null of none."""
        if not self.values:
            return None
        place = q * (len(self.values) - 1)
        low = int(place)
        high = min(low + 1, len(self.values) - 1)
        return self.values[low] + (place - low) * (self.values[high] - self.values[low])


@dataclass(frozen=True)
class AreaFacts:
    """Everything a province's page of one stage and standard says. ``lines``: counties by code; ``whole``: what the
    standard comes to for whole counties, all stages together.
    """

    province: Province
    stage: Stage
    standard: Standard
    year: int
    previous: int | None
    indicators: tuple[Indicator, ...]
    items: tuple[tuple[Item, Indicator], ...]
    lines: tuple[Line, ...]
    prefectures: Rows
    whole: Whole = NOTHING_WHOLE

    @property
    def measure(self) -> str | None:
        """The measure of the page's order: the first that the standard names."""
        return self.standard.measures[0] if self.standard.measures else None

    @property
    def has_limits(self) -> bool:
        """Whether counties are held against a limit of this standard, on single gaps or on their mean."""
        return self.limit is not None or self.composite_limit is not None

    @property
    def limit(self) -> float | None:
        return self.standard.gap.limits.get(self.stage.id) if self.standard.gap else None

    @property
    def composite_limit(self) -> float | None:
        return self.standard.gap.composite_limits.get(self.stage.id) if self.standard.gap else None

    @property
    def has_levels(self) -> bool:
        return any(g.ratio is not None for line in self.lines for g in line.gaps.values())

    def count(self, *verdicts: str) -> int:
        return sum(line.verdict in verdicts for line in self.lines)

    def before(self, *verdicts: str) -> int:
        return sum(line.before in verdicts for line in self.lines)

    def crossed(self, way: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.crossed == way)

    def pupils(self, *verdicts: str) -> float:
        return sum(line.pupils for line in self.lines if line.verdict in verdicts)

    def tally(self, indicator: str) -> Tally:
        """How the counties stand on one indicator."""
        gaps = [line.gaps[indicator] for line in self.lines if indicator in line.gaps]
        counts = Counter(g.verdict for g in gaps)
        values = sorted(g.cv for g in gaps if g.is_shown and g.cv is not None)
        within, beyond = counts["met"], counts["unmet"]
        poor = sum(g.is_evenly_poor for g in gaps)
        return Tally(within, beyond, len(self.lines) - within - beyond, poor, tuple(values))

    def ranked(self, measure: str) -> list[tuple[Line, Rank]]:
        """Counties with a place by a measure, best first; ties by code."""
        pairs = [(line, line.ranks[measure]) for line in self.lines if measure in line.ranks]
        return sorted(
            ((line, r) for line, r in pairs if r.place is not None), key=lambda p: (p[1].place or 0, p[0].county.code)
        )

    def unranked(self, measure: str) -> list[Line]:
        """Counties without a place by a measure, by code."""
        return [line for line in self.lines if measure not in line.ranks or line.ranks[measure].place is None]


def check(facts: AreaFacts) -> None:
    """Asserts that every county is in exactly one place of every count."""
    expected = len(facts.province.counties)
    parts = [("within",), ("beyond",), ("measured",), NO_DATA, NOT_COMPARABLE]
    assert sum(facts.count(*part) for part in parts) == len(facts.lines) == expected, "verdicts do not add up"
    for indicator in facts.indicators:
        t = facts.tally(indicator.id)
        assert t.within + t.beyond + t.rest == expected and t.rest >= 0, f"{indicator.id} does not add up"
    for measure in facts.standard.measures:
        assert len(facts.ranked(measure)) + len(facts.unranked(measure)) == expected, f"{measure} does not add up"
    if facts.limit is not None:
        assert all((line.over > 0) == (line.verdict == "beyond") for line in facts.lines), "over is not beyond"

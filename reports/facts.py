"""The facts of a county page: one record that every sentence, tile, figure, label and table of the page reads.

Here: the record, and the check that its counts add up. Not here: making it from the tables (``gather``), computing
values or verdicts (the database has them), or words (``words``): facts are the same for both languages.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipeline.schema.model import Indicator, Item, Stage, Standard
from reports.around import EMPTY, Surroundings
from reports.release import County

if TYPE_CHECKING:
    from reports.contributions import Contribution
    from reports.past import Past
    from reports.scorecard import Scorecard
    from reports.standing import Standing
    from reports.whole_facts import WholeFacts

Verdict = Literal["met", "unmet", "undecided", "measured", "incomplete", "single", "zero", "none"]
"""What a gap comes to. undecided: missing values could turn it; measured: there is no limit; incomplete: no limit, and too
much is missing; single: one school; zero: the mean is 0 or nobody has the value; none: no school of the stage."""

Shown = Literal["met", "below", "unmet", "missing", "not_collected", "not_applicable", "measured"]
"""What a school's value comes to. below: under the level, not under the floor; measured: there is no level."""

NEAR_LIMIT = 0.005
"""W7: a gap this close to its limit is printed with one more digit (reports.md 2.6)."""


@dataclass(frozen=True)
class Gap:
    """A gap coefficient of the county's stage. ``level``, ``floor``: of schools, null where they differ by school type.

    ``lacking``: names of counted schools without the value. ``last``: last year's coefficient, null where not usable.
    ``low``, ``high``: the range that missing values leave open. ``least``: the least that whole units allow, for counted things.
    """

    indicator: Indicator
    item: Item | None
    verdict: Verdict
    schools: int
    pupils: float
    schools_missing: int
    pupils_missing: float
    mean: float | None
    sd: float | None
    cv: float | None
    low: float | None
    high: float | None
    least: float | None
    limit: float | None
    last: float | None
    level: float | None
    floor: float | None
    mean_is_up: bool | None
    trace_id: str
    lacking: tuple[str, ...]

    @property
    def is_shown(self) -> bool:
        """Whether the coefficient may be drawn and compared."""
        return self.cv is not None and self.verdict in ("met", "unmet", "undecided", "measured", "incomplete")

    @property
    def is_open(self) -> bool:
        """Whether missing values leave a range that is worth showing."""
        return self.is_shown and self.low is not None and self.high is not None and self.schools_missing > 0

    @property
    def is_out_of_reach(self) -> bool:
        """Whether even the most even distribution of whole units would exceed the limit."""
        return self.least is not None and self.limit is not None and self.least > self.limit * (1 + 1e-9)

    @property
    def is_near(self) -> bool:
        return self.cv is not None and self.limit is not None and abs(self.cv - self.limit) <= NEAR_LIMIT


@dataclass(frozen=True)
class Value:
    """A school's value of an indicator; ``ratio`` is value over level (level over value where less is better)."""

    indicator_id: str
    value: float | None
    level: float | None
    ratio: float | None
    shown: Shown
    trace_id: str


@dataclass(frozen=True)
class School:
    """A counted school with its values in the order of the page's gaps."""

    school_id: str
    name: str
    pupils: float
    is_split: bool
    values: tuple[Value, ...]

    def count(self, *shown: Shown) -> int:
        return sum(value.shown in shown for value in self.values)


@dataclass(frozen=True)
class LeftOut:
    """A unit of the stage that is not counted: out of scope, merged into its school, or quarantined."""

    kind: Literal["scope", "merged", "lost"]
    school_id: str
    name: str
    pupils: float | None
    row: dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """Schools and pupils of the stage. ``lost``: expected, but quarantined or not sent (the gaps' account of it)."""

    counted: int
    out_of_scope: int
    merged: int
    lost: int
    pupils: float
    pupils_out: float
    pupils_lost: float
    split: int

    @property
    def units(self) -> int:
        return self.counted + self.out_of_scope + self.merged + self.lost


@dataclass(frozen=True)
class Composite:
    """The mean of a standard's gaps. ``verdict`` as for a gap; ``low``, ``high``: the range that missing values leave."""

    standard: Standard
    value: float | None
    limit: float | None
    low: float | None
    high: float | None
    is_open: bool
    verdict: Verdict


@dataclass(frozen=True)
class PageFacts:
    """Everything a county page says. ``corrections``: of the county's values, those of another stage left out. ``suspected``: tests
    that find figures worth a look; ``evidence``: the schools behind. ``cards``: a scorecard of each standard with a school rule, that of the page first."""

    county: County
    stage: Stage
    year: int
    previous: int | None
    standard: Standard
    gaps: tuple[Gap, ...]
    others: tuple[tuple[Standard, tuple[Gap, ...]], ...]
    schools: tuple[School, ...]
    left_out: tuple[LeftOut, ...]
    counts: Counts
    has_come: bool
    findings: tuple[dict[str, Any], ...]
    parts: tuple[dict[str, Any], ...]
    suspected: tuple[dict[str, Any], ...]
    evidence: tuple[dict[str, Any], ...]
    corrections: tuple[dict[str, Any], ...]
    composites: tuple[Composite, ...]
    cards: tuple[Scorecard, ...]
    standing: Standing | None
    past: Past
    contributions: tuple[Contribution, ...]
    new_levels: tuple[Indicator, ...]
    whole: WholeFacts | None = None
    """What the county comes to, all stages: verdicts and ledgers."""
    plans: tuple[dict[str, Any], ...] = ()
    """Plans that would bring a gap within its limit, or why there is none: rows of ``rotation_plan`` and ``spending_plan``."""
    missing: tuple[dict[str, Any], ...] = ()
    """Schools that should be there and are not, rows of ``missing_school``."""
    around: Surroundings = EMPTY
    """Counties alike, school groups and districts, and the classes of schools by which the gaps come apart."""

    def verdicts(self) -> Counter[str]:
        return Counter(gap.verdict for gap in self.gaps)

    def shown(self) -> Counter[str]:
        return Counter(value.shown for school in self.schools for value in school.values)

    def severities(self) -> Counter[str]:
        return Counter(str(row["severity"]) for row in self.findings)

    def of(self, *verdicts: Verdict) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.gaps if gap.verdict in verdicts)

    @property
    def limit(self) -> float | None:
        """The limit of all gaps of the page; null where there is none or they differ."""
        limits = {gap.limit for gap in self.gaps}
        return next(iter(limits)) if len(limits) == 1 else None

    @property
    def has_limits(self) -> bool:
        return any(gap.limit is not None for gap in self.gaps)

    @property
    def has_levels(self) -> bool:
        return any(value.level is not None for school in self.schools for value in school.values)

    @property
    def card(self) -> Scorecard | None:
        """The scorecard of the standard that the page shows first."""
        return next((card for card in self.cards if card.standard.id == self.standard.id), None)

    @property
    def composite(self) -> Composite | None:
        """The composite of the standard that the page shows first."""
        return self.composite_of(self.standard)

    def composite_of(self, standard: Standard) -> Composite | None:
        return next((c for c in self.composites if c.standard.id == standard.id), None)

    @property
    def worst(self) -> Gap | None:
        return next((gap for gap in self.gaps if gap.is_shown), None)


def check(facts: PageFacts) -> None:
    """Asserts that every count of the page adds up to what was there."""
    expected = len(facts.standard.gap.indicators) if facts.standard.gap else 0
    assert sum(facts.verdicts().values()) == len(facts.gaps) == expected, (
        "verdicts do not add up to the standard's gaps"
    )
    assert sum(facts.shown().values()) == len(facts.schools) * expected, "states of values do not add up"
    assert len(facts.schools) == facts.counts.counted, "schools of the table are not the schools counted"
    for card in facts.cards:
        assert sum(card.counts.values()) == len(card.results), "results of schools do not add up"
        assert sum(n for _, n in card.distribution) == len(card.results), "items met do not add up to the schools"
    if facts.card is not None:
        assert len(facts.card.results) == facts.counts.counted, "schools of the rule are not the schools counted"
    for contribution in facts.contributions:
        assert abs(sum(s.share for s in contribution.shares) - 1) < 1e-9, "shares of a gap do not add up to 1"
    for gap in facts.gaps:
        assert gap.schools + len(gap.lacking) <= facts.counts.counted, (
            f"{gap.trace_id} holds more schools than are counted"
        )

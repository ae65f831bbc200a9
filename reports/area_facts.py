"""The facts of a province's page: one record that its sentences, tiles, figures and tables read, in both languages.

Here: the record, made from ``areas`` by choosing, counting and ordering, and the check that its counts add up. Not here:
values, verdicts and ranks (the database has them), words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.schema.model import Catalogue, Indicator, Item, Stage, Standard
from reports.areas import Areas, Province
from reports.release import County, Rows

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
    """A county's place by one measure; ranks are null unless ``state`` is ok and enough counties came."""

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
    """Everything a province's page of one stage and standard says. ``lines``: counties by code."""

    province: Province
    stage: Stage
    standard: Standard
    year: int
    previous: int | None
    indicators: tuple[Indicator, ...]
    items: tuple[tuple[Item, Indicator], ...]
    lines: tuple[Line, ...]
    prefectures: Rows

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


def area_facts(areas: Areas, catalogue: Catalogue, province: Province, stage: Stage, standard: Standard) -> AreaFacts:
    """The facts of one page. Raises AssertionError when counts do not add up."""
    key = (province.code, standard.id, stage.id)
    names = standard.gap.indicators if standard.gap else ()
    verdicts = _verdicts(areas, key)
    gaps = _gaps(areas.rows(areas.gaps, *key), names, areas)
    ranks = _ranks(areas.rows(areas.ranks, *key))
    shares = _shares(areas.rows(areas.shares, *key))
    schools = {row["county_code"]: row for row in areas.rows(areas.schools, *key)}
    lines = []
    for county in province.counties:
        counted = schools.get(county.code, {})
        verdict = verdicts.get((areas.year, county.code)) or _without_gaps(ranks.get(county.code, {}))
        lines.append(
            Line(
                county, verdict, verdicts.get((areas.previous, county.code)), gaps.get(county.code, {}),
                ranks.get(county.code, {}), shares.get(county.code, {}), int(counted.get("schools", 0)),
                float(counted.get("pupils") or 0.0), int(counted.get("meeting", 0)), int(counted.get("judged", 0)),
            )
        )  # fmt: skip
    asked = {name for line in lines for name in line.shares}
    facts = AreaFacts(
        province=province, stage=stage, standard=standard, year=areas.year, previous=_previous(areas, lines),
        indicators=tuple(catalogue.indicators[name] for name in names),
        items=tuple((item, catalogue.indicators[item.indicator]) for item in standard.items if item.indicator in asked),
        lines=tuple(lines), prefectures=areas.rows(areas.prefectures, *key),
    )  # fmt: skip
    check(facts)
    return facts


def _previous(areas: Areas, lines: Iterable[Line]) -> int | None:
    """Last year, where any county of the page can be compared with it."""
    has_last = any(
        line.before in ("within", "beyond", "measured") or any(r.before is not None for r in line.ranks.values())
        for line in lines
    )
    return areas.previous if has_last else None


def _verdicts(areas: Areas, key: tuple[str, str, str]) -> dict[tuple[int | None, str], Verdict]:
    frame = areas.verdicts
    mine = frame.filter(
        (frame["province_code"] == key[0]) & (frame["standard_id"] == key[1]) & (frame["stage"] == key[2])
    )
    return {(row["year"], row["county_code"]): row["verdict"] for row in mine.to_dicts()}


def _without_gaps(ranks: dict[str, Rank]) -> Verdict:
    """What a county comes to by a standard that measures no gaps: by its states in the rankings."""
    states = {rank.state for rank in ranks.values()}
    if "ok" in states:
        return "measured"
    return "none" if states == {"no_schools"} else "open" if states else "absent"


def _gaps(rows: Rows, names: Sequence[str], areas: Areas) -> dict[str, dict[str, CountyGap]]:
    """By county and indicator, in the order of the standard."""
    now = {(r["county_code"], r["indicator_id"]): r for r in rows if r["year"] == areas.year}
    last = {(r["county_code"], r["indicator_id"]): r for r in rows if r["year"] == areas.previous}
    found: dict[str, dict[str, CountyGap]] = {}
    for code in sorted({code for code, _ in now}):
        found[code] = {name: _gap(now[code, name], last.get((code, name), {})) for name in names if (code, name) in now}
    return found


def _gap(row: dict[str, Any], last: dict[str, Any]) -> CountyGap:
    return CountyGap(
        verdict=row["verdict"], cv=row["cv"], limit=row["cv_limit"], last=last["cv"] if last.get("state") == "ok" else None,
        last_verdict=last.get("verdict"), mean=row["mean"], ratio=row["ratio"], mean_is_up=row["mean_is_up"],
        schools_missing=int(row["schools_missing"] or 0), trace_id=row["trace_id"],
    )  # fmt: skip


def _ranks(rows: Rows) -> dict[str, dict[str, Rank]]:
    found: dict[str, dict[str, Rank]] = {}
    for row in rows:
        found.setdefault(row["county_code"], {})[row["measure"]] = rank_of(row)
    return found


def rank_of(row: dict[str, Any]) -> Rank:
    """A rank from a row of the ranking."""
    return Rank(
        value=row["value"], place=row["rank_province"], low=row["rank_low"], high=row["rank_high"],
        compared=row["compared_province"], nation=row["rank_nation"], compared_nation=row["compared_nation"],
        before=row["value_before"], change=row["rank_change"], cause=row["cause_indicator"], state=row["state"],
    )  # fmt: skip


def _shares(rows: Rows) -> dict[str, dict[str, Share]]:
    found: dict[str, dict[str, Share]] = {}
    for row in rows:
        found.setdefault(row["county_code"], {})[row["indicator_id"]] = Share(
            row["met"], row["unmet"], row["missing"], row["not_applicable"]
        )
    return found


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

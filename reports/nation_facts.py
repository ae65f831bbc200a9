"""The facts of the nation's page and of the home page: provinces by stage, years, indicators, coverage; and their check."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.schema.model import Catalogue, Indicator, Stage, Standard
from reports.area_facts import NO_DATA, NOT_COMPARABLE, AreaFacts
from reports.areas import Areas, Province
from reports.families import Family, family_of, standards_of
from reports.measures import Scale, scale_of
from reports.reader import Rows


@dataclass(frozen=True)
class Quantiles:
    """p10, p50, p90 of what the counties of a province are ranked by, in drawn units; null of too few."""

    low: float
    middle: float
    high: float
    counties: int


@dataclass(frozen=True)
class NationFacts:
    """Everything the nation's page says, by the default standard."""

    standard: Standard
    year: int
    provinces: tuple[tuple[Province, Family], ...]
    stages: tuple[Stage, ...]
    indicators: tuple[Indicator, ...]
    trend: tuple[tuple[int, str, int, int], ...]
    coverage: Rows

    @property
    def expected(self) -> int:
        return sum(len(p.counties) for p, _ in self.provinces)

    @property
    def has_limits(self) -> bool:
        return any(facts.has_limits for _, family in self.provinces for facts in family.stages)

    def of(self, stage: Stage) -> list[AreaFacts]:
        """The facts of every province for a stage."""
        return [facts for _, family in self.provinces for facts in family.stages if facts.stage.id == stage.id]

    def count(self, stage: Stage, *verdicts: str) -> int:
        return sum(facts.count(*verdicts) for facts in self.of(stage))

    def within_all(self) -> int:
        return sum(family.within_all() for _, family in self.provinces)

    def pupils(self, *verdicts: str) -> float:
        return sum(facts.pupils(*verdicts) for _, family in self.provinces for facts in family.stages)

    def all_pupils(self) -> float:
        return sum(line.pupils for _, family in self.provinces for facts in family.stages for line in facts.lines)

    def over(self, indicator: Indicator, stage: Stage) -> int:
        """Counties over the limit of an indicator."""
        return sum(facts.tally(indicator.id).beyond for facts in self.of(stage))

    def scale(self, stage: Stage) -> Scale | None:
        """How the measure of the pages is drawn; none where the standard names none."""
        return scale_of(self.standard.measures[0], self.standard, stage) if self.standard.measures else None


def nation_facts(areas: Areas, catalogue: Catalogue) -> NationFacts:
    """The facts by the default standard. Raises AssertionError when counts do not add up."""
    standard = standards_of(catalogue)[0]
    provinces = tuple((p, family_of(areas, catalogue, p, standard)) for p in areas.provinces)
    facts = NationFacts(
        standard=standard, year=areas.year, provinces=provinces, stages=tuple(catalogue.judged_stages),
        indicators=tuple(catalogue.indicators[name] for name in standard.gap.indicators) if standard.gap else (),
        trend=_trend(areas, standard, catalogue), coverage=areas.coverage,
    )  # fmt: skip
    check(facts)
    return facts


def _trend(areas: Areas, standard: Standard, catalogue: Catalogue) -> tuple[tuple[int, str, int, int], ...]:
    """(year, stage, within, judged) of every year of the release; judged are those within and those beyond."""
    frame = areas.verdicts.filter(areas.verdicts["standard_id"] == standard.id)
    found = []
    for stage in catalogue.judged_stages:
        mine = frame.filter(frame["stage"] == stage.id)
        for year in sorted(mine["year"].unique().to_list()):
            verdicts = mine.filter(mine["year"] == year)["verdict"].to_list()
            within = verdicts.count("within")
            judged = within + verdicts.count("beyond")
            if judged:
                found.append((int(year), stage.id, within, judged))
    return tuple(found)


def quantiles(facts: AreaFacts) -> Quantiles | None:
    """The spread of a province's counties by the measure of the pages; none of fewer than three."""
    if facts.measure is None:
        return None
    scale = scale_of(facts.measure, facts.standard, facts.stage)
    values = sorted(scale.drawn(r.value) for _, r in facts.ranked(facts.measure) if r.value is not None)
    if len(values) < 3:
        return None
    low, middle, high = (_quantile(values, q) for q in (0.1, 0.5, 0.9))
    return Quantiles(low, middle, high, len(values))


def _quantile(values: list[float], q: float) -> float:
    place = q * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def check(facts: NationFacts) -> None:
    """Asserts that every expected county of every stage is counted once, and that coverage does not exceed what was expected."""
    for stage in facts.stages:
        parts = [("within",), ("beyond",), ("measured",), NO_DATA, NOT_COMPARABLE]
        assert sum(facts.count(stage, *part) for part in parts) == facts.expected, f"{stage.id} does not add up"
    known = {p.code: len(p.counties) for p, _ in facts.provinces}
    for row in facts.coverage:
        if row["province_code"] in known:
            assert row["accepted"] <= row["received"] <= row["expected"] == known[row["province_code"]], "coverage"

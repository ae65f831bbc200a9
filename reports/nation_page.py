"""The nation's page as its template takes it: how many counties are within the limits, where, and which indicator fails most."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pipeline.schema.model import Catalogue
from reports import nation_tables, numbers
from reports.area_facts import NO_DATA, NOT_COMPARABLE
from reports.figures import Figure
from reports.grid import grid
from reports.measures import GAP_MEASURES, name_of, value_text
from reports.missing_counties import area_missing
from reports.missing_schools import NOTHING, Missing
from reports.nation_facts import NationFacts, nation_facts
from reports.nation_figures import bar_figure, by_over, stage_key, strip_figure, trend_figure
from reports.paths import NATION
from reports.province_words import tile
from reports.rank_figures import drawn
from reports.render import Page, Source
from reports.words import Words


def nation_pages(source: Source) -> Iterator[Page]:
    """The nation's page, where the divisions know provinces."""
    if not source.areas.provinces:
        return
    facts = nation_facts(source.areas, source.catalogue)
    is_fictional = any(c.is_fictional for c in source.release.counties)
    yield Page(
        NATION,
        "nation.html.j2",
        partial(nation_context, facts, source.catalogue, missing=source.release.missing),
        is_fictional,
    )


def nation_context(
    facts: NationFacts, catalogue: Catalogue, words: Words, missing: Missing = NOTHING
) -> dict[str, Any]:
    """What ``nation.html.j2`` shows, in one language."""
    figures = _Figures(facts, words)
    counties = [county for province, _ in facts.provinces for county in province.counties]
    return {
        "title": title(facts, words), "lead": lead(facts, words), "tiles": tiles(facts, words),
        "meta": [(words("meta.year"), str(facts.year)), (words("meta.standard"), words.label(facts.standard.document))],
        "grid": grid(facts, words), "bars": figures.made(bar_figure(facts, words), "bars"), "indicators": nation_tables.indicator_table(facts, words),
        "trend": figures.made(trend_figure(facts, words), "trend"), "years": nation_tables.year_table(facts, words),
        "strips": figures.made(strip_figure(facts, words), "strips"), "spread": nation_tables.spread_table(facts, words), "coverage": nation_tables.coverage_table(facts, words),
        "provinces": nation_tables.province_table(facts, catalogue, words),
        "missing": area_missing(missing, ("nation", "0"), counties, facts.stages, catalogue, words, facts.year),
    }  # fmt: skip


class _Figures:
    """Numbers the figures of the page in their order; figure 1 is the grid of squares where there is one."""

    def __init__(self, facts: NationFacts, words: Words) -> None:
        self.facts, self.words, self.count = facts, words, int(len(facts.provinces) > 1 and facts.has_limits)

    def made(self, figure: Figure | None, kind: str) -> dict[str, Any] | None:
        if figure is None:
            return None
        self.count += 1
        facts, words = self.facts, self.words
        holes = {
            "year": facts.year,
            "n": facts.expected,
            "provinces": len(facts.provinces),
            "message": title(facts, words),
            **_top(facts, words),
        }
        return {
            "id": figure.id, "label": words("fig", n=self.count), "title": words(f"areafig.{kind}.title"), "caption": words(f"areafig.{kind}.caption", **holes),
            "aria": words(f"areafig.{kind}.aria", **holes), "key": stage_key(facts.stages, words), "height": figure.layout["height"],
            "narrow": figure.narrow["layout"]["height"], "json": figure.as_json(), "notes": (),
        }  # fmt: skip


def _top(facts: NationFacts, words: Words) -> dict[str, Any]:
    """The indicator with most counties over, and how many in every stage."""
    order = by_over(facts)
    if not order:
        return {"name": "", "over": "", "measure": ""}
    over = words.several(
        [words("tile.stage", stage=words.label(s.label), n=facts.over(order[0], s)) for s in facts.stages]
    )
    measure = name_of(facts.standard.measures[0], facts.standard, words) if facts.standard.measures else ""
    return {"name": words.short(order[0]), "over": over, "measure": measure}


def title(facts: NationFacts, words: Words) -> str:
    """The finding with a number: counties within all limits in every stage, of how many."""
    holes = {"n": numbers.whole(facts.expected), "where": _where(facts, words)}
    if not facts.has_limits:
        largest = _largest(facts, words)
        if largest is not None:
            return words("nation.h1.free", **holes, **largest)
        return words("nation.h1.measured", measured=words.several(_by_stage(facts, words, "measured")), **holes)
    return words("nation.h1", within=words.several(_by_stage(facts, words, "within")), **holes)


def _where(facts: NationFacts, words: Words) -> str:
    """How many provinces, or the one there is by name."""
    if len(facts.provinces) == 1:
        return words("nation.where.one", province=words.place(facts.provinces[0][0].name))
    return words("nation.where", n=len(facts.provinces))


def _largest(facts: NationFacts, words: Words) -> dict[str, str] | None:
    """The county that comes last by the measure of the pages, of all provinces and stages."""
    last = [(f, *drawn(f)[0]) for _, family in facts.provinces for f in family.stages if drawn(f)]
    if not last or not facts.standard.measures:
        return None
    measure = facts.standard.measures[0]
    sign = 1 if measure in GAP_MEASURES else -1
    of, line, rank = max(last, key=lambda x: (sign * (x[2].value or 0.0), x[1].county.code))
    return {
        "county": words.place(line.county.name, once=True), "stage": words.stage(of.stage), "measure": name_of(measure, facts.standard, words),
        "value": value_text(measure, rank.value),
    }  # fmt: skip


def _by_stage(facts: NationFacts, words: Words, *verdicts: str) -> list[str]:
    return [
        words("nation.stage", stage=words.stage(s), n=numbers.whole(facts.count(s, *verdicts))) for s in facts.stages
    ]


def lead(facts: NationFacts, words: Words) -> str:
    """Stage by stage: over, undecided, not comparable, so that with those within they make up all counties."""
    said = []
    for stage in facts.stages:
        counts = {
            "beyond": facts.count(stage, "beyond"), "open": facts.count(stage, *NO_DATA), "single": facts.count(stage, *NOT_COMPARABLE),
            "measured": facts.count(stage, "measured"),
        }  # fmt: skip
        key = "nation.lead" if facts.has_limits else "nation.lead.free"
        said.append(words(key, stage=words.label(stage.label), **{k: numbers.whole(v) for k, v in counts.items()}))
    order = by_over(facts)
    if facts.has_limits and order and any(facts.over(order[0], s) for s in facts.stages):
        said.append(words("nation.lead.worst", **_top(facts, words)))
    return words.sentences(said)


def tiles(facts: NationFacts, words: Words) -> list[dict[str, str]]:
    """At most four: counties within, a tile a stage and one for all stages; pupils in counties beyond."""
    if not facts.has_limits:
        return []
    made = [_stage_tile(facts, n, words) for n, _ in enumerate(facts.stages[:2])]
    if len(facts.stages) > 1:
        value = f"{numbers.whole(facts.within_all())} / {numbers.whole(facts.expected)}"
        made.append(tile("met", words("tile.within.all"), value, words("tile.within.all.sub"), words.symbol("met")))
    beyond, pupils = facts.pupils("beyond"), facts.all_pupils()
    share = numbers.percent(beyond / pupils if pupils else None)
    made.append(
        tile(
            "unmet" if beyond else "plain",
            words("tile.pupils"),
            numbers.whole(beyond),
            words("tile.pupils.sub", share=share),
        )
    )
    return made


def _stage_tile(facts: NationFacts, n: int, words: Words) -> dict[str, str]:
    stage = facts.stages[n]
    within, beyond = facts.count(stage, "within"), facts.count(stage, "beyond")
    return tile(
        "met", words("tile.within.stage", stage=words.label(stage.label)), f"{numbers.whole(within)} / {numbers.whole(facts.expected)}",
        words("tile.split", beyond=numbers.whole(beyond), rest=numbers.whole(facts.expected - within - beyond)), words.symbol("met"),
    )  # fmt: skip

"""A province's pages as the template takes them: facts in words. Nothing is counted here that ``area_facts`` does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from pipeline.schema.model import Catalogue
from reports import province_tables, province_words, ranking_tables, whole_tables
from reports.area_facts import AreaFacts
from reports.families import Family, family_of, standards_of
from reports.figures import KEY_SYMBOLS, Figure
from reports.measures import name_of, scale_of
from reports.missing_counties import area_missing
from reports.missing_schools import NOTHING, Missing
from reports.paths import overview_path, province_path
from reports.rank_figures import ALL_UP_TO, MARKS, MOST_LABELS, WORST, drawn, rank_figure, slope_figure
from reports.render import Page, Source
from reports.spread_figures import quadrant_counts, scatter_figure, swarm_figure
from reports.trace import named_clause
from reports.words import Words


def province_pages(source: Source) -> Iterator[Page]:
    """A page a province, standard and judged stage."""
    for province in source.areas.provinces:
        is_fictional = any(c.is_fictional for c in province.counties)
        for standard in standards_of(source.catalogue):
            family = family_of(source.areas, source.catalogue, province, standard)
            for facts in family.stages:
                yield Page(
                    province_path(province, facts.stage, standard, source.catalogue), "province.html.j2",
                    partial(province_context, facts, family, source.catalogue, missing=source.release.missing), is_fictional,
                )  # fmt: skip


def province_context(
    facts: AreaFacts, family: Family, catalogue: Catalogue, words: Words, missing: Missing = NOTHING
) -> dict[str, Any]:
    """What ``province.html.j2`` shows, in one language. Sections are null where there is nothing to say."""
    figures = _Figures(facts, words)
    measure = facts.measure
    ranked = facts.ranked(measure) if measure else []
    return {
        "title": province_words.title(facts, words),
        "lead": province_words.lead(facts, words),
        "meta": _meta(facts, words),
        "tabs": _tabs(facts, catalogue, words),
        "crumb": words.place(facts.province.name), "code": facts.province.code, "overview": overview_path(facts.province.code), "here": words.label(facts.stage.label),
        "tiles": province_words.tiles(facts, family, words),
        "key": province_words.rank_key(facts, catalogue, measure, words) if measure else "",
        "rank_figure": figures.made(rank_figure(facts, words), "rank"),
        "ranking": ranking_tables.rank_table(facts, catalogue, measure, words) if measure and ranked else None,
        "unranked": ranking_tables.unranked_table(facts, measure, words) if measure else None,
        "whole": words.sentences([
            whole_tables.lead(facts.whole, facts.standard, words), whole_tables.list_lead(facts.whole, facts.standard, words)
        ]),
        "slope_figure": figures.made(slope_figure(facts, words), "slope"),
        "crossed": ranking_tables.crossed_table(facts, catalogue, words) if facts.has_limits else None,
        "no_crossing": words("crossed.none", last=facts.previous) if facts.has_limits and facts.previous else "",
        "swarm_figure": figures.made(swarm_figure(facts, province_tables.ordered(facts), words), "swarm"),
        "indicators": province_tables.indicator_table(facts, words) if facts.indicators else None,
        "scatter_figure": figures.made(scatter_figure(facts, words), "scatter"),
        "poor": province_tables.poor_table(facts, words),
        "shares": province_tables.share_table(facts, words),
        "others": _others(facts, catalogue, words),
        "prefectures": province_tables.prefecture_table(facts, words),
        "legend": _legend(facts, words),
        "missing": area_missing(
            missing, ("province", facts.province.code), facts.province.counties, [facts.stage], catalogue, words, facts.year
        ),
    }  # fmt: skip


class _Figures:
    """Numbers the figures of a page in their order, and says of each what it shows."""

    def __init__(self, facts: AreaFacts, words: Words) -> None:
        self.facts, self.words, self.count = facts, words, 0

    def made(self, figure: Figure | None, kind: str) -> dict[str, Any] | None:
        if figure is None:
            return None
        self.count += 1
        facts, words = self.facts, self.words
        holes = _holes(facts, words)
        heading = words(
            f"areafig.{kind}.title.free" if kind == "rank" and not facts.has_limits else f"areafig.{kind}.title",
            **holes,
        )
        caption = words(f"areafig.{kind}.caption", **holes)
        if kind == "rank" and holes["more"]:
            caption = words.sentences([caption, words("rank.worst_only", n=WORST, most=ALL_UP_TO)])
        if figure.beyond:
            caption = words.sentences([caption, words("fig.beyond", n=figure.beyond)])
        aria = words(f"areafig.{kind}.aria", **holes)
        return {
            "id": figure.id, "label": words("fig", n=self.count), "title": heading, "caption": caption, "aria": aria,
            "key": _key(facts, kind, words), "height": figure.layout["height"], "narrow": figure.narrow["layout"]["height"],
            "json": figure.as_json(), "notes": (),
        }  # fmt: skip


def _holes(facts: AreaFacts, words: Words) -> dict[str, Any]:
    """What captions and texts of figures are filled with."""
    pairs = drawn(facts)
    order = province_tables.ordered(facts)
    measure = facts.measure or ""
    return {
        "stage": words.stage(facts.stage), "province": words.place(facts.province.name), "year": facts.year, "last": facts.previous or "",
        "measure": name_of(measure, facts.standard, words) if measure else "", "n": len(facts.lines), "drawn": len(pairs),
        "more": len(facts.ranked(measure)) > len(pairs) if measure else False,
        "county": words.place(pairs[0][0].county.name) if pairs else "",
        "value": scale_of(measure, facts.standard, facts.stage).text(pairs[0][1].value or 0) if pairs else "",
        "out": len(facts.crossed("out")), "into": len(facts.crossed("in")), "labels": MOST_LABELS,
        "name": words.short(order[0]) if order else "", "over": facts.tally(order[0].id).beyond if order else 0,
        **quadrant_counts(facts),
    }  # fmt: skip


def _key(facts: AreaFacts, kind: str, words: Words) -> list[dict[str, str]]:
    """Symbols and their words above a figure."""
    line = {"mark": "┆", "state": "line", "text": words("fig1.key.limit")}
    if kind == "slope":
        return [
            {"mark": "◆", "state": "unmet", "text": words("crossed.out")}, {"mark": "●", "state": "met", "text": words("crossed.in")},
            {"mark": "─", "state": "last", "text": words("slope.key.others")}, line,
        ]  # fmt: skip
    if kind == "scatter":
        return [
            {"mark": "◆", "state": "unmet", "text": words.state("unmet", "gap")},
            {"mark": "■", "state": "below", "text": words("gap.poor")},
            {"mark": "●", "state": "last", "text": words.state("met", "gap")}, line,
        ]  # fmt: skip
    if kind == "swarm":
        found = {g.verdict for x in facts.lines for g in x.gaps.values() if g.is_shown}
        states = [("unmet", "◆"), ("met", "●"), ("measured", "●"), ("undecided", "□")]
        key = [{"mark": m, "state": s, "text": words.state(s, "gap")} for s, m in states if s in found]
        return [*key, line] if facts.limit is not None else key
    verdicts = [v for v in ("beyond", "within", "open", "measured") if any(x.verdict == v for x, _ in drawn(facts))]
    key = [
        {"mark": KEY_SYMBOLS[MARKS[v][0]], "state": ranking_tables.STATE_OF[v], "text": words(f"verdict.{v}" if v != "measured" else "rank.key.now", year=facts.year)}
        for v in verdicts
    ]  # fmt: skip
    if facts.previous is not None:
        key.append({"mark": "○", "state": "last", "text": words("fig1.key.last", year=facts.previous)})
    return [*key, line] if facts.has_limits else key


def _meta(facts: AreaFacts, words: Words) -> list[tuple[str, str]]:
    gap = facts.standard.gap
    clause = words.label(gap.source.clause) if gap is not None and gap.source.clause is not None else ""
    return [
        (words("meta.year"), str(facts.year)),
        (words("meta.standard"), named_clause(facts.standard.document, clause, words)),
    ]


def _tabs(facts: AreaFacts, catalogue: Catalogue, words: Words) -> list[dict[str, Any]]:
    """Links to the other stages and standards of the province."""
    province = facts.province
    stages = [
        (words.label(s.label), province_path(province, s, facts.standard, catalogue), s.id == facts.stage.id)
        for s in catalogue.judged_stages
    ]
    standards = [
        (words.label(s.short or s.label), province_path(province, facts.stage, s, catalogue), s.id == facts.standard.id)
        for s in standards_of(catalogue)
    ]
    groups = [(words("meta.stage"), stages), (words("meta.standard"), standards)]
    return [{"title": name, "links": links} for name, links in groups if len(links) > 1]


def _others(facts: AreaFacts, catalogue: Catalogue, words: Words) -> list[dict[str, Any]]:
    """The standard's other measures, a short table each."""
    return [
        {
            "title": words("rank.by", measure=name_of(m, facts.standard, words)), "key": province_words.rank_key(facts, catalogue, m, words),
            "table": ranking_tables.rank_table(facts, catalogue, m, words), "unranked": _left(facts, m, words),
        }
        for m in facts.standard.measures[1:]
        if facts.ranked(m)
    ]  # fmt: skip


def _left(facts: AreaFacts, measure: str, words: Words) -> str:
    """Counties without a place by another measure, in a sentence."""
    lines = facts.unranked(measure)
    names = [
        words("why.named", county=words.place(x.county.name), why=ranking_tables.why(x, measure, words)) for x in lines
    ]
    return words("unranked.sentence", names=words.several(names, 20)) if names else ""


def _legend(facts: AreaFacts, words: Words) -> Sequence[tuple[str, str, str]]:
    states = ["unmet", "undecided", "single"] if facts.limit is not None else ["incomplete", "single"]
    return [(s, words.symbol(s), words.state(s, "gap")) for s in states] if facts.indicators else []

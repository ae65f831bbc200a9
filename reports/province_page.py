"""A province's pages as the templates take them: facts in words. Nothing is counted here that ``area_facts`` does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.schema.model import Catalogue, Stage, Standard
from reports import numbers, province_tables
from reports.area_facts import NO_DATA, NOT_COMPARABLE, AreaFacts, area_facts
from reports.area_figures import (
    ALL_UP_TO,
    MARKS,
    MOST_LABELS,
    WORST,
    drawn,
    quadrant_counts,
    rank_figure,
    scatter_figure,
    slope_figure,
    swarm_figure,
)
from reports.areas import Areas, Province
from reports.county_page import KEY_SYMBOLS
from reports.figures import Figure
from reports.measures import name_of, order_of, scale_of, value_text
from reports.render import Page, Source
from reports.trace import named_clause
from reports.words import Words


@dataclass(frozen=True)
class Family:
    """The facts of a province by a standard, of every judged stage: the pages of one speak of the others too."""

    standard: Standard
    stages: tuple[AreaFacts, ...]

    def within_all(self) -> int:
        """Counties within the limits in every stage that they have, and in one at least."""
        held = zip(*(facts.lines for facts in self.stages), strict=True)
        return sum(
            all(line.verdict in ("within", "none") for line in lines)
            and any(line.verdict == "within" for line in lines)
            for lines in held
        )


def province_path(province: Province, stage: Stage, standard: Standard, catalogue: Catalogue) -> str:
    """Where a province's page of a stage and standard stands inside a language's folder."""
    tail = "" if standard.id == catalogue.about.default_standard else f"-{standard.id}"
    return f"province/{province.code}-{stage.id}{tail}.html"


def standards_of(catalogue: Catalogue) -> list[Standard]:
    """The standards that have something to say of counties, the default one first."""
    found = [s for s in catalogue.standards.values() if s.gap is not None or s.measures]
    return sorted(found, key=lambda s: s.id != catalogue.about.default_standard)


def province_pages(source: Source) -> Iterator[Page]:
    """A page a province, standard and judged stage."""
    for province in source.areas.provinces:
        is_fictional = any(c.is_fictional for c in province.counties)
        for standard in standards_of(source.catalogue):
            family = family_of(source.areas, source.catalogue, province, standard)
            for facts in family.stages:
                yield Page(
                    province_path(province, facts.stage, standard, source.catalogue), "province.html.j2",
                    partial(province_context, facts, family, source.catalogue), is_fictional,
                )  # fmt: skip


def family_of(areas: Areas, catalogue: Catalogue, province: Province, standard: Standard) -> Family:
    """The facts of a province by a standard."""
    return Family(
        standard, tuple(area_facts(areas, catalogue, province, stage, standard) for stage in catalogue.judged_stages)
    )


def province_context(facts: AreaFacts, family: Family, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    """What ``province.html.j2`` shows, in one language. Sections are null where there is nothing to say."""
    figures = _Figures(facts, words)
    measure = facts.measure
    ranked = facts.ranked(measure) if measure else []
    return {
        "title": title(facts, words),
        "lead": lead(facts, words),
        "meta": _meta(facts, words),
        "tabs": _tabs(facts, catalogue, words),
        "crumb": words.place(facts.province.name), "code": facts.province.code,
        "tiles": tiles(facts, family, words),
        "key": rank_key(facts, catalogue, measure, words) if measure else "",
        "rank_figure": figures.made(rank_figure(facts, words), "rank"),
        "ranking": province_tables.rank_table(facts, catalogue, measure, words) if measure and ranked else None,
        "unranked": province_tables.unranked_table(facts, measure, words) if measure else None,
        "slope_figure": figures.made(slope_figure(facts, words), "slope"),
        "crossed": province_tables.crossed_table(facts, catalogue, words) if facts.has_limits else None,
        "no_crossing": words("crossed.none", last=facts.previous) if facts.has_limits and facts.previous else "",
        "swarm_figure": figures.made(swarm_figure(facts, province_tables.ordered(facts), words), "swarm"),
        "indicators": province_tables.indicator_table(facts, words) if facts.indicators else None,
        "scatter_figure": figures.made(scatter_figure(facts, words), "scatter"),
        "poor": province_tables.poor_table(facts, words),
        "shares": province_tables.share_table(facts, words),
        "others": _others(facts, catalogue, words),
        "prefectures": province_tables.prefecture_table(facts, words),
        "legend": _legend(facts, words),
        "workbook": f"province/{facts.province.code}.xlsx",
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
        heading = words(f"{kind}.title.free" if kind == "rank" and not facts.has_limits else f"{kind}.title", **holes)
        caption = words(f"{kind}.caption.fig", **holes)
        if kind == "rank" and holes["more"]:
            caption = words.sentences([caption, words("rank.worst_only", n=WORST, most=ALL_UP_TO)])
        aria = words(f"{kind}.aria", **holes)
        return {
            "id": figure.id, "label": words("fig", n=self.count), "title": heading, "caption": caption, "aria": aria,
            "key": _key(facts, kind, words), "height": figure.layout["height"], "narrow": figure.narrow["layout"]["height"],
            "json": figure.as_json(),
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
        {"mark": KEY_SYMBOLS[MARKS[v][0]], "state": province_tables.STATE_OF[v], "text": words(f"verdict.{v}" if v != "measured" else "rank.key.now", year=facts.year)}
        for v in verdicts
    ]  # fmt: skip
    if facts.previous is not None:
        key.append({"mark": "○", "state": "last", "text": words("fig1.key.last", year=facts.previous)})
    return [*key, line] if facts.has_limits else key


def title(facts: AreaFacts, words: Words) -> str:
    """The finding of the page with a number."""
    holes = {
        "province": words.place(facts.province.name), "n": len(facts.lines), "stage": words.stage(facts.stage),
        "within": facts.count("within"), "before": facts.before("within"), "last": facts.previous or "",
    }  # fmt: skip
    if facts.has_limits:
        kind = "single" if facts.limit is not None else "composite"
        key = f"province.h1.{kind}" + (".last" if facts.previous and any(x.before for x in facts.lines) else "")
        return words(key, **holes)
    schools, meeting = sum(x.schools for x in facts.lines if x.judged), sum(x.meeting for x in facts.lines)
    if facts.standard.school_rule is not None and schools:
        standard = words.label(facts.standard.short or facts.standard.label)
        return words("province.h1.schools", schools=schools, meeting=meeting, standard=standard, **holes)
    return (
        words("province.h1.free", **holes, **_largest(facts, words))
        if drawn(facts)
        else words("province.h1.none", **holes)
    )


def _largest(facts: AreaFacts, words: Words) -> dict[str, str]:
    line, rank = drawn(facts)[0]
    measure = facts.measure or ""
    return {
        "county": words.place(line.county.name), "measure": name_of(measure, facts.standard, words),
        "value": value_text(measure, rank.value),
    }  # fmt: skip


def lead(facts: AreaFacts, words: Words) -> str:
    """What fails, what is not judged, and the indicator that fails most."""
    said = []
    if facts.has_limits:
        said.append(words("province.lead.beyond", beyond=facts.count("beyond"), n=len(facts.lines)))
    else:
        said.append(words("province.lead.measured", measured=facts.count("measured"), n=len(facts.lines)))
    rest = (
        ("open", "province.lead.open"),
        ("absent", "province.lead.absent"),
        ("single", "province.lead.single"),
        ("none", "province.lead.none"),
    )
    said += [words(key, n=facts.count(verdict)) for verdict, key in rest if facts.count(verdict)]
    order = province_tables.ordered(facts)
    if order and facts.limit is not None and facts.tally(order[0].id).beyond:
        names = [
            words("named.count", name=words.short(i), n=facts.tally(i.id).beyond)
            for i in order[:3]
            if facts.tally(i.id).beyond
        ]
        said.append(words("province.lead.worst", names=words.several(names)))
    if facts.measure and not facts.has_limits and drawn(facts):
        said.append(words("province.lead.last", **_largest(facts, words)))
    return words.sentences(said)


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


def tiles(facts: AreaFacts, family: Family, words: Words) -> list[dict[str, str]]:
    """At most four: counties within, in each stage and in all; not judged; pupils beyond; who crossed."""
    n = len(facts.lines)
    if not facts.has_limits:
        return _free_tiles(facts, words)
    by_stage = [words("tile.stage", stage=words.label(f.stage.label), n=f.count("within")) for f in family.stages]
    both = words("tile.both", n=family.within_all()) if len(family.stages) > 1 else ""
    sub = words.sentences([("，" if words.language == "zh" else ", ").join([*by_stage, both] if both else by_stage)])
    beyond = facts.pupils("beyond")
    pupils = sum(line.pupils for line in facts.lines)
    rest = facts.count(*NO_DATA, *NOT_COMPARABLE)
    made = [
        _tile("met", words("tile.within"), f"{facts.count('within')} / {n}", sub, words.symbol("met")),
        _tile(
            "unmet" if facts.count("beyond") else "plain", words("tile.beyond"), f"{facts.count('beyond')} / {n}",
            words("tile.pupils.beyond", pupils=numbers.whole(beyond), share=numbers.percent(beyond / pupils if pupils else None)),
            words.symbol("unmet") if facts.count("beyond") else "",
        ),
        _tile(
            "undecided" if rest else "plain", words("tile.rest"), f"{rest} / {n}",
            words("tile.rest.sub", open=facts.count("open"), absent=facts.count("absent"), single=facts.count("single"), none=facts.count("none")),
        ),
    ]  # fmt: skip
    if facts.previous is not None:
        out, into = len(facts.crossed("out")), len(facts.crossed("in"))
        value = words("tile.crossed.value", out=out, into=into)
        made.append(_tile("plain", words("tile.crossed", last=facts.previous), value, words("tile.crossed.sub")))
    return made


def _free_tiles(facts: AreaFacts, words: Words) -> list[dict[str, str]]:
    n, rest = len(facts.lines), facts.count(*NO_DATA, *NOT_COMPARABLE)
    made = [
        _tile("plain", words("tile.compared"), f"{n - rest} / {n}", words("tile.rest.sub", open=facts.count("open"), absent=facts.count("absent"), single=facts.count("single"), none=facts.count("none"))),
    ]  # fmt: skip
    judged = [line for line in facts.lines if line.judged]
    if facts.standard.school_rule is not None and judged:
        met, schools = sum(x.meeting for x in judged), sum(x.schools for x in judged)
        share = numbers.percent(met / schools, 1)
        made.append(_tile("plain", words("tile.meeting"), f"{numbers.whole(met)} / {numbers.whole(schools)}", share))
    for measure in facts.standard.measures[:2]:
        pairs = facts.ranked(measure)
        if pairs:
            values = sorted(r.value or 0.0 for _, r in pairs)
            middle = (
                values[len(values) // 2]
                if len(values) % 2
                else (values[len(values) // 2 - 1] + values[len(values) // 2]) / 2
            )
            sub = words("tile.range", low=value_text(measure, values[0]), high=value_text(measure, values[-1]))
            title = words("tile.median", measure=name_of(measure, facts.standard, words))
            made.append(_tile("plain", title, value_text(measure, middle), sub))
    return made[:4]


def _tile(state: str, title: str, value: str, sub: str, symbol: str = "") -> dict[str, str]:
    return {"state": state, "title": title, "value": value, "sub": sub, "symbol": symbol}


def rank_key(facts: AreaFacts, catalogue: Catalogue, measure: str, words: Words) -> str:
    """The order key and what a band means, above the table."""
    said = [
        words("rank.key", measure=name_of(measure, facts.standard, words), order=order_of(measure, words), id=measure)
    ]
    if measure == "share_meeting":
        said.append(words("rank.key.unknown"))
    width = catalogue.settings.get("rank_band_width")
    if width is not None:
        said.append(words("rank.key.band", width=f"{float(str(width.value)):g}"))
    return words.sentences(said)


def _others(facts: AreaFacts, catalogue: Catalogue, words: Words) -> list[dict[str, Any]]:
    """The standard's other measures, a short table each."""
    return [
        {
            "title": words("rank.by", measure=name_of(m, facts.standard, words)), "key": rank_key(facts, catalogue, m, words),
            "table": province_tables.rank_table(facts, catalogue, m, words), "unranked": _left(facts, m, words),
        }
        for m in facts.standard.measures[1:]
        if facts.ranked(m)
    ]  # fmt: skip


def _left(facts: AreaFacts, measure: str, words: Words) -> str:
    """Counties without a place by another measure, in a sentence."""
    lines = facts.unranked(measure)
    names = [
        words("why.named", county=words.place(x.county.name), why=province_tables.why(x, measure, words)) for x in lines
    ]
    return words("unranked.sentence", names=words.several(names, 20)) if names else ""


def _legend(facts: AreaFacts, words: Words) -> Sequence[tuple[str, str, str]]:
    states = ["unmet", "undecided", "single"] if facts.limit is not None else ["incomplete", "single"]
    return [(s, words.symbol(s), words.state(s, "gap")) for s in states] if facts.indicators else []

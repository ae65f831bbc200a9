"""The nation's page as its template takes it: how many counties are within the limits, where, and which indicator fails most."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cache, partial
from importlib import resources
from itertools import pairwise
from typing import Any

from pipeline.schema.model import Catalogue, Indicator
from reports import numbers
from reports.area_facts import NO_DATA, NOT_COMPARABLE, AreaFacts
from reports.area_figures import drawn
from reports.areas import Province
from reports.figures import Figure
from reports.measures import GAP_MEASURES, name_of, scale_of, value_text
from reports.nation_facts import NationFacts, nation_facts, quantiles
from reports.nation_figures import bar_figure, by_over, stage_key, strip_figure, trend_figure
from reports.overview_page import overview_path
from reports.province_page import Family, province_path, tile
from reports.render import Page, Source
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

NATION = "nation.html"
CLASSES = (0.25, 0.5, 0.75)
"""Shares at which the ink of a square changes."""

WRAP = 6
"""Squares in a row where no place on the grid is known."""


def nation_pages(source: Source) -> Iterator[Page]:
    """The nation's page, where the divisions know provinces."""
    if not source.areas.provinces:
        return
    facts = nation_facts(source.areas, source.catalogue)
    is_fictional = any(c.is_fictional for c in source.release.counties)
    yield Page(NATION, "nation.html.j2", partial(nation_context, facts, source.catalogue), is_fictional)


def nation_context(facts: NationFacts, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    """What ``nation.html.j2`` shows, in one language."""
    figures = _Figures(facts, words)
    return {
        "title": title(facts, words), "lead": lead(facts, words), "tiles": tiles(facts, words),
        "meta": [(words("meta.year"), str(facts.year)), (words("meta.standard"), words.label(facts.standard.document))],
        "grid": _grid(facts, words), "bars": figures.made(bar_figure(facts, words), "bars"), "indicators": _indicators(facts, words),
        "trend": figures.made(trend_figure(facts, words), "trend"), "years": _years(facts, words),
        "strips": figures.made(strip_figure(facts, words), "strips"), "spread": _spread(facts, words), "coverage": _coverage(facts, words),
        "provinces": province_table(facts, catalogue, words),
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
            "id": figure.id, "label": words("fig", n=self.count), "title": words(f"{kind}.title"), "caption": words(f"{kind}.caption.fig", **holes),
            "aria": words(f"{kind}.aria", **holes), "key": stage_key(facts.stages, words), "height": figure.layout["height"],
            "narrow": figure.narrow["layout"]["height"], "json": figure.as_json(),
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
    holes = {"n": numbers.whole(facts.expected), "provinces": len(facts.provinces)}
    if not facts.has_limits:
        largest = _largest(facts, words)
        if largest is not None:
            return words("nation.h1.free", **holes, **largest)
        return words("nation.h1.measured", measured=words.several(_by_stage(facts, words, "measured")), **holes)
    return words("nation.h1", within=words.several(_by_stage(facts, words, "within")), **holes)


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


@cache
def _places() -> dict[tuple[str, str], tuple[int, int]]:
    """Row and column of provinces on the grid, by code and the first characters of the name."""
    text = resources.files("reports").joinpath("tiles.csv").read_text(encoding="utf-8")
    return {(r["code"], r["name_zh"]): (int(r["row"]), int(r["column"])) for r in csv.DictReader(text.splitlines())}


def grid_places(provinces: Sequence[Province]) -> list[tuple[int, int]]:
    """Row and column of every province: where the country's grid has it by code and name, else in rows below, by code."""
    known = _places()
    found = [
        next((at for (code, name), at in known.items() if p.code == code and p.name.zh.startswith(name)), None)
        for p in provinces
    ]
    below = max((at[0] for at in found if at), default=0)
    places, extra = [], 0
    for at in found:
        if at is None:
            at = (below + 1 + extra // WRAP, extra % WRAP + 1)
            extra += 1
        places.append(at)
    return places


def _grid(facts: NationFacts, words: Words) -> dict[str, Any] | None:
    """Squares, a province each: the share of its counties within the limits in every stage, in four inks."""
    if len(facts.provinces) < 2 or not facts.has_limits:
        return None
    squares = []
    for (province, family), (row, column) in zip(
        facts.provinces, grid_places([p for p, _ in facts.provinces]), strict=True
    ):
        share = family.within_all() / len(province.counties)
        name = words.place(province.name)
        squares.append({
            "row": row, "column": column, "name": _short(name), "href": overview_path(province.code), "value": numbers.percent(share),
            "ink": sum(share >= edge for edge in CLASSES), "title": words("grid.square", name=name, within=family.within_all(), n=len(province.counties)),
        })  # fmt: skip
    edges = ["0", *(numbers.percent(c) for c in CLASSES), numbers.percent(1)]
    key = [(n, f"{low}–{high}") for n, (low, high) in enumerate(pairwise(edges))]
    return {
        "squares": squares,
        "key": key,
        "label": words("fig", n=1),
        "title": words("grid.title"),
        "caption": words("grid.caption", year=facts.year),
    }


def _short(name: str) -> str:
    """A province's name as it fits a square: without what is in parentheses and the word province."""
    name = name.split("（")[0].split(" (")[0]
    for tail in ("省", "市", " Province"):
        name = name.removesuffix(tail)
    return name


def _indicators(facts: NationFacts, words: Words) -> Table | None:
    """Counties over the limit by indicator and stage: the data of the bars."""
    if not facts.indicators or not facts.has_limits:
        return None
    columns = [
        Column(words("col.indicator")),
        *(Column(words("bars.col", stage=words.label(s.label)), True) for s in facts.stages),
    ]
    rows = [
        Row([Cell(words.short(i), words.label(i.label)), *(_over_cell(facts, i, n, words) for n, _ in enumerate(facts.stages))])
        for i in by_over(facts)
    ]  # fmt: skip
    return Table(
        "indicators-table",
        words("bars.caption", n=numbers.whole(facts.expected)),
        columns,
        rows,
        f"indicators-{facts.year}.csv",
    )


def _over_cell(facts: NationFacts, indicator: Indicator, n: int, words: Words) -> Cell:
    over = facts.over(indicator, facts.stages[n])
    if not over:
        return Cell("0")
    return Cell(numbers.whole(over), str(over), "unmet", words.symbol("unmet"), words.state("unmet", "gap"))


def _years(facts: NationFacts, words: Words) -> Table | None:
    """Counties within and judged by year and stage: the data of the trend."""
    years = sorted({year for year, _, _, _ in facts.trend})
    if len(years) < 2 or not facts.has_limits:
        return None
    columns = [Column(words("meta.year"))]
    columns += [Column(words("trend.col", stage=words.label(s.label)), True) for s in facts.stages]
    held = {(year, stage): (within, judged) for year, stage, within, judged in facts.trend}
    rows = [Row([Cell(str(year)), *(_year_cell(held.get((year, s.id))) for s in facts.stages)]) for year in years]
    return Table("trend-table", words("trend.caption"), columns, rows, f"trend-{facts.year}.csv")


def _spread(facts: NationFacts, words: Words) -> Table:
    """p10, median and p90 by province and stage: the data of the strips."""
    columns = [Column(words("col.province"))]
    for stage in facts.stages:
        columns += [Column(f"{words.label(stage.label)} {q}", True) for q in ("p10", words("col.median"), "p90")]
    rows = [
        Row([Cell(words.place(p.name)), *(c for of in family.stages for c in _spread_cells(of))])
        for p, family in facts.provinces
    ]
    return Table("spread-table", words("strips.caption"), columns, rows, f"spread-{facts.year}.csv")


def _spread_cells(facts: AreaFacts) -> list[Cell]:
    q = quantiles(facts)
    if q is None or facts.measure is None:
        return [Cell(numbers.DASH, "")] * 3
    decimals = scale_of(facts.measure, facts.standard, facts.stage).decimals
    return [Cell(numbers.fixed(v, decimals), numbers.raw(v)) for v in (q.low, q.middle, q.high)]


def _year_cell(pair: tuple[int, int] | None) -> Cell:
    if pair is None:
        return Cell(numbers.DASH, "")
    within, judged = pair
    return Cell(
        f"{numbers.whole(within)} / {numbers.whole(judged)} · {numbers.percent(within / judged, 1)}",
        numbers.raw(within / judged),
    )


def province_table(facts: NationFacts, catalogue: Catalogue, words: Words) -> Table:
    """One row a province by code: counties within, over and neither, in every stage; each number leads to its page."""
    columns = [Column(words("col.province")), Column(words("col.code")), Column(words("col.counties.n"), True)]
    if facts.has_limits:
        columns += [Column(words("tile.within.all"), True, is_narrow=True)]
        for stage in facts.stages:
            name = words.label(stage.label)
            columns += [
                Column(f"{name} {words(key)}", True, is_narrow=True)
                for key in ("verdict.within", "verdict.beyond", "col.rest")
            ]
    else:
        columns += [Column(words("nation.measured", stage=words.label(s.label)), True) for s in facts.stages]
    rows = [_province_row(facts, p, family, catalogue, words) for p, family in facts.provinces]
    return Table(
        "provinces-table",
        words("provinces.caption", n=len(rows)),
        columns,
        rows,
        f"provinces-{facts.year}.csv",
        filter_key="filter.province",
    )


def _province_row(facts: NationFacts, province: Province, family: Family, catalogue: Catalogue, words: Words) -> Row:
    n = len(province.counties)
    cells = [
        Cell(words.place(province.name), href=overview_path(province.code)),
        Cell(province.code),
        Cell(numbers.whole(n), str(n)),
    ]
    if facts.has_limits:
        within = family.within_all()
        cells.append(Cell(f"{numbers.whole(within)} · {numbers.percent(within / n)}", str(within)))
    for of in family.stages:
        cells += _stage_cells(facts, of, catalogue)
    return Row(cells, find=f"{province.name.zh} {province.name.en}".lower())


def _stage_cells(facts: NationFacts, of: AreaFacts, catalogue: Catalogue) -> list[Cell]:
    path = province_path(of.province, of.stage, of.standard, catalogue)
    if not facts.has_limits:
        return [Cell(numbers.whole(of.count("measured")), href=path)]
    within, beyond = of.count("within"), of.count("beyond")
    counts = (within, beyond, len(of.lines) - within - beyond)
    return [Cell(numbers.whole(c), str(c), href=path if place == 0 else "") for place, c in enumerate(counts)]


def _coverage(facts: NationFacts, words: Words) -> Table:
    """Counties expected, received and accepted by province, with the accepted share as a bar."""
    names = {p.code: p.name for p, _ in facts.provinces}
    columns = [Column(words("col.province"))]
    columns += [Column(words(key), True) for key in ("coverage.expected", "coverage.received", "coverage.accepted")]
    columns += [Column(words("coverage.share"), is_wide=True)]
    rows = []
    for row in facts.coverage:
        if row["province_code"] not in names:
            continue
        share = row["accepted"] / row["expected"]
        counts = [Cell(numbers.whole(row[k]), str(row[k])) for k in ("expected", "received", "accepted")]
        bar = Cell(numbers.percent(share, 1), numbers.raw(share), bar=numbers.percent(share, 1))
        rows.append(Row([Cell(words.place(names[row["province_code"]])), *counts, bar]))
    return Table(
        "coverage-table", words("coverage.caption", year=facts.year), columns, rows, f"coverage-{facts.year}.csv"
    )

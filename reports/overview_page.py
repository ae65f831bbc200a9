"""A province's overview: its counties from A to Z, what each comes to in every stage, and the ranking over all stages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pipeline.schema.model import Catalogue
from reports import numbers, ranking_tables
from reports.area_facts import BOTH, Line, Rank
from reports.area_gather import ranks_of
from reports.areas import Areas, Province
from reports.county_list import letters
from reports.county_pages import page_path
from reports.families import Family, family_of, standards_of
from reports.measures import band_text, name_of, value_text
from reports.missing_counties import area_missing
from reports.missing_schools import NOTHING, Missing
from reports.paths import overview_path, province_path
from reports.province_words import rank_key, tile
from reports.render import Page, Source
from reports.tables import Cell, Column, Row, Table
from reports.whole_tables import results
from reports.words import Words


def overview_pages(source: Source) -> Iterator[Page]:
    """A page a province."""
    for province in source.areas.provinces:
        family = family_of(source.areas, source.catalogue, province, standards_of(source.catalogue)[0])
        ranks = overall_ranks(source.areas, province, family)
        context = partial(
            overview_context, province, family, ranks, source.catalogue, missing=source.release.missing, areas=source.areas
        )  # fmt: skip
        yield Page(
            overview_path(province.code), "overview.html.j2", context, any(c.is_fictional for c in province.counties)
        )


def overall_ranks(areas: Areas, province: Province, family: Family) -> dict[str, Rank]:
    """Ranks over all stages by the standard's first measure; empty where that measure has none."""
    measure = family.standard.measures[0] if family.standard.measures else ""
    ranks = ranks_of(areas, (province.code, family.standard.id, BOTH))
    return {county: of[measure] for county, of in ranks.items() if measure in of}


def overview_context(
    province: Province,
    family: Family,
    ranks: dict[str, Rank],
    catalogue: Catalogue,
    words: Words,
    missing: Missing = NOTHING,
    areas: Areas | None = None,
) -> dict[str, Any]:
    """What ``overview.html.j2`` shows, in one language."""
    return {
        "title": _title(province, family, words), "crumb": words.place(province.name), "code": province.code,
        "lead": words("overview.lead"), "tiles": _tiles(province, family, words), "links": _links(province, catalogue, words),
        "letters": letters(province.counties, family.stages[0].stage, words), "key": _key(family, ranks, catalogue, words),
        "results": [] if areas is None else results(areas, catalogue, province, standards_of(catalogue), words),
        "table": _table(province, family, ranks, words),
        "missing": area_missing(
            missing, ("province", province.code), province.counties, [f.stage for f in family.stages], catalogue, words,
            family.stages[0].year,
        ),
    }  # fmt: skip


def _title(province: Province, family: Family, words: Words) -> str:
    holes = {"province": words.place(province.name), "n": len(province.counties), "within": family.within_all()}
    if not any(facts.has_limits for facts in family.stages):
        return words("overview.h1.free", **holes)
    stages = words.several([words.stage(facts.stage) for facts in family.stages])
    return words("overview.h1", stages=stages, **holes)


def _tiles(province: Province, family: Family, words: Words) -> list[dict[str, str]]:
    """Counties within the limits, a tile a stage and one for all; none without limits."""
    if not any(facts.has_limits for facts in family.stages):
        return []
    n = len(province.counties)
    made = [
        tile(
            "met", words("tile.within.stage", stage=words.label(facts.stage.label)), f"{facts.count('within')} / {n}",
            words("tile.split", beyond=facts.count("beyond"), rest=n - facts.count("within", "beyond")), words.symbol("met"),
        )
        for facts in family.stages
    ]  # fmt: skip
    if len(family.stages) > 1:
        made.append(
            tile(
                "met",
                words("tile.within.all"),
                f"{family.within_all()} / {n}",
                words("tile.within.all.sub"),
                words.symbol("met"),
            )
        )
    return made[:4]


def _links(province: Province, catalogue: Catalogue, words: Words) -> list[dict[str, Any]]:
    """The province's pages, a line a standard."""
    return [
        {
            "title": words.label(standard.label),
            "links": [
                (words.label(stage.label), province_path(province, stage, standard, catalogue))
                for stage in catalogue.judged_stages
            ],
        }
        for standard in standards_of(catalogue)
    ]


def _key(family: Family, ranks: dict[str, Rank], catalogue: Catalogue, words: Words) -> str:
    if not any(rank.place for rank in ranks.values()):
        return ""
    measure = family.standard.measures[0]
    return (
        words("overview.key")
        + ("" if words.language == "zh" else " ")
        + rank_key(family.stages[0], catalogue, measure, words, ranks)
    )


def _table(province: Province, family: Family, ranks: dict[str, Rank], words: Words) -> Table:
    """One row a county by code: in each stage the result and the largest gap; the rank over all stages."""
    is_ranked = any(rank.place for rank in ranks.values())
    columns = [Column(words("col.county")), Column(words("col.area_code")), Column(words("col.prefecture"))]
    for facts in family.stages:
        stage = words.label(facts.stage.label)
        columns += [Column(words("home.col.result", stage=stage)), Column(words("home.col.worst", stage=stage), True)]
    if is_ranked:
        measure = name_of(family.standard.measures[0], family.standard, words)
        columns += [
            Column(words("overview.col.value", measure=measure), True, is_narrow=True),
            Column(words("overview.col.rank"), True),
        ]
    lines = zip(*(facts.lines for facts in family.stages), strict=True)
    rows = [_row(family, pair, ranks, is_ranked, words) for pair in lines]
    groups = [(p.code, words.place(p.name)) for p in province.prefectures]
    return Table(
        "counties-table", words("overview.caption", n=len(rows)), columns, rows, f"counties-{province.code}-{family.stages[0].year}.csv",
        is_tall=len(rows) > ranking_tables.MANY, filter_key="filter.county", groups=groups, group_key="filter.prefecture",
    )  # fmt: skip


def _row(family: Family, lines: tuple[Line, ...], ranks: dict[str, Rank], is_ranked: bool, words: Words) -> Row:
    county = lines[0].county
    cells = [Cell(words.place(county.name)), Cell(county.code), Cell(words.place(county.prefecture))]
    for facts, line in zip(family.stages, lines, strict=True):
        state = ranking_tables.STATE_OF[line.verdict]
        over = (
            words("overview.over", n=line.over, all=len(line.gaps)) if line.over else words(f"verdict.{line.verdict}")
        )
        cells.append(Cell(over, over, state, words.symbol(state), href=page_path(county, facts.stage)))
        cells.append(_worst(family, line, words))
    if is_ranked:
        rank = ranks.get(county.code)
        value = rank.value if rank else None
        measure = family.standard.measures[0]
        place = Cell(band_text(rank.low, rank.high), str(rank.place)) if rank and rank.place else Cell(numbers.DASH, "")
        cells += [Cell(value_text(measure, value), numbers.raw(value)), place]
    return Row(cells, find=ranking_tables.find_text(lines[0]), group=county.prefecture_code)


def _worst(family: Family, line: Line, words: Words) -> Cell:
    name = line.worst
    if name is None:
        return Cell(numbers.DASH, "")
    gap = line.gaps[name]
    indicator = next(i for i in family.stages[0].indicators if i.id == name)
    return Cell(numbers.cv(gap.cv, gap.limit), numbers.raw(gap.cv), badge=words.short(indicator))

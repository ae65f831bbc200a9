"""The tables of the nation's page: provinces, indicators, years, spreads, coverage."""

from __future__ import annotations

from pipeline.schema.model import Catalogue, Indicator
from reports import numbers
from reports.area_facts import AreaFacts
from reports.areas import Province
from reports.families import Family
from reports.measures import scale_of
from reports.nation_facts import NationFacts, quantiles
from reports.nation_figures import by_over
from reports.paths import overview_path, province_path
from reports.tables import Cell, Column, Row, Table
from reports.words import Words


def indicator_table(facts: NationFacts, words: Words) -> Table | None:
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


def year_table(facts: NationFacts, words: Words) -> Table | None:
    """Counties within and judged by year and stage: the data of the trend."""
    years = sorted({year for year, _, _, _ in facts.trend})
    if len(years) < 2 or not facts.has_limits:
        return None
    columns = [Column(words("meta.year"))]
    columns += [Column(words("trend.col", stage=words.label(s.label)), True) for s in facts.stages]
    held = {(year, stage): (within, judged) for year, stage, within, judged in facts.trend}
    rows = [Row([Cell(str(year)), *(_year_cell(held.get((year, s.id))) for s in facts.stages)]) for year in years]
    return Table("trend-table", words("trend.caption"), columns, rows, f"trend-{facts.year}.csv")


def spread_table(facts: NationFacts, words: Words) -> Table:
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
    columns = [Column(words("col.province")), Column(words("col.area_code")), Column(words("col.counties.n"), True)]
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


def coverage_table(facts: NationFacts, words: Words) -> Table:
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

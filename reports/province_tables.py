"""The tables of a province's page on indicators, items and prefectures."""

from __future__ import annotations

from pipeline.schema.model import Indicator
from reports import numbers
from reports.area_facts import AreaFacts, CountyGap, Line
from reports.ranking_tables import MANY, county_cell, find_text, gap_columns, groups_of, stem
from reports.tables import Cell, Column, Row, Table
from reports.words import Words


def indicator_table(facts: AreaFacts, words: Words) -> Table:
    """One row an indicator: counties within, beyond, neither; the spread of their coefficients."""
    columns = [Column(words("col.indicator"))]
    if facts.limit is not None:
        columns += [
            Column(words("verdict.beyond"), True),
            Column(words("verdict.within"), True),
            Column(words("col.rest"), True),
        ]
    columns += [Column(words("col.least"), True), Column(words("col.median"), True), Column(words("col.most"), True)]
    if facts.limit is not None and facts.has_levels:
        columns += [Column(words("gap.poor"), True)]
    rows = []
    for indicator in ordered(facts):
        t = facts.tally(indicator.id)
        cells = [Cell(words.short(indicator), words.label(indicator.label))]
        if facts.limit is not None:
            over = Cell(str(t.beyond), state="unmet", symbol=words.symbol("unmet"), word=words.state("unmet", "gap"))
            cells += [over if t.beyond else Cell("0"), Cell(str(t.within)), Cell(str(t.rest))]
        cells += [
            Cell(numbers.cv(v, facts.limit), numbers.raw(v)) for v in (t.quantile(0), t.quantile(0.5), t.quantile(1))
        ]
        if facts.limit is not None and facts.has_levels:
            cells.append(Cell(str(t.evenly_poor)))
        rows.append(Row(cells))
    caption = words("indicators.caption", n=len(facts.lines))
    return Table("indicators-table", caption, columns, rows, f"indicators-{stem(facts)}.csv")


def ordered(facts: AreaFacts) -> list[Indicator]:
    """Indicators by how many counties are beyond the limit, then by the median gap; ties by the standard's order."""
    tallies = {i.id: facts.tally(i.id) for i in facts.indicators}
    return sorted(facts.indicators, key=lambda i: (-tallies[i.id].beyond, -(tallies[i.id].quantile(0.5) or 0.0)))


def poor_table(facts: AreaFacts, words: Words) -> Table | None:
    """Counties with a small gap around a mean below the level: evenly poor, which a gap alone would praise."""
    pairs = [
        (line, [i for i in facts.indicators if i.id in line.gaps and line.gaps[i.id].is_evenly_poor])
        for line in facts.lines
    ]
    pairs = sorted(((line, found) for line, found in pairs if found), key=lambda p: (-len(p[1]), p[0].county.code))
    if not pairs:
        return None
    columns = [
        Column(words("col.county")),
        Column(words("col.poor"), True),
        Column(words("col.which"), wrap=True, is_wide=True),
        Column(words("col.area_code")),
    ]
    rows = [
        Row([
            county_cell(facts, line, words), Cell(str(len(found))),
            Cell(words.several([_poor_text(i, line.gaps[i.id], words) for i in found])), Cell(line.county.code),
        ], find=find_text(line), code=line.county.code)
        for line, found in pairs
    ]  # fmt: skip
    return Table("poor-table", words("poor.caption", n=len(rows)), columns, rows, f"evenly-poor-{stem(facts)}.csv")


def _poor_text(indicator: Indicator, gap: CountyGap, words: Words) -> str:
    return words(
        "poor.item", name=words.short(indicator), ratio=numbers.percent(gap.ratio), cv=numbers.cv(gap.cv, gap.limit)
    )


def share_table(facts: AreaFacts, words: Words) -> Table | None:
    """Counties by items: the share of schools that meet each; pale to dark is not used, low shares are marked."""
    if not facts.items or not any(line.shares for line in facts.lines):
        return None
    columns = [Column(words("col.county")), Column(words("col.meeting"), True, is_narrow=True)]
    columns += [Column(words.short(i), True, note=item.item_no, is_narrow=True) for item, i in facts.items]
    columns += [Column(words("col.area_code"))]
    rows = []
    for line in sorted(facts.lines, key=lambda x: (_meeting_key(x), x.county.code)):
        cells = [county_cell(facts, line, words), _meeting_cell(line)]
        cells += [_share_cell(line, i.id) for _, i in facts.items]
        rows.append(
            Row(
                [*cells, Cell(line.county.code)],
                find="" if line.ranks else find_text(line),
                group=line.county.prefecture_code,
                code=line.county.code,
            )
        )
    return Table(
        "shares-table", words("shares.caption", n=len(rows)), columns, rows, f"shares-{stem(facts)}.csv", is_tall=len(rows) > MANY,
        groups=groups_of(facts, words), filter_key="filter.county", group_key="filter.prefecture",
    )  # fmt: skip


def _meeting_key(line: Line) -> float:
    return line.meeting / line.judged if line.judged else 2.0


def _meeting_cell(line: Line) -> Cell:
    if not line.judged:
        return Cell(numbers.DASH, "")
    return Cell(f"{line.meeting} / {line.schools}", numbers.raw(line.meeting / line.schools))


LOW_SHARE = 0.5
"""Below half of the schools a share is marked."""


def _share_cell(line: Line, name: str) -> Cell:
    share = line.shares.get(name)
    if share is None or share.share is None:
        return Cell(numbers.DASH, "")
    raw = f"{share.share * 100:.4g}"
    text = numbers.fixed(share.share * 100, 0)
    if share.share < LOW_SHARE:
        return Cell(f"{text} ▾", raw, "below")
    return Cell(text, raw)


def prefecture_table(facts: AreaFacts, words: Words) -> Table | None:
    """The gaps inside prefectures and the province, over all their schools; no limit applies to them."""
    rows_of: dict[str, dict[str, dict[str, object]]] = {}
    for row in facts.prefectures:
        rows_of.setdefault(row["area_code"], {})[row["indicator_id"]] = row
    if not facts.indicators or not rows_of:
        return None
    names = {p.code: p.name for p in facts.province.prefectures} | {facts.province.code: facts.province.name}
    columns = [
        Column(words("col.area")), Column(words("col.counties"), True, is_narrow=True), Column(words("col.n"), True),
        *gap_columns(facts, words), Column(words("col.area_code")),
    ]  # fmt: skip
    rows = []
    for code in sorted(rows_of.keys() & names.keys(), key=lambda c: (c == facts.province.code, c)):
        found = rows_of[code]
        some = next(iter(found.values()))
        counties = f"{some['counties_came']} / {some['counties_expected']}"
        schools = max(int(str(row["schools"])) for row in found.values())
        cells = [Cell(words.place(names[code])), Cell(counties), Cell(numbers.whole(schools), str(schools))]
        cells += [_area_cell(found.get(i.id), words) for i in facts.indicators]
        rows.append(Row([*cells, Cell(code)], code=code))
    return Table("prefectures-table", words("prefectures.caption"), columns, rows, f"prefectures-{stem(facts)}.csv")


def _area_cell(row: dict[str, object] | None, words: Words) -> Cell:
    if row is None or row["cv"] is None or row["state"] != "ok":
        return Cell("", "", "incomplete", words.symbol("incomplete"), words.state("incomplete", "gap"))
    cv = float(str(row["cv"]))
    return Cell(numbers.cv(cv), numbers.raw(cv))

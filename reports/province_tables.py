"""The tables of a province's page, from its facts."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.schema.model import Catalogue, Indicator
from reports import numbers
from reports.area_facts import FEW_SCHOOLS, AreaFacts, CountyGap, Line, Rank
from reports.county_pages import page_path
from reports.measures import band_text, name_of, order_of, value_text
from reports.pinyin import spellings
from reports.tables import Cell, Column, Row, Table, state_cell
from reports.words import Words

STATE_OF = {
    "within": "met", "beyond": "unmet", "measured": "measured", "open": "undecided", "absent": "undecided", "single": "single",
    "none": "none",
}  # fmt: skip
"""The state whose symbol and colour a verdict on a county takes."""

VERDICT_ORDER = ("beyond", "open", "absent", "single", "none", "within", "measured")
MANY = 150


def stem(facts: AreaFacts) -> str:
    """How the page's files are called: province, stage, standard, year."""
    return f"{facts.province.code}-{facts.stage.id}-{facts.standard.id}-{facts.year}"


def rank_table(facts: AreaFacts, catalogue: Catalogue, measure: str, words: Words) -> Table:
    """Counties in the order of a measure, best first; for the page's own measure with every gap, tinted beyond the limit."""
    is_main = measure == facts.measure
    rows = [_rank_row(facts, catalogue, measure, line, rank, words) for line, rank in facts.ranked(measure)]
    caption = words(
        "rank.caption", n=len(rows), measure=name_of(measure, facts.standard, words), order=order_of(measure, words)
    )
    return Table(
        f"rank-{measure.replace('_', '-')}", caption, _rank_columns(facts, measure, words), rows,
        f"ranking-{stem(facts)}-{measure}.csv", _states(facts.lines, words) if is_main else (), is_tall=len(rows) > MANY,
        lead=1, groups=_groups(facts, words), filter_key="filter.county", group_key="filter.prefecture",
        constants=(("year", str(facts.year)), ("standard_id", facts.standard.id), ("stage", facts.stage.id), ("measure", measure)),
    )  # fmt: skip


def _states(lines: Sequence[Line], words: Words) -> list[tuple[str, str]]:
    present = {line.verdict for line in lines}
    return [
        (STATE_OF[v], f"{words.symbol(STATE_OF[v])} {words(f'verdict.{v}')}".strip())
        for v in ("beyond", "within", "open")
        if v in present
    ]


def _groups(facts: AreaFacts, words: Words) -> list[tuple[str, str]]:
    return [(p.code, words.place(p.name)) for p in facts.province.prefectures]


def _rank_columns(facts: AreaFacts, measure: str, words: Words) -> list[Column]:
    columns = [
        Column(words("col.rank"), True), Column(words("col.county")),
        Column(name_of(measure, facts.standard, words), True, is_narrow=True),
    ]  # fmt: skip
    if measure == facts.measure:
        columns += _gap_columns(facts, words)
        if facts.indicators:
            columns += [Column(words("col.over"), True, is_narrow=True), Column(words("col.worst"))]
    if facts.previous is not None:
        columns.append(Column(words("col.key.last", year=facts.previous), True, is_narrow=True))
    columns += [Column(words("col.change"), True, is_narrow=True), Column(words("col.cause"))]
    columns += [
        Column(words("col.flags")),
        Column(words("col.n"), True, is_narrow=True),
        Column(words("col.prefecture")),
    ]
    return [*columns, Column(words("col.code")), *_csv_columns()]


def _csv_columns() -> list[Column]:
    """Columns for the download alone, named as in the database."""
    return [Column(name, True, is_hidden=True) for name in ("rank_province", "rank_low", "rank_high", "rank_nation")]


def _gap_columns(facts: AreaFacts, words: Words) -> list[Column]:
    numbers_of = {indicator.id: item.item_no for item, indicator in facts.items}
    return [
        Column(
            words.short(i), True, note=numbers_of.get(i.id, ""), is_narrow=True,
            trace=f"{i_trace(facts, i)}",
        )
        for i in facts.indicators
    ]  # fmt: skip


def i_trace(facts: AreaFacts, indicator: Indicator) -> str:
    """The trace id of a county's gap after the county's code: the same in page, workbook and database."""
    return f".{facts.stage.id}.{indicator.id}.{facts.year}.{facts.standard.id}"


def _rank_row(facts: AreaFacts, catalogue: Catalogue, measure: str, line: Line, rank: Rank, words: Words) -> Row:
    county = line.county
    cells = [
        Cell(band_text(rank.low, rank.high), str(rank.place)),
        county_cell(facts, line, words),
        Cell(value_text(measure, rank.value), numbers.raw(rank.value)),
    ]
    if measure == facts.measure:
        cells += [gap_cell(line.gaps.get(i.id), words) for i in facts.indicators]
        if facts.indicators:
            cells += [
                Cell(str(line.over), state="unmet" if line.over and not facts.limit else ""),
                _worst_cell(facts, line, words),
            ]
    if facts.previous is not None:
        cells.append(Cell(value_text(measure, rank.before), numbers.raw(rank.before)))
    cause = catalogue.indicators.get(rank.cause or "")
    cells += [
        Cell(change_text(rank.change), "" if rank.change is None else str(rank.change)),
        Cell(words.short(cause) if cause else numbers.DASH, cause.id if cause else ""),
        Cell(flags_text(facts, line, words), " ".join(flags_of(facts, line))),
        Cell(numbers.whole(line.schools), str(line.schools)),
        Cell(words.place(county.prefecture)), Cell(county.code),
    ]  # fmt: skip
    cells += [Cell("" if v is None else str(v)) for v in (rank.place, rank.low, rank.high, rank.nation)]
    return Row(cells, STATE_OF[line.verdict], find=find_text(line), group=county.prefecture_code, code=county.code)


def find_text(line: Line) -> str:
    """What the filter finds a county by: both names, pinyin and its initials."""
    name = line.county.name
    return f"{name.zh} {name.en} {spellings(name.zh)}".lower()


def county_cell(facts: AreaFacts, line: Line, words: Words) -> Cell:
    """The county's name, leading to its page."""
    name = words.place(line.county.name)
    return Cell(name, name, href=page_path(line.county, facts.stage))


def gap_cell(gap: CountyGap | None, words: Words) -> Cell:
    """A coefficient; tinted and marked beyond the limit, its state in place of a number that may not be used."""
    if gap is None:
        return Cell(numbers.DASH, "")
    if not gap.is_shown or gap.cv is None:
        return Cell("", "", gap.verdict, words.symbol(gap.verdict), words.state(gap.verdict, "gap"))
    text = numbers.cv(gap.cv, gap.limit)
    if gap.verdict in ("unmet", "undecided"):
        return state_cell(text, gap.verdict, words, "gap", raw=numbers.raw(gap.cv))
    return Cell(text, numbers.raw(gap.cv))


def _worst_cell(facts: AreaFacts, line: Line, words: Words) -> Cell:
    worst = next((i for i in facts.indicators if i.id == line.worst), None)
    return Cell(words.short(worst) if worst else numbers.DASH, worst.id if worst else "")


def change_text(change: int | None) -> str:
    """Places gained (↑) or lost (↓) in the province."""
    if change is None:
        return numbers.DASH
    return "→ 0" if change == 0 else f"{'↑' if change > 0 else '↓'} {abs(change)}"


def flags_of(facts: AreaFacts, line: Line) -> list[str]:
    """Codes of what to know before reading a row (reports.md 2.6)."""
    flags = []
    if 0 < line.schools < FEW_SCHOOLS:
        flags.append("W2")
    if line.schools_missing:
        flags.append("W4")
    if any(g.is_evenly_poor for g in line.gaps.values()):
        flags.append("W5")
    if any(g.is_near and g.is_shown for g in line.gaps.values()):
        flags.append("W7")
    return flags


def flags_text(facts: AreaFacts, line: Line, words: Words) -> str:
    """The flags in a word each."""
    poor = sum(g.is_evenly_poor for g in line.gaps.values())
    said = [words(f"flag.{code}", n=line.schools_missing, poor=poor) for code in flags_of(facts, line)]
    return ("、" if words.language == "zh" else ", ").join(said) or numbers.DASH


def unranked_table(facts: AreaFacts, measure: str, words: Words) -> Table | None:
    """Counties without a place, by code, with the reason; their gaps where they may be used."""
    lines = facts.unranked(measure)
    if not lines:
        return None
    columns = [Column(words("col.county")), Column(words("col.why"))]
    columns += [Column(words("col.verdict"))] if facts.has_limits else []
    columns += _gap_columns(facts, words) if measure == facts.measure else []
    columns += [
        Column(words("col.n"), True, is_narrow=True),
        Column(words("col.prefecture")),
        Column(words("col.code")),
    ]
    rows = []
    for line in lines:
        cells = [county_cell(facts, line, words), Cell(why(line, measure, words))]
        if facts.has_limits:
            cells.append(verdict_cell(line, words))
        if measure == facts.measure:
            cells += [gap_cell(line.gaps.get(i.id), words) for i in facts.indicators]
        cells += [Cell(numbers.whole(line.schools)), Cell(words.place(line.county.prefecture)), Cell(line.county.code)]
        rows.append(Row(cells, STATE_OF[line.verdict], find=find_text(line), code=line.county.code))
    return Table(
        f"unranked-{measure.replace('_', '-')}", words("unranked.caption", n=len(rows)), columns, rows,
        f"unranked-{stem(facts)}-{measure}.csv",
    )  # fmt: skip


def why(line: Line, measure: str, words: Words) -> str:
    """Why a county has no place."""
    if line.verdict in ("absent", "none", "single"):
        return words(f"why.{line.verdict}")
    rank = line.ranks.get(measure)
    if rank is None:
        return words("why.absent")
    return words("why.area") if rank.state == "ok" else words(f"why.{rank.state}")


def verdict_cell(line: Line, words: Words) -> Cell:
    """What a county comes to, as symbol and word."""
    state = STATE_OF[line.verdict]
    word = words(f"verdict.{line.verdict}")
    return Cell("", word, state, words.symbol(state), word, True)


def crossed_table(facts: AreaFacts, catalogue: Catalogue, words: Words) -> Table | None:
    """Counties that went beyond the limit or came within it since last year, and by which indicators."""
    lines = [*facts.crossed("out"), *facts.crossed("in")]
    if not lines or facts.measure is None:
        return None
    measure = name_of(facts.measure, facts.standard, words)
    columns = [
        Column(words("col.county")), Column(words("col.crossed")), Column(f"{measure} {facts.previous}", True, is_narrow=True),
        Column(f"{measure} {facts.year}", True, is_narrow=True), Column(words("col.cause")),
        Column(words("col.crossing"), wrap=True, is_wide=True), Column(words("col.code")),
    ]  # fmt: skip
    rows = []
    for line in lines:
        rank = line.ranks.get(facts.measure)
        cause = catalogue.indicators.get(rank.cause or "") if rank else None
        state = "unmet" if line.crossed == "out" else "met"
        word = words(f"crossed.{line.crossed}")
        crossing = crossing_gaps(facts, line, words)
        rows.append(Row([
            county_cell(facts, line, words), Cell("", word, state, words.symbol(state), word, True),
            Cell(value_text(facts.measure, rank.before if rank else None), numbers.raw(rank.before if rank else None)),
            Cell(value_text(facts.measure, rank.value if rank else None), numbers.raw(rank.value if rank else None)),
            Cell(words.short(cause) if cause else numbers.DASH, cause.id if cause else ""),
            Cell(crossing or numbers.DASH), Cell(line.county.code),
        ], state, find=find_text(line), code=line.county.code))  # fmt: skip
    caption = words("crossed.caption", out=len(facts.crossed("out")), into=len(facts.crossed("in")), last=facts.previous, year=facts.year)  # fmt: skip
    return Table("crossed-table", caption, columns, rows, f"crossed-{stem(facts)}.csv")


def crossing_gaps(facts: AreaFacts, line: Line, words: Words) -> str:
    """The indicators that crossed the limit with the county, from last year's coefficient to this year's."""
    now, then = ("unmet", "met") if line.crossed == "out" else ("met", "unmet")
    said = [
        words("crossing", name=words.short(i), last=numbers.cv(g.last, g.limit), now=numbers.cv(g.cv, g.limit))
        for i in facts.indicators
        if (g := line.gaps.get(i.id)) is not None and g.verdict == now and g.last_verdict == then
    ]
    return words.several(said)


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
        Column(words("col.code")),
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
    columns += [Column(words("col.code"))]
    rows = []
    for line in sorted(facts.lines, key=lambda x: (_meeting_key(x), x.county.code)):
        cells = [county_cell(facts, line, words), _meeting_cell(line)]
        cells += [_share_cell(line, i.id, words) for _, i in facts.items]
        rows.append(Row([*cells, Cell(line.county.code)], find=find_text(line), group=line.county.prefecture_code))
    return Table(
        "shares-table", words("shares.caption", n=len(rows)), columns, rows, f"shares-{stem(facts)}.csv", is_tall=len(rows) > MANY,
        groups=_groups(facts, words), filter_key="filter.county", group_key="filter.prefecture",
    )  # fmt: skip


def _meeting_key(line: Line) -> float:
    return line.meeting / line.judged if line.judged else 2.0


def _meeting_cell(line: Line) -> Cell:
    if not line.judged:
        return Cell(numbers.DASH, "")
    return Cell(f"{line.meeting} / {line.schools}", numbers.raw(line.meeting / line.schools))


LOW_SHARE = 0.5
"""Below half of the schools a share is marked."""


def _share_cell(line: Line, name: str, words: Words) -> Cell:
    share = line.shares.get(name)
    if share is None or share.share is None:
        return Cell(numbers.DASH, "")
    raw = numbers.raw(share.share * 100)
    text = numbers.fixed(share.share * 100, 0)
    if share.share < LOW_SHARE:
        return Cell(text, raw, "below", "▾", words("shares.low"))
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
        *_gap_columns(facts, words), Column(words("col.code")),
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

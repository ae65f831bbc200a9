"""The tables of a province's page that name its counties by rank: the ranking, those without a rank, those who crossed the limit."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.schema.model import Catalogue, Indicator
from reports import numbers
from reports.area_facts import FEW_SCHOOLS, AreaFacts, CountyGap, Line, Rank
from reports.county_pages import page_path
from reports.measures import band_text, name_of, order_of, value_text
from reports.pinyin import spellings
from reports.result_tables import band_cause, determination_cell, widest_cell
from reports.tables import Cell, Column, Row, Table, state_cell
from reports.words import Words

STATE_OF = {
    "within": "met", "beyond": "unmet", "measured": "measured", "open": "undecided", "absent": "undecided", "single": "single",
    "none": "none",
}  # fmt: skip
"""The state whose symbol and colour a verdict on a county takes."""

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
    # Only the page's own ranking can be filtered by its states: the others are short.
    return Table(
        f"rank-{measure.replace('_', '-')}", caption, _rank_columns(facts, measure, words), rows,
        f"ranking-{stem(facts)}-{measure}.csv", _states(facts.lines, words) if is_main else (), is_tall=len(rows) > MANY,
        lead=1, groups=groups_of(facts, words), filter_key="filter.county", group_key="filter.prefecture",
        constants=(("year", str(facts.year)), ("standard_id", facts.standard.id), ("stage", facts.stage.id), ("measure", measure), *band_cause(facts.ranked(measure))),
    )  # fmt: skip


def _states(lines: Sequence[Line], words: Words) -> list[tuple[str, str]]:
    present = {line.verdict for line in lines}
    return [
        (STATE_OF[v], f"{words.symbol(STATE_OF[v])} {words(f'verdict.{v}')}".strip())
        for v in ("beyond", "within", "open")
        if v in present
    ]


def groups_of(facts: AreaFacts, words: Words) -> list[tuple[str, str]]:
    """The prefectures, for the second filter of a table."""
    return [(p.code, words.place(p.name)) for p in facts.province.prefectures]


def _rank_columns(facts: AreaFacts, measure: str, words: Words) -> list[Column]:
    columns = [Column(words("col.rank"), True), Column(words("col.county"))]
    if has_ranges(facts, measure):
        columns.append(Column(words("col.widest")))
    columns.append(Column(name_of(measure, facts.standard, words), True, is_narrow=True))
    if measure == facts.measure:
        if has_determinations(facts):
            columns.append(Column(words("col.determination")))
        columns += gap_columns(facts, words)
        if facts.indicators:
            over = [Column(words("col.over"), True, is_narrow=True)] if facts.limit is not None else []
            columns += [*over, Column(words("col.worst"))]
    if facts.previous is not None:
        columns.append(Column(words("col.key.last", year=facts.previous), True, is_narrow=True))
    columns += [Column(words("col.change"), True, is_narrow=True), Column(words("col.cause"))]
    if measure == facts.measure:
        columns.append(Column(words("col.flags")))
        columns += [Column(words("col.n"), True, is_narrow=True), Column(words("col.prefecture"))]
    return [*columns, Column(words("col.area_code")), *_csv_columns(facts, measure, words)]


def has_ranges(facts: AreaFacts, measure: str) -> bool:
    """Whether to tell ranges of other causes than errors in the returns: in the page's own ranking, where there are any."""
    return measure == facts.measure and any(rank.sure.widest is not None for _, rank in facts.ranked(measure))


def has_determinations(facts: AreaFacts) -> bool:
    """Whether the standard's verdict on any county of the page is known."""
    return bool(facts.whole.determinations)


def _csv_columns(facts: AreaFacts, measure: str, words: Words) -> list[Column]:
    """Columns for the download, named as in the database; the nation's rank is seen where there is more than the province."""
    is_wider = any((r.compared_nation or 0) > (r.compared or 0) for _, r in facts.ranked(measure))
    nation = Column(words("col.rank_nation") if is_wider else "rank_nation", True, is_hidden=not is_wider)
    return [*(Column(name, True, is_hidden=True) for name in ("rank_low", "rank_high")), nation]


def gap_columns(facts: AreaFacts, words: Words) -> list[Column]:
    """A column a gap, with the item's number and the tail of its trace ids."""
    numbers_of = {indicator.id: item.item_no for item, indicator in facts.items}
    return [
        Column(
            words.short(i), True, note=numbers_of.get(i.id, ""), is_narrow=True,
            trace=f"{trace_tail(facts, i)}",
        )
        for i in facts.indicators
    ]  # fmt: skip


def trace_tail(facts: AreaFacts, indicator: Indicator) -> str:
    """The trace id of a county's gap after the county's code: the same in page, workbook and database."""
    return f".{facts.stage.id}.{indicator.id}.{facts.year}.{facts.standard.id}"


def _rank_row(facts: AreaFacts, catalogue: Catalogue, measure: str, line: Line, rank: Rank, words: Words) -> Row:
    county = line.county
    cells = [
        Cell(band_text(rank.low, rank.high), str(rank.place)),
        county_cell(facts, line, words),
        *([widest_cell(rank, words)] if has_ranges(facts, measure) else []),
        Cell(value_text(measure, rank.value), numbers.raw(rank.value)),
    ]
    if measure == facts.measure:
        if has_determinations(facts):
            cells.append(determination_cell(facts.whole.determinations.get(line.county.code), words))
        cells += [gap_cell(line.gaps.get(i.id), words) for i in facts.indicators]
        if facts.indicators:
            over = [Cell(str(line.over))] if facts.limit is not None else []
            cells += [*over, _worst_cell(facts, line, words)]
    if facts.previous is not None:
        cells.append(Cell(value_text(measure, rank.before), numbers.raw(rank.before)))
    cause = catalogue.indicators.get(rank.cause or "")
    cells += [
        Cell(change_text(rank.change), "" if rank.change is None else str(rank.change)),
        Cell(words.short(cause) if cause else numbers.DASH, cause.id if cause else ""),
    ]  # fmt: skip
    if measure == facts.measure:
        cells += [
            Cell(flags_text(facts, line, words), " ".join(flags_of(facts, line))),
            Cell(numbers.whole(line.schools), str(line.schools)), Cell(words.place(county.prefecture)),
        ]  # fmt: skip
    cells.append(Cell(county.code))
    cells += [Cell("" if v is None else str(v)) for v in (rank.low, rank.high, rank.nation)]
    # The texts to find a county by stand once on the page; other tables find them by the code.
    find = find_text(line) if measure == facts.measure else ""
    return Row(cells, STATE_OF[line.verdict], find=find, group=county.prefecture_code, code=county.code)


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
    is_whole = measure == facts.measure and has_determinations(facts)
    columns += [Column(words("col.determination"))] if is_whole else []
    columns += gap_columns(facts, words) if measure == facts.measure else []
    columns += [
        Column(words("col.n"), True, is_narrow=True),
        Column(words("col.prefecture")),
        Column(words("col.area_code")),
    ]
    rows = []
    for line in lines:
        cells = [county_cell(facts, line, words), Cell(why(line, measure, words))]
        if facts.has_limits:
            cells.append(verdict_cell(line, words))
        if is_whole:
            cells.append(determination_cell(facts.whole.determinations.get(line.county.code), words))
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
        Column(words("col.crossing"), wrap=True, is_wide=True), Column(words("col.area_code")),
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

"""The tables behind figures 3, 4 and 5 of a county page."""

from __future__ import annotations

from reports import numbers
from reports.contributions import IN_TABLE, Contribution, Share
from reports.county_tables import file_stem
from reports.facts import PageFacts
from reports.measures import name_of, value_text
from reports.tables import Cell, Column, Row, Table
from reports.words import Words


def history_table(facts: PageFacts, words: Words) -> Table:
    """One row a gap, a column a year."""
    columns = [Column(words("col.indicator")), *(Column(str(year), True) for year in facts.past.years)]
    rows = [
        Row(
            [
                Cell(words.short(line.gap.indicator), words.label(line.gap.indicator.label)),
                *(Cell(numbers.cv(p, line.gap.limit), numbers.raw(p)) for p in line.points),
            ],
            trace=line.gap.trace_id,
        )
        for line in facts.past.lines
    ]
    caption = words("fig3.table", county=words.place(facts.county.name), stage=words.stage(facts.stage))
    return Table("history-table", caption, columns, rows, f"{file_stem(facts)}-years.csv")


def standing_table(facts: PageFacts, words: Words) -> Table | None:
    """The county's value among the quarters of the province's."""
    standing = facts.standing
    if standing is None or not standing.peers:
        return None
    values = [value for _, value in standing.peers]
    last = len(values) - 1
    places = [("least", 0), ("quarter", last // 4), ("middle", last // 2), ("three", last - last // 4), ("most", last)]
    pairs = [(words(f"fig4.row.{name}"), values[i]) for name, i in places]
    pairs.insert(0, (words("fig4.row.own", county=words.place(facts.county.name)), standing.value or 0.0))
    rows = [Row([Cell(name), Cell(value_text(standing.measure, value), numbers.raw(value))]) for name, value in pairs]
    columns = [Column(words("col.county")), Column(name_of(standing.measure, standing.standard, words), True)]
    return Table("standing-table", words("fig4.table"), columns, rows, f"{file_stem(facts)}-province.csv")


def contribution_table(facts: PageFacts, words: Words) -> Table:
    """The top schools of the widest gap, and the first few of each other one."""
    columns = [
        Column(words("col.indicator"), wrap=True), Column(words("col.school")), Column(words("col.pupils"), True),
        Column(words("col.value"), True), Column(words("col.mean"), True), Column(words("col.side")), Column(words("col.share"), True),
    ]  # fmt: skip
    rows = [
        _contribution_row(contribution, share, words)
        for position, contribution in enumerate(facts.contributions)
        for share in (contribution.top if position == 0 else contribution.shares[:IN_TABLE])
    ]
    caption = words("fig5.table", n=f"{len(facts.contributions[0].top)} / {IN_TABLE}")
    return Table("shares-table", caption, columns, rows, f"{file_stem(facts)}-shares.csv")


def _contribution_row(contribution: Contribution, share: Share, words: Words) -> Row:
    gap, digits = contribution.gap, contribution.gap.indicator.decimals
    cells = [
        Cell(words.short(gap.indicator)), Cell(share.school.name),
        Cell(numbers.whole(share.school.pupils), numbers.raw(share.school.pupils)),
        Cell(numbers.fixed(share.value, digits), numbers.raw(share.value)),
        Cell(numbers.fixed(gap.mean, digits), numbers.raw(gap.mean)),
        Cell(words("side.low" if share.is_low else "side.high")),
        Cell(numbers.percent(share.share, 1), numbers.raw(share.share)),
    ]  # fmt: skip
    return Row(cells, trace=gap.trace_id)

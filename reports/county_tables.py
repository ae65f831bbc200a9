"""The tables of a county page, from its facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.schema.model import Catalogue, Standard
from reports import numbers, trace
from reports.facts import Composite, Gap, LeftOut, PageFacts
from reports.tables import Cell, Column, Row, Table, state_cell, states_of
from reports.words import Words

MANY = 100
"""Schools above which a row says less, to keep the page small: fewer items in a reason, values as they are shown."""

MOST_FINDINGS, FEW_FINDINGS = 100, 40
"""Findings shown on a page, and on one with many schools; the county's workbook has them all."""

GAP_ORDER = ("unmet", "undecided", "incomplete", "single", "zero", "none", "met", "measured")
FINDING_ORDER = ("critical", "warning", "info")


def file_stem(facts: PageFacts) -> str:
    """How the page's files are called: county, stage, year."""
    return f"{facts.county.code}-{facts.stage.id}-{facts.year}"


def gap_table(facts: PageFacts, words: Words) -> Table:
    """T3, the data of figure 1: one row a gap."""
    columns = [Column(words("col.indicator")), Column(words("col.cv"), True)]
    if facts.has_limits:
        columns += [Column(words("col.limit"), True)]
    columns += [Column(words("col.verdict"))]
    if facts.previous is not None:
        columns += [Column(words("col.last", year=facts.previous), True)]
    columns += [Column(words("col.mean"), True), Column(words("col.sd"), True)]
    if facts.has_levels:
        columns += [Column(words("col.level"), True)]
    if has_least(facts):
        columns += [Column(words("t3.least"), True)]
    columns += [Column(words("col.n"), True), Column(words("col.lacking"), True)]
    rows = [Row(_gap_cells(facts, gap, words), gap.verdict, trace=gap.trace_id) for gap in facts.gaps]
    rows += [_composite_row(facts.composite, len(facts.gaps), columns, words)] if facts.composite else []
    caption = words("t3.title", county=words.place(facts.county.name), stage=words.stage(facts.stage))
    return Table(
        "gaps-table", caption, columns, rows, f"{file_stem(facts)}-gaps.csv", states_of(rows, GAP_ORDER, words, "gap")
    )


def has_least(facts: PageFacts) -> bool:
    """Whether any gap of the page is of counted things, which whole units keep from 0."""
    return any(gap.least is not None and gap.is_shown for gap in facts.gaps)


def range_text(low: float | None, high: float | None, limit: float | None, words: Words) -> str:
    """The range that missing values leave open, with digits that tell it from the limit."""
    return words("range", low=numbers.cv(low, limit), high=numbers.cv(high, limit))


def _composite_row(composite: Composite, n: int, columns: Sequence[Column], words: Words) -> Row:
    """The mean of the gaps, set apart: with its limit where the standard has one, else without a verdict."""
    verdict = composite.verdict
    badge = range_text(composite.low, composite.high, composite.limit, words) if _is_ranged(composite) else ""
    known = {
        words("col.cv"): Cell(numbers.cv(composite.value, composite.limit), numbers.raw(composite.value)),
        words("col.limit"): Cell(numbers.limit_text(composite.limit), numbers.raw(composite.limit)),
        words("col.verdict"): Cell(
            "", words.state(verdict, "gap"), verdict, words.symbol(verdict), words.state(verdict, "gap"), True, badge=badge
        ),
    }  # fmt: skip
    first = Cell(words("composite", n=n))
    return Row([first, *(known.get(c.title, Cell("", "")) for c in columns[1:])], verdict, is_apart=True)


def _is_ranged(composite: Composite) -> bool:
    return composite.is_open and composite.low is not None and composite.high is not None


def _badge(gap: Gap, words: Words) -> tuple[str, str]:
    """What stands small beside a verdict: the range that is open, a mean of 0, or a gap that is small but low."""
    if gap.is_open:
        return range_text(gap.low, gap.high, gap.limit, words), "W4"
    if gap.mean == 0:
        return words("gap.zero_mean"), "W6"
    if gap.mean_is_up is False and gap.verdict in ("met", "measured"):
        return words("gap.poor"), "W5"
    return "", ""


def _gap_cells(facts: PageFacts, gap: Gap, words: Words) -> list[Cell]:
    digits = gap.indicator.decimals
    unit = words.label(gap.indicator.unit)
    shown = gap.cv if gap.is_shown else None
    number = gap.item.item_no + " " if gap.item is not None else ""
    cells = [
        Cell(f"{number}{words.short(gap.indicator)}", words.label(gap.indicator.label), badge=unit),
        Cell(numbers.cv(shown, gap.limit, near=gap.is_near), numbers.raw(shown), href=f"#{gap.trace_id}"),
    ]
    if facts.has_limits:
        cells.append(Cell(numbers.limit_text(gap.limit), numbers.raw(gap.limit)))
    badge, code = _badge(gap, words)
    said = words.state(gap.verdict, "gap")
    verdict = Cell("", said, gap.verdict, words.symbol(gap.verdict), said, True, badge=badge, badge_title=code)
    cells.append(verdict)
    if facts.previous is not None:
        cells.append(Cell(numbers.cv(gap.last), numbers.raw(gap.last)))
    cells += [
        Cell(numbers.fixed(gap.mean, digits), numbers.raw(gap.mean)),
        Cell(numbers.fixed(gap.sd, digits), numbers.raw(gap.sd)),
    ]
    if facts.has_levels:
        cells.append(Cell(level_text(gap), numbers.raw(gap.level)))
    if has_least(facts):
        mark = "✕" if gap.is_out_of_reach else ""
        cells.append(Cell(numbers.cv(gap.least, gap.limit), numbers.raw(gap.least), badge=mark))
    return [
        *cells,
        Cell(numbers.whole(gap.schools), numbers.raw(gap.schools)),
        Cell(numbers.whole(gap.schools_missing), numbers.raw(gap.schools_missing)),
    ]


def level_text(gap: Gap) -> str:
    """The level with its direction, such as ≥7.5."""
    if gap.level is None:
        return numbers.DASH
    return ("≥" if gap.indicator.direction == ">=" else "≤") + numbers.level_text(gap.level)


def left_out_table(facts: PageFacts, words: Words) -> Table | None:
    """T2: one row a unit that is not counted, with reason and clause."""
    if not facts.left_out:
        return None
    columns = [
        Column(words("col.school")), Column(words("col.code")), Column(words("col.pupils"), True),
        Column(words("col.reason"), wrap=True), Column(words("col.clause"), wrap=True),
    ]  # fmt: skip
    rows = [Row(_left_out_cells(unit, facts.standard, words)) for unit in facts.left_out]
    caption = words("t2.caption", n=len(rows))
    if any(unit.kind == "lost" for unit in facts.left_out):
        caption = words.sentences([caption, words("t2.caption.lost", n=facts.counts.lost)])
    return Table("left-out-table", caption, columns, rows, f"{file_stem(facts)}-not-counted.csv")


def why_left_out(unit: LeftOut, standard: Standard, words: Words) -> tuple[str, str]:
    """Why a unit is not counted, and the clause that says so (a dash where none does)."""
    if unit.kind == "merged":
        return words("t2.merged", name=unit.row["parent"] or ""), numbers.DASH
    if unit.kind == "lost":
        return words("t2.lost"), numbers.DASH
    rule = next((r for r in standard.scope if r.id == unit.row["rule_id"]), None)
    clause = trace.source_clause(rule.source, standard, words) if rule else str(unit.row["clause"] or numbers.DASH)
    return words.of(unit.row, "reason"), clause


def _left_out_cells(unit: LeftOut, standard: Standard, words: Words) -> list[Cell]:
    reason, clause = why_left_out(unit, standard, words)
    return [
        Cell(unit.name),
        Cell(unit.school_id),
        Cell(numbers.whole(unit.pupils), numbers.raw(unit.pupils)),
        Cell(reason),
        Cell(clause),
    ]


def finding_table(facts: PageFacts, catalogue: Catalogue, words: Words) -> Table | None:
    """T4: one row a finding, the gravest first."""
    if not facts.findings:
        return None
    names = ("severity", "school", "message", "mend", "expected", "found", "place")
    columns = [
        Column(words(f"col.{name}"), wrap=name != "severity", is_wide=name in ("message", "mend")) for name in names
    ]
    most = FEW_FINDINGS if len(facts.schools) > MANY else MOST_FINDINGS
    rows = [Row(_finding_cells(row, catalogue, words), str(row["severity"])) for row in facts.findings[:most]]
    n = len(facts.findings)
    caption = words("t4.caption", county=words.place(facts.county.name), n=n)
    if n > most:
        caption = words.sentences([caption, words("t4.more", n=most)])
    return Table(
        "findings-table",
        caption,
        columns,
        rows,
        f"{file_stem(facts)}-findings.csv",
        states_of(rows, FINDING_ORDER, words, "finding"),
    )


def _finding_cells(row: dict[str, Any], catalogue: Catalogue, words: Words) -> list[Cell]:
    severity = str(row["severity"])
    name = row["name"] or row["school_id"] or numbers.DASH
    return [
        state_cell("", severity, words, "finding", raw=words.state(severity, "finding"), show_word=True),
        Cell(str(name)), Cell(words.of(row, "message")), Cell(words.of(row, "mend")),
        Cell(one_language(row["expected"], words)), Cell(str(row["found"] or numbers.DASH)), Cell(_place(row, catalogue, words)),
    ]  # fmt: skip


def one_language(text: str | None, words: Words) -> str:
    """A text that a table keeps as “Chinese / English”: the half of this language."""
    halves = str(text or numbers.DASH).split(" / ")
    return halves[0 if words.language == "zh" else 1] if len(halves) == 2 else str(text or numbers.DASH)


def _place(row: dict[str, Any], catalogue: Catalogue, words: Words) -> str:
    """File, sheet and cell; the row where there is no cell."""
    layout = catalogue.layouts.get(row["layout_id"] or "")
    part = next((s for s in layout.sheets if s.part == row["part"]), None) if layout else None
    where = str(row["cell"] or "") or (words("place.row", n=row["row"]) if row["row"] is not None else "")
    sheet = str(row["sheet"] or "") or (words.label(part.label) if part else "")
    return " › ".join(text for text in (str(row["file_name"] or ""), "!".join(t for t in (sheet, where) if t)) if text)


def other_table(facts: PageFacts, standard: Standard, gaps: Sequence[Gap], words: Words) -> Table:
    """T5: the gaps of another standard, compact."""
    has_limit = any(gap.limit is not None for gap in gaps) or facts.composite_of(standard) is not None
    columns = [Column(words("col.indicator"), wrap=True), Column(words("col.cv"), True)]
    columns += [Column(words("col.limit"), True)] if has_limit else []
    columns += [Column(words("col.verdict")), Column(words("col.n"), True)]
    rows = []
    for gap in gaps:
        shown = gap.cv if gap.is_shown else None
        name = f"{gap.item.item_no} {words.short(gap.indicator)}" if gap.item else words.short(gap.indicator)
        cells = [
            Cell(name, words.label(gap.indicator.label)), Cell(numbers.cv(shown, gap.limit), numbers.raw(shown)),
            *([Cell(numbers.limit_text(gap.limit), numbers.raw(gap.limit))] if has_limit else []),
            state_cell("", gap.verdict, words, "gap", raw=words.state(gap.verdict, "gap"), show_word=True),
            Cell(numbers.whole(gap.schools), numbers.raw(gap.schools)),
        ]  # fmt: skip
        rows.append(Row(cells, gap.verdict, trace=gap.trace_id))
    composite = facts.composite_of(standard)
    rows += [_composite_row(composite, len(gaps), columns, words)] if composite else []
    return Table(
        f"other-{standard.id}", words.label(standard.label), columns, rows, f"{file_stem(facts)}-{standard.id}.csv"
    )


def file_table(facts: PageFacts, catalogue: Catalogue, words: Words) -> Table | None:
    """The files that this county's numbers come from: one row a file and part."""
    if not facts.parts:
        return None
    columns = [Column(words("col.file")), Column(words("col.part")), Column(words("col.rows"), True)]
    columns += [
        Column(words("col.rows_accepted"), True),
        Column(words("col.rows_quarantined"), True),
        Column(words("col.sha")),
    ]
    rows = []
    for part in facts.parts:
        layout = catalogue.layouts.get(part["layout_id"])
        sheet = next((s for s in layout.sheets if s.part == part["part"]), None) if layout else None
        counts = [
            Cell(numbers.whole(part[c]), numbers.raw(part[c]))
            for c in ("rows_read", "rows_accepted", "rows_quarantined")
        ]
        rows.append(
            Row(
                [
                    Cell(part["inbox_path"]),
                    Cell(words.label(sheet.label) if sheet else part["part"]),
                    *counts,
                    Cell(part["sha256"][:8], part["sha256"]),
                ]
            )
        )
    return Table("files-table", words("trace.files.caption"), columns, rows, f"{file_stem(facts)}-files.csv")

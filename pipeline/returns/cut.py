"""Signs that a file was silently cut short: fewer rows arrived than were sent.

Told of a table as a whole: a last row that breaks off, an end at a number at which programs cut, a sheet that says it has
more rows than it holds, rows that do not come to the file's own total row. Schools that a roster expects and that are not
there are told elsewhere (``store.roster_findings``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from pipeline import findings
from pipeline.returns.headings import normal
from pipeline.returns.layouts import FileFit, Fit
from pipeline.returns.part import ROW, PartRows
from pipeline.returns.table import SourceTable, column_letter, is_blank

ROUND_ENDS = (1_000, 2_000, 5_000, 10_000, 16_384, 20_000, 32_768, 50_000, 65_536, 100_000, 1_048_576)
"""Rows at which programs end: exports by the page, and the last row of xls (65,536) and xlsx (1,048,576) sheets."""

TOTALS = ("合计", "总计", "共计", "全县合计", "全区合计", "全市合计", "total", "grandtotal")
"""First words of a row that adds up all rows; subtotals (小计) are of some rows only."""

SHORT_BY = 0.005
"""Sums may differ from the total by rounding; a total that is larger by more than this share is short of rows."""

WHOLE_SHEET = 1_048_576
"""A sheet that says it has so many rows means all that there may be."""


def signs_of_cut(fitted: FileFit, parts: list[PartRows], year: int) -> Iterator[tuple[PartRows, dict[str, object]]]:
    """Findings about every table of a file that was read, each with its part; without submission."""
    for table, of_table in fitted.fits:
        part = next((p for p in parts if p.part == of_table.sheet.part), None)
        if part is None or of_table.sheet.vertical is not None:
            continue
        place: dict[str, object] = {"part": part.part, "sheet": table.sheet, "row": None, "cell": "", "year": year}
        found = (
            _broken_off(table, of_table, part, place), _round_end(table, part, place),
            _fewer_than_said(table, place), _fewer_than_total(table, of_table, part, place),
        )  # fmt: skip
        yield from ((part, finding) for finding in chain.from_iterable(found))


def _last_row(table: SourceTable) -> int:
    """Number of the last row that is not blank."""
    return next((i + 1 for i in range(len(table.rows) - 1, -1, -1) if not is_blank(table.rows[i])), 0)


def _broken_off(
    table: SourceTable, fit: Fit, part: PartRows, place: Mapping[str, object]
) -> Iterator[dict[str, object]]:
    """The last row of a text file that ends without a line break and in the middle: every row before it has all cells."""
    if table.is_of_workbook or not table.has_open_end:
        return
    number, width = _last_row(table), fit.heading.filled
    rows = part.rows.filter(part.rows[ROW] == number)
    others = [row for row in table.rows[fit.data_from : number - 1] if not is_blank(row)]
    is_short = len(table.rows[number - 1]) < width and bool(others) and all(len(row) >= width for row in others)
    if rows.is_empty() or not (is_short or table.is_torn):
        return
    whose = rows.select("county_code", "school_id").row(0, named=True)
    cell = f"{column_letter(len(table.rows[number - 1]) - 1)}{number}"
    at = {**place, "row": number, "cell": cell, **whose}
    yield findings.of_reading("last_row_broken_off", at, found=table.rows[number - 1][-1])


def _round_end(table: SourceTable, part: PartRows, place: Mapping[str, object]) -> Iterator[dict[str, object]]:
    ends = {_last_row(table), part.rows.height} & set(ROUND_ENDS)
    if ends:
        yield findings.of_reading("rows_end_at_round_number", place, found=f"{max(ends):,}")


def _fewer_than_said(table: SourceTable, place: Mapping[str, object]) -> Iterator[dict[str, object]]:
    said = table.rows_said
    if said is not None and said[1] < said[0] < WHOLE_SHEET:
        yield findings.of_reading("sheet_says_more_rows", place, found=f"{said[1]:,}", said=f"{said[0]:,}")


def _fewer_than_total(
    table: SourceTable, fit: Fit, part: PartRows, place: Mapping[str, object]
) -> Iterator[dict[str, object]]:
    """A total row that most counted columns fall short of (one column alone is a wrong figure, not a missing row)."""
    became = dict(part.rows.select(ROW, "disposition").iter_rows())
    totals = [n for n, kind in became.items() if kind == "not_data" and _is_total(table.rows[n - 1])]
    if not totals:
        return
    number = totals[-1]
    columns = range(len(fit.heading.cells))
    comparable = [c for c in columns if (_number(table.cell(number - 1, c)) or 0.0) > 0]
    sums = dict.fromkeys(comparable, 0.0)
    for row, kind in became.items():
        if kind != "not_data":
            for column in comparable:
                sums[column] += _number(table.cell(row - 1, column)) or 0.0
    short = [c for c in comparable if sums[c] < (_number(table.cell(number - 1, c)) or 0.0) * (1 - SHORT_BY)]
    if not short or 2 * len(short) <= len(comparable):
        return
    first = short[0]
    at = {**place, "row": number, "cell": f"{column_letter(first)}{number}"}
    header, total = fit.heading.cells[first].strip(), table.cell(number - 1, first).strip()
    yield findings.of_reading(
        "rows_fewer_than_total", at, found=f"{sums[first]:,.10g}", total=total, header=header, rows=len(became) - _not_data(became)
    )  # fmt: skip


def _not_data(became: Mapping[int, str]) -> int:
    return sum(kind == "not_data" for kind in became.values())


def _is_total(row: list[str]) -> bool:
    return any(normal(cell).startswith(TOTALS) for cell in row if cell.strip())


def _number(text: str) -> float | None:
    """The number in a cell, thousands separated or not; None for anything else."""
    bare = text.strip().replace(",", "").replace("，", "")
    try:
        return float(bare) if bare and bare.isascii() else None
    except ValueError:
        return None

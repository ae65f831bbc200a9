"""The cells of a return as a fresh workbook, marked and commented: for text files and workbooks of other makes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.returns.table import SourceTable
from reports.kit.marks import FILLS, HEADER, SHEET, Line, Mark, Place
from reports.kit.safe import for_cell

AUTHOR = "Junheng 均衡"
LONGEST_NAME = 31
OF_TEXT_FILE = "数据 data"


def write_fresh(
    path: Path,
    tables: Sequence[SourceTable],
    marks: Mapping[str, Mapping[Place, Mark]],
    lines: Sequence[Line],
    title: str,
) -> None:
    """Writes every table as a sheet of texts, each at its own address, the list of findings before them."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        listed = workbook.add_worksheet(SHEET)
        names = names_of_sheets(tables)
        _list(workbook, listed, lines, title, names)
        for table in tables:
            _copy(workbook, workbook.add_worksheet(names[table.sheet]), table, marks.get(table.sheet, {}))


def names_of_sheets(tables: Sequence[SourceTable]) -> dict[str, str]:
    """Names of sheets that a workbook takes, each once."""
    names: dict[str, str] = {}
    taken = {SHEET.casefold()}
    for table in tables:
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", table.sheet or OF_TEXT_FILE).strip("'")[: LONGEST_NAME - 3]
        tries = (plain or "_", *(f"{plain} {i}" for i in range(2, len(tables) + 3)))
        names[table.sheet] = next(name for name in tries if name.casefold() not in taken)
        taken.add(names[table.sheet].casefold())
    return names


def _copy(workbook: Any, sheet: Any, table: SourceTable, marks: Mapping[Place, Mark]) -> None:
    fills = {severity: workbook.add_format({"bg_color": f"#{colour}"}) for severity, colour in FILLS.items()}
    for row, cells in enumerate(table.rows):
        for column, text in enumerate(cells):
            if text and (row, column) not in marks:
                sheet.write_string(row, column, for_cell(text))
    for (row, column), mark in marks.items():
        text = for_cell(table.cell(row, column))
        if text:
            sheet.write_string(row, column, text, fills[mark.severity])
        else:
            sheet.write_blank(row, column, None, fills[mark.severity])
        if mark.texts:
            sheet.write_comment(row, column, for_cell(mark.comment), {"author": AUTHOR, "x_scale": 3, "y_scale": 3})
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _list(workbook: Any, sheet: Any, lines: Sequence[Line], title: str, names: Mapping[str, str]) -> None:
    bold = workbook.add_format({"bold": True})
    wrap = workbook.add_format({"text_wrap": True, "valign": "top"})
    link = workbook.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
    fills = {s: workbook.add_format({"bg_color": f"#{c}", "valign": "top"}) for s, c in FILLS.items()}
    sheet.write_string(0, 0, for_cell(title), bold)
    for number, (head, width) in enumerate(HEADER):
        sheet.write_string(1, number, head, bold)
        sheet.set_column(number, number, width)
    for at, line in enumerate(lines, 2):
        for number, text in enumerate(line.texts):
            sheet.write_string(at, number, for_cell(text), fills[line.severity] if number == 0 else wrap)
        if line.address and line.sheet in names:
            quoted = names[line.sheet].replace("'", "''")
            sheet.write_url(at, 2, f"internal:'{quoted}'!{line.address}", link, for_cell(line.texts[2]) or line.address)
    sheet.freeze_panes(2, 0)
    sheet.autofilter(1, 0, max(len(lines), 1) + 1, len(HEADER) - 1)

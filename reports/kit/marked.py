"""A copy of a workbook with the cells marked and commented, everything else as it was.

openpyxl keeps styles, other sheets, widths, validations and formulas. Never carried over: macros, links to other files, and
formulas that reach outside the workbook, which become plain text. Files that openpyxl cannot take (xls, ods, text, odd
workbooks) are written anew with the same cells: ``reports.kit.fresh``.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from pipeline.returns.table import column_letter
from reports.kit.marks import FILLS, HEADER, SHEET, Line, Mark, Place
from reports.kit.safe import for_cell

REACHES_OUT = re.compile(
    r"\[|\||://|\\\\|\b(?:HYPERLINK|WEBSERVICE|IMPORT\w*|RTD|DDE|CALL|REGISTER\w*|EXEC|FILTERXML)\s*\(", re.IGNORECASE
)
"""Formulas that open, fetch or call something outside the workbook."""

NOT_LOADED = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, zipfile.BadZipFile, ParseError, AssertionError,
)  # fmt: skip
"""What openpyxl may raise over parts of a workbook that reading never needed (styles, drawings, names)."""
AUTHOR = "Junheng 均衡"
MOST_COPIED = 64 * 2**20
"""Bytes that a workbook may unpack to and still be copied: openpyxl keeps every cell, the empty ones too. A return of 290
schools unpacks to about 8 MB."""


def load(data: bytes) -> Any | None:
    """The workbook as openpyxl has it, without macros and links; None where openpyxl cannot take it."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > MOST_COPIED or "xl/workbook.xml" not in archive.namelist():
                return None
        return openpyxl.load_workbook(io.BytesIO(data), keep_vba=False, keep_links=False)
    except NOT_LOADED:
        return None


def write_marked(
    path: Path, workbook: Any, marks: Mapping[str, Mapping[Place, Mark]], lines: Sequence[Line], title: str
) -> None:
    """Marks an open workbook, puts the list of findings before its sheets, and saves it."""
    _cut_off(workbook)
    for sheet, of_sheet in marks.items():
        if sheet in workbook.sheetnames:
            _mark(workbook[sheet], of_sheet)
    _list(workbook, lines, title)
    workbook.save(path)


def _cut_off(workbook: Any) -> None:
    """Takes out what leads outside the workbook."""
    for name in [n for n, defined in workbook.defined_names.items() if REACHES_OUT.search(str(defined.attr_text))]:
        del workbook.defined_names[name]
    for sheet in workbook.worksheets:
        for cell in list(sheet._cells.values()):  # what there is; iter_rows would make the cells between
            if cell.hyperlink is not None and cell.hyperlink.target:
                cell.hyperlink = None
            if cell.data_type == "f":
                formula = str(getattr(cell.value, "text", None) or cell.value)
                if REACHES_OUT.search(formula):
                    _put(cell, formula)


def _put(cell: Any, text: object) -> None:
    """Writes a text as a text, whatever it begins with."""
    cell.value = for_cell(text)
    cell.data_type = "s"


def _mark(sheet: Any, marks: Mapping[Place, Mark]) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    fills = {severity: PatternFill("solid", fgColor=f"FF{colour}") for severity, colour in FILLS.items()}
    for (row, column), mark in marks.items():
        cell = sheet.cell(row + 1, column + 1)
        if isinstance(cell, MergedCell):
            cell = next(sheet.cell(r.min_row, r.min_col) for r in sheet.merged_cells.ranges if cell.coordinate in r)
        cell.fill = fills[mark.severity]
        if mark.texts:
            said = f"{cell.comment.text}\n\n" if cell.comment is not None else ""
            text = for_cell(said + mark.comment)
            cell.comment = Comment(
                text, AUTHOR, height=min(60 + 18 * (text.count("\n") + len(text) // 40), 420), width=420
            )


def _list(workbook: Any, lines: Sequence[Line], title: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet = workbook.create_sheet(_free(SHEET, workbook.sheetnames), 0)
    workbook.active = 0
    for other in workbook.worksheets[1:]:
        other.sheet_view.tabSelected = False
    _put(sheet["A1"], title)
    sheet["A1"].font = Font(bold=True, size=12)
    for number, (head, width) in enumerate(HEADER):
        cell = sheet.cell(2, number + 1)
        _put(cell, head)
        cell.font = Font(bold=True)
        sheet.column_dimensions[column_letter(number)].width = width
    wrap = Alignment(wrap_text=True, vertical="top")
    for at, line in enumerate(lines, 3):
        for number, text in enumerate(line.texts):
            cell = sheet.cell(at, number + 1)
            _put(cell, text)
            cell.alignment = wrap
        sheet.cell(at, 1).fill = PatternFill("solid", fgColor=f"FF{FILLS[line.severity]}")
        if line.address and line.sheet in workbook.sheetnames:
            _lead(sheet.cell(at, 3), line)
    sheet.freeze_panes = "A3"
    sheet.auto_filter.ref = f"A2:{column_letter(len(HEADER) - 1)}{max(len(lines), 1) + 2}"


def _lead(cell: Any, line: Line) -> None:
    """Makes a cell lead to the one that a line speaks of, inside the workbook."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    quoted = line.sheet.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{line.address}", display=for_cell(cell.value))
    cell.font = Font(underline="single", color="FF0563C1")


def _free(name: str, taken: Sequence[str]) -> str:
    """A name that no sheet has yet."""
    held = {other.casefold() for other in taken}
    return next(n for n in (name, *(f"{name} {i}" for i in range(2, len(taken) + 3))) if n.casefold() not in held)

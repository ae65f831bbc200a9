"""Bytes of a workbook to source tables: every cell as the text of its value, at its true address.

Values, offsets and merged ranges come from calamine. It gives an empty cell for an error and for a formula that was never
computed, so the XML of a sheet is looked into for these. Not here: what a sheet means (``layouts``).
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from pipeline.returns.limits import (
    MAX_CELLS,
    MAX_GRID,
    extent_of,
    merges_of,
    scattered_rows,
    stop_at_large_container,
    stop_at_large_grid,
)
from pipeline.returns.sheet_xml import as_percent, hidden_rows, percent_cells, percent_styles
from pipeline.returns.table import CellFault, Range, SourceTable, UnreadableError, cell_place

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream in which an Office file with a password keeps its content."""
_SUSPECT = (b"<f>", b"<f ", b"<f/>", b":f>", b":f ", b't="e"', b"t='e'")
"""Marks of a formula or an error in the XML of a sheet; most sheets hold none, so that they need no second parse."""

_TORN = (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, KeyError, ValueError, NotImplementedError)
"""What the archive or the XML of a damaged workbook may raise, where calamine found nothing wrong."""

_RETURNS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt")
"""How the names of files end that are sent as returns."""
_DIMENSION = re.compile(rb"<dimension\b[^>]*\bref=[\"'][A-Z]+\d+:[A-Z]+(\d+)[\"']")
_ROW_NUMBER = re.compile(rb"<row\b[^>]*?\br=[\"'](\d+)[\"']")
_HEAD = 65_536
"""What stands before the rows of a sheet fits into so many bytes."""

_WHOLE_BELOW = 1e15
"""Whole numbers below this are exact; most cells are such numbers, so they take the short way to text."""

_LOCKED = "有密码保护，请取消密码后重新报送 / it is protected by a password; remove it and send the file again"
_DAMAGED = "文件已损坏或不完整 / it is damaged or incomplete"
_NO_WORKBOOK = "不是工作簿 / it is not a workbook"


def is_workbook(data: bytes) -> bool:
    """Whether bytes can only be a workbook (of whichever make) or some other container, never text."""
    return data.startswith((_ZIP, _OLE))


def is_archive_of_files(data: bytes) -> bool:
    """Whether bytes are a zip archive that holds files of their own (returns packed together), not a workbook."""
    if not data.startswith(_ZIP):
        return False
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except _TORN:
        return False
    is_book = any(name.startswith("xl/") or name == "content.xml" for name in names)
    return not is_book and any(name.casefold().endswith(_RETURNS) for name in names)


class Workbook:
    """An open workbook: its sheets by name, each read when it is first asked for. Raises UnreadableError.

    ``shows_percent``: whether a number that is formatted as per cent is given as it is shown (95% for 0.95).
    """

    def __init__(self, data: bytes, *, shows_percent: bool = False) -> None:
        self.data, self.shows_percent = data, shows_percent
        self.tables: dict[str, SourceTable] = {}
        with _sound(data):
            self._stop_at_limits()
            self.workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [m for m in self.workbook.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        self.names = [m.name for m in sheets]
        self.hidden = {m.name for m in sheets if m.visible != SheetVisibleEnum.Visible}

    def table(self, name: str) -> SourceTable:
        """The cells of a sheet, from row 1 and column A."""
        if name not in self.tables:
            with _sound(self.data):
                self.tables[name] = self._read(name)
        return self.tables[name]

    def _read(self, name: str) -> SourceTable:
        xml = self._zip.read(self._paths[name]) if name in self._paths else b""
        cells, start, merges = self._cells(name, xml)
        rows = [[cell if cell.__class__ is str else shown(cell) for cell in row] for row in cells]
        faults = {}
        for row, column, rule_id, text in self._faults(name, xml, start):
            _put(rows, row, column, text)
            faults[row, column] = rule_id
        for row, column in percent_cells(xml, self._percent_styles):
            if row < len(rows) and column < len(rows[row]):
                rows[row][column] = as_percent(rows[row][column])
        is_hidden, hidden = name in self.hidden, hidden_rows(xml)
        said = _rows_said(xml)
        return SourceTable(
            name, rows, faults=faults, merges=merges, is_hidden=is_hidden, hidden_rows=hidden, rows_said=said
        )

    @cached_property
    def _percent_styles(self) -> frozenset[int]:
        if not self.shows_percent or not self._paths or "xl/styles.xml" not in self._zip.namelist():
            return frozenset()
        return percent_styles(self._zip.read("xl/styles.xml"))

    def _cells(self, name: str, xml: bytes) -> tuple[list[list[Any]], tuple[int, int] | None, tuple[Range, ...]]:
        """Values of a sheet from row 1 and column A, where its first value stands, and its merged ranges.

        Cells that lie far apart are not read by calamine, which keeps every cell between them.
        """
        extent = extent_of(xml) if xml else None
        if extent is not None and extent.cells > MAX_CELLS:
            raise UnreadableError(f"{extent.cells:,}", "sheet_too_large", f"{MAX_CELLS:,}")
        if extent is not None and extent.grid > MAX_GRID:
            return scattered_rows(self.data, name), (0, 0), merges_of(xml)
        sheet = self.workbook.get_sheet_by_name(name)
        return sheet.to_python(skip_empty_area=False), sheet.start, tuple(sheet.merged_cell_ranges or ())

    def _stop_at_limits(self) -> None:
        """Raises UnreadableError before anything is unpacked that takes more memory or time than a return may."""
        is_zip = self.data.startswith(_ZIP)
        if is_zip:
            stop_at_large_container(self.data)
        if not (is_zip and "xl/workbook.xml" in self._zip.namelist()):
            stop_at_large_grid(self.data)

    def _faults(
        self, name: str, xml: bytes, start: tuple[int, int] | None
    ) -> Iterator[tuple[int, int, CellFault, str]]:
        """Cells without a value: 0-based row and column, the rule that tells of it, and the error or the formula."""
        if xml:
            yield from _faults_in(xml)
        elif start is not None:
            yield from _errors_by_fastexcel(self.data, name, start)

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.data))

    @cached_property
    def _paths(self) -> dict[str, str]:
        """Sheet name → its XML in the archive; empty for workbooks of another make than xlsx."""
        if not self.data.startswith(_ZIP) or "xl/workbook.xml" not in self._zip.namelist():
            return {}
        relations = ElementTree.fromstring(self._zip.read("xl/_rels/workbook.xml.rels"))
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        found = {}
        for sheet in ElementTree.fromstring(self._zip.read("xl/workbook.xml")).iterfind("{*}sheets/{*}sheet"):
            target = targets.get(next((value for key, value in sheet.items() if key.endswith("}id")), None), "")
            found[sheet.get("name", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
        return found


def _rows_said(xml: bytes) -> tuple[int, int] | None:
    """How many rows the XML of a sheet says it has, and the number of the last that it holds; None where either is not
    told."""
    said, held = _DIMENSION.search(xml[:_HEAD]), _ROW_NUMBER.match(xml, max(xml.rfind(b"<row "), 0))
    return (int(said[1]), int(held[1])) if said and held else None


def shown(value: object) -> str:
    """The text of a value: whole numbers without a point, all digits of others, dates as ISO has them."""
    if isinstance(value, float):
        if abs(value) < _WHOLE_BELOW and value == (whole := int(value)):
            return str(whole)
        text = repr(value)  # the shortest text that gives the same number again
        return format(Decimal(text), "f") if "e" in text else text.removesuffix(".0")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _put(rows: list[list[str]], row: int, column: int, text: str) -> None:
    """Writes a text at its place, which may lie beyond the cells that hold values."""
    width = max(column + 1, len(rows[0]) if rows else 0)
    rows.extend([""] * width for _ in range(len(rows), row + 1))
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = text


def _faults_in(xml: bytes) -> Iterator[tuple[int, int, CellFault, str]]:
    """Errors, and formulas whose value the writing program did not compute (an empty text is a value)."""
    if xml.lstrip(b"\xef\xbb\xbf").startswith(b"<") and not any(mark in xml for mark in _SUSPECT):
        return
    row, column = -1, -1
    for event, node in ElementTree.iterparse(io.BytesIO(xml), ("start", "end")):
        tag = node.tag.rpartition("}")[2]
        if event == "start" and tag == "row":  # addresses may be left out: then a row or cell follows the last one
            row, column = int(node.get("r", row + 2)) - 1, -1
        elif event == "end" and tag == "c":
            address = node.get("r")
            row, column = cell_place(address) if address else (row, column + 1)
            value, formula = node.findtext("{*}v"), node.findtext("{*}f")
            if node.get("t") == "e":
                yield row, column, "cell_error", value or "#N/A"
            elif formula is not None and not value and node.get("t") != "str":
                yield row, column, "formula_without_value", f"={formula}"
        elif event == "end" and tag == "row":
            node.clear()


def _errors_by_fastexcel(data: bytes, name: str, start: tuple[int, int]) -> Iterator[tuple[int, int, CellFault, str]]:
    """Error cells of a workbook that is not XML in a known place (xls, xlsb, ods)."""
    import fastexcel

    sheet = fastexcel.read_excel(data).load_sheet(name, header_row=None, dtypes="string")
    _, errors = sheet.to_arrow_with_errors()
    for error in errors.errors if errors else ():
        row, column = error.offset_position
        yield (
            row + start[0],
            column + start[1],
            "cell_error",
            f"#{error.detail.rpartition('Error(')[2].rstrip(chr(39) + ')')}",
        )


@contextmanager
def _sound(data: bytes) -> Iterator[None]:
    """Turns whatever a damaged container may raise in the libraries that open it into UnreadableError."""
    try:
        yield
    except (CalamineError, *_TORN) as error:
        raise _unreadable(data, error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a library in Rust says that it met what it did not foresee
            raise
        raise UnreadableError(_DAMAGED) from None


def _unreadable(data: bytes, error: Exception) -> UnreadableError:
    """Why a container could not be read."""
    if isinstance(error, PasswordError) or (data.startswith(_OLE) and _ENCRYPTED in data):
        return UnreadableError(_LOCKED)
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except _TORN:
        return UnreadableError(_DAMAGED)
    known = any(name.startswith("xl/") or name == "content.xml" for name in names)
    return UnreadableError(_DAMAGED if known else _NO_WORKBOOK)

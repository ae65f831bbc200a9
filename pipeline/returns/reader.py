"""One file to rows: decode, find the layout, map, type. A file that cannot be read is a result, not an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pipeline import findings
from pipeline.nearest import with_nearest
from pipeline.returns.address_reader import FormReader, form_book, year_on_forms
from pipeline.returns.cover import Cover, cover_text
from pipeline.returns.csv_file import read_csv
from pipeline.returns.cut import signs_of_cut
from pipeline.returns.decoding import fit_text
from pipeline.returns.headings import normal
from pipeline.returns.layouts import FileFit, NoFit, fit
from pipeline.returns.limits import stop_at_limits
from pipeline.returns.part import PartRows
from pipeline.returns.rows import SheetReader
from pipeline.returns.table import SourceTable, UnreadableError, column_letter, is_blank
from pipeline.returns.vertical import VerticalReader
from pipeline.returns.workbook import Workbook, is_workbook
from pipeline.schema.model import Catalogue

READER_VERSION = "5"
"""Raised when reading changes what it makes of the same bytes, so that cached rows are read again."""


@dataclass
class FileRows:
    """What became of one file: its status, its layout, its parts, and the findings about the file as a whole."""

    status: Literal["accepted", "rejected", "unreadable"]
    layout_id: str | None
    parts: list[PartRows] = field(default_factory=list)
    findings: list[dict[str, object]] = field(default_factory=list)

    def all_findings(self) -> list[dict[str, object]]:
        return self.findings + [finding for part in self.parts for finding in part.findings]


def _of_file(year: int | None, rule_id: str, no_fit: NoFit | None = None, **holes: object) -> dict[str, object]:
    """A finding about a file or one of its sheets as a whole."""
    place: dict[str, object] = {"part": "", "sheet": "", "row": None, "cell": "", "year": year}
    if no_fit is not None:
        cell = f"{column_letter(no_fit.column)}{no_fit.row}" if no_fit.column is not None else ""
        place |= {"sheet": no_fit.sheet, "row": no_fit.row, "cell": cell}
        holes = {"found": no_fit.found, "expected": no_fit.expected}
    return findings.of_reading(rule_id, place, **holes)


def _not_read(year: int | None, rule_id: str, no_fit: NoFit | None = None, **holes: object) -> FileRows:
    return FileRows("unreadable", None, findings=[_of_file(year, rule_id, no_fit, **holes)])


def refused(error: UnreadableError, year: int | None) -> FileRows:
    """The result of a file that cannot be opened, or is not."""
    why_zh, _, why_en = str(error).partition(" / ")
    why = {"why_zh": why_zh, "why_en": why_en or why_zh, "expected": error.expected}
    return _not_read(year, error.rule_id, None, found=why_zh, **why)


def read_file(data: bytes, name: str, year: int | None, catalogue: Catalogue) -> FileRows:
    """Reads the bytes of one file of a collection year, a workbook or delimited text: which, its bytes say.

    ``name`` is for the message of a file without a year only: the rest depends on the bytes. Never raises for bad
    content: the status and the findings say what is wrong.
    """
    if year is None:
        return _not_read(year, "year_unknown", found=name)
    try:
        stop_at_limits(data)
        shows_percent = catalogue.writing is not None
        workbook = Workbook(data, shows_percent=shows_percent) if is_workbook(data) else None
        if workbook is not None and (of_forms := _read_forms(workbook, catalogue, year)) is not None:
            with_nearest(of_forms.all_findings(), catalogue, year)
            return of_forms
        tables = _tables(workbook, catalogue) if workbook else []
        if workbook and all(is_blank(row) for table in tables for row in table.rows):
            return _not_read(year, "file_empty")
        fitted = fit(tables, catalogue, year) if workbook else fit_text(data, catalogue, year)
        cover = Cover(workbook, catalogue, year) if workbook else None
        if isinstance(fitted, NoFit):
            result = _not_read(year, fitted.rule_id, fitted)
            tables = tables or read_tables(data, catalogue)
        else:
            result = _read_parts(fitted, catalogue, year, cover)
            for part, finding in signs_of_cut(fitted, result.parts, year):
                part.findings.append(finding)
            tables = tables or [table for table, _ in fitted.fits]
        with_nearest(result.all_findings(), catalogue, year, tables)
        return result
    except UnreadableError as error:
        return refused(error, year)


def year_on_cover(data: bytes, catalogue: Catalogue) -> int | None:
    """The collection year that a workbook's cover names, for files that lie in no folder of a year; else None."""
    try:
        stop_at_limits(data)
        workbook = Workbook(data) if is_workbook(data) else None
        cells = [layout.year.cell for layout in catalogue.layouts.values() if layout.year.cell]
        texts = [cover_text(workbook, cell).text for cell in cells] if workbook else []
        on_forms = year_on_forms(workbook, catalogue) if workbook else None
    except UnreadableError:
        return None
    return next((int(text) for text in texts if text.isdecimal() and len(text) == 4), on_forms)


def read_tables(data: bytes, catalogue: Catalogue, layout_id: str | None = None) -> list[SourceTable]:
    """Every table of a file that was read before, covers too, for those who go back to a cell; ``layout_id``: as what it was
    read. Raises UnreadableError."""
    if not is_workbook(data):
        layout = catalogue.layouts.get(layout_id or "")
        return [read_csv(data, layout.encodings if layout is not None else _encodings(catalogue))]
    workbook = Workbook(data, shows_percent=catalogue.writing is not None)
    return [workbook.table(name) for name in workbook.names]


def _encodings(catalogue: Catalogue) -> list[str]:
    return list(dict.fromkeys(e for layout in catalogue.layouts.values() for e in layout.encodings))


def _tables(workbook: Workbook, catalogue: Catalogue) -> list[SourceTable]:
    """Sheets of a workbook that some layout may read."""
    layouts = [layout for layout in catalogue.layouts.values() if "xlsx" in layout.formats]
    ignored = [{normal(name) for name in layout.ignore_sheets} for layout in layouts]
    wanted = [name for name in workbook.names if not ignored or any(normal(name) not in names for names in ignored)]
    return [workbook.table(name) for name in wanted]


def _read_parts(fitted: FileFit, catalogue: Catalogue, year: int, cover: Cover | None) -> FileRows:
    """Every table that fits, read; a sheet without rows is as good as lacking."""
    result = FileRows("accepted", fitted.layout.id)
    if cover is not None and fitted.layout.year.cell is not None:
        cover.check_year(fitted.layout.year.cell)
    for table, of_table in fitted.fits:
        if not all(is_blank(row) for row in table.rows[of_table.data_from :]):
            reader = VerticalReader if of_table.sheet.vertical else SheetReader
            result.parts.append(reader(table, of_table, catalogue, year, cover).read())
    if not result.parts:
        return _not_read(year, "file_empty")
    result.findings += [_of_file(year, no_fit.rule_id, no_fit) for no_fit in fitted.unfit]
    if cover is not None:
        result.findings += _missing(fitted, result, year)
        result.findings += cover.found
    is_undated = cover is not None and cover.lacks_year
    if is_undated or any(f["rule_id"] == "year_disagrees" for f in result.all_findings()):
        result.status = "rejected"
    return result


def _read_forms(workbook: Workbook, catalogue: Catalogue, year: int) -> FileRows | None:
    """The rows of a workbook of statistical forms, read by cell address; None where no layout knows any of its sheets so."""
    book = form_book(workbook, catalogue)
    if book is None:
        return None
    if all(is_blank(row) for sheets in book.forms.values() for sheet in sheets for row in sheet.table.rows):
        return _not_read(year, "file_empty")
    read = FormReader(book, catalogue, year).read()
    status: Literal["accepted", "rejected"] = "accepted" if read.is_of_year else "rejected"
    return FileRows(status, book.layout.id, [read.part], read.findings)


def _missing(fitted: FileFit, result: FileRows, year: int) -> list[dict[str, object]]:
    """A finding for each sheet that a workbook of this layout should have and of which nothing came or was told."""
    told = {part.part for part in result.parts} | {no_fit.expected for no_fit in fitted.unfit}
    lacking = [s for s in fitted.layout.sheets if not s.optional and told.isdisjoint((s.part, s.name))]
    return [_of_file(year, "sheet_missing", found=sheet.name or sheet.part) for sheet in lacking]

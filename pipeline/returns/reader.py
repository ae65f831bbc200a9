"""One file to rows: decode, find the layout, map, type. A file that cannot be read is a result, not an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pipeline import findings
from pipeline.returns.csv_file import UnreadableError, column_letter, is_blank, read_csv
from pipeline.returns.layouts import NoFit, fit
from pipeline.returns.rows import SheetReader, SheetRows
from pipeline.schema.model import Catalogue

READER_VERSION = "2"
"""Raised when reading changes what it makes of the same bytes, so that cached rows are read again."""


@dataclass
class FileRows:
    """What became of one file: its status, its layout, its parts, and the findings about the file as a whole."""

    status: Literal["accepted", "rejected", "unreadable"]
    layout_id: str | None
    parts: list[SheetRows] = field(default_factory=list)
    findings: list[dict[str, object]] = field(default_factory=list)

    def all_findings(self) -> list[dict[str, object]]:
        return self.findings + [finding for part in self.parts for finding in part.findings]


def _not_read(
    year: int | None, rule_id: str, row: int | None = None, column: int | None = None, **holes: object
) -> FileRows:
    cell = f"{column_letter(column)}{row}" if column is not None else ""
    place = {"part": "", "sheet": "", "row": row, "cell": cell, "year": year}
    return FileRows("unreadable", None, findings=[findings.of_reading(rule_id, place, **holes)])


def read_file(data: bytes, name: str, year: int | None, catalogue: Catalogue) -> FileRows:
    """Reads the bytes of one file of a collection year.

    ``name`` is for the message of a file without a year only: the rest depends on the bytes. Never raises for bad content: the status and the findings say what is wrong.
    """
    if year is None:
        return _not_read(year, "year_unknown", found=name)
    encodings = list(dict.fromkeys(e for layout in catalogue.layouts.values() for e in layout.encodings))
    try:
        table = read_csv(data, encodings)
    except UnreadableError as error:
        return _not_read(year, "file_unreadable", found=error)
    if all(is_blank(row) for row in table.rows):
        return _not_read(year, "file_empty")
    fitted = fit(table, catalogue, year)
    if isinstance(fitted, NoFit):
        return _not_read(year, fitted.rule_id, fitted.row, fitted.column, found=fitted.found, expected=fitted.expected)
    if all(is_blank(row) for row in table.rows[fitted.header_index + 1 :]):
        return _not_read(year, "file_empty")
    part = SheetReader(table, fitted, catalogue, year).read()
    rejected = any(f["rule_id"] == "year_disagrees" for f in part.findings)
    return FileRows("rejected" if rejected else "accepted", fitted.layout.id, [part])

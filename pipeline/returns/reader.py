"""One file to rows: decode, find the layout, map, type. A file that cannot be read is a result, not an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pipeline import findings
from pipeline.returns.csv_file import UnreadableError, read_csv
from pipeline.returns.layouts import NoFit, fit
from pipeline.returns.rows import SheetReader, SheetRows
from pipeline.schema.model import Catalogue

READER_VERSION = "1"
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


def _not_read(year: int | None, rule_id: str, **holes: object) -> FileRows:
    place = {"part": "", "sheet": "", "row": None, "cell": "", "year": year}
    return FileRows("unreadable", None, findings=[findings.of_reading(rule_id, place, **holes)])


def read_file(data: bytes, name: str, year: int | None, catalogue: Catalogue) -> FileRows:
    """Reads the bytes of one file of a collection year.

    ``name`` is for messages only. Never raises for bad content: the status and the findings say what is wrong.
    """
    if year is None:
        return _not_read(year, "year_unknown", found=name)
    encodings = list(dict.fromkeys(e for layout in catalogue.layouts.values() for e in layout.encodings))
    try:
        table = read_csv(data, encodings)
    except UnreadableError as error:
        return _not_read(year, "file_unreadable", found=f"{name}：{error}")
    if sum(1 for row in table.rows if any(row)) < 2:
        return _not_read(year, "file_empty", found=name)
    fitted = fit(table, catalogue, year)
    if isinstance(fitted, NoFit):
        return _not_read(year, fitted.rule_id, found=fitted.found, expected=fitted.expected)
    part = SheetReader(table, fitted, catalogue, year).read()
    rejected = any(f["rule_id"] == "year_disagrees" for f in part.findings)
    return FileRows("rejected" if rejected else "accepted", fitted.layout.id, [part])

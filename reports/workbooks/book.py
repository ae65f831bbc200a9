"""What all workbooks share: formats, tables with Chinese and English headers, states as symbol and word, fixed bytes.

Text is always written as text, so that nothing a return says can become a formula or a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.words import Words

Kind = Literal["text", "wrap", "whole", "cv", "value", "percent", "score"]
NUMBER_FORMATS: dict[str, str] = {
    "whole": "#,##0", "cv": "0.000000", "value": "#,##0.000000", "percent": "0.00%", "score": "0.00",
}  # fmt: skip
TINTS = {"unmet": "#FDE3D8", "critical": "#FDE3D8", "below": "#FFF1C9", "warning": "#FFF1C9"}
OPEN = ("missing", "no_data", "not_collected", "undecided", "incomplete")
FONT = "Microsoft YaHei"
LONGEST_NAME = 31
HEADER = 1
"""Row of the Chinese headers; the English stand in the next, the data after it. The first row is the table's title."""


@dataclass(frozen=True)
class Said:
    """A state as symbol and word in both languages, on its tint."""

    state: str
    text: str


@dataclass(frozen=True)
class Tinted:
    """A number on the tint of its state."""

    value: float
    state: str


@dataclass(frozen=True)
class Head:
    """A column: header in both languages, width in characters, and how its cells are written."""

    zh: str
    en: str
    width: float = 12
    kind: Kind = "text"


@dataclass
class Book:
    """An open workbook with its formats."""

    path: Path
    title: str
    year: int
    workbook: xlsxwriter.Workbook = field(init=False)
    formats: dict[tuple[str, str], Format] = field(default_factory=dict)

    def __post_init__(self) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.workbook = xlsxwriter.Workbook(str(self.path), options)
        # A fixed date: the file must not differ because it was made at another time.
        self.workbook.set_properties({"title": self.title, "created": datetime(self.year, 9, 1)})

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.workbook.close()

    def style(self, kind: str, state: str = "") -> Format:
        """The format of a kind of cell with the tint of a state; made once."""
        if (kind, state) not in self.formats:
            given: dict[str, Any] = {"font_name": FONT, "font_size": 10, "valign": "top"}
            if kind in NUMBER_FORMATS:
                given["num_format"] = NUMBER_FORMATS[kind]
            if kind == "wrap":
                given["text_wrap"] = True
            if state in TINTS:
                given["bg_color"] = TINTS[state]
            if state in OPEN:
                given |= {"pattern": 14, "bg_color": "#FFFFFF", "fg_color": "#D5DAE0"}
            self.formats[kind, state] = self.workbook.add_format(given | _HEADS.get(kind, {}))
        return self.formats[kind, state]

    def sheet(self, name: str) -> Worksheet:
        """A new sheet for A4 across, its name cut and cleaned as spreadsheets ask."""
        clean = "".join(c for c in name if c not in "[]:*?/\\'").strip()[:LONGEST_NAME]
        taken = {sheet.get_name().lower() for sheet in self.workbook.worksheets()}
        if clean.lower() in taken:
            clean = f"{clean[: LONGEST_NAME - 4]} {len(taken) + 1}"
        sheet = self.workbook.add_worksheet(clean)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(0)
        return sheet

    def table(
        self, name: str, title: str, heads: Sequence[Head], rows: Iterable[Sequence[Any]], frozen: int = 1
    ) -> None:
        """A sheet with one table: title, two rows of headers, data; ``frozen`` columns stay when the sheet is moved."""
        sheet = self.sheet(name)
        sheet.write_string(0, 0, title, self.style("title"))
        for column, head in enumerate(heads):
            sheet.set_column(column, column, head.width)
            sheet.write_string(HEADER, column, head.zh, self.style("head"))
            sheet.write_string(HEADER + 1, column, head.en, self.style("head_en"))
        last = HEADER + 1
        for last, row in enumerate(rows, HEADER + 2):
            self._row(sheet, last, heads, row)
        sheet.autofilter(HEADER + 1, 0, max(last, HEADER + 2), len(heads) - 1)
        sheet.freeze_panes(HEADER + 2, frozen)
        sheet.repeat_rows(HEADER, HEADER + 1)

    def _row(self, sheet: Worksheet, at: int, heads: Sequence[Head], row: Sequence[Any]) -> None:
        for column, (head, value) in enumerate(zip(heads, row, strict=True)):
            if value is None or value == "":
                continue
            if isinstance(value, Said):
                sheet.write_string(at, column, value.text, self.style("text", value.state))
            elif isinstance(value, Tinted):
                sheet.write_number(at, column, value.value, self.style(head.kind, value.state))
            elif head.kind in NUMBER_FORMATS and not isinstance(value, str):
                sheet.write_number(at, column, value, self.style(head.kind))
            else:
                sheet.write_string(at, column, str(value), self.style("wrap" if head.kind == "wrap" else "text"))


_HEADS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 12},
    "head": {"bold": True, "bg_color": "#EEF2F6", "top": 1, "text_wrap": True, "valign": "bottom"},
    "head_en": {"bg_color": "#EEF2F6", "bottom": 2, "text_wrap": True, "font_color": "#5B6470", "font_size": 9},
    "strong": {"bold": True},
    "note": {"text_wrap": True},
}


def said(state: str, kind: str, zh: Words, en: Words) -> Said:
    """A state as ``✕ 超限 over``."""
    return Said(state, " ".join(t for t in (zh.symbol(state), zh.state(state, kind), en.state(state, kind)) if t))

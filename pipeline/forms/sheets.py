"""The sheets that are filled: one row a school, stage, class or room, or one row an item of the county."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.forms.cells import Cell, cell_value
from pipeline.forms.columns import FormColumn, Options
from pipeline.forms.styles import Styles, lines, width
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.layout import Sheet, Vertical

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Row = Mapping[str, Any]

SPARE_ROWS = 20
"""Empty rows with borders below the data."""
CHECKED_ROWS = 1000
"""Rows below the data for which drop-downs and ranges hold."""
FROZEN_COLUMNS = 2
HEADER_ROW = 1
MOST_COMMENT = 255
UNIT, SAID = "单位", "说明"
ITEM_WIDTH, SAID_WIDTH = 54, 60
_UNIT = re.compile(r"[（(]([^（）()]+)[）)]$")


@dataclass(frozen=True)
class References:
    """Where the choices of a column stand in the workbook: lists of codes, and the codes of the schools."""

    lists: Mapping[Options, str]
    schools: str | None = None


@dataclass(frozen=True)
class Page:
    """One sheet to fill: its worksheet, what the layout says of it, and its columns."""

    to: Worksheet
    sheet: Sheet
    title: str
    columns: Sequence[FormColumn]
    styles: Styles
    references: References = field(default_factory=lambda: References({}))

    def style(self, column: FormColumn) -> Format:
        is_whole = column.range is not None and column.range.is_whole
        return self.styles.of(is_text=column.is_text, is_whole=is_whole)

    def head(self, column: FormColumn) -> Format:
        return self.styles.header if column.column.optional else self.styles.required


def form_unit(column: FormColumn) -> str:
    """The unit of the form: that in the brackets of the header, else the field's; empty where there is none."""
    if column.unit is None:
        return ""
    found = _UNIT.search(column.header)
    return found.group(1) if found else column.unit.zh


def first_data_row(sheet: Sheet) -> int:
    """0-based row below title, header and row of codes."""
    return HEADER_ROW + (2 if sheet.code_row else 1)


def write_rows(page: Page, rows: Sequence[Row]) -> None:
    """A sheet with one row a school, stage, class or room, and empty rows below."""
    to, start = page.to, first_data_row(page.sheet)
    to.write_string(0, 0, page.title, page.styles.title)
    to.set_row(0, 28)
    for number, column in enumerate(page.columns):
        to.set_column(number, number, _width(column))
        to.write_string(HEADER_ROW, number, column.header, page.head(column))
        to.write_comment(HEADER_ROW, number, column.note(), {"x_scale": 2.2, "y_scale": 1.4})
        if page.sheet.code_row:
            to.write_string(HEADER_ROW + 1, number, column.key, page.styles.code)
        _restrict(page, column, (start, number, start + len(rows) + CHECKED_ROWS, number))
    to.set_row(HEADER_ROW, 15 * max(lines(column.header, _width(column)) for column in page.columns) + 6)
    if page.sheet.code_row:
        to.set_row(HEADER_ROW + 1, 11 * max(lines(column.key, 1.3 * _width(column)) for column in page.columns) + 4)
    kinds = [(column.column, column.kind, column.key, page.style(column)) for column in page.columns]
    for line in range(len(rows) + SPARE_ROWS):
        row = rows[line] if line < len(rows) else {}
        for number, (of, kind, key, style) in enumerate(kinds):
            write_cell(to, start + line, number, cell_value(of, kind, row.get(key)), style)
    frozen = sum(c.column.to in IDENTITY_COLUMNS for c in page.columns[:FROZEN_COLUMNS])
    to.freeze_panes(start, frozen)
    to.repeat_rows(0, start - 1)
    if frozen:
        to.repeat_columns(0, frozen - 1)
    print_on_paper(to, one_page_wide=len(page.columns) <= 12)


def write_vertical(page: Page, vertical: Vertical, row: Row) -> None:
    """A sheet with one row an item: code, item, unit, value, and what it means."""
    to = page.to
    heads = [vertical.code, vertical.item, UNIT, vertical.value, SAID]
    shown = [(head, wide) for head, wide in zip(heads, (26, ITEM_WIDTH, 10, 30, SAID_WIDTH), strict=True) if head]
    at = {head: number for number, (head, _) in enumerate(shown)}
    to.write_string(0, 0, page.title, page.styles.title)
    to.set_row(0, 28)
    for number, (head, wide) in enumerate(shown):
        to.set_column(number, number, wide)
        to.write_string(HEADER_ROW, number, head, page.styles.header)
    line = HEADER_ROW
    for column in page.columns:
        line += 1
        if heading := vertical.headings.get(column.key):
            to.write_string(line, at[vertical.item], f"{heading.zh} · {heading.en}", page.styles.section)
            to.set_row(line, 22)
            line += 1
        _write_item(page, vertical, at, line, column, row)
    to.freeze_panes(HEADER_ROW + 1, at[vertical.item] + 1)
    to.repeat_rows(0, HEADER_ROW)
    print_on_paper(to, one_page_wide=True)


def _write_item(page: Page, vertical: Vertical, at: Mapping[str, int], line: int, column: FormColumn, row: Row) -> None:
    """One row of a vertical sheet."""
    to, styles = page.to, page.styles
    said = " ".join(part for part in (column.meaning.zh if column.meaning is not None else "", column.source) if part)
    if vertical.code:
        to.write_string(line, at[vertical.code], column.key, styles.small)
    to.write_string(line, at[vertical.item], column.header, styles.words)
    to.write_string(line, at[UNIT], form_unit(column), styles.words)
    to.write_string(line, at[SAID], said, styles.small)
    place = (line, at[vertical.value])
    write_cell(to, *place, cell_value(column.column, column.kind, row.get(column.key)), page.style(column))
    _restrict(page, column, (*place, *place))
    to.set_row(line, 15 * max(lines(column.header, ITEM_WIDTH), lines(said, 1.2 * SAID_WIDTH)) + 3)


def write_cell(to: Worksheet, row: int, column: int, value: Cell, style: Format | None) -> None:
    """A number as a number, a text as a text, a blank with its border; nothing is taken for a formula."""
    if value is None or value == "":
        to.write_blank(row, column, None, style)
    elif isinstance(value, str):
        to.write_string(row, column, value, style)
    else:
        to.write_number(row, column, value, style)


def print_on_paper(to: Worksheet, *, one_page_wide: bool) -> None:
    """A4 landscape with page numbers."""
    to.set_landscape()
    to.set_paper(9)
    to.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    to.set_footer("&C&P / &N")
    if one_page_wide:
        to.fit_to_pages(1, 0)


def _width(column: FormColumn) -> float:
    """A column's width: names are long, codes keep their length, other headers wrap into about three lines."""
    if column.kind == "text" or column.column.to == "name":
        return 26
    if column.column.to in IDENTITY_COLUMNS and column.options is None:
        return 16
    return float(min(16, max(9, width(column.header) // 3 + 2)))


def _restrict(page: Page, column: FormColumn, place: tuple[int, int, int, int]) -> None:
    """The drop-down or the range of cells. What is not closed, and codes of schools, only warn."""
    rule: dict[str, Any] = {}
    if column.options is not None:
        texts = "、".join(column.options.texts)
        rule = {
            "validate": "list",
            "source": page.references.lists[column.options],
            "error_message": f"请从列表选择：{texts}",
        }
        rule["error_type"] = "stop" if column.options.is_closed else "warning"
    elif column.column.to in ("school_id", "parent_school_id") and page.references.schools is not None:
        rule = {"validate": "list", "source": page.references.schools, "error_type": "warning"}
        rule["error_message"] = "“学校”表中没有这个标识码 / no school has this code"
    elif column.range is not None:
        rule = _number_rule(column)
    if rule:
        rule["error_message"] = rule["error_message"][:MOST_COMMENT]
        page.to.data_validation(*place, {"ignore_blank": True, "error_title": column.label.zh[:32], **rule})


def _number_rule(column: FormColumn) -> dict[str, Any]:
    limits = column.range
    assert limits is not None, "only a column of numbers has a range"
    zh, en = limits.words()
    rule: dict[str, Any] = {
        "validate": "integer" if limits.is_whole else "decimal",
        "error_message": f"应填{zh} / {en}",
    }
    if limits.high is not None:
        return {**rule, "criteria": "between", "minimum": limits.low, "maximum": limits.high}
    return {**rule, "criteria": ">" if limits.above else ">=", "value": limits.low}

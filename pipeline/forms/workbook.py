"""One county's return as a workbook: cover, notes, a sheet a part of the layout, lists of codes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import FaultError
from pipeline.forms.columns import FormColumn, all_options, columns_of
from pipeline.forms.front import write_codes, write_cover, write_notes
from pipeline.forms.sheets import CHECKED_ROWS, Page, References, first_data_row, write_rows, write_vertical
from pipeline.forms.styles import styles_of
from pipeline.schema.layout import Layout, Sheet
from pipeline.schema.model import Catalogue, Division
from pipeline.store.home import replacing

if TYPE_CHECKING:
    from xlsxwriter import Workbook

Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""part → rows; a row maps a field id or identity column to its canonical value (the field's unit, codes such as 'music',
'primary', '1') or Verbatim. A column that the layout ties to a stage is named 'field@stage'. A part about the county holds one row."""


def write_return(
    target: Path, catalogue: Catalogue, year: int, county: Division, rows: Rows, layout_id: str = "own"
) -> None:
    """One county's return as a workbook, with cover, notes, code row, drop-downs, ranges and lists. Same arguments, same bytes.

    Parts and columns that ``rows`` does not name stay blank. Raises KeyError for a part or a column that the layout lacks,
    ValueError for a text where a number belongs, FaultError for a layout that has no form.
    """
    import xlsxwriter

    layout = catalogue.layouts[layout_id]
    columns = {sheet.part: columns_of(catalogue, sheet, year) for sheet in layout.sheets}
    _known(layout, columns, rows)
    with replacing(target) as temporary, xlsxwriter.Workbook(str(temporary), {"in_memory": True}) as book:
        _fill(book, layout, catalogue, year, county, columns, rows)


def _known(layout: Layout, columns: Mapping[str, Sequence[FormColumn]], rows: Rows) -> None:
    """Every part and column of the rows stands in the layout, and the layout has a form."""
    if layout.form is None:
        raise FaultError(f"表样 {layout.id} 没有写明表单（form）", f"the layout {layout.id} says nothing of a form")
    for part, given in rows.items():
        known = {column.key for column in columns[part]}
        unknown = sorted({name for row in given for name in row} - known)
        if unknown:
            raise KeyError(f"the part {part} has no column for {unknown}")


def _fill(
    book: Workbook,
    layout: Layout,
    catalogue: Catalogue,
    year: int,
    county: Division,
    columns: Mapping[str, Sequence[FormColumn]],
    rows: Rows,
) -> None:
    form = layout.form
    assert form is not None, "checked before"
    about = {
        "title": f"{form.title.zh} {year} {county.name_zh}",
        "comments": f"{catalogue.about.id} {catalogue.about.version}",
    }
    book.set_properties({**about, "created": datetime.datetime(year, 1, 1)})
    styles = styles_of(book)
    cover, notes = book.add_worksheet(form.cover), book.add_worksheet(form.notes)
    pages = [(sheet, book.add_worksheet(_name(sheet))) for sheet in layout.sheets]
    lists = write_codes(book.add_worksheet(form.codes), form, all_options(catalogue, layout), styles)
    write_cover(cover, form, catalogue, year, county, styles)
    write_notes(notes, form, [(_name(sheet), columns[sheet.part]) for sheet in layout.sheets], styles)
    schools = _schools(layout, columns, rows)
    for sheet, to in pages:
        title = f"{_name(sheet)} · {county.name_zh} {year} · {sheet.label.en}"
        known = References(lists, schools if sheet.record != "school" else None)
        page = Page(to, sheet, title, columns[sheet.part], styles, known)
        given = rows.get(sheet.part, ())
        if sheet.vertical is not None:
            write_vertical(page, sheet.vertical, given[0] if given else {})
        else:
            write_rows(page, given)


def _name(sheet: Sheet) -> str:
    return sheet.name or sheet.label.zh


def _schools(layout: Layout, columns: Mapping[str, Sequence[FormColumn]], rows: Rows) -> str | None:
    """Where the codes of the schools stand, for drop-downs on the other sheets."""
    from xlsxwriter.utility import xl_range_abs

    for sheet in layout.sheets:
        at = next((i for i, column in enumerate(columns[sheet.part]) if column.key == "school_id"), None)
        if sheet.record == "school" and at is not None:
            first = first_data_row(sheet)
            last = first + len(rows.get(sheet.part, ())) + CHECKED_ROWS
            return f"='{_name(sheet)}'!{xl_range_abs(first, at, last, at)}"
    return None

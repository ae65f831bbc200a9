"""The sheets that carry no rows: the cover, the notes on every column, the lists of codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.forms.columns import FormColumn, Options
from pipeline.forms.sheets import form_unit, print_on_paper, write_cell
from pipeline.forms.styles import Styles, lines
from pipeline.schema.entry import Label
from pipeline.schema.form import CoverLine, Form
from pipeline.schema.model import Catalogue, Division

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

NOTE_COLUMNS = (
    ("表", 12),
    ("栏目", 36),
    ("代码", 28),
    ("单位", 10),
    ("含义", 56),
    ("统计报表", 16),
    ("依据", 36),
    ("English", 60),
)


def write_cover(to: Worksheet, form: Form, catalogue: Catalogue, year: int, county: Division, styles: Styles) -> None:
    """Title, then a line an item: its name, its value, and both in English beside."""
    to.hide_gridlines(2)
    for number, wide in enumerate((3, 28, 46, 70)):
        to.set_column(number, number, wide)
    to.write_string(1, 1, form.title.zh, styles.title)
    to.write_string(2, 1, form.title.en, styles.subtitle)
    for row, line in enumerate(form.lines, 4):
        value, english = _held(line, catalogue, year, county)
        to.set_row(row, 24)
        to.write_string(row, 1, line.label.zh, styles.label)
        write_cell(to, row, 2, value, styles.year if isinstance(value, int) else styles.fill_in)
        to.write_string(row, 3, f"{line.label.en}: {english}" if english else line.label.en, styles.aside)
    print_on_paper(to, one_page_wide=True)


def _held(line: CoverLine, catalogue: Catalogue, year: int, county: Division) -> tuple[str | int | None, str]:
    """What a line of the cover holds, and the same in English."""
    if line.text is not None:
        holes = {"year": year, "before": year - 1}
        return line.text.zh.format(**holes), line.text.en.format(**holes)
    about = catalogue.about
    held: dict[str | None, tuple[str | int, str]] = {
        "year": (year, str(year)),
        "county_code": (county.code, county.code),
        "county_name": (county.name_zh, county.name_en),
        "catalogue": (f"{about.title.zh} {about.version}", f"{about.title.en} {about.version} ({about.id})"),
    }
    return held.get(line.holds, (None, ""))


def write_notes(to: Worksheet, form: Form, parts: Sequence[tuple[str, Sequence[FormColumn]]], styles: Styles) -> None:
    """How to fill the form, then a row a column of every sheet: header, unit, meaning, source."""
    for number, (_, wide) in enumerate(NOTE_COLUMNS):
        to.set_column(number, number, wide)
    to.write_string(0, 0, form.notes, styles.title)
    to.set_row(0, 28)
    row = 1
    for number, said in enumerate(form.instructions, 1):
        to.write_string(row, 0, f"{number}. {said.zh}", styles.subtitle)
        to.write_string(row + 1, 0, f"    {said.en}", styles.aside)
        row += 2
    row += 1
    for number, (head, _) in enumerate(NOTE_COLUMNS):
        to.write_string(row, number, head, styles.header)
    for name, columns in parts:
        for column in columns:
            row += 1
            texts = _note(name, column)
            for number, text in enumerate(texts):
                to.write_string(row, number, text, styles.words)
            to.set_row(row, 15 * max(lines(t, wide) for t, (_, wide) in zip(texts, NOTE_COLUMNS, strict=True)) + 3)
    print_on_paper(to, one_page_wide=True)


def _note(name: str, column: FormColumn) -> tuple[str, ...]:
    meaning = column.meaning or Label(zh="", en="")
    chosen = f"从“{column.options.title.zh}”列表选填。" if column.options is not None else ""
    required = "" if column.column.optional else "必填。"
    unit = f", {column.unit.en}" if column.unit is not None and column.column.factor == 1 else ""
    english = f"{column.label.en}{unit}" + (f". {meaning.en}" if meaning.en else "")
    zh = f"{required}{meaning.zh or column.label.zh + '。'}{chosen}"
    return (name, column.header, column.key, form_unit(column), zh, column.form, column.source, english)


def write_codes(to: Worksheet, form: Form, lists: Sequence[Options], styles: Styles) -> dict[Options, str]:
    """Every list of choices with meanings. Returns where each stands, for drop-downs."""
    for number, wide in enumerate((16, 36, 48)):
        to.set_column(number, number, wide)
    to.write_string(0, 0, form.codes, styles.title)
    to.set_row(0, 28)
    places: dict[Options, str] = {}
    row = 2
    for options in lists:
        to.write_string(row, 0, f"{options.title.zh} · {options.title.en}", styles.subtitle)
        to.write_string(row, 2, options.source, styles.aside)
        for number, head in enumerate(("填写", "含义", "English")):
            to.write_string(row + 1, number, head, styles.header)
        for line, (text, meaning) in enumerate(options.meanings, row + 2):
            for number, cell in enumerate((text, meaning.zh, meaning.en)):
                to.write_string(line, number, cell, styles.text)
        last = row + 2 + len(options.meanings)
        places[options] = f"='{form.codes}'!$A${row + 3}:$A${last}"
        row = last + 1
    print_on_paper(to, one_page_wide=True)
    return places

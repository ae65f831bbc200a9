"""A workbook of the statistical forms of one school, a sheet a form, to typed rows of that school and its stages.

The whole workbook is one part: what rules compare stands on several forms. Every row of a form that is read is accounted for:
one that holds a cell which something reads is data, any other belongs to a table of the form that nobody asks for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline import findings
from pipeline.returns.address import FormSheet, Spot, clean, is_form, printed_value, sheets_of
from pipeline.returns.address_values import Read, ValueReader
from pipeline.returns.counties import Counties
from pipeline.returns.headings import normal
from pipeline.returns.part import KEYS, ROW, PartRows
from pipeline.returns.rows import record_frame
from pipeline.returns.table import is_blank
from pipeline.returns.typing import is_numeric, kind_of
from pipeline.returns.workbook import Workbook
from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.layout import CoverCell, Layout, Sheet
from pipeline.schema.model import Catalogue

_SCHOOL_YEAR = re.compile(r"((?:19|20)\d\d)\s*[/—–~至-]+\s*(?:19|20)?\d\d\s*学年")
"""A school year as forms print it, 2021/2022学年初: the collection year is the one in which it begins."""
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年?")


@dataclass(frozen=True)
class FormBook:
    """A workbook as forms of a layout: its sheets by form, those with explanations, and the rest."""

    layout: Layout
    sheet: Sheet
    forms: dict[str, list[FormSheet]]
    explanations: list[FormSheet]
    unread: list[str]


@dataclass
class FormRows:
    """What became of a form workbook: its only part, whether it is of another year, and the findings about the whole."""

    part: PartRows
    is_of_year: bool
    findings: list[dict[str, object]] = field(default_factory=list)


def form_book(workbook: Workbook, catalogue: Catalogue) -> FormBook | None:
    """The forms of the layout of which a workbook holds most; None where it holds none of any."""
    best: FormBook | None = None
    for layout in catalogue.layouts.values():
        for sheet in layout.sheets:
            if sheet.cells:
                book = _held_against(workbook, layout, sheet)
                if book.forms and (best is None or len(book.forms) > len(best.forms)):
                    best = book
    return best


def _held_against(workbook: Workbook, layout: Layout, sheet: Sheet) -> FormBook:
    explained = [name for name in workbook.names if any(is_form(name, form) for form in sheet.explanations)]
    rest = [name for name in workbook.names if name not in explained]
    named = {form: sheets_of(form, rest) for form in sheet.forms}
    ignored = {normal(name) for name in layout.ignore_sheets}
    taken = {name for names in named.values() for name in names}
    unread = [name for name in rest if name not in taken and normal(name) not in ignored]
    forms = {form: [FormSheet(form, workbook.table(name)) for name in names] for form, names in named.items() if names}
    return FormBook(layout, sheet, forms, [FormSheet(name, workbook.table(name)) for name in explained], unread)


def year_on_forms(workbook: Workbook, catalogue: Catalogue) -> int | None:
    """The collection year that the forms of a workbook name; None where they name none or it holds no forms."""
    book = form_book(workbook, catalogue)
    said = _said_year(book) if book is not None else None
    return said[2] if said else None


def _said_year(book: FormBook) -> tuple[FormSheet, Spot, int] | None:
    """Where the forms name the collection year: a school year anywhere on the form that the layout names, else by its label."""
    by = book.layout.year
    for sheet in book.forms.get(by.school_year_in or "", ()):
        for spot, text in sheet.filled():
            if found := _SCHOOL_YEAR.search(text):
                return sheet, spot, int(found[1])
    for sheet in book.forms.get(by.cell.sheet, ()) if by.cell else ():
        at = _at(sheet, by.cell, ()) if by.cell else None
        if at is not None and by.cell is not None:
            found = _YEAR.match(printed_value(sheet.text(at), (by.cell.label or "", *by.cell.also)))
            if found:
                return sheet, at, int(found[1])
    return None


def _at(sheet: FormSheet, cell: CoverCell, others: Sequence[str]) -> Spot | None:
    if cell.address is not None:
        return sheet.spot(cell.address)
    return sheet.labelled((cell.label or "", *cell.also), cell.column, others)


class FormReader:
    """Reads one form workbook; one instance a workbook, ``read`` once."""

    def __init__(self, book: FormBook, catalogue: Catalogue, year: int) -> None:
        self.book, self.sheet, self.catalogue, self.year = book, book.sheet, catalogue, year
        named = [cell for cell in self.sheet.cells if cell.label is not None]
        self.labels = [label for cell in named for label in (cell.label or "", *cell.also)]
        by = self.sheet.division.cell
        self.labels += [by.label, *by.also] if by is not None and by.label else []
        self.values = ValueReader(catalogue, self.sheet.part, year, book.forms, self.labels)

    def read(self) -> FormRows:
        """The school's rows, its account and what was found."""
        reads = [self.values.read(cell) for cell in self.sheet.cells]
        lacking = self._lacking(reads)
        reads = [read for read in reads if read.cell.stage not in lacking]
        school = self._school(reads)
        county, county_cell = self._county()
        is_of_year = self._is_of_year()
        row = next((r.spots[0][1][0] + 1 for r in reads if r.cell.to == "school_id" and r.spots), self._first_row())
        keys = {ROW: [row], "county_code": [county], "school_id": [school]}
        frames = self._frames(pl.DataFrame(keys, schema=KEYS), reads)
        self._tell_missing(reads)
        self._tell_hidden()
        cells = {f"{r.cell.to}@{r.cell.stage or ''}": r.noted() for r in reads if r.spots} | county_cell
        explained = [found for sheet in self.book.explanations for found in self._explanations(sheet)]
        for finding in (*self.values.found, *explained):
            finding["county_code"], finding["school_id"] = county, school
        rows = self._account(county, school)
        part = PartRows(self.sheet.part, rows, frames, self.values.found + explained, cells)
        return FormRows(part, is_of_year, self._unread())

    # -- whose workbook it is -----------------------------------------------------------------------------------

    def _school(self, reads: Sequence[Read]) -> str | None:
        """The school's code; a workbook without one belongs to nobody, which is told with what to do."""
        read = next(read for read in reads if read.cell.to == "school_id")
        if read.value is None:
            self._nameless(read.cell.sheet, read.cell.label or read.cell.where, "school_id", read.spots)
            return None
        return str(read.value)

    def _county(self) -> tuple[str | None, dict[str, dict[str, object]]]:
        """The county, by the leading digits of the cell that the layout names; and where that stands."""
        by = self.sheet.division
        cell = by.cell
        assert cell is not None, "a layout of forms names the cell of its county"
        for sheet in self.book.forms.get(cell.sheet, ()):
            at = _at(sheet, cell, self.labels)
            text = printed_value(sheet.text(at), (cell.label or "", *cell.also)) if at else ""
            if at is None or not text:
                continue
            self.values.used.add((sheet.table.sheet, at[0]))
            code, rule_id = Counties(self.catalogue, by.by, self.year, by.digits).find(text)
            place = self.values.place(sheet.table.sheet, at)
            if rule_id:
                self.values.found.append(findings.of_reading(rule_id, place, found=text))
            address = str(place["cell"])
            where: dict[str, object] = {"sheet": sheet.table.sheet, "columns": [address.rstrip("0123456789")]}
            where |= {"headers": [cell.label or ""], "factor": 1.0, "places": [[sheet.table.sheet, address]]}
            return code, {"county_code@": where}
        self._nameless(cell.sheet, cell.label or cell.address or "", "county_code", [])
        return None, {}

    def _nameless(self, form: str, label: str, to: str, spots: Sequence[tuple[FormSheet, Spot]]) -> None:
        sheets = self.book.forms.get(form, ())
        spot = spots[0][1] if spots else None
        place = self.values.place(sheets[0].table.sheet if sheets else form, spot) | {"field": to}
        zh, en = IDENTITY_COLUMNS[to]
        words = {"form": form, "label_zh": label or zh, "label_en": en, "expected": label or zh}
        self.values.found.append(findings.of_reading("form_identity_missing", place, **words))

    def _is_of_year(self) -> bool:
        said = _said_year(self.book)
        if said is None:
            return True
        sheet, spot, year = said
        self.values.used.add((sheet.table.sheet, spot[0]))
        if year != self.year:
            place = self.values.place(sheet.table.sheet, spot)
            self.values.found.append(findings.of_reading("year_disagrees", place, found=year, expected=self.year))
        return year == self.year

    # -- its rows -----------------------------------------------------------------------------------------------

    def _lacking(self, reads: Sequence[Read]) -> set[str]:
        """Stages that the school does not have: none of its type, no pupils given, and of nothing else more than nothing.

        A campus that belongs to another school need not have every stage of the type.
        """
        own = {read.cell.to: read.value for read in reads if read.cell.stage is None}
        kind = own.get("school_type") if own.get("parent_school_id") is None else None
        lacking = set()
        for stage in self.catalogue.stages.values():
            of_stage = [read for read in reads if read.cell.stage == stage.id]
            has_pupils = any(read.value is not None for read in of_stage if read.cell.to == stage.pupils_field)
            is_owed = any(kind in read.cell.owed_by for read in of_stage)
            if not has_pupils and not is_owed and not any(read.value for read in of_stage):
                lacking.add(stage.id)
        return lacking

    def _frames(self, keys: pl.DataFrame, reads: Sequence[Read]) -> dict[RecordType, pl.DataFrame]:
        """The school's row, and a row for each of its stages."""
        own = {r.cell.to: self._series(r) for r in reads if r.cell.stage is None and r.cell.to != "school_id"}
        frames: dict[RecordType, pl.DataFrame] = {"school": record_frame(self.catalogue, "school", keys, own)}
        stages = [stage for stage in self.catalogue.stages if any(r.cell.stage == stage for r in reads)]
        made = []
        for stage in stages:
            cells = {r.cell.to: self._series(r) for r in reads if r.cell.stage == stage}
            cells["stage"] = pl.Series([stage], dtype=pl.String)
            made.append(record_frame(self.catalogue, "stage", keys, cells))
        if made:
            frames["stage"] = pl.concat(made)
        return frames

    def _series(self, read: Read) -> pl.Series:
        kind = pl.Float64 if is_numeric(kind_of(self.catalogue, read.cell.to)) else pl.String
        return pl.Series([read.value], dtype=kind)

    def _tell_missing(self, reads: Sequence[Read]) -> None:
        """A finding for each form that the workbook lacks and that this school, with its stages, should have."""
        for form in dict.fromkeys(read.cell.sheet for read in reads if not read.cell.optional):
            if form not in self.book.forms:
                place = self.values.place(form, None)
                self.values.found.append(findings.of_reading("form_missing", place, found=form))

    def _tell_hidden(self) -> None:
        """A finding for each form that is hidden and for the hidden rows of each: they were read like others."""
        read: dict[str, list[int]] = {}
        for name, row in sorted(self.values.used):
            read.setdefault(name, []).append(row + 1)
        for sheet in (sheet for of_form in self.book.forms.values() for sheet in of_form):
            name, rows = sheet.table.sheet, read.get(sheet.table.sheet, [])
            if rows and sheet.table.is_hidden:
                place = self.values.place(name, None)
                self.values.found.append(findings.of_reading("hidden_sheet", place, found=name))
            hidden = [row for row in rows if row in sheet.table.hidden_rows]
            if hidden:
                place = self.values.place(name, None) | {"row": hidden[0]}
                listed = "、".join(str(row) for row in hidden)
                words: dict[str, object] = {"found": listed, "count": len(hidden)}
                self.values.found.append(findings.of_reading("hidden_rows", place, **words))

    # -- its account --------------------------------------------------------------------------------------------

    def _first_row(self) -> int:
        return min((row + 1 for _, row in self.values.used), default=1)

    def _account(self, county: str | None, school: str | None) -> pl.DataFrame:
        """One row a source row of every form: all of them are the school's, so they share its lot."""
        kept = "accepted" if county and school else "quarantined"
        rows: list[dict[str, Any]] = []
        sheets = [sheet for of_form in self.book.forms.values() for sheet in of_form] + self.book.explanations
        for sheet in {sheet.table.sheet: sheet for sheet in sheets}.values():
            for number, texts in enumerate(sheet.table.rows):
                if is_blank(texts):
                    continue
                is_read = (sheet.table.sheet, number) in self.values.used
                became = {"disposition": kept, "reason": None} if is_read else dict.fromkeys(_ACCOUNT, "not_data")
                whose = {"county_code": county or "", "school_id": school, "sheet": sheet.table.sheet}
                rows.append({ROW: number + 1, **became, **whose})
        schema = {ROW: pl.Int64(), **dict.fromkeys((*_ACCOUNT, "county_code", "school_id", "sheet"), pl.String())}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _explanations(self, sheet: FormSheet) -> list[dict[str, object]]:
        """What the school wrote on a form of explanations, a finding a row; above them stand a title and headers."""
        found = []
        texts: dict[int, list[tuple[Spot, str]]] = {}
        for spot, text in sheet.filled():
            texts.setdefault(spot[0], []).append((spot, text))
        titles = _titles([[text for _, text in cells] for cells in texts.values()])
        for cells in list(texts.values())[titles:]:
            self.values.used.add((sheet.table.sheet, cells[0][0][0]))
            place = self.values.place(sheet.table.sheet, cells[-1][0])
            found.append(findings.of_reading("form_explanation", place, found=" ".join(text for _, text in cells)))
        return found

    def _unread(self) -> list[dict[str, object]]:
        """One finding for all sheets that nothing reads: a full workbook has dozens of them."""
        if not self.book.unread:
            return []
        place = {"part": "", "sheet": "", "row": None, "cell": "", "year": self.year}
        words = {"found": "、".join(self.book.unread), "expected": "、".join(self.sheet.forms)}
        return [findings.of_reading("forms_unread", place, **words)]


_ACCOUNT = ("disposition", "reason")
_HEADERS = frozenset({"说明", "情况说明", "学校说明", "校验说明", "原因", "原因说明"})


def _titles(rows: Sequence[Sequence[str]]) -> int:
    """How many rows of a form of explanations stand above them: down to the row of headers, else the title alone; and the row
    that counts the columns."""
    headed = next((i for i, row in enumerate(rows) if any(normal(clean(text)) in _HEADERS for text in row)), 0)
    after = headed + 1
    counts = after < len(rows) and all(len(text) == 1 or text.isdecimal() for text in rows[after])
    return after + 1 if counts else after

"""What one entry of a layout file may say: sheets, columns, factors, sentinels, filters, divisions, years."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.schema.entry import Entry, Expression, Id, RecordType, StandardId, Text
from pipeline.schema.form import Form


class Column(Entry):
    """How one column of a file becomes one column of a row."""

    to: str
    """A field's id or an identity column."""
    header: str | dict[int, str]
    """The header, or the header by first year of validity."""
    also: tuple[str, ...] = ()
    """Other spellings of the header that mean the same."""
    stage: str | None = None
    """For a field reported by stage in a sheet with one row a school."""
    factor: float = 1.0
    sentinels: dict[str, Text] = Field(default_factory=dict)
    """Values that stand for 'no value', and what they mean: read as null, with a warning."""
    recode: dict[str, str] = Field(default_factory=dict)
    blank: Literal["null", "zero"] = "null"
    optional: bool = False


class DerivedColumn(Entry):
    """A column made while reading: the sum or the product of others, null if a part is null."""

    to: str
    stage: str | None = None
    sum: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    factor: float = 1.0
    sentinels: dict[str, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> DerivedColumn:
        if bool(self.sum) == bool(self.product):
            raise ValueError("give sum or product")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        return self.sum or self.product


class Filter(Entry):
    """Rows that the source holds and we do not want, with the reason. Conditions are over the file's headers, as text."""

    id: Id
    drop_when: Expression
    reason: Text


class CoverCell(Entry):
    """A cell of another sheet of the workbook: right of its label, or at an address."""

    sheet: str
    label: str | None = None
    """The value is the next filled cell to the right of the cell that holds this text."""
    address: Annotated[str, Field(pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> CoverCell:
        if (self.label is None) == (self.address is None):
            raise ValueError("give label or address")
        return self


class DivisionBy(Entry):
    """How a row names its county: in a column, in a cell of the cover, or (column first) in either."""

    header: str | dict[int, str] | None = None
    also: tuple[str, ...] = ()
    by: Literal["code", "name"]
    cell: CoverCell | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> DivisionBy:
        if self.header is None and self.cell is None:
            raise ValueError("give header or cell")
        return self


class YearFrom(Entry):
    """Where the collection year stands: the inbox folder, or a column or a cell that must agree with it."""

    column: str | None = None
    cell: CoverCell | None = None


class Vertical(Entry):
    """A sheet with one row a field: headers of the columns that hold the field's id, its name and its value."""

    code: str | None = None
    item: str
    value: str
    headings: dict[str, Text] = Field(default_factory=dict)
    """What our form writes above the item of a field: the name of the section that begins there. Reading takes it for a note."""


class Sheet(Entry):
    """One table of a layout: one part of a submission."""

    part: Id
    label: Text
    name: str | None = None
    """Name of the sheet in a workbook. A sheet of another name is matched by its headers."""
    record: RecordType
    optional: bool = False
    """Whether a workbook of this layout may lack the sheet without a word."""
    code_row: bool = False
    """Whether the row below the header may hold the ids of the fields: part of the header, no data."""
    vertical: Vertical | None = None
    division: DivisionBy
    columns: tuple[Column, ...]
    derived: tuple[DerivedColumn, ...] = ()
    constants: dict[str, str | float | int | bool] = Field(default_factory=dict)
    filters: tuple[Filter, ...] = ()
    not_data: tuple[Expression, ...] = ()
    """Conditions over headers that mark a row as a note or a subtotal."""


class Layout(Entry):
    """``layouts/*.yaml``: how one kind of file maps to fields."""

    id: StandardId
    label: Text
    formats: Annotated[tuple[Literal["xlsx", "csv"], ...], Field(min_length=1)]
    """xlsx: a workbook, of whichever make; csv: delimited text, one file one sheet."""
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    """Encodings that senders of this layout use, tried in this order; the first that fits the whole file is taken."""
    year: YearFrom = YearFrom()
    ignore_sheets: tuple[str, ...] = ()
    """Sheets that carry no rows: covers, notes, lists of codes."""
    one_school: bool = False
    """Whether a file of this layout is about one school: another school's file never takes its place."""
    form: Form | None = None
    """Cover, notes and lists of codes of a workbook of this layout, where we write one."""
    sheets: tuple[Sheet, ...]

"""What one entry of a layout file may say: sheets, columns, factors, sentinels, filters, divisions, years."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from pipeline.schema.entry import Entry, Expression, Grade, Id, RecordType, StandardId, Text
from pipeline.schema.form import Form

Address = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")]
Letters = Annotated[str, Field(pattern=r"^[A-Z]{1,3}$")]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return text


class Column(Entry):
    """How one column of a file becomes one column of a row."""

    to: str
    """A field's id or an identity column."""
    header: str | dict[int, str]
    """The header, or the header by first year of validity. ``A > B`` is B in the group A, whatever groups stand between."""
    also: tuple[str, ...] = ()
    """Other spellings of the header that mean the same."""
    stage: str | None = None
    """For a field reported by stage in a sheet with one row a school."""
    factor: float = 1.0
    sentinels: dict[str, Text] = Field(default_factory=dict)
    """Values that stand for 'no value', and what they mean: read as null, with a warning."""
    recode: dict[str, str] = Field(default_factory=dict)
    is_coded: bool = False
    """Whether the file gives the name or the code of one of the catalogue's codes (``codes.yaml``)."""
    blank: Literal["null", "zero"] = "null"
    absent: Literal["null", "zero"] = "null"
    """What a table without the column means, where it has others of its group: not reported, or a true nothing, which a finding
    tells."""
    optional: bool = False

    @model_validator(mode="after")
    def _absent_is_optional(self) -> Column:
        if self.absent == "zero" and not self.optional:
            raise ValueError("a column that may be absent is optional")
        return self


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
    also: tuple[str, ...] = ()
    """Other spellings of the label that mean the same, tried in this order."""
    column: Letters | None = None
    """The column of a form in which the value stands, right of the label (numbers of rows may stand between them)."""
    address: Address | None = None

    @model_validator(mode="after")
    def _one_way(self) -> CoverCell:
        if (self.label is None) == (self.address is None):
            raise ValueError("give label or address")
        return self


class Within(Entry):
    """Headers of the columns, where a file has them, that name the divisions in which a county lies."""

    province: str | None = None
    prefecture: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Level → header, of those that are given."""
        return {level: header for level, header in self if header is not None}


class DivisionBy(Entry):
    """How a row names its county: in a column, in a cell of the cover, or (column first) in either."""

    header: str | dict[int, str] | None = None
    also: tuple[str, ...] = ()
    by: Literal["code", "name", "either"]
    within: Within = Within()
    digits: Annotated[int, Field(ge=1)] | None = None
    """How many leading characters name the county, where the code goes on below it (12 digits name a village)."""
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
    school_year_in: str | None = None
    """A form on which a text such as 2021/2022学年初 may name the year, wherever it stands."""


class ZeroIf(Entry):
    """A blank that is a true nothing, once the total of its table is given."""

    zero_if: Address
    """Where the total stands, in the same form. What is read here is part of it, so it cannot be larger."""


class Guard(Entry):
    """A text that must stand in the row of a cell, left of it, or in its column, above it, where anything is written there."""

    row: str | None = None
    column: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Guard:
        if (self.row is None) == (self.column is None):
            raise ValueError("give row or column")
        return self


class FormCell(Entry):
    """How a cell of a form, or the sum of several, becomes one value of the only school that the workbook tells of."""

    to: str
    """A field's id or an identity column."""
    stage: str | None = None
    sheet: str
    """The form: a sheet whose name begins so."""
    address: Address | None = None
    addresses: tuple[Address, ...] = ()
    """Cells that are added up; null if one of them is."""
    label: str | None = None
    """For an identity column without a known address: the text beside which it stands."""
    also: tuple[str, ...] = ()
    column: Letters | None = None
    """With a label: the column in which the value stands."""
    factor: float = 1.0
    recode: dict[str, str] = Field(default_factory=dict)
    is_coded: bool = False
    """Whether the form gives the name or the code of one of the catalogue's codes (``codes.yaml``)."""
    blank: Literal["null", "zero"] | ZeroIf = "null"
    guard: Guard | None = None
    owed_by: tuple[str, ...] = ()
    """Types of school that have the stage: there a blank is a figure that was not reported, elsewhere (and on a campus of
    another school) it is a stage that they lack."""
    optional: bool = False
    """Whether a form without this cell, or without a value in it, is as good."""
    grade: Grade = "V2"
    """How well the place is known."""

    @model_validator(mode="after")
    def _one_place(self) -> FormCell:
        if [self.address is None, not self.addresses, self.label is None].count(False) != 1:
            raise ValueError("give address, addresses or label")
        if (self.also or self.column) and self.label is None:
            raise ValueError("also and column belong to a label")
        return self

    @property
    def places(self) -> tuple[str, ...]:
        """Addresses as the form counts them; none where the cell is found by a label."""
        return (self.address,) if self.address is not None else self.addresses

    @property
    def where(self) -> str:
        """Where the value stands, as people write it: ``C4``, ``N6 + O6 + P6``, or the text beside it."""
        return " + ".join(self.places) or self.label or ""


class Vertical(Entry):
    """A sheet with one row a field: headers of the columns that hold the field's id, its name and its value.

    Of a sheet about schools, ``columns`` whose header stands in the file (the school's code, the stage, the name) say whose
    value a row holds; the others are items. A file of one school may name it in an item or on its cover.
    """

    code: str | None = None
    item: str
    value: str
    school_cell: CoverCell | None = None
    """Where a file of one school has the school's code."""
    headings: dict[str, Text] = Field(default_factory=dict)
    """What our form writes above the item of a field: the name of the section that begins there. Reading takes it for a note."""


class ToldBy(Entry):
    """How a table shows that it is this sheet and not another of the layout with the same headers."""

    headers: tuple[str, ...] = ()
    """Headers of which only this sheet has one."""
    text: Annotated[str, AfterValidator(_pattern)] | None = None
    """A regular expression that the name of the sheet, or a cell above its header, holds."""

    @model_validator(mode="after")
    def _somehow(self) -> ToldBy:
        if not self.headers and self.text is None:
            raise ValueError("give headers or text")
        return self


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
    told_by: ToldBy | None = None
    """Where sheets of a layout have the same headers: what tells this one. A table of which it cannot be told is not read."""
    parent_from_code: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """Where a branch names no parent: the parent is the school of the same table whose code, with so many digits after it,
    is the branch's."""
    vertical: Vertical | None = None
    division: DivisionBy
    columns: tuple[Column, ...] = ()
    cells: tuple[FormCell, ...] = ()
    """Instead of columns: the cells of the forms of one school. The part then is the whole workbook."""
    explanations: tuple[str, ...] = ()
    """Forms on which the school explains checks that failed: kept word for word, as findings that inform."""
    derived: tuple[DerivedColumn, ...] = ()
    constants: dict[str, str | float | int | bool] = Field(default_factory=dict)
    filters: tuple[Filter, ...] = ()
    not_data: tuple[Expression, ...] = ()
    """Conditions over headers that mark a row as a note or a subtotal."""

    @model_validator(mode="after")
    def _columns_or_cells(self) -> Sheet:
        if bool(self.columns) == bool(self.cells):
            raise ValueError("give columns or cells")
        if self.cells and (self.vertical or self.derived or self.filters or self.not_data or self.constants):
            raise ValueError("a form is read cell by cell: it has no rows to derive from, to filter or to fill")
        return self

    @property
    def forms(self) -> tuple[str, ...]:
        """Names of the forms that are read, in the order in which they are first named."""
        return tuple(dict.fromkeys(cell.sheet for cell in self.cells))


class Layout(Entry):
    """``layouts/*.yaml``: how one kind of file maps to fields."""

    id: StandardId
    label: Text
    formats: Annotated[tuple[Literal["xlsx", "csv"], ...], Field(min_length=1)]
    """xlsx: a workbook, of whichever make; csv: delimited text, one file one sheet."""
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    """Encodings that senders of this layout use, tried in this order; the first that fits the whole file is taken."""
    year: YearFrom = YearFrom()
    one_school: bool = False
    """Whether a file holds the return of one school, so that it stands beside the files of the county's other schools."""
    narrower: tuple[str, ...] = ()
    """Groups of columns that tell of some only (women, minorities): a column in one is read where a header names the group."""
    ignore_sheets: tuple[str, ...] = ()
    """Sheets that carry no rows: covers, notes, lists of codes."""
    form: Form | None = None
    """Cover, notes and lists of codes of a workbook of this layout, where we write one."""
    sheets: tuple[Sheet, ...]

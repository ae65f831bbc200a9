"""What one entry of a layout file may say: sheets, columns, factors, sentinels, filters, divisions, years."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.schema.entry import Entry, Expression, Id, RecordType, StandardId, Text


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


class DivisionBy(Entry):
    """How a row names its county."""

    header: str | dict[int, str]
    also: tuple[str, ...] = ()
    by: Literal["code", "name"]


class YearFrom(Entry):
    """Where the collection year stands: the inbox folder, or a column that must agree with it."""

    column: str | None = None


class Sheet(Entry):
    """One table of a layout: one part of a submission."""

    part: Id
    label: Text
    record: RecordType
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
    format: Literal["csv"]
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    """Encodings that senders of this layout use, tried in this order; the first that fits the whole file is taken."""
    year: YearFrom = YearFrom()
    sheets: tuple[Sheet, ...]

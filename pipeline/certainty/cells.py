"""The cells of a county's return as columns with errors drawn, and what the indicators need of them.

Axes everywhere: draws (or one row where nothing varies), then rows. Not here: formulas of schools and indicators (``replay``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.certainty.errors import kind_of, with_errors
from pipeline.certainty.formula import Column
from pipeline.schema.certainty_limits import Certainty
from pipeline.schema.check import derivation_order
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, FieldDef, Indicator

Numbers = NDArray[np.float64]
Index = NDArray[np.int64]
Columns = dict[str, Column]
ORDER = ("school_id", "stage")


@dataclass(frozen=True)
class Needed:
    """What some indicators ask for: fields in the order in which they can be made, cells first."""

    indicators: tuple[Indicator, ...]
    fields: tuple[FieldDef, ...]

    @classmethod
    def of(cls, catalogue: Catalogue, indicators: Iterable[str]) -> Needed:
        """Everything that these indicators read, directly or not."""
        asked = set(indicators)
        wanted = tuple(i for i in catalogue.indicators.values() if i.id in asked)
        texts = [t for i in wanted for t in (i.numerator, i.denominator, i.applies_when) if t]
        names = {column for text in texts for column in columns_of(text)}
        names |= {stage.pupils_field for stage in catalogue.stages.values()}
        order = derivation_order(catalogue)
        for field in reversed(order):
            if field.id in names:
                names |= _read_by(field)
        cells = [f for f in catalogue.fields.values() if not f.is_derived and f.scope != "county"]
        return cls(wanted, tuple(f for f in [*cells, *order] if f.id in names))

    def of_scope(self, *scopes: str) -> list[FieldDef]:
        return [f for f in self.fields if f.scope in scopes]

    def cells_of(self, record: str) -> dict[str, FieldDef]:
        return {f.id: f for f in self.fields if f.record == record and not f.is_derived}


def _read_by(field: FieldDef) -> set[str]:
    a = field.aggregate
    texts = [field.expression] if a is None else [a.sum, a.max, a.where]
    return {column for text in texts if text for column in columns_of(text)}


@dataclass(frozen=True)
class Return:
    """The rows of one county and year that count, as the working tables hold them. ``rows``: by kind (stage, class, room);
    ``sent``: school_id, record: kinds of rows of which having none is a true 0."""

    year: int
    county: str
    unit: pl.DataFrame
    rows: dict[str, pl.DataFrame]
    sent: pl.DataFrame


@dataclass(frozen=True)
class Rows:
    """Rows of one kind: their columns, and which unit (its index) each belongs to."""

    columns: Columns
    unit: Index

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True)
class Cells:
    """A return with errors drawn. ``units``: a row a unit, in order of ``names``; ``rows``: by kind; ``recorded``: by kind."""

    names: tuple[str, ...]
    units: Columns
    rows: dict[str, Rows]
    recorded: dict[str, NDArray[np.bool_]]


def drawn(given: Return, needed: Needed, catalogue: Catalogue, asked: Certainty, draws: int) -> Cells:
    """The return as it came (first) and ``draws`` times with errors."""
    unit = given.unit.sort("school_id")
    names = tuple(unit["school_id"].to_list())
    index = {name: i for i, name in enumerate(names)}

    def columns(frame: pl.DataFrame, record: str) -> Columns:
        cells, made = needed.cells_of(record), {}
        for name in frame.columns:
            column = plain(frame[name])
            if name in cells and column.dtype != object:
                kind = kind_of(cells[name], catalogue)
                place = (given.year, given.county, record)
                column = with_errors(column, cells[name], kind, asked, draws=draws, names=place)
            made[name] = column
        return made

    measured = {f.id for f in catalogue.fields_of("split", "whole")}
    described = {name: plain(unit[name]) for name in unit.columns if name not in measured}
    rows = {}
    for record, frame in given.rows.items():
        known = in_order(frame.filter(pl.col("school_id").is_in(names)), record, catalogue)
        of_unit = np.array([index[name] for name in known["school_id"]], dtype=np.int64)
        made = columns(known, record) | {name: column[of_unit] for name, column in described.items()}
        made["is_judged"] = np.array([float(_is_judged(s, catalogue)) for s in known["stage"]])
        rows[record] = Rows(made, of_unit)
    recorded = {
        record: set(part["school_id"]) for (record,), part in given.sent.partition_by("record", as_dict=True).items()
    }
    flags = {str(record): np.array([name in those for name in names]) for record, those in recorded.items()}
    return Cells(names, columns(unit, "school"), rows, flags)


def in_order(frame: pl.DataFrame, record: str, catalogue: Catalogue) -> pl.DataFrame:
    """Rows of a kind sorted by what they say before errors are drawn, so that draws do not hang on the order of a file."""
    order = [*ORDER, *(f.id for f in catalogue.fields.values() if f.record == record and not f.is_derived)]
    return frame.sort([name for name in order if name in frame.columns], nulls_last=True)


def _is_judged(stage: str | None, catalogue: Catalogue) -> bool:
    known = catalogue.stages.get(stage or "")
    return known is not None and known.is_judged


def plain(column: pl.Series) -> Column:
    """A column as the formulas take it: floats with NaN, or texts with None."""
    if column.dtype == pl.Float64:
        return column.to_numpy()
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64).to_numpy()
    return np.array(column.cast(pl.String).to_list(), dtype=object)


def grouped(x: NDArray[Any], group: Index, groups: int, operation: np.ufunc = np.add, start: float = 0.0) -> Numbers:
    """Sums (or maxima) along the last axis by group, in the order of the rows; groups without rows get ``start``."""
    if len(np.unique(group)) == len(group):  # nothing to add up
        result = np.full((*x.shape[:-1], groups), start)
        result[..., group] = x
        return result
    order = np.argsort(group, kind="stable")
    found, first = np.unique(group[order], return_index=True)
    result = np.full((*x.shape[:-1], groups), start)
    result[..., found] = operation.reduceat(x[..., order].astype(float), first, axis=-1)
    return result

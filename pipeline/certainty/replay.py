"""From the cells of a county's return to the values of its indicators once more, for many draws of small errors at a time.

The formulas are the real ones, in NumPy: fields counted and summed over rows → expressions campus by campus → shares of what
stages have in common → campuses merged → numerators over denominators (method 1, 2). Only fields that some indicator asks for
are made. Not here: who is compared and which values exist; that stays as the return has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.certainty.cells import Cells, Columns, Index, Needed, Rows, grouped
from pipeline.certainty.formula import Column, divided, evaluate, holds, is_null
from pipeline.schema.model import Aggregate, Catalogue, FieldDef, Indicator

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Replayed:
    """Values by indicator and pupils, draws × rows; a row a (school_id, stage) of ``keys``, which are sorted."""

    keys: tuple[tuple[str, str], ...]
    pupils: Numbers
    values: dict[str, Numbers]


def replay(cells: Cells, needed: Needed, catalogue: Catalogue) -> Replayed:
    """Values of the needed indicators for every school's judged stage with pupils."""
    totals = _unit_totals(cells, needed)
    shares = _unit_shares(cells, needed, catalogue, totals)
    school = np.array([_index(cells, name) for name in cells.units["merged_into"]], dtype=np.int64)
    there = np.unique(school[shares.unit])
    total = _school_totals(cells, needed, totals, shares, school, there)
    keys, stage = _school_stages(cells, needed, shares, school, there, total)
    row_of = np.array([_index(cells, name) for name, _ in keys], dtype=np.int64)
    position = np.searchsorted(there, row_of)
    values = {}
    for indicator in needed.indicators:
        if indicator.scope == "stage":
            values[indicator.id] = _measured(indicator, stage, len(keys))
        else:
            values[indicator.id] = _measured(indicator, total, len(there))[:, position]
    return Replayed(keys, np.atleast_2d(stage["pupils"]), values)


def _index(cells: Cells, name: str) -> int:
    return cells.names.index(name)


def _measured(indicator: Indicator, columns: Columns, rows: int) -> Numbers:
    """Numerator ÷ denominator where the indicator applies; null elsewhere and where a part is."""
    numerator = evaluate(indicator.numerator, columns)
    if indicator.missing == "zero":
        numerator = np.where(is_null(numerator), 0.0, numerator)
    value = divided(numerator, evaluate(indicator.denominator, columns))
    if indicator.applies_when:
        value = np.where(evaluate(indicator.applies_when, columns) == 0, np.nan, value)
    value = np.atleast_2d(value)
    return np.broadcast_to(value, (len(value), rows))


# -- units -------------------------------------------------------------------------------------------------------------


def _aggregated(a: Aggregate, cells: Cells, group: Index, unit: Index) -> Numbers:
    """A field taken from rows, a column a group; ``unit`` is the unit of each group, and rows of group ``len(unit)`` are left out.

    Null where a row that matters lacks its part. Without rows a true 0 where that is recorded (a maximum is null).
    """
    rows, groups = cells.rows[a.over], len(unit)
    recorded = cells.recorded.get(a.over, np.zeros(len(cells.names), dtype=bool))
    empty = np.where(recorded[unit] & (a.max is None), 0.0, np.nan)[None, :]
    if not len(rows):
        return empty
    matters = holds(a.where, rows.columns) if a.where else np.array([True])
    part = np.array([1.0]) if a.count else evaluate(a.sum or a.max or "", rows.columns)
    shape = np.broadcast_shapes(matters.shape, part.shape, (1, len(rows)))
    matters, part = np.broadcast_to(matters, shape), np.broadcast_to(part, shape)
    lost = grouped(matters & np.isnan(part), group, groups + 1)[:, :groups] > 0
    if a.max is None:
        found = grouped(np.where(matters, part, 0.0), group, groups + 1)[:, :groups]
    else:
        least = np.where(matters, part, -np.inf)
        found = grouped(least, group, groups + 1, np.maximum, -np.inf)[:, :groups]
        found = np.where(np.isinf(found), np.nan, found)
    has_rows = np.bincount(group, minlength=groups + 1)[:groups] > 0
    return np.where(has_rows, np.where(lost, np.nan, found), empty)


def _unit_totals(cells: Cells, needed: Needed) -> Columns:
    """Whole and shared fields of every unit, those made from rows and expressions included."""
    made = dict(cells.units)
    every = np.arange(len(cells.names))
    for field in needed.of_scope("split", "whole"):
        if field.aggregate is not None:
            made[field.id] = _aggregated(field.aggregate, cells, cells.rows[field.aggregate.over].unit, every)
        elif field.expression is not None:
            made[field.id] = evaluate(field.expression, made)
    return made


def _unit_shares(cells: Cells, needed: Needed, catalogue: Catalogue, totals: Columns) -> Rows:
    """A row a unit and judged stage in which it has pupils; shared fields are the stage's share of the unit."""
    rows = cells.rows["stage"]
    stages = rows.columns["stage"]
    pupils, weighted = np.full((1, len(rows)), np.nan), np.zeros((1, len(rows)))
    for stage in catalogue.stages.values():
        here = stages == stage.id
        pupils = np.where(here, rows.columns[stage.pupils_field], pupils)
        weighted = np.where(here, stage.split_weight * pupils, weighted)
    whole = grouped(weighted, rows.unit, len(cells.names))[:, rows.unit]
    share = np.where(_lacking(cells, catalogue)[rows.unit], np.nan, divided(weighted, whole))
    kept = np.flatnonzero((pupils[0] > 0) & (rows.columns["is_judged"] == 1))
    unit, share = rows.unit[kept], share[:, kept]
    columns = {name: column[..., kept] for name, column in rows.columns.items()} | {"pupils": pupils[:, kept]}
    for field in needed.of_scope("split", "whole"):
        column = np.atleast_2d(totals[field.id])
        column = np.broadcast_to(column, (len(column), len(cells.names)))[:, unit]
        columns[field.id] = column * share if field.scope == "split" else column
    place = {key: i for i, key in enumerate(zip(unit.tolist(), columns["stage"], strict=True))}
    for field in needed.of_scope("stage"):
        if field.expression is not None:
            columns[field.id] = evaluate(field.expression, columns)
        elif field.aggregate is not None:
            over = cells.rows[field.aggregate.over]
            keys = zip(over.unit.tolist(), over.columns["stage"], strict=True)
            group = np.array([place.get(key, len(place)) for key in keys], dtype=np.int64)
            columns[field.id] = _aggregated(field.aggregate, cells, group, unit)
    return Rows(columns, unit)


def _lacking(cells: Cells, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Units of a type that has a stage of which no row came: what their stages share cannot be divided."""
    rows = cells.rows["stage"]
    kinds = cells.units.get("school_type", np.full(len(cells.names), None, dtype=object))
    lacking = np.zeros(len(cells.names), dtype=bool)
    for stage in catalogue.stages.values():
        has = np.zeros(len(cells.names), dtype=bool)
        has[rows.unit[rows.columns["stage"] == stage.id]] = True
        lacking |= np.array([kind in stage.needed_for_split_of for kind in kinds], dtype=bool) & ~has
    return lacking


# -- schools -----------------------------------------------------------------------------------------------------------


def _merged(fields: Sequence[FieldDef], columns: Columns, group: Index, groups: int, kept: Index) -> Columns:
    """Fields of rows merged into schools: summed or the largest, null where one of the rows lacks it (NaN goes through)."""
    made: Columns = {}
    for field in fields:
        column = np.atleast_2d(columns[field.id])
        column = np.broadcast_to(column, (len(column), len(group)))
        operation = np.maximum if field.merge == "max" else np.add
        made[field.id] = grouped(column, group, groups, operation)[:, kept]
    return made


def _school_totals(cells: Cells, needed: Needed, totals: Columns, shares: Rows, school: Index, there: Index) -> Columns:
    """A row a school that has a judged stage: fields of the whole school, and fields by stage added up."""
    made: Columns = {name: column[there] for name, column in cells.units.items() if column.ndim == 1}
    groups = len(cells.names)
    made |= _merged(needed.of_scope("split", "whole"), totals, school, groups, there)
    of_stage = [f for f in needed.of_scope("stage") if f.id != "pupils"]
    made |= _merged(of_stage, shares.columns, school[shares.unit], groups, there)
    made["pupils"] = grouped(shares.columns["pupils"], school[shares.unit], groups)[:, there]
    return made


def _school_stages(
    cells: Cells, needed: Needed, shares: Rows, school: Index, there: Index, total: Columns
) -> tuple[tuple[tuple[str, str], ...], Columns]:
    """A row a school and judged stage with pupils, sorted by key; fields of the whole school stand in each."""
    pairs = [
        (cells.names[s], str(stage)) for s, stage in zip(school[shares.unit], shares.columns["stage"], strict=True)
    ]
    keys = tuple(sorted(set(pairs)))
    position = {key: i for i, key in enumerate(keys)}
    group = np.array([position[pair] for pair in pairs], dtype=np.int64)
    parent = np.array([_index(cells, name) for name, _ in keys], dtype=np.int64)
    every = np.arange(len(keys))
    made: Columns = {name: column[parent] for name, column in cells.units.items() if column.ndim == 1}
    made["stage"] = np.array([stage for _, stage in keys], dtype=object)
    fields = [f for f in needed.of_scope("stage", "split") if f.id != "pupils"]
    made |= _merged(fields, shares.columns, group, len(keys), every)
    made["pupils"] = grouped(shares.columns["pupils"], group, len(keys))
    at = np.searchsorted(there, parent)
    made |= {f.id: _row(total[f.id], at) for f in needed.of_scope("whole")}
    return keys, made


def _row(column: Column, at: Index) -> Column:
    return np.asarray(np.atleast_2d(column)[:, at])

"""Schools and their stages, recomputed: every unit split by its own pupils first, then branches merged (method 1, 2).

Here: from the rows that count to ``school_total`` and ``school_stage``. Not here: who is compared, values, gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.audit.formulas import holds, with_formulas
from pipeline.audit.inputs import read_table
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, FieldDef
from pipeline.store.home import Home

UNIT = ["year", "school_id"]
SENT = "__county_sent"


@dataclass(frozen=True)
class Schools:
    """``stage``: a row a year, school and judged stage with pupils. ``total``: a row a year and school. Both sorted by key."""

    stage: pl.DataFrame
    total: pl.DataFrame


@dataclass(frozen=True)
class Units:
    """The rows that count. ``unit``: a row a unit; ``rows``: by kind of row; ``sent``: a row a unit and kind
    of rows of which having none is a true 0."""

    unit: pl.DataFrame
    rows: dict[str, pl.DataFrame]
    sent: pl.DataFrame
    identity: list[str]


def build_schools(home: Home, catalogue: Catalogue) -> Schools:
    """school_stage and school_total of a home. Raises HomeError when a working table is not there."""
    units = _read_units(home, catalogue)
    whole_units = _whole_units(units, catalogue)
    parts = _stage_units(units, whole_units, catalogue)
    return _merged(units, whole_units, parts, catalogue)


def _read_units(home: Home, catalogue: Catalogue) -> Units:
    unit = read_table(home, "unit")
    rows = {record: read_table(home, f"unit_{record}") for record in ("stage", "class", "room")}
    attributes = [*IDENTITY_COLUMNS, *(f.id for f in catalogue.fields_of("identity"))]
    identity = ["year", *(name for name in attributes if name in unit.columns and name != "stage")]
    return Units(unit, rows, read_table(home, "unit_record"), identity)


def _whole_units(units: Units, catalogue: Catalogue) -> pl.DataFrame:
    """A row a unit: split and whole fields as reported, and those derived campus by campus."""
    fields = catalogue.fields_of("split", "whole")
    frame = _with_aggregates(units.unit, units, fields, catalogue, by=UNIT)
    return _with_derived(frame, fields)


def _stage_units(units: Units, whole_units: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """A row a unit and judged stage in which it has pupils, with its share of what its stages hold in common."""
    rows = _shares(units, catalogue)
    known = [*units.identity, "merged_into", *(f.id for f in catalogue.fields_of("split", "whole"))]
    frame = rows.join(whole_units.select(known), on=UNIT)
    frame = frame.with_columns(pl.col(f.id) * pl.col("__share") for f in catalogue.fields_of("split"))
    fields = catalogue.fields_of("stage")
    frame = _with_aggregates(frame, units, fields, catalogue, by=[*UNIT, "stage"])
    return _with_derived(frame, fields)


def _shares(units: Units, catalogue: Catalogue) -> pl.DataFrame:
    """Stage rows with pupils of judged stages: cells, ``pupils`` and ``__share``, null while a stage's pupils are unknown."""
    stages = list(catalogue.stages.values())
    named = [pl.when(pl.col("stage") == s.id).then(pl.col(s.pupils_field)) for s in stages]
    weight = pl.col("stage").replace_strict(
        {s.id: float(s.split_weight) for s in stages}, default=None, return_dtype=pl.Float64
    )
    cells = [f.id for f in catalogue.cells_of("stage") if f.id != "pupils"]
    rows = units.rows["stage"].select(
        *UNIT, "stage", *cells, pl.coalesce(named).alias("pupils"), weight.alias("__weight")
    )
    rows = rows.filter(pl.col("__weight").is_not_null())
    rows = rows.join(_unsplittable(units, rows, catalogue), on=UNIT, how="left")
    weighted = pl.col("__weight") * pl.col("pupils")
    unknown = pl.col("pupils").is_null().any().over(UNIT) | pl.col("__lacks_stage").fill_null(False)
    share = pl.when(~unknown).then(weighted / weighted.sum().over(UNIT))
    judged = [s.id for s in catalogue.judged_stages]
    return rows.with_columns(share.alias("__share")).filter((pl.col("pupils") > 0) & pl.col("stage").is_in(judged))


def _unsplittable(units: Units, rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Units of a type that has a stage of which no row came: year, school_id, true."""
    lacking = [units.unit.select(UNIT).clear()]
    for stage in catalogue.stages.values():
        if stage.needed_for_split_of:
            due = units.unit.filter(pl.col("school_type").is_in(list(stage.needed_for_split_of))).select(UNIT)
            lacking.append(due.join(rows.filter(pl.col("stage") == stage.id), on=UNIT, how="anti"))
    return pl.concat(lacking).unique().with_columns(__lacks_stage=pl.lit(True))


# -- derived fields ----------------------------------------------------------------------------------------------------


def _with_derived(frame: pl.DataFrame, fields: Iterable[FieldDef]) -> pl.DataFrame:
    """Adds fields that have an expression, each once all that it reads are there."""
    pending = {f.id: f.expression for f in fields if f.expression is not None}
    while pending:
        ready = {name: text for name, text in pending.items() if not pending.keys() & set(columns_of(text))}
        frame = with_formulas(frame, ready, pl.Float64())
        pending = {name: text for name, text in pending.items() if name not in ready}
    return frame


def _with_aggregates(
    frame: pl.DataFrame, units: Units, fields: Sequence[FieldDef], catalogue: Catalogue, by: list[str]
) -> pl.DataFrame:
    """Adds fields taken from a unit's other rows. No row is a true 0 (no maximum, though) where the county sent such rows
    and none of the unit's was quarantined; elsewhere it is unknown."""
    for over in dict.fromkeys(f.aggregate.over for f in fields if f.aggregate is not None):
        of_kind = [f for f in fields if f.aggregate is not None and f.aggregate.over == over]
        found = _aggregates(units, of_kind, catalogue, over, by)
        sent = units.sent.filter(pl.col("record") == over).select(*UNIT).with_columns(pl.lit(True).alias(SENT))
        frame = frame.join(found, on=by, how="left", maintain_order="left").join(
            sent, on=UNIT, how="left", maintain_order="left"
        )
        without = pl.col("__has_rows").is_null() & pl.col(SENT)
        additive = [f.id for f in of_kind if f.aggregate is not None and f.aggregate.max is None]
        frame = frame.with_columns(pl.when(without).then(0.0).otherwise(pl.col(name)).alias(name) for name in additive)
        frame = frame.drop("__has_rows", SENT)
    return frame


def _aggregates(
    units: Units, fields: Sequence[FieldDef], catalogue: Catalogue, over: str, by: list[str]
) -> pl.DataFrame:
    """A row a unit (and stage) that has rows of the kind: counts, sums, maxima; null when a row that matters lacks its part."""
    judged = {s.id: s.is_judged for s in catalogue.stages.values()}
    cells = [f.id for f in catalogue.fields.values() if f.record == over and not f.is_derived]
    texts = [text for f in fields if (a := f.aggregate) for text in (a.where, a.sum, a.max) if text]
    read = {name for text in texts for name in columns_of(text)}
    of_unit = [name for name in units.identity if name in read and name not in by]
    rows = units.rows[over].select(*UNIT, "stage", *cells).join(units.unit.select(*UNIT, *of_unit), on=UNIT)
    is_judged = pl.col("stage").replace_strict(judged, default=None, return_dtype=pl.Boolean)
    rows = rows.with_columns(is_judged.alias("is_judged"))
    columns: list[pl.Series] = []
    made: list[pl.Expr] = [pl.lit(True).alias("__has_rows")]
    for field in fields:
        aggregate = field.aggregate
        assert aggregate is not None
        matters = holds(rows, aggregate.where) if aggregate.where else pl.repeat(True, rows.height, eager=True)
        part = {"__part": aggregate.sum or aggregate.max or "1"}
        value = with_formulas(rows, part, pl.Float64())["__part"]
        lacks = f"{field.id}__lacks"
        columns += [(matters & value.is_null()).alias(lacks), value.set(~matters, None).alias(field.id)]
        total = pl.col(field.id).max() if aggregate.max else pl.col(field.id).sum()
        made.append(pl.when(~pl.col(lacks).any()).then(total).alias(field.id))
    return rows.select(by).with_columns(columns).group_by(by).agg(made)


# -- merging -----------------------------------------------------------------------------------------------------------


def _merge(fields: Iterable[FieldDef]) -> list[pl.Expr]:
    """Campuses added up as each field says; null when one campus lacks the field."""
    merged = []
    for field in fields:
        total = pl.col(field.id).max() if field.merge == "max" else pl.col(field.id).sum()
        merged.append(pl.when(pl.col(field.id).null_count() == 0).then(total).alias(field.id))
    return merged


def _merged(units: Units, whole_units: pl.DataFrame, parts: pl.DataFrame, catalogue: Catalogue) -> Schools:
    """Units to schools: branches go to their parent, whose attributes the school has."""
    school = units.unit.select(units.identity)
    stage_fields = [f for f in catalogue.fields_of("stage") if f.id != "pupils"]
    split, whole = catalogue.fields_of("split"), catalogue.fields_of("whole")
    key = ["year", "merged_into"]
    pupils = pl.col("pupils").sum()
    of_school = parts.group_by(key).agg(pupils, *_merge(stage_fields))
    total = of_school.join(whole_units.group_by(key).agg(_merge([*split, *whole])), on=key)
    total = total.rename({"merged_into": "school_id"}).join(school, on=UNIT).sort(UNIT)
    of_stage = parts.group_by([*key, "stage"]).agg(pupils, pl.len().alias("campuses"), *_merge([*stage_fields, *split]))
    stage = of_stage.rename({"merged_into": "school_id"}).join(school, on=UNIT)
    stage = stage.join(total.select(*UNIT, *(f.id for f in whole)), on=UNIT).sort([*UNIT, "stage"])
    return Schools(stage, total)

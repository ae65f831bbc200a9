"""What is known of a school beside the row at hand: the cells of its school and stage, its derived fields, its rows.

Made from typed rows alone, unit by unit, for the rules; ``schema.rule_columns`` says what they may read. Not here: the
figures that are computed and published, which SQL makes of what counts once all files are in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.returns.rows import record_schema
from pipeline.schema.check import derivation_order
from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.expressions import columns_of, for_polars
from pipeline.schema.model import Aggregate, Catalogue, FieldDef
from pipeline.schema.rule_columns import (
    BEFORE,
    KEYS,
    ROWS,
    derived_of_school,
    derived_of_stage,
    own_columns,
    sums_of_county,
)
from pipeline.store.units import pupils_given

Frames = Mapping[RecordType, pl.DataFrame]
IN_FILE = ("submission_id", "school_id")
"""Key of a school within the file that tells of it."""
IN_YEAR = ("school_id",)
"""Key of a school among all that counts in a year."""


@dataclass(frozen=True)
class Facts:
    """``school``: a row a school; ``stage``: a row a school and stage of which a stage or class row tells; ``county``: a
    row a county. ``key`` names a school's key."""

    key: tuple[str, ...]
    school: pl.DataFrame
    stage: pl.DataFrame
    county: pl.DataFrame


def facts_of(
    catalogue: Catalogue, frames: Frames, key: tuple[str, ...] = IN_FILE, lost: pl.DataFrame | None = None
) -> Facts:
    """Facts of typed rows. ``lost``: key and ``record`` of rows that were set aside, so that counts and sums over them
    are unknown; where none of a kind came from a county they are unknown too, else having none is a true zero."""
    frames = {record: frames.get(record, _no_rows(catalogue, record)) for record in (*ROWS, "county")}
    by_stage = [*key, "stage"]
    schools = _schools(catalogue, frames, key)
    stages = _stages(catalogue, frames, key, schools)
    lost = lost if lost is not None else schools.select(*key, record=pl.lit("")).clear()
    derived, of_stage = derived_of_school(catalogue), derived_of_stage(catalogue)
    for record in ROWS:
        rows = _with_identity(catalogue, frames[record], record, schools, key)
        told = _told(frames[record], record, schools, key, lost)
        fields = [f for f in catalogue.fields.values() if f.aggregate and f.aggregate.over == record]
        whole = [f for f in fields if f.id in derived]
        schools = _taken(schools, rows, told, record, whole, list(key))
        if record in ("stage", "class"):
            parts = [f for f in fields if f.id in of_stage]
            stages = _taken(stages, rows, told, record, parts, by_stage)
    order = [f for f in derivation_order(catalogue) if f.expression]
    schools = _with_expressions(schools, (f for f in order if f.id in derived))
    known = [c for c in schools.columns if c not in stages.columns or c in key]
    wide = stages.join(schools.select(known), on=list(key), how="left", maintain_order="left")
    wide = _with_expressions(wide, (f for f in order if f.id in of_stage))
    stages = wide.select(*stages.columns, *(f.id for f in order if f.id in of_stage))
    return Facts(key, schools, stages, _counties(catalogue, frames, key, lost))


def with_facts(frame: pl.DataFrame, record: RecordType, names: Iterable[str], facts: Facts) -> pl.DataFrame:
    """Rows of a record type with the columns of ``names`` that they do not have of their own; identity columns that a
    row leaves blank are taken from its school."""
    wanted = set(names)
    if record not in ROWS:
        area = [*facts.key[:-1], "county_code"]
        more = [c for c in facts.county.columns if c in wanted and c not in frame.columns]
        return frame.join(facts.county.select(*area, *more), on=area, how="left", maintain_order="left")
    key = list(facts.key)
    if record in ("stage", "class"):
        own = [c for c in facts.stage.columns if c in wanted and c not in (*frame.columns, "year")]
        frame = frame.join(
            facts.stage.select(*key, "stage", *own), on=[*key, "stage"], how="left", maintain_order="left"
        )
    if record == "school":
        more = [c for c in facts.school.columns if c in wanted and c not in frame.columns]
        return frame.join(facts.school.select(*key, *more), on=key, how="left", maintain_order="left")
    identity = [c for c in IDENTITY_COLUMNS if c in wanted and c not in KEYS]
    more = [c for c in facts.school.columns if c in wanted and c not in frame.columns]
    found = facts.school.select(*key, *more, *(pl.col(c).alias(f"{c}_of_school") for c in identity))
    joined = frame.join(found, on=key, how="left", maintain_order="left")
    filled = joined.with_columns(pl.coalesce(c, f"{c}_of_school").alias(c) for c in identity)
    return filled.drop(f"{c}_of_school" for c in identity)


def with_before(frame: pl.DataFrame, record: RecordType, names: Iterable[str], before: Facts) -> pl.DataFrame:
    """Rows with the ``before_`` columns of ``names``: values of the same school (and stage, or of the county) then."""
    wanted = {name.removeprefix(BEFORE) for name in names if name.startswith(BEFORE)}
    sources = {
        "school": [(before.school, ["school_id"])],
        "stage": [(before.stage, ["school_id", "stage"]), (before.school, ["school_id"])],
        "county": [(before.county, ["county_code"])],
    }
    for source, key in sources.get(record, []):
        here = sorted(wanted.intersection(source.columns))
        found = source.select(*key, *(pl.col(name).alias(BEFORE + name) for name in here))
        frame = frame.join(found, on=key, how="left", maintain_order="left")
        wanted -= set(here)
    return frame


# -- rows to units -----------------------------------------------------------------------------------------------


def _first_given(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """One row a key: where several tell of it, the first value that is given."""
    cells = [c for c in frame.columns if c not in key]
    if frame.height == frame.select(key).n_unique():
        return frame
    return frame.group_by(key, maintain_order=True).agg(pl.col(c).drop_nulls().first() for c in cells)


def _schools(catalogue: Catalogue, frames: Frames, key: tuple[str, ...]) -> pl.DataFrame:
    """A row a school of which any row tells, with year, county and the cells of its school row."""
    lead = [*key, "year", "county_code"]
    named = [frames[record].select(lead) for record in ROWS]
    every = pl.concat(named).filter(pl.col("school_id").is_not_null()).unique(key, keep="first", maintain_order=True)
    cells = [c for c in own_columns(catalogue, "school") if c not in (*lead, "stage") and c in frames["school"].columns]
    own = _first_given(frames["school"].select(*key, *sorted(cells)), key)
    return every.join(own, on=list(key), how="left", maintain_order="left")


def _stages(catalogue: Catalogue, frames: Frames, key: tuple[str, ...], schools: pl.DataFrame) -> pl.DataFrame:
    """A row a school and stage of which a stage or class row tells, with the cells of its stage row and its pupils."""
    by = [*key, "stage"]
    told = pl.concat([frames["stage"].select(by), frames["class"].select(by)])
    every = told.filter(pl.all_horizontal(pl.col(by).is_not_null())).unique(by, keep="first", maintain_order=True)
    cells = [f.id for f in catalogue.cells_of("stage")]
    own = _first_given(frames["stage"].select(*by, *cells), by)
    rows = every.join(own, on=by, how="left", maintain_order="left")
    rows = rows if "pupils" in cells else rows.with_columns(pupils_given(catalogue).alias("pupils"))
    judged = [stage.id for stage in catalogue.judged_stages]
    owner = schools.select(*key, "county_code")
    return rows.with_columns(is_judged=pl.col("stage").is_in(judged)).join(
        owner, on=list(key), how="left", maintain_order="left"
    )


def _no_rows(catalogue: Catalogue, record: RecordType) -> pl.DataFrame:
    schema = {"submission_id": pl.String(), "part": pl.String(), "year": pl.Int64(), **record_schema(catalogue, record)}
    return pl.DataFrame(schema=schema)


def _counties(catalogue: Catalogue, frames: Frames, key: tuple[str, ...], lost: pl.DataFrame) -> pl.DataFrame:
    """A row a county that reports for itself, with the number of its rows of each kind and the cells of its stage rows
    added up; null where rows were set aside, sums also where a cell is blank or none of that stage came."""
    area = [*key[:-1], "county_code"]
    rows = _first_given(frames["county"], area)
    for record, name in ROWS.items():
        counted = frames[record].group_by(area).agg(pl.len().cast(pl.Float64).alias(name))
        rows = rows.join(counted, on=area, how="left", maintain_order="left").with_columns(pl.col(name).fill_null(0.0))
    sums = {}
    for name, (stage, cell) in sums_of_county(catalogue).items():
        held = pl.col(cell).filter(pl.col("stage") == stage)
        sums[name] = pl.when((held.len() > 0) & (held.null_count() == 0)).then(held.sum())
    rows = rows.join(frames["stage"].group_by(area).agg(**sums), on=area, how="left", maintain_order="left")
    for record, names in {**{r: [n] for r, n in ROWS.items()}, "stage": [ROWS["stage"], *sums]}.items():
        if key[:-1]:
            hit = lost.filter(pl.col("record") == record).select(key[:-1]).unique().with_columns(__lost=pl.lit(True))
            marked = rows.join(hit, on=list(key[:-1]), how="left", maintain_order="left")
            rows = marked.with_columns(pl.when(pl.col("__lost").is_null()).then(n).alias(n) for n in names).drop(
                "__lost"
            )
    return rows


def _with_identity(
    catalogue: Catalogue, rows: pl.DataFrame, record: RecordType, schools: pl.DataFrame, key: tuple[str, ...]
) -> pl.DataFrame:
    """Rows of a kind with what their school is: attributes stand in its own row."""
    cells = [f.id for f in catalogue.cells_of(record)] if record != "school" else []
    attributes = [*IDENTITY_COLUMNS, *(f.id for f in catalogue.fields_of("identity"))]
    identity = ["year", *(c for c in attributes if c in schools.columns and c not in (*key, "stage"))]
    judged = pl.col("stage").is_in([stage.id for stage in catalogue.judged_stages])
    stage = ["stage"] if "stage" in rows.columns else []
    own = rows.select(*key, *stage, *cells).with_columns(is_judged=judged if stage else pl.lit(None, pl.Boolean))
    return own.join(schools.select(*key, *identity), on=list(key), how="inner", maintain_order="left")


def _told(
    rows: pl.DataFrame, record: RecordType, schools: pl.DataFrame, key: tuple[str, ...], lost: pl.DataFrame
) -> pl.DataFrame:
    """Keys of the schools of which all rows of a kind are there: their county sent such rows, and none was set aside."""
    area = [*key[:-1], "county_code"]
    sent = schools.join(rows.select(area).unique(), on=area, how="semi")
    return sent.join(lost.filter(pl.col("record") == record), on=list(key), how="anti").select(key)


def _taken(
    units: pl.DataFrame,
    rows: pl.DataFrame,
    told: pl.DataFrame,
    record: RecordType,
    fields: list[FieldDef],
    by: list[str],
) -> pl.DataFrame:
    """Units with the number of their rows of a kind and the fields taken from those rows."""
    made = [
        pl.len().cast(pl.Float64).alias(ROWS[record]),
        *(_aggregate(f.aggregate, f.id) for f in fields if f.aggregate),
    ]
    found = rows.group_by(by).agg(made)
    known = told.with_columns(__told=pl.lit(True))
    joined = units.join(found, on=by, how="left", maintain_order="left")
    joined = joined.join(known, on=known.columns[:-1], how="left", maintain_order="left")
    none = pl.col(ROWS[record]).is_null()
    additive = {ROWS[record], *(f.id for f in fields if f.aggregate and f.aggregate.max is None)}
    values = [
        pl.when(pl.col("__told") & none & pl.lit(name in additive)).then(0.0).when("__told").then(name).alias(name)
        for name in (ROWS[record], *(f.id for f in fields))
    ]
    return joined.with_columns(values).drop("__told")


def _aggregate(aggregate: Aggregate, name: str) -> pl.Expr:
    """A count, sum or maximum over the rows of a unit; null as soon as a part is."""
    where = pl.sql_expr(for_polars(aggregate.where)).fill_null(False) if aggregate.where else pl.lit(True)
    if aggregate.count:
        return where.cast(pl.Float64).sum().alias(name) if aggregate.where else pl.len().cast(pl.Float64).alias(name)
    part = pl.sql_expr(for_polars(aggregate.sum or aggregate.max or "")).cast(pl.Float64)
    held = pl.when(where).then(part)
    total = held.max() if aggregate.max else held.sum()
    return pl.when((where & part.is_null()).any().not_()).then(total).alias(name)


def _with_expressions(frame: pl.DataFrame, fields: Iterable[FieldDef]) -> pl.DataFrame:
    for field in fields:
        assert field.expression is not None
        missing = [name for name in columns_of(field.expression) if name not in frame.columns]
        made = pl.sql_expr(for_polars(field.expression)) if not missing else pl.lit(None)
        frame = frame.with_columns(made.cast(pl.Float64).alias(field.id))
    return frame

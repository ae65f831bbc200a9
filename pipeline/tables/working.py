"""Writes what the ledger and the catalogue say as the tables that SQL starts from."""

from __future__ import annotations

import polars as pl

from pipeline.schema.expressions import for_polars
from pipeline.schema.model import Catalogue, FieldDef
from pipeline.store.home import Home
from pipeline.store.ingest import write_parquet
from pipeline.store.ledger import derive
from pipeline.store.units import UNIT, pupils_given
from pipeline.suspicion import table as suspicion
from pipeline.tables import catalogue_tables, compute, python_tables
from pipeline.tables.context import unit_column_list
from pipeline.tables.names import LEDGER_TABLES, PYTHON_TABLES, SQL_TABLES, UNIT_TABLES


def write_ledger(home: Home, catalogue: Catalogue) -> dict[str, int]:
    """Derives the ledger; writes its public tables and the units that are computed. Returns rows by table."""
    ledger = derive(home, catalogue)
    frames: dict[str, pl.DataFrame] = {}
    for name in LEDGER_TABLES:
        schema = catalogue_tables.polars_schema(name)
        frames[name] = getattr(ledger, name).select(pl.col(c).cast(t) for c, t in schema.items())
    for record, name in UNIT_TABLES.items():
        frames[name] = ledger.units[record]  # type: ignore[index]
    frames["absent"] = _as_school_stage(ledger.absent, ledger.units["stage"], catalogue)
    frames["unit_record"] = ledger.unit_record
    frames["came"] = ledger.came
    frames["expected_county"] = ledger.expected_county
    frames["county_return"] = ledger.county_return
    for name, frame in frames.items():
        write_parquet(frame, home.table(name))
    return {name: frame.height for name, frame in frames.items()}


def _as_school_stage(absent: pl.DataFrame, present: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Absent stages with the columns of school_stage, so that scope rules can be asked of them; unknown is null.

    ``present``: the stage rows that count, so that what a school has in all counts the stages of which rows came.
    """
    columns = {name: pl.String() for name in unit_column_list(catalogue)}
    numbers = {f.id: pl.Float64() for f in catalogue.fields_of("stage", "split", "whole")}
    judged = pl.col("stage").is_in([s.id for s in catalogue.judged_stages])
    pupils = pupils_given(catalogue).alias("pupils")
    rows = absent.with_columns(pupils, judged.alias("is_judged"))
    told = present.with_columns(pupils, judged.alias("is_judged")).join(rows, on=[*UNIT, "stage"], how="anti")
    whole = pl.concat([rows, told.join(rows, on=UNIT, how="semi")], how="diagonal")
    for field in (f for f in catalogue.fields_of("split", "whole") if f.aggregate and f.aggregate.over == "stage"):
        rows = rows.join(_summed(whole, field), on=["year", "school_id"], how="left")
    wanted = {"stage": pl.String(), "pupils": pl.Float64(), **columns, **numbers}
    known = rows.filter("is_judged")
    return known.select(pl.col(n) if n in known.columns else pl.lit(None, t).alias(n) for n, t in wanted.items())


def _summed(rows: pl.DataFrame, field: FieldDef) -> pl.DataFrame:
    """A field summed over the stages of schools of which some are absent; null where a part is, and for counts and maxima."""
    aggregate = field.aggregate
    assert aggregate is not None
    if aggregate.sum is None:
        return rows.select("year", "school_id").unique().with_columns(pl.lit(None, pl.Float64).alias(field.id))
    held = rows.filter(pl.sql_expr(for_polars(aggregate.where)).fill_null(False)) if aggregate.where else rows
    part = pl.sql_expr(for_polars(aggregate.sum))
    total = pl.when(part.is_not_null().all()).then(part.sum()).cast(pl.Float64).alias(field.id)
    return held.group_by("year", "school_id").agg(total)


def write_catalogue_table(name: str, home: Home, catalogue: Catalogue) -> int:
    """Writes one table that states the catalogue; returns its rows."""
    frame = catalogue_tables.PUBLIC[name](catalogue)
    write_parquet(frame, home.table(name))
    return frame.height


def make_all(home: Home, catalogue: Catalogue) -> None:
    """Every table in order, without an orchestrator: for tests and benchmarks of the computation alone."""
    write_ledger(home, catalogue)
    for name in catalogue_tables.PUBLIC:
        write_catalogue_table(name, home, catalogue)
    for name in SQL_TABLES:
        compute.make(name, home, catalogue)
    for name in PYTHON_TABLES:
        python_tables.make(name, home, catalogue)
    suspicion.make(home, catalogue)

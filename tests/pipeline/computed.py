"""Tables computed from rows that a test writes down, without files: for what is about the computation alone.

Rows are as ``chain`` takes them (field ids and identity columns, canonical values); they are typed and become the working
tables that the ledger would have written, and every table of ``pipeline/sql`` is made from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.schema import Catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import typed_schema, write_parquet
from pipeline.store.units import unit_records, units_of
from pipeline.suspicion import table as suspicion
from pipeline.tables import catalogue_tables, compute, python_tables, working
from pipeline.tables.names import PYTHON_TABLES, SQL_TABLES, UNIT_TABLES

RECORDS = {"school": "schools", "stage": "stages", "class": "classes", "room": "rooms"}
"""Record type → part of our own return."""

County = Mapping[str, Sequence[Mapping[str, Any]]]
"""Part of our return → rows of one county."""


def computed(folder: Path, catalogue: Catalogue, counties: Mapping[tuple[int, str], County], upto: str = "") -> Home:
    """A home whose tables are computed from ``counties``: (year, county code) → parts. Nothing is missing or quarantined.

    ``upto``: the last table of ``SQL_TABLES`` that is made; all of them where empty.
    """
    home = Home(folder)
    home.claim(catalogue)
    counting = {record: _typed(catalogue, record, part, counties) for record, part in RECORDS.items()}
    lost = {record: frame.clear() for record, frame in counting.items()}
    units = units_of(catalogue, counting, lost)  # type: ignore[arg-type]
    judged = [stage.id for stage in catalogue.judged_stages]
    told = pl.DataFrame(
        [(year, county, stage) for year, county in counties for stage in judged],
        schema={"year": pl.Int64, "county_code": pl.String, "stage": pl.String},
        orient="row",
    )
    frames = {name: units[record] for record, name in UNIT_TABLES.items()}  # type: ignore[index]
    frames["absent"] = working._as_school_stage(units["stage"].clear(), units["stage"], catalogue)
    frames["unit_record"] = unit_records(units["school"], counting, lost)  # type: ignore[arg-type]
    frames |= {"came": told, "expected_county": told.with_columns(is_expected=True)}
    frames["county_return"] = _typed(catalogue, "county", "county", counties).drop(
        "submission_id", "part", "row", "school_id", strict=False
    )
    frames["finding"] = pl.DataFrame(schema=catalogue_tables.polars_schema("finding"))
    for name, frame in frames.items():
        write_parquet(frame, home.table(name))
    for name in catalogue_tables.PUBLIC:
        working.write_catalogue_table(name, home, catalogue)
    for name in SQL_TABLES:
        compute.make(name, home, catalogue)
        if name == upto:
            return home
    for name in PYTHON_TABLES:
        python_tables.make(name, home, catalogue)
    suspicion.make(home, catalogue)
    return home


def _typed(catalogue: Catalogue, record: str, part: str, counties: Mapping[tuple[int, str], County]) -> pl.DataFrame:
    schema = typed_schema(catalogue, record)  # type: ignore[arg-type]
    rows = [
        {"submission_id": f"{year}-{county}", "part": part, "year": year, "county_code": county, "row": number, **row}
        for (year, county), parts in counties.items()
        for number, row in enumerate(parts.get(part, []), 2)
    ]
    unknown = {name for row in rows for name in row} - set(schema)
    assert not unknown, f"rows of {part} have no column for {sorted(unknown)}"
    return pl.DataFrame(
        [{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row", strict=False
    )


def school(school_id: str, kind: str = "211", **cells: Any) -> dict[str, Any]:
    """A public school row of a kind that the county runs, with the given cells."""
    row = {"school_id": school_id, "name": f"第{school_id[-3:]}校", "school_type": kind, "urban_rural": "121"}
    return row | {"is_public": 1, "is_counted_school": 1, "operator_code": "831"} | cells


def stage(school_id: str, name: str, pupils: float | None, **cells: Any) -> dict[str, Any]:
    """A stage row of a school."""
    return {"school_id": school_id, "stage": name, "pupils": pupils, **cells}

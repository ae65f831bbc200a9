"""The chain from files to tables for tests: returns written from plain rows, then everything up to the gap coefficients.

Rows hold field ids and identity columns with canonical values (yuan, ``primary``, ``"1"``); the layout's headers, units and
recodes are put on when they are written, as a sender would.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from expectations.year import validate_year
from pipeline.forms import cell_text
from pipeline.returns.layouts import header_in
from pipeline.schema import Catalogue
from pipeline.schema.layout import Sheet
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year
from pipeline.store.receipts import receive
from pipeline.store.roster import with_rosters
from pipeline.tables import working

Rows = Sequence[Mapping[str, Any]]
Returns = Mapping[int, Mapping[str, Mapping[str, Rows]]]
"""year → county → part of the layout → rows."""


def run_chain(tmp_path: Path, returns: Returns, catalogue: Catalogue, layout: str = "own") -> Home:
    """Writes the returns as CSV files of a layout and makes every working table in a home below ``tmp_path``."""
    home = Home(tmp_path / "home")
    home.claim(catalogue)
    for year, counties in returns.items():
        for county, parts in counties.items():
            for part, rows in parts.items():
                sheet = next(s for s in catalogue.layouts[layout].sheets if s.part == part)
                write_return(home.inbox / str(year) / f"{county}-{part}.csv", sheet, year, county, rows)
    return compute_home(home, catalogue, returns)


def compute_home(home: Home, catalogue: Catalogue, years: Iterable[int]) -> Home:
    """Receives, reads and validates what lies in a home's inbox, and makes every table, with the rosters of the home."""
    receive(home)
    catalogue = with_rosters(catalogue, home)
    for year in years:
        ingest_year(home, catalogue, year)
        validate_year(home, catalogue, year)
    working.make_all(home, catalogue)
    return home


def write_return(path: Path, sheet: Sheet, year: int, county: str, rows: Rows) -> None:
    """One CSV file of a sheet; a column that no row names is blank. Raises KeyError for a name the sheet lacks."""
    known = {column.to for column in sheet.columns}
    unknown = {name for row in rows for name in row} - known
    if unknown:
        raise KeyError(f"sheet {sheet.part} has no column for {sorted(unknown)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([header_in(sheet.division.header, year), *(header_in(c.header, year) for c in sheet.columns)])
        for row in rows:
            writer.writerow([county, *(cell_text(column, row.get(column.to)) for column in sheet.columns)])


def table(home: Home, name: str, **where: object) -> pl.DataFrame:
    """A table of the home, only the rows whose columns equal what is given."""
    frame = pl.read_parquet(home.table(name))
    return frame.filter(pl.col(column).eq(value) for column, value in where.items()) if where else frame


def only(home: Home, name: str, **where: object) -> dict[str, Any]:
    """The one row of a table for which this holds; fails where there is none or more."""
    found = table(home, name, **where)
    assert found.height == 1, f"{name} holds {found.height} rows where {where}"
    return found.row(0, named=True)

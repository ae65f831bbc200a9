"""Makes the tables that SQL is the wrong tool for: ``pipeline/tables/<name>.py`` has ``make(home, catalogue)``, a frame."""

from __future__ import annotations

from importlib import import_module

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import write_parquet
from pipeline.tables.catalogue_tables import polars_schema
from pipeline.tables.registry import public_tables


def make(name: str, home: Home, catalogue: Catalogue) -> int:
    """Makes one table by the module of its name and writes it as Parquet, sorted by its key. Returns its rows.

    The module gives at least the columns of the registry, one row a key; others are left out.
    """
    rows: pl.DataFrame = import_module(f"pipeline.tables.{name}").make(home, catalogue)
    shaped = rows.select(pl.col(column).cast(kind) for column, kind in polars_schema(name).items())
    write_parquet(shaped.sort(public_tables()[name].key), home.table(name))
    return shaped.height

"""The statistician's door: one DuckDB file with every public table, keys, comments and macros."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.errors import FaultError
from pipeline.schema.model import Catalogue
from pipeline.tables import compute
from pipeline.tables.registry import TableDef, public_tables

STORAGE_VERSION = "v1.4.0"
"""Storage format of the file: readers from DuckDB 1.4 on can open it."""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def build_database(tables: Path, catalogue: Catalogue, out: Path) -> dict[str, int]:
    """Writes ``out`` from the Parquet files of the public tables in ``tables``; returns rows by table.

    Raises FaultError when a table lacks a column, repeats a key or cannot be loaded: the sentence names the table.
    """
    counts = {}
    with duckdb.connect(config={"threads": 1, "memory_limit": compute.MEMORY_LIMIT}) as connection:
        connection.execute(f"attach {_text(str(out))} as release (storage_version {_text(STORAGE_VERSION)})")
        connection.execute("use release")
        for statement in compute.macros(catalogue):
            connection.execute(statement)
        for table in public_tables().values():
            counts[table.name] = _load(connection, table, catalogue, tables / f"{table.name}.parquet")
        connection.execute("use memory")
        connection.execute("detach release")
    return counts


def _load(connection: duckdb.DuckDBPyConnection, table: TableDef, catalogue: Catalogue, parquet: Path) -> int:
    columns = table.columns(catalogue)
    listed = ", ".join(f'"{column.name}" {column.type}' for column in columns)
    key = ", ".join(f'"{name}"' for name in table.key)
    names = ", ".join(f'"{column.name}"' for column in columns)
    try:
        connection.execute(f'create table "{table.name}" ({listed}, primary key ({key}))')
        source = f"read_parquet({_text(str(parquet))})"
        connection.execute(f'insert into "{table.name}" select {names} from {source} order by {key}')
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise FaultError(
            f"表 {table.name} 无法写入数据库：{first}", f"the table {table.name} cannot be loaded: {first}"
        ) from error
    connection.execute(f'comment on table "{table.name}" is {_text(table.comment)}')
    for column in columns:
        connection.execute(f'comment on column "{table.name}"."{column.name}" is {_text(column.comment)}')
    rows = connection.execute(f'select count(*) from "{table.name}"').fetchall()
    return int(rows[0][0])

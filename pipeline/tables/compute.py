"""Makes a table from its SQL template: renders it from the catalogue, runs it in DuckDB over Parquet, keeps both.

Computation runs on one thread, so that sums are taken in the same order in every run and results agree to the bit.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import jinja2
import polars as pl

from pipeline.errors import FaultError
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home, replacing, write_atomically
from pipeline.tables import catalogue_tables
from pipeline.tables.context import template_context
from pipeline.tables.names import PYTHON_TABLES, SQL_TABLES
from pipeline.tables.registry import public_tables

MEMORY_LIMIT = "4GB"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipeline", "sql"), undefined=jinja2.StrictUndefined, autoescape=False,
        trim_blocks=False, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["prefix"] = lambda text, prefix: prefix + text
    return environment


def render(name: str, catalogue: Catalogue) -> str:
    """The SQL of a table for a catalogue: one ``select``."""
    return _environment().get_template(f"{name}.sql").render(template_context(catalogue))


def macros(catalogue: Catalogue, *, prefix: str = "") -> list[str]:
    """Statements that create the macros: comparison (``method`` 3) and the weighted aggregates.

    ``at_least`` and ``at_most`` are the only place where a value is held against a level or a limit.
    """
    tolerance = repr(float(catalogue.setting("comparison_tolerance")))
    known = "filter (where x is not null and p is not null)"
    mean = f"sum(x * p) {known} / sum(p) {known}"
    squares = f"list_sum(list_transform(list({{'x': x, 'p': p}}) {known}, lambda e: e.p * pow(e.x - ({mean}), 2)))"
    return [
        f"create or replace macro {prefix}at_least(x, t) as x >= t - abs(t) * {tolerance}",
        f"create or replace macro {prefix}at_most(x, t) as x <= t + abs(t) * {tolerance}",
        f"create or replace macro {prefix}weighted_mean(x, p) as {mean}",
        f"create or replace macro {prefix}gap_coefficient_of(x, p) as "
        f"case when min(x) {known} = max(x) {known} and max(x) {known} <> 0 then 0.0 "
        f"else sqrt({squares} / sum(p) {known}) / nullif({mean}, 0) end",
    ]


def connect(catalogue: Catalogue, *, threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory with the macros and the working tables of the catalogue."""
    connection = duckdb.connect(config={"threads": threads, "memory_limit": MEMORY_LIMIT})
    for statement in macros(catalogue):
        connection.execute(statement)
    for name, make in catalogue_tables.JOINED.items():
        connection.register(name, make(catalogue).to_arrow())
    return connection


def make(name: str, home: Home, catalogue: Catalogue) -> int:
    """Makes one table by its SQL template and writes it as Parquet; the rendered SQL is kept beside. Returns its rows.

    Raises FaultError when the SQL fails: the sentence names the table and what DuckDB said.
    """
    sql = render(name, catalogue)
    write_atomically(home.path / "store" / "sql" / f"{name}.sql", sql)
    with connect(catalogue) as connection:
        for table in SQL_TABLES[name]:
            _view(connection, table, home.table(table))
        try:
            with replacing(home.table(name)) as temporary:
                connection.execute(f"copy ({_in_order(name, sql)}) to {_quoted(temporary)} (format parquet)")
                return int(pl.scan_parquet(temporary).select(pl.len()).collect().item())
        except duckdb.Error as error:
            raise _failed(name, error) from error


def after(name: str, home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The rows of a table that SQL makes from tables made in Python, by ``sql/after/<name>.sql``; the SQL is kept as others.

    Raises FaultError when the SQL fails: the sentence names the table and what DuckDB said.
    """
    sql = render(f"after/{name}", catalogue)
    write_atomically(home.path / "store" / "sql" / f"{name}.sql", sql)
    with connect(catalogue) as connection:
        for table in PYTHON_TABLES[name]:
            _view(connection, table, home.table(table))
        try:
            return connection.sql(sql).pl()
        except duckdb.Error as error:
            raise _failed(name, error) from error


def _failed(name: str, error: duckdb.Error) -> FaultError:
    first = str(error).strip().splitlines()[0]
    return FaultError(f"表 {name} 的 SQL 无法执行：{first}", f"the SQL of table {name} failed: {first}")


def _quoted(path: Path) -> str:
    """A path as an SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def _in_order(name: str, sql: str) -> str:
    """A public table's rows stand in order of its key; working tables say their own order."""
    table = public_tables().get(name)
    return f"select * from ({sql}) as made order by {', '.join(table.key)}" if table else sql


def _view(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    connection.execute(f"create or replace view {name} as select * from read_parquet({_quoted(path)})")

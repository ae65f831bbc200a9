"""Asks a finished release database questions of its own, opened read-only. The pages of reference use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Ask:
    """A read-only connection to a release."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, sql: str, **parameters: Any) -> Rows:
        """Rows as dictionaries; ``$name`` in the SQL takes the parameter of that name."""
        frame: pl.DataFrame = self.connection.sql(sql, params=parameters or None).pl()
        return frame.to_dicts()

    def one(self, sql: str, **parameters: Any) -> dict[str, Any]:
        """The only row of a query that always has one."""
        return self.rows(sql, **parameters)[0]


@contextmanager
def asking(database: Path) -> Iterator[Ask]:
    """Opens the database and closes it."""
    with duckdb.connect(str(database), read_only=True) as connection:
        yield Ask(connection)

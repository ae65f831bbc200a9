"""Reading a release database: rows as dictionaries, and groups of rows that stay compact until a page asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from pipeline.schema.model import Standard

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Groups:
    """Rows cut by key. They stay columns; only the rows of a key that is asked for become dictionaries."""

    frames: dict[tuple[Any, ...], pl.DataFrame]

    def get(self, key: tuple[Any, ...], default: Rows | None = None) -> Rows:
        """The rows of a key as dictionaries; ``default``, else none, for a key without rows."""
        frame = self.frames.get(key)
        return (default or []) if frame is None else frame.to_dicts()

    def __contains__(self, key: object) -> bool:
        return key in self.frames


@dataclass(frozen=True)
class Reader:
    """A connection, the year that pages speak of, and the standard that they show first."""

    connection: duckdb.DuckDBPyConnection
    year: int
    standard: Standard

    def frame(self, sql: str, **parameters: Any) -> pl.DataFrame:
        """The result of a query; parameters that it does not name are left out."""
        used = {name: value for name, value in parameters.items() if f"${name}" in sql}
        frame: pl.DataFrame = self.connection.sql(sql, params=used or None).pl()
        return frame

    def rows(self, sql: str, **parameters: Any) -> Rows:
        return self.frame(sql, **parameters).to_dicts()

    def groups(self, sql: str, key: Sequence[str], **parameters: Any) -> Groups:
        """The result of a query cut by key columns, the order of rows kept."""
        frame = self.frame(sql, **parameters)
        return Groups(frame.partition_by(key, as_dict=True, maintain_order=True))

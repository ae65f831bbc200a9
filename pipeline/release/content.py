"""What a release says, as one hash: rows of every public table in order of key, doubles at 12 significant digits."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from pipeline.tables.registry import public_tables

LEFT_OUT = {"release_info": {"release_id", "built_at"}, "submission": {"received_at"}}
"""Columns that say when or under which number, not what."""


def content_hash(database: Path) -> str:
    """sha256 over the public tables of a release's database; equal inputs, catalogue and code give equal hashes."""
    digest = hashlib.sha256()
    with duckdb.connect(str(database), read_only=True, config={"threads": 1}) as connection:
        for table in public_tables().values():
            digest.update(f"\n# {table.name}\n".encode())
            for line in _lines(connection, table.name, table.key):
                digest.update(line)
    return digest.hexdigest()


def _lines(connection: duckdb.DuckDBPyConnection, table: str, key: tuple[str, ...]) -> list[bytes]:
    described = connection.execute(f'describe "{table}"').fetchall()
    columns = [(name, kind) for name, kind, *_ in described if name not in LEFT_OUT.get(table, set())]
    parts = (
        f"case when \"{name}\" is null then '∅' else "
        + (f"format('{{:.12g}}', \"{name}\" + 0.0)" if kind == "DOUBLE" else f'cast("{name}" as varchar)')
        + " end"
        for name, kind in columns
    )
    order = ", ".join(f'"{name}"' for name in key)
    query = f'select concat_ws(chr(31), {", ".join(parts)}) from "{table}" order by {order}'
    rows = connection.execute(query).fetchall()
    return [row[0].encode() + b"\n" for row in rows]

"""Reading a home's Parquet tables for the audit: only the columns wanted, with the types wanted.

Here: nothing but reading. Not here: writing; the audit writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipeline.errors import HomeError
from pipeline.store.home import Home


def read_table(home: Home, name: str, wanted: Mapping[str, pl.DataType] | None = None) -> pl.DataFrame:
    """A table of a home as it stands, or its ``wanted`` columns in that order (a column that is not there is null).

    Raises HomeError when the home has no such table.
    """
    path = home.table(name)
    if not path.exists():
        raise HomeError(
            f"工作目录 {home.path} 中没有表 {name}（{path}）；请先运行 junheng run",
            f"the home {home.path} has no table {name} ({path}); run junheng run first",
        )
    if wanted is None:
        return pl.read_parquet(path)
    present = pl.read_parquet_schema(path)
    frame = pl.read_parquet(path, columns=[column for column in wanted if column in present])
    return frame.select(pl.col(c) if c in present else pl.lit(None, kind).alias(c) for c, kind in wanted.items())

"""The tables of a release as an oracle needs them: those that other oracles have recomputed from the cells, and those on trial."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

Tables = Mapping[str, pd.DataFrame]
Key = tuple[object, ...]


class Release(dict[str, pd.DataFrame]):
    """Tables by name, read when they are asked for."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.path = home / "releases" / "latest" / "junheng.duckdb"

    def __missing__(self, name: str) -> pd.DataFrame:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            self[name] = connection.table(name).df()
        return self[name]


def counted_values(release: Tables) -> pd.DataFrame:
    """Values of the schools that a standard counts: a row a year, standard, stage, indicator and school."""
    scope = release["school_scope"].query("is_counted")[["year", "standard_id", "school_id", "stage"]]
    values = release["indicator_value"].query("state == 'ok'").drop(columns=["trace_id", "state"])
    found = scope.merge(values, on=["year", "school_id", "stage"])
    return found.sort_values("school_id").reset_index(drop=True)


def group_of(values: pd.DataFrame, *keys: str) -> dict[Key, pd.DataFrame]:
    """Parts of a table by key, a tuple even of one column."""
    return dict(iter(values.groupby(list(keys))))  # a groupby has an attribute ``keys``, which dict would call


def cv_of(x: np.ndarray, p: np.ndarray) -> float | None:
    """S / X over pupils; None where the mean is 0."""
    mean = float((p * x).sum() / p.sum())
    return None if mean == 0 else float(np.sqrt((p * (x - mean) ** 2).sum() / p.sum())) / mean

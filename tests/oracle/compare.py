"""Holds two tables against each other: the same keys, numbers to 1e-9, everything else equal."""

from __future__ import annotations

import numpy as np
import pandas as pd

RELATIVE, ABSOLUTE = 1e-9, 1e-12
KEYS = {
    "indicator_value": ["year", "school_id", "stage", "indicator_id"],
    "indicator_attainment": ["year", "school_id", "stage", "standard_id", "indicator_id"],
    "gap_coefficient": ["year", "standard_id", "area_level", "area_code", "stage", "indicator_id"],
    "school_score": ["year", "standard_id", "school_id", "stage"],
    "county_ranking": ["year", "standard_id", "measure", "stage", "county_code"],
}

VERDICTS = {
    "county_item_test": ["year", "standard_id", "county_code", "item_id", "test_id", "stage"],
    "county_item": ["year", "standard_id", "county_code", "item_id"],
    "county_determination": ["year", "standard_id", "county_code"],
    "relaxation": ["year", "standard_id", "relaxation_id", "county_code", "school_id", "starts"],
}


def differences(table: str, ours: pd.DataFrame, theirs: pd.DataFrame) -> list[str]:
    """``held_against`` for a table whose key stands here."""
    return held_against(table, (KEYS | VERDICTS)[table], ours, theirs)


def held_against(table: str, keys: list[str], ours: pd.DataFrame, theirs: pd.DataFrame, most: int = 8) -> list[str]:
    """Sentences about rows that one side lacks and about every column of ``ours`` that differs, with the first few cases."""
    a, b = (frame.set_index(keys).sort_index() for frame in (ours, theirs))
    assert a.index.is_unique, table
    assert b.index.is_unique, table
    found = []
    for lost, where in ((a.index.difference(b.index), "the oracle"), (b.index.difference(a.index), "the release")):
        if len(lost):
            found.append(f"{table}: {len(lost)} rows only in {where}, such as {list(lost[:most])}")
    common = a.index.intersection(b.index)
    for column in a.columns:
        x, y = a.loc[common, column], b.loc[common, column]
        wrong = common[~_same(x, y)]
        if len(wrong):
            cases = [f"{key}: {x[key]!r} here, {y[key]!r} in the release" for key in wrong[:most]]
            found.append(f"{table}.{column}: {len(wrong)} of {len(common)} differ\n    " + "\n    ".join(cases))
    return found


def _same(x: pd.Series, y: pd.Series) -> np.ndarray:
    """True where both are null, equal, or numbers that agree to the tolerance; a truth value is no number."""
    nulls = x.isna().to_numpy() & y.isna().to_numpy()
    either = x.isna().to_numpy() | y.isna().to_numpy()
    if _is_number(x) and _is_number(y):
        a, b = (side.astype("Float64").to_numpy(dtype=float, na_value=np.nan) for side in (x, y))
        return nulls | (~either & (np.abs(a - b) <= np.maximum(ABSOLUTE, RELATIVE * np.abs(b))))
    return nulls | np.array([not e and bool(p == q) for e, p, q in zip(either, x, y, strict=True)])


def _is_number(column: pd.Series) -> bool:
    return all(isinstance(v, (int, float, np.number)) and not isinstance(v, (bool, np.bool_)) for v in column.dropna())

"""Two versions of a table held against each other: rows by key, cells by value.

Here: what counts as agreement, and the words for what does not. Not here: which tables, which columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

RELATIVE = 1e-9
"""Largest difference of two numbers that agree, as a part of the larger."""
ZERO = 1e-12
"""Numbers of this size and below are both nothing."""
SHOWN = 20
"""Disagreements told in words, of each table."""
PRESENT, ABSENT = "present", "absent"


@dataclass(frozen=True)
class Disagreement:
    """One cell that differs, or (``column`` is empty) one row that stands on one side only (``present`` or ``absent``)."""

    table: str
    key: str
    column: str
    sql: str
    audit: str

    @property
    def en(self) -> str:
        if not self.column:
            side = "SQL's" if self.sql == PRESENT else "the audit's"
            return f"{self.table}, {self.key}: the row stands in {side} result only"
        return f"{self.table}, {self.key}: {self.column} is {self.sql} by SQL and {self.audit} by the audit"

    @property
    def zh(self) -> str:
        if not self.column:
            side = "SQL 结果" if self.sql == PRESENT else "复算结果"
            return f"表 {self.table}，{self.key}：该行只在{side}中"
        return f"表 {self.table}，{self.key}：{self.column} 由 SQL 得 {self.sql}，复算得 {self.audit}"

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True)
class TableAudit:
    """What the comparison of one table came to. ``disagreements`` names up to 20 of them; the counts are complete."""

    table: str
    rows_compared: int
    rows_only_in_sql: int
    rows_only_in_audit: int
    cells_compared: int
    cells_differing: int
    largest_relative_difference: float
    disagreements: tuple[Disagreement, ...]

    @property
    def agrees(self) -> bool:
        return self.rows_only_in_sql == self.rows_only_in_audit == self.cells_differing == 0


def compare(
    table: str, made: pl.DataFrame, own: pl.DataFrame, key: list[str], noise: Mapping[str, str | float] | None = None
) -> TableAudit:
    """Compares SQL's rows with the audit's over the audit's columns.

    Text, truth values and nulls must be equal; numbers within 1e-9 of the larger, or both within 1e-12 of 0. ``noise``
    names columns that are sums of differences, with the size (a number, or the column that holds it) of what cancels
    in them: there an absolute difference of 1e-12 of that size is none.
    """
    paired_made, paired_own, lone_made, lone_own = _paired(made, own, key)
    found = [*_rows_in_words(table, lone_made, key, sql=True), *_rows_in_words(table, lone_own, key, sql=False)]
    columns = [name for name in own.columns if name not in key]
    differing, largest = 0, 0.0
    for name in columns:
        scale = _scale(paired_own, (noise or {}).get(name))
        unequal, relative = _difference(paired_made[name], paired_own[name], scale)
        count = int(unequal.sum())
        differing, largest = differing + count, max(largest, relative)
        if count and len(found) < SHOWN:
            found += _cells_in_words(table, name, key, paired_made.filter(unequal), paired_own.filter(unequal))
    return TableAudit(
        table, paired_own.height, lone_made.height, lone_own.height, paired_own.height * len(columns), differing, largest,
        tuple(found[:SHOWN]),
    )  # fmt: skip


def united(parts: Iterable[TableAudit]) -> TableAudit:
    """Comparisons of parts of one table as one."""
    parts = list(parts)
    found = [d for part in parts for d in part.disagreements]
    return TableAudit(
        parts[0].table if parts else "",
        sum(p.rows_compared for p in parts), sum(p.rows_only_in_sql for p in parts),
        sum(p.rows_only_in_audit for p in parts), sum(p.cells_compared for p in parts),
        sum(p.cells_differing for p in parts), max((p.largest_relative_difference for p in parts), default=0.0),
        tuple(found[:SHOWN]),
    )  # fmt: skip


def _paired(
    made: pl.DataFrame, own: pl.DataFrame, key: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rows of both sides in the same order, then the rows of each side that the other lacks.

    A key that stands twice on one side and once on the other leaves a row over.
    """
    if made.height == own.height and made.select(key).equals(own.select(key)):
        return made, own, made.clear(), own.clear()
    left, right = (
        frame.select(key).with_columns(pl.int_range(pl.len()).over(key).alias("__nth")).with_row_index(name)
        for frame, name in ((made, "__made"), (own, "__own"))
    )
    both = left.join(right, on=[*key, "__nth"], how="full", nulls_equal=True)
    pairs = both.filter(pl.col("__made").is_not_null() & pl.col("__own").is_not_null())
    lone_made = both.filter(pl.col("__own").is_null())["__made"]
    lone_own = both.filter(pl.col("__made").is_null())["__own"]
    return made[pairs["__made"]], own[pairs["__own"]], made[lone_made], own[lone_own]


def _scale(frame: pl.DataFrame, size: str | float | None) -> pl.Series | None:
    """Size of what cancels in each row, or None for a column that is no sum of differences."""
    if size is None:
        return None
    if isinstance(size, str):
        return frame[size].cast(pl.Float64).abs().fill_null(0.0)
    return pl.repeat(float(size), frame.height, eager=True)


def _difference(made: pl.Series, own: pl.Series, scale: pl.Series | None) -> tuple[pl.Series, float]:
    """Which cells differ, and the largest relative difference of two numbers."""
    numeric = made.dtype.is_numeric() and own.dtype.is_numeric()
    if not numeric and made.dtype != own.dtype and pl.Null not in (made.dtype, own.dtype):
        made, own = made.cast(pl.String), own.cast(pl.String)
    unequal = made.cast(pl.Float64).ne_missing(own.cast(pl.Float64)) if numeric else made.ne_missing(own)
    if not numeric or not unequal.any():
        return unequal, 0.0
    at = unequal.arg_true()
    differs, largest = _numbers_differ(
        made[at], own[at], scale[at] if scale is not None else pl.repeat(0.0, at.len(), eager=True)
    )
    return unequal.scatter(at.filter(~differs), False), largest


def _numbers_differ(made: pl.Series, own: pl.Series, scale: pl.Series) -> tuple[pl.Series, float]:
    """Of numbers that are not the same double: which differ by more than rounding, and the largest relative difference."""
    cells = pl.DataFrame({"a": made.cast(pl.Float64), "b": own.cast(pl.Float64), "size": scale})
    a, b = pl.col("a"), pl.col("b")
    larger, apart = pl.max_horizontal(a.abs(), b.abs()), (a - b).abs()
    relative = pl.when(larger > ZERO).then(apart / larger).otherwise(0.0)
    only_noise = (relative > RELATIVE) & (apart <= ZERO * pl.col("size"))
    # Null (one side has no value) and NaN (one is infinite) are differences without a size.
    told = cells.select(
        pl.when(a.is_not_null() & b.is_not_null()).then(pl.when(only_noise).then(0.0).otherwise(relative))
    )
    size = told.to_series()
    largest = size.filter(size.is_finite().fill_null(False)).max()
    return (size > RELATIVE).fill_null(True) | size.is_nan().fill_null(False), largest if isinstance(
        largest, float
    ) else 0.0


# -- in words ----------------------------------------------------------------------------------------------------------


def _key_in_words(row: Mapping[str, object], key: list[str]) -> str:
    return " ".join(f"{name}={row[name]}" for name in key)


def _value_in_words(value: object) -> str:
    return "null" if value is None else repr(value) if isinstance(value, float) else str(value)


def _rows_in_words(table: str, rows: pl.DataFrame, key: list[str], *, sql: bool) -> Iterator[Disagreement]:
    for row in rows.select(key).head(SHOWN).iter_rows(named=True):
        sides = (PRESENT, ABSENT) if sql else (ABSENT, PRESENT)
        yield Disagreement(table, _key_in_words(row, key), "", *sides)


def _cells_in_words(
    table: str, column: str, key: list[str], made: pl.DataFrame, own: pl.DataFrame
) -> Iterator[Disagreement]:
    for row, sql, audited in zip(
        own.select(key).head(SHOWN).iter_rows(named=True),
        made[column].head(SHOWN),
        own[column].head(SHOWN),
        strict=True,
    ):
        yield Disagreement(table, _key_in_words(row, key), column, _value_in_words(sql), _value_in_words(audited))

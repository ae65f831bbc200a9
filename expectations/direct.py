"""The plain kinds of expectations answered by Polars itself, where nothing is kept of the answer.

Great Expectations takes seconds to start, and a county that checks one file waits for them. A run keeps suites and results as
Great Expectations writes them; a check asks here first, and asks Great Expectations whatever this room does not know. A test
holds both to the same answers, rule by rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

Answer = Callable[[Mapping[str, Any]], pl.Expr]
"""Makes of the arguments of an expectation what holds in a row; null where a value is missing, which is no failure."""


def _between(given: Mapping[str, Any]) -> pl.Expr:
    column, low, high = pl.col(given["column"]), given.get("min_value"), given.get("max_value")
    held = pl.lit(True)
    if low is not None:
        held &= column > low if given.get("strict_min") else column >= low
    if high is not None:
        held &= column < high if given.get("strict_max") else column <= high
    return pl.when(column.is_not_null()).then(held)


def _in_set(given: Mapping[str, Any]) -> pl.Expr:
    column = pl.col(given["column"])
    return pl.when(column.is_not_null()).then(pl.any_horizontal(column == value for value in given["value_set"]))


def _matches(given: Mapping[str, Any]) -> pl.Expr:
    pattern = re.compile(given["regex"])
    return pl.col(given["column"]).map_elements(lambda text: bool(pattern.search(text)), return_dtype=pl.Boolean)


def _greater(given: Mapping[str, Any]) -> pl.Expr:
    one, other = pl.col(given["column_A"]), pl.col(given["column_B"])
    return one >= other if given.get("or_equal") else one > other


def _unique(given: Mapping[str, Any]) -> pl.Expr:
    columns = given["column_list"]
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in columns)
    return pl.when(whole).then(pl.struct(columns).is_duplicated().not_())


_PAIR = frozenset({"column_A", "column_B", "or_equal", "ignore_row_if"})
_COLUMN = frozenset({"column"})
_KNOWN: Mapping[str, tuple[frozenset[str], str | None, Answer]] = {
    "expect_column_values_to_not_be_null": (_COLUMN, None, lambda given: pl.col(given["column"]).is_not_null()),
    "expect_column_values_to_be_between": (
        _COLUMN | {"min_value", "max_value", "strict_min", "strict_max"}, None, _between,
    ),
    "expect_column_values_to_be_in_set": (_COLUMN | {"value_set"}, None, _in_set),
    "expect_column_values_to_match_regex": (_COLUMN | {"regex"}, None, _matches),
    "expect_column_pair_values_a_to_be_greater_than_b": (_PAIR, "either_value_is_missing", _greater),
    "expect_column_pair_values_to_be_equal": (
        _PAIR - {"or_equal"}, "either_value_is_missing", lambda given: pl.col(given["column_A"]) == pl.col(given["column_B"]),
    ),
    "expect_compound_columns_to_be_unique": (frozenset({"column_list", "ignore_row_if"}), "any_value_is_missing", _unique),
}  # fmt: skip
"""Kinds of expectations: the arguments that are understood, which rows must be passed over, and what holds in a row."""


def rows_that_fail(batch: pl.DataFrame, kind: str, given: Mapping[str, Any], number: str) -> list[int] | None:
    """Numbers (column ``number``) of the rows of a batch in which an expectation fails; None where this room cannot tell."""
    if kind not in _KNOWN:
        return None
    understood, skips, answer = _KNOWN[kind]
    if not set(given) <= understood or given.get("ignore_row_if") != skips:
        return None
    try:
        held = batch.select(pl.col(number), answer(given).fill_null(True).alias("held"))
    except (pl.exceptions.PolarsError, re.error):
        return None  # what is wrong with it, Great Expectations says
    return [int(n) for n in held.filter(~pl.col("held"))[number]]

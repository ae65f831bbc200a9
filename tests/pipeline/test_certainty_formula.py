"""Expressions over arrays mean what they mean in DuckDB: every one of the shipped catalogue, and made ones, nulls included."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.certainty.cells import grouped, plain
from pipeline.certainty.formula import evaluate
from pipeline.schema import load_catalogue
from pipeline.schema.expressions import columns_of

TEXTS = {
    "school_type": ["211", "218", "312", "511", None], "stage": ["primary", "junior", "senior"], "urban_rural": ["121", "220", None],
    "room_kind": ["music", "art", None], "operator_code": ["831", "999", None],
}  # fmt: skip
MADE = (
    "a + b / c", "a / (b - b)", "case when a > b then a when b > c then b end", "coalesce(a, b, 0) >= 1 and not (c = 2)",
    "a is null or b in (1, 2, c)", "case a when 1 then 'one' when 2 then 'two' else 'many' end = 'one'", "nullif(a, 2) is not null",
    "a between b and c", "not a between 1 and 2", "round(a * 2.5)", "round(-a / 8, 1)", "ceil(a / 7) - floor(b / 3)", "abs(b - a)",
    "t like '2_%' or t is null", "not t like '%8'", "t in ('211', '312') and a <> 1", "substring(t, 2, 1) = '1'", "t = '218'",
    "case when t is null then null else a end", "true and a > 1", "false or b < 2", "-a + 3", "coalesce(t, '211') = '211'",
)  # fmt: skip


def expressions() -> list[str]:
    catalogue = load_catalogue()
    fields = [text for f in catalogue.fields.values() for text in (f.expression, *_of(f.aggregate)) if text]
    of_indicators = [
        t for i in catalogue.indicators.values() for t in (i.numerator, i.denominator, i.applies_when) if t
    ]
    return sorted({*fields, *of_indicators})


def _of(aggregate: Any) -> Sequence[str | None]:
    return () if aggregate is None else (aggregate.sum, aggregate.max, aggregate.where)


def agree(expression: str, frame: pl.DataFrame) -> None:
    """Both engines give the same column; what is no number there (0 / 0) is null here."""
    found = np.broadcast_to(evaluate(expression, {c: plain(frame[c]) for c in frame.columns}), (frame.height,))
    expected = duckdb.sql(f"select cast(({expression}) as varchar) as x, ({expression}) as y from frame").pl()["y"]
    for mine, theirs in zip(found, expected, strict=True):
        number = None if theirs is None or math.isnan(theirs) else float(theirs)
        assert (number is None) == bool(np.isnan(mine)), (expression, mine, theirs)
        assert number is None or math.isclose(mine, number, rel_tol=1e-12, abs_tol=1e-12), (expression, mine, theirs)


@pytest.mark.parametrize("expression", expressions())
def test_every_expression_of_the_catalogue_is_as_in_duckdb(expression: str) -> None:
    rng = np.random.default_rng(5)
    names = columns_of(expression) or ("pupils",)
    columns = {}
    for name in names:
        if name in TEXTS:
            columns[name] = pl.Series(name, [TEXTS[name][i] for i in rng.integers(0, len(TEXTS[name]), 300)], pl.String)
        elif name == "is_judged":
            columns[name] = pl.Series(name, rng.random(300) < 0.5)
        else:
            numbers = np.where(rng.random(300) < 0.5, rng.integers(0, 60, 300), rng.integers(0, 3000, 300)).astype(
                float
            )
            columns[name] = pl.Series(name, [None if rng.random() < 0.2 else x for x in numbers], pl.Float64)
    agree(expression, pl.DataFrame(columns))


NUMBER = st.one_of(st.none(), st.integers(-3, 12).map(float))
ROWS = st.lists(
    st.tuples(NUMBER, NUMBER, NUMBER, st.sampled_from([None, "211", "218", "312", ""])), min_size=1, max_size=12
)


@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_made_expressions_are_as_in_duckdb(rows: list[tuple[Any, ...]]) -> None:
    schema = {"a": pl.Float64, "b": pl.Float64, "c": pl.Float64, "t": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    for expression in MADE:
        agree(expression, frame)


def test_draws_and_rows_go_together() -> None:
    columns = {
        "a": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "b": np.array([10.0, np.nan]),
        "t": np.array(["x", None], dtype=object),
    }
    assert np.array_equal(evaluate("a + b", columns), [[11, np.nan], [13, np.nan]], equal_nan=True)
    found = evaluate("case when t = 'x' then a else b end", columns)
    assert np.array_equal(found, [[1, np.nan], [3, np.nan]], equal_nan=True)


@settings(deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_grouped_sums_and_maxima_are_those_of_a_loop(groups: list[int]) -> None:
    x = np.arange(2.0 * len(groups)).reshape(2, -1)
    group = np.array(groups)
    for operation, start, loop in ((np.add, 0.0, sum), (np.maximum, -np.inf, max)):
        found = grouped(x, group, 7, operation, start)
        for draw in range(2):
            for number in range(7):
                parts = [float(v) for v, g in zip(x[draw], groups, strict=True) if g == number]
                assert found[draw, number] == (loop(parts) if parts else start)

"""The small SQL dialect of the catalogue: what it allows, what it reads, and that three engines take it alike."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest

from pipeline.schema import load_catalogue
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.expressions import ExpressionError, columns_of, conjuncts, for_polars
from pipeline.schema.model import Rule
from pipeline.schema.rule_columns import BEFORE

CATALOGUE = load_catalogue()

VALUES: dict[str, list[float | None]] = {"a": [None, -1.5, 0.0, 2.0, 3.0, 7.0], "b": [1.0, 0.0, None, 2.0, 4.0, 7.0]}


def in_polars(expression: str) -> list[object]:
    frame = pl.DataFrame({**VALUES, "t": ["x", "2%", None, "21", "12", ""]})
    return list(frame.select(pl.sql_expr(for_polars(expression)).alias("x"))["x"])


def in_duckdb(expression: str) -> list[object]:
    frame = pl.DataFrame({**VALUES, "t": ["x", "2%", None, "21", "12", ""]})
    connection = duckdb.connect()
    connection.register("frame", frame.to_arrow())
    return [row[0] for row in connection.execute(f"select {expression} from frame").fetchall()]


@pytest.mark.parametrize(
    "expression",
    [
        "a + b * 2", "a / nullif(b, 0)", "a / 27 * 2", "round(a / 3, 2)", "ceil(a / 2)", "floor(a)", "abs(a)",
        "coalesce(a, b)", "a > b", "a >= 2 and b < 5", "a > 2 or b > 2", "not a > 2", "a is null", "a is not null",
        "a in (2, 3)", "a not in (2, 3)", "a between 0 and 2", "t like '2%'", "t = '21'", "t <> '21'", "a <= 13.5",
        "case when a > 1 then 1 when b > 1 then 2 end", "case t when '21' then a else b end", "-a",
        "substring(t, 1, 1) = '2'", "ceil(a * 600 / 600)",
    ],
)  # fmt: skip
def test_duckdb_and_polars_say_the_same(expression: str) -> None:
    assert in_polars(expression) == pytest.approx(in_duckdb(expression), nan_ok=True)


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("greatest(a, b)", "greatest"), ("least(a, b)", "least"), ("cast(a as integer)", "cast"), ("a::int", "cast"),
        ("(select 1)", "subquery"), ("sum(a)", "sum"), ("count(*)", "count"), ("my_function(a)", "my_function"),
        ("a as b", "alias"), ("a; b", "block"), ("*", "star"), ("a || b", "dpipe"), ("a % 2", "mod"),
    ],
)  # fmt: skip
def test_what_lies_outside_the_dialect_is_named(expression: str, what: str) -> None:
    with pytest.raises(ExpressionError, match=what) as error:
        columns_of(expression)
    assert what in error.value.zh


@pytest.mark.parametrize("expression", ["a +", "a = = b", "(a", "a = 'x", " ", "ceil(a / 12", "floor(a", "ceil()"])
def test_an_expression_that_does_not_parse_is_said_so(expression: str) -> None:
    with pytest.raises(ExpressionError, match="does not parse"):
        columns_of(expression)


def test_a_comment_would_swallow_the_sql_after_it() -> None:
    with pytest.raises(ExpressionError, match="holds a comment"):
        columns_of("a > 0 -- or so")


def test_a_column_takes_no_table() -> None:
    with pytest.raises(ExpressionError, match="names a table"):
        columns_of("t.a > 0")


def test_columns_come_once_each_in_order_and_headers_may_be_quoted() -> None:
    assert columns_of("b + a * b") == ("b", "a")
    assert columns_of("备注 = '合计' or \"在校生（人）\" is null") == ("备注", "在校生（人）")


def test_an_expression_falls_into_the_parts_that_must_all_hold() -> None:
    assert conjuncts("a > 0 and (b > 0 and c > 0)") == ("a > 0", "b > 0", "c > 0")
    assert conjuncts("a > 0 or (b > 0 and c > 0)") == ("a > 0 OR b > 0", "a > 0 OR c > 0")
    assert conjuncts("a > 0 and b > 0 and a > 0") == ("a > 0", "b > 0")
    assert conjuncts("not (a > 0 and b > 0)") == ("NOT (a > 0 AND b > 0)",)


def test_a_wide_or_is_kept_whole() -> None:
    pairs = " or ".join(f"(a{n} > 0 and b{n} > 0)" for n in range(30))
    assert len(conjuncts(pairs)) <= 64


@pytest.mark.parametrize("rule", [r for r in CATALOGUE.rules.values() if r.condition], ids=lambda r: r.id)
def test_a_condition_fails_exactly_where_a_part_of_it_fails(rule: Rule) -> None:
    assert rule.condition is not None
    names = columns_of(rule.condition)
    codes = {"stage": ["primary", "junior", "senior", None], "school_type": ["218", "211", None, "312"]}
    text = {*IDENTITY_COLUMNS, *(f.id for f in CATALOGUE.fields.values() if f.type in ("text", "code"))} - {"is_public"}
    texts = {n: codes.get(n, ["1", None, "2", "1"]) for n in names if n.removeprefix(BEFORE) in text}
    numbers = [None, -1.0, 0.0, 5000.0]
    rows = 64
    frame = pl.DataFrame(
        {n: [texts.get(n, numbers)[(7 * row + 3 * i + row // 4 + (row * i) // 5) % 4] for row in range(rows)] for i, n in enumerate(names)},
        schema={n: pl.String if n in texts else pl.Float64 for n in names},
    )  # fmt: skip
    whole = frame.select(pl.sql_expr(for_polars(rule.condition)).fill_null(True).alias("x"))["x"]
    parts = frame.select(
        pl.sql_expr(for_polars(part)).fill_null(True).alias(str(i)) for i, part in enumerate(conjuncts(rule.condition))
    )
    assert whole.to_list() == parts.select(pl.all_horizontal(pl.all()))[parts.columns[0]].to_list()

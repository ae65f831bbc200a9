"""The SQL dialect of catalogue expressions: small enough to mean the same in DuckDB, Polars and Spark.

Arithmetic, comparison, ``and or not``, ``is null``, ``in``, ``between``, ``like``, ``case``, ``ceil floor abs round
coalesce nullif``. Left out on purpose: ``greatest`` and ``least`` (they skip nulls, so a missing value would turn into
a number), casts, sub-queries and aggregates.
"""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import ParseError, TokenError

_ALLOWED = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not,
    exp.Is, exp.In, exp.Between, exp.Like, exp.Case, exp.If,
    exp.Ceil, exp.Floor, exp.Abs, exp.Round, exp.Coalesce, exp.Nullif,
)  # fmt: skip


class ExpressionError(ValueError):
    """An expression outside the dialect; ``zh`` and ``en`` say what was found."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@lru_cache(maxsize=4096)
def columns_of(expression: str) -> tuple[str, ...]:
    """Names of the columns an expression reads, in order of appearance, each once.

    Raises ExpressionError when it does not parse or uses something outside the dialect.
    """
    try:
        tree = parse_one(expression, dialect="duckdb")
    except (ParseError, TokenError) as error:
        raise ExpressionError(
            f"表达式“{expression}”无法解析", f"the expression “{expression}” does not parse"
        ) from error
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            what = type(node).__name__.lower()
            raise ExpressionError(
                f"表达式“{expression}”用了不允许的“{what}”",
                f"the expression “{expression}” uses “{what}”, which is not allowed",
            )
        if isinstance(node, exp.Column) and node.table:
            raise ExpressionError(
                f"表达式“{expression}”中的列名不得带表名",
                f"the expression “{expression}” names a table before a column",
            )
    return tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))


def is_constant(expression: str) -> bool:
    """Whether an expression reads no column."""
    return not columns_of(expression)


@lru_cache(maxsize=4096)
def for_polars(expression: str) -> str:
    """The same expression for ``polars.sql_expr``, with numbers written as doubles.

    Polars reads ``13.5`` as a decimal and would divide to six places, where DuckDB divides doubles.
    """
    tree = parse_one(expression, dialect="duckdb")
    for literal in list(tree.find_all(exp.Literal)):
        if not literal.is_string and not isinstance(literal.parent, exp.Round):
            literal.replace(exp.cast(literal.copy(), "double"))
    return str(tree.sql(dialect="postgres"))

"""The SQL dialect of catalogue expressions: small enough to mean the same in DuckDB, Polars and Spark.

Arithmetic, comparison, ``and or not``, ``is null``, ``in``, ``between``, ``like``, ``case``, ``ceil floor abs round
coalesce nullif substring``. Left out on purpose: ``greatest`` and ``least`` (they skip nulls, so a missing value would turn into
a number), casts, sub-queries and aggregates.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from sqlglot import TokenType, exp, parse_one, tokenize
from sqlglot.errors import ParseError, TokenError

_ALLOWED = (
    exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not,
    exp.Is, exp.In, exp.Between, exp.Like, exp.Case, exp.If,
    exp.Ceil, exp.Floor, exp.Abs, exp.Round, exp.Coalesce, exp.Nullif, exp.Substring,
)  # fmt: skip

MOST_CONJUNCTS = 64
"""An ``or`` that would distribute into more parts than this is kept whole."""


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
    tree = _parsed(expression)
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            what = node.name if isinstance(node, exp.Anonymous) else type(node).__name__.lower()
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


def _parsed(expression: str) -> exp.Expr:
    """The tree of an expression. Stricter than sqlglot, since SQL templates hold the text as it was written."""
    try:
        tree = parse_one(expression, dialect="duckdb")
        tokens = tokenize(expression, dialect="duckdb")
    except (ParseError, TokenError) as error:
        raise ExpressionError(
            f"表达式“{expression}”无法解析", f"the expression “{expression}” does not parse"
        ) from error
    kinds = Counter(token.token_type for token in tokens)
    incomplete = any(node.error_messages() for node in tree.walk())
    if incomplete or kinds[TokenType.L_PAREN] != kinds[TokenType.R_PAREN]:
        raise ExpressionError(f"表达式“{expression}”无法解析", f"the expression “{expression}” does not parse")
    if any(token.comments for token in tokens):
        raise ExpressionError(f"表达式“{expression}”中不能有注释", f"the expression “{expression}” holds a comment")
    return tree


def tree_of(expression: str) -> exp.Expr:
    """The tree of an expression that ``columns_of`` has accepted."""
    return parse_one(expression, dialect="duckdb")


@lru_cache(maxsize=4096)
def conjuncts(expression: str) -> tuple[str, ...]:
    """The conditions that must all hold for an expression to hold; ``or`` is distributed over ``and``.

    An expression is false exactly where one of them is, nulls included, so they say which part of it failed.
    """
    parts = _conjuncts(parse_one(expression, dialect="duckdb"))
    return tuple(dict.fromkeys(part.sql(dialect="duckdb") for part in parts))


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Paren):
        return _conjuncts(node.this)
    if isinstance(node, exp.And):
        return _conjuncts(node.left) + _conjuncts(node.right)
    if isinstance(node, exp.Or):
        left, right = _conjuncts(node.left), _conjuncts(node.right)
        if len(left) * len(right) <= MOST_CONJUNCTS:
            return [exp.or_(a, b) for a in left for b in right]
    return [node]


@lru_cache(maxsize=4096)
def for_polars(expression: str) -> str:
    """The same expression for ``polars.sql_expr``, with numbers written as doubles.

    Polars reads ``13.5`` as a decimal and would divide to six places, where DuckDB divides doubles. It divides by a
    constant as a product with the reciprocal, which makes ``ceil(p / 600)`` one too many for some multiples of 600; a
    divisor that varies with the row (by 0 times the dividend) is divided by.
    """
    tree = parse_one(expression, dialect="duckdb")
    for division in list(tree.find_all(exp.Div)):
        if isinstance(division.expression, exp.Literal) and division.this.find(exp.Column):
            nothing = exp.Mul(this=exp.Literal.number(0), expression=exp.paren(division.this.copy()))
            division.set("expression", exp.paren(exp.Add(this=division.expression.copy(), expression=nothing)))
    for literal in list(tree.find_all(exp.Literal)):
        if not literal.is_string and not isinstance(literal.parent, exp.Round | exp.Substring):
            literal.replace(exp.cast(literal.copy(), "double"))
    return str(tree.sql(dialect="postgres"))

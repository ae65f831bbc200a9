"""Catalogue expressions over Polars frames, with the arithmetic that the dialect promises.

Here: one way to evaluate an expression, used by everything in the audit. Not here: which expression means what.

Polars alone differs from DuckDB in three places that a formula can show. It divides a column by a constant as a product
with the reciprocal, which is off in the last digit: ``ceil(p / 600)`` is one too many for some multiples of 600, and
``floor(p / 49)`` one too few for 49. It rounds halves to even where SQL rounds them away from zero. And it reads ``13.5`` as
a decimal with the arithmetic of decimals. So constants in a divisor become columns, ``round`` is written out, and numbers
with a point are doubles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
from sqlglot import exp, parse_one

_PREFIX = "__constant_"


@dataclass(frozen=True)
class Formula:
    """An expression as Polars is given it, and the constants that it reads as columns (name to value)."""

    sql: str
    constants: tuple[tuple[str, float], ...]


@lru_cache(maxsize=4096)
def formula(expression: str) -> Formula:
    """An expression of the catalogue prepared for Polars."""
    constants: dict[str, float] = {}
    tree = parse_one(expression, dialect="duckdb").transform(_rounding)
    for division in list(tree.find_all(exp.Div)):
        for literal in list(division.expression.find_all(exp.Literal)):
            if not literal.is_string:
                name = constants_name(literal.name)
                constants[name] = float(literal.name)
                literal.replace(exp.column(name))
    for literal in list(tree.find_all(exp.Literal)):
        if not literal.is_string and not literal.is_int:
            literal.replace(exp.cast(literal.copy(), "double"))
    return Formula(tree.sql(dialect="duckdb"), tuple(constants.items()))


def constants_name(text: str) -> str:
    """The column that holds a constant, named by how it is written."""
    return _PREFIX + "".join(c if c.isalnum() else "_" for c in text)


def _rounding(node: exp.Expr) -> exp.Expr:
    """``round(x, d)`` as sign(x) · floor(|x| · 10^d + 0.5) / 10^d."""
    if not isinstance(node, exp.Round):
        return node
    digits = node.args.get("decimals")
    scale = 10.0 ** int(digits.name) if digits is not None else 1.0
    inner = node.this.sql(dialect="duckdb")
    up = f"floor(abs({inner}) * {scale} + 0.5) / {scale}"
    return parse_one(f"(case when ({inner}) < 0 then -({up}) else {up} end)", dialect="duckdb")


def with_formulas(frame: pl.DataFrame, expressions: Mapping[str, str], kind: pl.DataType) -> pl.DataFrame:
    """The frame with a column per expression, cast to ``kind``: Float64 for quantities, Boolean for conditions.

    Expressions read the frame's columns, not one another.
    """
    ready = {name: formula(text) for name, text in expressions.items()}
    constants = {name: value for one in ready.values() for name, value in one.constants}
    # A true column: a literal, however it is broadcast, would be divided by as a reciprocal.
    columns = [pl.Series(name, [value]).new_from_index(0, frame.height) for name, value in constants.items()]
    made = [pl.sql_expr(one.sql).cast(kind).alias(name) for name, one in ready.items()]
    return frame.with_columns(columns).with_columns(made).drop(constants)


def holds(frame: pl.DataFrame, condition: str) -> pl.Series:
    """Whether a condition holds, for each row; where it is null it does not."""
    return with_formulas(frame, {"__holds": condition}, pl.Boolean())["__holds"].fill_null(False)


def half_up(value: pl.Expr, decimals: int | None) -> pl.Expr:
    """A value as it is compared: itself, or rounded half up in decimal. Twelve decimals of the double are taken as meant."""
    if decimals is None:
        return value
    unit = 10 ** (12 - int(decimals))
    whole = (value * 1e12).round().cast(pl.Int64)
    return ((whole + unit // 2) // unit).cast(pl.Float64) / 10.0 ** int(decimals)

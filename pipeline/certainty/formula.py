"""Catalogue expressions over NumPy arrays, many draws at once.

A number is a float with NaN for null; a truth value is 1, 0 or NaN; a text is an object with None for null. Columns have a row a
school (or class, room) along the last axis; figures that vary from draw to draw have the draws along the axis before it, and
anything may be broadcast against anything. The dialect is that of ``pipeline.schema.expressions`` and means the same here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlglot import exp

from pipeline.schema.expressions import columns_of, tree_of

Column = NDArray[Any]
Columns = Mapping[str, Column]
NOTHING = np.array(None, dtype=object)
Visit = Callable[[Any, Columns], Column]


def evaluate(expression: str, columns: Columns) -> Column:
    """The value of an expression for every row (and draw). Raises KeyError for a column that is not there."""
    return _value(_tree(expression), columns)


def holds(expression: str, columns: Columns) -> NDArray[np.bool_]:
    """Whether a condition holds; where it is null it does not."""
    return evaluate(expression, columns) == 1


@lru_cache(maxsize=4096)
def _tree(expression: str) -> exp.Expr:
    columns_of(expression)
    return tree_of(expression)


def _value(node: Any, columns: Columns) -> Column:
    return _VISITS[type(node)](node, columns)


# -- leaves ------------------------------------------------------------------------------------------------------------


def _literal(node: exp.Literal, columns: Columns) -> Column:
    return np.array([node.name], dtype=object) if node.is_string else np.array([float(node.name)])


def _null(node: exp.Null, columns: Columns) -> Column:
    return np.array([np.nan])


def _boolean(node: exp.Boolean, columns: Columns) -> Column:
    return np.array([1.0 if node.this else 0.0])


# -- arithmetic: NaN goes through by itself ----------------------------------------------------------------------------


def _two(operation: Callable[[Column, Column], Column]) -> Visit:
    def visit(node: exp.Binary, columns: Columns) -> Column:
        return operation(_value(node.this, columns), _value(node.expression, columns))

    return visit


def _one(operation: Callable[[Column], Column]) -> Visit:
    def visit(node: exp.Expr, columns: Columns) -> Column:
        return operation(_value(node.this, columns))

    return visit


def _over(a: Column, b: Column) -> Column:
    """Infinite where the divisor is 0, as in DuckDB; callers that mean null say ``nullif``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(a / b)


def divided(a: Column, b: Column) -> Column:
    """Null where the divisor is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b == 0, np.nan, a / b)


def _rounded(node: exp.Round, columns: Columns) -> Column:
    """Halves away from zero, as SQL has it."""
    x = _value(node.this, columns)
    digits = node.args.get("decimals")
    scale = 10.0 ** int(digits.name) if digits is not None else 1.0
    return np.sign(x) * np.floor(np.abs(x) * scale + 0.5) / scale


# -- comparison and logic ----------------------------------------------------------------------------------------------


def is_null(x: Column) -> NDArray[np.bool_]:
    """Null, of numbers and of texts."""
    return np.equal(x, NOTHING).astype(bool) if x.dtype == object else np.isnan(x)


def _compared(operation: Callable[[Column, Column], Column]) -> Callable[[Column, Column], Column]:
    def compare(a: Column, b: Column) -> Column:
        lost = is_null(a) | is_null(b)
        if a.dtype == object or b.dtype == object:
            a, b = (np.where(is_null(x), "", x).astype(str) if x.dtype == object else x for x in (a, b))
        with np.errstate(invalid="ignore"):
            return np.where(lost, np.nan, operation(a, b).astype(float))

    return compare


_equal, _at_least, _at_most = _compared(np.equal), _compared(np.greater_equal), _compared(np.less_equal)


def _and(a: Column, b: Column) -> Column:
    return np.where((a == 0) | (b == 0), 0.0, a * b)


def _or(a: Column, b: Column) -> Column:
    return np.where((a == 1) | (b == 1), 1.0, a + b)


def _in(node: exp.In, columns: Columns) -> Column:
    x = _value(node.this, columns)
    found = np.array([0.0])
    for candidate in node.expressions:
        found = _or(found, _equal(x, _value(candidate, columns)))
    return found


def _between(node: exp.Between, columns: Columns) -> Column:
    x = _value(node.this, columns)
    return _and(_at_least(x, _value(node.args["low"], columns)), _at_most(x, _value(node.args["high"], columns)))


def _like(node: exp.Like, columns: Columns) -> Column:
    signs = {"%": ".*", "_": "."}
    pattern = re.compile("".join(signs.get(c, re.escape(c)) for c in node.expression.name), re.DOTALL)
    texts = _value(node.this, columns)
    found = [np.nan if t is None else float(pattern.fullmatch(str(t)) is not None) for t in texts.ravel()]
    return np.array(found).reshape(texts.shape)


def _is(node: exp.Is, columns: Columns) -> Column:
    return is_null(_value(node.this, columns)).astype(float)


# -- choices -----------------------------------------------------------------------------------------------------------


def _either(condition: NDArray[np.bool_], a: Column, b: Column) -> Column:
    """``a`` where the condition holds, else ``b``; a null among texts is None."""
    if a.dtype != b.dtype:
        a, b = (np.full(x.shape, None, dtype=object) if x.dtype != object and np.isnan(x).all() else x for x in (a, b))
    return np.where(condition, a, b)


def _case(node: exp.Case, columns: Columns) -> Column:
    subject = _value(node.this, columns) if node.this is not None else None
    default = node.args.get("default")
    result = _value(default, columns) if default is not None else np.array([np.nan])
    for branch in reversed(node.args["ifs"]):
        asked = _value(branch.this, columns)
        holds_here = (asked if subject is None else _equal(subject, asked)) == 1
        result = _either(holds_here, _value(branch.args["true"], columns), result)
    return result


def _coalesce(node: exp.Coalesce, columns: Columns) -> Column:
    result = _value(node.this, columns)
    for other in node.expressions:
        result = _either(~is_null(result), result, _value(other, columns))
    return result


def _nullif(node: exp.Nullif, columns: Columns) -> Column:
    x = _value(node.this, columns)
    same = _equal(x, _value(node.expression, columns)) == 1
    return _either(same, np.array([None if x.dtype == object else np.nan]), x)


def _substring(node: exp.Substring, columns: Columns) -> Column:
    texts = _value(node.this, columns)
    start = int(node.args["start"].name) - 1
    length = node.args.get("length")
    end = None if length is None else start + int(length.name)
    cut = np.empty(texts.shape, dtype=object)
    cut.ravel()[:] = [None if t is None else str(t)[start:end] for t in texts.ravel()]
    return cut


_VISITS: dict[type, Visit] = {
    exp.Column: lambda node, columns: columns[node.name],
    exp.Literal: _literal, exp.Null: _null, exp.Boolean: _boolean,
    exp.Paren: _one(lambda x: x), exp.Neg: _one(np.negative), exp.Abs: _one(np.abs), exp.Ceil: _one(np.ceil),
    exp.Floor: _one(np.floor), exp.Round: _rounded, exp.Not: _one(lambda x: 1 - x),
    exp.Add: _two(np.add), exp.Sub: _two(np.subtract), exp.Mul: _two(np.multiply), exp.Div: _two(_over),
    exp.EQ: _two(_equal), exp.NEQ: _two(_compared(np.not_equal)), exp.GT: _two(_compared(np.greater)),
    exp.GTE: _two(_at_least), exp.LT: _two(_compared(np.less)), exp.LTE: _two(_at_most),
    exp.And: _two(_and), exp.Or: _two(_or), exp.Is: _is, exp.In: _in, exp.Between: _between, exp.Like: _like,
    exp.Case: _case, exp.Coalesce: _coalesce, exp.Nullif: _nullif, exp.Substring: _substring,
}  # fmt: skip

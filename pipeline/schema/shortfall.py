"""What an indicator says of its shortfall: the field in which the ledger tells it, and what one unit of that field does.

Here: the ``ledger`` entry of ``indicators.yaml``, its faults, and how numerator or denominator depends on the field. Not here: how
much is lacking (``pipeline.shortfalls``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from pipeline.schema.expressions import ExpressionError, columns_of, tree_of
from pipeline.schema.fault import Fault, unknown
from pipeline.schema.model import Catalogue, FieldDef, Indicator

TOLD_SCOPES = ("stage", "split", "whole")
"""Scopes of fields that a school's numerator can count."""


@dataclass(frozen=True)
class Effect:
    """What one more unit of the field does: it moves ``side`` by ``slope``. ``change``: what mends a shortfall."""

    field: FieldDef
    side: Literal["numerator", "denominator"]
    slope: float
    change: Literal["add", "remove"]

    @property
    def is_counted(self) -> bool:
        """Whether the field counts whole things."""
        return self.field.type == "integer"


def effect_of(indicator: Indicator, catalogue: Catalogue) -> Effect | None:
    """The effect of the field in which an indicator's shortfall is told; None where it names none. The catalogue is checked."""
    if indicator.ledger is None:
        return None
    name = indicator.ledger.field
    side: Literal["numerator", "denominator"] = (
        "numerator" if name in columns_of(indicator.numerator) else "denominator"
    )
    moved = slope(getattr(indicator, side), name) or 0.0
    helps = (moved > 0) == ((indicator.direction == ">=") == (side == "numerator"))
    return Effect(catalogue.fields[name], side, moved, "add" if helps else "remove")


def slope(expression: str, name: str) -> float | None:
    """By how much an expression changes for each unit of a column, where that is the same for every row; else None."""
    return _slope(tree_of(expression), name)


def _slope(node: exp.Expr, name: str) -> float | None:
    if not any(column.name == name for column in node.find_all(exp.Column)):
        return 0.0
    if isinstance(node, exp.Column):
        return 1.0
    if isinstance(node, exp.Paren):
        return _slope(node.this, name)
    if isinstance(node, exp.Neg):
        return _scaled(_slope(node.this, name), -1.0)
    if isinstance(node, exp.Add | exp.Sub):
        first, second = _slope(node.left, name), _slope(node.right, name)
        second = _scaled(second, 1.0 if isinstance(node, exp.Add) else -1.0)
        return None if first is None or second is None else first + second
    return _slope_of_product(node, name)


def _slope_of_product(node: exp.Expr, name: str) -> float | None:
    """Times or divided by a written number; anything else bends."""
    if isinstance(node, exp.Mul):
        for factor, other in ((node.left, node.right), (node.right, node.left)):
            if (number := _number(factor)) is not None:
                return _scaled(_slope(other, name), number)
    if isinstance(node, exp.Div) and (number := _number(node.right)):
        return _scaled(_slope(node.left, name), 1 / number)
    return None


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _number(node: exp.Expr) -> float | None:
    if isinstance(node, exp.Paren):
        return _number(node.this)
    if isinstance(node, exp.Neg):
        return _scaled(_number(node.this), -1.0)
    return float(node.this) if isinstance(node, exp.Literal) and not node.is_string else None


def ledger_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the ``ledger`` entries: a field that is none, or of which no amount can be solved for."""
    for indicator in catalogue.indicators.values():
        if indicator.ledger is None:
            continue
        name = indicator.ledger.field
        told = {f.id for f in catalogue.fields_of(*TOLD_SCOPES)}
        if name not in told:
            yield unknown("indicators", indicator.id, ("ledger", "field"), name, told)
            continue
        try:
            said = _unsolvable(indicator, name, catalogue)
        except ExpressionError:  # told as a fault of the expression
            continue
        if said is not None:
            yield Fault("indicators", indicator.id, ("ledger", "field"), *said)


def _unsolvable(indicator: Indicator, name: str, catalogue: Catalogue) -> tuple[str, str] | None:
    """Why no amount of the field can be solved for (zh, en); None where one can."""
    sides = [key for key in ("numerator", "denominator") if name in columns_of(getattr(indicator, key))]
    if len(sides) != 1:
        return (
            f"{name} 须在分子或分母之一中出现，台账才能算出差额",
            f"{name} must stand in the numerator or in the denominator, one of them, for the ledger to solve for it",
        )
    moved = slope(getattr(indicator, sides[0]), name)
    if not moved:
        return (
            f"式中 {name} 每增加一个单位的作用不是固定的数，台账无法算出差额；请改用线性的式子或去掉 ledger",
            f"one unit of {name} does not move the {sides[0]} by a fixed number, so the ledger cannot solve for it; make the"
            " expression linear or leave out ledger",
        )
    if _moves_elsewhere(indicator, name, sides[0], catalogue):
        return (
            f"{name} 还通过其他字段影响该指标，台账无法只改变它",
            f"{name} also reaches the indicator by another field, so the ledger cannot change it alone",
        )
    if sides[0] == "denominator" and not (
        moved > 0 and indicator.direction == "<=" and _levels_above_zero(indicator, catalogue)
    ):
        return (
            "分母中的字段只能用于标准值大于 0 的“不高于”指标，且须使分母增大",
            "a field of the denominator is for `<=` with levels above 0 only, and must make the denominator larger",
        )
    return None


def _moves_elsewhere(indicator: Indicator, name: str, side: str, catalogue: Catalogue) -> bool:
    """Whether another column of the indicator, or its condition, is made from the field."""
    others = [
        column
        for key in ("numerator", "denominator")
        for column in columns_of(getattr(indicator, key))
        if column != name
    ]
    conditions = columns_of(indicator.applies_when) if indicator.applies_when else ()
    return name in conditions or any(name in _made_from(column, catalogue) for column in (*others, *conditions))


def _made_from(name: str, catalogue: Catalogue) -> set[str]:
    """Fields that a derived field reads, directly or by others."""
    found: set[str] = set()
    open_names = [name]
    while open_names:
        field = catalogue.fields.get(open_names.pop())
        for read in _reads(field) if field is not None else ():
            if read not in found:
                found.add(read)
                open_names.append(read)
    return found


def _reads(field: FieldDef) -> list[str]:
    aggregate = field.aggregate
    texts = [field.expression] if aggregate is None else [aggregate.sum, aggregate.max, aggregate.where]
    return [column for text in texts if text for column in columns_of(text)]


def _levels_above_zero(indicator: Indicator, catalogue: Catalogue) -> bool:
    items = (i for s in catalogue.standards.values() for i in s.items if i.indicator == indicator.id)
    levels = [level for i in items for t in i.thresholds for level in (t.value, t.floor) if level is not None]
    return all(level > 0 for level in levels)

"""The factor of a column: the unit that its header names beside the field's, and the unit that its figures suggest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from pipeline.returns.headings import normal
from pipeline.returns.suggest.words import Unit, all_units, unit_of
from pipeline.schema.expressions import tree_of
from pipeline.schema.model import Catalogue, FieldDef

FEWEST_PUPILS, MOST_PUPILS = 20.0, 3000.0
"""Pupils of a school, where a bound hangs on them and the sheet does not tell them: between a point and a large campus."""


@dataclass(frozen=True)
class Factor:
    """What a column is multiplied by; ``is_sure`` is False where a person must look, with the reason in words."""

    value: float = 1.0
    is_sure: bool = True
    zh: str = ""
    en: str = ""


def factor_of(header: Unit | None, title: tuple[Unit, ...], field: FieldDef | None) -> Factor:
    """The factor by the units in words. ``title``: units that stand above the table (``单位：万元``)."""
    own = unit_of(normal(field.unit.zh)) if field is not None and field.unit is not None else None
    if own is None:
        return Factor()
    if header is None:
        of_title = {unit for unit in title if unit.measure == own.measure and unit.size != own.size}
        if len(of_title) != 1 or any(unit.size == own.size and unit.measure == own.measure for unit in title):
            return Factor()
        unit = of_title.pop()
        zh = f"表头没有单位，表上方写着“{unit.text}”，已按此乘以 {unit.size / own.size:.12g}，请核对"
        en = f"no unit in the header; “{unit.text}” stands above the table, so × {unit.size / own.size:.12g}: check it"
        return Factor(unit.size / own.size, False, zh, en)
    if header.measure != own.measure:
        zh = f"表头的单位“{header.text}”与字段的单位“{own.text}”不是同一种量"
        return Factor(1.0, False, zh, f"the header's unit “{header.text}” does not measure what “{own.text}” does")
    return Factor(header.size / own.size)


def is_of_another_measure(header: Unit | None, field: FieldDef | None) -> bool:
    """Whether a header's unit rules a field out."""
    if header is None or field is None or field.unit is None:
        return False
    own = unit_of(normal(field.unit.zh))
    return own is not None and own.measure != header.measure


def by_magnitude(catalogue: Catalogue, field: FieldDef, median: float, factor: float, pupils: float | None) -> Factor:
    """What the size of the figures says: sure where they are in the field's range, or where no rule gives one.

    ``median``: of the figures as they stand. ``pupils``: the median of the sheet's pupils, where it tells them.
    """
    low, high = plausible(catalogue, field.id, pupils)
    if low is None or high is None or low <= median * factor <= high:
        return Factor(factor)
    own = unit_of(normal(field.unit.zh)) if field.unit is not None else None
    range_zh = f"按规则应在 {low:.6g}–{high:.6g} {own.text if own else ''}"
    better = [u for u in all_units() if own and u.measure == own.measure and low <= median * u.size / own.size <= high]
    if not better or own is None:
        zh = f"数值的中位数是 {median:.6g}，{range_zh}，请核对单位"
        return Factor(
            factor, False, zh, f"the median is {median:.6g}; rules expect {low:.6g}–{high:.6g}: check the unit"
        )
    nearest = min(better, key=lambda unit: _distance(median * unit.size / own.size, low, high))
    zh = f"数值像是“{nearest.text}”：中位数 {median:.6g}，{range_zh}；若是，写 factor: {nearest.size / own.size:.12g}"
    en = (
        f"the figures look like “{nearest.text}”: median {median:.6g}, rules expect {low:.6g}–{high:.6g}; "
        f"if so write factor: {nearest.size / own.size:.12g}"
    )
    return Factor(factor, False, zh, en)


def _distance(value: float, low: float, high: float) -> float:
    """How far a value lies from the middle of a range, by ratio."""
    middle = (max(low, 1.0) * high) ** 0.5
    return max(value / middle, middle / value)


@lru_cache(maxsize=8)
def _bounds(digest: str, conditions: tuple[str, ...]) -> dict[str, list[tuple[exp.Expr, exp.Expr]]]:
    """Column → the pairs of bounds that rules hold it between. ``digest`` only keys the cache."""
    found: dict[str, list[tuple[exp.Expr, exp.Expr]]] = {}
    for condition in conditions:
        for between in tree_of(condition).find_all(exp.Between):
            if isinstance(between.this, exp.Column):
                found.setdefault(between.this.name, []).append((between.args["low"], between.args["high"]))
    return found


def plausible(catalogue: Catalogue, to: str, pupils: float | None) -> tuple[float | None, float | None]:
    """The narrowest range in which the catalogue's rules of plausibility expect a field; None where they say nothing.

    A bound may hang on a count of pupils; on anything else it is left out.
    """
    rules = [rule for rule in catalogue.rules.values() if rule.step != 2]
    conditions = tuple(rule.condition for rule in rules if rule.condition)
    low: float | None = None
    high: float | None = None
    for lower, upper in _bounds(catalogue.digest, conditions).get(to, []):
        least = _value(lower, pupils or FEWEST_PUPILS, catalogue)
        most = _value(upper, pupils or MOST_PUPILS, catalogue)
        if least is not None and most is not None:
            low = least if low is None else max(low, least)
            high = most if high is None else min(high, most)
    return low, high


def _value(bound: exp.Expr, pupils: float, catalogue: Catalogue) -> float | None:
    """A bound as a number, with a count of pupils in place of the column that counts them."""
    if isinstance(bound, exp.Paren):
        return _value(bound.this, pupils, catalogue)
    if isinstance(bound, exp.Literal):
        return float(bound.this)
    if isinstance(bound, exp.Column):
        return pupils if _counts_pupils(bound.name, catalogue) else None
    sides: Mapping[type[exp.Expr], Callable[[float, float], float]] = {
        exp.Add: float.__add__,
        exp.Sub: float.__sub__,
        exp.Mul: float.__mul__,
        exp.Div: float.__truediv__,
    }
    operation = sides.get(type(bound))
    if operation is None:
        return None
    one, other = (_value(side, pupils, catalogue) for side in (bound.this, bound.expression))
    return None if one is None or other is None else operation(one, other)


def _counts_pupils(name: str, catalogue: Catalogue) -> bool:
    """Whether a column is the sum of the pupils of all stages of a school."""
    field = catalogue.fields.get(name)
    pupils = {stage.pupils_field for stage in catalogue.stages.values()}
    return name in pupils or (
        field is not None
        and field.aggregate is not None
        and str(field.aggregate.sum) in pupils
        and not field.aggregate.where
    )

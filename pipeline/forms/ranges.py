"""The numbers that a column of a form may hold, from the field's type and unit and the rules of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.returns.typing import kind_of
from pipeline.schema.layout import Column
from pipeline.schema.model import Catalogue, Rule

BETWEEN = "expect_column_values_to_be_between"
PERCENT = "%"


@dataclass(frozen=True)
class Range:
    """Least and greatest number of a cell, in the unit of the form; ``above`` leaves the least itself out."""

    low: float = 0.0
    high: float | None = None
    above: bool = False
    is_whole: bool = False

    def words(self) -> tuple[str, str]:
        """What may be entered, in Chinese and English."""
        zh, en = ("整数", "a whole number") if self.is_whole else ("数字", "a number")
        if self.high is not None:
            return f"{self.low:g} 至 {self.high:g} 的{zh}", f"{en} from {self.low:g} to {self.high:g}"
        if self.above:
            return f"大于 {self.low:g} 的{zh}", f"{en} above {self.low:g}"
        return f"不小于 {self.low:g} 的{zh}", f"{en} of {self.low:g} or more"


def range_of(catalogue: Catalogue, record: str, column: Column) -> Range:
    """The range of a column of numbers: nothing below 0, shares up to 100, and what critical rules demand.

    What only warns is left open: a rare figure may be right.
    """
    field = catalogue.fields.get(column.to)
    is_share = field is not None and field.unit is not None and field.unit.zh == PERCENT
    low, high, above = 0.0, 100.0 if is_share else None, False
    for rule in catalogue.rules.values():
        if rule.record != record or not _bounds(rule, column.to):
            continue
        least, most = _limit(rule, "min_value"), _limit(rule, "max_value")
        if least is not None and least >= low:
            low, above = least, bool(_arguments(rule).get("strict_min"))
        if most is not None:
            high = most if high is None else min(high, most)
    scaled = None if high is None else high / column.factor
    is_whole = kind_of(catalogue, column.to) == "integer" and column.factor == 1
    return Range(low / column.factor, scaled, above and high is None, is_whole)


def _arguments(rule: Rule) -> dict[str, object]:
    return rule.expectation.kwargs if rule.expectation is not None else {}


def _bounds(rule: Rule, to: str) -> bool:
    """Whether a rule is a critical range of the column."""
    is_range = rule.expectation is not None and rule.expectation.type == BETWEEN
    return rule.severity == "critical" and is_range and _arguments(rule).get("column") == to


def _limit(rule: Rule, key: str) -> float | None:
    value = _arguments(rule).get(key)
    return float(value) if isinstance(value, int | float) else None

"""SQL of what tests compare: expressions of the catalogue beside the county's cells and the settings, and the comparison itself."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.schema.county import Direction, Limit
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue

STRICT = {">": "not at_most", "<": "not at_least", ">=": "at_least", "<=": "at_most"}
"""Strictly above is what is not at most, with the tolerance of the macros."""


def holds(direction: Direction, value: str, bound: str) -> str:
    """SQL: whether a value stands on the right side of a bound; null where one of them is."""
    return f"{STRICT[direction]}({value}, {bound})"


def bound_of(limit: Limit) -> str:
    """SQL of a limit: a number as a double, or an expression."""
    return f"cast({limit!r} as double)" if isinstance(limit, float) else f"cast({limit} as double)"


def settings_of(catalogue: Catalogue, keys: Iterable[str]) -> list[str]:
    """SQL of columns that hold settings by their keys."""
    return [f"{_literal(catalogue.setting(key))} as {key}" for key in keys]


def cells_of(catalogue: Catalogue, expressions: Iterable[str | None], prefix: str) -> list[str]:
    """SQL of columns: the county's cells that the expressions read, each once."""
    names = {name for text in expressions if text is not None for name in columns_of(text)}
    return [f"{prefix}{f.id}" for f in catalogue.fields_of("county") if f.id in names]


def _literal(value: float | int | bool | str | None) -> str:
    if value is None:
        return "cast(null as double)"
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, str) else f"cast({float(value)!r} as double)"

"""A canonical value as a layout wants it in a cell: recoded back, in the file's unit. The inverse of ``returns.typing``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.returns.typing import is_numeric
from pipeline.schema.layout import Column

Cell = str | float | int | None


@dataclass(frozen=True)
class Verbatim:
    """A cell written exactly so, whatever the layout would make of it."""

    value: Cell


def cell_value(column: Column, kind: str, value: Any) -> Cell:
    """What the cell of a column of that type holds: a number for a number, text for a code, None for a blank.

    Raises ValueError for a text where a number belongs (``Verbatim`` writes one).
    """
    if isinstance(value, Verbatim):
        return value.value
    if value is None:
        return None
    if column.recode:
        code = _code(value)
        return next((text for text, meant in column.recode.items() if meant == code), code)
    if not is_numeric(kind):
        return str(value)
    number = _in_unit(float(value), column.factor)
    return int(number) if number.is_integer() else number


def cell_text(column: Column, value: Any) -> str:
    """The same as text, for a delimited file."""
    if isinstance(value, str):
        return str(cell_value(column, "text", value))
    cell = cell_value(column, "number", value)
    if isinstance(cell, float):
        return f"{cell:.15g}"
    return "" if cell is None else str(cell)


def _in_unit(value: float, factor: float) -> float:
    """The value over the factor, without the noise that dividing leaves in the sixteenth digit."""
    return value if factor == 1 else float(f"{value / factor:.15g}")


def _code(value: Any) -> str:
    """A code as recodes know it; truth and whole numbers are codes too."""
    return f"{float(value):.15g}" if isinstance(value, bool | int | float) else str(value)

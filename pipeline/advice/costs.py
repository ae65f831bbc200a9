"""What one more unit of an indicator costs: by the register of unit costs, else unknown; a price is never assumed."""

from __future__ import annotations

from typing import Any

from pipeline.schema.model import Indicator
from pipeline.schema.register import KINDS
from pipeline.store.home import Home
from pipeline.store.registers import read_register

REGISTER = "unit_costs"


def unit_cost(home: Home, indicator: Indicator, year: int) -> float | None:
    """Yuan per unit of the field in which the ledger tells the indicator, the latest price that has begun; None where
    neither is known."""
    kind, told = KINDS.get(REGISTER), getattr(indicator, "ledger", None)
    if kind is None or told is None:
        return None
    rows: list[Any] = [row for row, _ in read_register(home, kind)]
    begun = {row.from_year: row.yuan_per_unit for row in rows if row.field == told.field and row.from_year <= year}
    return float(begun[max(begun)]) if begun else None

"""What one more unit of an indicator costs: the price of the field in which the ledger tells it; a price is never assumed."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.shortfalls.prices import prices
from pipeline.store.home import Home


def unit_cost(home: Home, catalogue: Catalogue, indicator_id: str, year: int) -> float | None:
    """Yuan per unit in a year; None where the ledger tells the indicator in no field, or the field has no price."""
    told = catalogue.indicators[indicator_id].ledger
    if told is None:
        return None
    found = prices(home, catalogue, [year]).filter(pl.col("field") == told.field)
    return float(found["yuan_per_unit"][0]) if found.height else None

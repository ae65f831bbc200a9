"""Holds a plan against its limit by the pipeline's own function: the macros of the database, on one thread."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import duckdb
import polars as pl

from pipeline.schema.comparison import tolerance
from pipeline.schema.model import Catalogue
from pipeline.tables import compute
from pipeline.tables.context import rounded

HALF_A_STEP = Decimal("0.5")
SMALLEST = 1e-12
"""Digits in which a coefficient is held before it is rounded."""


class Judge:
    """Computes coefficients and compares them as ``gap_coefficient`` does. Close it after use."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.decimals: int | None = catalogue.setting("decimals_cv")
        self.tolerance = tolerance(catalogue)
        self._connection = duckdb.connect(config={"threads": 1})
        for statement in compute.macros(catalogue):
            self._connection.execute(statement)

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def cv(self, values: Sequence[float], pupils: Sequence[float]) -> float:
        """The gap coefficient of schools with these values and pupils."""
        frame = pl.DataFrame({"x": list(values), "p": list(pupils)}, schema={"x": pl.Float64, "p": pl.Float64})
        self._connection.register("schools", frame.to_arrow())
        return float(self._one("select gap_coefficient_of(x, p) from schools"))

    def within(self, cv: float, limit: float) -> bool:
        """Whether a coefficient is within a limit, rounded first where a setting says so."""
        held = rounded(f"cast({cv!r} as double)", self.decimals)
        return bool(self._one(f"select at_most({held}, cast({limit!r} as double))"))

    def largest(self, limit: float) -> float:
        """The largest coefficient that is within a limit, less a hair where what is rounded must fall below a half step."""
        if self.decimals is None:
            return limit * (1 + self.tolerance)
        step = Decimal(1).scaleb(-int(self.decimals))
        lowest = Decimal(repr(limit * (1 + self.tolerance))).quantize(step, rounding=ROUND_FLOOR)
        return float(lowest + HALF_A_STEP * step) - SMALLEST

    def _one(self, sql: str) -> Any:
        ((value,),) = self._connection.execute(sql).fetchall()
        return value

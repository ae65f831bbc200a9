"""The registers of a made-up province, from ``registers.yaml``: what a unit costs. Not here: returns and rosters (``write``)."""

from __future__ import annotations

import csv
from collections.abc import Sequence

import numpy as np

from pipeline.sample.draws import Draws
from pipeline.sample.parameters import parameters
from pipeline.schema.register import UnitCost
from pipeline.store.home import Home

UNIT_COSTS = "unit_costs"


def write_registers(home: Home, seed: int, years: Sequence[int]) -> None:
    """Writes the registers that the home does not keep yet: what is there is never overwritten."""
    path = home.registers / f"{UNIT_COSTS}.csv"
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(UnitCost.model_fields)
        for cost in _unit_costs(seed, years):
            writer.writerow(cost.model_dump().values())


def _unit_costs(seed: int, years: Sequence[int]) -> list[UnitCost]:
    """Prices from the first year, and from the last year those that rose."""
    given = parameters("registers")
    entries = given[UNIT_COSTS]
    draws = Draws(seed).uniform("registers", UNIT_COSTS, size=len(entries))
    found = []
    for entry, draw in zip(entries, draws, strict=True):
        is_money = entry["yuan"] == 1
        first = 1.0 if is_money else _printed(entry["yuan"] * (1 + given["spread"] * (2 * draw - 1)))
        prices = {years[0]: first} if is_money else {years[0]: first, years[-1]: _printed(first * (1 + given["rise"]))}
        found += [
            UnitCost(field=entry["field"], yuan_per_unit=price, from_year=year, basis=entry["basis"])
            for year, price in prices.items()
        ]
    return found


def _printed(price: float) -> float:
    """Three figures that matter, as price lists have."""
    return float(np.format_float_positional(price, precision=3, fractional=False, trim="-"))

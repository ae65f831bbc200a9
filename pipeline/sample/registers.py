"""The registers of a made-up province: how one is written, and the prices of ``registers.yaml``.

Here: writing, and what a unit costs. Not here: groups (``groups``), relaxations (``grants``), returns and rosters (``write``).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.sample.draws import Draws
from pipeline.sample.parameters import parameters
from pipeline.schema.entry import Entry
from pipeline.schema.register import KINDS
from pipeline.store.home import Home, replacing


def write_register(home: Home, kind: type[Entry], rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes the register of a kind, unless the home keeps one already or there is nothing to write."""
    name = next(name for name, of in KINDS.items() if of is kind)
    path, listed = home.registers / f"{name}.csv", list(rows)
    if path.exists() or not listed:
        return
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(kind.model_fields), restval="")
        writer.writeheader()
        writer.writerows(listed)


def unit_cost_rows(seed: int, years: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Prices from the first year, and from the last year those that rose."""
    given = parameters("registers")
    entries = given["unit_costs"]
    draws = Draws(seed).uniform("registers", "unit_costs", size=len(entries))
    for entry, draw in zip(entries, draws, strict=True):
        is_money = entry["yuan"] == 1
        first = 1.0 if is_money else _printed(entry["yuan"] * (1 + given["spread"] * (2 * draw - 1)))
        prices = {years[0]: first} if is_money else {years[0]: first, years[-1]: _printed(first * (1 + given["rise"]))}
        for year, price in prices.items():
            yield {"field": entry["field"], "yuan_per_unit": price, "from_year": year, "basis": entry["basis"]}


def _printed(price: float) -> float:
    """Three figures that matter, as price lists have."""
    return float(np.format_float_positional(price, precision=3, fractional=False, trim="-"))

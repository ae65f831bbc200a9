"""The register of unit costs: what a unit of a field costs from a year on."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

Prices = dict[str, list[tuple[int, float]]]


def read_prices(home: Path) -> Prices:
    """By field, the years from which a price holds, the first one first."""
    found: Prices = defaultdict(list)
    with (home / "registers" / "unit_costs.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["field"]].append((int(row["from_year"]), float(row["yuan_per_unit"])))
    return {field: sorted(rows) for field, rows in found.items()}


def price(prices: Prices, field: str, year: int) -> float | None:
    """What a unit costs in the year; None where no price holds yet."""
    held = [yuan for since, yuan in prices.get(field, []) if since <= year]
    return held[-1] if held else None

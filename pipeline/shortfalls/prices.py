"""What a unit costs in a year, by the register ``unit_costs.csv`` of a home. No register, no yuan: a price is never assumed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

import polars as pl

from pipeline.errors import HomeError
from pipeline.schema.load import Place
from pipeline.schema.model import Catalogue
from pipeline.schema.register import UnitCost
from pipeline.store.home import Home
from pipeline.store.registers import read_register

SCHEMA = {"year": pl.Int64, "field": pl.String, "yuan_per_unit": pl.Float64}


def prices(home: Home, catalogue: Catalogue, years: Iterable[int]) -> pl.DataFrame:
    """One row a year and field that has a price then: the latest that began. Raises HomeError for a row that cannot be used."""
    told = {i.ledger.field for i in catalogue.indicators.values() if i.ledger is not None}
    by_start: dict[str, dict[int, float]] = {}
    for cost, place in read_register(home, UnitCost):
        _refuse(cost, place, told, by_start.setdefault(cost.field, {}))
        by_start[cost.field][cost.from_year] = cost.yuan_per_unit
    rows = [
        (year, field, starts[max(begun)])
        for year in years
        for field, starts in sorted(by_start.items())
        if (begun := [start for start in starts if start <= year])
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _refuse(cost: UnitCost, place: Place, told: Collection[str], known: Collection[int]) -> None:
    """Raises HomeError for a field in which nothing is told, and for a second price from the same year."""
    if cost.field not in told:
        near = difflib.get_close_matches(cost.field, sorted(told), n=1)
        zh, en = (f"，是否指“{near[0]}”", f"; did you mean “{near[0]}”?") if near else ("", "")
        error = place.error(
            (), f"台账没有以“{cost.field}”计量的差额{zh}", f"no shortfall is told in “{cost.field}”{en}"
        )
        raise HomeError(error.zh, error.en)
    if cost.from_year in known:
        error = place.error(
            (),
            f"“{cost.field}”自 {cost.from_year} 年起已有单价",
            f"“{cost.field}” has a price from {cost.from_year} already",
        )
        raise HomeError(error.zh, error.en)

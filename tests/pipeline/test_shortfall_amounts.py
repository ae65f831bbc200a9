"""Adding what the ledger says makes an item met, and a unit less does not: by the shipped expressions, and over campuses."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.schema import load_catalogue
from pipeline.schema.comparison import Comparison
from pipeline.schema.expressions import columns_of
from pipeline.schema.shortfall import effect_of
from pipeline.shortfalls.campuses import least_in_all, least_whole_in_all, undominated
from pipeline.shortfalls.need import Rule, Values, least
from pipeline.tables.compute import macros

CATALOGUE = load_catalogue()
TOLD = [i.id for i in CATALOGUE.indicators.values() if i.ledger]


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in macros(CATALOGUE):
        connection.execute(statement)
    return connection


def levels_of(indicator: str) -> list[float]:
    items = (i for s in CATALOGUE.standards.values() for i in s.items if i.indicator == indicator)
    return [level for i in items for t in i.thresholds for level in (t.value, t.floor) if level is not None]


@pytest.mark.parametrize("name", TOLD)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_amount_makes_it_met_and_one_unit_less_does_not(
    name: str, data: st.DataObject, database: duckdb.DuckDBPyConnection
) -> None:
    indicator = CATALOGUE.indicators[name]
    effect = effect_of(indicator, CATALOGUE)
    assert effect is not None
    level = data.draw(st.sampled_from(levels_of(name) or [1.0, 7.5, 0.9]))
    columns = sorted({*columns_of(indicator.numerator), *columns_of(indicator.denominator)})
    row: dict[str, Any] = {column: data.draw(st.integers(1, 3000)) for column in columns if column != "urban_rural"}
    row["urban_rural"] = "121"

    def evaluated(cells: Mapping[str, Any]) -> tuple[float, float, bool]:
        given_cells = ", ".join(f"${c}::{'varchar' if c == 'urban_rural' else 'double'} as {c}" for c in cells)
        test = "at_least" if indicator.direction == ">=" else "at_most"
        value = f"({indicator.numerator}) / cast({indicator.denominator} as double)"
        sql = f"select ({indicator.numerator})::double, ({indicator.denominator})::double, {test}({value}, $t) from (select {given_cells})"
        found = database.execute(sql, {**cells, "t": level}).fetchone()
        assert found is not None
        return found

    numerator, denominator, is_met = evaluated(row)
    values = Values(*(np.array([x], dtype=float) for x in (numerator, denominator, level, 1.0)))
    (amount,) = least(Rule(indicator.direction, effect, Comparison.of(CATALOGUE)), values)
    assert (amount == 0) == is_met
    if is_met:
        return
    sign = 1 if effect.change == "add" else -1
    assert evaluated(row | {effect.field.id: row[effect.field.id] + sign * amount})[2]
    less = amount - 1 if effect.is_counted else amount * (1 - 1e-6)
    assert not evaluated(row | {effect.field.id: row[effect.field.id] + sign * less})[2]
    assert not effect.is_counted or amount == round(amount)


@given(
    numerator=st.integers(0, 4000),
    denominator=st.integers(1, 4000),
    level=st.sampled_from([0.9, 1.0, 2.3, 5.3, 8.67]),
    decimals=st.sampled_from([None, 0, 1, 2]),
)
def test_rounding_before_the_comparison_is_reckoned_with(
    numerator: int, denominator: int, level: float, decimals: int | None
) -> None:
    effect = effect_of(CATALOGUE.indicators["backbone_teachers_per_100"], CATALOGUE)
    assert effect is not None
    rule = Rule(">=", effect, Comparison(1e-9, decimals))
    values = Values(*(np.array([x], dtype=float) for x in (numerator, denominator / 100, level, 1.0)))
    (amount,) = least(rule, values)
    assert rule.is_met(values, np.array([amount]))[0]
    assert amount == 0 or not rule.is_met(values, np.array([amount - 1]))[0]


# --- what stages share


@given(
    shares=st.lists(st.tuples(st.floats(0.05, 0.6), st.floats(0.05, 0.4)) | st.sampled_from([(1.0, 0.0), (0.0, 1.0)]), min_size=2, max_size=4),
    needs=st.tuples(st.floats(0.1, 6), st.floats(0.1, 6)),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_whole_things_over_campuses_agree_with_brute_force(
    shares: list[tuple[float, float]], needs: tuple[float, float]
) -> None:
    kept, need = undominated(np.array(shares)), np.array(needs)
    if not (kept > 0).any(axis=0).all():
        return
    exact = least_in_all(kept, need)
    found = least_whole_in_all(kept, need, lambda got: bool((got >= need * (1 - 1e-9)).all()))
    assert exact <= found * (1 + 1e-9)
    fewer = int(found) - 1
    if math.comb(fewer + len(kept) - 1, len(kept) - 1) < 20_000:
        for put in _ways(fewer, len(kept)):
            assert not (kept.T @ np.array(put) >= need).all()


def _ways(total: int, parts: int) -> list[tuple[int, ...]]:
    bars = itertools.combinations(range(total + parts - 1), parts - 1)
    return [tuple(b - a - 1 for a, b in zip((-1, *cut), (*cut, total + parts - 1), strict=True)) for cut in bars]

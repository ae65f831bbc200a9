"""Suspicion once more: the trials counted in SQL over the units and attainments, the tails by recurrence in plain Python.

Here: the counts, chances and flags of every county and test, from the method (``docs/suspicion.md``). Not here: words, the list of
schools, and anything of ``pipeline.suspicion``, which works in Polars and with SciPy.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import duckdb
import polars as pl

from pipeline.audit.suspicion_sql import BELOW, CELLS_KEY, DIGITS, EQUAL, NEAR, PAIRS, SHRUNK, prepare, units_sql
from pipeline.errors import HomeError
from pipeline.schema.model import Catalogue
from pipeline.schema.suspicion_limits import Limits
from pipeline.store.home import Home

KEY = ["year", "county_code", "test_id"]
Place = tuple[int, str, str]
"""Year, province, county."""
Count = tuple[int, int, float]
"""Trials, hits, hits expected."""


def suspicion_table(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """A row a year, county and test: n, observed, expected, p_value, q_value, is_flagged. Raises HomeError without the tables."""
    limits = Limits.of(catalogue)
    for name in ("unit", "unit_stage", "indicator_attainment"):
        if not home.table(name).exists():
            raise HomeError(f"工作目录 {home.path} 中没有表 {name}", f"the home {home.path} has no table {name}")
    with duckdb.connect(config={"threads": 1}) as connection:
        prepare(connection, home, catalogue, limits)
        places: list[Place] = connection.execute(
            "select year, province_code, county_code from place order by all"
        ).fetchall()
        found = {
            "just_above": _pooled(connection, NEAR, limits, limits.minimum, _flat(limits), limits.least_dispersion),
            "just_risen": _pooled(connection, BELOW, limits, limits.minimum_changed, 0.05, limits.least_dispersion),
            "as_last_year": _repeated(connection, limits),
            "twins": _twins(connection, limits),
            "round_figures": _pooled(connection, DIGITS, limits, limits.minimum, 0.1, limits.least_dispersion),
            "growing": _pooled(connection, SHRUNK, limits, limits.minimum_changed, 0.1, limits.least_dispersion_cells),
        }  # fmt: skip
    rows = [
        {"year": place[0], "county_code": place[2], "test_id": test, "n": n, "observed": k, "expected": expected, "p_value": p, **judged}
        for test, tested in found.items()
        for (place, (n, k, expected, p)), judged in zip(
            ((place, tested.get(place, (0, 0, None, None))) for place in places),
            _judge([(place[:2], tested.get(place, (0, 0, None, None))[3]) for place in places], limits), strict=True,
        )
    ]  # fmt: skip
    schema = {
        "year": pl.Int64(), "county_code": pl.String(), "test_id": pl.String(), "n": pl.Int64(), "observed": pl.Int64(),
        "expected": pl.Float64(), "p_value": pl.Float64(), "q_value": pl.Float64(), "is_flagged": pl.Boolean(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema).sort(KEY)


def _flat(limits: Limits) -> float:
    """Share of the window in the neighbourhood of a level, if values lay evenly."""
    return limits.window_pct / (2 * limits.near_pct)


# -- dispersion and tails ----------------------------------------------------------------------------------------------------


def _units(
    connection: duckdb.DuckDBPyConnection, trials: str, root: float, limits: Limits, *, by_school: bool = False
) -> dict[tuple[Any, ...], Count]:
    """Trials, hits and expected hits by county and school ('' where schools are pooled)."""
    rows = connection.execute(units_sql(trials, root, limits, by_school=by_school)).fetchall()
    return {row[:4]: row[4:] for row in rows}


def _dispersions(units: dict[tuple[Any, ...], Count], least: float) -> dict[Place, float]:
    """County → intra-class correlation of the other counties' units, by moments."""
    over: dict[Place, list[float]] = defaultdict(list)
    weight: dict[Place, list[float]] = defaultdict(list)
    for unit, (n, k, expected) in units.items():
        spread = n * (expected / n) * (1 - expected / n)
        over[unit[:3]].append((k - expected) ** 2 - spread)
        weight[unit[:3]].append(spread * (n - 1))
    sums = {place: (math.fsum(over[place]), math.fsum(weight[place])) for place in over}
    made = {}
    for place in sums:
        others = [sum_ for p, sum_ in sums.items() if p[:2] == place[:2] and p != place]
        total = math.fsum(w for _, w in others)
        moment = math.fsum(o for o, _ in others) / total if total > 0 else 0.0
        made[place] = min(0.5, max(least, moment))
    return made


def tail(n: int, k: int, expected: float, dispersion: float) -> float:
    """Chance of ``k`` or more of ``n``, summed over the recurrence of the (beta-)binomial from its lower end."""
    if k <= 0:
        return 1.0
    mean = min(max(expected / n, 1e-12), 1 - 1e-12)
    a, b = (
        (mean * (1 - dispersion) / dispersion, (1 - mean) * (1 - dispersion) / dispersion)
        if dispersion > 0
        else (0.0, 0.0)
    )
    log, terms = _log_of_none(n, mean, a, b), []
    for x in range(n + 1):
        if x >= k:
            terms.append(math.exp(log))
        if x < n:
            odds = (x + a) / (n - x - 1 + b) if dispersion > 0 else mean / (1 - mean)
            log += math.log((n - x) / (x + 1) * odds)
    return min(1.0, math.fsum(terms))


def _log_of_none(n: int, mean: float, a: float, b: float) -> float:
    """Logarithm of the chance of no hit at all."""
    if a == 0:
        return n * math.log1p(-mean)
    return math.fsum(math.log((b + i) / (a + b + i)) for i in range(n))


# -- tests -----------------------------------------------------------------------------------------------------------------

Told = dict[Place, tuple[int, int, float | None, float | None]]
"""County → n, observed, expected, p."""


def _pooled(
    connection: duckdb.DuckDBPyConnection, trials: str, limits: Limits, minimum: int, root: float, least: float
) -> Told:
    units = _units(connection, trials, root, limits)
    dispersion = _dispersions(units, least)
    return {
        (year, province, county): (n, k, e, tail(n, k, e, dispersion[year, province, county]) if k >= minimum else None)
        for (year, province, county, _), (n, k, e) in units.items()
    }


def _repeated(connection: duckdb.DuckDBPyConnection, limits: Limits) -> Told:
    every = _units(connection, EQUAL, 0.1, limits, by_school=True)
    schools = {unit: count for unit, count in every.items() if count[0] >= limits.least_cells}
    dispersion = _dispersions(schools, limits.least_dispersion_cells)
    p: dict[Place, list[float]] = defaultdict(list)
    for unit, (n, k, e) in schools.items():
        p[unit[:3]].append(tail(n, k, e, dispersion[unit[:3]]) if k >= n * limits.repeated_share else 1.0)
    likely = {place: [min(1.0, one * len(of)) for one in of] for place, of in p.items()}
    return {place: (len(of), sum(one < 0.05 for one in of), None, min(of)) for place, of in likely.items()}


def _twins(connection: duckdb.DuckDBPyConnection, limits: Limits) -> Told:
    schools = connection.execute(
        f"select {CELLS_KEY} from telling group by all having count(*) >= {limits.least_cells} order by all"
    ).fetchall()
    by_year: dict[int, int] = defaultdict(int)
    tested: dict[Place, int] = defaultdict(int)
    for year, province, county, _ in schools:
        by_year[year] += 1
        tested[year, province, county] += 1
    of_county = {(year, county): (year, province, county) for year, province, county in tested}
    worst: dict[Place, tuple[set[str], float]] = {}
    for year, county, school, other_county, other, n, k, expected in connection.execute(PAIRS).fetchall():
        if n < limits.least_cells or k < n * limits.twin_share:
            continue
        p = min(1.0, tail(n, k, expected, limits.least_dispersion_cells) * by_year[year] * (by_year[year] - 1) / 2)
        for where, who in ((county, school), (other_county, other)):
            place = of_county.get((year, where))
            if p < 0.05 and place is not None:
                known, least = worst.get(place, (set(), 1.0))
                worst[place] = (known | {who}, min(least, p))
    return {
        place: (n, len(worst.get(place, ((), 1.0))[0]), None, worst.get(place, ((), 1.0))[1])
        for place, n in tested.items()
    }


def _judge(rows: list[tuple[tuple[int, str], float | None]], limits: Limits) -> list[dict[str, Any]]:
    """q and flag of each row, in order: the step-up of Benjamini and Hochberg inside a year and province."""
    families: dict[tuple[int, str], list[float]] = defaultdict(list)
    for family, p in rows:
        if p is not None:
            families[family].append(p)
    made = []
    for family, p in rows:
        q = None
        if p is not None:
            ordered = sorted(families[family])
            q = min(min(1.0, x * len(ordered) / (i + 1)) for i, x in enumerate(ordered) if x >= p)
        flagged = q is not None and p is not None and q <= limits.false_discovery_pct / 100 and p <= limits.cut
        made.append({"q_value": q, "is_flagged": flagged})
    return made

"""Gap coefficients of counties, prefectures, provinces and the nation, with bounds by search and the least one by trial."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from tests.oracle.cells import Expected
from tests.oracle.scores import Counted
from tests.oracle.texts import COUNTIES_PCT, JUDGED, MISSING_PUPILS_PCT, STANDARDS, WHOLE_UNITS, Standard, at_most

Vector = NDArray[np.float64]
LEVELS = ("county", "prefecture", "province", "nation")


@dataclass(frozen=True)
class Area:
    """A division and the counties in it: those expected and those of which something counts."""

    level: str
    code: str
    expected: tuple[str, ...]
    came: int

    @property
    def enough(self) -> bool:
        return self.came * 100 >= COUNTIES_PCT * len(self.expected)


@dataclass(frozen=True)
class Group:
    """The schools of an area, stage and indicator: values, numerators and pupils of those with a value, the others' pupils."""

    x: Vector
    amounts: Vector
    pupils: Vector
    lacking: Vector


def areas(roster: Expected, came: Iterable[str]) -> list[Area]:
    """Every area of a roster's year, counties first."""
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for county in roster.counties:
        for level, code in zip(LEVELS, [*roster.chain(county), "0"], strict=True):
            members[level, code].append(county)
    there = set(came)
    found = [Area(level, code, tuple(c), len(there & set(c))) for (level, code), c in members.items()]
    return sorted(found, key=lambda a: (LEVELS.index(a.level), a.code))


def weighted(x: Vector, p: Vector) -> tuple[float, float]:
    """Mean X and standard deviation S over pupils (divisor P)."""
    mean = float(np.dot(p, x) / p.sum())
    return mean, float(np.sqrt(np.dot(p, (x - mean) ** 2) / p.sum()))


def theil(x: Vector, p: Vector, mean: float) -> float:
    share = x / mean
    return float(np.dot(p, np.where(share > 0, share * np.log(np.where(share > 0, share, 1)), 0)) / p.sum())


def bounds(group: Group, cv: float | None) -> tuple[float | None, float | None]:
    """Least and largest CV when the schools without a value share any value from 0 to the largest that is known."""
    if cv is None or not group.lacking.size:
        return cv, cv
    largest = float(group.x.max())
    p = np.append(group.pupils, group.lacking.sum())

    def at(t: float) -> float:
        mean, sd = weighted(np.append(group.x, t), p)
        return sd / mean

    inside = minimize_scalar(
        at, bounds=(0, largest), method="bounded", options={"xatol": largest * 1e-10, "maxiter": 500}
    )
    tried = [at(0), at(largest)]
    return min(float(inside.fun), *tried), max(tried)


def least_cv(group: Group) -> float:
    """The CV after dealing out the whole units one by one, each to the school that it leaves nearest to its share."""
    units = round(float(group.amounts.sum()))
    dealt = np.zeros(group.pupils.size)
    queue = [(1.0 / p, i) for i, p in enumerate(group.pupils)]
    heapq.heapify(queue)
    for _ in range(units):
        _, i = queue[0]
        dealt[i] += 1
        heapq.heapreplace(queue, ((2 * dealt[i] + 1) / group.pupils[i], i))
    mean, sd = weighted(dealt / group.pupils, group.pupils)
    return sd / mean


def gap_coefficients(
    rows: Iterable[Counted], values: pd.DataFrame, rosters: Mapping[int, Expected], came: Mapping[int, set[str]]
) -> pd.DataFrame:
    """One row a year, standard, area, stage and indicator that the standard lists under its gaps."""
    value_of = {
        (v.year, v.school_id, v.stage, v.indicator_id): (float(v.value), float(v.numerator))
        for v in values[values.state == "ok"].itertuples()
    }
    by_county: dict[tuple[int, str, str, str], list[Counted]] = defaultdict(list)
    for row in rows:
        by_county[row.year, row.standard, row.stage, row.county].append(row)
    made = []
    for year, roster in sorted(rosters.items()):
        for area, standard, stage in product(areas(roster, came[year]), STANDARDS, JUDGED):
            inside = [r for county in area.expected for r in by_county[year, standard.id, stage, county]]
            for indicator in standard.gaps:
                group = _group(inside, indicator, value_of)
                made.append(_gap(year, area, standard, stage, indicator, group))
    return pd.DataFrame(made)


def _group(
    inside: list[Counted], indicator: str, value_of: Mapping[tuple[int, str, str, str], tuple[float, float]]
) -> Group:
    pairs = [(r, value_of.get((r.year, r.school_id, r.stage, indicator)) if r.came else None) for r in inside]
    known = [(v[0], v[1], r.pupils) for r, v in pairs if v is not None]
    x, amounts, pupils = np.array(known, dtype=float).reshape(-1, 3).T
    return Group(x, amounts, pupils, np.array([r.pupils for r, v in pairs if v is None]))


def _gap(year: int, area: Area, standard: Standard, stage: str, indicator: str, group: Group) -> dict[str, object]:
    at_county = area.level == "county"
    some = group.x.size > 0
    mean, sd = weighted(group.x, group.pupils) if some else (None, None)
    cv = sd / mean if mean and sd is not None else None
    low, high = bounds(group, cv) if at_county else (None, None)
    limit = standard.cv_limits[stage] if standard.cv_limits and at_county else None
    state = _state(area, group, mean)
    return {
        "year": year,
        "standard_id": standard.id,
        "area_level": area.level,
        "area_code": area.code,
        "stage": stage,
        "indicator_id": indicator,
        "schools": group.x.size,
        "pupils": math.fsum(group.pupils),
        "schools_missing": group.lacking.size,
        "pupils_missing": math.fsum(group.lacking),
        "mean": mean,
        "sd": sd,
        "cv": cv,
        "cv_low": low,
        "cv_high": high,
        "cv_least": least_cv(group) if at_county and indicator in WHOLE_UNITS and cv is not None else None,
        "cv_limit": limit,
        "is_met": _verdict(limit, state, group, low, high),
        "state": state,
        "theil": theil(group.x, group.pupils, mean) if mean else None,
        "trace_id": f"{area.code}.{stage}.{indicator}.{year}.{standard.id}",
    }


def _state(area: Area, group: Group, mean: float | None) -> str:
    lacking, there = float(group.lacking.sum()), float(group.pupils.sum())
    if not group.x.size and not group.lacking.size:
        return "no_schools"
    if not area.enough or lacking * 100 > MISSING_PUPILS_PCT * (lacking + there):
        return "incomplete"
    if group.x.size == 1:
        return "single_school"
    return "zero_mean" if mean == 0 else "ok"


def _verdict(limit: float | None, state: str, group: Group, low: float | None, high: float | None) -> bool | None:
    """Within the limit whatever the missing schools have. A mean of 0 is unmet (each of the seven asks for more than 0);
    one school, with none missing beside it, is not judged."""
    if limit is None or group.x.size + group.lacking.size < 2:
        return None
    if state == "zero_mean":
        return False
    if low is None or high is None:
        return None
    return True if at_most(high, limit) else None if at_most(low, limit) else False

"""``indicator_diagnostics`` and ``indicator_correlation``: how the indicators of a mean go together across the counties of a province.

What they say is about the indicators, never about a county: nothing here is a mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.certainty.inputs import GAP_MEASURES, MEANS, Key, Ranked, lists, places, ranking
from pipeline.certainty.versions import Judge, judges
from pipeline.ranks.normalise import is_constant
from pipeline.ranks.relation import correlation, effective_weights, variance_shares
from pipeline.schema.comparison import Comparison
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema

OK, TOO_FEW, ALL_EQUAL = "ok", "too_few_counties", "all_equal"
LEAST_COUNTIES = 3
"""Two counties always correlate fully."""

Numbers = NDArray[np.float64]
Row = dict[str, Any]


def indicators(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """indicator_diagnostics: a row a year, standard, mean, stage, province and indicator."""
    rows = [row for one, judged in _means(home, catalogue) for row in _of_indicators(one, judged)]
    return pl.DataFrame(rows, schema=polars_schema("indicator_diagnostics"))


def pairs(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """indicator_correlation: a row a year, standard, mean, stage, province and pair of indicators."""
    rows = [row for one, judged in _means(home, catalogue) for row in _of_pairs(one, judged)]
    return pl.DataFrame(rows, schema=polars_schema("indicator_correlation"))


def _means(home: Home, catalogue: Catalogue) -> Iterator[tuple[Ranked, list[Judge]]]:
    rows = ranking(home)
    judged: Mapping[Key, Judge] = judges(places(home, catalogue, rows), catalogue.standards, Comparison.of(catalogue))
    for one in lists(rows, catalogue):
        if one.measure in MEANS:
            yield one, [judged[key] for key in one.keys(one.stage)]


def columns(one: Ranked, these: list[Judge]) -> dict[str, tuple[Numbers, Numbers]]:
    """By indicator, a figure a county: what it has of the indicator (its cv, or the mean attainment of its scored schools to
    which the item applies, 0 to 100; NaN where to none) and the part of that in the county's measure."""
    if one.measure in GAP_MEASURES:
        cv = np.stack([judge.cv for judge in these])
        names = these[0].place.gaps
        return {name: (cv[:, i], cv[:, i] / len(names)) for i, name in enumerate(names)}
    names = tuple(dict.fromkeys(name for judge in these for name in judge.demands.indicators))
    made = [[_of_level(judge, name) for judge in these] for name in names]
    return {
        name: (np.array([a for a, _ in m]), np.array([b for _, b in m])) for name, m in zip(names, made, strict=True)
    }


def _of_level(judge: Judge, name: str) -> tuple[float, float]:
    demands = judge.demands
    if name not in demands.indicators:
        return float("nan"), 0.0
    at = demands.indicators.index(name)
    scored = demands.judged & ~demands.lost.any(axis=1) & demands.applies.any(axis=1)
    weight = np.where(demands.applies, demands.weight, 0.0)[scored]
    found = judge.level.attainment[0][scored]
    applies = demands.applies[scored, at]
    gained = np.where(applies, found[:, at], 0.0)
    part = (100 * gained * weight[:, at] / weight.sum(axis=1)).sum() / len(found)
    return (float(100 * gained.sum() / applies.sum()) if applies.any() else float("nan")), float(part)


def _key(one: Ranked) -> Row:
    return {
        "year": one.year, "standard_id": one.standard.id, "measure": one.measure, "stage": one.stage,
        "province_code": one.province,
    }  # fmt: skip


def _state(*figures: Numbers) -> str:
    if len(figures[0]) < LEAST_COUNTIES:
        return TOO_FEW
    return ALL_EQUAL if any(is_constant(x) for x in figures) else OK


def _of_indicators(one: Ranked, these: list[Judge]) -> Iterator[Row]:
    made = columns(one, these)
    shares = variance_shares(np.stack([part for _, part in made.values()], axis=1))
    item = {i.indicator: i.weight for i in one.standard.items}
    weights = {name: 1.0 if one.measure in GAP_MEASURES else item[name] for name in made}
    effective = effective_weights(dict.fromkeys(made), weights)
    for number, (name, (figure, _)) in enumerate(made.items()):
        known = ~np.isnan(figure)
        figure, value = figure[known], one.value[known]
        state = _state(figure, value)
        yield _key(one) | {
            "indicator_id": name, "effective_weight": effective[name],
            "variance_share": float(shares[number]) if shares is not None and len(these) >= LEAST_COUNTIES else None,
            "correlation": correlation(figure, value) if state == OK else None,
            "mean": _mean(figure), "sd": _deviation(figure), "compared": len(figure), "state": state,
        }  # fmt: skip


def _mean(x: Numbers) -> float | None:
    return float(x.sum() / len(x)) if len(x) else None


def _deviation(x: Numbers) -> float | None:
    """Standard deviation across counties, each counting once (divisor n); exactly 0 where all are equal."""
    if not len(x):
        return None
    return 0.0 if is_constant(x) else float(np.sqrt(((x - x.mean()) ** 2).sum() / len(x)))


def _of_pairs(one: Ranked, these: list[Judge]) -> Iterator[Row]:
    for (a, (x, _)), (b, (y, _)) in combinations(columns(one, these).items(), 2):
        known = ~(np.isnan(x) | np.isnan(y))
        state = _state(x[known], y[known])
        yield _key(one) | {
            "indicator_id": a, "other_indicator_id": b, "compared": int(known.sum()), "state": state,
            "correlation": correlation(x[known], y[known]) if state == OK else None,
        }  # fmt: skip

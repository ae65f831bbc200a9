"""``rank_choice``: by how many places each choice behind a ranking moves a county on average (method 8).

Choices: an indicator left out; weights drawn; one scale for all indicators (z-score, min–max) before they are averaged; how
coefficients become one figure (mean, geometric mean, largest, excess over the limit). All in the province, among the counties
that are ranked. Diagnostics: none of it is a rank of anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.certainty.inputs import BOTH, GAP_MEASURES, MEANS, Key, Ranked, lists, places, ranking
from pipeline.certainty.uncertainty import INDICATOR, WEIGHTS, version_matrix, weighted, without_indicators
from pipeline.certainty.versions import Judge, judges
from pipeline.ranks import composite, normalise
from pipeline.ranks.places import keys, tied
from pipeline.ranks.places import places as ranks_of
from pipeline.ranks.relation import rank_correlations
from pipeline.schema.certainty_limits import Certainty
from pipeline.schema.comparison import Comparison
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema

TABLE = "rank_choice"
NORMALISATION, AGGREGATION = "normalisation", "aggregation"
Numbers = NDArray[np.float64]
Row = dict[str, Any]
Option = tuple[str, str, Numbers]
"""choice, option, the values that would be ranked: versions × counties, in the direction of the measure."""


def table(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """A row a year, standard, measure, stage, province, choice and option."""
    rows = ranking(home)
    judged = judges(places(home, catalogue, rows), catalogue.standards, Comparison.of(catalogue))
    asked = Certainty.of(catalogue)
    found = [
        moved(one, choice, option, values)
        for one in lists(rows, catalogue)
        if one.stage != BOTH
        for choice, option, values in options(one, judged, asked)
    ]
    return pl.DataFrame(found, schema=polars_schema(TABLE))


def options(one: Ranked, judged: Mapping[Key, Judge], asked: Certainty) -> Iterator[Option]:
    """Every choice that another could have made for this measure."""
    these = [judged[key] for key in one.keys(one.stage)]
    named = [without_indicators(one, [judge]) for judge in these]
    for name in dict.fromkeys(name for found in named for name in found):
        yield INDICATOR, name, version_matrix(named, [name], one.value)
    if one.measure in MEANS:
        yield WEIGHTS, "dirichlet", weighted(one, judged, asked)
        for option, scale in (("z_score", normalise.z_score), ("min_max", normalise.min_max)):
            x, weight = profile(one, these)
            yield NORMALISATION, option, composite.arithmetic(scale(x), weight)[None, :]
    if one.measure in GAP_MEASURES:
        for option, values in aggregations(one, these, asked).items():
            yield AGGREGATION, option, values[None, :]


def profile(one: Ranked, these: list[Judge]) -> tuple[Numbers, Numbers]:
    """What the counties are composed of, counties × indicators, and the weights: coefficients, or mean attainment in points.

    An item that applies to no school of a county is attained by none and missed by none: it stands at the mean of the others.
    """
    if one.measure in GAP_MEASURES:
        x = np.stack([judge.cv for judge in these])
        return x, np.ones(x.shape[1])
    names = tuple(dict.fromkeys(name for judge in these for name in judge.demands.indicators))
    x = np.array([[_attainment(judge, name) for name in names] for judge in these])
    known = ~np.isnan(x)
    count = known.sum(axis=0)
    middle = np.where(known, x, 0.0).sum(axis=0) / np.maximum(count, 1)
    weight = {i.indicator: i.weight for i in one.standard.items}
    return np.where(known, x, middle), np.array([weight[name] for name in names])


def _attainment(judge: Judge, name: str) -> float:
    """Mean attainment of an item over the schools of a county that have a score, 0 to 100; NaN where it applies to none."""
    if name not in judge.demands.indicators:
        return float("nan")
    scored = judge.demands.judged & ~judge.demands.lost.any(axis=1)
    found = judge.level.attainment[0][scored, judge.demands.indicators.index(name)]
    found = found[~np.isnan(found)]
    return float(100 * found.sum() / len(found)) if len(found) else float("nan")


def aggregations(one: Ranked, these: list[Judge], asked: Certainty) -> dict[str, Numbers]:
    """Other ways to make one figure of a county's coefficients; the one that the measure itself takes is left out."""
    cv, gap = np.stack([judge.cv for judge in these]), one.standard.gap
    weight = np.ones(cv.shape[1])
    whole = gap.composite_limits.get(one.stage) if gap else None
    limit = whole if whole is not None else gap.limits.get(one.stage) if gap else None
    made: dict[str, Callable[[], Numbers]] = {
        "arithmetic": lambda: composite.arithmetic(cv, weight),
        "geometric": lambda: composite.geometric(cv + asked.geometric_shift, weight),
        "maximum": lambda: composite.largest(cv, weight),
    }
    if limit is not None:
        made["distance_to_limit"] = lambda: composite.excess(cv / limit, weight)
    itself = "arithmetic" if one.measure == "mean_cv" or whole is not None else "maximum"
    return {option: make() for option, make in made.items() if option != itself}


def moved(one: Ranked, choice: str, option: str, values: Numbers) -> Row:
    """What a choice does to the ranks: places moved, mean and largest of the counties (a county's own mean over the draws)."""
    rank = ranks_of(keys(values, lower_is_better=one.lower_is_better))
    shift = np.abs(rank - one.rank).mean(axis=0)
    most = int(shift.argmax())
    told = rank_correlations(one.rank.astype(float), rank.astype(float))
    known = told[~np.isnan(told)]
    return {
        "year": one.year, "standard_id": one.standard.id, "measure": one.measure, "stage": one.stage,
        "province_code": one.province, "choice": choice, "option": option,
        "mean_shift": float(shift.mean()), "largest_shift": float(shift[most]),
        "moved_most_county": one.counties[most] if shift[most] > 0 else None,
        "counties_moved": int((shift > 0).sum()), "counties_tied": tied(rank[0]) if len(rank) == 1 else None,
        "rank_correlation": float(known.mean()) if known.size else None, "compared": len(one.counties),
    }  # fmt: skip

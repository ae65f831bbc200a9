"""``rank_uncertainty``: the four ranges of every rank, each named by its cause (method 8). None is a confidence interval: the
returns are a census, so these say how far a rank hangs on choices, on one school, on small errors, and nothing about chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.certainty.draws import Drawn, with_errors
from pipeline.certainty.inputs import BOTH, MEANS, Key, Ranked, lists, places, ranking
from pipeline.certainty.versions import Judge, Named, drawn_weights, judges, worse
from pipeline.ranks.places import keys, quantile
from pipeline.ranks.places import places as ranks_of
from pipeline.schema.certainty_limits import Certainty
from pipeline.schema.comparison import Comparison
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import polars_schema

TABLE = "rank_uncertainty"
WEIGHTS, INDICATOR, SCHOOL, ERROR = "weights", "indicator_out", "school_out", "reporting_error"
CAUSES = (WEIGHTS, INDICATOR, SCHOOL, ERROR)
OK, NOT_APPLICABLE, TOO_FEW, NOT_RANKED, NOT_DRAWN = (
    "ok",
    "not_applicable",
    "too_few_schools",
    "not_ranked",
    "not_drawn",
)

Numbers = NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What the ranges are made from."""

    judged: dict[Key, Judge]
    drawn: Drawn
    asked: Certainty
    stages: tuple[str, ...]

    def of(self, one: Ranked, county: str) -> list[Judge]:
        """The county's places that the measure is made of: one, or one a judged stage for both stages together."""
        return [self.judged[key] for key in self.keys(one, county)]

    def keys(self, one: Ranked, county: str) -> list[Key]:
        stages = self.stages if one.stage == BOTH else (one.stage,)
        return [(one.year, one.standard.id, stage, county) for stage in stages]


def table(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """A row a year, standard, measure, stage, expected county and cause."""
    asked, rows = Certainty.of(catalogue), ranking(home)
    judged = judges(places(home, catalogue, rows), catalogue.standards, Comparison.of(catalogue))
    stages = tuple(stage.id for stage in catalogue.judged_stages)
    evidence = Evidence(judged, with_errors(home, catalogue, judged, asked), asked, stages)
    found = [row for one in lists(rows, catalogue) for row in of_list(one, evidence)]
    found += list(_unranked(rows))
    return pl.DataFrame(found, schema=polars_schema(TABLE))


def _unranked(rows: pl.DataFrame) -> Iterator[Row]:
    columns = ["year", "standard_id", "measure", "stage", "county_code", "province_code"]
    for row in rows.filter(pl.col("rank_province").is_null()).select(columns).iter_rows(named=True):
        for cause in CAUSES:
            yield row | {"cause": cause, "state": NOT_RANKED}


def of_list(one: Ranked, evidence: Evidence) -> Iterator[Row]:
    """The rows of counties that are ranked against each other."""
    together = {
        WEIGHTS: lambda: _weights(one, evidence), INDICATOR: lambda: _indicators(one, evidence),
        ERROR: lambda: _errors(one, evidence),
    }  # fmt: skip
    for cause, make in together.items():
        yield from _told(one, cause, make())
    for number, county in enumerate(one.counties):
        yield _row(one, number, SCHOOL) | _without_schools(one, number, evidence.of(one, county), evidence.asked)


def _row(one: Ranked, number: int, cause: str) -> Row:
    return {
        "year": one.year, "standard_id": one.standard.id, "measure": one.measure, "stage": one.stage,
        "county_code": one.counties[number], "province_code": one.province, "cause": cause,
        "rank": int(one.rank[number]), "value": float(one.value[number]), "compared": len(one.counties),
    }  # fmt: skip


def _told(one: Ranked, cause: str, ranges: list[Row] | str) -> Iterator[Row]:
    for number in range(len(one.counties)):
        found = {"state": ranges} if isinstance(ranges, str) else ranges[number]
        yield _row(one, number, cause) | found


# -- the causes --------------------------------------------------------------------------------------------------------


def _weights(one: Ranked, evidence: Evidence) -> list[Row] | str:
    if one.measure not in MEANS:
        return NOT_APPLICABLE
    return _of_draws(one, weighted(one, evidence.judged, evidence.asked), evidence.asked)


def weighted(one: Ranked, judged: Mapping[Key, Judge], asked: Certainty) -> Numbers:
    """The measure with drawn weights, draws × counties."""
    these = [judged[key] for key in one.keys(one.stage)]
    names = tuple(dict.fromkeys(name for judge in these for name in judge.indicators(one.measure)))
    weights = drawn_weights(one.standard, names, one.measure, asked)
    return np.stack([judge.with_weights(one.measure, weights) for judge in these], axis=1)


def _errors(one: Ranked, evidence: Evidence) -> list[Row] | str:
    columns = []
    for county in one.counties:
        stages = [evidence.drawn.get((key, one.measure)) for key in evidence.keys(one, county)]
        if any(stage is None for stage in stages):
            return NOT_DRAWN
        known = [np.broadcast_to(s, (evidence.asked.draws,)) for s in stages if s is not None]
        columns.append(np.max(known, axis=0))
    return _of_draws(one, np.stack(columns, axis=1), evidence.asked)


def _of_draws(one: Ranked, values: Numbers, asked: Certainty) -> list[Row]:
    """Ranges from draws × counties: from the low to the high tail, widened to hold the published rank and value."""
    rank = ranks_of(keys(values, lower_is_better=one.lower_is_better))
    ends = (asked.tail_pct, 100 - asked.tail_pct)
    rank_low, rank_high = (quantile(rank.astype(float), pct) for pct in ends)
    low, high = (quantile(values, pct) for pct in ends)
    return [_range(one, n, rank_low[n], rank_high[n], low[n], high[n], len(values)) for n in range(len(one.counties))]


def _range(one: Ranked, number: int, rank_low: float, rank_high: float, low: float, high: float, versions: int) -> Row:
    rank, value = int(one.rank[number]), float(one.value[number])
    return {
        "rank_low": min(rank, int(rank_low)), "rank_high": max(rank, int(rank_high)), "value_low": min(value, float(low)),
        "value_high": max(value, float(high)), "draws": versions, "state": OK,
    }  # fmt: skip


def _indicators(one: Ranked, evidence: Evidence) -> list[Row] | str:
    named = [without_indicators(one, evidence.of(one, county)) for county in one.counties]
    order = list(dict.fromkeys(name for found in named for name in found))
    if not order:
        return NOT_APPLICABLE
    values = version_matrix(named, order, one.value)
    rank = ranks_of(keys(values, lower_is_better=one.lower_is_better))
    return [_left_out(one, number, order, rank[:, number], values[:, number]) for number in range(len(one.counties))]


def without_indicators(one: Ranked, of_county: list[Judge]) -> Named:
    """A county's measure without each indicator."""
    named = [judge.without_indicators(one.measure) for judge in of_county]
    return named[0] if one.stage != BOTH else worse(named, _as_returned(one, of_county))


def _as_returned(one: Ranked, of_county: list[Judge]) -> list[float]:
    return [float(judge.of_gaps(one.measure, judge.cv)) for judge in of_county]


def version_matrix(named: list[Named], order: list[str], value: Numbers) -> Numbers:
    """Versions × counties; a county that has not what is left out stays as it is."""
    return np.array([[found.get(name, v) for found, v in zip(named, value, strict=True)] for name in order])


def _without_schools(one: Ranked, number: int, of_county: list[Judge], asked: Certainty) -> Row:
    if min(judge.schools(one.measure) for judge in of_county) < asked.least_schools:
        return {"state": TOO_FEW}
    named = [judge.without_schools(one.measure) for judge in of_county]
    found = named[0] if one.stage != BOTH else worse(named, _as_returned(one, of_county))
    values = np.array(list(found.values()))
    others = np.delete(keys(one.value, lower_is_better=one.lower_is_better), number)
    key = keys(values, lower_is_better=one.lower_is_better)
    rank = 1 + (others[None, :] < key[:, None]).sum(axis=1)
    return _left_out(one, number, list(found), rank, values)


def _left_out(one: Ranked, number: int, order: list[str], rank: NDArray[np.int64], values: Numbers) -> Row:
    """Range over what is left out, and what gives its ends: null where nothing moves the rank that way."""
    if not order:
        here = float(one.value[number])
        return _range(one, number, one.rank[number], one.rank[number], here, here, 0)
    made = _range(one, number, rank.min(), rank.max(), values.min(), values.max(), len(order))
    better = values if one.lower_is_better else -values
    for end, sign in (("low", 1), ("high", -1)):
        moved = made[f"rank_{end}"] != one.rank[number]
        at = min(range(len(order)), key=lambda i: (sign * rank[i], sign * better[i], i))
        made[f"{end}_by"] = order[at] if moved else None
    return made

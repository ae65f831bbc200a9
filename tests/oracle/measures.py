"""Keys by which counties are ranked, with their state and their parts by indicator, from which causes are told."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pandas as pd

from tests.oracle.cells import Expected
from tests.oracle.scores import Counted
from tests.oracle.texts import INDICATORS, JUDGED, MISSING_PUPILS_PCT, STANDARDS, Standard

STATES = ("no_schools", "incomplete", "single_school", "zero_mean")
"""The first that applies stands."""
Key = tuple[int, str, str, str, str]
"""Year, standard, measure, stage, county."""


@dataclass(frozen=True)
class Measured:
    """A county's key; ``parts`` by indicator in the catalogue's order; ``stages`` are the keys of which 'both' is the larger."""

    value: float | None
    state: str
    parts: Mapping[str, float] = field(default_factory=dict)
    stages: tuple[Measured, ...] = ()


def first_state(states: Iterable[str]) -> str:
    found = set(states)
    return next((s for s in STATES if s in found), "ok")


def measured(
    rows: Iterable[Counted],
    gaps: pd.DataFrame,
    attained: pd.DataFrame,
    scored: pd.DataFrame,
    rosters: Mapping[int, Expected],
) -> dict[Key, Measured]:
    """Every measure of every standard, stage and county of the rosters."""
    from_gaps = _gap_records(gaps)
    schools = _Schools(rows, attained, scored)
    found: dict[Key, Measured] = {}
    for year, roster in sorted(rosters.items()):
        for standard, county in product(STANDARDS, roster.counties):
            for measure in standard.measures:
                stages = []
                for stage in JUDGED:
                    if measure in ("mean_cv", "worst_ratio"):
                        one = _of_gaps(standard, measure, stage, from_gaps[year, standard.id, county, stage])
                    else:
                        one = schools.measure(standard, measure, year, stage, county)
                    found[year, standard.id, measure, stage, county] = one
                    stages.append(one)
                if measure == "worst_ratio":
                    found[year, standard.id, measure, "both", county] = _both(tuple(stages))
    return found


def _gap_records(gaps: pd.DataFrame) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in gaps[gaps.area_level == "county"].to_dict("records"):
        found[row["year"], row["standard_id"], row["area_code"], row["stage"]].append(row)
    return found


def _of_gaps(standard: Standard, measure: str, stage: str, rows: list[dict[str, Any]]) -> Measured:
    cvs = {r["indicator_id"]: None if pd.isna(r["cv"]) else float(r["cv"]) for r in rows}
    state = first_state(r["state"] for r in rows)
    known = {i: c for i, c in cvs.items() if c is not None}
    if len(known) < len(standard.gaps):
        return Measured(None, state)
    order = [i for i in INDICATORS if i in standard.gaps]
    composite = {i: known[i] / len(known) for i in order}
    if measure == "mean_cv":
        return Measured(math.fsum(composite.values()), state, composite)
    if standard.composite_limits:
        limited = {i: c / standard.composite_limits[stage] for i, c in composite.items()}
        return Measured(math.fsum(limited.values()), state, limited)
    assert standard.cv_limits is not None
    ratios = {i: known[i] / standard.cv_limits[stage] for i in order}
    return Measured(max(ratios.values()), state, ratios)


def _both(stages: tuple[Measured, ...]) -> Measured:
    """The larger of the stages, only when all are ok."""
    values = [s.value for s in stages if s.value is not None and s.state == "ok"]
    value = max(values) if len(values) == len(stages) else None
    return Measured(value, first_state(s.state for s in stages), {}, stages)


class _Schools:
    """Scores and verdicts by county, with the pupils of those that sent nothing."""

    def __init__(self, rows: Iterable[Counted], attained: pd.DataFrame, scored: pd.DataFrame) -> None:
        keys = ["year", "standard_id", "stage", "county_code"]
        self.scores = {k: g.to_dict("records") for k, g in scored.groupby(keys)}
        self.items = {k: g.to_dict("records") for k, g in attained.groupby(keys)}
        self.absent: dict[tuple[Any, ...], list[float]] = defaultdict(list)
        for row in rows:
            if not row.came:
                self.absent[row.year, row.standard, row.stage, row.county].append(row.pupils)

    def measure(self, standard: Standard, measure: str, year: int, stage: str, county: str) -> Measured:
        key = (year, standard.id, stage, county)
        scores, absent, items = self.scores.get(key, []), self.absent[key], self.items.get(key, [])
        if not scores and not absent:
            return Measured(None, "no_schools")
        is_mean = measure == "mean_score"
        told = [s for s in scores if pd.notna(s["score"] if is_mean else s["meets_standard"])]
        there = math.fsum(s["pupils"] for s in scores) + math.fsum(absent)
        unknown = there - math.fsum(s["pupils"] for s in told)
        state = "incomplete" if unknown * 100 > MISSING_PUPILS_PCT * there else "ok"
        asked = {level.indicator for level in standard.levels}
        order = [i for i in INDICATORS if i in asked]
        if is_mean:
            value = math.fsum(s["score"] for s in told) / len(told) if told else None
            return Measured(value, state, _score_parts(items, {s["school_id"] for s in told}, order))
        everyone = len(scores) + len(absent)
        missed = {i: sum(r["is_met"] is False for r in items if r["indicator_id"] == i) for i in order}
        value = sum(s["meets_standard"] is True for s in scores) / everyone if scores else None
        return Measured(value, state, {i: 1 - n / everyone for i, n in missed.items()})


def _score_parts(items: list[dict[str, Any]], told: set[str], order: list[str]) -> dict[str, float]:
    """Points that each item brings to the mean score: 100 a / (items that apply to the school), over scored schools."""
    applicable: dict[str, int] = defaultdict(int)
    for r in items:
        applicable[r["school_id"]] += r["state"] != "not_applicable"
    parts = dict.fromkeys(order, 0.0)
    for r in items:
        if r["school_id"] in told and r["state"] == "ok":
            parts[r["indicator_id"]] += 100 * r["attainment"] / applicable[r["school_id"]] / len(told)
    return parts

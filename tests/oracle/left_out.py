"""Ranks without an indicator and without a school: every version computed anew from values, attainments and gaps."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tests.oracle.rankings import HIGHER_IS_BETTER, ranks
from tests.oracle.released import Tables, counted_values, cv_of
from tests.oracle.texts import INDICATORS, JUDGED, STANDARDS, Standard

Row = dict[str, Any]
KEY = ["year", "standard_id", "measure", "stage", "county_code"]
LEAST_SCHOOLS = 5


@dataclass
class Stage:
    """A county's stage under a standard: values by indicator, items by school, and the schools that sent nothing."""

    values: dict[str, dict[str, tuple[float, float]]] = field(default_factory=lambda: defaultdict(dict))
    items: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    schools: set[str] = field(default_factory=set)
    absent: int = 0

    def cv(self, indicator: str, without: str | None = None) -> float | None:
        left = [v for s, v in sorted(self.values[indicator].items()) if s != without]
        if not left:
            return None
        x, p = np.array(left).T
        return cv_of(x, p)


@dataclass(frozen=True)
class Versions:
    """What a county's value becomes: as it is, without each indicator, without each school."""

    value: float | None
    without: dict[str, float]
    without_school: dict[str, float]
    schools: int


def stages_of(release: Tables) -> dict[tuple[Any, ...], Stage]:
    found: dict[tuple[Any, ...], Stage] = defaultdict(Stage)
    for v in counted_values(release).itertuples():
        mine = found[v.year, v.standard_id, v.stage, v.county_code]
        mine.values[v.indicator_id][v.school_id] = (float(v.value), float(v.pupils))
        mine.schools.add(v.school_id)
    for a in release["indicator_attainment"].to_dict("records"):
        mine = found[a["year"], a["standard_id"], a["stage"], a["county_code"]]
        mine.items[a["school_id"]][a["indicator_id"]] = a
        mine.schools.add(a["school_id"])
    scores = release["school_score"].groupby(["year", "standard_id", "stage", "county_code"]).school_id.count()
    gaps = release["gap_coefficient"].query("area_level == 'county'")
    for g in gaps.groupby(["year", "standard_id", "stage", "area_code"]):
        key, part = g
        found[key].absent = int((part.schools + part.schools_missing).max()) - int(scores.get(key, 0))
    return found


def score(items: dict[str, Row], leave: str | None) -> float | None:
    kept = [a for i, a in items.items() if i != leave and a["state"] != "not_applicable"]
    if not kept or any(a["state"] != "ok" for a in kept):
        return None
    return 100 * math.fsum(a["weight"] * a["attainment"] for a in kept) / math.fsum(a["weight"] for a in kept)


def meets(standard: Standard, items: dict[str, Row], leave: str | None) -> bool:
    """Up to the standard for certain; an item left out is missed by nobody, and one item fewer need apply."""
    asked = [a for i, a in items.items() if a["state"] != "not_applicable"]
    kept = [a for a in asked if a["indicator_id"] != leave]
    unmet = [a for a in kept if a["is_met"] is not True]
    if len(asked) < standard.min_applicable or len(unmet) > standard.max_unmet:
        return False
    return not any(a["is_veto"] or a["is_above_floor"] is False or a["state"] != "ok" for a in unmet)


def versions(standard: Standard, measure: str, stage: str, mine: Stage) -> Versions:
    """Of one stage."""
    if measure in ("mean_cv", "worst_ratio"):
        order: tuple[str, ...] = standard.gaps

        def value(leave: str | None = None, school: str | None = None) -> float | None:
            cvs = [mine.cv(i, school) for i in order if i != leave]
            if None in cvs or not cvs:
                return None
            return of_gaps(standard, measure, stage, [c for c in cvs if c is not None])

        ids = {s for i in order for s in mine.values[i]}
    else:
        order = tuple(i for i in INDICATORS if i in {level.indicator for level in standard.levels})

        def value(leave: str | None = None, school: str | None = None) -> float | None:
            kept = {s: items for s, items in mine.items.items() if s != school}
            if measure == "mean_score":
                told = [score(items, leave) for items in kept.values() if score(items, None) is not None]
                known = [s for s in told if s is not None]
                return math.fsum(known) / len(known) if known else None
            everyone = len(kept) + mine.absent
            return sum(meets(standard, items, leave) for items in kept.values()) / everyone if everyone else None

        ids = set(mine.items)
        if measure == "mean_score":
            ids = {s for s, items in mine.items.items() if score(items, None) is not None}
    out = {i: value(leave=i) for i in order}
    by_school = {s: value(school=s) for s in sorted(ids)}
    return Versions(value(), _known(out), _known(by_school), len(ids))


def _known(found: dict[str, float | None]) -> dict[str, float]:
    return {k: v for k, v in found.items() if v is not None}


def of_gaps(standard: Standard, measure: str, stage: str, cvs: list[float]) -> float:
    mean = math.fsum(cvs) / len(cvs)
    if measure == "mean_cv":
        return mean
    if standard.composite_limits:
        return mean / standard.composite_limits[stage]
    assert standard.cv_limits is not None
    return max(cvs) / standard.cv_limits[stage]


def all_versions(release: Tables) -> dict[tuple[Any, ...], dict[str, Versions]]:
    """By year, standard, measure, stage and province: each ranked county's versions."""
    stages = stages_of(release)
    standards = {s.id: s for s in STANDARDS}
    found: dict[tuple[Any, ...], dict[str, Versions]] = defaultdict(dict)
    ranked = release["county_ranking"]
    for r in ranked[ranked.rank_province.notna()].itertuples():
        standard = standards[r.standard_id]
        at = [r.stage] if r.stage != "both" else list(JUDGED)
        of = [versions(standard, r.measure, s, stages[r.year, r.standard_id, s, r.county_code]) for s in at]
        found[r.year, r.standard_id, r.measure, r.stage, r.province_code][r.county_code] = (
            of[0] if len(of) == 1 else _both(of)
        )
    return found


def _both(of: list[Versions]) -> Versions:
    values = [v.value for v in of]
    assert None not in values

    def joined(parts: list[dict[str, float]], names: Iterable[str], everywhere: bool) -> dict[str, float]:
        made = {}
        for name in names:
            each = [p.get(name, None if everywhere else v) for p, v in zip(parts, values, strict=True)]
            if None not in each:
                made[name] = max(e for e in each if e is not None)
        return made

    schools = sorted({s for v in of for s in v.without_school})
    return Versions(
        max(v for v in values if v is not None),
        joined([v.without for v in of], of[0].without, True),
        joined([v.without_school for v in of], schools, False),
        min(v.schools for v in of),
    )


def ranges(release: Tables) -> pd.DataFrame:
    """rank_uncertainty for indicator_out and school_out, with the ids that may stand at either end."""
    made = []
    for key, counties in all_versions(release).items():
        measure = key[2]
        keys = {c: v.value for c, v in counties.items() if v.value is not None}
        published = ranks(keys, measure)
        names = list(next(iter(counties.values())).without)
        out = {i: ranks({c: v.without[i] for c, v in counties.items() if i in v.without}, measure) for i in names}
        for county, own in counties.items():
            row = dict(zip(KEY, (*key[:4], county), strict=True)) | {
                "province_code": key[4], "rank": published[county], "value": own.value, "compared": len(counties),
            }  # fmt: skip
            places = {i: (own.without[i], out[i][county]) for i in names if i in own.without}
            made.append(row | {"cause": "indicator_out"} | _range(published[county], own.value, places, len(names) > 1))
            places = {}
            for school, value in own.without_school.items():
                places[school] = (value, ranks(keys | {county: value}, measure)[county])
            enough = own.schools >= LEAST_SCHOOLS
            made.append(
                row | {"cause": "school_out"} | _range(published[county], own.value, places, enough, "too_few_schools")
            )
    return pd.DataFrame(made)


def _range(
    rank: int,
    value: float | None,
    places: dict[str, tuple[float, int]],
    enough: bool,
    else_state: str = "not_applicable",
) -> Row:
    if not enough or not places:
        empty = ("rank_low", "rank_high", "value_low", "value_high", "draws")
        return dict.fromkeys(empty) | {"state": else_state, "best": frozenset(), "worst": frozenset()}
    at, values = [r for _, r in places.values()], [v for v, _ in places.values()]
    low, high = min([*at, rank]), max([*at, rank])
    return {
        "rank_low": low,
        "rank_high": high,
        "value_low": min([*values, value]),
        "value_high": max([*values, value]),
        "draws": len(places),
        "state": "ok",
        "best": frozenset(k for k, (_, r) in places.items() if r == low < rank),
        "worst": frozenset(k for k, (_, r) in places.items() if r == high > rank),
    }


def moved_by_leaving_out(release: Tables) -> pd.DataFrame:
    """rank_choice for indicator_out."""
    made = []
    for key, counties in all_versions(release).items():
        measure = key[2]
        if key[3] == "both":
            continue
        published = ranks({c: v.value for c, v in counties.items() if v.value is not None}, measure)
        for indicator in next(iter(counties.values())).without:
            values = {c: v.without[indicator] for c, v in counties.items() if indicator in v.without}
            if len(values) == len(counties):
                made.append(_choice(key, "indicator_out", indicator, published, ranks(values, measure)))
    return pd.DataFrame(made)


def other_figures(release: Tables) -> pd.DataFrame:
    """rank_choice for other ways to make one figure of coefficients, and one scale before the mean is taken."""
    gaps = release["gap_coefficient"].query("area_level == 'county'")
    cvs = {(g.year, g.standard_id, g.stage, g.area_code, g.indicator_id): g.cv for g in gaps.itertuples()}
    standards, made = {s.id: s for s in STANDARDS}, []
    for key, counties in all_versions(release).items():
        year, standard_id, measure, stage, _ = key
        if measure not in ("mean_cv", "worst_ratio") or stage == "both":
            continue
        standard, names = standards[standard_id], sorted(counties)
        grid = np.array([[cvs[year, standard_id, stage, c, i] for i in standard.gaps] for c in names])
        limit = (standard.cv_limits or standard.composite_limits or {})[stage]
        published = ranks({c: v.value for c, v in counties.items() if v.value is not None}, measure)
        sd, width = grid.std(axis=0), grid.max(axis=0) - grid.min(axis=0)
        figures: dict[tuple[str, str], Callable[[], np.ndarray]] = {
            ("aggregation", "arithmetic"): lambda g=grid: g.mean(axis=1),
            ("aggregation", "geometric"): lambda g=grid: np.exp(np.log(g + 0.01).mean(axis=1)),
            ("aggregation", "maximum"): lambda g=grid: g.max(axis=1),
            ("aggregation", "distance_to_limit"): lambda g=grid, t=limit: np.sqrt(
                (np.maximum(g / t - 1, 0) ** 2).mean(axis=1)
            ),
            ("normalisation", "z_score"): lambda g=grid, s=sd: ((g - g.mean(axis=0)) / np.where(s > 0, s, 1)).mean(
                axis=1
            ),
            ("normalisation", "min_max"): lambda g=grid, w=width: ((g - g.min(axis=0)) / np.where(w > 0, w, 1)).mean(
                axis=1
            ),
        }
        in_use = "maximum" if measure == "worst_ratio" and standard.cv_limits else "arithmetic"
        for (choice, option), make in figures.items():
            if option == in_use or (choice == "normalisation" and measure != "mean_cv"):
                continue
            other = ranks(dict(zip(names, make().tolist(), strict=True)), measure)
            made.append(_choice(key, choice, option, published, other))
    return pd.DataFrame(made)


def _choice(key: tuple[Any, ...], choice: str, option: str, published: dict[str, int], other: dict[str, int]) -> Row:
    shift = {c: abs(other[c] - published[c]) for c in sorted(published)}
    largest = max(shift.values())
    a, b = ([table[c] for c in sorted(published)] for table in (published, other))
    flat = len(set(a)) == 1 or len(set(b)) == 1
    return dict(zip(("year", "standard_id", "measure", "stage", "province_code"), key, strict=True)) | {
        "choice": choice,
        "option": option,
        "mean_shift": float(np.mean(list(shift.values()))),
        "largest_shift": largest,
        "moved_most_county": next(c for c, n in shift.items() if n == largest) if largest else None,
        "counties_moved": sum(n > 0 for n in shift.values()),
        "counties_tied": sum(b.count(r) > 1 for r in b),
        "rank_correlation": None if flat else float(pd.Series(a).rank().corr(pd.Series(b).rank())),
        "compared": len(published),
    }


__all__ = ["HIGHER_IS_BETTER", "moved_by_leaving_out", "other_figures", "ranges"]

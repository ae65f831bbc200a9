"""Gaps taken apart, class by class, and each school's part in its county's gap: plain sums over the schools of an area."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from tests.oracle.released import Tables, counted_values, cv_of
from tests.oracle.texts import STANDARDS, at_least, at_most, direction

Row = dict[str, Any]
LEVELS = ("nation", "province", "prefecture", "county")
TIE = 1e-12
SMALL = 1e-24
"""A gap whose square is no more than this is a trace of floating point: all values are equal."""


def theils(x: np.ndarray, p: np.ndarray) -> tuple[float | None, float | None]:
    """Theil's T and L; T needs a mean above 0, L that every value is."""
    mean = float((p * x).sum() / p.sum())
    if mean == 0:
        return None, None
    share, f = x / mean, p / p.sum()
    t = math.fsum(w * s * math.log(s) for w, s in zip(f, share, strict=True) if s > 0)
    return t, None if (x <= 0).any() else -math.fsum(w * math.log(s) for w, s in zip(f, share, strict=True))


def decompositions(release: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """gap_decomposition and gap_decomposition_class, without the words of classes."""
    values = counted_values(release)
    places = _places(release, values)
    values = values.merge(places, on=["year", "school_id"], how="left")
    gaps = release["gap_coefficient"]
    named = {
        level: dict(iter(values.groupby(["year", "standard_id", level, "stage", "indicator_id"]))) for level in LEVELS
    }
    totals, classes = [], []
    for gap in gaps.to_dict("records"):
        key = (gap["year"], gap["standard_id"], gap["area_code"], gap["stage"], gap["indicator_id"])
        inside = named[gap["area_level"]].get(key, values.iloc[:0])
        below = LEVELS[LEVELS.index(gap["area_level"]) + 1 :]
        below = below[:1] if gap["area_level"] == "nation" else below
        for way in (*below, "group", "district", "urban_rural", "ownership"):
            total, parts = _apart(inside, way, gap)
            totals.append(total)
            classes += parts
    return pd.DataFrame(totals), pd.DataFrame(classes)


def _places(release: Tables, values: pd.DataFrame) -> pd.DataFrame:
    """Areas and classes of each school: a row a year and school."""
    division, members = release["division"], release["group_membership"]
    member = {(m.year, m.kind, m.school_id): m.group_id for m in members.itertuples()}
    school = {(s.year, s.school_id): s for s in release["school"].itertuples()}
    made = []
    for year, school_id, county in sorted(set(zip(values.year, values.school_id, values.county_code, strict=True))):
        parent = {d.code: d.parent_code for d in division.itertuples() if d.valid_from <= year <= d.valid_to}
        mine = school[year, school_id]
        place, public = mine.urban_rural, mine.is_public
        at = [k for k, begins in (("city", "11"), ("town", "12"), ("rural", "2")) if str(place).startswith(begins)]
        made.append(
            {
                "year": year,
                "school_id": school_id,
                "nation": "0",
                "province": parent[parent[county]],
                "prefecture": parent[county],
                "county": county,
                "group": member.get((year, "group", school_id), "none"),
                "district": member.get((year, "district", school_id), "none"),
                "urban_rural": "unknown" if pd.isna(place) or not at else at[0],
                "ownership": "unknown" if pd.isna(public) else "public" if public else "private",
            }
        )
    return pd.DataFrame(made)


def _apart(inside: pd.DataFrame, way: str, gap: Row) -> tuple[Row, list[Row]]:
    key = {k: gap[k] for k in ("year", "standard_id", "area_level", "area_code", "stage", "indicator_id")}
    key["divided_by"] = way
    x, p = inside.value.to_numpy(float), inside.pupils.to_numpy(float)
    total = p.sum()
    mean = float((p * x).sum() / total) if len(x) else None
    parts = []
    for code, part in inside.groupby(way):
        parts.append(
            key | {"class_code": code} | _part(part.value.to_numpy(float), part.pupils.to_numpy(float), total, mean)
        )
    cv = cv_of(x, p) if mean else None
    t, log_mean = theils(x, p) if mean else (None, None)
    state = gap["state"]
    row = key | {
        "classes": len(parts),
        "schools": len(x),
        "pupils": float(total),
        "schools_missing": gap["schools_missing"],
        "pupils_missing": gap["pupils_missing"],
        "cv": cv,
        "cv2": None if cv is None else cv**2,
        "cv2_between": _sum(parts, "cv2_between", mean),
        "cv2_within": _sum(parts, "cv2_within", mean),
        "share_between": None if cv is None or cv**2 <= SMALL else _sum(parts, "cv2_between", mean) / cv**2,
        "theil_t": t,
        "theil_t_between": _sum(parts, "theil_t_between", mean),
        "theil_t_within": _sum(parts, "theil_t_within", mean),
        "theil_l": log_mean,
        "theil_l_between": _sum(parts, "theil_l_between", mean),
        "theil_l_within": _sum(parts, "theil_l_within", mean) if log_mean is not None else None,
        "theil_l_state": state if not mean else "zero_value" if (x == 0).any() else "ok",
        "state": state,
        "trace_id": gap["trace_id"],
    }
    return row, parts


def _part(x: np.ndarray, p: np.ndarray, total: float, of_area: float | None) -> Row:
    f, mean = p.sum() / total, float((p * x).sum() / p.sum())
    r = mean / of_area if of_area else None
    cv = cv_of(x, p)
    t, log_mean = theils(x, p)
    known = r is not None
    return {
        "schools": len(x),
        "pupils": float(p.sum()),
        "pupils_share": f,
        "mean": mean,
        "mean_ratio": r,
        "cv": cv,
        "cv2_between": f * (r - 1) ** 2 if known else None,
        "cv2_within": f * (r * (cv or 0)) ** 2 if known else None,
        "theil_t": t,
        "theil_l": log_mean,
        "theil_t_between": f * ((r * math.log(r) if r > 0 else 0) - r + 1) if known else None,
        "theil_t_within": f * r * (t or 0) if known else None,
        "theil_l_between": f * (r - 1 - math.log(r)) if known and r > 0 else None,
        "theil_l_within": None if log_mean is None else f * log_mean,
    }


def _sum(parts: list[Row], column: str, mean: float | None) -> float | None:
    found = [part[column] for part in parts]
    return None if not mean or None in found else math.fsum(found)


def contributions(release: Tables) -> pd.DataFrame:
    """school_contribution."""
    values = counted_values(release)
    gaps = release["gap_coefficient"].query("area_level == 'county'")
    state = {(g.year, g.standard_id, g.area_code, g.stage, g.indicator_id): g.state for g in gaps.itertuples()}
    types = {(s.year, s.school_id): s.school_type for s in release["school"].itertuples()}
    made = []
    for key, part in values.groupby(["year", "standard_id", "county_code", "stage", "indicator_id"]):
        if key in state:
            made += _shares(key, part, state[key], types)
    return pd.DataFrame(made)


def _shares(key: tuple[Any, ...], part: pd.DataFrame, state: str, types: dict[Any, Any]) -> list[Row]:
    year, standard_id, county, stage, indicator = key
    x, p = part.value.to_numpy(float), part.pupils.to_numpy(float)
    per_unit = part.denominator.to_numpy(float)
    mean, cv = float((p * x).sum() / p.sum()), cv_of(x, p)
    parts = p * (x - mean) ** 2
    equal = cv is None or cv**2 <= SMALL
    level = {s.id: {v.indicator: v for v in s.levels} for s in STANDARDS}[standard_id].get(indicator)
    ids = list(part.school_id)
    asked = [level.threshold(stage, types[year, i]) if level else None for i in ids]
    below = direction(indicator) == ">="
    met = [
        None if t is None else bool(at_least(v, t) if below else at_most(v, t)) for v, t in zip(x, asked, strict=True)
    ]
    raised = np.array([v if t is None or m else t for v, t, m in zip(x, asked, met, strict=True)], dtype=float)
    order = sorted(range(len(x)), key=lambda i: (0 if equal else -round(parts[i] / parts.sum(), 12), ids[i]))
    so_far, moved, made = 0.0, x.copy(), []
    for place, i in enumerate(order, 1):
        share = None if equal else parts[i] / parts.sum()
        so_far += share or 0.0
        moved[i] = raised[i]
        alone = x.copy()
        alone[i] = raised[i]
        # d CV / d numerator: x_i is numerator over denominator; S² and X both move.
        slope = None if equal else p[i] / per_unit[i] / p.sum() * ((x[i] - mean) / (cv * mean**2) - cv / mean)
        made.append(
            dict(zip(("year", "standard_id", "county_code", "stage", "indicator_id"), key, strict=True))
            | {
                "school_id": ids[i],
                "pupils": p[i],
                "value": x[i],
                "side": "at" if abs(x[i] - mean) <= 1e-9 * abs(mean) else "below" if x[i] < mean else "above",
                "share": share,
                "place": place,
                "share_first": None if equal else so_far,
                "marginal_effect": slope,
                "threshold": asked[i],
                "is_met": met[i],
                "cv": cv,
                "cv_without_shortfall": cv_of(alone, p) if level else None,
                "cv_first_reached": cv_of(moved, p) if level else None,
                "state": "no_gap" if equal and state == "ok" else state,
                "trace_id": f"{county}.{stage}.{indicator}.{year}.{ids[i]}",
            }
        )
    return made

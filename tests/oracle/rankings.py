"""Ranks with bands, the change since the year before and its cause."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tests.oracle.cells import Expected
from tests.oracle.gaps import areas
from tests.oracle.measures import Key, Measured
from tests.oracle.texts import BAND, STANDARDS

HIGHER_IS_BETTER = ("mean_score", "share_meeting")
TIE = 1e-12
"""Contributions this close are equal: the catalogue's order decides."""


def ranks(keys: Mapping[str, float], measure: str) -> dict[str, int]:
    """1 is the best; ties share the smaller rank and the next ranks are skipped."""
    sign = -1 if measure in HIGHER_IS_BETTER else 1
    rounded = {county: sign * round(key, 12) for county, key in keys.items()}
    return {county: 1 + sum(other < own for other in rounded.values()) for county, own in rounded.items()}


def county_rankings(
    found: Mapping[Key, Measured], rosters: Mapping[int, Expected], came: Mapping[int, set[str]]
) -> pd.DataFrame:
    """One row a year, standard, measure, stage and county; only state ok is ranked, where enough counties came."""
    made = []
    for year, roster in sorted(rosters.items()):
        enough = {area.code: area.enough for area in areas(roster, came[year])}
        for key in sorted(k for k in found if k[0] == year and k[4] == roster.counties[0]):
            of_counties = {c: found[(*key[:4], c)] for c in roster.counties}
            before = {c: found.get((year - 1, *key[1:4], c)) for c in roster.counties}
            made += _rank(key, of_counties, before, {c: roster.province(c) for c in roster.counties}, enough)
    return pd.DataFrame(made)


def _rank(
    key: Key,
    of_counties: Mapping[str, Measured],
    before: Mapping[str, Measured | None],
    province_of: Mapping[str, str],
    enough: Mapping[str, bool],
) -> list[dict[str, object]]:
    year, standard, measure, stage, _ = key
    ok = {c: m.value for c, m in of_counties.items() if m.state == "ok" and m.value is not None}
    nation = ranks(ok, measure) if enough["0"] else {}
    made = []
    for county, own in of_counties.items():
        province = province_of[county]
        near = {c: v for c, v in ok.items() if province_of[c] == province} if enough[province] else {}
        ranked = ranks(near, measure)
        band = [ranked[c] for c, v in near.items() if county in near and abs(v - near[county]) <= BAND + TIE]
        then = before[county]
        both_ok = county in ok and then is not None and then.state == "ok"
        made.append(
            {
                "year": year,
                "standard_id": standard,
                "measure": measure,
                "stage": stage,
                "county_code": county,
                "province_code": province,
                "value": own.value,
                "rank_province": ranked.get(county),
                "rank_nation": nation.get(county),
                "rank_low": min(band, default=None),
                "rank_high": max(band, default=None),
                "compared_province": len(ranked) if county in ranked else None,
                "compared_nation": len(nation) if county in nation else None,
                "value_before": then.value if both_ok and then is not None else None,
                "rank_change": _places_gained(county, near, before, measure) if both_ok and county in near else None,
                "cause_indicator": cause(standard, measure, own, then) if both_ok and then is not None else None,
                "state": own.state,
            }
        )
    return made


def _places_gained(county: str, near: Mapping[str, float], before: Mapping[str, Measured | None], measure: str) -> int:
    """Rank before less rank now, both among the province's counties that are ok in both years."""
    old = {c: b.value for c in near if (b := before[c]) is not None and b.state == "ok" and b.value is not None}
    return ranks(old, measure)[county] - ranks({c: near[c] for c in old}, measure)[county]


def cause(standard: str, measure: str, now: Measured, then: Measured) -> str | None:
    """The indicator with the largest contribution in the direction of the change; None when the value did not change."""
    assert now.value is not None and then.value is not None
    change = now.value - then.value
    if abs(change) <= TIE:
        return None
    rose = change > 0
    if now.stages:
        decisive = now if rose else then
        at = max(range(len(decisive.stages)), key=lambda i: decisive.stages[i].value or 0.0)
        now, then = now.stages[at], then.stages[at]
    limited_one_by_one = any(s.id == standard and s.cv_limits for s in STANDARDS)
    if measure == "worst_ratio" and limited_one_by_one:
        return _largest(now.parts if rose else then.parts)
    sign = 1 if rose else -1
    moved = {i: sign * (part - then.parts[i]) for i, part in now.parts.items()}
    largest = _largest(moved)
    return largest if moved[largest] > TIE else None


def _largest(parts: Mapping[str, float]) -> str:
    top = max(parts.values())
    return next(i for i, part in parts.items() if part >= top - TIE)

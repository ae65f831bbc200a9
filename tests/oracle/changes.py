"""What changed in a county's measures since the year before, as ``gap_changes`` has it of single gaps, and how far back it goes.

Written for homes whose counties keep their boundaries and whose standards keep their levels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tests.oracle.gap_changes import Counted, crossing, cv_at, plain, shapley, state_of, stayed_of, values_of
from tests.oracle.rankings import HIGHER_IS_BETTER
from tests.oracle.released import Key, Tables, group_of
from tests.oracle.texts import at_most

Row = dict[str, Any]
Changes = tuple[float | None, float | None, float | None]
"""Change in schools of both years, of it by pupils, by resources."""
NONE: Changes = (None, None, None)
TIE = 1e-12


def changes(release: Tables) -> pd.DataFrame:
    """county_change, without its reasons."""
    ranked = {_of_rank(r): plain(r) for r in release["county_ranking"].to_dict("records")}
    parts = _Parts(release)
    rosters, years = Counted(release), {key[0] for key in ranked}
    return pd.DataFrame([_change(key, ranked, parts, rosters, years) for key in ranked])


def _of_rank(row: Mapping[Any, Any]) -> Key:
    return tuple(row[k] for k in ("year", "standard_id", "measure", "stage", "county_code"))


def _change(key: Key, ranked: Mapping[Key, Row], parts: _Parts, rosters: Counted, years: set[int]) -> Row:
    year, standard, measure, stage, county = key
    now, then = ranked[key], ranked.get((year - 1, *key[1:]))
    state = state_of(now, then, year, years)
    compared = state == "comparable"
    change = now["value"] - then["value"] if compared and then else None
    moved = change is not None and abs(change) > TIE
    rose = moved and change > 0
    stages = ("primary", "junior") if stage == "both" else (stage,)
    mine = [(year, standard, county, s) for s in stages]
    pairs = [rosters.both(k) for k in mine]
    told = [rosters.stayed_pct(k) for k in mine if any(rosters.both(k))]
    stayed, pupils, resources = parts.of(key, stages) if compared else NONE
    limit = parts.limit(standard, measure, stage)
    within, was = (parts.within(standard, measure, stages, county, y) for y in (year, year - 1))
    first = first_year(key, ranked) if now["state"] == "ok" else None
    value_first = None if first is None else ranked[first, *key[1:]]["value"]
    return {
        "year": year,
        "standard_id": standard,
        "measure": measure,
        "stage": stage,
        "county_code": county,
        "state": state,
        "kind": rosters.kind(state, mine),
        "county_before": county if year - 1 in years else None,
        "value": now["value"],
        "state_now": now["state"],
        "value_before": then["value"] if compared and then else None,
        "state_before": then["state"] if then else None,
        "change": change,
        "is_better": rose == (measure in HIGHER_IS_BETTER) if moved else None,
        "cause_indicator": now["cause_indicator"],
        "change_roster": None if stayed is None else change - stayed,
        "change_stayed": stayed,
        "change_pupils": pupils,
        "change_resources": resources,
        "schools_stayed": sum(len(then.keys() & now.keys()) for then, now in pairs),
        "schools_joined": sum(len(now.keys() - then.keys()) for then, now in pairs),
        "schools_left": sum(len(then.keys() - now.keys()) for then, now in pairs),
        "pupils_stayed_pct": None if None in told else min((p for p in told if p is not None), default=None),
        "value_limit": limit,
        "is_within": within,
        "was_within": was if year - 1 in years else None,
        "crossing": crossing(limit, was, within),
        "first_year": first,
        "value_first": value_first,
        "change_first": None if value_first is None else now["value"] - value_first,
    }


def first_year(key: Key, ranked: Mapping[Key, Row]) -> int | None:
    """The earliest year whose value is ok."""
    told = [k[0] for k, r in ranked.items() if k[1:] == key[1:] and k[0] < key[0] and r["state"] == "ok"]
    return min(told, default=None)


class _Parts:
    """Figures of a county over the schools of both years, and limits."""

    def __init__(self, release: Tables) -> None:
        self.values = values_of(release)
        gaps = release["gap_coefficient"].query("area_level == 'county'")
        self.gaps = group_of(gaps, "year", "standard_id", "area_code", "stage")
        self.composite = {(s.standard_id, s.stage): s.composite_limit for s in release["standard"].itertuples()}
        self.scores = {
            key: part.set_index("school_id")
            for key, part in group_of(release["school_score"], "year", "standard_id", "county_code", "stage").items()
        }

    def of(self, key: Key, stages: Iterable[str]) -> Changes:
        """Change in schools of both years, of it by pupils and by resources."""
        year, standard, measure, _, county = key
        if measure in HIGHER_IS_BETTER:
            (stage,) = stages
            return self._of_scores((year, standard, county, stage), measure), None, None
        pupils, resources = shapley(
            lambda p, r: _largest([self._figure(measure, (year, standard, county, s), p, r) for s in stages])
        )
        return None if pupils is None or resources is None else pupils + resources, pupils, resources

    def _figure(self, measure: str, key: Key, p: int, r: int) -> float | None:
        gaps = self.gaps[key]
        cvs = []
        for indicator in gaps.indicator_id:
            at = (*key, indicator)
            cvs.append(cv_at(stayed_of(self.values.get((key[0] - 1, *at[1:])), self.values.get(at)), p, r))
        if None in cvs:
            return None
        return self._combined(measure, key, np.array(cvs, dtype=float))

    def _combined(self, measure: str, key: Key, cvs: np.ndarray) -> float:
        if measure == "mean_cv":
            return float(cvs.mean())
        composite = self.composite[key[1], key[3]]
        if pd.notna(composite):
            return float(cvs.mean() / composite)
        return float((cvs / self.gaps[key].cv_limit.to_numpy(float)).max())

    def _of_scores(self, key: Key, measure: str) -> float | None:
        then, now = self.scores.get((key[0] - 1, *key[1:])), self.scores.get(key)
        if then is None or now is None:
            return None
        both = then.merge(now, left_index=True, right_index=True, suffixes=("0", "1"))
        if measure == "share_meeting":  # an unknown result does not count as meeting
            return _mean(both.meets_standard1.eq(True)) - _mean(both.meets_standard0.eq(True)) if len(both) else None
        both = both.dropna(subset=["score0", "score1"])
        return _mean(both.score1) - _mean(both.score0) if len(both) else None

    def limit(self, standard: str, measure: str, stage: str) -> float | None:
        if measure == "worst_ratio":
            return 1.0
        limit = self.composite.get((standard, stage))
        return float(limit) if measure == "mean_cv" and pd.notna(limit) else None

    def within(self, standard: str, measure: str, stages: Iterable[str], county: str, year: int) -> bool | None:
        """True only where every stage is, false as soon as one is not."""
        if self.limit(standard, measure, next(iter(stages))) is None:
            return None
        told = [self._within((year, standard, county, s)) for s in stages]
        return False if False in told else None if None in told else True

    def _within(self, key: Key) -> bool | None:
        gaps = self.gaps.get(key)
        if gaps is None:
            return None
        composite = self.composite[key[1], key[3]]
        if pd.isna(composite):
            met = [None if pd.isna(m) else bool(m) for m in gaps.is_met]
            return False if False in met else None if None in met else True
        if (gaps.state == "single_school").all() or (gaps.state == "zero_mean").any():
            return None
        low, high = gaps.cv_low.fillna(0).mean(), gaps.cv_high.mean(skipna=False)
        return True if at_most(high, composite) else None if at_most(low, composite) else False


def _mean(column: pd.Series) -> float:
    return float(column.astype(float).mean())


def _largest(figures: list[float | None]) -> float | None:
    return None if None in figures else max(f for f in figures if f is not None)

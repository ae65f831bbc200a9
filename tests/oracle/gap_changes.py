"""What changed in a county's gaps since the year before, and of what the change is made: other schools, pupils, resources.

Written for homes whose counties keep their boundaries.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from tests.oracle.released import Key, Tables, counted_values, cv_of, group_of

Row = dict[str, Any]
STAYED_PCT = 80


def gap_changes(release: Tables) -> pd.DataFrame:
    """county_gap_change, without its reasons."""
    gaps = release["gap_coefficient"].query("area_level == 'county'")
    found = {_of_gap(g): plain(g) for g in gaps.to_dict("records")}
    values, rosters, years = values_of(release), Counted(release), set(gaps.year)
    return pd.DataFrame([_gap_change(key, found, values, rosters, years) for key in found])


def _of_gap(gap: Mapping[Any, Any]) -> Key:
    return tuple(gap[k] for k in ("year", "standard_id", "area_code", "stage", "indicator_id"))


def _gap_change(
    key: Key, found: Mapping[Key, Row], values: Mapping[Key, pd.DataFrame], rosters: Counted, years: set[int]
) -> Row:
    year, standard, county, stage, indicator = key
    before = (year - 1, *key[1:])
    now, then = found[key], found.get(before)
    state = state_of(now, then, year, years)
    compared = state == "comparable"
    change = now["cv"] - then["cv"] if compared and then else None
    stayed = stayed_of(values.get(before), values.get(key))
    roster = pupils = resources = None
    if change is not None and len(stayed):
        pupils, resources = shapley(lambda p, r: cv_at(stayed, p, r))
        roster = None if pupils is None or resources is None else change - pupils - resources
    within, was = now["is_met"], then["is_met"] if then else None
    return {
        "year": year,
        "standard_id": standard,
        "stage": stage,
        "county_code": county,
        "indicator_id": indicator,
        "state": state,
        "kind": rosters.kind(state, [(year, standard, county, stage)]),
        "county_before": county if year - 1 in years else None,
        "mean": now["mean"],
        "mean_before": then["mean"] if compared and then else None,
        "cv": now["cv"],
        "state_now": now["state"],
        "cv_before": then["cv"] if compared and then else None,
        "state_before": then["state"] if then else None,
        "change": change,
        "change_roster": roster,
        "change_pupils": pupils,
        "change_resources": resources,
        "cv_limit": now["cv_limit"],
        "is_within": within,
        "was_within": was,
        "crossing": crossing(now["cv_limit"], was, within),
    }


def state_of(now: Row, then: Row | None, year: int, years: set[int]) -> str:
    if year - 1 not in years or then is None:
        return "no_year_before"
    return "comparable" if now["state"] == then["state"] == "ok" else "not_measured"


def crossing(limit: float | None, was: bool | None, within: bool | None) -> str:
    if limit is None:
        return "no_limit"
    if was is None or within is None:
        return "unknown"
    return {(True, True): "stayed_within", (False, False): "stayed_over", (False, True): "came_within"}.get(
        (was, within), "went_over"
    )


# -- parts of a change --------------------------------------------------------------------------------------------------


def shapley(at: Callable[[int, int], float | None]) -> tuple[float | None, float | None]:
    """What pupils and resources change, each as the mean over both orders; ``at`` tells the figure with the pupils of one
    year (0 before, 1 now) and the resources of one."""
    f = {(p, r): at(p, r) for p in (0, 1) for r in (0, 1)}
    if any(v is None for v in f.values()):
        return None, None
    g: dict[tuple[int, int], float] = f  # type: ignore[assignment]
    pupils = (g[1, 0] - g[0, 0] + g[1, 1] - g[0, 1]) / 2
    resources = (g[0, 1] - g[0, 0] + g[1, 1] - g[1, 0]) / 2
    return pupils, resources


def values_of(release: Tables) -> dict[Key, pd.DataFrame]:
    found = group_of(counted_values(release), "year", "standard_id", "county_code", "stage", "indicator_id")
    return {key: part.set_index("school_id")[["pupils", "numerator", "denominator"]] for key, part in found.items()}


def stayed_of(before: pd.DataFrame | None, now: pd.DataFrame | None) -> pd.DataFrame:
    """Schools with a value in both years; the columns of the year before end with 0, those of this year with 1."""
    if before is None or now is None:
        return pd.DataFrame()
    return before.merge(now, left_index=True, right_index=True, suffixes=("0", "1"))


def cv_at(stayed: pd.DataFrame, pupils: int, resources: int) -> float | None:
    """Pupils of one year are weights and denominators, resources are numerators."""
    if not len(stayed):
        return None
    x = stayed[f"numerator{resources}"].to_numpy(float) / stayed[f"denominator{pupils}"].to_numpy(float)
    return cv_of(x, stayed[f"pupils{pupils}"].to_numpy(float))


class Counted:
    """Schools that a standard counts, with their pupils: by year, standard, county and stage."""

    def __init__(self, release: Tables) -> None:
        scope = release["school_scope"].query("is_counted")[["year", "standard_id", "school_id", "stage"]]
        stages = release["school_stage"][["year", "school_id", "stage", "county_code", "pupils"]]
        groups = group_of(scope.merge(stages), "year", "standard_id", "county_code", "stage")
        self.pupils = {key: dict(zip(g.school_id, g.pupils, strict=True)) for key, g in groups.items()}

    def both(self, key: Key) -> tuple[dict[str, float], dict[str, float]]:
        """The year before, this year."""
        return self.pupils.get((key[0] - 1, *key[1:]), {}), self.pupils.get(key, {})

    def stayed_pct(self, key: Key) -> float | None:
        then, now = self.both(key)
        if not then or not now:
            return None
        shares = [100 * math.fsum(v for k, v in year.items() if k in then and k in now) / math.fsum(year.values())
                  for year in (then, now)]  # fmt: skip
        return min(shares)

    def kind(self, state: str, keys: Iterable[Key]) -> str:
        told = [self.stayed_pct(key) for key in keys]
        few = any(pct is not None and pct < STAYED_PCT for pct in told)
        return "roster" if state == "comparable" and few else "same"


def plain(row: Mapping[Any, Any]) -> Row:
    """A record with None for what is null."""
    return {str(k): None if pd.isna(v) else v for k, v in row.items()}

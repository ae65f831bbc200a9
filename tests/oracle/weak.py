"""Schools in the lowest tenth of their county or province, this year or the year before, and what became of them.

Written for homes whose counties keep their boundaries and whose standards keep their levels.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.oracle.released import Tables

Row = dict[str, Any]
Key = tuple[Any, ...]
"""Year, standard, school, stage, level of the area."""
WEAK_PCT = 10
ENOUGH_PCT = 95


def ranked(release: Tables) -> dict[Key, Row]:
    """Every school with a score in every area where enough counties came: its place, and whether it is weak."""
    parent = {d.code: d.parent_code for d in release["division"].itertuples()}
    enough = {
        (g.year, g.stage, g.area_level, g.area_code)
        for g in release["gap_coefficient"].itertuples()
        if g.counties_came and g.counties_came * 100 >= ENOUGH_PCT * g.counties_expected
    }
    scores = release["school_score"].dropna(subset="score")
    found: dict[Key, Row] = {}
    for level in ("county", "province"):
        areas = [c if level == "county" else parent[parent[c]] for c in scores.county_code]
        groups = scores.assign(area=areas, key=scores.score.round(12)).groupby(["year", "standard_id", "stage", "area"])
        for (year, standard, stage, area), part in groups:
            if (year, stage, level, area) not in enough:
                continue
            for s in part.itertuples():
                found[year, standard, s.school_id, stage, level] = {
                    "area_code": area,
                    "county_code": s.county_code,
                    "score": s.score,
                    "place": 1 + int((part.key > s.key).sum()),
                    "schools": len(part),
                    "is_weak": int((part.key <= s.key).sum()) * 100 <= WEAK_PCT * len(part),
                }
    return found


def weak_schools(release: Tables) -> pd.DataFrame:
    """weak_school."""
    found = ranked(release)
    years = {key[0] for key in found}
    weak = [key for key, row in found.items() if row["is_weak"]]
    wanted = set(weak) | {(y + 1, *rest) for y, *rest in weak if y + 1 in years}
    gained, there, told = _gained(found), _there(release), _told(release)
    made = []
    for key in sorted(wanted):
        now, then = found.get(key), found.get((key[0] - 1, *key[1:]))
        some = now or then
        assert some
        gone = key[:4] not in there and (key[0], key[3], some["county_code"]) in told
        reason = _reason(now, then, key[0] - 1 in years)
        state = "left" if gone and reason == "not_ranked_now" else "unknown" if reason else _state(now, then)
        compared = key in gained
        made.append(
            dict(zip(("year", "standard_id", "school_id", "stage", "area_level"), key, strict=True))
            | {"area_code": some["area_code"], "county_code": some["county_code"]}
            | {"state": state, "reason": reason if state == "unknown" else None}
            | {
                "is_weak": now and now["is_weak"],
                "was_weak": then and then["is_weak"],
                "score_change": now["score"] - then["score"] if compared and now and then else None,
                "place_change": gained.get(key),
            }
            | {name: now and now[name] for name in ("score", "place", "schools")}
            | {f"{name}_before": then and then[name] for name in ("score", "place", "schools")}
        )
    return pd.DataFrame(made)


def _state(now: Row | None, then: Row | None) -> str:
    assert now
    assert then
    if now["is_weak"]:
        return "still" if then["is_weak"] else "new"
    return "risen"


def _reason(now: Row | None, then: Row | None, has_before: bool) -> str | None:
    if not has_before:
        return "no_year_before"
    if then is None:
        return "not_ranked_before"
    if now is None:
        return "not_ranked_now"
    return None if now["area_code"] == then["area_code"] else "area_changed"


def _gained(found: dict[Key, Row]) -> dict[Key, int]:
    """Places gained among the schools that were ranked in both years in the same area."""
    rows = []
    for key, now in found.items():
        then = found.get((key[0] - 1, *key[1:]))
        if then and then["area_code"] == now["area_code"]:
            year, standard, _, stage, level = key
            rows.append(((year, standard, stage, level, now["area_code"]), key, then["score"], now["score"]))
    table = pd.DataFrame(rows, columns=["group", "key", "then", "now"])
    for column in ("then", "now"):
        table[f"place_{column}"] = table[column].round(12).groupby(table.group).rank(method="min", ascending=False)
    return dict(zip(table.key, (table.place_then - table.place_now).astype(int), strict=True))


def _there(release: Tables) -> set[Key]:
    """Schools that a standard counts, and those that it would count and that cannot be used."""
    scores = release["school_score"]
    columns = ["year", "standard_id", "school_id", "stage"]
    found: set[Key] = set(scores[columns].itertuples(index=False, name=None))
    for lost in release["missing_school"].dropna(subset="counted_by").itertuples():
        found |= {(lost.year, s, lost.school_id, lost.stage) for s in lost.counted_by.split(", ")}
    return found


def _told(release: Tables) -> set[Key]:
    """Counties that told of a stage: year, stage, county."""
    stages = release["school_stage"]
    return set(zip(stages.year, stages.stage, stages.county_code, strict=True))

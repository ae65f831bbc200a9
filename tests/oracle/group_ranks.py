"""Values and ranks of school groups and districts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from tests.oracle.group_known import Group, Known, too_many
from tests.oracle.released import Tables

Row = dict[str, Any]
SCORED = ("quality-2017", "school-20")
GAPS = ("basic-2012", "quality-2017")
SMALLER_WINS = ("mean_cv",)


def parents(release: Tables, years: Iterable[int]) -> dict[Any, str]:
    """The division above each, by year and code."""
    divisions = list(release["division"].itertuples())
    return {(y, d.code): d.parent_code for y in years for d in divisions if d.valid_from <= y <= d.valid_to}


def rankings(groups: list[Group], gaps: pd.DataFrame, release: Tables, known: Known) -> pd.DataFrame:
    """group_ranking from the oracle's groups and gaps and the scores of schools."""
    scores = {
        (s.year, s.standard_id, s.school_id, s.stage): float(s.score)
        for s in release["school_score"].itertuples()
        if not pd.isna(s.score)
    }
    above = parents(release, {g.year for g in groups})
    of_gaps = dict(iter(gaps.groupby(["year", "kind", "group_id", "standard_id"])))
    made: list[Row] = []
    for group in groups:
        found: list[tuple[str, str, Row | None]] = []
        for standard in GAPS:
            part = of_gaps.get((group.year, group.kind, group.id, standard))
            found.append((standard, "mean_cv", _mean_cv(group, part, known)))
            if group.kind == "group":
                found.append((standard, "gap_narrowed", _narrowed(group, part, known)))
        for standard in SCORED:
            found.append((standard, "mean_score", _mean_score(group, standard, scores, known)))
            found.append((standard, "score_rise", _score_rise(group, standard, scores, known)))
        for standard, measure, value in found:
            if value is not None:
                if len(group.all) == 1:
                    value |= {"state": "single_member", "value": None}
                made.append(
                    {
                        "year": group.year,
                        "kind": group.kind,
                        "standard_id": standard,
                        "measure": measure,
                        "group_id": group.id,
                        "group_name": group.name,
                        "county_code": group.county,
                        "province_code": only(
                            _two_up(above, group.year, r["county_code"]) for r in group.all if r["county_code"]
                        ),
                        "group_size": len(group.all),
                    }
                    | value
                )
    return _ranked(made)


def _two_up(above: dict[Any, str], year: int, county: str) -> str | None:
    return above.get((year, above.get((year, county))))


def only(found: Iterable[Any]) -> Any:
    each = set(found)
    return each.pop() if len(each) == 1 else None


def _value(schools: int, value: float | None, state: str) -> Row:
    return {"schools": schools, "value": value if state == "ok" else None, "state": state}


def _mean_cv(group: Group, gaps: pd.DataFrame | None, known: Known) -> Row | None:
    """The mean over stages and indicators in which there is something to compare; one that is incomplete spoils it."""
    if gaps is None:
        return None
    ok = gaps[gaps.state == "ok"]
    states = [s for s in ("incomplete", "zero_mean") if s in set(gaps.state)]
    state = states[0] if states else "ok" if len(ok) else "single_member"
    rested = {
        r["school_id"]
        for g in ok.itertuples()
        for r in group.members
        if known.value(group.year, g.standard_id, r["school_id"], g.stage, g.indicator_id) is not None
    }
    return _value(len(rested), float(ok.cv.mean()) if len(ok) else None, state)


NEAREST = ("missing_before", "no_year_before", "joining_unknown", "no_members", "no_lead")
"""Why nothing is known of the time before, the nearest to a comparison first."""


def _narrowed(group: Group, gaps: pd.DataFrame | None, known: Known) -> Row | None:
    """Part of the members' mean that the lead was away from them before they joined, less the part now."""
    if gaps is None:
        return None
    both = gaps[gaps.before_state.isin(["ok", "partial"])]
    ok = both[both.members_mean_before.gt(0) & both.members_mean_followed.gt(0)]
    if not len(ok):
        states = set(gaps.before_state)
        return _value(0, None, "zero_mean" if len(both) else next(s for s in NEAREST if s in states))
    parts: list[float] = []
    rested: set[str] = set()
    for g in ok.itertuples():
        parts.append(
            abs(g.difference_before) / g.members_mean_before - abs(g.difference_followed) / g.members_mean_followed
        )
        years = {r["school_id"]: r["joined_year"] for r in group.members if r["joined_year"] is not None}
        for school in set(years) - {g.lead_school_id}:
            at = (g.standard_id, school, g.stage, g.indicator_id)
            lead = (g.standard_id, g.lead_school_id, g.stage, g.indicator_id)
            year = int(years[school]) - 1
            needed = (known.value(group.year, *at), known.value(year, *at), known.value(year, *lead))
            if None not in needed:
                rested.add(school)
    state = "incomplete" if "members_missing" in set(ok.lead_state) else "ok"
    return _value(len(rested), math.fsum(parts) / len(parts), state)


def _rows(group: Group, standard: str, known: Known, schools: Iterable[str]) -> list[tuple[str, str]]:
    return [(s, t) for s in schools for t in ("primary", "junior") if (group.year, standard, s, t) in known.counted]


def _too_few(group: Group, standard: str, scores: dict[Any, float], known: Known, those: list[Row]) -> bool:
    """Whether schools of more than 5 % of pupils, or of unknown size, have no score now."""
    rows = _rows(group, standard, known, (r["school_id"] for r in those))
    has = {r: (group.year, standard, *r) in scores for r in rows}
    pupils = {r: known.pupils[group.year, *r] for r in rows}
    lost = too_many((p for r, p in pupils.items() if not has[r]), (p for r, p in pupils.items() if has[r]))
    return lost or any(r.get("reason") == "not_returned" for r in those)


def _mean_score(group: Group, standard: str, scores: dict[Any, float], known: Known) -> Row | None:
    """The plain mean of scores, one a school and stage; incomplete where schools of more than 5 % of pupils have none."""
    rows = _rows(group, standard, known, (r["school_id"] for r in group.all))
    if not rows:
        return None
    state = "incomplete" if _too_few(group, standard, scores, known, group.all) else "ok"
    with_score = [r for r in rows if (group.year, standard, *r) in scores]
    found = [scores[group.year, standard, *r] for r in with_score]
    return _value(len({s for s, _ in with_score}), math.fsum(found) / len(found) if found else None, state)


def _score_rise(group: Group, standard: str, scores: dict[Any, float], known: Known) -> Row | None:
    """How many points the members' scores rose since their last year before joining, one a school and stage."""
    joined = {r["school_id"]: r["joined_year"] for r in group.members if r["role"] != "lead"}
    rows = _rows(group, standard, known, joined)
    if not rows:
        return None
    rises, why = {}, set()
    for school, stage in rows:
        year = joined[school]
        if year is None:
            why.add("joining_unknown")
        elif year - 1 not in known.years:
            why.add("no_year_before")
        else:
            now, then = (scores.get((y, standard, school, stage)) for y in (group.year, int(year) - 1))
            if now is None or then is None:
                why.add("missing_before")
            else:
                rises[school, stage] = now - then
    if not rises:
        return _value(0, None, next(s for s in NEAREST if s in why))
    members = [r for r in group.all if r["role"] != "lead"]
    state = "incomplete" if _too_few(group, standard, scores, known, members) else "ok"
    return _value(len({s for s, _ in rises}), math.fsum(rises.values()) / len(rises), state)


def places(values: list[float], smaller_wins: bool) -> list[tuple[int, int]]:
    """Rank of each value, the smaller one of those tied, and how many share it."""
    keys = [round(v if smaller_wins else -v, 12) for v in values]
    return [(1 + sum(k < key for k in keys), keys.count(key)) for key in keys]


def _ranked(made: list[Row]) -> pd.DataFrame:
    for area in ("county", "province"):
        sets: dict[Any, list[Row]] = {}
        for row in made:
            row[f"rank_{area}"] = row[f"compared_{area}"] = None
            code = row[f"{area}_code"]
            if row["state"] == "ok" and code is not None:
                sets.setdefault((row["year"], row["kind"], row["standard_id"], row["measure"], code), []).append(row)
        for key, rows in sets.items():
            for row, (rank, _) in zip(rows, places([r["value"] for r in rows], key[3] in SMALLER_WINS), strict=True):
                row[f"rank_{area}"], row[f"compared_{area}"] = rank, len(rows)
    return pd.DataFrame(made)

"""Gaps inside school groups and districts, between a lead and its members, and how they stood before the members joined."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from tests.oracle.group_known import Group, Known, too_many
from tests.oracle.released import cv_of
from tests.oracle.texts import JUDGED, STANDARDS

Row = dict[str, Any]


def group_gaps(groups: Iterable[Group], known: Known) -> pd.DataFrame:
    """group_gap: a row a group, standard, stage and indicator of its gaps where a school of it counts."""
    made = []
    for group in groups:
        for standard in STANDARDS:
            for stage in JUDGED:
                counted = [
                    r["school_id"]
                    for r in group.all
                    if (group.year, standard.id, r["school_id"], stage) in known.counted
                ]
                if counted:
                    counted += [r["school_id"] for r in group.absent if r["reason"] == "not_returned"]
                    made += [_gap(group, counted, standard.id, stage, i, known) for i in standard.gaps]
    return pd.DataFrame(made)


def _gap(group: Group, counted: list[str], standard: str, stage: str, indicator: str, known: Known) -> Row:
    year = group.year
    value = {s: known.value(year, standard, s, stage, indicator) for s in counted}
    pupils = {s: known.pupils.get((year, s, stage), math.nan) for s in counted}
    there = sorted(s for s in counted if value[s] is not None)
    lacking = sorted(s for s in counted if value[s] is None)
    x, p = np.array([value[s] for s in there], dtype=float), np.array([pupils[s] for s in there])
    mean = float((p * x).sum() / p.sum()) if there else None
    row = {
        "year": year,
        "standard_id": standard,
        "kind": group.kind,
        "group_id": group.id,
        "stage": stage,
        "indicator_id": indicator,
        "group_name": group.name,
        "county_code": group.county,
        "schools": len(there),
        "pupils": p.sum() if there else None,
        "schools_missing": len(lacking),
        "pupils_missing": _sum(pupils[s] for s in lacking),
        "mean": mean,
        "sd": float(np.sqrt((p * (x - mean) ** 2).sum() / p.sum())) if mean is not None else None,
        "cv": cv_of(x, p) if there else None,
        "state": _state(there, lacking, pupils, mean),
    }
    if group.kind == "district":
        return row | _no_lead("not_applicable", "not_applicable")
    return row | _lead(group, standard, stage, indicator, value, pupils, known)


def _sum(pupils: Iterable[float]) -> float | None:
    total = math.fsum(pupils)
    return None if math.isnan(total) else total


def _state(there: list[str], lacking: list[str], pupils: dict[str, float], mean: float | None) -> str:
    if too_many((pupils[s] for s in lacking), (pupils[s] for s in there)):
        return "incomplete"
    if len(there) == 1:
        return "single_member"
    return "zero_mean" if mean == 0 else "ok"


def _no_lead(lead_state: str, before_state: str) -> Row:
    nothing: Row = dict.fromkeys(
        (
            "lead_school_id", "lead_value", "members_pupils", "members_mean", "difference", "ratio", "first_year_before",
            "last_year_before", "lead_value_before", "members_mean_before", "members_mean_followed", "difference_before",
            "difference_followed", "narrowed_by",
        )
    )  # fmt: skip
    return nothing | {
        "members": 0,
        "members_missing": 0,
        "members_followed": 0,
        "lead_state": lead_state,
        "before_state": before_state,
    }


def _lead(
    group: Group,
    standard: str,
    stage: str,
    indicator: str,
    value: dict[str, Any],
    pupils: dict[str, float],
    known: Known,
) -> Row:
    lead = group.leads[0] if len(group.leads) == 1 else None
    others = [s for s in value if s not in group.leads]
    there, lacking = [s for s in others if value[s] is not None], [s for s in others if value[s] is None]
    mean = _mean([(pupils[s], value[s]) for s in there])
    if not group.leads:
        state = "no_lead"
    elif lead is None:
        state = "two_leads"
    elif lead not in value:
        state = "lead_elsewhere"
    elif value[lead] is None:
        state = "lead_missing"
    elif not others:
        state = "no_members"
    else:
        short = too_many((pupils[s] for s in lacking), (pupils[s] for s in there))
        state = "members_missing" if short else "ok"
    own = value.get(lead) if lead else None
    apart = own - mean if state == "ok" and own is not None and mean is not None else None
    found = _no_lead(state, "") | {
        "lead_school_id": lead,
        "lead_value": own,
        "members": len(there),
        "members_missing": len(lacking),
        "members_pupils": math.fsum(pupils[s] for s in there) if there else None,
        "members_mean": mean,
        "difference": apart,
        "ratio": own / mean if apart is not None and own is not None and mean else None,
    }
    return found | _before(group, lead if own is not None else None, there, standard, stage, indicator, known)


def _mean(pairs: list[tuple[float, float]]) -> float | None:
    return math.fsum(p * x for p, x in pairs) / math.fsum(p for p, _ in pairs) if pairs else None


def _before(
    group: Group, lead: str | None, there: list[str], standard: str, stage: str, indicator: str, known: Known
) -> Row:
    """Each member with a value now in its last year before joining, against the present lead in the same year."""
    if lead is None or not there:
        return {"before_state": "no_lead" if lead is None else "no_members"}
    joined = {r["school_id"]: r["joined_year"] for r in group.members}
    followed: list[tuple[int, float, float, float, float, float]] = []
    why: dict[str, int] = defaultdict(int)
    for school in there:
        if joined[school] is None:
            why["joining_unknown"] += 1
        elif joined[school] - 1 not in known.years:
            why["no_year_before"] += 1
        else:
            year = int(joined[school]) - 1
            then = known.value(year, standard, school, stage, indicator)
            of_lead = known.value(year, standard, lead, stage, indicator)
            if then is None or of_lead is None:
                why["missing_before"] += 1
            else:
                weight = known.pupils[year, school, stage]
                now = known.pupils[group.year, school, stage]
                mine = known.value(group.year, standard, school, stage, indicator)
                assert mine is not None
                followed.append((year, weight, of_lead, then, now, mine))
    if not followed:
        nearest = ("missing_before", "no_year_before", "joining_unknown")
        return {"before_state": next(state for state in nearest if why[state])}
    lead_before = _mean([(w, of_lead) for _, w, of_lead, _, _, _ in followed])
    before = _mean([(w, then) for _, w, _, then, _, _ in followed])
    after = _mean([(now, mine) for *_, now, mine in followed])
    own = known.value(group.year, standard, lead, stage, indicator)
    assert lead_before is not None
    assert before is not None
    assert after is not None
    assert own is not None
    return {
        "members_followed": len(followed),
        "first_year_before": min(year for year, *_ in followed),
        "last_year_before": max(year for year, *_ in followed),
        "lead_value_before": lead_before,
        "members_mean_before": before,
        "members_mean_followed": after,
        "difference_before": lead_before - before,
        "difference_followed": own - after,
        "narrowed_by": abs(lead_before - before) - abs(own - after),
        "before_state": "partial" if why else "ok",
    }

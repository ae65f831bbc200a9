"""Which schools a standard counts (those that sent nothing too), attainment of its items, scores and verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from tests.oracle.owed import Owed
from tests.oracle.texts import JUDGED, STANDARDS, Level, Standard, at_least, at_most, direction
from tests.oracle.units import School


@dataclass(frozen=True)
class Counted:
    """A school's stage inside a standard; ``came`` is False for one that the roster expects and of which nothing counts."""

    year: int
    standard: str
    county: str
    stage: str
    school_id: str
    school_type: str
    pupils: float
    came: bool


def counted(schools: Iterable[School], owed: Iterable[Owed]) -> list[Counted]:
    """Stages inside each standard: of the schools that came, then those that are owed and of which nothing counts."""
    rows = [row for school in schools for standard in STANDARDS for row in _of_school(standard, school)]
    return rows + [
        Counted(o.year, s.id, o.county, o.stage, o.school_id, str(o.identity["school_type"]), o.pupils, False)
        for o in owed
        for s in STANDARDS
        if s.counts(o.identity, o.pupils_all)
    ]


def _of_school(standard: Standard, school: School) -> list[Counted]:
    if not standard.counts(school.identity, school.whole["pupils_all"] or 0.0):
        return []
    return [
        Counted(
            school.year, standard.id, school.county, stage, school.school_id,
            str(school.identity["school_type"]), school.stages[stage]["pupils"] or 0.0, True,
        )
        for stage in JUDGED
        if stage in school.stages
    ]  # fmt: skip


def attainments(rows: Iterable[Counted], values: pd.DataFrame) -> pd.DataFrame:
    """A row a counted stage that came and item with a level."""
    value_of = {
        (v.year, v.school_id, v.stage, v.indicator_id): (v.value, v.state, v.trace_id) for v in values.itertuples()
    }
    standards = {s.id: s for s in STANDARDS}
    made = []
    for row in rows:
        for level in standards[row.standard].levels if row.came else ():
            value, state, trace = value_of[row.year, row.school_id, row.stage, level.indicator]
            made.append(_attainment(row, level, float(value) if state == "ok" else None, state, trace))
    return pd.DataFrame(made)


def _attainment(row: Counted, level: Level, value: float | None, state: str, trace: str) -> dict[str, object]:
    way = direction(level.indicator)
    threshold, floor = level.threshold(row.stage, row.school_type), level.floor(row.stage, row.school_type, way)
    within = at_least if way == ">=" else at_most
    met = None if value is None else within(value, threshold)
    above = None if value is None or floor is None else within(value, floor)
    share = None if value is None else 1.0 if met else value / threshold if way == ">=" else threshold / value
    return {
        "year": row.year,
        "school_id": row.school_id,
        "stage": row.stage,
        "standard_id": row.standard,
        "indicator_id": level.indicator,
        "county_code": row.county,
        "pupils": row.pupils,
        "value": value,
        "threshold": threshold,
        "floor": floor,
        "weight": 1.0,
        "attainment": share,
        "is_met": met,
        "is_above_floor": above,
        "is_veto": level.veto,
        "state": state,
        "trace_id": trace,
    }


def scores(attained: pd.DataFrame) -> pd.DataFrame:
    """A row a school's stage and standard: the score, its bounds, and the verdict in three values."""
    standards = {s.id: s for s in STANDARDS}
    keys = ["year", "standard_id", "school_id", "stage"]
    made = []
    for key, group in attained.groupby(keys, sort=True):
        items = group.to_dict("records")
        made.append(dict(zip(keys, key, strict=True)) | _score(standards[str(key[1])], items))
    return pd.DataFrame(made)


def _score(standard: Standard, items: list[dict[str, object]]) -> dict[str, object]:
    applicable = [i for i in items if i["state"] != "not_applicable"]
    known = [i for i in applicable if i["state"] == "ok"]
    n, missing = len(applicable), len(applicable) - len(known)
    reached = math.fsum(float(str(i["attainment"])) for i in known)
    vetoes = [i["is_met"] if i["state"] == "ok" else None for i in applicable if i["is_veto"]]
    veto = True if False in vetoes else None if None in vetoes else False
    unmet = [i for i in known if i["is_met"] is False]
    below = [i for i in known if i["is_above_floor"] is False]
    fails = veto is True or len(unmet) > standard.max_unmet or bool(below) or n < standard.min_applicable
    return {
        "county_code": items[0]["county_code"],
        "pupils": items[0]["pupils"],
        "indicators_applicable": n,
        "indicators_met": len(known) - len(unmet),
        "indicators_below_floor": len(below),
        "indicators_missing": missing,
        "score": 100 * reached / n if n and not missing else None,
        "score_min": 100 * reached / n if n else None,
        "score_max": 100 * (reached + missing) / n if n else None,
        "has_veto": veto,
        "meets_standard": False if fails else None if missing else True,
    }

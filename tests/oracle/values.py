"""Values of the 23 indicators for every school's stage, with their state."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable

import pandas as pd

from tests.oracle.texts import INDICATORS, JUDGED
from tests.oracle.units import Number, School

Fields = dict[str, Number]
Fraction = tuple[Number, Number]


def _times(value: Number, factor: float) -> Number:
    return None if value is None else value * factor


def _sum(a: Number, b: Number) -> Number:
    return None if a is None or b is None else a + b


def _per_100(name: str) -> Callable[[Fields], Fraction]:
    return lambda f: (f[name], _times(f["pupils"], 0.01))


def _per_pupil(name: str) -> Callable[[Fields], Fraction]:
    return lambda f: (f[name], f["pupils"])


def _class_share(f: Fields) -> Fraction:
    listed, classes = f["classes_listed"], f["classes"]
    short = listed is not None and classes is not None and listed < classes
    return _times(f["classes_within_limit"], 100), None if short else listed


def _rooms_without_gym(f: Fields) -> Fraction:
    return _sum(f["teaching_rooms_sqm"], _times(f["indoor_sports_sqm"], -1)), f["pupils"]


BY_STAGE: dict[str, Callable[[Fields], Fraction]] = {
    "teaching_rooms_sqm_per_pupil": _rooms_without_gym,
    "sports_sqm_per_pupil": lambda f: (_sum(f["sports_field_sqm"], f["indoor_sports_sqm"]), f["pupils"]),
    "equipment_yuan_per_pupil": _per_pupil("equipment_yuan"),
    "computers_per_100": _per_100("computers"),
    "books_per_pupil": _per_pupil("books"),
    "multimedia_rooms_per_100": _per_100("multimedia_rooms"),
    "teachers_per_100": _per_100("full_time_teachers"),
    "above_degree_teachers_per_100": _per_100("above_degree_teachers"),
    "mid_rank_teachers_per_100": _per_100("mid_rank_teachers"),
    "backbone_teachers_per_100": _per_100("backbone_teachers"),
    "pe_arts_teachers_per_100": _per_100("pe_arts_teachers"),
    "training_360h_pct": lambda f: (_times(f["teachers_trained_360h"], 100), f["teachers_training_due"]),
    "certified_teachers_pct": lambda f: (_times(f["certified_teachers"], 100), f["full_time_teachers"]),
    "classes_within_limit_pct": _class_share,
}


def _staff(school: School) -> Fraction:
    pupils, place = school.whole["pupils_all"], school.identity["urban_rural"]
    unknown = pupils is None or (pupils < 200 and place is None)
    return school.whole["staff"], None if unknown else school.whole["staff_required"]


def _health(school: School) -> Fraction:
    pupils = school.whole["pupils_all"]
    if pupils is None or (pupils < 600 and school.whole["boarders"] is None):
        return school.whole["health_staff"], None
    return school.whole["health_staff"], float(max(1, math.floor(pupils / 600)))


BY_SCHOOL: dict[str, Callable[[School], Fraction]] = {
    "music_rooms_ratio": lambda s: (s.whole["music_rooms"], s.whole["rooms_needed"]),
    "art_rooms_ratio": lambda s: (s.whole["art_rooms"], s.whole["rooms_needed"]),
    "school_size": lambda s: (s.whole["largest_campus"], 1.0),
    "public_funds_ratio": lambda s: (s.whole["public_funds_yuan"], s.whole["required_funds"]),
    "training_funds_pct": lambda s: (_times(s.whole["training_budget_yuan"], 100), s.whole["public_funds_budget_yuan"]),
    "staff_ratio": _staff,
    "d_grade_area_sqm": lambda s: (s.whole["d_grade_area_sqm"], 1.0),
    "beds_per_boarder": lambda s: (s.whole["beds"], s.whole["boarders"]),
    "health_staff_ratio": _health,
}


def _applies(indicator: str, school: School, fields: Fields) -> bool:
    """Whether the item is asked of the school at all; what is not known is asked."""
    pupils, boarders = school.whole["pupils_all"], school.whole["boarders"]
    if indicator == "training_360h_pct":
        return fields["teachers_training_due"] != 0
    if indicator == "staff_ratio":
        return pupils is None or pupils >= 200 or not str(school.identity["urban_rural"] or "").startswith("2")
    if indicator == "beds_per_boarder":
        return boarders != 0
    if indicator == "health_staff_ratio":
        return pupils is None or pupils >= 600 or boarders != 0
    return True


def indicator_values(schools: Iterable[School]) -> pd.DataFrame:
    """One row a year, school, judged stage and indicator."""
    rows = [
        row for school in schools for stage in JUDGED if stage in school.stages for row in _stage_rows(school, stage)
    ]
    _mark_not_collected(rows)
    return pd.DataFrame(rows)


def _stage_rows(school: School, stage: str) -> Iterable[dict[str, object]]:
    fields = school.stages[stage]
    for indicator in INDICATORS:
        numerator, denominator = BY_STAGE[indicator](fields) if indicator in BY_STAGE else BY_SCHOOL[indicator](school)
        # A denominator of 0, such as a school without teachers, leaves nothing to ask.
        asked = _applies(indicator, school, fields)
        applies = asked and denominator != 0
        value = numerator / denominator if applies and numerator is not None and denominator is not None else None
        yield {
            "year": school.year,
            "school_id": school.school_id,
            "stage": stage,
            "indicator_id": indicator,
            "county_code": school.county,
            "pupils": fields["pupils"],
            "numerator": numerator if asked else None,
            "denominator": denominator if asked else None,
            "value": value,
            "state": "not_applicable" if not applies else "missing" if value is None else "ok",
            "trace_id": f"{school.county}.{stage}.{indicator}.{school.year}.{school.school_id}",
        }


def _mark_not_collected(rows: list[dict[str, object]]) -> None:
    """An item for which no school of the county has a value, though it applies to some, is not collected there."""
    states: dict[tuple[object, ...], set[object]] = defaultdict(set)
    for row in rows:
        states[row["year"], row["county_code"], row["indicator_id"]].add(row["state"])
    for row in rows:
        found = states[row["year"], row["county_code"], row["indicator_id"]]
        if row["state"] == "missing" and "ok" not in found:
            row["state"] = "not_collected"

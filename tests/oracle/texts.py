"""What the texts say, written down once more: indicators, scopes, levels and limits of the three standards.

Sources: domain.md 1, 2, 4 and method.md 1-7 of the project's papers, which cite the documents. The catalogue is held against
this file by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

JUDGED = ("primary", "junior")
WEIGHTS = {"primary": 1.0, "junior": 1.1, "senior": 1.32}
TOLERANCE = 1e-9
MISSING_PUPILS_PCT = 5
COUNTIES_PCT = 95
BAND = 0.005

SPLIT = (
    "teaching_rooms_sqm", "indoor_sports_sqm", "sports_field_sqm", "equipment_yuan", "computers", "books", "multimedia_rooms",
)  # fmt: skip
WHOLE = (
    "staff", "boarders", "beds", "d_grade_area_sqm", "health_staff",
    "public_funds_yuan", "public_funds_budget_yuan", "training_budget_yuan",
)  # fmt: skip
COUNTED = (
    "pupils", "classes", "full_time_teachers", "doctor_teachers", "master_teachers", "bachelor_teachers", "college_teachers",
    "backbone_teachers", "pe_teachers", "music_teachers", "art_teachers", "arts_teachers", "senior_rank_teachers",
    "associate_rank_teachers", "intermediate_rank_teachers", "certified_teachers", "teachers_training_due", "teachers_trained_360h",
)  # fmt: skip
"""Reported by stage and never divided."""


@dataclass(frozen=True)
class Level:
    """What a standard asks of an item: by stage and, where it differs, by school type."""

    indicator: str
    by_stage: dict[str, float]
    floor_share: float | None = 0.85
    by_type: tuple[tuple[str, float], ...] = ()
    veto: bool = False

    def threshold(self, stage: str, school_type: str) -> float:
        return dict(self.by_type).get(school_type, self.by_stage[stage])

    def floor(self, stage: str, school_type: str, direction: str) -> float | None:
        if self.floor_share is None:
            return None
        level = self.threshold(stage, school_type)
        return level * self.floor_share if direction == ">=" else level / self.floor_share


def both(value: float) -> dict[str, float]:
    return dict.fromkeys(JUDGED, value)


def pj(primary: float, junior: float) -> dict[str, float]:
    return {"primary": primary, "junior": junior}


SEVEN = (
    Level("above_degree_teachers_per_100", pj(4.2, 5.3)),
    Level("backbone_teachers_per_100", both(1)),
    Level("pe_arts_teachers_per_100", both(0.9)),
    Level("teaching_rooms_sqm_per_pupil", pj(4.5, 5.8)),
    Level("sports_sqm_per_pupil", pj(7.5, 10.2)),
    Level("equipment_yuan_per_pupil", pj(2000, 2500)),
    Level("multimedia_rooms_per_100", pj(2.3, 2.4)),
)
TWENTY = (
    *SEVEN,
    Level("music_rooms_ratio", both(1), None),
    Level("art_rooms_ratio", both(1), None),
    Level("school_size", both(2000), 0.85, (("312", 2500), ("345", 2500), ("341", 2000))),
    Level("classes_within_limit_pct", both(100)),
    Level("public_funds_ratio", both(1)),
    Level("training_360h_pct", both(100)),
    Level("certified_teachers_pct", both(100)),
    Level("training_funds_pct", both(5)),
    Level("books_per_pupil", pj(25, 35)),
    Level("staff_ratio", both(1)),
    Level("d_grade_area_sqm", both(0), None, (), True),
    Level("beds_per_boarder", both(1), None),
    Level("health_staff_ratio", both(1), None),
)
EIGHT = (
    "teaching_rooms_sqm_per_pupil", "sports_sqm_per_pupil", "equipment_yuan_per_pupil", "computers_per_100",
    "books_per_pupil", "teachers_per_100", "above_degree_teachers_per_100", "mid_rank_teachers_per_100",
)  # fmt: skip
SMALLER_IS_BETTER = ("school_size", "d_grade_area_sqm")
WHOLE_UNITS = (
    "teachers_per_100", "above_degree_teachers_per_100", "mid_rank_teachers_per_100",
    "backbone_teachers_per_100", "pe_arts_teachers_per_100",
)  # fmt: skip
"""Indicators whose numerator counts persons, who can move."""


def direction(indicator: str) -> str:
    return "<=" if indicator in SMALLER_IS_BETTER else ">="


def is_special_or_vocational(school: Any) -> bool:
    kind = school["school_type"]
    return kind.startswith(("5", "32", "36"))


def counts_2017(school: Any, own_pupils: float) -> bool:
    """Ordinary schools, and teaching points of 50 pupils and more."""
    return not is_special_or_vocational(school) and not (school["school_type"] == "218" and own_pupils < 50)


def counts_2012(school: Any, own_pupils: float) -> bool:
    """Public schools that the county runs; no teaching point."""
    del own_pupils
    if is_special_or_vocational(school) or school["school_type"] == "218":
        return False
    operator = school["operator_code"]
    return school["is_public"] != 0 and (operator is None or operator.startswith("83"))


@dataclass(frozen=True)
class Standard:
    """Which schools count, what is asked of them, whose gaps are judged, and by what counties are ranked."""

    id: str
    counts: Callable[[Any, float], bool]
    gaps: tuple[str, ...]
    levels: tuple[Level, ...]
    measures: tuple[str, ...]
    cv_limits: dict[str, float] | None = None
    composite_limits: dict[str, float] | None = None
    max_unmet: int = 0
    min_applicable: int = 0


STANDARDS = (
    Standard("basic-2012", counts_2012, EIGHT, (), ("mean_cv", "worst_ratio"), composite_limits=pj(0.65, 0.55)),
    Standard(
        "quality-2017", counts_2017, tuple(level.indicator for level in SEVEN), SEVEN,
        ("mean_cv", "worst_ratio", "share_meeting"), cv_limits=pj(0.50, 0.45), max_unmet=1, min_applicable=7,
    ),
    Standard("school-20", counts_2017, (), TWENTY, ("mean_score", "share_meeting"), max_unmet=2, min_applicable=15),
)  # fmt: skip
INDICATORS = (
    "teaching_rooms_sqm_per_pupil", "sports_sqm_per_pupil", "equipment_yuan_per_pupil", "computers_per_100", "books_per_pupil",
    "multimedia_rooms_per_100", "teachers_per_100", "above_degree_teachers_per_100", "mid_rank_teachers_per_100",
    "backbone_teachers_per_100", "pe_arts_teachers_per_100", "training_360h_pct", "certified_teachers_pct",
    "classes_within_limit_pct", "music_rooms_ratio", "art_rooms_ratio", "school_size", "public_funds_ratio",
    "training_funds_pct", "staff_ratio", "d_grade_area_sqm", "beds_per_boarder", "health_staff_ratio",
)  # fmt: skip
"""In the catalogue's order, which decides between equal causes."""


def at_least(value: float, level: float) -> bool:
    return value >= level * (1 - TOLERANCE)


def at_most(value: float, level: float) -> bool:
    return value <= level * (1 + TOLERANCE)

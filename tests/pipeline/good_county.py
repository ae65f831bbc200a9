"""A county that is up to every item of both standards, to be spoilt by a test in one cell at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.schema import Catalogue
from pipeline.schema.model import Division
from pipeline.store.home import Home
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of

YEAR = 2025
SCHOOLS = {
    "city": ("211", {"primary": 1000}, "111"), "town": ("211", {"primary": 800}, "121"), "village": ("211", {"primary": 80}, "220"),
    "middle": ("311", {"junior": 900}, "111"), "upper": ("311", {"junior": 700}, "121"), "nine": ("312", {"primary": 600, "junior": 400}, "121"),
}  # fmt: skip
"""Name → type, pupils by stage, urban-rural class."""
READY = {
    "has_charter": 1, "has_information_management": 1, "is_moral_education_good": 1, "has_full_curriculum": 1, "has_labour_base": 1,
    "has_labour_teacher": 1, "labour_hours_pct": 60, "public_funds_final_yuan": 1_000_000.0, "training_final_yuan": 100_000.0,
    "special_needs_funds_yuan": 70_000.0, "year_built": 2005, "has_building_plan": 1, "is_dense_city": 0,
    "other_sports_ground_sqm": 0.0, "leased_sports_ground_sqm": 0.0,
}  # fmt: skip
OF_STAGES = {
    "regular_class_pupils": 9, "home_taught_pupils": 1, "entrants_3_years_before": 300, "transferred_in": 10, "transferred_out": 10,
    "died": 0, "graduates": 298, "migrant_worker_pupils": 20, "visiting_pe_teachers": 0, "visiting_music_teachers": 0,
    "visiting_art_teachers": 0, "visiting_arts_teachers": 0,
}  # fmt: skip
DECLARED = (
    "school_layout", "unified_standards", "music_art_rooms", "school_size", "class_size", "small_school_funds", "special_school_funds",
    "teacher_pay", "teacher_training", "post_allocation", "teacher_rotation", "teacher_certificates", "nearby_enrolment",
    "senior_quota_places", "left_behind_and_migrant_children", "junior_retention", "disabled_enrolment",
    "charter_and_information_management", "training_funds", "technology_in_teaching", "moral_education_and_culture",
    "full_curriculum", "study_burden", "quality_monitoring",
)  # fmt: skip
VETOES = ("exam_enrolment", "unlawful_choice", "key_schools", "posts", "accident_or_falsification", "burden")
SUBJECTS = ("chinese", "mathematics", "science", "pe", "arts", "moral")


def good_cells() -> dict[str, Any]:
    """What a county that meets everything reports of itself."""
    cells: dict[str, Any] = {
        "basic_balance_year": 2015, "schools_below_basic_standard": 0, "work_score": 92, "public_satisfaction_pct": 93,
        "primary_funds_quota_yuan": 720, "junior_funds_quota_yuan": 940, "special_school_funds_yuan": 700_000.0,
        "special_school_pupils": 100, "teacher_pay_yuan": 95_000.0, "civil_servant_pay_yuan": 94_000.0, "is_performance_pay_full": 1,
        "county_quota_staff": 500, "county_allotted_staff": 490, "rotation_eligible_teachers": 200, "rotated_teachers": 25,
        "rotated_backbone_teachers": 6, "nearby_city_pct": 100, "nearby_town_pct": 97, "senior_places": 400,
        "senior_places_allotted": 220, "senior_places_allotted_rural": 100, "migrant_eligible_children": 300, "migrant_in_public": 270,
        "migrant_in_bought_places": 10, "disabled_children": 100, "disabled_enrolled": 98, "social_recognition_pct": 91.0,
        "questionnaires_sent": 500, "questionnaires_valid": 480, "questionnaires_satisfied": 440, "people_visited": 100,
        "visited_satisfied": 93, "questionnaires_sent_parents": 300, "questionnaires_valid_parents": 290,
        "questionnaires_satisfied_parents": 270, "people_visited_parents": 60, "visited_satisfied_parents": 56,
        "resident_population": 300_000, "monitoring_year": 2024,
        "is_declared_all_schools_basic_standard": 1, "is_declared_county_work_score": 1, "is_declared_public_satisfaction": 1,
        "is_declared_social_recognition": 1,
    }  # fmt: skip
    cells |= dict.fromkeys((f"is_unified_{of}" for of in ("building", "posts", "funds", "equipment")), 1)
    for item in DECLARED:
        cells |= {f"is_declared_{item}": 1, f"conclusion_{item}": "符合规定要求。"}
    for subject in SUBJECTS:
        cells |= {f"monitoring_{subject}_level": 3, f"monitoring_{subject}_difference": 0.12}
    return cells | dict.fromkeys((f"has_veto_{veto}" for veto in VETOES), 0)


class GoodCounty:
    """``schools`` by name and ``cells`` of the county; change them before ``rows``. ``number`` tells its codes from others'."""

    def __init__(self, number: int = 1) -> None:
        self.number, self.cells = number, good_cells()
        self.schools = {name: self._school(k, *SCHOOLS[name]) for k, name in enumerate(SCHOOLS, 1)}

    @property
    def code(self) -> str:
        return f"99{self.number // 100 + 10:02d}{self.number % 100:02d}"

    def _school(self, k: int, kind: str, heads: dict[str, float], place: str) -> GoodSchool:
        own = GoodSchool(self.school_id(k, kind), kind, heads, urban_rural=place, **READY)
        return own.of_stages(**OF_STAGES)

    def school_id(self, k: int, kind: str = "211") -> str:
        return f"{kind[:2]}99{self.number:04d}{k:02d}"

    def add(self, name: str, kind: str, heads: dict[str, float], place: str = "121", **cells: Any) -> GoodSchool:
        """Another good school."""
        self.schools[name] = self._school(len(self.schools) + 1, kind, heads, place)
        self.schools[name].school.update(cells)
        return self.schools[name]

    def only(self, *names: str) -> GoodCounty:
        """Leaves these schools."""
        self.schools = {name: self.schools[name] for name in names}
        return self

    def special_only(self) -> GoodCounty:
        """Nothing but a special school: no school that the items ask of."""
        self.schools = {}
        self.add("special", "511", {"primary": 60})
        return self

    def set(self, **cells: Any) -> GoodCounty:
        self.cells.update(cells)
        return self

    def rows(self) -> dict[str, Any]:
        return {**county_of(*self.schools.values()), "county": [self.cells]}


def with_counties(catalogue: Catalogue, counties: Mapping[Any, GoodCounty]) -> Catalogue:
    """The catalogue with a division a county."""
    made = [
        Division(code=c.code, name_zh=f"县{c.number}", name_en=f"County {c.number}", level="county", parent_code="9901")
        for c in counties.values()
    ]
    return catalogue.model_copy(update={"divisions": (*catalogue.divisions, *made)})


def judged(folder: Path, catalogue: Catalogue, counties: Mapping[Any, GoodCounty], register: str = "") -> Home:
    """A home in which the counties are judged; ``register``: the text of ``registers/relaxations.csv``."""
    if register:
        (folder / "registers").mkdir(parents=True)
        (folder / "registers" / "relaxations.csv").write_text(register, encoding="utf-8")
    of = {(YEAR, county.code): county.rows() for county in counties.values()}
    return computed(folder, with_counties(catalogue, counties), of)

"""In what the ledger tells each of the twenty items: the field, and how much of it a level asks for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """What closes an item: the field, what counts as there, over what the level is asked, and for how many of that."""

    field: str
    has: tuple[str, ...]
    less: str | None = None
    of: str | None = "pupils"
    per: int = 1
    whole: bool = True
    shared: bool = False
    of_school: bool = False


THINGS = {
    "teaching_rooms_sqm_per_pupil": Thing("teaching_rooms_sqm", ("teaching_rooms_sqm",), "indoor_sports_sqm", whole=False, shared=True),
    "sports_sqm_per_pupil": Thing("sports_field_sqm", ("sports_field_sqm", "indoor_sports_sqm"), whole=False, shared=True),
    "equipment_yuan_per_pupil": Thing("equipment_yuan", ("equipment_yuan",), whole=False, shared=True),
    "multimedia_rooms_per_100": Thing("multimedia_rooms", ("multimedia_rooms",), per=100, shared=True),
    "books_per_pupil": Thing("books", ("books",), shared=True),
    "above_degree_teachers_per_100": Thing("above_degree_teachers", ("above_degree_teachers",), per=100),
    "backbone_teachers_per_100": Thing("backbone_teachers", ("backbone_teachers",), per=100),
    "pe_arts_teachers_per_100": Thing("pe_arts_teachers", ("pe_arts_teachers",), per=100),
    "training_360h_pct": Thing("teachers_trained_360h", ("teachers_trained_360h",), of="teachers_training_due", per=100),
    "certified_teachers_pct": Thing("certified_teachers", ("certified_teachers",), of="full_time_teachers", per=100),
    "classes_within_limit_pct": Thing("classes_in_limit", ("classes_in_limit",), of="classes_of_known_size", per=100),
    "music_rooms_ratio": Thing("music_rooms_standard", ("music_rooms_standard",), of="music_rooms_needed", of_school=True),
    "art_rooms_ratio": Thing("art_rooms_standard", ("art_rooms_standard",), of="art_rooms_needed", of_school=True),
    "public_funds_ratio": Thing("public_funds_yuan", ("public_funds_yuan",), of="required_funds_yuan", whole=False, of_school=True),
    "training_funds_pct": Thing("training_budget_yuan", ("training_budget_yuan",), of="public_funds_budget_yuan", per=100, whole=False, of_school=True),
    "staff_ratio": Thing("staff", ("staff",), of="staff_required", of_school=True),
    "beds_per_boarder": Thing("beds", ("beds",), of="boarders", of_school=True),
    "health_staff_ratio": Thing("health_staff", ("health_staff",), of="health", of_school=True),
    "school_size": Thing("largest_campus_pupils", ("largest_campus_pupils",), of=None, of_school=True),
    "d_grade_area_sqm": Thing("d_grade_area_sqm", ("d_grade_area_sqm",), of=None, whole=False, of_school=True),
}  # fmt: skip
"""The twenty items, from their definitions."""

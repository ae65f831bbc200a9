"""A school that is up to every item of every standard, to be spoilt by a test in one cell at a time."""

from __future__ import annotations

from typing import Any

from tests.pipeline.computed import school, stage

PLENTY = 10
"""Every quantity is this many times what any standard asks for."""


class GoodSchool:
    """Rows of one school: ``school``, ``stages`` by id, ``classes`` and ``rooms``; change them before ``add_to``."""

    def __init__(self, school_id: str, kind: str = "211", heads: dict[str, float] | None = None, **cells: Any) -> None:
        heads = heads or {"primary": 1000}
        everyone = sum(heads.values())
        shared = {
            "teaching_rooms_sqm": 6 * PLENTY * everyone, "indoor_sports_sqm": 0.0, "sports_field_sqm": 11 * PLENTY * everyone,
            "equipment_yuan": 2500.0 * PLENTY * everyone, "computers": PLENTY * everyone, "books": 40 * PLENTY * everyone,
            "multimedia_rooms": PLENTY * everyone, "staff": everyone, "boarders": 0, "beds": 0, "d_grade_area_sqm": 0.0,
            "d_grade_sealed_area_sqm": 0.0, "health_staff": PLENTY * everyone, "public_funds_yuan": 1000.0 * PLENTY * everyone,
            "public_funds_budget_yuan": 1_000_000.0, "training_budget_yuan": 100_000.0,
        }  # fmt: skip
        self.school = school(school_id, kind, **(shared | cells))
        self.stages = {name: stage(school_id, name, pupils, **_teachers(pupils)) for name, pupils in heads.items()}
        self.classes = [
            {"school_id": school_id, "stage": name, "grade": 1, "class_name": f"{name}{n}", "class_pupils": 40}
            for name in heads
            for n in range(12)
        ]
        self.rooms = [
            {"school_id": school_id, "room_kind": kind, "room_sqm": 100.0}
            for kind in ("music", "art")
            for _ in range(3)
        ]

    def of_stages(self, **cells: Any) -> GoodSchool:
        """The same cells in every stage row."""
        for row in self.stages.values():
            row.update(cells)
        return self

    def with_classes(self, sizes: dict[str, list[int]]) -> GoodSchool:
        """Classes of these sizes by stage, listed and counted."""
        own = self.school["school_id"]
        self.classes = [
            {"school_id": own, "stage": name, "grade": 1, "class_name": f"{name}{n}", "class_pupils": size}
            for name, of_stage in sizes.items()
            for n, size in enumerate(of_stage)
        ]
        for name, of_stage in sizes.items():
            self.stages[name]["classes"] = len(of_stage)
        return self

    def with_rooms(self, *rooms: tuple[str, float]) -> GoodSchool:
        """Special rooms: kind and area of each."""
        self.rooms = [
            {"school_id": self.school["school_id"], "room_kind": kind, "room_sqm": sqm} for kind, sqm in rooms
        ]
        return self


def _teachers(pupils: float) -> dict[str, float]:
    many = PLENTY * pupils
    counts = ("full_time", "doctor", "master", "bachelor", "college", "backbone", "pe", "music", "art", "arts")
    ranks = ("senior_rank", "associate_rank", "intermediate_rank", "certified")
    cells = {f"{name}_teachers": many for name in (*counts, *ranks)}
    return cells | {"classes": 12, "teachers_training_due": many, "teachers_trained_360h": many}


def county_of(*schools: GoodSchool) -> dict[str, list[dict[str, Any]]]:
    """The rows of a county, part by part."""
    return {
        "schools": [s.school for s in schools],
        "stages": [row for s in schools for row in s.stages.values()],
        "classes": [row for s in schools for row in s.classes],
        "rooms": [row for s in schools for row in s.rooms],
    }

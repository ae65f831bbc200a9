"""Counties of schools unlike each other, of every kind that is computed in its own way, for tests of what stands on many schools."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.pipeline.computed import County
from tests.pipeline.good_school import GoodSchool, county_of

KINDS: tuple[tuple[str, dict[str, float]], ...] = (
    ("211", {"primary": 420}), ("312", {"primary": 510, "junior": 260}), ("311", {"junior": 700}),
    ("345", {"primary": 300, "junior": 210, "senior": 180}), ("218", {"primary": 61}), ("341", {"junior": 330, "senior": 400}),
    ("211", {"primary": 1310}), ("211", {"primary": 38}), ("311", {"junior": 240}), ("312", {"primary": 640, "junior": 333}),
    ("211", {"primary": 205}), ("311", {"junior": 1120}),
)  # fmt: skip
SHARED = {
    "teaching_rooms_sqm": 5.0, "indoor_sports_sqm": 0.4, "sports_field_sqm": 8.0, "equipment_yuan": 2300.0, "computers": 0.15,
    "books": 30.0, "multimedia_rooms": 0.024, "staff": 0.07, "public_funds_yuan": 800.0,
}  # fmt: skip
WHOLE = ("computers", "books", "multimedia_rooms", "staff")
TEACHERS = {
    "full_time_teachers": 0.06, "doctor_teachers": 0.001, "master_teachers": 0.004, "bachelor_teachers": 0.04,
    "college_teachers": 0.01, "backbone_teachers": 0.011, "pe_teachers": 0.004, "music_teachers": 0.003,
    "art_teachers": 0.003, "arts_teachers": 0.0005, "senior_rank_teachers": 0.001, "associate_rank_teachers": 0.012,
    "intermediate_rank_teachers": 0.02, "certified_teachers": 0.059, "teachers_training_due": 0.055, "teachers_trained_360h": 0.054,
}  # fmt: skip


def varied(county: str, schools: int, seed: int, *, with_branch: bool = True) -> County:
    """A county of this many schools, the last of them a branch of the first. Its figures hang on ``seed`` alone."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(schools):
        kind, heads = KINDS[number % len(KINDS)]
        made.append(
            _school(
                f"3{county}{number:03d}", kind, {s: round(p * rng.uniform(0.8, 1.3)) for s, p in heads.items()}, rng
            )
        )
    if with_branch and schools > 2:
        made[-1].school |= {"is_counted_school": 0, "parent_school_id": made[0].school["school_id"]}
    return county_of(*made)


def _school(school_id: str, kind: str, heads: dict[str, int], rng: np.random.Generator) -> GoodSchool:
    everyone = sum(heads.values())
    cells: dict[str, Any] = {name: per * everyone * rng.uniform(0.6, 1.6) for name, per in SHARED.items()}
    cells |= {name: round(cells[name]) for name in WHOLE}
    boarders = int(rng.integers(0, 2)) * round(everyone / 5)
    cells |= {
        "boarders": boarders,
        "beds": round(boarders * rng.uniform(0.9, 1.1)),
        "health_staff": int(rng.integers(0, 3)),
    }
    cells |= {
        "urban_rural": "220" if rng.random() < 0.5 else "121",
        "training_budget_yuan": 50_000 * rng.uniform(0.8, 1.4),
    }
    one = GoodSchool(school_id, kind, {s: float(p) for s, p in heads.items()}, **cells)
    for stage, row in one.stages.items():
        row.update({name: round(per * heads[stage] * rng.uniform(0.5, 1.6)) for name, per in TEACHERS.items()})
        # Nobody counts more teachers of a kind than there are.
        for name in ("certified_teachers", "teachers_training_due"):
            row[name] = min(row[name], row["full_time_teachers"])
        row["teachers_trained_360h"] = min(row["teachers_trained_360h"], row["teachers_training_due"])
    return one.with_classes({s: [int(rng.integers(25, 56)) for _ in range(max(1, p // 42))] for s, p in heads.items()})

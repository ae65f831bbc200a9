"""Quarantined rows leave figures unknown: never zero, never too small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.audit import audit
from pipeline.schema import load_catalogue
from tests.pipeline.chain import only, run_chain, table

PARENT, CAMPUS, OTHER = "2199010001", "2199010002", "2199010003"


def county() -> dict[str, list[dict[str, Any]]]:
    base = {"name": "一校", "school_type": "211", "urban_rural": "111", "is_public": "1", "books": 900}
    schools: list[dict[str, Any]] = [{"school_id": s, **base} for s in (PARENT, OTHER)]
    schools.append({"school_id": CAMPUS, **base, "is_counted_school": "0", "parent_school_id": PARENT})
    stages = [
        {"school_id": s, "stage": "primary", "pupils": 100, "classes": 3, "full_time_teachers": 8}
        for s in (PARENT, OTHER, CAMPUS)
    ]
    rooms = [{"school_id": s, "room_kind": "music", "room_sqm": 100} for s in (PARENT, OTHER)]
    return {"schools": schools, "stages": stages, "rooms": rooms}


def test_a_campus_whose_stage_row_is_quarantined_leaves_its_school_unknown(tmp_path: Path) -> None:
    returns = county()
    returns["stages"][2]["full_time_teachers"] = "许多"
    home = run_chain(tmp_path, {2025: {"990101": returns}}, load_catalogue())
    row = only(home, "school_stage", school_id=PARENT)
    assert (row["pupils"], row["campuses"], row["full_time_teachers"]) == (200, 2, None)
    assert row["books"] == 1800
    assert only(home, "school_stage", school_id=OTHER)["full_time_teachers"] == 8
    gaps = table(home, "gap_coefficient", area_level="county", area_code="990101", stage="primary")
    ratios = gaps.filter(indicator_id="teachers_per_100").to_dicts()
    assert [(r["schools"], r["schools_missing"], r["pupils_missing"]) for r in ratios] == [(1, 1, 200)]
    assert audit(home, load_catalogue()).disagreements == []


def test_a_quarantined_room_row_makes_the_count_of_rooms_missing_not_zero(tmp_path: Path) -> None:
    returns = county()
    returns["rooms"].append({"school_id": PARENT, "room_kind": "art", "room_sqm": "大"})
    home = run_chain(tmp_path, {2025: {"990101": returns}}, load_catalogue())
    assert only(home, "school_total", school_id=PARENT)["music_rooms_standard"] is None
    assert only(home, "school_total", school_id=OTHER)["music_rooms_standard"] == 1
    assert only(home, "school_total", school_id=OTHER)["art_rooms_standard"] == 0
    value = only(home, "indicator_value", school_id=PARENT, indicator_id="music_rooms_ratio")
    assert (value["value"], value["state"]) == (None, "missing")

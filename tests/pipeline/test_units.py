"""Quarantined rows leave figures unknown: never zero, never too small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.audit import audit
from pipeline.schema import load_catalogue
from tests.pipeline.chain import compute_home, only, run_chain, table

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


def gap_of(home: Any, stage: str, area: str = "990101", indicator: str = "teachers_per_100") -> dict[str, Any]:
    rows = table(home, "gap_coefficient", area_code=area, stage=stage, indicator_id=indicator)
    return dict(
        rows.filter(standard_id="quality-2017" if indicator != "teachers_per_100" else "basic-2012").to_dicts()[0]
    )


def test_a_school_that_does_not_say_its_pupils_is_missing_and_its_county_not_judged(tmp_path: Path) -> None:
    from pipeline.schema.model import Catalogue

    shipped = load_catalogue()
    lenient: Catalogue = shipped.model_copy(update={"rules": {}})
    returns = county()
    returns["stages"][1]["pupils"] = None
    home = run_chain(tmp_path, {2025: {"990101": returns}}, lenient)
    row = gap_of(home, "primary")
    assert (row["schools_missing"], row["state"], row["is_met"]) == (1, "incomplete", None)
    assert only(home, "finding", rule_id="pupils_unknown")["school_id"] == OTHER
    assert audit(home, lenient).disagreements == []


def test_rows_that_cannot_be_placed_are_missing_too(tmp_path: Path) -> None:
    home = run_chain(tmp_path, {2025: {"990101": county()}}, load_catalogue())
    path = next(p for p in sorted(home.inbox.rglob("*.csv")) if "stages" in p.name)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    nameless = lines[1].split(",")
    nameless[lines[0].split(",").index("学校（机构）标识码")] = ""
    path.write_text("\n".join([lines[0], lines[1] + ",5", ",".join(nameless), *lines[2:]]) + "\n", encoding="utf-8")
    compute_home(home, load_catalogue(), [2025])
    row = gap_of(home, "primary")
    assert row["schools_missing"] >= 2
    assert (row["state"], row["is_met"]) == ("incomplete", None)
    assert audit(home, load_catalogue()).disagreements == []


def test_a_county_of_which_no_stage_rows_came_is_no_data_and_not_without_schools(tmp_path: Path) -> None:
    silent = {"schools": county()["schools"]}
    home = run_chain(tmp_path, {2025: {"990101": silent, "990102": county()}}, load_catalogue())
    assert gap_of(home, "primary")["state"] == "incomplete"
    assert gap_of(home, "junior", "990102")["state"] == "no_schools"
    assert gap_of(home, "junior", "99")["state"] == "incomplete"
    assert audit(home, load_catalogue()).disagreements == []

"""Groups of which schools, or stages of schools, are absent: what is owed is missing, and nothing is told that nobody knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.groups.members import Named
from pipeline.groups.ranking import Scored, _score_rise
from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import write_parquet
from pipeline.tables import compute, python_tables
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed, school, stage

COUNTY, ELSEWHERE = "990101", "990102"
WHOLE, SMALL, NINE = "2199000001", "2199000002", "3199000003"
GONE = ("2199000101", "2199000102")
TABLES = ("group_membership", "group_unplaced", "group_gap", "group_ranking", "group_coverage")
PLACE = {"year": 2025, "standard_id": "basic-2012", "indicator_id": "books_per_pupil"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A district of two primary schools and a nine-year one without its junior row; beside it a county of absent schools."""
    catalogue = load_catalogue()
    rows = {
        "schools": [school(WHOLE, books=5000), school(SMALL, books=3000), school(NINE, "312", books=9000)],
        "stages": [stage(WHOLE, "primary", 200), stage(SMALL, "primary", 100), stage(NINE, "primary", 300)],
    }
    for row in rows["schools"]:
        row["district_id"] = "东片"
    folder = tmp_path_factory.mktemp("owing") / "home"
    made = computed(folder, catalogue, {(2025, COUNTY): rows})
    _lose(made, _absent(NINE, "junior", COUNTY, 250), *(_absent(gone, "primary", ELSEWHERE, 90) for gone in GONE))
    for name in ("absent_scope", *TABLES):
        (compute if name == "absent_scope" else python_tables).make(name, made, catalogue)
    return made


def _absent(school_id: str, name: str, county: str, pupils: float) -> dict[str, Any]:
    cells = {"school_type": "312" if name == "junior" else "211", "is_public": True, "operator_code": "831"}
    return {
        "year": 2025,
        "county_code": county,
        "school_id": school_id,
        "stage": name,
        "pupils": pupils,
        "district_id": "西片",
    } | cells


def _lose(home: Home, *rows: dict[str, Any]) -> None:
    path = home.table("absent")
    schema = pl.read_parquet_schema(path)
    frame = pl.DataFrame([{c: row.get(c) for c in schema} for row in rows], schema=schema, orient="row", strict=False)
    write_parquet(frame, path)


def test_a_stage_that_is_not_there_is_missing_in_the_district_of_its_school(home: Home) -> None:
    row = only(home, "group_gap", stage="junior", **PLACE, group_id=f"{COUNTY}:东片")
    assert (row["schools"], row["schools_missing"], row["pupils_missing"], row["state"]) == (0, 1, 250.0, "incomplete")
    score = only(home, "group_ranking", standard_id="quality-2017", measure="mean_score", group_id=f"{COUNTY}:东片")
    assert score["state"] == "incomplete"


def test_only_standards_that_score_schools_have_mean_scores(home: Home) -> None:
    assert set(table(home, "group_ranking", measure="mean_score")["standard_id"]) == {"quality-2017", "school-20"}


def test_a_district_of_absent_schools_lies_in_their_county(home: Home) -> None:
    row = only(home, "group_ranking", standard_id="basic-2012", measure="mean_cv", group_id=f"{ELSEWHERE}:西片")
    assert (row["county_code"], row["group_size"], row["schools"], row["state"]) == (ELSEWHERE, 2, 0, "incomplete")


def test_a_county_of_absent_schools_has_its_row(home: Home) -> None:
    row = only(home, "group_coverage", area_code=ELSEWHERE, kind="district")
    assert (row["counties"], row["groups"], row["schools"], row["pupils"], row["schools_absent"]) == (1, 1, 0, 0.0, 2)
    assert (row["share_schools"], row["share_pupils"], row["state"]) == (None, None, "ok")
    assert only(home, "group_coverage", area_code=ELSEWHERE, kind="group")["state"] == "not_reported"


def test_a_school_that_lacks_a_stage_is_not_absent(home: Home) -> None:
    row = only(home, "group_coverage", area_code=COUNTY, kind="district")
    assert (row["schools"], row["schools_absent"]) == (3, 0)


def test_a_target_is_not_missed_where_counties_tell_nothing(tmp_path: Path) -> None:
    """One county with a group, one that names none: how many groups there are is not known."""
    rows = {"schools": [school(WHOLE, group_id="甲")], "stages": [stage(WHOLE, "primary", 200)]}
    silent = {"schools": [school(SMALL)], "stages": [stage(SMALL, "primary", 100)]}
    home = computed(tmp_path / "home", load_catalogue(), {(2025, COUNTY): rows, (2025, ELSEWHERE): silent})
    row = only(home, "group_coverage", area_level="prefecture", kind="group")
    assert (row["state"], row["groups"], row["target_groups"], row["is_target_met"]) == ("partial", 1, 20, None)


def test_what_a_mean_gap_rests_on_is_every_school_in_it(tmp_path: Path) -> None:
    """Two primary and two junior schools: the mean of both stages rests on four."""
    kinds = {"2199000001": ("211", "primary"), "2199000002": ("211", "primary")}
    kinds |= {"3199000003": ("311", "junior"), "3199000004": ("311", "junior")}
    rows = {
        "schools": [school(s, kind, books=9000, district_id="东片") for s, (kind, _) in kinds.items()],
        "stages": [stage(s, name, 300) for s, (_, name) in kinds.items()],
    }
    filled = {
        "teaching_rooms_sqm": 1500,
        "indoor_sports_sqm": 0,
        "sports_field_sqm": 3000,
        "equipment_yuan": 600000,
        "computers": 40,
    }
    for row in rows["schools"]:
        row.update(filled)
    home = computed(tmp_path / "home", load_catalogue(), {(2025, COUNTY): rows})
    row = only(home, "group_ranking", standard_id="basic-2012", measure="mean_cv", kind="district")
    gaps = table(home, "group_gap", standard_id="basic-2012", state="ok")
    assert set(gaps["schools"]) == {2}
    assert row["schools"] == 4


def test_what_the_scores_of_few_members_rose_is_incomplete() -> None:
    """A member of 100 pupils rose by 5 points; one of 300, and one of 300 that is absent, have no score now."""
    about = {"kind": "group", "group_id": "G", "joined_year": 2025}
    here = [about | {"year": 2025, "school_id": s, "role": role} for s, role in (("s0", "lead"), ("s1", "member"))]
    scores = [
        (y, "school-20", s, "primary", 100.0, x)
        for y, s, x in ((2024, "s1", 80.0), (2025, "s1", 85.0), (2025, "s0", 90.0))
    ]
    columns = ["year", "standard_id", "school_id", "stage", "pupils", "score"]
    gone = about | {"year": 2025, "school_id": "s2", "role": "member", "reason": "absent"}
    absent = pl.DataFrame({"year": [2025], "standard_id": ["school-20"], "school_id": ["s2"], "pupils": [300.0]})

    def state(missing: list[dict[str, Any]], rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
        unplaced = pl.DataFrame(missing, schema=pl.DataFrame([gone]).schema)
        table = pl.DataFrame(rows, schema=columns, orient="row")
        scored = Scored(table, absent, pl.DataFrame(), 5.0)
        return _score_rise(Named(pl.DataFrame(here), unplaced, pl.DataFrame()), scored).select("value", "state").row(0)

    assert state([], scores) == (5.0, "ok")
    assert state([gone], scores) == (5.0, "incomplete")
    here.append(here[1] | {"school_id": "s3"})
    assert state([], [*scores, (2025, "school-20", "s3", "primary", 300.0, None)]) == (5.0, "incomplete")

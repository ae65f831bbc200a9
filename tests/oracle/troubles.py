"""What is done to a small province of three years so that every verdict occurs: cells of counties, schools, the register.

A trouble is one county and year; counties are taken by place in the roster, troubles that lean on a kind of school look for it.
"""

from __future__ import annotations

import csv
from pathlib import Path

from tests.oracle.books import CountyBook
from tests.oracle.cells import Expected, Row, read_roster
from tests.oracle.saved import saved

PRIMARY, JUNIOR = "小学", "初中"
RETAINED = {"graduates": 475, "entrants_3_years_before": 500, "transferred_in": 10, "transferred_out": 8, "died": 2}
"""By the usual formula exactly 95 %, by the other one 94.98 %."""
GRANTS: tuple[tuple[str, str, str, str], ...] = (
    # relaxation, school (a place in the county's list, '' for the county), starts, expires
    ("rooms_built_by_2016", "", "2022-09-01", ""),
    ("rooms_built_by_2016", "0", "2022-09-02", ""),
    ("rooms_of_small_rural_schools", "", "2023-01-01", "2025-09-02"),
    ("size_of_early_or_migrant_schools", "", "2021-09-01", "2025-01-01"),
    ("size_of_early_or_migrant_schools", "1", "2025-09-01", ""),
    ("visiting_arts_teachers", "", "2023-03-01", ""),
    ("sports_ground_of_dense_centres", "", "2024-02-29", ""),
    ("rooms_built_by_2016", "9999999999", "2024-01-01", ""),
)


def trouble(home: Path) -> None:
    """All of it, for the years 2023 to 2025 of a fresh sample. No survey is registered: its totals are counted elsewhere."""
    (home / "registers" / "surveys.csv").unlink()
    rosters = {int(p.stem): read_roster(p) for p in sorted((home / "roster").glob("*.csv"))}
    counties = rosters[2025].counties
    _register(home, rosters[2025])
    for year, roster in rosters.items():
        for place, county in enumerate(counties):
            schools = [s for s in roster.schools.values() if s["county"] == county]
            done = TROUBLES[(place + 2 * (year - 2023)) % len(TROUBLES)]
            with CountyBook(home / "inbox" / str(year) / f"{county}.xlsx") as book:
                done(book, schools)
                if year == 2025 and county == counties[-1]:  # whether a named school may be larger is not known
                    book.put("学校", _ids(schools)[1], "year_built", None)
                    book.put("学段", _ids(schools)[1], "migrant_worker_pupils", None)
            if done is _no_junior:
                _forget(home / "roster" / f"{year}.csv", _with_juniors(schools))
    (home / "inbox" / "2024" / f"{counties[-1]}.xlsx").unlink()


def _ids(schools: list[Row], *kinds: str) -> list[str]:
    return [s["school_id"] for s in schools if not kinds or s["school_type"] in kinds]


def _register(home: Path, roster: Expected) -> None:
    """Every relaxation for every county, named schools beside; on the reference day, the day after, lapsed, to nobody."""
    with (home / "registers" / "relaxations.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["county_code", "school_id", "relaxation_id", "basis", "starts", "expires"])
        for county in roster.counties:
            ids = [s["school_id"] for s in roster.schools.values() if s["county"] == county]
            for number, (name, school, starts, expires) in enumerate(GRANTS):
                who = ids[int(school)] if school and int(school) < len(ids) else school
                writer.writerow([county, who, name, f"文〔{number}〕号", starts, expires])


def _forget(roster: Path, schools: list[str]) -> None:
    """Takes schools off a roster."""
    with roster.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with roster.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(r for r in rows if not (r["level"] == "school" and r["code"] in schools))


def _with_juniors(schools: list[Row]) -> list[str]:
    """Schools with junior pupils, and the branches and points that name them as their parent."""
    found = {s["school_id"] for s in schools if s["pupils"].get("junior")}
    return [s["school_id"] for s in schools if s["school_id"] in found or s["parent_school_id"] in found]


def _limits(book: CountyBook, schools: list[Row]) -> None:
    """Exactly on every limit of the county's numbers."""
    book.county(
        basic_balance_year=2021, rotation_eligible_teachers=200, rotated_teachers=20, rotated_backbone_teachers=4,
        teacher_pay_yuan=10.13, civil_servant_pay_yuan=10.13, county_allotted_staff=300, county_quota_staff=300,
        nearby_city_pct=100, nearby_town_pct=95, senior_places=150, senior_places_allotted=75, senior_places_allotted_rural=0,
        migrant_eligible_children=1000, migrant_in_public=800, migrant_in_bought_places=50, disabled_children=40,
        disabled_enrolled=38, social_recognition_pct=85, work_score=85, schools_below_basic_standard=0, public_satisfaction_pct=85,
        monitoring_science_level=3, monitoring_science_difference=0.15, monitoring_pe_difference=0.1499,
        special_school_pupils=10, special_school_funds_yuan=6,
    )  # fmt: skip
    for column, first in RETAINED.items():
        for place, row in enumerate(book.cells("学段", None, column, JUNIOR)):
            row.value = first if place == 0 else 0
    ids = _ids(schools, "211", "218", "311")
    book.put("学校", ids[0], "training_budget_yuan", 5000)
    book.put("学校", ids[0], "public_funds_budget_yuan", 100000)
    book.put("学校", ids[0], "labour_hours_pct", 50)


def _below(book: CountyBook, schools: list[Row]) -> None:
    """Just below or above, boxes of the county's own against the verdict, vetoes told."""
    book.county(
        rotation_eligible_teachers=200, rotated_teachers=19, rotated_backbone_teachers=3, is_declared_teacher_rotation="是",
        teacher_pay_yuan=10.12, civil_servant_pay_yuan=10.13, county_allotted_staff=301, county_quota_staff=300,
        senior_places=151, senior_places_allotted=75, senior_places_allotted_rural=1, migrant_eligible_children=1000,
        migrant_in_public=800, migrant_in_bought_places=49, disabled_children=41, disabled_enrolled=38, social_recognition_pct=84.99,
        work_score=84.9, schools_below_basic_standard=1, monitoring_pe_level=2, monitoring_arts_difference=12.35,
        basic_balance_year=2024, special_school_pupils=10, special_school_funds_yuan=5.99, has_veto_key_schools="是",
        has_veto_burden=None, is_performance_pay_full="否", is_unified_posts=None, is_declared_study_burden="否",
    )  # fmt: skip


def _zeros(book: CountyBook, schools: list[Row]) -> None:
    """Nobody to ask about: no eligible teacher, no place, no child, no questionnaire; nobody rotated."""
    book.county(
        rotation_eligible_teachers=0, rotated_teachers=0, rotated_backbone_teachers=0, senior_places=0, senior_places_allotted=0,
        senior_places_allotted_rural=0, migrant_eligible_children=0, migrant_in_public=0, migrant_in_bought_places=0,
        disabled_children=0, disabled_enrolled=0, special_school_pupils=0, special_school_funds_yuan=0, questionnaires_valid=0,
        questionnaires_satisfied=0, people_visited=1, visited_satisfied=1,
    )  # fmt: skip
    book.put("学段", None, "regular_class_pupils", 0)
    book.put("学段", None, "home_taught_pupils", 0)
    book.put("学段", None, "backbone_teachers", 0, PRIMARY)
    book.put("学段", _ids(schools)[0], "teachers_training_due", 0)
    book.put("学段", _ids(schools)[0], "teachers_trained_360h", 0)


def _blanks(book: CountyBook, schools: list[Row]) -> None:
    """Cells of the county left out, boxes ticked without a paper or a rate."""
    names = (
        "basic_balance_year", "rotation_eligible_teachers", "teacher_pay_yuan", "county_quota_staff", "nearby_city_pct", "senior_places",
        "senior_places_allotted_rural", "migrant_in_bought_places", "disabled_children", "special_school_pupils", "social_recognition_pct",
        "work_score", "schools_below_basic_standard", "monitoring_chinese_level", "resident_population", "primary_funds_quota_yuan",
        "conclusion_school_layout", "conclusion_post_allocation", "conclusion_technology_in_teaching", "is_declared_study_burden",
        "is_declared_social_recognition", "conclusion_left_behind_and_migrant_children", "backbone_document", "has_veto_posts",
    )  # fmt: skip
    book.county(**dict.fromkeys(names))
    book.put("学段", _ids(schools, "211")[-1], "backbone_teachers", None)
    book.put("学校", _ids(schools, "211")[-1], "books", None)


def _schools(book: CountyBook, schools: list[Row]) -> None:
    """What single schools leave out or lack."""
    first, second, third, *_ = _ids(schools, "211")
    book.put("学校", first, "has_charter", None)
    book.put("学校", second, "is_moral_education_good", "否")
    book.put("学校", third, "training_budget_yuan", None)
    book.put("学校", first, "training_final_yuan", 0)
    book.put("学校", first, "public_funds_final_yuan", 0)
    book.put("学段", first, "teachers_trained_360h", None)
    book.put("学段", second, "certified_teachers", None)
    book.put("学段", third, "regular_class_pupils", None)
    book.put("学校", second, "is_public", None)
    book.put("学校", first, "urban_rural", None)
    book.put("学校", third, "has_labour_base", None)
    for school in _ids(schools, "311"):
        book.put("学段", school, "graduates", None)


def _rooms(book: CountyBook, schools: list[Row]) -> None:
    """Rooms on the sizes, one kind for both, classes on the limit, lists cut short."""
    sizes = (96, 95.99, 90, 89.99, 73, 72.9, 67, 66.9, 61, 60.9, 54, 53.9)
    for place, cell in enumerate(book.cells("专用教室", None, "room_sqm")):
        cell.value = sizes[place % len(sizes)]
    kinds = book.cells("专用教室", _ids(schools, "311")[0], "room_kind")
    for cell in kinds:
        cell.value = "音乐"
    first, second, third, *_ = _ids(schools, "211")
    book.put("班级", first, "class_pupils", 45)
    book.cells("班级", second, "class_pupils")[0].value = 46
    book.cells("班级", second, "class_pupils")[-1].value = None
    page = book.book["班级"]
    page.delete_rows(book.cells("班级", third, "class_pupils")[-1].row)
    book.put("学校", None, "has_building_plan", "是")
    book.put("学校", first, "has_building_plan", None)
    book.put("学校", second, "year_built", 2017)
    book.put("学校", third, "year_built", None)
    for school in set(_ids(schools, "211", "218")) - {first, second}:
        book.put("班级", school, "class_pupils", lambda n: None if n is None else min(n, 29))


def _sizes(book: CountyBook, schools: list[Row]) -> None:
    """Schools on the sizes, full and relaxed, and small schools with their funds: one has enough, one has not."""
    first, second, third, *_ = _ids(schools, "211")
    for school, pupils, built in ((first, 2000, 2015), (second, 2400, 2010), (third, 2401, 2009)):
        book.put("学段", school, "pupils", pupils)
        book.put("学校", school, "year_built", built)
    small = _ids(schools, "218")
    for school, funds in zip(small, (40_000, 200_000), strict=False):
        book.put("学校", school, "public_funds_yuan", funds)
        book.put("学段", school, "pupils", 60)
    book.county(primary_funds_quota_yuan=1150, junior_funds_quota_yuan=1350)
    for school in _ids(schools, "311", "312")[:1]:
        book.put("学段", school, "pupils", 2400, JUNIOR)
        book.put("学校", school, "year_built", 2020)
        book.put("学段", school, "migrant_worker_pupils", 1201)


def _absent(book: CountyBook, schools: list[Row]) -> None:
    """A small school sends nothing, another makes a critical mistake, a point sends nothing."""
    ordinary = _ids(schools, "211")
    book.drop(ordinary[0])
    book.put("学段", ordinary[1], "bachelor_teachers", 900)
    book.drop(_ids(schools, "218")[0])


def _dense(book: CountyBook, schools: list[Row]) -> None:
    """Schools with other ground and visiting teachers, short of the standard without them; some without a word."""
    for place, school in enumerate(_ids(schools, "211", "311", "312", "345")):
        book.put("学校", school, "is_dense_city", ("是", "是", None, "否")[place % 4])
        book.put("学校", school, "other_sports_ground_sqm", lambda n: 4000)
        book.put("学校", school, "leased_sports_ground_sqm", (6000, None, 5000)[place % 3])
    for school in _ids(schools, "211")[:2]:
        book.put("学校", school, "urban_rural", "220")
        book.put("学段", school, "pupils", 99)
        for column in (
            "visiting_pe_teachers",
            "visiting_music_teachers",
            "visiting_art_teachers",
            "visiting_arts_teachers",
        ):
            book.put("学段", school, column, 1)
        for column in ("pe_teachers", "music_teachers", "art_teachers", "arts_teachers"):
            book.put("学段", school, column, 0)


def _no_junior(book: CountyBook, schools: list[Row]) -> None:
    """No junior stage in return and roster."""
    for school in _with_juniors(schools):
        book.drop(school)


TROUBLES = (_limits, _below, _zeros, _blanks, _schools, _rooms, _sizes, _absent, _dense, saved, _no_junior)

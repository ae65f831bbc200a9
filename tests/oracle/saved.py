"""A county that relaxations alone save: spoilt by nothing but what they allow."""

from __future__ import annotations

import math
from collections import Counter

from tests.oracle.books import CountyBook
from tests.oracle.cells import Row

PRIMARY, JUNIOR = "小学", "初中"
YES_CELLS = (
    "has_charter", "has_information_management", "is_moral_education_good", "has_full_curriculum", "has_labour_base",
    "has_labour_teacher", "has_building_plan", "is_dense_city",
)  # fmt: skip


def saved(book: CountyBook, schools: list[Row]) -> None:
    """Everything alike and well above its level, but rooms of 73 and 67 m², ground that only dense cities may count, and a
    school of 2,400: by relaxations alone the county meets every item."""
    page = book.book["县级"]
    names = [str(page.cell(row, 1).value) for row in range(1, page.max_row + 1)]
    book.county(
        **{n: "是" for n in names if n.startswith("is_")}, **{n: "否" for n in names if n.startswith("has_veto")},
        **{n: "有结论" for n in names if n.startswith("conclusion")},
        **{n: 3 for n in names if n.startswith("monitoring") and n.endswith("level")},
        **{n: 0.1 for n in names if n.startswith("monitoring") and n.endswith("difference")},
        basic_balance_year=2015, rotation_eligible_teachers=200, rotated_teachers=40, rotated_backbone_teachers=20,
        teacher_pay_yuan=11, civil_servant_pay_yuan=10, county_quota_staff=3000, county_allotted_staff=2900, nearby_city_pct=100,
        nearby_town_pct=100, senior_places=100, senior_places_allotted=60, senior_places_allotted_rural=50, special_school_pupils=0,
        migrant_eligible_children=100, migrant_in_public=90, migrant_in_bought_places=5, disabled_children=10, disabled_enrolled=10,
        social_recognition_pct=90, primary_funds_quota_yuan=720, junior_funds_quota_yuan=940, work_score=90,
        schools_below_basic_standard=0,
    )  # fmt: skip
    large = next(s["school_id"] for s in schools if s["school_type"] == "211")
    book.put("学段", large, "pupils", 2400, PRIMARY)
    for column in ("regular_class_pupils", "home_taught_pupils", "transferred_in", "transferred_out", "died"):
        book.put("学段", None, column, 0)
    book.put("班级", None, "class_pupils", 40)
    for column in YES_CELLS:
        book.put("学校", None, column, "是")
    for cell in book.cells("学校", None, "school_id"):
        _well_off(book, str(cell.value))
    _small_rooms(book)


def _well_off(book: CountyBook, school: str) -> None:
    """Shared things by 1 : 1.1 : 1.32, teachers by the pupils of each stage."""
    weights = {"小学": 1.0, "初中": 1.1, "高中": 1.32}
    stages = {cell.value: number.value or 0 for cell, number in
              zip(book.cells("学段", school, "stage"), book.cells("学段", school, "pupils"), strict=True)}  # fmt: skip
    heads = sum(stages.values())
    shared = sum(weights[s] * n for s, n in stages.items())
    whole = {
        "teaching_rooms_sqm": 10 * shared, "indoor_sports_sqm": 0, "sports_field_sqm": 5 * shared, "other_sports_ground_sqm": 6 * shared,
        "leased_sports_ground_sqm": 0, "equipment_yuan": 0.4 * shared, "multimedia_rooms": math.ceil(0.05 * shared),
        "computers": math.ceil(0.2 * shared), "books": math.ceil(40 * shared), "year_built": 2010,
        "public_funds_yuan": 2000 * max(heads, 100), "public_funds_budget_yuan": 2000 * max(heads, 100),
        "training_budget_yuan": 120 * max(heads, 100), "public_funds_final_yuan": 2000 * max(heads, 100),
        "training_final_yuan": 120 * max(heads, 100), "labour_hours_pct": 60,
    }  # fmt: skip
    for column, amount in whole.items():
        book.put("学校", school, column, amount)
    for stage, pupils in stages.items():
        teachers = {"full_time_teachers": 0.1, "bachelor_teachers": 0.08, "backbone_teachers": 0.03, "pe_teachers": 0.02,
                    "certified_teachers": 0.1, "teachers_training_due": 0.1, "teachers_trained_360h": 0.1,
                    "intermediate_rank_teachers": 0.05, "graduates": 0.3, "entrants_3_years_before": 0.3}  # fmt: skip
        nothing = ("doctor", "master", "college", "music", "art", "arts", "senior_rank", "associate_rank")
        for column, share in teachers.items():
            book.put("学段", school, column, math.ceil(share * pupils), stage)
        for kind in nothing:
            book.put("学段", school, f"{kind}_teachers", 0, stage)


def _small_rooms(book: CountyBook) -> None:
    """As many rooms as each campus needs and no more, of the sizes that do for schools of 2016 and before."""
    classes: Counter[str] = Counter()
    stages = zip(
        book.cells("学段", None, "school_id"),
        book.cells("学段", None, "stage"),
        book.cells("学段", None, "classes"),
        strict=True,
    )
    for school, stage, number in stages:
        classes[str(school.value)] += number.value if stage.value in (PRIMARY, JUNIOR) else 0
    page, places = book._page("专用教室")
    for cell in reversed(book.cells("专用教室", None, "school_id")):
        page.delete_rows(cell.row)
    row = places[""] + 1
    for school, number in classes.items():
        for kind, sqm in (("音乐", 73), ("美术", 67)):
            for place in range(math.ceil(number / 12)):
                for column, value in (
                    ("school_id", school),
                    ("room_kind", kind),
                    ("room_name", f"{kind}{place}"),
                    ("room_sqm", sqm),
                ):
                    page.cell(row, places[column]).value = value
                row += 1

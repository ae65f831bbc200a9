"""County items: every item of both standards through met, unmet, not applicable and no data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.tables.registry import public_tables
from pipeline.verdicts.ratios import wilson
from tests.pipeline.chain import only, table
from tests.pipeline.good_county import DECLARED, SUBJECTS, VETOES, YEAR, GoodCounty, judged

QUALITY, BASIC = "quality-2017", "basic-2012"
Edit = Callable[[GoodCounty], Any]


def cell(**cells: Any) -> Edit:
    """Cells of the county."""
    return lambda county: county.set(**cells)


def of_school(name: str, **cells: Any) -> Edit:
    """Cells of one school."""
    return lambda county: county.schools[name].school.update(cells)


def of_stage(name: str, **cells: Any) -> Edit:
    """Cells of a school's stages."""
    return lambda county: county.schools[name].of_stages(**cells)


def special_only(county: GoodCounty) -> None:
    county.special_only()


def one_each(county: GoodCounty) -> None:
    county.only("city", "middle")


def small_points_only(county: GoodCounty) -> None:
    """A point under 50 pupils: inside the county's items, outside the school rule."""
    county.schools = {}
    county.add("point", "218", {"primary": 30}, "220")


def _rooms(*rooms: tuple[str, float]) -> Edit:
    return lambda county: county.schools["city"].with_rooms(*rooms)


def _classes(sizes: list[int]) -> Edit:
    return lambda county: county.schools["city"].with_classes({"primary": sizes})


def _class_unknown(county: GoodCounty) -> None:
    county.schools["city"].classes[0]["class_pupils"] = None


def _large(county: GoodCounty) -> None:
    county.add("large", "211", {"primary": 2001}).with_classes({"primary": [40] * 12})


def no_disabled(county: GoodCounty) -> None:
    county.set(special_school_pupils=0)
    for school in county.schools.values():
        school.of_stages(regular_class_pupils=0, home_taught_pupils=0)


def all_rural(county: GoodCounty) -> None:
    county.set(nearby_city_pct=None, nearby_town_pct=None)
    for school in county.schools.values():
        school.school["urban_rural"] = "220"


def without_junior(county: GoodCounty) -> None:
    county.only("city", "town", "village")


def unequal(county: GoodCounty) -> None:
    for n in range(3):
        county.add(f"poor{n}", "211", {"primary": 1000}, equipment_yuan=2_000_000.0)


WALK: dict[tuple[str, str], dict[str, Edit | None]] = {
    (QUALITY, "basic_balance_certificate"): {"unmet": cell(basic_balance_year=2023), "no_data": cell(basic_balance_year=None), "not_applicable": None},
    (QUALITY, "all_gaps_within_limits"): {"unmet": unequal, "no_data": of_school("city", equipment_yuan=None), "not_applicable": one_each},
    (QUALITY, "all_schools_meet_the_rule"): {
        "unmet": of_stage("city", backbone_teachers=1), "no_data": of_stage("city", backbone_teachers=None), "not_applicable": small_points_only,
    },
    (QUALITY, "unified_standards"): {"unmet": cell(is_unified_posts=0), "no_data": cell(is_unified_funds=None), "not_applicable": None},
    (QUALITY, "music_art_rooms"): {
        "unmet": _rooms(("music", 96.0), ("music", 96.0)), "no_data": _rooms(("music", 96.0), ("art", None)), "not_applicable": special_only,  # type: ignore[arg-type]
    },
    (QUALITY, "school_size"): {"unmet": _large, "no_data": of_school("city", school_type=None), "not_applicable": special_only},
    (QUALITY, "class_size"): {"unmet": _classes([40] * 11 + [46]), "no_data": _class_unknown, "not_applicable": special_only},
    (QUALITY, "small_school_funds"): {
        "unmet": of_school("village", public_funds_yuan=71_000.0), "no_data": of_school("village", public_funds_yuan=None),
        "not_applicable": lambda county: county.only("city", "town", "middle", "upper", "nine"),
    },
    (QUALITY, "special_school_funds"): {"unmet": cell(special_school_funds_yuan=599_999.0), "no_data": cell(special_school_funds_yuan=None), "not_applicable": no_disabled},
    (QUALITY, "teacher_pay"): {"unmet": cell(teacher_pay_yuan=93_999.0), "no_data": cell(is_performance_pay_full=None), "not_applicable": None},
    (QUALITY, "teacher_training"): {
        "unmet": of_stage("city", teachers_trained_360h=9999), "no_data": of_stage("city", teachers_trained_360h=None), "not_applicable": special_only,
    },
    (QUALITY, "post_allocation"): {"unmet": cell(county_allotted_staff=501), "no_data": cell(county_quota_staff=None), "not_applicable": None},
    (QUALITY, "teacher_rotation"): {
        "unmet": cell(rotated_backbone_teachers=4), "no_data": cell(rotated_backbone_teachers=None),
        "not_applicable": cell(rotation_eligible_teachers=0, rotated_teachers=0, rotated_backbone_teachers=0),
    },
    (QUALITY, "teacher_certificates"): {
        "unmet": of_stage("nine", certified_teachers=1), "no_data": of_stage("nine", certified_teachers=None), "not_applicable": special_only,
    },
    (QUALITY, "nearby_enrolment"): {"unmet": cell(nearby_town_pct=94.9), "no_data": cell(nearby_city_pct=None), "not_applicable": all_rural},
    (QUALITY, "senior_quota_places"): {"unmet": cell(senior_places_allotted=199), "no_data": cell(senior_places=None), "not_applicable": cell(senior_places=0, senior_places_allotted=0)},
    (QUALITY, "left_behind_and_migrant_children"): {"unmet": cell(migrant_in_public=240), "no_data": cell(migrant_in_bought_places=None), "not_applicable": None},
    (QUALITY, "junior_retention"): {
        "unmet": of_stage("middle", graduates=200), "no_data": of_stage("middle", died=None), "not_applicable": without_junior,
    },
    (QUALITY, "disabled_enrolment"): {"unmet": cell(disabled_enrolled=94), "no_data": cell(disabled_enrolled=None), "not_applicable": cell(disabled_children=0)},
    (QUALITY, "charter_and_information_management"): {
        "unmet": of_school("village", has_charter=0), "no_data": of_school("village", has_information_management=None), "not_applicable": special_only,
    },
    (QUALITY, "training_funds"): {
        "unmet": of_school("upper", training_budget_yuan=49_999.0), "no_data": of_school("upper", training_budget_yuan=None), "not_applicable": special_only,
    },
    (QUALITY, "moral_education_and_culture"): {
        "unmet": of_school("town", is_moral_education_good=0), "no_data": of_school("town", is_moral_education_good=None), "not_applicable": special_only,
    },
    (QUALITY, "full_curriculum"): {
        "unmet": of_school("town", has_full_curriculum=0), "no_data": of_school("town", has_full_curriculum=None), "not_applicable": special_only,
    },
    (QUALITY, "quality_monitoring"): {"unmet": cell(monitoring_pe_level=2), "no_data": cell(monitoring_arts_difference=None), "not_applicable": None},
    (QUALITY, "social_recognition"): {"unmet": cell(social_recognition_pct=84.9), "no_data": cell(social_recognition_pct=None), "not_applicable": None},
    (BASIC, "composite_gap_within_limit"): {"unmet": lambda c: _composite(c), "no_data": lambda c: _composite(c, lacks=True), "not_applicable": one_each},
    (BASIC, "all_schools_basic_standard"): {"unmet": cell(schools_below_basic_standard=1), "no_data": cell(schools_below_basic_standard=None), "not_applicable": None},
    (BASIC, "county_work_score"): {"unmet": cell(work_score=84.5), "no_data": cell(work_score=None), "not_applicable": None},
    (BASIC, "public_satisfaction"): {"unmet": cell(public_satisfaction_pct=80), "no_data": cell(public_satisfaction_pct=None), "not_applicable": None},
}  # fmt: skip
for declared in ("school_layout", "technology_in_teaching", "study_burden"):
    WALK[QUALITY, declared] = {
        "unmet": cell(**{f"is_declared_{declared}": 0}), "no_data": cell(**{f"conclusion_{declared}": None}), "not_applicable": None,
    }  # fmt: skip
for veto in VETOES:
    WALK[QUALITY, f"veto_{veto}"] = {
        "unmet": cell(**{f"has_veto_{veto}": 1}), "no_data": cell(**{f"has_veto_{veto}": None}), "not_applicable": None,
    }  # fmt: skip
"""(standard, item) → what brings an item that is met to another verdict; None where it always applies."""


def _composite(county: GoodCounty, lacks: bool = False) -> None:
    """Eight poor primary schools and a rich one: far above the limit. ``lacks``: four poor, four rich and one of which nothing is
    known; with nothing it takes the mean of the gaps to 0.73, as rich as the others to 0.56."""
    county.schools = {}
    for n in range(9):
        county.add(f"poor{n}", "211", {"primary": 1000})
        own = county.schools[f"poor{n}"]
        times = (0.25 if n < 4 else 1) if lacks else (1 if n == 8 else 0.01)
        for row in (own.school, own.stages["primary"]):
            for key in [k for k in row if k.endswith("teachers") or k in SHARED]:
                row[key] = None if lacks and n == 8 else row[key] * times


SHARED = ("teaching_rooms_sqm", "sports_field_sqm", "equipment_yuan", "computers", "books")
CASES = [(*of, verdict) for of, edits in WALK.items() for verdict, edit in edits.items() if edit is not None]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def counties() -> dict[Any, GoodCounty]:
    made: dict[Any, GoodCounty] = {"good": GoodCounty(1)}
    for number, case in enumerate(CASES, 2):
        made[case] = GoodCounty(number)
        edit = WALK[case[:2]][case[2]]
        assert edit is not None
        edit(made[case])
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, counties: dict[Any, GoodCounty]) -> Home:
    return judged(tmp_path_factory.mktemp("walk") / "home", catalogue, counties)


def test_every_item_of_both_standards_is_walked_through(catalogue: Catalogue) -> None:
    items = {(s.id, item.id) for s in catalogue.standards.values() for item in s.county_items}
    assert items == set(WALK)
    assert all(item.tests for s in catalogue.standards.values() for item in s.county_items)


def test_a_county_that_has_everything_meets_both_standards(home: Home, counties: dict[Any, GoodCounty]) -> None:
    own = table(home, "county_item", county_code=counties["good"].code)
    assert own.filter(verdict="met").height == own.height == len(WALK)
    assert own["reason_zh"].is_not_null().all() and own["clause"].is_not_null().all()
    for standard in (QUALITY, BASIC):
        whole = only(home, "county_determination", county_code=counties["good"].code, standard_id=standard)
        assert (whole["verdict"], whole["verdict_relaxed"], whole["items_differing"]) == ("met", "met", 0)


@pytest.mark.parametrize(("standard", "item", "verdict"), CASES)
def test_an_item_comes_to(home: Home, counties: dict[Any, GoodCounty], standard: str, item: str, verdict: str) -> None:
    code = counties[standard, item, verdict].code
    row = only(home, "county_item", county_code=code, standard_id=standard, item_id=item)
    assert row["verdict"] == verdict, row["reason_en"]
    assert row["reason_zh"] and row["reason_en"]
    states = table(home, "county_item_test", county_code=code, standard_id=standard, item_id=item, counts=True)
    assert verdict in states["state"].to_list()


@pytest.mark.parametrize(
    ("standard", "item", "verdict"), [case for case in CASES if case[1] not in ("public_satisfaction",)]
)
def test_the_whole_is_met_only_when_every_item_that_applies_is(
    home: Home, counties: dict[Any, GoodCounty], standard: str, item: str, verdict: str
) -> None:
    code = counties[standard, item, verdict].code
    whole = only(home, "county_determination", county_code=code, standard_id=standard)
    items = table(home, "county_item", county_code=code, standard_id=standard, decides=True)["verdict"].to_list()
    expected = next((v for v in ("unmet", "no_data", "met") if v in items), "not_applicable")
    assert whole["verdict"] == expected
    assert expected == verdict or verdict == "not_applicable" or expected == "unmet"


def test_an_item_for_reference_decides_nothing(home: Home, counties: dict[Any, GoodCounty]) -> None:
    code = counties[BASIC, "public_satisfaction", "unmet"].code
    assert only(home, "county_item", county_code=code, item_id="public_satisfaction")["verdict"] == "unmet"
    assert only(home, "county_determination", county_code=code, standard_id=BASIC)["verdict"] == "met"


def test_what_differs_from_the_declaration_stands_first(home: Home, counties: dict[Any, GoodCounty]) -> None:
    code = counties[QUALITY, "teacher_rotation", "unmet"].code
    first = only(home, "county_item", county_code=code, standard_id=QUALITY, position=1)
    assert (first["item_id"], first["declared"], first["differs"]) == ("teacher_rotation", True, True)
    assert "县级申报为“是”" in first["reason_zh"] and "仅 16%，应≥20%" in first["reason_zh"]
    rest = table(home, "county_item", county_code=code, standard_id=QUALITY).sort("position")
    assert rest["item_order"].to_list()[1:] == sorted(rest["item_order"].to_list()[1:])
    whole = only(home, "county_determination", county_code=code, standard_id=QUALITY)
    assert whole["items_differing"] == 1 and "7(11)" in whole["reason_zh"]


def test_a_veto_is_declared_by_saying_that_there_was_none(home: Home, counties: dict[Any, GoodCounty]) -> None:
    good = only(home, "county_item", county_code=counties["good"].code, item_id="veto_posts")
    case = only(home, "county_item", county_code=counties[QUALITY, "veto_posts", "unmet"].code, item_id="veto_posts")
    assert (good["declared"], good["verdict"], case["declared"], case["verdict"]) == (True, "met", False, "unmet")


def test_of_several_tests_that_decide_the_first_in_the_standards_order_is_told(
    home: Home, counties: dict[Any, GoodCounty]
) -> None:
    rows = {r["item_id"]: r for r in table(home, "county_item", county_code=counties["good"].code).to_dicts()}
    assert rows["composite_gap_within_limit"]["stage"] == rows["all_schools_meet_the_rule"]["stage"] == "primary"
    gaps = rows["all_gaps_within_limits"]
    assert (gaps["test_id"], gaps["stage"]) == ("above_degree_teachers_per_100", "primary")
    assert rows["quality_monitoring"]["test_id"] == "chinese_level"


def test_what_rests_on_ticked_boxes_only_is_not_called_computed(home: Home, counties: dict[Any, GoodCounty]) -> None:
    rows = {r["item_id"]: r for r in table(home, "county_item", county_code=counties["good"].code).to_dicts()}
    boxes = {"school_layout", "unified_standards", "technology_in_teaching", "study_burden"}
    vetoes = {i for i, r in rows.items() if r["part"] == "veto"}
    assert {i for i, r in rows.items() if not r["is_computed"]} == boxes | vetoes


def test_a_total_without_data_names_the_cells_that_are_blank(tmp_path: Path, catalogue: Catalogue) -> None:
    county = GoodCounty(1)
    county.schools["city"].school["special_needs_funds_yuan"] = None
    home = judged(tmp_path / "home", catalogue, {1: county})
    row = only(home, "county_item_test", test_id="other_disabled_pupils")
    assert row["state"] == "no_data" and catalogue.fields["special_needs_funds_yuan"].label.zh in row["reason_zh"]
    assert "funds" not in row["reason_zh"]


def test_evidence_asked_stands_beside_evidence_given(home: Home, counties: dict[Any, GoodCounty]) -> None:
    row = only(home, "county_item", county_code=counties["good"].code, item_id="teacher_pay")
    assert "工资收入表" in row["evidence_zh"] and row["evidence_given"] == "符合规定要求。"
    bare = only(
        home, "county_item", county_code=counties[QUALITY, "school_layout", "no_data"].code, item_id="school_layout"
    )
    assert bare["evidence_given"] is None and not bare["is_computed"] and "没有佐证" in bare["reason_zh"]


def test_a_school_that_fails_is_named_with_what_it_meets_and_needs(home: Home, counties: dict[Any, GoodCounty]) -> None:
    code = counties[QUALITY, "all_schools_meet_the_rule", "unmet"].code
    row = only(home, "county_item", county_code=code, item_id="all_schools_meet_the_rule")
    assert "但有项目低于底线" in row["reason_zh"]
    assert (row["value"], row["limit"], row["numerator"], row["denominator"]) == (75, 100, 3, 4)


def test_a_school_with_five_items_met_is_told_that_six_are_needed(tmp_path: Path, catalogue: Catalogue) -> None:
    county = GoodCounty(1)
    county.schools["city"].of_stages(
        backbone_teachers=9, pe_teachers=8, music_teachers=0, art_teachers=0, arts_teachers=0
    )
    home = judged(tmp_path / "home", catalogue, {1: county})
    row = only(home, "county_item", item_id="all_schools_meet_the_rule")
    assert row["verdict"] == "unmet" and "达标项仅 5 项，需至少 6 项" in row["reason_zh"]
    assert "meets 5 items only, 6 are needed" in row["reason_en"]


def test_one_school_a_stage_is_named_and_does_not_block(home: Home, counties: dict[Any, GoodCounty]) -> None:
    code = counties[QUALITY, "all_gaps_within_limits", "not_applicable"].code
    row = only(home, "county_item", county_code=code, item_id="all_gaps_within_limits")
    assert "只有一所学校" in row["reason_zh"]
    whole = only(home, "county_determination", county_code=code, standard_id=QUALITY)
    assert (whole["verdict"], whole["items_not_applicable"] > 0) == ("met", True)


def test_the_interval_of_a_survey_is_a_note_with_a_design_effect(home: Home, counties: dict[Any, GoodCounty]) -> None:
    row = only(home, "county_item_test", county_code=counties["good"].code, test_id="questionnaires")
    low, high = wilson(440, 480, 1.5)
    assert (row["counts"], row["value_low"], row["value_high"]) == (False, low, high)
    assert low is not None and low < 100 * 440 / 480 < (high or 0)


def test_wilson_agrees_with_a_published_example() -> None:
    """81 of 263 (Newcombe 1998, Statistics in Medicine 17, 857): 0.2553 to 0.3662 without continuity correction."""
    low, high = wilson(81, 263, 1.0)
    assert (round(low or 0, 2), round(high or 0, 2)) == (25.53, 36.62)
    assert wilson(None, 10, 1) == wilson(1, 0, 1) == wilson(11, 10, 1) == (None, None)


@pytest.mark.parametrize("name", ["county_item", "county_item_test", "county_determination"])
def test_verdicts_are_words_of_the_contract(home: Home, name: str) -> None:
    frame = table(home, name)
    for column in ("state", "state_relaxed", "verdict", "verdict_relaxed"):
        if column in frame.columns:
            assert set(frame[column]) <= {"met", "unmet", "not_applicable", "no_data"}
    assert frame.filter(year=YEAR).height == frame.height > 0


@pytest.mark.parametrize("name", ["relaxation", "county_item", "county_item_test", "county_determination"])
def test_a_key_stands_once_and_what_is_never_null_never_is(home: Home, name: str) -> None:
    frame, told = table(home, name), public_tables()[name]
    assert frame.select(told.key).is_unique().all()
    assert [c.name for c in told.own_columns if not c.empty_zh and frame[c.name].null_count()] == []


def test_every_declaration_of_the_return_is_read(catalogue: Catalogue) -> None:
    items = [item for s in catalogue.standards.values() for item in s.county_items]
    assert {f"is_declared_{name}" for name in DECLARED} <= {item.declared for item in items}
    tests = {test.id for item in items for test in item.tests}
    assert {f"{subject}_level" for subject in SUBJECTS} <= tests

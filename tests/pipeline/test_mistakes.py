"""Mistakes that running systems make, each held with the right answer (``reference/mistakes.md``, by number)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.groups.awards import Award, awarded
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.tables.registry import public_tables
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of

CODE = Path(pipeline.__file__).parent
YEAR = 2025
QUALITY, TWENTY, BASIC = "quality-2017", "school-20", "basic-2012"
CASES, NARROW, NULL_GAP, FIVE = "990101", "990102", "990201", "990202"

ABOVE, BACKBONE, PE_ARTS = "above_degree_teachers_per_100", "backbone_teachers_per_100", "pe_arts_teachers_per_100"
ROOMS, SPORTS, MULTIMEDIA = "teaching_rooms_sqm_per_pupil", "sports_sqm_per_pupil", "multimedia_rooms_per_100"


def code(number: int, kind: str = "21") -> str:
    return f"{kind}99{number:06d}"


def junior(number: int, pupils: float = 1500, **cells: Any) -> GoodSchool:
    return GoodSchool(code(number, "31"), "311", {"junior": pupils}, **cells)


def school_cases() -> dict[str, GoodSchool]:
    """One school a case, named by what it shows."""
    missing_item = GoodSchool(code(5))
    missing_item.stages["primary"]["backbone_teachers"] = None
    no_gym_field = GoodSchool(code(6), indoor_sports_sqm=None, sports_field_sqm=90_000.0)
    twelve = {"primary": 1200, "junior": 1500, "senior": 1500}
    gym = GoodSchool(
        code(9, "31"), "312", {"primary": 1200, "junior": 1500}, teaching_rooms_sqm=20000.0, indoor_sports_sqm=1200.0
    )
    arts = GoodSchool(code(10)).of_stages(pe_teachers=2, music_teachers=2, art_teachers=2, arts_teachers=3)
    over_size = GoodSchool(code(11)).with_classes({"primary": [42] * 18 + [50] * 6})
    both = GoodSchool(code(12, "31"), "312", {"primary": 900, "junior": 700})
    both.with_classes({"primary": [37] * 24, "junior": [38] * 18})
    both.with_rooms(("music", 96.0), ("music", 96.0), ("art", 90.0), ("art", 90.0))
    no_art = GoodSchool(code(13)).with_rooms(("music", 96.0), ("music", 96.0))
    return {
        "rounded floor": junior(1, sports_field_sqm=13000.0),
        "two below": GoodSchool(code(2)).of_stages(backbone_teachers=8.46),
        "primary floor": GoodSchool(code(3)).of_stages(
            doctor_teachers=35.66, master_teachers=0, bachelor_teachers=0, college_teachers=0
        ),
        "junior floor": junior(4, 1000, multimedia_rooms=20.36),
        "missing item": missing_item,
        "no gym field": no_gym_field,
        "nine without primary": GoodSchool(code(7, "31"), "312", {"junior": 300}),
        "twelve": GoodSchool(code(8, "34"), "345", twelve),
        "units": GoodSchool(code(14), equipment_yuan=2_000_000.0, computers=150, multimedia_rooms=23).of_stages(
            pe_teachers=9, music_teachers=0, art_teachers=0, arts_teachers=0, backbone_teachers=10, full_time_teachers=60,
            senior_rank_teachers=1, associate_rank_teachers=2, intermediate_rank_teachers=27,
        ),
        "gym": gym, "arts": arts, "over-size classes": over_size, "rooms of both": both, "no art room": no_art,
    }  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def cases() -> dict[str, GoodSchool]:
    return school_cases()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, cases: dict[str, GoodSchool]) -> Home:
    low, high = (
        GoodSchool(code(n), heads={"primary": 1000}, teaching_rooms_sqm=1000 * 10 * (1 + sign * 0.50004))
        for n, sign in ((21, -1), (22, 1))
    )
    null_gap = [GoodSchool(code(n)) for n in (31, 32)]
    for one in null_gap:
        one.of_stages(backbone_teachers=0)
    five = [GoodSchool(code(n), heads={"primary": 100 * n}) for n in range(41, 46)]
    for one in five[3:]:
        one.school["equipment_yuan"] = None
    counties = {
        CASES: county_of(*cases.values()), NARROW: county_of(low, high), NULL_GAP: county_of(*null_gap), FIVE: county_of(*five),
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("mistakes") / "home"
    return computed(folder, catalogue, {(YEAR, county): parts for county, parts in counties.items()})


@pytest.fixture
def of(home: Home, cases: dict[str, GoodSchool]) -> Any:
    """A row of a table about a case."""

    def row(case: str, name: str, stage: str = "primary", standard: str = QUALITY, **where: Any) -> dict[str, Any]:
        own = {} if name == "indicator_value" else {"standard_id": standard}
        return only(home, name, school_id=cases[case].school["school_id"], stage=stage, **own, **where)

    return row


@pytest.mark.parametrize(
    ("case", "stage", "indicator", "value", "floor"),
    [
        ("rounded floor", "junior", SPORTS, 13000 / 1500, 8.67),
        ("two below", "primary", BACKBONE, 0.846, 0.85),
        ("primary floor", "primary", ABOVE, 3.566, 3.57),
        ("junior floor", "junior", MULTIMEDIA, 2.036, 2.04),
    ],
)
def test_01_the_floor_is_held_against_the_unrounded_value(
    of: Any, case: str, stage: str, indicator: str, value: float, floor: float
) -> None:
    item = of(case, "indicator_attainment", stage, indicator_id=indicator)
    assert item["value"] == pytest.approx(value, rel=1e-12)
    assert round(value, 2) >= floor  # as shown it would pass
    assert (item["is_met"], item["is_above_floor"]) == (False, False)
    score = of(case, "school_score", stage)
    assert (score["indicators_met"], score["meets_standard"]) == (6, False)


def test_02_a_gap_of_50004_exceeds_a_limit_of_50(home: Home) -> None:
    gap = only(home, "gap_coefficient", area_code=NARROW, standard_id=QUALITY, stage="primary", indicator_id=ROOMS)
    assert gap["cv"] == pytest.approx(0.50004, rel=1e-12)
    assert gap["is_met"] is False


def test_03_six_items_met_and_one_missing_is_no_verdict(of: Any) -> None:
    score = of("missing item", "school_score")
    assert (score["indicators_met"], score["indicators_missing"], score["meets_standard"]) == (6, 1, None)
    assert (score["score"], score["score_min"], score["score_max"]) == (None, pytest.approx(600 / 7), 100)


def test_03_a_null_gap_is_not_left_out_of_the_mean_of_the_others(home: Home) -> None:
    gaps = table(home, "gap_coefficient", area_code=NULL_GAP, standard_id=QUALITY, stage="primary")
    assert gaps.filter(indicator_id=BACKBONE).select("cv", "state", "is_met").rows() == [(None, "zero_mean", False)]
    for measure in ("mean_cv", "worst_ratio"):
        ranked = only(
            home, "county_ranking", county_code=NULL_GAP, standard_id=QUALITY, measure=measure, stage="primary"
        )
        assert (ranked["value"], ranked["state"], ranked["rank_province"]) == (None, "zero_mean", None)


def test_04_a_blank_gymnasium_leaves_the_sports_area_missing(of: Any) -> None:
    assert of("no gym field", "indicator_value", indicator_id=SPORTS)["state"] == "missing"
    assert of("no gym field", "indicator_attainment", indicator_id=SPORTS)["attainment"] is None


def test_05_a_stage_without_pupils_does_not_take_those_of_the_school(home: Home, cases: dict[str, GoodSchool]) -> None:
    school_id = cases["nine without primary"].school["school_id"]
    assert table(home, "school_score", school_id=school_id, standard_id=QUALITY)["stage"].to_list() == ["junior"]


def test_06_a_twelve_year_school_is_in_both_stages_and_tested_for_size(of: Any) -> None:
    for stage in ("primary", "junior"):
        size = of("twelve", "indicator_attainment", stage, TWENTY, indicator_id="school_size")
        assert (size["value"], size["threshold"], size["is_met"]) == (2700, 2500, False)


def test_07_the_gymnasium_leaves_the_rooms_before_the_split(of: Any) -> None:
    assert of("gym", "indicator_value", "junior", indicator_id=ROOMS)["value"] == pytest.approx(7.2561, abs=5e-5)


def test_08_arts_is_a_fourth_count_and_no_subtotal_is_added(of: Any) -> None:
    assert of("arts", "indicator_value", indicator_id=PE_ARTS)["numerator"] == 9


def test_10_classes_over_the_limit_are_counted_class_by_class(of: Any) -> None:
    value = of("over-size classes", "indicator_value", indicator_id="classes_within_limit_pct")
    assert (value["numerator"], value["denominator"]) == (100 * 18, 24)


def test_11_one_set_of_rooms_does_not_serve_both_stages(of: Any) -> None:
    for stage in ("primary", "junior"):
        for name in ("music_rooms_ratio", "art_rooms_ratio"):
            item = of("rooms of both", "indicator_attainment", stage, TWENTY, indicator_id=name)
            assert (item["value"], item["is_met"]) == (0.5, False)
            assert of("rooms of both", "indicator_value", stage, indicator_id=name)["denominator"] == 4


def test_12_music_rooms_do_not_make_up_for_art_rooms(of: Any) -> None:
    music = of("no art room", "indicator_attainment", standard=TWENTY, indicator_id="music_rooms_ratio")
    art = of("no art room", "indicator_attainment", standard=TWENTY, indicator_id="art_rooms_ratio")
    assert (music["value"], music["is_met"], art["value"], art["is_met"]) == (2, True, 0, False)


def test_19_a_null_is_no_zero_in_a_mean(home: Home) -> None:
    ranked = only(home, "county_ranking", county_code=FIVE, standard_id=TWENTY, measure="mean_score", stage="primary")
    scores = table(home, "school_score", county_code=FIVE, standard_id=TWENTY).drop_nulls("score")
    assert scores.height == 3
    assert ranked["value"] == pytest.approx(scores["score"].mean(), rel=1e-12)


def test_19_a_share_is_of_all_schools_and_no_share_of_those_that_are_known(home: Home) -> None:
    ranked = only(
        home, "county_ranking", county_code=FIVE, standard_id=QUALITY, measure="share_meeting", stage="primary"
    )
    assert (ranked["value"], ranked["state"], ranked["rank_province"]) == (3 / 5, "incomplete", None)


@pytest.mark.parametrize(
    ("indicator", "direction", "numerator", "denominator"),
    [
        ("teachers_per_100", ">=", "full_time_teachers", "pupils / 100"),
        (ABOVE, ">=", "above_degree_teachers", "pupils / 100"),
        ("books_per_pupil", ">=", "books", "pupils"),
        ("school_size", "<=", "largest_campus_pupils", "1"),
        ("d_grade_area_sqm", "<=", "d_grade_area_sqm", "1"),
    ],
)
def test_20_names_directions_and_denominators_are_those_of_the_text(
    catalogue: Catalogue, indicator: str, direction: str, numerator: str, denominator: str
) -> None:
    entry = catalogue.indicators[indicator]
    assert (entry.direction, entry.numerator, entry.denominator) == (direction, numerator, denominator)


def test_20_above_the_required_degree_is_college_in_primary_and_bachelor_in_junior(of: Any) -> None:
    primary = of("primary floor", "indicator_value", indicator_id=ABOVE)
    assert primary["numerator"] == pytest.approx(35.66)
    lower = of("rounded floor", "indicator_value", "junior", indicator_id=ABOVE)
    assert lower["numerator"] == 3 * 10 * 1500  # doctor, master, bachelor; the college diploma is left out


def test_20_book_levels_are_25_and_35(catalogue: Catalogue) -> None:
    item = next(i for i in catalogue.standards[TWENTY].items if i.indicator == "books_per_pupil")
    assert {t.stage: t.value for t in item.thresholds} == {"primary": 25, "junior": 35}


@pytest.mark.parametrize(
    ("indicator", "value"),
    [
        (PE_ARTS, 0.9), (BACKBONE, 1.0), ("teachers_per_100", 6.0), ("mid_rank_teachers_per_100", 3.0),
        ("equipment_yuan_per_pupil", 2000.0), ("computers_per_100", 15.0), (MULTIMEDIA, 2.3),
    ],
)  # fmt: skip
def test_21_each_quantity_is_in_the_unit_of_its_level(of: Any, indicator: str, value: float) -> None:
    assert of("units", "indicator_value", indicator_id=indicator)["value"] == pytest.approx(value, rel=1e-12)


def test_23_steps_stand_in_one_table_of_the_catalogue_and_a_school_has_a_score_but_no_grade(
    catalogue: Catalogue,
) -> None:
    """Nothing here gives an expert's grade (excellent, good, …) by bands of a score. The only steps are those of the group award:
    they follow ``group_awards.yaml``, and none of its amounts stands in code."""
    awards = catalogue.group_awards
    assert awards is not None
    steps = tuple(step.model_copy(update={"rank_to": step.rank_to + 1}) for step in awards.steps)
    asked = [Award(f"g{rank}", 9, rank) for rank in range(1, 9)]
    for rules in (awards, awards.model_copy(update={"steps": steps})):
        expected = [next((s.id for s in rules.steps if rank <= s.rank_to), None) for rank in range(1, 9)]
        assert [award.step for award in awarded(asked, rules, None)] == expected
    told = "".join(
        p.read_text(encoding="utf-8").replace("_", "") for p in CODE.rglob("*") if p.suffix in (".py", ".sql")
    )
    assert not [step.amount_yuan for step in awards.steps if re.search(rf"\b{step.amount_yuan:.0f}\b", told)]
    told_of_schools = {column.name for column in public_tables()["school_score"].own_columns}
    assert not told_of_schools & {"grade", "band", "level", "rating"}


def test_23_a_score_is_the_mean_of_attainments_by_the_weight_of_the_items(
    tmp_path: Path, catalogue: Catalogue, cases: dict[str, GoodSchool]
) -> None:
    standard = catalogue.standards[TWENTY]
    weights = {item.indicator: 1.0 + n for n, item in enumerate(standard.items)}
    items = tuple(item.model_copy(update={"weight": weights[item.indicator]}) for item in standard.items)
    changed = standard.model_copy(update={"items": items})
    other = catalogue.model_copy(update={"standards": catalogue.standards | {TWENTY: changed}})
    made = computed(
        tmp_path / "home", other, {(YEAR, CASES): county_of(cases["units"], cases["gym"])}, upto="school_score"
    )
    apart = []
    for score in table(made, "school_score", standard_id=TWENTY).iter_rows(named=True):
        own = {"school_id": score["school_id"], "stage": score["stage"], "standard_id": TWENTY, "state": "ok"}
        given = [
            (weights[r["indicator_id"]], r["attainment"])
            for r in table(made, "indicator_attainment", **own).iter_rows(named=True)
        ]
        weighted = 100 * sum(w * a for w, a in given) / sum(w for w, _ in given)
        plain = 100 * sum(a for _, a in given) / len(given)
        assert score["score"] == pytest.approx(weighted, rel=1e-12)
        apart.append(abs(plain - weighted))
    assert max(apart) > 1e-6  # the mean that forgets the weights


def test_24_senior_pupils_take_their_share(of: Any) -> None:
    books = of("twelve", "indicator_value", indicator_id="books_per_pupil")["numerator"]
    assert books / (40 * 10 * 4200) == pytest.approx(0.248447, abs=5e-7)

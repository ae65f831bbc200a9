"""Every level, floor and limit exactly on its boundary is met, and a millionth beyond it is not (``method.md`` 3).

Plain comparison of doubles fails here: what is exactly on a level in decimal is often a last digit off once it was multiplied,
split by 1 : 1.1 : 1.32 and divided again.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.model import Threshold
from pipeline.store.home import Home
from tests.pipeline.chain import table
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of

YEAR, COUNTY = 2025, "990101"
NUDGE = 1e-6
QUALITY, TWENTY = "quality-2017", "school-20"
PUPILS = (50, 51, 97, 100, 137, 333, 499, 750, 999, 1234, 1777, 2001, 2999, 3000)
WEIGHTS = {"primary": 1.0, "junior": 1.1, "senior": 1.32}
KINDS = {
    "211": ("primary",), "311": ("junior",), "312": ("primary", "junior"), "341": ("junior", "senior"),
    "345": ("primary", "junior", "senior"),
}  # fmt: skip
SHARED = {
    "teaching_rooms_sqm_per_pupil": ("teaching_rooms_sqm", 1), "sports_sqm_per_pupil": ("sports_field_sqm", 1),
    "equipment_yuan_per_pupil": ("equipment_yuan", 1), "multimedia_rooms_per_100": ("multimedia_rooms", 100),
    "books_per_pupil": ("books", 1),
}  # fmt: skip
TEACHERS = {
    "above_degree_teachers_per_100": "doctor_teachers", "backbone_teachers_per_100": "backbone_teachers",
    "pe_arts_teachers_per_100": "pe_teachers",
}  # fmt: skip
EMPTIED = (
    "master_teachers", "bachelor_teachers", "college_teachers", "music_teachers", "art_teachers", "arts_teachers",
)  # fmt: skip


def levels(catalogue: Catalogue, standard: str, stage: str, indicator: str) -> Threshold:
    item = next(i for i in catalogue.standards[standard].items if i.indicator == indicator)
    return next(t for t in item.thresholds if t.stage in ("*", stage))


def on_the_level(
    catalogue: Catalogue, school_id: str, kind: str, target: str, heads: dict[str, float], which: str, factor: float
) -> GoodSchool:
    """A school whose values in the target stage stand exactly on the level or floor of eight items, times ``factor``."""
    one = GoodSchool(school_id, kind, heads)
    one.classes, one.rooms = [], []
    weighted = sum(WEIGHTS[name] * pupils for name, pupils in heads.items()) / WEIGHTS[target]
    for indicator, (cell, per) in SHARED.items():
        level = getattr(levels(catalogue, TWENTY, target, indicator), which)
        one.school[cell] = level / per * weighted * factor
    row = one.stages[target]
    row.update(dict.fromkeys(EMPTIED, 0))
    for indicator, cell in TEACHERS.items():
        level = getattr(levels(catalogue, TWENTY, target, indicator), which)
        row[cell] = level / 100 * heads[target] * factor
    return one


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def cases(catalogue: Catalogue) -> dict[str, tuple[str, str, bool, GoodSchool]]:
    """school code → target stage, level or floor, whether it stands on it, the school."""
    found = {}
    for kind, stages in KINDS.items():
        for target in (s for s in stages if s != "senior"):
            for pupils in PUPILS:
                heads = {name: pupils if name == target else pupils + 17 + 3 * len(name) for name in stages}
                for which in ("value", "floor"):
                    for factor in (1.0, 1 - NUDGE):
                        school_id = f"{kind[:2]}99{len(found):06d}"
                        one = on_the_level(catalogue, school_id, kind, target, heads, which, factor)
                        found[school_id] = (target, which, factor == 1.0, one)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, cases: dict[str, Any]) -> Home:
    county = county_of(*(one for *_, one in cases.values()))
    folder = tmp_path_factory.mktemp("boundaries") / "home"
    return computed(folder, catalogue, {(YEAR, COUNTY): county}, upto="indicator_attainment")


@pytest.fixture(scope="module")
def judged(home: Home, cases: dict[str, Any]) -> pl.DataFrame:
    """Attainment rows of the eight items in the target stage of each case, with what the case is."""
    told = pl.DataFrame(
        [(school_id, *case[:3]) for school_id, case in cases.items()],
        schema={"school_id": pl.String, "stage": pl.String, "which": pl.String, "is_on": pl.Boolean},
        orient="row",
    )
    items = table(home, "indicator_attainment").filter(pl.col("indicator_id").is_in([*SHARED, *TEACHERS]))
    return items.join(told, on=["school_id", "stage"])


def test_every_case_is_judged_on_eight_items_and_seven(judged: pl.DataFrame, cases: dict[str, Any]) -> None:
    counts = dict(judged.group_by("standard_id").len().iter_rows())
    assert counts == {QUALITY: 7 * len(cases), TWENTY: 8 * len(cases)}


def test_a_value_exactly_on_the_level_is_met_split_or_not(judged: pl.DataFrame) -> None:
    on = judged.filter((pl.col("which") == "value") & pl.col("is_on"))
    assert on["is_met"].all()
    assert (on["attainment"] == 1).all()


def test_a_millionth_below_the_level_is_not_met(judged: pl.DataFrame) -> None:
    below = judged.filter((pl.col("which") == "value") & ~pl.col("is_on"))
    assert not below["is_met"].any()
    assert below["is_above_floor"].all()
    assert (below["attainment"] < 1).all()


def test_a_value_exactly_on_the_floor_is_above_it_and_a_millionth_below_is_not(judged: pl.DataFrame) -> None:
    floors = judged.filter(pl.col("which") == "floor")
    assert floors.filter("is_on")["is_above_floor"].all()
    assert not floors.filter(~pl.col("is_on"))["is_above_floor"].any()
    assert not floors["is_met"].any()


def test_plain_comparison_of_doubles_would_fail_here(judged: pl.DataFrame) -> None:
    on = judged.filter((pl.col("which") == "value") & pl.col("is_on"))
    assert 0 < on.filter(pl.col("value") < pl.col("threshold")).height < on.height


def heads_of(stage: str, pupils: float) -> dict[str, float]:
    return {stage: pupils}


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    """Schools on the levels and floors of the other twelve items; the last digit of a code: 0 on the level, 1 just beyond it,
    2 on the floor, 3 just below it."""
    schools = []
    for number, change in enumerate(OTHERS.values()):
        for step in range(4):
            one = GoodSchool(f"21990{number:02d}0{step:02d}")
            change(one, step)
            schools.append(one)
    return computed(tmp_path_factory.mktemp("others") / "home", catalogue, {(YEAR, COUNTY): county_of(*schools)})


def _share(level: float, floor: float, step: int) -> float:
    return {0: level, 1: level * (1 - NUDGE), 2: floor, 3: floor * (1 - NUDGE)}[step]


def _size(one: GoodSchool, step: int) -> None:
    one.stages["primary"]["pupils"] = (2000, 2001, 2352, 2353)[step]


def _classes(one: GoodSchool, step: int) -> None:
    one.with_classes({"primary": [45] * (20, 19, 17, 16)[step] + [46] * (0, 1, 3, 4)[step]})


def _rooms(kind: str, sqm: float) -> Any:
    def change(one: GoodSchool, step: int) -> None:
        one.with_classes({"primary": [40] * 24})
        other = "art" if kind == "music" else "music"
        areas = [sqm, sqm if step in (0, 2) else sqm * (1 - NUDGE)]
        one.with_rooms(*((kind, a) for a in areas), (other, 200.0), (other, 200.0))

    return change


def _funds(one: GoodSchool, step: int) -> None:
    one.school["public_funds_yuan"] = _share(1, 0.85, step) * 720 * 1000


def _trained(one: GoodSchool, step: int) -> None:
    one.of_stages(teachers_training_due=20, teachers_trained_360h=20 * _share(1, 0.85, step))


def _certified(one: GoodSchool, step: int) -> None:
    one.of_stages(full_time_teachers=20, certified_teachers=20 * _share(1, 0.85, step))


def _training_funds(one: GoodSchool, step: int) -> None:
    one.school.update(public_funds_budget_yuan=333_333.0, training_budget_yuan=333_333.0 * _share(0.05, 0.0425, step))


def _staff(one: GoodSchool, step: int) -> None:
    one.school["staff"] = 1000 / 19 * _share(1, 0.85, step)


def _danger(one: GoodSchool, step: int) -> None:
    one.school["d_grade_area_sqm"] = (0.0, NUDGE, 0.0, NUDGE)[step]


def _beds(one: GoodSchool, step: int) -> None:
    one.school.update(boarders=100, beds=(100, 99, 100, 99)[step])


def _health(one: GoodSchool, step: int) -> None:
    one.stages["primary"]["pupils"] = 1800
    one.school["health_staff"] = (3, 2, 3, 2)[step]


OTHERS = {
    "school_size": _size, "classes_within_limit_pct": _classes, "music_rooms_ratio": _rooms("music", 96.0),
    "art_rooms_ratio": _rooms("art", 90.0), "public_funds_ratio": _funds, "training_360h_pct": _trained,
    "certified_teachers_pct": _certified, "training_funds_pct": _training_funds, "staff_ratio": _staff,
    "d_grade_area_sqm": _danger, "beds_per_boarder": _beds, "health_staff_ratio": _health,
}  # fmt: skip


def test_the_two_tests_hold_all_twenty_items(catalogue: Catalogue) -> None:
    assert {*SHARED, *TEACHERS, *OTHERS} == {item.indicator for item in catalogue.standards[TWENTY].items}


@pytest.mark.parametrize("indicator", OTHERS)
def test_the_other_twelve_items_on_their_boundaries(others: Home, indicator: str) -> None:
    number = list(OTHERS).index(indicator)
    rows = table(others, "indicator_attainment", standard_id=TWENTY, indicator_id=indicator).sort("school_id")
    rows = rows.filter(pl.col("school_id").str.starts_with(f"21990{number:02d}"))
    met, above = rows["is_met"].to_list(), rows["is_above_floor"].to_list()
    assert met[:2] == [True, False]
    if rows["floor"].is_null().all():
        assert above == [None] * 4
    else:
        assert above == [True, True, True, False]

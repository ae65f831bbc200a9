"""Traps of county verdicts that running systems fell into (``reference/mistakes.md``, by number), and what missing data may not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.tables import compute, python_tables
from pipeline.tables.names import PYTHON_TABLES, SQL_TABLES
from tests.pipeline.chain import only, table
from tests.pipeline.good_county import SUBJECTS, YEAR, GoodCounty, judged
from tests.pipeline.test_verdicts import with_setting

QUALITY = "quality-2017"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def _small(county: GoodCounty, *funds: tuple[str, str, float]) -> None:
    """Small rural schools with the county's own quotas of 1,150 and 1,350 yuan: name, stage, funds in yuan."""
    county.set(primary_funds_quota_yuan=1150, junior_funds_quota_yuan=1350)
    county.only("city", "town", "middle", "upper")
    for name, stage, yuan in funds:
        kind = "211" if stage == "primary" else "311"
        county.add(name, kind, {stage: 90}, "220", public_funds_yuan=yuan)


def _retention(
    county: GoodCounty, graduates: float, entrants: float, moved_in: float, moved_out: float, died: float
) -> None:
    county.only("city", "town", "middle")
    county.schools["middle"].of_stages(
        graduates=graduates, entrants_3_years_before=entrants, transferred_in=moved_in, transferred_out=moved_out, died=died
    )  # fmt: skip


def cases() -> dict[str, GoodCounty]:
    """One county a case, named by what it shows."""
    made: dict[str, GoodCounty] = {}

    def county(name: str) -> GoodCounty:
        made[name] = GoodCounty(len(made) + 1)
        return made[name]

    county("over-size").schools["city"].with_classes({"primary": [42] * 18 + [50] * 6})
    both = county("rooms of both")
    both.schools["nine"].with_classes({"primary": [37] * 24, "junior": [38] * 18})
    both.schools["nine"].with_rooms(("music", 96.0), ("music", 96.0), ("art", 90.0), ("art", 90.0))
    county("no art room").schools["city"].with_rooms(("music", 96.0), ("music", 96.0))
    county("large class and an unknown one").schools["city"].classes[0]["class_pupils"] = 46
    made["large class and an unknown one"].schools["city"].classes[1]["class_pupils"] = None
    _small(county("mean of small schools"), ("first", "primary", 40_000.0), ("second", "primary", 200_000.0))
    _small(county("quota of a stage"), ("first", "primary", 115_000.0), ("second", "junior", 134_999.0))
    _small(county("small and met"), ("first", "primary", 115_000.0), ("second", "junior", 135_000.0))
    county("exact rotation").set(rotation_eligible_teachers=300, rotated_teachers=30, rotated_backbone_teachers=6)
    county("short rotation").set(rotation_eligible_teachers=301, rotated_teachers=30, rotated_backbone_teachers=6)
    _retention(county("retention"), 475, 500, 10, 8, 2)
    _retention(county("retention of a sample"), 500, 520, 25, 30, 0)
    county("PE at level II").set(monitoring_pe_level=2)
    county("difference in per cent").set(monitoring_chinese_difference=12.35)
    county("difference at the limit").set(monitoring_chinese_difference=0.15)
    county("survey missing").set(social_recognition_pct=None, is_declared_social_recognition=1)
    county("a single backbone gap").only("city", "middle", "upper")
    county("no return of its own").cells = {}
    return made


@pytest.fixture(scope="module")
def counties() -> dict[str, GoodCounty]:
    return cases()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, counties: dict[str, GoodCounty]) -> Home:
    return judged(tmp_path_factory.mktemp("traps") / "home", catalogue, counties)


@pytest.fixture
def of(home: Home, counties: dict[str, GoodCounty]) -> Any:
    """A row of ``county_item``, or with ``test`` of ``county_item_test``, about a case."""

    def row(case: str, item: str, test: str = "", **where: Any) -> dict[str, Any]:
        own = {"county_code": counties[case].code, "standard_id": QUALITY, "item_id": item, **where}
        return only(home, "county_item_test", test_id=test, **own) if test else only(home, "county_item", **own)

    return row


def test_03_a_gap_that_cannot_be_compared_is_not_decided_by_the_others(of: Any) -> None:
    row = of("a single backbone gap", "all_gaps_within_limits")
    assert row["verdict"] == "met"  # junior schools are compared, the single primary school is named
    assert (
        of("a single backbone gap", "all_gaps_within_limits", "backbone_teachers_per_100", stage="primary")["state"]
        == "not_applicable"
    )


def test_10_classes_are_judged_one_by_one_never_by_their_mean(of: Any) -> None:
    row = of("over-size", "class_size", "classes", stage="primary")
    assert row["state"] == "unmet" and row["denominator"] - row["numerator"] == 6


def test_10_a_class_known_to_be_too_large_decides_beside_an_unknown_one(of: Any) -> None:
    assert of("large class and an unknown one", "class_size")["verdict"] == "unmet"


def test_11_one_set_of_rooms_does_not_serve_two_stages(of: Any) -> None:
    row = of("rooms of both", "music_art_rooms")
    assert row["verdict"] == "unmet" and "2间，应≥4" in row["reason_zh"]


def test_12_music_does_not_make_up_for_art(of: Any) -> None:
    assert of("no art room", "music_art_rooms", "music")["state"] == "met"
    assert of("no art room", "music_art_rooms", "art")["state"] == "unmet"


def test_14_small_schools_are_funded_one_by_one_by_the_quota_of_their_stage(of: Any) -> None:
    mean = of("mean of small schools", "small_school_funds")
    assert mean["verdict"] == "unmet" and "40000元，应≥115000" in mean["reason_zh"]
    assert (mean["numerator"], mean["denominator"]) == (1, 2)
    junior = of("quota of a stage", "small_school_funds")
    assert junior["verdict"] == "unmet" and "134999元，应≥135000" in junior["reason_zh"]
    assert of("small and met", "small_school_funds")["verdict"] == "met"


def test_15_exactly_ten_and_twenty_per_cent_of_rotation_are_met(of: Any) -> None:
    assert of("exact rotation", "teacher_rotation")["verdict"] == "met"
    assert [of("exact rotation", "teacher_rotation", t)["value"] for t in ("rotated", "backbone")] == [10, 20]
    assert of("short rotation", "teacher_rotation")["verdict"] == "unmet"


@pytest.mark.parametrize(
    ("formula", "values", "verdict"), [("a", (95.0, 97.0874), "met"), ("b", (94.980, 97.1154), "unmet")]
)
def test_16_retention_has_two_formulas_that_disagree_at_the_limit(
    tmp_path: Path, catalogue: Catalogue, formula: str, values: tuple[float, float], verdict: str
) -> None:
    changed = with_setting(catalogue, "retention_formula", formula)
    made = {name: one for name, one in cases().items() if name.startswith("retention")}
    home = judged(tmp_path / "home", changed, made)
    rows = [only(home, "county_item", county_code=one.code, item_id="junior_retention") for one in made.values()]
    assert [row["value"] for row in rows] == [pytest.approx(v, abs=1e-3) for v in values]
    assert rows[0]["verdict"] == verdict


def test_17_levels_and_difference_rates_are_judged_subject_by_subject(of: Any) -> None:
    assert of("PE at level II", "quality_monitoring")["verdict"] == "unmet"
    assert of("PE at level II", "quality_monitoring", "pe_level")["state"] == "unmet"
    rate = of("difference in per cent", "quality_monitoring", "chinese_difference")
    assert (rate["state"], rate["value"]) == ("no_data", None)  # 12.35 is no ratio: a finding, never a verdict
    assert (
        of("difference at the limit", "quality_monitoring", "chinese_difference")["state"] == "unmet"
    )  # below, not at
    assert len(SUBJECTS) == 6


def test_18_a_missing_survey_is_no_data_whatever_box_is_ticked(of: Any) -> None:
    row = of("survey missing", "social_recognition")
    assert (row["verdict"], row["value"], row["declared"], row["differs"]) == ("no_data", None, True, None)
    assert "社会认可度" in row["reason_zh"]


def test_a_county_without_a_return_of_its_own_is_judged_on_what_its_schools_say(
    home: Home, counties: dict[str, GoodCounty], of: Any
) -> None:
    code = counties["no return of its own"].code
    verdicts = dict(
        table(home, "county_item", county_code=code, standard_id=QUALITY).select("item_id", "verdict").iter_rows()
    )
    assert verdicts["class_size"] == verdicts["all_gaps_within_limits"] == "met"
    assert verdicts["teacher_pay"] == verdicts["social_recognition"] == verdicts["veto_posts"] == "no_data"
    assert only(home, "county_determination", county_code=code, standard_id=QUALITY)["verdict"] == "no_data"


# -- what is missing ---------------------------------------------------------------------------------------------------


def remade(home: Home, catalogue: Catalogue) -> None:
    """Every table of a home anew from its working tables."""
    for name in SQL_TABLES:
        compute.make(name, home, catalogue)
    for name in PYTHON_TABLES:
        python_tables.make(name, home, catalogue)


def test_a_school_that_sent_nothing_leaves_no_item_about_schools_met(tmp_path: Path, catalogue: Catalogue) -> None:
    county = GoodCounty(1)
    home = judged(tmp_path / "home", catalogue, {"one": county})
    before = table(home, "county_item", standard_id=QUALITY)
    absent = pl.read_parquet(home.table("absent"))
    row = {
        "year": YEAR,
        "county_code": county.code,
        "school_id": "2199009999",
        "stage": "primary",
        "pupils": 300.0,
        "school_type": "211",
    }
    added = pl.DataFrame([{c: row.get(c) for c in absent.columns}], schema=absent.schema)
    pl.concat([absent, added]).write_parquet(home.table("absent"))
    remade(home, catalogue)
    after = table(home, "county_item", standard_id=QUALITY)
    changed = before.join(after, on="item_id", suffix="_after").filter(pl.col("verdict") != pl.col("verdict_after"))
    assert set(changed["verdict_after"]) == {"no_data"}
    asked = {
        t["item_id"]
        for t in table(home, "county_item_test")
        .filter(pl.col("kind").is_in(["every", "schools"]) & pl.col("counts"))
        .to_dicts()
    }
    assert asked <= {*changed["item_id"]}
    assert "1 所应报未报" in only(home, "county_item", item_id="class_size")["reason_zh"]


OPEN = {
    "school": ("public_funds_yuan", "training_budget_yuan", "has_charter", "is_moral_education_good", "urban_rural", "special_needs_funds_yuan", "equipment_yuan", "school_type"),
    "stage": ("certified_teachers", "teachers_trained_360h", "teachers_training_due", "graduates", "died", "backbone_teachers"),
    "county": ("rotated_teachers", "rotated_backbone_teachers", "nearby_city_pct", "teacher_pay_yuan", "work_score", "primary_funds_quota_yuan", "monitoring_pe_level", "special_school_pupils", "has_veto_posts", "conclusion_school_layout"),
}  # fmt: skip
"""Cells that the test of missing data empties and fills anew, by kind of row."""


def drawn(random: np.random.Generator, name: str, was: Any) -> Any:
    """Another value that the cell could have held, on either side of what is asked."""
    choices = {
        "urban_rural": ["111", "121", "220"], "school_type": ["211", "312", "218"], "conclusion_school_layout": ["有批复。"],
        "public_funds_yuan": [10_000.0, 100_000.0, 2e6], "training_budget_yuan": [40_000.0, 60_000.0], "graduates": [100, 298, 310],
        "special_needs_funds_yuan": [0.0, 90_000.0], "teachers_training_due": [0, 10_000], "special_school_pupils": [0, 100, 200],
        "rotated_teachers": [15, 20, 40], "rotated_backbone_teachers": [3, 6], "nearby_city_pct": [99, 100], "monitoring_pe_level": [2, 3],
        "teacher_pay_yuan": [93_000.0, 95_000.0], "work_score": [84, 90], "primary_funds_quota_yuan": [600, 720, 1150], "died": [0, 3],
    }  # fmt: skip
    if name in choices:
        return choices[name][random.integers(len(choices[name]))]
    if isinstance(was, int | float) and was in (0, 1):
        return int(random.integers(2))
    return float(was) * (0.2 if random.integers(3) == 0 else 1)


def emptied_and_filled(seed: int, number: int, fillings: int) -> list[GoodCounty]:
    """A county with cells emptied at random, then the same county with them filled in several ways."""
    random = np.random.default_rng(seed)
    made = [GoodCounty(number + k) for k in range(fillings + 1)]
    rows = [[*(("school", s.school) for s in c.schools.values()), *(("stage", r) for s in c.schools.values() for r in s.stages.values()), ("county", c.cells)] for c in made]  # fmt: skip
    for places in zip(*rows, strict=True):
        kind = places[0][0]
        for name in OPEN[kind]:
            was = drawn(random, name, places[0][1][name]) if random.random() < 0.15 else places[0][1][name]
            is_open = random.random() < 0.12
            for k, (_, row) in enumerate(places):
                row[name] = was if not is_open else None if k == 0 else drawn(random, name, was)
    return made


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(seeds=st.lists(st.integers(0, 2**32 - 1), min_size=6, max_size=6, unique=True))
def test_no_verdict_is_turned_by_what_was_missing(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, seeds: list[int]
) -> None:
    fillings = 4
    groups = [emptied_and_filled(seed, 1 + n * (fillings + 1), fillings) for n, seed in enumerate(seeds)]
    counties = {(n, k): one for n, group in enumerate(groups) for k, one in enumerate(group)}
    home = judged(tmp_path_factory.mktemp("missing") / "home", catalogue, counties)
    allowed = {
        "met": {"met", "not_applicable"}, "unmet": {"unmet"}, "not_applicable": {"not_applicable"},
        "no_data": {"met", "unmet", "not_applicable", "no_data"},
    }  # fmt: skip
    for name, column, key in (
        ("county_item_test", "state", ["standard_id", "item_id", "test_id", "stage"]),
        ("county_item", "verdict", ["standard_id", "item_id"]), ("county_determination", "verdict", ["standard_id"]),
    ):  # fmt: skip
        frame = table(home, name)
        by = {row["county_code"]: {} for row in frame.iter_rows(named=True)}
        for row in frame.iter_rows(named=True):
            by[row["county_code"]][tuple(row[k] for k in key)] = row
        for group in groups:
            for place, empty in by[group[0].code].items():
                for filled in group[1:]:
                    now = by[filled.code][place]
                    assert now[column] in allowed[empty[column]], (place, empty.get("reason_en"), now.get("reason_en"))

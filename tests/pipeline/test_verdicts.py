"""Verdicts of counties: missing values that could turn them, single schools, zero means, the least gap, a published county."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audit.bounds import least_gaps
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.tables import compute
from tests.oracles import weighted_cv
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of

YEAR = 2025
QUALITY = "quality-2017"
ROOMS, BACKBONE = "teaching_rooms_sqm_per_pupil", "backbone_teachers_per_100"
PUBLISHED = {
    "above_degree_teachers_per_100": (5.515273, 1.643162),
    "backbone_teachers_per_100": (0.887611, 0.445392),
    "pe_arts_teachers_per_100": (0.879277, 0.353427),
    "teaching_rooms_sqm_per_pupil": (4.563288, 1.316139),
    "sports_sqm_per_pupil": (7.925946, 2.975795),
    "equipment_yuan_per_pupil": (2496.674864, 780.914372),
    "multimedia_rooms_per_100": (2.784743, 1.097759),
}
"""Mean and S of seven indicators of the primary schools of Jiujiang in 2023, as published (``domain.md`` 5.3)."""

CELLS = {
    "above_degree_teachers_per_100": ("stage", "doctor_teachers", 100), "backbone_teachers_per_100": ("stage", "backbone_teachers", 100),
    "pe_arts_teachers_per_100": ("stage", "pe_teachers", 100), "teaching_rooms_sqm_per_pupil": ("school", "teaching_rooms_sqm", 1),
    "sports_sqm_per_pupil": ("school", "sports_field_sqm", 1), "equipment_yuan_per_pupil": ("school", "equipment_yuan", 1),
    "multimedia_rooms_per_100": ("school", "multimedia_rooms", 100),
}  # fmt: skip
EMPTIED = (
    "master_teachers",
    "bachelor_teachers",
    "college_teachers",
    "music_teachers",
    "art_teachers",
    "arts_teachers",
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def with_setting(catalogue: Catalogue, key: str, value: Any) -> Catalogue:
    changed = catalogue.settings[key].model_copy(update={"value": value})
    return catalogue.model_copy(update={"settings": catalogue.settings | {key: changed}})


def two_points() -> list[GoodSchool]:
    """Two schools of 1,000 pupils whose values stand one S below and one above the published mean."""
    schools = []
    for number, sign in enumerate((-1, 1), 1):
        one = GoodSchool(f"2199000{number:03d}").of_stages(**dict.fromkeys(EMPTIED, 0))
        for indicator, (mean, sd) in PUBLISHED.items():
            where, cell, per = CELLS[indicator]
            row = one.school if where == "school" else one.stages["primary"]
            row[cell] = (mean + sign * sd) / per * 1000
        schools.append(one)
    return schools


@pytest.mark.parametrize(("decimals", "beyond"), [(None, {BACKBONE}), (2, set())])
def test_the_published_county_is_judged_as_published(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, decimals: int | None, beyond: set[str]
) -> None:
    used = with_setting(catalogue, "decimals_cv", decimals)
    home = computed(tmp_path_factory.mktemp("jiujiang") / "home", used, {(YEAR, "990101"): county_of(*two_points())})
    gaps = table(home, "gap_coefficient", area_code="990101", standard_id=QUALITY, stage="primary")
    for indicator, (mean, sd) in PUBLISHED.items():
        row = gaps.filter(indicator_id=indicator).row(0, named=True)
        assert row["cv"] == pytest.approx(sd / mean, rel=1e-12)
    assert set(gaps.filter(~pl.col("is_met"))["indicator_id"]) == beyond
    assert gaps["is_met"].null_count() == 0


def rooms_county(values: list[float | None], pupils: list[int], start: int) -> dict[str, Any]:
    """Schools with these rooms per pupil; None leaves the cell blank."""
    schools = []
    for number, (value, heads) in enumerate(zip(values, pupils, strict=True)):
        area = None if value is None else value * heads
        schools.append(GoodSchool(f"2199{start + number:06d}", heads={"primary": heads}, teaching_rooms_sqm=area))
    return county_of(*schools)


MISSING = {
    "990101": ([5.0, 5.5, 6.0, None], [300, 300, 300, 47]),  # whatever is missing, the limit is kept
    "990102": ([1.0, 1.0, 9.0, None], [300, 300, 300, 47]),  # whatever is missing, it is exceeded
    "990201": ([1.60, 2.85, 5.2, 6.9, None], [200, 200, 200, 200, 42]),  # the missing could turn it
    "990202": ([4.0, None], [300, 10]),
}


@pytest.fixture(scope="module")
def missing(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    counties = {(YEAR, c): rooms_county(*rows, 100 * n) for n, (c, rows) in enumerate(MISSING.items())}
    return computed(tmp_path_factory.mktemp("missing") / "home", catalogue, counties)


def gap(home: Home, county: str, indicator: str = ROOMS) -> dict[str, Any]:
    return only(home, "gap_coefficient", area_code=county, standard_id=QUALITY, stage="primary", indicator_id=indicator)


def scanned(county: str) -> tuple[float, float]:
    """Least and largest cv over a fine scan of the missing schools' common value."""
    values, pupils = MISSING[county]
    high = max(v for v in values if v is not None)
    found = [weighted_cv([v if x is None else x for x in values], pupils).cv for v in np.linspace(0, high, 20_001)]
    return min(found), max(found)


@pytest.mark.parametrize(("county", "is_met"), [("990101", True), ("990102", False), ("990201", None)])
def test_a_verdict_stands_only_where_missing_values_cannot_turn_it(
    missing: Home, county: str, is_met: bool | None
) -> None:
    row = gap(missing, county)
    assert row["state"] == "ok"
    assert row["is_met"] is is_met
    low, high = scanned(county)
    assert row["cv_low"] == pytest.approx(low, rel=1e-6)
    assert row["cv_low"] <= low
    assert row["cv_high"] == pytest.approx(high, rel=1e-12)


def test_one_known_and_one_missing_school_are_not_a_single_school(missing: Home) -> None:
    row = gap(missing, "990202")
    assert (row["cv"], row["cv_low"]) == (0, 0)
    assert row["cv_high"] == pytest.approx(weighted_cv([4.0, 0.0], [300, 10]).cv)
    assert row["is_met"] is True


def test_at_95_per_cent_coverage_a_gap_below_the_limit_can_be_beyond_it(missing: Home) -> None:
    row = gap(missing, "990201")
    assert row["pupils_missing"] / (row["pupils"] + row["pupils_missing"]) <= 0.05
    assert row["cv"] < row["cv_limit"] < row["cv_high"]


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    """Traps of ``method.md`` 11."""
    equal = [GoodSchool(f"2199100{n:03d}", heads={"primary": 100 * n}) for n in range(1, 5)]
    for one in equal:
        one.of_stages(backbone_teachers=0)
        one.school["teaching_rooms_sqm"] = 4.7 * one.stages["primary"]["pupils"]
    combined = [GoodSchool(f"3199200{n:03d}", "312", {"primary": 300 + n, "junior": 200 + 7 * n}) for n in range(1, 4)]
    combined[0].stages["junior"]["full_time_teachers"] = None
    single = GoodSchool("2199300001")
    counties = {"990101": county_of(*equal), "990102": county_of(*combined), "990201": county_of(single)}
    folder = tmp_path_factory.mktemp("traps") / "home"
    return computed(folder, catalogue, {(YEAR, county): parts for county, parts in counties.items()})


def test_schools_of_equal_value_have_no_gap_and_are_ranked(traps: Home) -> None:
    row = gap(traps, "990101")
    assert (row["cv"], row["sd"], row["state"], row["is_met"]) == (0, 0, "ok", True)


def test_a_mean_of_zero_misses_a_level_above_zero(traps: Home) -> None:
    row = gap(traps, "990101", BACKBONE)
    assert (row["cv"], row["state"], row["is_met"], row["cv_least"]) == (None, "zero_mean", False, None)


def test_a_mean_of_zero_misses_the_level_whatever_the_few_missing_have(tmp_path: Path, catalogue: Catalogue) -> None:
    county = rooms_county([0.0, 0.0, 0.0, None], [300, 300, 300, 20], 500)
    row = gap(computed(tmp_path / "home", catalogue, {(YEAR, "990101"): county}), "990101")
    assert (row["cv"], row["cv_high"], row["state"], row["is_met"]) == (None, None, "zero_mean", False)


def test_a_county_with_junior_pupils_in_combined_schools_only_has_a_junior_stage(traps: Home) -> None:
    rows = table(traps, "gap_coefficient", area_code="990102", standard_id=QUALITY, stage="junior")
    assert set(rows["schools"] + rows["schools_missing"]) == {3}


def test_teachers_missing_in_one_stage_leave_the_other(traps: Home) -> None:
    rows = table(traps, "indicator_value", school_id="3199200001", indicator_id="teachers_per_100")
    assert dict(rows.select("stage", "state").iter_rows()) == {"primary": "ok", "junior": "missing"}


def test_a_single_school_is_not_comparable_but_its_level_is_judged(traps: Home) -> None:
    assert (gap(traps, "990201")["state"], gap(traps, "990201")["is_met"]) == ("single_school", None)
    score = only(traps, "school_score", school_id="2199300001", standard_id=QUALITY)
    assert score["meets_standard"] is True


# -- the least gap that whole units allow ------------------------------------------------------------------------------


def brute_least(pupils: list[int], total: int) -> float:
    """Least cv over every way to give ``total`` units to the schools."""

    def ways(schools: int, left: int) -> Any:
        if schools == 1:
            yield (left,)
            return
        for first in range(left + 1):
            for rest in ways(schools - 1, left - first):
                yield (first, *rest)

    everyone = sum(pupils)
    fair = total / everyone
    least = min(
        sum(p * (r / p - fair) ** 2 for p, r in zip(pupils, way, strict=True)) for way in ways(len(pupils), total)
    )
    return math.sqrt(least / everyone) / fair


def of_sql(catalogue: Catalogue, pupils: list[int], units: list[int]) -> float:
    indicator = next(i for i in catalogue.indicators.values() if i.whole_units).id
    standard = next(s for s in catalogue.standards.values() if s.gap and indicator in s.gap.indicators)
    rule = standard.gap.model_copy(update={"indicators": (indicator,)})  # type: ignore[union-attr]
    one = catalogue.model_copy(update={"standards": {standard.id: standard.model_copy(update={"gap": rule})}})
    wide = pl.DataFrame(
        {
            "place_no": [1] * len(pupils), "school_id": [str(n) for n in range(len(pupils))],
            "pupils": [float(p) for p in pupils], "is_counted_1": [True] * len(pupils),
            f"u_{indicator}": [float(u) for u in units],
        }
    )  # fmt: skip
    place = pl.DataFrame({"place_no": [1], "year": [YEAR], "county_code": ["990101"], "stage": ["primary"]})
    with compute.connect(one) as connection:
        connection.register("indicator_wide", wide.to_arrow())
        connection.register("place", place.to_arrow())
        return float(connection.sql(compute.render("least_gap", one)).pl()["cv_least"].item())


@settings(max_examples=30, deadline=None)
@given(pupils=st.lists(st.integers(1, 60), min_size=2, max_size=4), total=st.integers(1, 12))
def test_the_least_gap_agrees_with_brute_force(catalogue: Catalogue, pupils: list[int], total: int) -> None:
    units = [total, *[0] * (len(pupils) - 1)]
    assert of_sql(catalogue, pupils, units) == pytest.approx(brute_least(pupils, total), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_least_gap_agrees_with_the_divisor_method_on_larger_counties(catalogue: Catalogue, seed: int) -> None:
    draw = random.Random(seed)
    pupils = [draw.choice([draw.randint(10, 80), draw.randint(100, 3000)]) for _ in range(150)]
    units = [draw.randint(0, 9) for _ in pupils]
    frame = pl.DataFrame({"g": 1, "pupils": [float(p) for p in pupils], "units": [float(u) for u in units]})
    assert of_sql(catalogue, pupils, units) == pytest.approx(least_gaps(frame, ["g"])["cv_least"].item(), rel=1e-12)


def test_with_four_units_a_school_chance_alone_is_not_beaten(catalogue: Catalogue) -> None:
    """One unit for four equal schools: whoever has it, the gap is the square root of three."""
    assert of_sql(catalogue, [100] * 4, [1, 0, 0, 0]) == pytest.approx(math.sqrt(3))
    assert json.dumps(of_sql(catalogue, [100] * 4, [4, 0, 0, 0])) == "0.0"

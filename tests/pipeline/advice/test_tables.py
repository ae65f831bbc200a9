"""The tables of advice over counties made by hand: through the shipped SQL, with combined schools and values that are missing."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.advice.judge import Judge
from pipeline.advice.planning import over_limits
from pipeline.advice.reading import cases, county_gaps, of_home
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.tables import python_tables
from tests.pipeline.advice.cases import gap_of
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed, school, stage

YEAR = 2025
UNEVEN, WHOLE, MISSING = "990101", "990102", "990201"
TABLES = ("rotation_plan", "rotation_move", "rotation_side_effect", "spending_plan", "spending_school")
BACKBONE, ROOMS = "backbone_teachers_per_100", "multimedia_rooms_per_100"


def teachers(backbone: float | None) -> dict[str, Any]:
    """Of 40 teachers so many are backbone teachers; of every other kind there is the same everywhere."""
    return {
        "full_time_teachers": 40,
        "backbone_teachers": backbone,
        "pe_teachers": 4,
        "music_teachers": 2,
        "art_teachers": 2,
        "arts_teachers": 0,
    }


def rows(county: str, backbone: list[float | None], groups: list[str | None], rooms: list[float]) -> dict[str, Any]:
    ids = [f"21{county}{n:02}" for n in range(len(backbone))]
    given = zip(ids, rooms, groups, strict=True)
    return {
        "schools": [school(i, multimedia_rooms=m, group_id=g, district_id="d1") for i, m, g in given],
        "stages": [stage(i, "primary", 500, **teachers(b)) for i, b in zip(ids, backbone, strict=True)],
    }


def combined(county: str, rooms: float) -> dict[str, Any]:
    """A nine-year school with 400 pupils in either stage beside a primary and a junior school that have plenty."""
    nine, first, second = f"31{county}90", f"21{county}91", f"31{county}92"
    return {
        "schools": [
            school(nine, "312", multimedia_rooms=rooms), school(first, multimedia_rooms=30), school(second, "311", multimedia_rooms=30),
        ],
        "stages": [
            stage(nine, "primary", 400, **teachers(5)), stage(nine, "junior", 400, **teachers(5)),
            stage(first, "primary", 500, **teachers(5)), stage(second, "junior", 500, **teachers(5)),
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    counties = {
        (YEAR, UNEVEN): rows(UNEVEN, [16, 12, 0, 0], ["g1", "g2", "g1", "g2"], [12, 12, 12, 12]),
        (YEAR, WHOLE): rows(WHOLE, [1, 0, 0, 0], [None] * 4, [12, 12, 12, 12]),
        (YEAR, MISSING): rows(MISSING, [16, 12, None, 0], [None] * 4, [12, 12, 12, 12]),
        (YEAR, "990202"): combined("990202", 2.0),
    }
    made = computed(tmp_path_factory.mktemp("advice"), catalogue, counties, upto="gap_coefficient")
    for name in ("group_membership", *TABLES):
        python_tables.make(name, made, catalogue)
    return made


def test_a_rotation_stays_inside_groups_where_that_takes_no_more_moves(home: Home) -> None:
    plan = only(home, "rotation_plan", county_code=UNEVEN, indicator_id=BACKBONE)
    # 28 over four equal schools, 7 each: a coefficient of 0.5 is Σ (r − 7)² ≤ 49. Seven moves leave 10, 11, 4, 3, which is 50.
    assert (plan["state"], plan["moves_between_groups"], plan["moves_between_districts"]) == ("planned", 0, 0)
    assert (plan["between_gap"], plan["units"], plan["cv_limit"]) == (0, 28, 0.5)
    moves = table(home, "rotation_move", county_code=UNEVEN, indicator_id=BACKBONE)
    assert moves["units"].sum() == plan["moves"] == 8
    assert set(moves["within"]) == {"group"}
    units = {f"21{UNEVEN}{n:02}": u for n, u in enumerate([16, 12, 0, 0])}
    for move in moves.iter_rows(named=True):
        units[move["from_school_id"]] -= move["units"]
        units[move["to_school_id"]] += move["units"]
    assert gap_of(list(units.values()), [500] * 4) == pytest.approx(plan["cv_after"], rel=1e-12)
    assert sum((u - 7) ** 2 for u in units.values()) <= 49


def test_one_teacher_for_four_schools_cannot_be_spread(home: Home) -> None:
    plan = only(home, "rotation_plan", county_code=WHOLE, indicator_id=BACKBONE)
    assert (plan["state"], plan["moves"]) == ("whole_units", None)
    assert plan["cv_least"] == pytest.approx(3**0.5)
    assert "1.732" in plan["reason_zh"]
    more = only(home, "spending_plan", county_code=WHOLE, indicator_id=BACKBONE)
    # Five each is the standard of 1 per 100 and leaves nothing unequal.
    assert (more["units_to_standard"], more["units"], more["units_distance"], more["cv_after"]) == (19, 19, 0, 0)


def test_a_school_without_a_value_is_named_and_nothing_is_planned(home: Home) -> None:
    plan = only(home, "rotation_plan", county_code=MISSING, indicator_id=BACKBONE)
    assert (plan["state"], plan["schools_missing"], plan["units"], plan["moves"]) == ("incomplete", 1, None, None)
    assert f"21{MISSING}02" in plan["reason_zh"] and f"21{MISSING}02" in plan["reason_en"]
    assert table(home, "spending_plan", county_code=MISSING, indicator_id=BACKBONE).height == 0


def test_a_combined_schools_stage_gets_its_part_of_what_the_school_adds(home: Home) -> None:
    for name, share, need in (("primary", 1 / 2.1, 2.3), ("junior", 1.1 / 2.1, 2.4)):
        plan = only(home, "spending_plan", county_code="990202", indicator_id=ROOMS, stage=name)
        (added,) = table(home, "spending_school", county_code="990202", indicator_id=ROOMS, stage=name).to_dicts()
        assert added["units_now"] == pytest.approx(2 * share)
        assert float(added["units_school"]).is_integer()
        assert added["units_added"] == pytest.approx(added["units_school"] * share)
        assert added["value_after"] >= need * (1 - 1e-9) > added["value_before"]
        assert added["value_after"] - share / 4 < max(need, plan["level"] or 0)
        assert plan["units_school"] == added["units_school"] and plan["units"] == added["units_added"]
        assert plan["units_distance"] == pytest.approx(plan["units"] - plan["units_least"])
        assert plan["cv_after"] <= plan["cv_limit"]


def test_side_effects_are_told_for_the_standards_other_counts_of_teachers(home: Home, catalogue: Catalogue) -> None:
    effects = table(home, "rotation_side_effect", county_code=UNEVEN, indicator_id=BACKBONE)
    standard = catalogue.standards["quality-2017"]
    assert standard.gap is not None
    others = {i for i in standard.gap.indicators if catalogue.indicators[i].whole_units and i != BACKBONE}
    assert set(effects["other_indicator_id"]) == others
    arts = effects.filter(effects["other_indicator_id"] == "pe_arts_teachers_per_100").row(0, named=True)
    assert arts["cv_before"] == 0 and 0 < arts["cv_average"] <= arts["cv_all"]
    degrees = effects.filter(effects["other_indicator_id"] == "above_degree_teachers_per_100").row(0, named=True)
    assert degrees["cv_average"] is None and not degrees["is_turned"]


def test_two_runs_agree_to_the_bit_and_cases_do_not_hang_on_the_order_of_rows(home: Home, catalogue: Catalogue) -> None:
    for name in TABLES:
        before = home.table(name).read_bytes()
        python_tables.make(name, home, catalogue)
        assert home.table(name).read_bytes() == before
    gaps = over_limits(county_gaps(of_home(home)))
    first = {c.county_code + c.stage + c.indicator_id: c for c in cases(of_home(home), catalogue, gaps)}
    again = {c.county_code + c.stage + c.indicator_id: c for c in cases(of_home(home), catalogue, gaps.reverse())}
    assert first == again and len(first) == gaps.height


def test_the_judge_computes_what_the_table_says(home: Home, catalogue: Catalogue) -> None:
    gaps = county_gaps(of_home(home))
    whole = gaps.filter((gaps["schools_missing"] == 0) & gaps["cv"].is_not_null() & gaps["cv_limit"].is_not_null())
    with Judge(catalogue) as judge:
        for case in cases(of_home(home), catalogue, whole):
            cv = judge.cv([s.value for s in case.schools], [s.pupils for s in case.schools])
            assert cv == pytest.approx(case.cv, rel=1e-12, abs=1e-15)

"""Whole rotations: every reason why there is none, the donors' limits, and what the pipeline says after the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.advice.county import Case, Other
from pipeline.advice.judge import Judge
from pipeline.advice.rotation import Wishes, can_be_given, fewest_units, rotation
from pipeline.advice.side_effects import side_effects
from pipeline.schema import Catalogue, load_catalogue
from tests.pipeline.advice.cases import TOLERANCE, case, counties, gap_of, wishes


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def judge(catalogue: Catalogue) -> Iterator[Judge]:
    with Judge(catalogue) as opened:
        yield opened


def state(asked: Case, **given: object) -> str:
    return rotation(asked, wishes(asked.limit, **given)).state


def test_a_county_within_its_limit_needs_nothing() -> None:
    assert state(case([3, 1], [100, 100], 0.5)) == "within_limit"


def test_there_is_no_plan_while_a_school_has_no_value() -> None:
    assert state(case([9, 0], [100, 100], 0.5, schools_missing=1, missing=("s9",))) == "incomplete"
    assert state(case([9, 0], [100, 100], 0.5, state="incomplete")) == "incomplete"


def test_missing_values_that_cannot_turn_the_verdict_leave_nothing_to_do() -> None:
    assert state(case([3, 3], [100, 100], 0.5, schools_missing=1, cv_high=0.4)) == "within_limit"


def test_one_school_cannot_exchange_with_itself() -> None:
    assert state(case([3], [100], 0.5, state="single_school")) == "single_school"


def test_where_there_is_nobody_nobody_can_move() -> None:
    assert state(case([0, 0], [100, 100], 0.5, state="zero_mean")) == "zero_mean"


def test_without_schools_there_is_nothing_to_plan() -> None:
    assert state(case([], [], 0.5, state="no_schools", cv=None)) == "no_schools"


def test_whole_persons_cannot_always_be_spread_evenly_enough() -> None:
    made = rotation(case([1, 0, 0], [100, 100, 100], 0.5, cv_least=2**0.5), wishes(0.5))
    assert (made.state, made.moves) == ("whole_units", ())
    assert made.cv_reachable == pytest.approx(2**0.5)


def test_donors_that_must_stay_at_the_standard_can_forbid_a_plan() -> None:
    # 4 and 1 per 100 pupils; the donor must keep 4.
    made = rotation(case([4, 1], [100, 100], 0.2, threshold=4.0), wishes(0.2))
    assert made.state == "donors"
    assert made.moves_without_limits == 1
    assert made.cv_reachable == pytest.approx(0.6)


def test_schools_that_must_keep_a_share_can_forbid_a_plan() -> None:
    assert state(case([4, 1], [100, 100], 0.2), keep=0.8) == "donors"
    assert state(case([4, 1], [100, 100], 0.2), keep=0.75) == "planned"


def test_where_units_do_not_go_by_pupils_moving_changes_the_mean_and_nothing_is_planned() -> None:
    asked = case([9, 0], [100, 100], 0.5)
    first, second = asked.schools
    assert state(replace(asked, schools=(first, replace(second, denominator=7.0)))) == "not_by_pupils"


@pytest.mark.parametrize("pupils", range(50, 3001, 50))
def test_a_donor_may_go_down_to_the_standard_exactly(pupils: int) -> None:
    # 0.9 per 100 pupils: a school of 1,000 needs 9, of 50 needs 1.
    school = case([100, 0], [pupils, 100], 0.5, threshold=0.9).schools[0]
    need = -(-9 * pupils // 1000)
    assert fewest_units(school, 1.0, TOLERANCE) == need
    assert can_be_given(school, 1.0, wishes(0.5)) == max(0, 100 - need)


def test_a_school_below_the_standard_gives_nobody() -> None:
    school = case([3, 0], [1000, 100], 0.5, threshold=0.9).schools[0]
    assert can_be_given(school, 1.0, wishes(0.5)) == 0


@settings(max_examples=200, deadline=None)
@given(counties(most=8, largest=25), st.sampled_from([0.15, 0.3, 0.45, 0.5]), st.sampled_from([None, 0.5, 1.0]))
def test_after_the_plan_the_pipelines_own_function_finds_the_limit_kept(
    judge: Judge, county: tuple[list[int], list[int]], limit: float, threshold: float | None
) -> None:
    asked = case(*county, limit, threshold=threshold)
    made = rotation(asked, wishes(limit))
    if made.state != "planned":
        return
    pupils = [s.pupils for s in asked.schools]
    cv = judge.cv(asked.values(made.units_after), pupils)
    assert judge.within(cv, limit)
    assert cv == pytest.approx(gap_of(made.units_after, county[1]), rel=1e-9, abs=1e-12)
    for school, after in zip(asked.schools, made.units_after, strict=True):
        if after < school.units and threshold is not None:
            assert after / (school.pupils / 100) >= threshold * (1 - 1e-9)


@pytest.mark.parametrize(
    ("decimals", "limit", "largest"),
    [(None, 0.5, 0.5 * (1 + TOLERANCE)), (3, 0.5, 0.5005), (3, 0.45, 0.4505), (2, 0.456, 0.455), (1, 0.5, 0.55)],
)
def test_with_a_rounding_setting_the_limit_reaches_to_the_half_step(
    catalogue: Catalogue, decimals: int | None, limit: float, largest: float
) -> None:
    settings_ = catalogue.settings | {
        "decimals_cv": catalogue.settings["decimals_cv"].model_copy(update={"value": decimals})
    }
    with Judge(catalogue.model_copy(update={"settings": settings_})) as judge:
        found = judge.largest(limit)
        assert found == pytest.approx(largest, abs=1e-11)
        assert judge.within(found, limit)
        assert not judge.within(found + 3e-12 + found * 1e-8, limit)


def other(units: list[float], of: list[float], **given: object) -> Other:
    thresholds = given.get("thresholds", [None] * len(units))
    return Other("others_per_100", 1.0, tuple(units), tuple(of), tuple(thresholds), given.get("cv", 0.1), 0.5)  # type: ignore[arg-type]


def test_who_moves_is_counted_elsewhere_at_the_donors_average_or_wholly(catalogue: Catalogue) -> None:
    asked = case([8, 0], [400, 400], 0.5, others=(other([5, 5], [20, 10], thresholds=[1.0, 1.0]),))
    made = rotation(asked, Wishes(0.5, TOLERANCE))
    assert made.moved == 2
    with Judge(catalogue) as judge:
        (effect,) = side_effects(asked, made, judge)
    # two of 20 leave: on average half a person of the other five, at most two.
    assert effect.cv_average == pytest.approx(gap_of([4.5, 5.5], [400, 400]))
    assert effect.cv_all == pytest.approx(gap_of([3, 7], [400, 400]))
    assert (effect.schools_below_before, effect.schools_below_all) == (0, 1)
    assert not effect.is_certain


def test_a_count_of_the_whole_body_moves_person_by_person(catalogue: Catalogue) -> None:
    asked = case([8, 0], [400, 400], 0.5, others=(other([20, 20], [20, 20]),))
    with Judge(catalogue) as judge:
        (effect,) = side_effects(asked, rotation(asked, Wishes(0.5, TOLERANCE)), judge)
    assert effect.is_certain
    assert effect.cv_average == effect.cv_all == pytest.approx(gap_of([18, 22], [400, 400]))


def test_who_leaves_a_school_where_all_count_is_counted_for_certain(catalogue: Catalogue) -> None:
    for units, certain in (([20, 5], True), ([19, 10], False)):
        asked = case([8, 0], [400, 400], 0.5, others=(other(units, [20, 10]),))
        with Judge(catalogue) as judge:
            (effect,) = side_effects(asked, rotation(asked, Wishes(0.5, TOLERANCE)), judge)
        assert effect.is_certain is certain


def test_an_unknown_value_elsewhere_leaves_the_side_effect_unknown(catalogue: Catalogue) -> None:
    unknown = replace(other([5, 5], [20, 10]), units=(5.0, None))
    asked = case([8, 0], [400, 400], 0.5, others=(unknown,))
    with Judge(catalogue) as judge:
        (effect,) = side_effects(asked, rotation(asked, Wishes(0.5, TOLERANCE)), judge)
        assert effect.cv_average is effect.cv_all is None
        assert not effect.is_turned(judge)

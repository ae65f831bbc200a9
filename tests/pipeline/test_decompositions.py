"""Gaps taken apart: parts add up, agree with the text book in extended precision, and behave as a decomposition must."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipeline.decomposed import AREAS, LEVELS, REST, Made, School, Taken, one_indicator, textbook

PROPERTIES = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = (None, "a", "b", "c")
COLUMNS = {
    "cv2": "cv2", "b": "cv2_between", "w": "cv2_within", "t": "theil_t", "tb": "theil_t_between", "tw": "theil_t_within",
    "l": "theil_l", "lb": "theil_l_between", "lw": "theil_l_within",
}  # fmt: skip
"""Sums of the text book → columns."""

pupils = st.integers(1, 5_000)
above_zero = st.floats(0.01, 1e5)
values = st.one_of(st.just(0.0), above_zero)
counties = st.sampled_from(sorted(LEVELS))
kinds = st.sampled_from(KINDS)
schools = st.lists(st.tuples(counties, kinds, pupils, values), min_size=1, max_size=25)


@pytest.fixture(scope="module")
def taken() -> Taken:
    return Taken(one_indicator())


def ways(area: str) -> tuple[str, ...]:
    return {"0": ("kind", "province"), "99": ("kind", "prefecture", "county")}.get(
        area, ("kind",) if area in LEVELS else ("kind", "county")
    )


def classes_by_hand(rows: Sequence[School], area: str, divided_by: str) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for county, kind, weight, value in rows:
        if county in AREAS[area] and value is not None:
            name = {"kind": kind or REST, "county": county, "prefecture": LEVELS[county], "province": "99"}[divided_by]
            found.setdefault(name, []).append((weight, value))
    return found


def close(a: float | None, b: float | None, tolerance: float = 1e-9) -> bool:
    """Equal to the tolerance; what is below 1e-15 of a whole mean is nothing."""
    if a is None or b is None:
        return a is None and b is None
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-15)


@PROPERTIES
@given(schools)
def test_every_area_and_way_agrees_with_the_text_book(taken: Taken, rows: list[School]) -> None:
    made = taken(rows)
    assert {(r["area_code"], r["divided_by"]) for r in made.whole} == {(a, w) for a in AREAS for w in ways(a)}
    for area in AREAS:
        for way in ways(area):
            found, parts = made.of(area, way), classes_by_hand(rows, area, way)
            assert found["classes"] == len(parts)
            by_hand = textbook(parts) if parts else {}
            for name, column in COLUMNS.items():
                assert close(found[column], by_hand.get(name)), (area, way, column, found[column], by_hand.get(name))


@PROPERTIES
@given(schools)
def test_between_and_within_add_up_to_1e_12(taken: Taken, rows: list[School]) -> None:
    for row in taken(rows).whole:
        if row["cv"] is not None:
            assert close(row["cv2_between"] + row["cv2_within"], row["cv"] ** 2, 1e-12)
            if row["cv2"] > 1e-12:
                assert 0 <= row["share_between"] <= 1


@PROPERTIES
@given(schools)
def test_rows_of_classes_add_up_to_the_whole(taken: Taken, rows: list[School]) -> None:
    made = taken(rows)
    for row in made.whole:
        parts = made.classes_of(row["area_code"], row["divided_by"]).values()
        assert row["classes"] == len(parts)
        if row["cv"] is None:
            continue
        assert sum(p["schools"] for p in parts) == row["schools"]
        assert close(sum(p["pupils_share"] for p in parts), 1, 1e-12)
        for column in ("cv2_between", "cv2_within", "theil_t_between", "theil_t_within"):
            assert close(sum(p[column] for p in parts), row[column], 1e-12)
        for part in parts:
            f, r = part["pupils_share"], part["mean_ratio"]
            assert close(part["cv2_between"], f * (r - 1) ** 2)
            assert close(part["cv2_within"], f * r**2 * (part["cv"] or 0.0) ** 2)
            assert close(part["theil_t_within"], f * r * (part["theil_t"] or 0.0))


@PROPERTIES
@given(st.lists(st.tuples(counties, st.just("a"), pupils, values), min_size=1, max_size=20))
def test_one_class_has_nothing_between(taken: Taken, rows: list[School]) -> None:
    made = taken(rows)
    for area in AREAS:
        row = made.of(area, "kind")
        if row["cv"] is not None:
            assert (row["classes"], row["cv2_between"], row["theil_t_between"]) == (1, 0.0, 0.0)
            assert row["theil_l_between"] in (0.0, None)


@PROPERTIES
@given(st.lists(st.tuples(counties, pupils, values), min_size=1, max_size=20))
def test_classes_of_one_school_have_nothing_within(taken: Taken, rows: list[tuple[str, int, float]]) -> None:
    made = taken([(county, str(i), p, x) for i, (county, p, x) in enumerate(rows)])
    for area in AREAS:
        row = made.of(area, "kind")
        if row["cv"] is not None:
            assert (row["cv2_within"], row["theil_t_within"]) == (0.0, 0.0)
            assert close(row["cv2_between"], row["cv"] ** 2, 1e-12)


@PROPERTIES
@given(above_zero, st.lists(st.tuples(counties, kinds, pupils), min_size=2, max_size=25))
def test_equal_values_have_no_gap_to_take_apart(
    taken: Taken, value: float, places: list[tuple[str, str | None, int]]
) -> None:
    for row in taken([(county, kind, p, value) for county, kind, p in places]).whole:
        if row["schools"]:
            assert {row[column] for column in COLUMNS.values()} == {0.0}
            assert row["share_between"] is None


def unchanged(before: Made, after: Made) -> None:
    for row in before.whole:
        other = after.of(row["area_code"], row["divided_by"])
        for column in COLUMNS.values():
            assert close(row[column], other[column]), column


@PROPERTIES
@given(schools, st.floats(1e-3, 1e3))
def test_scaling_every_value_changes_nothing(taken: Taken, rows: list[School], factor: float) -> None:
    unchanged(taken(rows), taken([(c, k, p, x * factor) for c, k, p, x in rows]))


@PROPERTIES
@given(schools)
def test_replicating_every_school_changes_nothing(taken: Taken, rows: list[School]) -> None:
    unchanged(taken(rows), taken(rows * 3))


@PROPERTIES
@given(schools, kinds, pupils, pupils, above_zero)
def test_merging_two_schools_of_a_class_with_equal_ratios_changes_nothing(
    taken: Taken, others: list[School], kind: str | None, first: int, second: int, value: float
) -> None:
    apart = taken([*others, ("990101", kind, first, value), ("990101", kind, second, value)])
    unchanged(taken([*others, ("990101", kind, first + second, value)]), apart)


@PROPERTIES
@given(schools)
def test_a_finer_division_explains_at_least_as_much(taken: Taken, rows: list[School]) -> None:
    made = taken(rows)
    coarse, fine = made.of("99", "prefecture"), made.of("99", "county")
    if coarse["cv"] is not None:
        assert coarse["cv2_between"] <= fine["cv2_between"] * (1 + 1e-9) + 1e-15


@PROPERTIES
@given(
    st.lists(st.tuples(counties, kinds, pupils, st.floats(-1, 1)), min_size=3, max_size=25),
    st.sampled_from([0.3, 1e-2, 1e-4]),
)
def test_small_gaps_are_taken_apart_as_exactly_as_large_ones(
    taken: Taken, rows: list[tuple[str, str | None, int, float]], size: float
) -> None:
    given_schools = [(county, kind, p, 7.0 * (1 + size * wobble)) for county, kind, p, wobble in rows]
    found, by_hand = taken(given_schools).of("0", "kind"), textbook(classes_by_hand(given_schools, "0", "kind"))
    for name, column in COLUMNS.items():  # the text book itself is good to about 1e-19 / size
        assert math.isclose(found[column], by_hand[name] or 0.0, rel_tol=1e-9, abs_tol=1e-17), column


# -- states ------------------------------------------------------------------------------------------------------------


def test_schools_without_a_class_are_a_class_of_their_own(taken: Taken) -> None:
    classes = taken([("990101", None, 10, 1.0), ("990101", "a", 30, 3.0)]).classes_of("990101", "kind")
    assert set(classes) == {"a", REST}
    assert (classes[REST]["class_en"], classes["a"]["class_en"]) == ("class", "a")
    assert math.isclose(classes[REST]["mean_ratio"], 1 / 2.5)


def test_theils_l_of_a_zero_is_told_and_not_made_up(taken: Taken) -> None:
    made = taken([("990101", "a", 10, 0.0), ("990101", "a", 10, 2.0), ("990101", "b", 10, 3.0)])
    row = made.of("990101", "kind")
    assert (row["state"], row["theil_l_state"], row["theil_l"], row["theil_l_within"]) == (
        "ok", "zero_value", None, None,
    )  # fmt: skip
    means = [(20.0, 1.0), (10.0, 3.0)]
    assert math.isclose(row["theil_l_between"], -sum(p / 30 * math.log(x * 30 / 50) for p, x in means))
    assert row["theil_t"] is not None
    assert made.of("990101", "kind")["theil_t"] > 0
    assert taken([("990101", "a", 9, 0.0), ("990101", "b", 9, 2.0)]).of("990101", "kind")["theil_l_between"] is None


def test_a_county_whose_values_are_all_zero_has_no_parts(taken: Taken) -> None:
    row = taken([("990101", "a", 10, 0.0), ("990101", "b", 10, 0.0)]).of("990101", "kind")
    assert (row["state"], row["theil_l_state"], row["classes"]) == ("zero_mean", "zero_mean", 2)
    assert {row[column] for column in COLUMNS.values()} == {None}


def test_schools_without_a_value_are_counted_and_in_no_class(taken: Taken) -> None:
    made = taken([("990101", "a", 50, 1.0), ("990101", "a", 40, 2.0), ("990101", "b", 10, None)])
    row = made.of("990101", "kind")
    assert (row["state"], row["schools_missing"], row["pupils_missing"]) == ("incomplete", 1, 10.0)
    assert (row["classes"], row["schools"]) == (1, 2)


def test_a_county_of_one_school_and_a_county_without_schools(taken: Taken) -> None:
    made = taken([("990101", "a", 50, 1.0)])
    assert (made.of("990101", "kind")["state"], made.of("990101", "kind")["cv2_within"]) == ("single_school", 0.0)
    empty = made.of("990201", "kind")
    assert (empty["classes"], empty["schools"], empty["cv2_between"]) == (0, 0, None)


def test_counties_in_no_prefecture_are_a_class_and_a_province_without_prefectures_is_not_divided_by_them() -> None:
    province = [("99", "province", ""), ("990001", "county", "99"), ("990002", "county", "99")]
    rows: list[School] = [("990001", None, 10, 1.0), ("990002", None, 10, 3.0)]
    assert {r["divided_by"] for r in Taken(one_indicator(province))(rows).whole if r["area_code"] == "99"} == {
        "county", "kind",
    }  # fmt: skip
    mixed = [*province[:2], ("9901", "prefecture", "99"), ("990002", "county", "9901")]
    classes = Taken(one_indicator(mixed))(rows).classes_of("99", "prefecture")
    assert {code: row["class_en"] for code, row in classes.items()} == {"none": "in no prefecture", "9901": "9901"}

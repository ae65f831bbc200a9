"""Change since last year: followed through changes of boundaries, divided exactly, agreeing with the ranking where both speak.

Coefficients of merged and divided counties are recomputed from the schools' rows with ``tests.oracles``, which share nothing with the
product; the parts of a change as the mean over both orders in which two factors can change.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.schema import Catalogue
from pipeline.store.home import Home
from pipeline.years.effects import EFFECTS, corners_of, with_effects
from pipeline.years.standing import crossing, standings
from pipeline.years.words import _all, reason
from tests.oracles import weighted_cv
from tests.pipeline import grown
from tests.pipeline.chain import only, table
from tests.pipeline.grown import NOW, THEN, school_id

KEY = ["year", "standard_id", "measure", "stage", "county_code"]
STAGE, ROOMS, BASIC, QUALITY = "primary", "teaching_rooms_sqm_per_pupil", "basic-2012", "quality-2017"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return grown.grown_catalogue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    return grown.grown_home(tmp_path_factory.mktemp("grown") / "home", catalogue)


def rooms_gap(numbers: list[int], pupils_year: int, rooms_year: int) -> float:
    """The coefficient of teaching rooms over schools by number, from what was drawn for them."""
    pupils = [grown.pupils_of(n, pupils_year) for n in numbers]
    values = [grown.rooms_of(n, rooms_year) / p for n, p in zip(numbers, pupils, strict=True)]
    return weighted_cv(values, pupils).cv


def gap_row(home: Home, county: str) -> dict[str, Any]:
    return only(
        home, "county_gap_change", year=NOW, standard_id=BASIC, stage=STAGE, county_code=county, indicator_id=ROOMS
    )


# -- boundaries ------------------------------------------------------------------------------------------------------------


def test_a_merged_county_is_compared_with_all_its_schools_of_last_year_together(home: Home) -> None:
    row, numbers = gap_row(home, grown.TAKES_IN), grown.PLACES[NOW][grown.TAKES_IN]
    assert (row["state"], row["kind"], row["county_before"]) == (
        "comparable",
        "merge",
        f"{grown.TAKES_IN}+{grown.TAKEN}",
    )
    assert row["cv_before"] == pytest.approx(rooms_gap(numbers, THEN, THEN), rel=1e-12)
    assert grown.TAKEN in row["reason_en"] and "合并" in row["reason_zh"]


@pytest.mark.parametrize("county", [grown.DIVIDES, grown.NEW_HALF])
def test_a_half_is_compared_with_the_schools_that_stand_in_it_today(home: Home, county: str) -> None:
    row = gap_row(home, county)
    assert (row["state"], row["kind"], row["county_before"]) == ("comparable", "split", grown.DIVIDES)
    assert row["cv_before"] == pytest.approx(rooms_gap(grown.PLACES[NOW][county], THEN, THEN), rel=1e-12)


def test_a_new_code_is_the_same_county(home: Home) -> None:
    then = only(
        home, "gap_coefficient", year=THEN, standard_id=BASIC, area_code=grown.OLD_CODE, stage=STAGE, indicator_id=ROOMS
    )
    row = gap_row(home, grown.NEW_CODE)
    assert (row["state"], row["kind"], row["cv_before"]) == ("comparable", "recode", then["cv"])
    measure = only(
        home, "county_change", year=NOW, standard_id=BASIC, measure="mean_cv", stage=STAGE, county_code=grown.NEW_CODE
    )
    assert measure["first_year"] == THEN and measure["change_first"] == measure["change"]


@pytest.mark.parametrize("county", [grown.LOSES, grown.HALF_OF_LOST])
def test_a_division_that_lost_track_of_a_school_breaks_the_comparison(home: Home, county: str) -> None:
    for name in ("county_change", "county_gap_change"):
        rows = table(home, name, year=NOW, county_code=county)
        assert set(rows["state"]) == {"broken"} and set(rows["kind"]) == {"split"}
        said = [c for c in rows.columns if "change" in c or c in ("value_before", "cv_before", "cause_indicator")]
        assert rows.select(pl.all_horizontal(pl.col(said).is_null())).to_series().all()
        assert rows["reason_en"].str.contains("of last year's schools of 990108, 1 stand in none").all()


def test_measures_of_a_merged_county_are_those_of_the_ranking_over_the_pooled_schools(home: Home) -> None:
    rows = table(home, "school_score", year=THEN, standard_id=QUALITY)
    pooled = rows.filter(pl.col("county_code").is_in([grown.TAKES_IN, grown.TAKEN]))
    row = only(
        home, "county_change", year=NOW, standard_id="school-20", measure="mean_score", stage=STAGE, county_code=grown.TAKES_IN
    )  # fmt: skip
    scores = table(home, "school_score", year=THEN, standard_id="school-20").join(pooled, on="school_id", how="semi")
    assert row["value_before"] == pytest.approx(scores["score"].mean(), rel=1e-12)
    share = only(
        home, "county_change", year=NOW, standard_id=QUALITY, measure="share_meeting", stage=STAGE, county_code=grown.TAKES_IN
    )  # fmt: skip
    assert share["value_before"] == pooled["meets_standard"].sum() / pooled.height


def test_the_first_year_has_nothing_before_it(home: Home) -> None:
    rows = table(home, "county_change", year=THEN)
    assert set(rows["state"]) == {"no_year_before"} and rows["county_before"].null_count() == rows.height
    assert rows["reason_en"].str.contains("holds nothing of 2023").all()
    assert rows["pupils_stayed_pct"].null_count() == rows.height and set(rows["schools_stayed"]) == {0}


# -- agreement with the ranking ----------------------------------------------------------------------------------------------


def test_value_before_and_cause_are_those_of_the_ranking_wherever_it_gives_them(home: Home) -> None:
    both = table(home, "county_ranking").join(table(home, "county_change"), on=KEY, suffix="_here", validate="1:1")
    assert both.height == table(home, "county_ranking").height == table(home, "county_change").height
    assert both["value"].equals(both["value_here"]) and both["state"].equals(both["state_now"])
    spoken = both.filter(pl.col("value_before").is_not_null())
    assert spoken.height and spoken["value_before"].equals(spoken["value_before_here"])
    assert spoken["cause_indicator"].equals(spoken["cause_indicator_here"])
    assert spoken["cause_indicator"].drop_nulls().len() > 3, "there is something to agree on"


# -- what a change is made of ------------------------------------------------------------------------------------------------


def test_the_parts_of_a_change_are_the_mean_over_both_orders_and_add_up(home: Home) -> None:
    row = gap_row(home, grown.STAYS)
    now, then = grown.PLACES[NOW][grown.STAYS], grown.PLACES[THEN][grown.STAYS]
    common = [n for n in now if n in then]
    f = {(p, r): rooms_gap(common, p, r) for p in (THEN, NOW) for r in (THEN, NOW)}
    pupils = ((f[NOW, NOW] - f[THEN, NOW]) + (f[NOW, THEN] - f[THEN, THEN])) / 2
    resources = ((f[NOW, NOW] - f[NOW, THEN]) + (f[THEN, NOW] - f[THEN, THEN])) / 2
    roster = (rooms_gap(now, NOW, NOW) - f[NOW, NOW]) - (rooms_gap(then, THEN, THEN) - f[THEN, THEN])
    assert [row[e] for e in EFFECTS] == pytest.approx([roster, pupils, resources], abs=1e-14)
    assert abs(roster) > 1e-4 and abs(pupils) > 1e-6 and abs(resources) > 1e-6


def test_the_parts_add_up_in_every_row(home: Home) -> None:
    gaps = table(home, "county_gap_change", state="comparable")
    assert (gaps["change"] - gaps.select(pl.sum_horizontal(EFFECTS)).to_series()).abs().max() < 1e-12
    rows = table(home, "county_change", state="comparable")
    assert (rows["change"] - rows["change_roster"] - rows["change_stayed"]).abs().max() < 1e-12
    inner = rows.drop_nulls("change_pupils")
    assert (inner["change_stayed"] - inner["change_pupils"] - inner["change_resources"]).abs().max() < 1e-12
    stayed = table(home, "county_change", state="comparable", schools_joined=0, schools_left=0)
    assert set(stayed["change_roster"]) <= {0.0}


COUNTS = st.lists(
    st.tuples(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 500), st.integers(1, 500)),
    min_size=1,
    max_size=6,
)


def school_rows(schools: list[tuple[int, int]]) -> pl.DataFrame:
    """Rows of one county's schools: pupils and resources."""
    place = {"year": 2025, "standard_id": "a", "stage": "b", "county_code": "c", "indicator_id": "d"}
    return pl.DataFrame(
        [place | {"school_id": str(i), "pupils": float(p), "numerator": float(r), "denominator": p / 100} for i, (p, r) in enumerate(schools)]
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(COUNTS)
def test_a_change_divides_exactly_and_what_did_not_change_has_no_part(drawn: list[tuple[int, int, int, int]]) -> None:
    then, now = school_rows([(p, r) for p, _, r, _ in drawn]), school_rows([(p, r) for _, p, _, r in drawn])
    made = with_effects(corners_of(now, then)).row(0, named=True)
    values = [100 * r / p for _, p, _, r in drawn]
    assert made["now"] == pytest.approx(weighted_cv(values, [p for _, p, _, _ in drawn]).cv, rel=1e-9, abs=1e-9)
    assert made["change_pupils"] + made["change_resources"] == pytest.approx(made["now"] - made["then"], abs=1e-12)
    assert made["change_roster"] == 0.0
    moved = with_effects(corners_of(school_rows([(p, r) for _, p, r, _ in drawn]), then)).row(0, named=True)
    assert moved["change_resources"] == 0.0
    built = with_effects(corners_of(school_rows([(p, r) for p, _, _, r in drawn]), then)).row(0, named=True)
    assert built["change_pupils"] == 0.0


# -- limits ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "state", "within"),
    [
        (0.64, 0.64, "ok", True),
        (0.65, 0.65, "ok", True),
        (0.66, 0.66, "ok", False),
        (0.6, 0.7, "incomplete", None),
        (None, None, "incomplete", None),
        (0.0, 0.0, "single_school", None),
        (0.7, 0.7, "zero_mean", None),
    ],
)
def test_a_composite_is_within_its_limit_only_if_the_missing_cannot_turn_it(
    catalogue: Catalogue, low: float | None, high: float | None, state: str, within: bool | None
) -> None:
    gap = catalogue.standards[BASIC].gap
    assert gap is not None
    rows = [(NOW, BASIC, STAGE, "c", name, None, low, high, state) for name in gap.indicators]
    names = ["year", "standard_id", "stage", "county_code", "indicator_id", "is_met", "cv_low", "cv_high", "state"]
    kinds = dict(zip(names, [pl.Int64, *[pl.String] * 4, pl.Boolean, pl.Float64, pl.Float64, pl.String], strict=True))
    made = standings(pl.DataFrame(rows, schema=kinds, orient="row"), catalogue)
    mean = made.filter((pl.col("measure") == "mean_cv") & (pl.col("stage") == STAGE)).row(0, named=True)
    worst = made.filter((pl.col("measure") == "worst_ratio") & (pl.col("stage") == STAGE)).row(0, named=True)
    assert (mean["value_limit"], mean["is_within"]) == (0.65, within)
    assert (worst["value_limit"], worst["is_within"]) == (1.0, within)


def test_a_limit_is_crossed_in_or_out_and_unknown_where_a_side_is() -> None:
    rows = [
        (1.0, True, True),
        (1.0, True, False),
        (1.0, False, True),
        (1.0, False, False),
        (1.0, None, True),
        (None, True, True),
    ]
    frame = pl.DataFrame(rows, schema={"limit": pl.Float64, "now": pl.Boolean, "then": pl.Boolean}, orient="row")
    assert frame.select(crossing("limit", "now", "then").alias("c"))["c"].to_list() == [
        "stayed_within", "came_within", "went_over", "stayed_over", "unknown", "no_limit",
    ]  # fmt: skip


def test_every_reason_is_a_sentence_in_both_languages_without_holes() -> None:
    row = dict.fromkeys(["before", "county", "state_now", "state_before", "kind", "stayed", "limit"], "x")
    for name in _all():
        said = reason(name, row | {"year": NOW, "year_before": THEN, "lost": 1})
        assert said is not None and said.zh and said.en and not {"{", "}"} & set(said.zh + said.en)


# -- weak schools --------------------------------------------------------------------------------------------------------------


def weak(home: Home, number: int, **where: object) -> dict[str, Any]:
    return only(home, "weak_school", standard_id=QUALITY, school_id=school_id(number), area_level="province", **where)


def test_weak_schools_rise_stay_fall_and_close(home: Home) -> None:
    states = {n: (weak(home, n, year=NOW)["state"], weak(home, n, year=NOW)["reason"]) for n in (1, 2, 3, 31, 32)}
    assert states == {
        1: ("still", None), 2: ("risen", None), 3: ("new", None), 31: ("left", None), 32: ("unknown", "not_ranked_before"),
    }  # fmt: skip
    assert weak(home, 1, year=THEN)["reason"] == "no_year_before"
    risen, ranked = weak(home, 2, year=NOW), table(home, "school_score", year=NOW, standard_id=QUALITY, stage=STAGE)
    assert risen["score_change"] == risen["score"] - risen["score_before"] > 0
    assert (risen["place"], risen["schools"]) == (1, ranked.height)
    both = table(home, "school_score", year=THEN, standard_id=QUALITY, stage=STAGE).join(ranked, on="school_id")
    places = [
        1 + (both[c] > both.filter(pl.col("school_id") == school_id(2))[c].item()).sum()
        for c in ("score", "score_right")
    ]
    assert risen["place_change"] == places[0] - places[1] > 0


def test_at_most_a_tenth_is_weak_and_of_few_or_equal_schools_none(home: Home) -> None:
    for year in (THEN, NOW):
        ranked = table(home, "school_score", year=year, standard_id=QUALITY, stage=STAGE).height
        found = table(home, "weak_school", year=year, standard_id=QUALITY, is_weak=True)
        assert set(found["area_level"]) == {"province"}, "no county has ten schools"
        assert found.height == 3 <= ranked / 10
        assert set(found["school_id"]) == {school_id(n) for n in grown.POOR[year]}, (
            "the many with full scores are equal"
        )


# -- town and country --------------------------------------------------------------------------------------------------------


def settled(home: Home, settlement: str, year: int = NOW) -> dict[str, Any]:
    return only(home, "settlement_pressure", year=year, county_code=grown.STAYS, stage=STAGE, settlement=settlement)


def test_crowding_is_counted_class_by_class(home: Home) -> None:
    city = settled(home, "city")
    pupils = [grown.pupils_of(n, NOW) for n in (1, 2)]
    assert (city["schools"], city["pupils"], city["classes"]) == (2, sum(pupils), 24)
    assert (city["classes_over_limit"], city["over_limit_pct"]) == (2, pytest.approx(200 / 24))
    assert city["pupils_per_class"] == pytest.approx(sum(pupils) / 24)
    assert city["pupils_change_pct"] == pytest.approx(
        100 * (sum(pupils) / sum(grown.pupils_of(n, THEN) for n in (1, 2)) - 1)
    )
    assert (city["schools_over_size"], city["schools_of_known_size"]) == (0, 2)
    rows = table(home, "settlement_pressure", year=NOW, county_code=grown.STAYS, stage=STAGE)
    assert rows["pupils_share_pct"].sum() == pytest.approx(100)


def test_a_class_of_places_without_a_school_left_keeps_its_row_for_a_year(home: Home) -> None:
    then, now = settled(home, "country", THEN), settled(home, "country")
    assert (then["schools"], then["schools_small"], then["schools_tiny"], then["pupils"]) == (1, 1, 1, 40)
    assert (now["schools"], now["pupils"], now["schools_before"], now["pupils_change_pct"]) == (0, 0, 1, -100)
    assert now["pupils_per_school"] is None and now["over_limit_pct"] is None


def test_town_and_country_of_a_merged_county_are_held_against_the_pooled_schools(home: Home) -> None:
    row = only(home, "settlement_pressure", year=NOW, county_code=grown.TAKES_IN, stage=STAGE, settlement="town")
    assert (row["schools"], row["schools_before"], row["kind"]) == (7, 7, "merge")
    broken = only(home, "settlement_pressure", year=NOW, county_code=grown.LOSES, stage=STAGE, settlement="town")
    assert (broken["state"], broken["schools_before"]) == ("broken", None)


def test_no_column_is_null_that_says_it_never_is(home: Home) -> None:
    from pipeline.tables.registry import public_tables

    for name in ("county_change", "county_gap_change", "weak_school", "settlement_pressure", "county_feature", "county_peer",
                 "county_among_peers"):  # fmt: skip
        rows = table(home, name)
        assert rows.height, name
        for column in public_tables()[name].own_columns:
            assert column.empty_zh or not rows[column.name].null_count(), (name, column.name)


def test_what_is_weak_is_recomputed_school_by_school(home: Home) -> None:
    scores = table(home, "school_score").drop_nulls("score").filter(pl.col("stage") == STAGE)
    found = table(home, "weak_school", area_level="province", is_weak=True)
    for (year, standard), rows in scores.group_by("year", "standard_id"):
        values = dict(rows.select("school_id", "score").iter_rows())
        lowest = {
            code for code, score in values.items()
            if 10 * sum(round(other, 12) <= round(score, 12) for other in values.values()) <= len(values)
        }  # fmt: skip
        told = found.filter((pl.col("year") == year) & (pl.col("standard_id") == standard))
        assert set(told["school_id"]) == lowest

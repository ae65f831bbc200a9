"""Where counties stand to the target, and which enter and leave the lists: no missing school turns a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.schema import load_catalogue
from pipeline.schema.comparison import Comparison
from pipeline.schema.ledger_limits import LedgerLimits
from pipeline.shortfalls.lists import lists
from pipeline.tables import python_tables
from tests.pipeline.chain import only
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of

CATALOGUE = load_catalogue()
COUNTY, QUALITY = "990101", "quality-2017"


def progress_rows(*years: tuple[int, int, int, str], target: float = 0.8) -> pl.DataFrame:
    """Years from 2021 on: schools, meeting, unknown, state."""
    rows = []
    for n, (schools, meeting, unknown, state) in enumerate(years):
        before = years[n - 1] if n else None
        rows.append(
            {
                "year": 2021 + n, "standard_id": QUALITY, "county_code": COUNTY, "stage": "all", "schools": schools,
                "schools_meeting": meeting, "schools_unknown": unknown, "share": meeting / schools,
                "share_high": (meeting + unknown) / schools, "share_before": before and before[1] / before[0],
                "target_share": target, "state": state,
            }
        )  # fmt: skip
    return pl.DataFrame(rows)


def stays(frame: pl.DataFrame, broken: set[tuple[int, str]] | None = None) -> list[tuple[str, int, int | None]]:
    found = lists(frame, broken or set(), LedgerLimits(), Comparison())
    return found.select("list", "entered_year", "left_year").rows()


def test_a_county_enters_and_leaves_the_list_of_merit_with_the_target() -> None:
    frame = progress_rows((20, 15, 0, "on_track"), (20, 16, 0, "reached"), (20, 15, 2, "no_data"), (20, 15, 0, "on_track"), (20, 17, 0, "reached"))  # fmt: skip
    assert stays(frame) == [("merit", 2022, 2024), ("merit", 2025, None)]


def test_a_county_is_warned_when_slow_two_years_running() -> None:
    slow, on_track = (10, 2, 0, "slow"), (10, 5, 0, "on_track")
    assert stays(progress_rows(on_track, slow, on_track)) == [("warning", 2022, 2023)]  # it fell by 30 points
    assert stays(progress_rows(slow, slow, slow, on_track)) == [("warning", 2022, 2024)]
    assert stays(progress_rows(slow, (10, 2, 3, "no_data"), slow)) == []


def test_a_fall_that_the_unknown_could_undo_is_no_fall() -> None:
    assert stays(progress_rows((10, 5, 0, "on_track"), (10, 4, 1, "on_track"))) == []
    assert stays(progress_rows((10, 5, 0, "on_track"), (10, 4, 0, "on_track"))) == [("warning", 2022, None)]


def test_a_county_that_comes_back_below_the_target_is_of_merit_no_longer() -> None:
    """Without a year before nobody knows whether it is slow, but that it is below is known."""
    reached, away = (10, 8, 0, "reached"), (10, 0, 10, "no_data")
    assert stays(progress_rows(reached, away, (10, 7, 0, "no_data"))) == [("merit", 2021, 2023)]
    assert stays(progress_rows(reached, away, (10, 7, 1, "no_data"))) == [("merit", 2021, None)]


def test_a_fall_is_at_least_so_much_where_a_school_is_unknown() -> None:
    def reason(before: tuple[int, int, int, str], now: tuple[int, int, int, str]) -> str:
        (row,) = lists(progress_rows(before, now), set(), LedgerLimits(), Comparison()).to_dicts()
        return str(row["reason_en"]).split(": ")[1]

    for unknown_before, unknown, words in ((0, 0, "fell by 30.0"), (0, 1, "fell by at least 20.0"), (1, 0, "fell by at least 30.0")):  # fmt: skip
        found = reason((10, 6, unknown_before, "no_data"), (10, 3, unknown, "slow"))
        assert found == f"{words} points since the year before"


def test_none_are_left_only_where_every_school_is_known(tmp_path: Path) -> None:
    """All that a quarantined school had lacked was nothing; now nobody knows."""
    years = {(2024, COUNTY): county_with(3, 0, 0), (2025, COUNTY): county_with(3, 0, 0)}
    home = computed(tmp_path / "home", CATALOGUE, years)
    asked = {"year": 2025, "standard_id": QUALITY, "stage": "all"}
    row = only(home, "county_progress", **asked)
    assert (row["shortfalls"], row["pace"], row["pace_state"], row["years_to_go"]) == (0, 0, "none_left", 0)
    scores = pl.read_parquet(home.table("school_score"))
    is_silent = (pl.col("year") == 2025) & (pl.col("school_id") == scores["school_id"].max())
    silent = scores.filter(is_silent, pl.col("standard_id") == QUALITY)
    absent = pl.read_parquet(home.table("absent_scope"))
    row_of = silent.with_columns(pl.lit(True).alias("is_counted")).select(c for c in absent.columns if c in {*silent.columns, "is_counted"})  # fmt: skip
    pl.concat([absent, row_of], how="diagonal_relaxed").write_parquet(home.table("absent_scope"))
    scores.filter(~is_silent).write_parquet(home.table("school_score"))
    python_tables.make("county_progress", home, CATALOGUE)
    row = only(home, "county_progress", **asked)
    assert (row["schools"], row["schools_unknown"], row["shortfalls"]) == (3, 1, 0)
    assert (row["pace_state"], row["years_to_go"]) == ("no_data", None)


def test_a_county_of_other_boundaries_starts_anew() -> None:
    slow = (10, 2, 0, "slow")
    assert stays(progress_rows(slow, slow, slow), {(2023, COUNTY)}) == [("warning", 2022, 2023)]


def test_reasons_tell_the_figures_in_both_languages() -> None:
    (row,) = lists(progress_rows((10, 8, 1, "reached")), set(), LedgerLimits(), Comparison()).to_dicts()
    assert row["reason_zh"] == "2021 年 10 所学校中 8 所达标，另有 1 所未知，目标 80 %：达到目标"
    assert (
        row["reason_en"] == "8 of 10 schools (1 unknown) up to the standard in 2021, target 80 %: the target is reached"
    )


def county_with(met: int, unmet: int, unknown: int) -> dict[str, Any]:
    """Schools that meet the seven items, miss them, or lack the values."""
    poor = {"equipment_yuan": 0.0, "teaching_rooms_sqm": 0.0}
    blank = {"equipment_yuan": None, "teaching_rooms_sqm": None}
    kinds = [{}] * met + [poor] * unmet + [blank] * unknown
    return county_of(
        *(GoodSchool(f"21990101{n:02d}", "211", {"primary": 300}, **cells) for n, cells in enumerate(kinds))
    )


# schools met, unmet, unknown in 2024 and 2025, and what 2025 is; three years remain to 2027 after 2024, two after 2025
STANDING = {
    "exactly the target": ((0, 10, 0), (8, 2, 0), "reached"),
    "rising fast enough": ((2, 8, 0), (4, 6, 0), "on_track"),
    "rising too slowly": ((3, 7, 0), (4, 6, 0), "slow"),
    "at the target if the unknown are up to it": ((4, 6, 0), (7, 2, 1), "no_data"),
    "slow whatever the unknown are": ((3, 7, 0), (3, 6, 1), "slow"),
    "on track whatever the unknown are": ((1, 9, 0), (5, 4, 1), "on_track"),
    "the rise hangs on the unknown of last year": ((1, 7, 2), (4, 6, 0), "no_data"),
}  # fmt: skip


@pytest.mark.parametrize("case", STANDING)
def test_a_county_stands_to_the_target_as_no_missing_school_could_turn(tmp_path: Path, case: str) -> None:
    before, now, state = STANDING[case]
    years = {(2024, COUNTY): county_with(*before), (2025, COUNTY): county_with(*now)}
    home = computed(tmp_path / "home", CATALOGUE, years)
    for stage in ("primary", "all"):
        row = only(home, "county_progress", year=2025, standard_id=QUALITY, stage=stage)
        assert (row["schools"], row["schools_meeting"], row["schools_unknown"]) == (sum(now), now[0], now[2])
        assert row["state"] == state
    assert only(home, "county_progress", year=2024, standard_id=QUALITY, stage="all")["state"] == "no_data"

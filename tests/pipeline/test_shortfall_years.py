"""What becomes of shortfalls from year to year and what they cost: by hand, then on a whole sample."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.errors import HomeError
from pipeline.schema import load_catalogue
from pipeline.shortfalls.prices import prices
from pipeline.store.home import Home
from pipeline.tables import python_tables
from pipeline.tables.names import PYTHON_TABLES
from tests.pipeline.chain import only, table
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of
from tests.pipeline.shortfall_sample import sample_home

CATALOGUE = load_catalogue()
COUNTY, OTHER, QUALITY = "990101", "990102", "quality-2017"
BOOKS, TWENTY = "books_per_pupil", "school-20"
LEDGER = ("school_shortfall", "county_progress", "county_list")


def with_books(school_id: str, books: float | None, kind: str = "211", **cells: Any) -> GoodSchool:
    """A good school of 100 pupils, which need 2,500 books."""
    return GoodSchool(school_id, kind, {"primary": 100}, books=books, **cells)


def years_of(*by_year: dict[str, float | None] | None, county: str = COUNTY) -> dict[tuple[int, str], Any]:
    """Counties from 2023 on: school code → books; a year that is None did not come."""
    return {
        (year, county): county_of(*(with_books(school, books) for school, books in schools.items()))
        for year, schools in enumerate(by_year, 2023)
        if schools is not None
    }


def fates(home: Home, **where: object) -> dict[tuple[int, str], tuple[Any, ...]]:
    """(year, last figures of the school) → state, shortfall, shortfall_before."""
    rows = table(home, "school_shortfall", standard_id=TWENTY, indicator_id=BOOKS, **where)
    return {
        (r["year"], r["school_id"][-1]): (r["state"], r["shortfall"], r["shortfall_before"])
        for r in rows.iter_rows(named=True)
    }


A, B, C, D, E, F = (f"219901010{n}" for n in range(6))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A persists, B closes, C is new, D goes, E is missing for a year, F comes late."""
    years = years_of(
        {A: 2000, B: 2400, C: 2500, D: 2499, E: 2450},
        {A: 2100, B: 2500, C: 2490, D: 2499, E: None},
        {A: 2100, B: 2500, C: 2490, E: 2440, F: 2000},
    )
    return computed(tmp_path_factory.mktemp("three") / "home", CATALOGUE, years)


def test_every_shortfall_has_a_fate(three: Home) -> None:
    assert fates(three) == {
        (2023, "0"): ("unknown", 500, None), (2023, "1"): ("unknown", 100, None), (2023, "3"): ("unknown", 1, None),
        (2023, "4"): ("unknown", 50, None),
        (2024, "0"): ("persisting", 400, 500), (2024, "1"): ("closed", 0, 100), (2024, "2"): ("new", 10, None),
        (2024, "3"): ("persisting", 1, 1), (2024, "4"): ("missing", None, 50),
        (2025, "0"): ("persisting", 400, 400), (2025, "2"): ("persisting", 10, 10), (2025, "3"): ("ended", None, 1),
        (2025, "4"): ("unknown", 60, None), (2025, "5"): ("new", 500, None),
    }  # fmt: skip


def test_the_account_of_a_county_closes(three: Home) -> None:
    rows = table(three, "county_progress", standard_id=TWENTY, stage="all").sort("year")
    columns = ("new", "persisting", "unknown", "closed", "ended", "missing")
    assert rows.select("shortfalls", *(f"shortfalls_{c}" for c in columns)).rows() == [
        (4, 0, 0, 4, 0, 0, 0),
        (3, 1, 2, 0, 1, 0, 1),
        (4, 1, 2, 1, 0, 1, 0),
    ]
    assert rows["closing_rate"].to_list() == [None, pytest.approx(1 / 3), 0]
    assert rows.select("pace", "pace_state", "years_to_go").rows() == [
        (None, "no_year_before", None),
        (0, "not_falling", None),
        (-1, "not_falling", None),
    ]


def test_a_county_that_did_not_come_leaves_the_year_after_unknown(tmp_path: Path) -> None:
    years = years_of({A: 2000}, None, {A: 2000}) | years_of({B: 2500}, {B: 2500}, {B: 2500}, county=OTHER)
    home = computed(tmp_path / "home", CATALOGUE, years)
    # What was open is neither closed nor ended by a year without a return; here nothing was expected of the county.
    assert fates(home, county_code=COUNTY) == {
        (2023, "0"): ("unknown", 500, None),
        (2024, "0"): ("ended", None, 500),
        (2025, "0"): ("unknown", 500, None),
    }
    expected = pl.read_parquet(home.table("expected"))
    absent = expected.filter(pl.col("year") == 2024, pl.col("area_level") == "county").with_columns(
        pl.lit(COUNTY).alias("area_code"), pl.lit(1, pl.Int64).alias("counties_expected"), pl.lit(0, pl.Int64).alias("counties_came")
    )  # fmt: skip
    pl.concat([expected, absent]).write_parquet(home.table("expected"))
    for name in LEDGER:
        python_tables.make(name, home, CATALOGUE)
    assert fates(home, county_code=COUNTY)[2024, "0"] == ("missing", None, 500)
    row = only(home, "county_progress", year=2024, county_code=COUNTY, stage="all", standard_id=TWENTY)
    assert (row["state"], row["schools"], row["shortfalls_missing"]) == ("no_data", 0, 1)
    assert (row["pace"], row["pace_state"]) == (None, "no_data")


def test_a_school_that_was_renamed_is_the_same_school(tmp_path: Path) -> None:
    before, after = with_books(A, 2000), with_books(A, 2300, name="新名")
    years = {(2024, COUNTY): county_of(before), (2025, COUNTY): county_of(after)}
    assert fates(computed(tmp_path / "home", CATALOGUE, years))[2025, "0"] == ("persisting", 200, 500)


def test_an_item_that_no_longer_applies_is_ended_not_closed(tmp_path: Path) -> None:
    crowded = GoodSchool(A, "211", {"primary": 300}, boarders=10, beds=4)
    empty = GoodSchool(A, "211", {"primary": 300}, boarders=0, beds=4)
    home = computed(
        tmp_path / "home", CATALOGUE, {(2024, COUNTY): county_of(crowded), (2025, COUNTY): county_of(empty)}
    )
    row = only(home, "school_shortfall", year=2025, indicator_id="beds_per_boarder")
    assert (row["state"], row["shortfall"], row["shortfall_before"]) == ("ended", None, 6)


def test_what_closed_tells_the_value_of_the_stage_that_had_lacked(tmp_path: Path) -> None:
    """6,600 books are 34.6 a junior pupil, too few, and 31.4 a primary pupil, which is enough."""
    pupils = {"primary": 100.0, "junior": 100.0}
    before, after = (GoodSchool(A, "312", pupils, books=books) for books in (6600, 6900))
    home = computed(tmp_path / "home", CATALOGUE, {(2024, COUNTY): county_of(before), (2025, COUNTY): county_of(after)})
    row = only(home, "school_shortfall", year=2025, indicator_id=BOOKS)
    assert (row["state"], row["binding_stage"], row["threshold"], row["floor"]) == ("closed", "junior", 35, 29.75)
    assert row["value"] == pytest.approx(6900 * 1.1 / 210)
    assert row["trace_id"].split(".")[1] == "junior"


# --- prices


def register(home: Home, *rows: str) -> Home:
    home.registers.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["field,yuan_per_unit,from_year,basis", *rows, ""])
    (home.registers / "unit_costs.csv").write_text(text, encoding="utf-8")
    return home


def test_cost_is_the_shortfall_times_the_price_of_its_year(tmp_path: Path) -> None:
    home = computed(tmp_path / "home", CATALOGUE, years_of({A: 2000}, {A: 2000}, {A: 2100, B: 2500}))
    assert table(home, "school_shortfall")["cost_yuan"].null_count() == 3
    register(home, "books,20,2024,询价", "books,30.5,2025,询价")
    for name in LEDGER:
        python_tables.make(name, home, CATALOGUE)
    rows = table(home, "school_shortfall").sort("year")
    assert rows["cost_yuan"].to_list() == [None, 500 * 20, 400 * 30.5]
    assert rows["cost_floor_yuan"].to_list() == [None, 125 * 20, 25 * 30.5]
    progress = table(home, "county_progress", standard_id=TWENTY, stage="all").sort("year")
    assert progress["cost_yuan"].to_list() == [None, 10_000, 12_200]
    assert progress["shortfalls_unpriced"].to_list() == [1, 0, 0]


MISTAKES = {
    "a field of which nothing is told": ("bocks,1,2024,x", "no shortfall is told in “bocks”; did you mean “books”?"),
    "a price below 0": ("books,-1,2024,x", "greater than or equal to 0"),
    "no basis": ("books,1,2024,", "basis"),
    "a second price from the same year": ("books,1,2024,x\nbooks,2,2024,x", "has a price from 2024 already"),
    "a price without end": ("books,inf,2024,x", "finite"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_bad_price_is_told_with_file_and_line(tmp_path: Path, case: str) -> None:
    row, words = MISTAKES[case]
    home = register(Home(tmp_path), *row.split("\n"))
    with pytest.raises(HomeError) as error:
        prices(home, CATALOGUE, [2025])
    line = 1 + len(row.split("\n"))
    assert f"unit_costs.csv, line {line}" in error.value.en
    assert f"unit_costs.csv 第 {line} 行" in error.value.zh
    assert words in error.value.en


# --- a whole sample, recomputed


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return sample_home(tmp_path_factory.mktemp("sample"))


def test_every_unmet_item_of_the_sample_is_in_the_ledger_once(sample: Home) -> None:
    by_stage = {i.id for i in CATALOGUE.indicators.values() if i.scope == "stage" and i.ledger and CATALOGUE.fields[i.ledger.field].scope == "stage"}  # fmt: skip
    told = pl.when(pl.col("indicator_id").is_in(by_stage)).then("stage").otherwise(pl.lit("all")).alias("stage")
    key = ["year", "standard_id", "school_id", "stage", "indicator_id"]
    unmet = table(sample, "indicator_attainment", is_met=False).with_columns(told).select(key).unique().sort(key)
    rows = table(sample, "school_shortfall").filter(pl.col("state").is_in(["new", "persisting", "unknown"]))
    assert unmet.height > 200
    assert rows.select(key).sort(key).equals(unmet)
    assert (rows["shortfall"] > 0).all()


def test_the_books_of_two_years_agree(sample: Home) -> None:
    rows = table(sample, "school_shortfall")
    states = Counter(rows["state"])
    assert min(states[s] for s in ("new", "persisting", "closed", "unknown")) > 0
    lasting = rows.filter(pl.col("state").is_in(["new", "persisting", "unknown"]), pl.col("year") < 2025)
    kept = rows.filter(pl.col("shortfall_before").is_not_null())
    key = ["standard_id", "school_id", "stage", "indicator_id"]
    joined = lasting.with_columns(pl.col("year") + 1).join(kept, on=["year", *key], how="full", suffix="_then")
    assert joined["school_id"].null_count() == joined["school_id_then"].null_count() == 0
    assert (joined["shortfall"] == joined["shortfall_before_then"]).all()


def test_stages_add_up_to_all_schools(sample: Home) -> None:
    progress = table(sample, "county_progress")
    names = [c for c in progress.columns if c.startswith("shortfalls")]
    key = ["year", "standard_id", "county_code"]
    whole = progress.filter(pl.col("stage") == "all").sort(key)
    summed = progress.filter(pl.col("stage") != "all").group_by(key).agg(pl.col(names).sum(), pl.col("cost_yuan").sum()).sort(key)  # fmt: skip
    assert whole.select(names).equals(summed.select(names))
    share = table(sample, "county_ranking", measure="share_meeting").rename({"value": "ranked"})
    joined = progress.join(share, on=[*key, "stage"])
    assert joined.height > 10
    assert (joined["share"] - joined["ranked"]).abs().max() < 1e-12  # type: ignore[operator]


def test_two_runs_agree_to_the_bit(sample: Home) -> None:
    first = {name: sample.table(name).read_bytes() for name in LEDGER}
    for name in LEDGER:
        assert name in PYTHON_TABLES
        python_tables.make(name, sample, CATALOGUE)
    assert {name: sample.table(name).read_bytes() for name in LEDGER} == first

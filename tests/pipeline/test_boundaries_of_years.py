"""Counties followed over a year in which things are missing, or only a name changed: the made-up province with one table altered."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipeline.schema import Catalogue
from pipeline.schema.model import DivisionChange
from pipeline.store.home import Home
from pipeline.store.ingest import write_parquet
from pipeline.tables import compute
from pipeline.years.boundaries import boundaries
from pipeline.years.change import county_change, county_gap_change
from pipeline.years.settlement import settlement_pressure
from tests.pipeline import grown
from tests.pipeline.grown import NOW, THEN

Alter = Callable[[str, Callable[[pl.DataFrame], pl.DataFrame]], Home]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return grown.grown_catalogue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    return grown.grown_home(tmp_path_factory.mktemp("grown") / "home", catalogue)


@pytest.fixture
def altered(made: Home, tmp_path: Path) -> Alter:
    """Makes a copy of the home of which one table is another."""

    def alter(name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Home:
        folder = tmp_path / "home"
        shutil.copytree(made.path, folder)
        home = Home(folder)
        write_parquet(change(pl.read_parquet(home.table(name))), home.table(name))
        return home

    return alter


def of(rows: pl.DataFrame, county: str) -> pl.DataFrame:
    return rows.filter((pl.col("year") == NOW) & (pl.col("county_code") == county) & (pl.col("stage") == "primary"))


def test_a_merged_county_is_not_compared_when_too_much_of_one_part_was_missing(
    altered: Alter, catalogue: Catalogue
) -> None:
    lost = pl.DataFrame(
        [(THEN, standard, "990000000099", grown.TAKEN, "primary", 5000.0, True) for standard in catalogue.standards],
        schema={"year": pl.Int64, "standard_id": pl.String, "school_id": pl.String, "county_code": pl.String, "stage": pl.String,
                "pupils": pl.Float64, "is_counted": pl.Boolean}, orient="row",
    )  # fmt: skip
    home = altered("absent_scope", lambda rows: pl.concat([rows, lost.select(rows.columns)]))
    gone = pl.DataFrame({"year": [THEN], "school_id": ["990000000099"], "county_code": [grown.TAKEN]})
    absent = pl.read_parquet(home.table("absent"))
    write_parquet(pl.concat([absent, gone], how="diagonal"), home.table("absent"))
    for rows in (county_gap_change(home, catalogue), county_change(home, catalogue)):
        told = of(rows, grown.TAKES_IN)
        assert set(told["state"]) == {"not_measured"} and set(told["state_before"]) == {"incomplete"}
        assert told["reason_en"].str.contains("then incomplete").all() and told["change"].null_count() == told.height


def test_a_merged_county_is_not_compared_when_one_part_sent_nothing(altered: Alter, catalogue: Catalogue) -> None:
    silent = (pl.col("year") == THEN) & (pl.col("area_level") == "county") & (pl.col("area_code") == grown.TAKEN)
    home = altered(
        "expected",
        lambda rows: rows.with_columns(pl.when(silent).then(0).otherwise("counties_came").alias("counties_came")),
    )
    told = of(county_gap_change(home, catalogue), grown.TAKES_IN)
    assert set(told["state_before"]) == {"incomplete"} and set(told["state"]) == {"not_measured"}


def test_a_code_whose_schools_all_went_elsewhere_compares_with_nothing(altered: Alter, catalogue: Catalogue) -> None:
    late = pl.DataFrame({"year": [NOW], "county_code": [grown.TAKEN], "stage": ["primary"], "is_expected": [True]})
    home = altered("expected_county", lambda rows: pl.concat([rows, late.select(rows.columns)]))
    row = boundaries(home, catalogue).counties.filter((pl.col("year") == NOW) & (pl.col("county_code") == grown.TAKEN))
    assert row.select("kind", "is_followed").rows() == [("merge", False)]
    kept = boundaries(home, catalogue).counties.filter(
        (pl.col("year") == NOW) & (pl.col("county_code") == grown.TAKES_IN)
    )
    assert kept.select("kind", "is_followed").rows() == [("merge", True)]


def test_a_new_name_changes_nothing_but_is_told(made: Home, catalogue: Catalogue) -> None:
    named = DivisionChange(year=NOW, kind="rename", old_code=grown.STAYS, new_code=grown.STAYS)
    known = catalogue.model_copy(update={"division_changes": (*catalogue.division_changes, named)})
    told, plain = (of(county_gap_change(made, c), grown.STAYS) for c in (known, catalogue))
    assert set(told["kind"]) == {"rename"} and told["reason_en"].str.contains("renamed").all()
    assert told["cv_before"].equals(plain["cv_before"]) and told["change_pupils"].equals(plain["change_pupils"])


def test_where_most_pupils_are_in_other_schools_it_is_told_and_still_compared(made: Home, catalogue: Catalogue) -> None:
    strict = catalogue.settings["years_stayed_pct"].model_copy(update={"value": 95})
    known = catalogue.model_copy(update={"settings": catalogue.settings | {"years_stayed_pct": strict}})
    told = of(county_change(made, known), grown.STAYS)
    assert set(told["kind"]) == {"roster"} and set(told["state"]) == {"comparable"}
    assert set(told["schools_joined"]) == {1} and set(told["schools_left"]) == {1}
    stayed = {
        year: sum(grown.pupils_of(n, year) for n in (1, 2, 3, 4, 5, 6, 33))
        / sum(grown.pupils_of(n, year) for n in grown.PLACES[year][grown.STAYS])
        for year in (THEN, NOW)
    }
    assert told["pupils_stayed_pct"][0] == pytest.approx(100 * min(stayed.values()))


@pytest.mark.parametrize(("was_expected", "then"), [(True, "incomplete"), (False, "no_schools")])
def test_a_stage_of_which_nothing_was_told_last_year_is_not_measured_and_its_county_no_new_one(
    altered: Alter, catalogue: Catalogue, was_expected: bool, then: str
) -> None:
    mine = (pl.col("year") == THEN) & (pl.col("county_code") == grown.STAYS)
    home = altered("school_stage", lambda rows: rows.filter(~mine))
    asked = pl.when(mine).then(pl.lit(was_expected)).otherwise("is_expected").alias("is_expected")
    expected = pl.read_parquet(home.table("expected_county"))
    write_parquet(expected.with_columns(asked), home.table("expected_county"))
    told = of(settlement_pressure(home, catalogue), grown.STAYS)
    assert set(told["state"]) == {"not_measured"} and told["reason_en"].str.contains(f"then {then}").all()
    assert told["schools_before"].null_count() == told.height


def test_a_weak_school_that_closed_in_a_county_of_a_new_code_is_gone(altered: Alter, catalogue: Catalogue) -> None:
    mine = (pl.col("year") == THEN) & (pl.col("county_code") == grown.OLD_CODE)

    def closed(rows: pl.DataFrame) -> pl.DataFrame:
        gone = rows.filter(mine).unique("area_level", keep="first", maintain_order=True)
        return pl.concat([rows, gone.with_columns(school_id=pl.lit("990000000099"), is_weak=pl.lit(True))])

    home = altered("school_place", closed)
    compute.make("weak_school", home, catalogue)
    told = of(pl.read_parquet(home.table("weak_school")), grown.NEW_CODE).filter(school_id="990000000099")
    assert set(told["area_level"]) == {"county", "province"} and set(told["state"]) == {"left"}
    assert told.filter(area_level="county")["area_code"].to_list() == [grown.NEW_CODE]

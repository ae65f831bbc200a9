"""The small sample: same seed, same bytes; written by the layout; and every state that the product knows can be seen in it."""

from __future__ import annotations

import ast
import csv
import hashlib
from pathlib import Path

import polars as pl
import pytest

from expectations.year import validate_year
from pipeline import sample
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.layout import Sheet
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year
from pipeline.store.receipts import receive
from tests.pipeline.chain import compute_home, only, table

PREPARED, ORDINARY, MOUNTAIN, TROUBLED = "990101", "990102", "990201", "990202"
YEARS = (2024, 2025)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Home:
    home = Home(tmp_path_factory.mktemp("sample"))
    home.claim(catalogue)
    sample.write_sample(home.path)
    return compute_home(home, catalogue, YEARS)


def digests(folder: Path, seed: int) -> dict[str, str]:
    paths = sample.write_sample(folder, seed)
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def gaps(home: Home, standard: str, year: int, county: str) -> pl.DataFrame:
    return table(home, "gap_coefficient", standard_id=standard, year=year, area_code=county)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(tmp_path: Path) -> None:
    first, again, other = (digests(tmp_path / name, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert first == again
    assert first.keys() == other.keys()
    assert not set(first.values()) & set(other.values())


def test_four_files_a_county_and_year(home: Home, catalogue: Catalogue) -> None:
    counties = [d.code for d in catalogue.divisions if d.level == "county"]
    wanted = {f"{y}/{c}-{s.part}.csv" for y in YEARS for c in counties for s in catalogue.layouts["own"].sheets}
    assert {p.relative_to(home.inbox).as_posix() for p in home.inbox.rglob("*.csv")} == wanted
    assert all(p.read_bytes().startswith(b"\xef\xbb\xbf") for p in home.inbox.rglob("*.csv"))
    assert set(table(home, "submission")["status"]) == {"accepted"}


@pytest.mark.parametrize("part", ["schools", "stages", "classes", "rooms"])
def test_headers_are_those_of_the_layout(home: Home, catalogue: Catalogue, part: str) -> None:
    sheet: Sheet = next(s for s in catalogue.layouts["own"].sheets if s.part == part)
    with (home.inbox / "2025" / f"{PREPARED}-{part}.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert next(csv.reader(stream)) == [sheet.division.header, *(c.header for c in sheet.columns)]


def test_no_field_indicator_or_stage_is_named_in_the_code(catalogue: Catalogue) -> None:
    tree = ast.parse(Path(sample.__file__).read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not (texts | names) & (set(catalogue.fields) | set(catalogue.indicators) | set(catalogue.stages))


def test_only_the_planted_cells_are_found(home: Home) -> None:
    found = table(home, "finding")
    assert set(found.select("year", "county_code").rows()) == {(2025, TROUBLED)}
    assert sorted(found.select("severity", "rule_id").rows()) == [
        ("critical", "not_a_number"),
        ("warning", "mean_class_plausible"),
        ("warning", "room_area_plausible"),
        ("warning", "shared_resources_given"),
    ]
    assert table(home, "submission_part")["rows_quarantined"].sum() == 1


@pytest.mark.parametrize("seed", [2, 3])
def test_other_seeds_break_no_rule_either(tmp_path: Path, catalogue: Catalogue, seed: int) -> None:
    home = Home(tmp_path)
    home.claim(catalogue)
    sample.write_sample(home.path, seed)
    receive(home)
    for year in YEARS:
        ingest_year(home, catalogue, year)
        found = validate_year(home, catalogue, year)
        assert found == ({} if year == 2024 else {"warning": 3})


def test_the_prepared_county_is_within_every_limit_in_both_years(home: Home) -> None:
    for year in YEARS:
        county = gaps(home, "quality-2017", year, PREPARED)
        assert county["state"].to_list() == ["ok"] * county.height
        assert county["is_met"].all()


def test_the_ordinary_county_exceeds_some_limits(home: Home) -> None:
    county = gaps(home, "quality-2017", 2025, ORDINARY)
    assert county.filter(~pl.col("is_met")).height in (3, 4)


def test_the_mountain_county_has_one_junior_school_points_and_a_branch(home: Home) -> None:
    junior = gaps(home, "quality-2017", 2025, MOUNTAIN).filter(pl.col("stage") == "junior")
    assert set(junior["state"]) == {"single_school"}
    points = table(home, "school", year=2025, county_code=MOUNTAIN, school_type="218")["school_id"].to_list()
    counted = [
        only(home, "school_scope", year=2025, standard_id="quality-2017", school_id=i)["is_counted"] for i in points
    ]
    assert sorted(counted) == [False, False, False, True]
    assert table(home, "school", year=2025, county_code=MOUNTAIN)["is_merged"].sum() == 1


def test_a_county_without_any_backbone_teacher_has_no_gap_there(home: Home) -> None:
    primary = gaps(home, "quality-2017", 2024, MOUNTAIN).filter(pl.col("stage") == "primary")
    assert primary.filter(pl.col("mean") == 0)["state"].to_list() == ["zero_mean"]


def test_the_troubled_county_shows_unknown_verdicts_and_incomplete_gaps(home: Home) -> None:
    county = gaps(home, "quality-2017", 2025, TROUBLED)
    unknown = county.filter(pl.col("is_met").is_null())
    assert set(unknown.select("stage", "state").rows()) == {("junior", "incomplete")}
    assert set(unknown["schools_missing"]) == {1}


def test_values_are_known_missing_not_applicable_and_not_collected(home: Home) -> None:
    assert set(table(home, "indicator_value")["state"]) == {"ok", "missing", "not_applicable", "not_collected"}


def test_special_and_private_schools_are_left_out_with_a_reason(home: Home) -> None:
    left_out = table(home, "school_scope", year=2025, is_counted=False)
    assert {"special_school", "private_school", "teaching_point", "small_teaching_point"} == set(left_out["rule_id"])
    assert left_out["reason"].null_count() == 0


def test_the_second_year_moves_on_from_the_first(home: Home) -> None:
    key = ["school_id", "stage"]
    stages = table(home, "school_stage").select("year", *key, "pupils", "full_time_teachers", "books")
    first, second = (stages.filter(pl.col("year") == year) for year in YEARS)
    both = first.join(second, on=key, suffix="_later")
    assert both.height == first.height == second.height
    assert not first.drop("year").equals(second.drop("year"))
    for column in ("pupils", "books"):
        change = (both[f"{column}_later"] / both[column]).drop_nulls()
        assert change.is_between(0.85, 1.18).all()


def test_class_lists_agree_with_the_classes_and_pupils_reported(home: Home) -> None:
    folder = home.rows(2024)
    key = ["school_id", "stage"]
    listed = (
        pl.read_parquet(folder / "class.parquet")
        .group_by(key)
        .agg(pl.len().alias("rows"), pl.col("class_pupils").sum())
    )
    stages = pl.read_parquet(folder / "stage.parquet").join(listed, on=key)
    assert (stages["rows"] == stages["classes"]).all()
    assert (stages["class_pupils"] == stages["pupils"]).all()


def test_codes_are_ten_digits_of_type_province_and_serial(home: Home) -> None:
    schools = table(home, "school", year=2024)
    assert schools["school_id"].str.contains(r"^\d{2}99\d{6}$").all()
    assert schools["school_id"].is_unique().all()
    assert {(i[:2], t[:2]) for i, t in schools.select("school_id", "school_type").rows()} == {
        (code, code) for code in ("21", "31", "34", "51")
    }

"""The audit agrees with SQL where SQL is right, and says so where one number is not.

One home of the shipped catalogue holds the cases of ``method.md`` 1, 2, 5 and 6 (three counties come, one does not); two
foreign catalogues bring files that no one here wrote. Gap coefficients are held against NumPy (``tests.oracles``) as well.
"""

from __future__ import annotations

import ast
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import pipeline.audit
from expectations.year import validate_year
from pipeline.audit import AuditResult, audit
from pipeline.audit.formulas import half_up, with_formulas
from pipeline.errors import HomeError
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year, write_parquet
from pipeline.store.receipts import receive
from pipeline.suspicion import table as suspicion
from pipeline.tables import compute, working
from pipeline.tables.names import SQL_TABLES
from tests import oracles
from tests.pipeline.chain import only, run_chain, table

YEAR, EARLIER = 2025, 2022
CASES, PLAIN, ZERO, SILENT = "990101", "990102", "990201", "990202"
(
    PRIMARY, BRANCH, NINE, TWELVE, NO_SENIOR, JUNIOR, POINT_49, POINT_50, PRIVATE, SPECIAL, LOST_STAGE, LOST_SCHOOL, BARE,
    COMPLETE,
) = (f"31990101{n:02d}" for n in range(1, 15))  # fmt: skip


# -- a home ------------------------------------------------------------------------------------------------------------


def school(school_id: str, kind: str, **cells: Any) -> dict[str, Any]:
    """A public school row with every cell given, unlike its neighbours; ``cells`` replace or blank some."""
    n = int(school_id[-2:])
    row = {
        "school_id": school_id, "name": f"第{n}校", "school_type": kind, "urban_rural": "220" if n % 3 else "121",
        "is_public": "1", "is_counted_school": "1", "operator_code": "831",
        "teaching_rooms_sqm": 2100 + 130.5 * n, "indoor_sports_sqm": 100.25 * (n % 4), "sports_field_sqm": 3000 + 77 * n,
        "equipment_yuan": 700_000 + 43_210 * n, "computers": 40 + 3 * n, "books": 9000 + 171 * n, "multimedia_rooms": 9 + n,
        "staff": 30 + n, "boarders": 20 * (n % 3), "beds": 22 * (n % 3), "d_grade_area_sqm": 0 if n % 5 else 60,
        "health_staff": n % 2, "public_funds_yuan": 300_000 + 1000 * n, "public_funds_budget_yuan": 310_000,
        "training_budget_yuan": 15_000 + 100 * n,
    }  # fmt: skip
    return row | cells


def stage(school_id: str, of: str, pupils: Any, **cells: Any) -> dict[str, Any]:
    """A stage row with every cell given."""
    n = int(school_id[-2:])
    teachers = 22 + n
    row = {
        "school_id": school_id, "stage": of, "pupils": pupils, "classes": 8 + n % 7, "full_time_teachers": teachers,
        "doctor_teachers": 0, "master_teachers": n % 3, "bachelor_teachers": 10 + n % 5, "college_teachers": 4,
        "backbone_teachers": n % 4, "pe_teachers": 1, "music_teachers": n % 2, "art_teachers": 1, "arts_teachers": 0,
        "senior_rank_teachers": 0, "associate_rank_teachers": 2 + n % 3, "intermediate_rank_teachers": 5 + n % 4,
        "certified_teachers": teachers - n % 2, "teachers_training_due": teachers - 1, "teachers_trained_360h": teachers - 2,
    }  # fmt: skip
    return row | cells


def classes(school_id: str, of: str, *sizes: int | None) -> list[dict[str, Any]]:
    grade = {"primary": 3, "junior": 8, "senior": 11}[of]
    return [
        {"school_id": school_id, "stage": of, "grade": grade, "class_name": f"{i}班", "class_pupils": size}
        for i, size in enumerate(sizes, 1)
    ]


def room(school_id: str, kind: str, area: float | None) -> dict[str, Any]:
    return {"school_id": school_id, "room_kind": kind, "room_name": kind, "room_sqm": area}


def county_of_cases() -> dict[str, list[dict[str, Any]]]:
    return {
        "schools": [
            school(PRIMARY, "211"),
            school(BRANCH, "211", is_counted_school="0", parent_school_id=PRIMARY, urban_rural="220"),
            school(NINE, "312"),
            school(TWELVE, "345"),
            school(NO_SENIOR, "345"),
            school(JUNIOR, "311", books=None, beds=None, boarders=8, indoor_sports_sqm=None),
            school(POINT_49, "218", is_counted_school="0", parent_school_id=PRIMARY),
            school(POINT_50, "218", is_counted_school="0", parent_school_id=PRIMARY, urban_rural=None),
            school(PRIVATE, "211", is_public="0", operator_code="999"),
            school(SPECIAL, "511"),
            school(LOST_STAGE, "211"),
            school(LOST_SCHOOL, "211", computers="三百"),
            school(COMPLETE, "341"),
        ],
        "stages": [
            stage(PRIMARY, "primary", 400),
            stage(BRANCH, "primary", 83, classes=6),
            stage(NINE, "primary", 310),
            stage(NINE, "junior", 190, pe_teachers=None),
            stage(TWELVE, "primary", 600),
            stage(TWELVE, "junior", 300),
            stage(TWELVE, "senior", 450),
            stage(NO_SENIOR, "primary", 240),
            stage(NO_SENIOR, "junior", 160),
            stage(JUNIOR, "junior", 700, master_teachers=None),
            stage(POINT_49, "primary", 49),
            stage(POINT_50, "primary", 50),
            stage(PRIVATE, "primary", 333),
            stage(SPECIAL, "primary", 60),
            stage(LOST_STAGE, "primary", 120, classes="八"),
            stage(LOST_SCHOOL, "primary", 150),
            stage(BARE, "junior", 90),
            stage(COMPLETE, "junior", 500),
            stage(COMPLETE, "senior", 610),
        ],
        "classes": [
            *classes(PRIMARY, "primary", 45, 46, *[40] * 7),
            *classes(BRANCH, "primary", 20, None, *[21] * 4),
            *classes(NINE, "primary", *[44] * 11),
            *classes(NINE, "junior", 50, 51, 38, *[40] * 8),
            *classes(TWELVE, "primary", *[45] * 12),
            *classes(TWELVE, "senior", 60, 61),
            *classes(POINT_49, "primary", 16, 16, 17),
        ],
        "rooms": [
            room(PRIMARY, "music", 96.0), room(PRIMARY, "music", 95.9), room(PRIMARY, "art", 90.0),
            room(BRANCH, "art", None), room(NINE, "music", 120.0), room(NINE, "art", 20.0),
        ],
    }  # fmt: skip


def county_without_lists(code: str) -> dict[str, list[dict[str, Any]]]:
    """Two primary schools and a junior one; neither classes nor rooms come, and nobody gives beds or certificates."""
    ids = [f"21{code}{n:02d}" for n in (1, 2, 3)]
    kinds = zip(ids, ("211", "211", "311"), ("primary", "primary", "junior"), strict=True)
    found = [
        (school(i, kind, beds=None, boarders=30), stage(i, of, 200 + int(i[-2:]), certified_teachers=None))
        for i, kind, of in kinds
    ]
    return {"schools": [row for row, _ in found], "stages": [row for _, row in found]}


def county_of_zeros() -> dict[str, list[dict[str, Any]]]:
    """Primary schools without a backbone teacher, exactly alike in teaching equipment per pupil."""
    ids = [f"21{ZERO}{n:02d}" for n in (1, 2, 3)]
    return {
        "schools": [school(i, "211", equipment_yuan=2000 * 100 * n) for n, i in enumerate(ids, 1)],
        "stages": [stage(i, "primary", 100 * n, backbone_teachers=0) for n, i in enumerate(ids, 1)],
    }


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shipped: Catalogue) -> Home:
    returns = {
        EARLIER: {PLAIN: county_without_lists(PLAIN)},
        YEAR: {CASES: county_of_cases(), PLAIN: county_without_lists(PLAIN), ZERO: county_of_zeros()},
    }
    return run_chain(tmp_path_factory.mktemp("audit"), returns, shipped)


@pytest.fixture(scope="module")
def result(home: Home, shipped: Catalogue) -> AuditResult:
    return audit(home, shipped)


@pytest.fixture
def copied(home: Home, tmp_path: Path) -> Home:
    """The home's tables, to be spoilt."""
    copy = Home(tmp_path / "copy")
    shutil.copytree(home.path / "store" / "tables", copy.path / "store" / "tables")
    return copy


# -- agreement ---------------------------------------------------------------------------------------------------------


def test_the_audit_agrees_on_the_home_of_cases(result: AuditResult) -> None:
    assert result.disagreements == []
    assert result.agrees
    assert result.largest_difference < 1e-9


def test_every_audited_row_is_compared(result: AuditResult, home: Home) -> None:
    names = [
        "school_total", "school_stage", "school_scope", "indicator_value", "gap_coefficient", "indicator_attainment",
        "school_score", "county_ranking", "suspicion",
    ]  # fmt: skip
    assert [t.table for t in result.tables] == names
    assert [t.rows_compared for t in result.tables] == [table(home, name).height for name in names]
    assert result.cells > 10_000


def test_the_home_holds_the_cases_that_it_claims(home: Home) -> None:
    assert set(table(home, "indicator_value")["state"]) == {"ok", "missing", "not_applicable", "not_collected"}
    assert set(table(home, "gap_coefficient")["state"]) == {
        "ok",
        "incomplete",
        "no_schools",
        "single_school",
        "zero_mean",
    }
    assert only(home, "school_stage", school_id=PRIMARY)["campuses"] == 2
    assert only(home, "school_stage", school_id=NO_SENIOR, stage="junior")["books"] is None
    assert only(home, "school_stage", school_id=NINE, stage="junior")["books"] == pytest.approx(9513 * 209 / 519)
    reasons = table(home, "school_scope", standard_id="quality-2017", year=YEAR)
    left_out = dict(reasons.filter(~pl.col("is_counted")).select("school_id", "rule_id").iter_rows())
    assert left_out == {POINT_49: "small_teaching_point", SPECIAL: "special_school"}
    assert LOST_STAGE in set(table(home, "absent")["school_id"])


def test_gaps_of_the_audit_are_those_of_numpy(home: Home, shipped: Catalogue, result: AuditResult) -> None:
    assert result.agrees
    scope = table(home, "school_scope", standard_id="quality-2017", year=YEAR, stage="primary").filter("is_counted")
    values = table(home, "indicator_value", year=YEAR, stage="primary", indicator_id="backbone_teachers_per_100")
    values = values.join(scope.select("school_id"), on="school_id")
    key = {"year": YEAR, "standard_id": "quality-2017", "stage": "primary", "indicator_id": "backbone_teachers_per_100"}
    for level, code in (("county", CASES), ("nation", "0")):
        schools = values if level == "nation" else values.filter(pl.col("county_code") == code)
        known = oracles.weighted_cv(schools["value"].to_list(), schools["pupils"].to_list())
        found = only(home, "gap_coefficient", area_level=level, area_code=code, **key)
        assert found["schools"] == known.n
        assert found["cv"] == pytest.approx(known.cv, rel=1e-12)
        assert found["sd"] == pytest.approx(known.sd, rel=1e-12)


SETTINGS = [
    {"decimals_cv": 3},
    {"decimals_cv": 1},
    {"missing_pupils_limit_pct": 60},
    {"expected_counties_limit_pct": 50},
]


def make_from(first: str, home: Home, catalogue: Catalogue) -> None:
    """A table and all that are made after it, anew."""
    for name in list(SQL_TABLES)[list(SQL_TABLES).index(first) :]:
        compute.make(name, home, catalogue)
    suspicion.make(home, catalogue)


@pytest.mark.parametrize("changed", SETTINGS, ids=str)
def test_the_audit_agrees_under_other_settings(copied: Home, shipped: Catalogue, changed: dict[str, Any]) -> None:
    settings = {k: s.model_copy(update={"value": changed.get(k, s.value)}) for k, s in shipped.settings.items()}
    catalogue = shipped.model_copy(update={"settings": settings})
    make_from("indicator_value", copied, catalogue)
    assert audit(copied, catalogue).disagreements == []


def test_a_quarantined_school_of_unknown_size_makes_its_county_incomplete(copied: Home, shipped: Catalogue) -> None:
    absent = table(copied, "absent").with_columns(pupils=pl.lit(None, pl.Float64))
    write_parquet(absent, copied.table("absent"))
    make_from("absent_scope", copied, shipped)
    assert audit(copied, shipped).disagreements == []
    assert set(table(copied, "gap_coefficient", area_code=CASES, stage="primary")["state"]) == {"incomplete"}


def test_the_audit_imports_nothing_of_what_it_audits() -> None:
    for source in Path(pipeline.audit.__file__).parent.glob("*.py"):
        modules = [node for node in ast.walk(ast.parse(source.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        own = {node.module or "" for node in modules if (node.module or "").startswith("pipeline")}
        assert not {
            m
            for m in own
            if not m.startswith(
                ("pipeline.audit", "pipeline.schema", "pipeline.errors", "pipeline.store.home", "pipeline.store.roster")
            )
        }


def foreign(tmp_path: Path, name: str, file: Path, year: int) -> tuple[Home, Catalogue]:
    catalogue = load_catalogue(Path(__file__).parents[1] / "catalogues" / name)
    made = Home(tmp_path / name)
    made.claim(catalogue)
    (made.inbox / str(year)).mkdir()
    shutil.copy(file, made.inbox / str(year))
    receive(made)
    ingest_year(made, catalogue, year)
    validate_year(made, catalogue, year)
    working.make_all(made, catalogue)
    return made, catalogue


def test_the_audit_agrees_on_the_districts_of_california(tmp_path: Path) -> None:
    assert audit(*foreign(tmp_path, "caschools", oracles.caschools_file(), 1999)).disagreements == []


def test_the_audit_agrees_on_the_schools_of_alagoas(tmp_path: Path) -> None:
    assert audit(*foreign(tmp_path, "alagoas", oracles.alagoas_file(), 2022)).disagreements == []


def test_an_item_that_someone_in_the_county_gives_is_missing_elsewhere_whatever_the_stage(
    tmp_path: Path, shipped: Catalogue
) -> None:
    """Method 5: not collected is what nobody in the county gives; method 2: a whole school's state is one in both rows."""
    lone = f"31{PLAIN}01"
    giver = f"21{PLAIN}02"
    county = {
        "schools": [school(lone, "312", beds=None, boarders=30), school(giver, "211", boarders=30)],
        "stages": [stage(lone, "primary", 300), stage(lone, "junior", 200), stage(giver, "primary", 250)],
    }
    made = run_chain(tmp_path, {YEAR: {PLAIN: county}}, shipped)
    assert audit(made, shipped).disagreements == []


# -- it notices --------------------------------------------------------------------------------------------------------


def changed_at(frame: pl.DataFrame, column: str, row: int, value: Any) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(pl.int_range(pl.len()) == row).then(value).otherwise(pl.col(column)).alias(column)
    )


CHANGES = [
    ("school_total", "music_rooms_needed", pl.col("music_rooms_needed") + 1),
    ("school_stage", "books", pl.col("books") * (1 + 2e-9)),
    ("school_stage", "pupils", pl.lit(None)),
    ("school_stage", "school_type", pl.lit("312")),
    ("school_scope", "is_counted", ~pl.col("is_counted")),
    ("school_scope", "rule_id", pl.lit("private_school")),
    ("indicator_value", "value", pl.col("value") * 1.00001),
    ("indicator_value", "denominator", pl.lit(None)),
    ("indicator_value", "state", pl.lit("not_applicable")),
    ("gap_coefficient", "cv", pl.col("cv") + 1e-8),
    ("gap_coefficient", "is_met", ~pl.col("is_met")),
    ("gap_coefficient", "schools_missing", pl.col("schools_missing") + 1),
    ("gap_coefficient", "state", pl.lit("no_schools")),
    ("gap_coefficient", "theil", pl.col("theil") * 1.000001),
]


@pytest.mark.parametrize(("name", "column", "value"), CHANGES, ids=lambda v: v if isinstance(v, str) else "")
def test_one_changed_cell_is_noticed(copied: Home, shipped: Catalogue, name: str, column: str, value: pl.Expr) -> None:
    frame = table(copied, name)
    spoilt = changed_at(frame, column, changing_row(frame, column, value), value)
    write_parquet(spoilt, copied.table(name))
    result = audit(copied, shipped)
    assert not result.agrees
    assert result.table(name).cells_differing == 1
    [told] = result.table(name).disagreements
    assert (told.table, told.column) == (name, column)
    assert "school_id=" in told.key or "area_code=" in told.key
    assert all(t.agrees for t in result.tables if t.table != name)


def changing_row(frame: pl.DataFrame, column: str, value: pl.Expr) -> int:
    """A row in which the change changes something, one that has a value if there is one."""
    rows = frame.select(given=pl.col(column).is_not_null(), changes=value.ne_missing(pl.col(column))).with_row_index(
        "row"
    )
    return int(rows.filter("changes").sort("given", descending=True, maintain_order=True)["row"][0])


@pytest.mark.parametrize("name", ["school_total", "school_stage", "school_scope", "indicator_value", "gap_coefficient"])
def test_a_row_that_is_gone_and_a_row_that_stands_twice_are_noticed(
    copied: Home, shipped: Catalogue, name: str
) -> None:
    frame = table(copied, name)
    write_parquet(pl.concat([frame[1:], frame[4:5]]), copied.table(name))
    found = audit(copied, shipped).table(name)
    assert (found.rows_only_in_audit, found.rows_only_in_sql, found.cells_differing) == (1, 1, 0)
    assert found.rows_compared == frame.height - 1
    assert not found.agrees


def test_an_indicator_that_the_catalogue_lacks_is_noticed(copied: Home, shipped: Catalogue) -> None:
    frame = table(copied, "indicator_value")
    write_parquet(
        pl.concat([frame, frame[:1].with_columns(indicator_id=pl.lit("unknown"))]), copied.table("indicator_value")
    )
    assert audit(copied, shipped).table("indicator_value").rows_only_in_sql == 1


def test_a_column_that_sql_lacks_is_noticed(copied: Home, shipped: Catalogue) -> None:
    write_parquet(table(copied, "gap_coefficient").drop("theil"), copied.table("gap_coefficient"))
    found = audit(copied, shipped).table("gap_coefficient")
    assert {d.column for d in found.disagreements} == {"theil"}


def test_the_order_of_rows_does_not_matter(copied: Home, shipped: Catalogue) -> None:
    for name in ("school_stage", "indicator_value", "gap_coefficient"):
        write_parquet(table(copied, name).reverse(), copied.table(name))
    assert audit(copied, shipped).agrees


def test_at_most_twenty_disagreements_are_told_but_all_are_counted(copied: Home, shipped: Catalogue) -> None:
    write_parquet(table(copied, "indicator_value").with_columns(pl.col("value") + 1.0), copied.table("indicator_value"))
    found = audit(copied, shipped).table("indicator_value")
    assert len(found.disagreements) == 20
    assert found.cells_differing == table(copied, "indicator_value")["value"].count()


def test_a_disagreement_is_told_in_both_languages(copied: Home, shipped: Catalogue) -> None:
    key = {"year": YEAR, "area_code": CASES, "stage": "primary", "indicator_id": "books_per_pupil"}
    row = only(copied, "gap_coefficient", **key)
    here = pl.all_horizontal(pl.col(name) == value for name, value in key.items())
    frame = table(copied, "gap_coefficient").with_columns(pl.when(here).then(0.5).otherwise(pl.col("cv")).alias("cv"))
    write_parquet(frame, copied.table("gap_coefficient"))
    [told] = audit(copied, shipped).table("gap_coefficient").disagreements
    place = f"year={YEAR} standard_id=basic-2012 area_level=county area_code={CASES} stage=primary indicator_id=books_per_pupil"
    assert told.key == place
    assert told.en == f"gap_coefficient, {place}: cv is 0.5 by SQL and {told.audit} by the audit"
    assert float(told.audit) == pytest.approx(row["cv"], rel=1e-12)
    assert told.zh.startswith("表 gap_coefficient")


def test_a_home_without_a_table_is_refused_in_a_sentence(copied: Home, shipped: Catalogue) -> None:
    copied.table("school_scope").unlink()
    with pytest.raises(HomeError, match="has no table school_scope"):
        audit(copied, shipped)


# -- arithmetic --------------------------------------------------------------------------------------------------------


def evaluated(expression: str, numbers: list[float]) -> list[float]:
    frame = pl.DataFrame({"p": numbers}, schema={"p": pl.Float64})
    return with_formulas(frame, {"x": expression}, pl.Float64())["x"].to_list()


@pytest.mark.parametrize("divisor", [12, 49, 600])
def test_whole_multiples_divide_to_whole_numbers(divisor: int) -> None:
    numbers = [float(n * divisor) for n in range(2000)]
    whole = [float(n) for n in range(2000)]
    assert evaluated(f"ceil(p / {divisor})", numbers) == whole
    assert evaluated(f"floor(p / {divisor})", numbers) == whole


def test_division_is_division_and_not_a_product_with_the_reciprocal() -> None:
    numbers = [float(n) for n in range(1, 3000)]
    assert evaluated("p / 100", numbers) == [n / 100 for n in numbers]
    assert evaluated("p * 2 / 27 - p / 13.5", numbers) == [n * 2 / 27 - n / 13.5 for n in numbers]
    assert evaluated("p / (case when p > 5 then 3 else 7 end)", [6.0, 5.0]) == [6 / 3, 5 / 7]


def test_halves_are_rounded_away_from_zero() -> None:
    assert evaluated("round(p)", [0.5, 1.5, 2.5, -2.5]) == [1.0, 2.0, 3.0, -3.0]
    assert evaluated("round(p, 1)", [0.25, 0.75, -0.25]) == [0.3, 0.8, -0.3]


def test_gap_coefficients_are_rounded_half_up_in_decimal() -> None:
    """0.4505 as a double lies below 0.4505; the reader of a table sees 0.4505 and expects 0.451."""
    frame = pl.DataFrame({"cv": [0.4505, 0.4504999, 0.5, None, 2.0005]})
    assert frame.select(half_up(pl.col("cv"), 3))["cv"].to_list() == [0.451, 0.45, 0.5, None, 2.001]
    assert frame.select(half_up(pl.col("cv"), None))["cv"].to_list() == frame["cv"].to_list()

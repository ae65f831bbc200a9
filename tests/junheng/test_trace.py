"""Tracing: only what applies and only what was read, with what was done to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.schema.entry import Label
from pipeline.schema.model import Aggregate, FieldDef, Source
from pipeline.store.home import Home
from pipeline.trace import FieldTrace, Trace, Tracer, _read_as
from tests.homes import copied, query

YEAR = 2025


@pytest.fixture(scope="module")
def home(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(small_run, tmp_path_factory.mktemp("trace"))


def all_fields(found: FieldTrace) -> list[FieldTrace]:
    return [found, *(field for below in found.below for field in all_fields(below))]


def field_of(tracer: Tracer, name: str, school_id: str, stage: str | None = None) -> FieldTrace:
    """A field's trace, whether or not an indicator reads it."""
    table = "school_stage" if stage else "school_total"
    values = tracer._rows(f"select * from {table} where year = ? and school_id = ?", YEAR, school_id)
    row = next(v for v in values if stage in (None, v.get("stage")))
    units = tracer._rows("select * from school where year = ? and school_id = ?", YEAR, school_id)
    return tracer._field(name, row, stage, list(tracer._typed_rows(units)))


def with_field(home: Path, **derived: object) -> Tracer:
    """A tracer that knows one more derived field, ``made``."""
    tracer = Tracer(Home(home), YEAR)
    more = {
        "id": "made",
        "label": Label(zh="x", en="x"),
        "type": "number",
        "scope": "whole",
        "source": Source(grade="I"),
    }
    field = FieldDef.model_validate(more | derived)
    tracer.catalogue = tracer.catalogue.model_copy(update={"fields": {**tracer.catalogue.fields, "made": field}})
    return tracer


def school_with(home: Path, stages: int) -> dict[str, object]:
    """A school with that many stages and no merged campus."""
    sql = """select school_id, min(stage) as stage from school_stage where year = 2025 and campuses = 1
        and school_id not in (select parent_school_id from school where parent_school_id is not null)
        and (pupils_all = pupils_compulsory) group by 1 having count(*) = ? order by 1 limit 1"""
    return query(home, sql, stages)[0]


def test_one_threshold_of_each_standard_applies(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    value = query(home, "select v.*, s.school_type from indicator_value v join school s using (year, school_id) join threshold t using (indicator_id, stage) where v.year = 2025 and t.value is not null limit 1")[0]  # fmt: skip
    indicator, stage = value["indicator_id"], value["stage"]
    rows = [(stage, "*", 1990, 1.0), (stage, value["school_type"], 1990, 2.0), (stage, value["school_type"], 2001, 3.0),
            (stage, value["school_type"], 2099, 4.0), ("*", "*", 2020, 5.0), (stage, "999", 2020, 6.0)]  # fmt: skip
    with duckdb.connect(str(copy / "releases" / "latest" / "junheng.duckdb")) as connection:
        standard = connection.execute("select standard_id from threshold where indicator_id = ?", [indicator]).fetchall()[0][0]  # fmt: skip
        for row in rows:
            connection.execute("insert into threshold by name select standard_id, indicator_id, ? as stage, ? as school_type, ? as year_from, item_no, ?::double as value, floor, cv_limit, is_veto, clause, grade from threshold where standard_id = ? and indicator_id = ? limit 1", [*row, standard, indicator])  # fmt: skip
    found: Trace = Tracer(Home(copy), YEAR).traces(value["school_id"], indicator, stage)[0]
    standards = [row["standard_id"] for row in found.held_against]
    assert len(set(standards)) == len(standards)
    assert next(row["value"] for row in found.held_against if row["standard_id"] == standard) == 3.0


def test_an_identity_column_has_its_label_and_cell(home: Path) -> None:
    school = str(school_with(home, 1)["school_id"])
    found = field_of(Tracer(Home(home), YEAR), "urban_rural", school)
    assert found.label == Label(zh="城乡类型", en="urban-rural class")
    assert [cell.text for cell in found.cells] == [found.value]


def test_an_aggregate_shows_the_rows_for_which_its_condition_holds(home: Path) -> None:
    tracer = Tracer(Home(home), YEAR)
    school = query(home, "select school_id from school_total where year = 2025 and pupils_all > pupils_compulsory limit 1")[0]["school_id"]  # fmt: skip
    everyone, judged = (field_of(tracer, name, school) for name in ("pupils_all", "pupils_compulsory"))
    assert sum(float(cell.text) for cell in judged.cells) == judged.value
    assert {cell.stage for cell in everyone.cells} - {cell.stage for cell in judged.cells} == {"senior"}
    music = query(home, "select school_id from school_total where year = 2025 and music_rooms_standard > 0 limit 1")[0]
    rooms = field_of(tracer, "music_rooms_standard", music["school_id"])
    assert {cell.text for cell in rooms.cells if cell.header == "专用教室类型"} <= {"music", "音乐教室", "音乐"}
    assert rooms.cells


@pytest.mark.parametrize(("where", "holds"), [("urban_rural is not null", True), ("urban_rural is null", False),
                                              ("year > 2000 and is_judged", True), ("null > 1", False)])  # fmt: skip
def test_a_condition_reads_the_units_attributes(home: Path, where: str, holds: bool) -> None:
    tracer = with_field(home, aggregate=Aggregate(over="stage", sum="pupils", where=where))
    assert bool(field_of(tracer, "made", str(school_with(home, 2)["school_id"])).cells) is holds


def test_a_bare_count_shows_a_cell_a_row(home: Path) -> None:
    school = query(home, "select school_id, stage, classes_listed from school_stage where year = 2025 and classes_listed > 0 and campuses = 1 limit 1")[0]  # fmt: skip
    found = field_of(Tracer(Home(home), YEAR), "classes_listed", school["school_id"], school["stage"])
    assert len(found.cells) == found.value


@pytest.mark.parametrize(("stages", "is_told"), [(1, False), (2, True)])
def test_only_a_school_of_several_stages_is_told_that_resources_were_divided(
    home: Path, stages: int, is_told: bool
) -> None:
    school = school_with(home, stages)
    found = field_of(Tracer(Home(home), YEAR), "books", str(school["school_id"]), str(school["stage"]))
    assert found.cells
    assert (found.note is not None) is is_told


def test_the_sum_or_product_of_columns_is_said(home: Path) -> None:
    tracer = Tracer(Home(home), YEAR)
    for parts in tracer._cell_map.values():
        for cells in parts.values():
            if "books@" in cells:
                cells["books@"] |= {"columns": ["Q", "R"], "headers": ["甲", "乙"], "operation": "×", "factor": 0.5}
    found = field_of(tracer, "books", str(school_with(home, 1)["school_id"]))
    assert found.note == Label(zh="= (甲 × 乙) × 0.5", en="= (甲 × 乙) × 0.5")
    assert {cell.factor for cell in found.cells} == {1.0}


def test_a_store_in_another_state_than_the_release_is_not_traced(home: Path, tmp_path: Path) -> None:
    from pipeline.errors import HomeError

    copy = tmp_path / "home"
    shutil.copytree(home, copy, symlinks=True)
    (copy / "store" / "rows" / str(YEAR) / "fingerprint").unlink()
    with pytest.raises(HomeError, match="junheng run"):
        Tracer(Home(copy), YEAR)


@pytest.mark.parametrize(
    ("text", "value", "factor", "read_as"),
    [
        ("3000", 3000.0, 1.0, None), ("12.5", 125_000.0, 10_000.0, None), ("１２册", 12.0, 1.0, 12.0),
        ("12万元", 120_000.0, 10_000.0, 120_000.0), ("不详", None, 1.0, "空 blank"), ("", None, 1.0, None), ("明德小学 ", "明德小学", 1.0, None),
        ("", "明德小学", 1.0, "明德小学"), ("是", 1.0, 1.0, 1.0),
    ],
)  # fmt: skip
def test_a_cell_shows_what_it_was_read_as_where_its_text_does_not(
    text: str, value: float | str | None, factor: float, read_as: float | str | None
) -> None:
    assert _read_as(text, value, factor) == read_as

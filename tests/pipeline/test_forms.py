"""The form that we write: every value comes back as it was, and what may be entered is what the catalogue says."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.errors import FaultError
from pipeline.forms import Verbatim, cell_text, write_return
from pipeline.forms.cells import cell_value
from pipeline.forms.columns import FormColumn, columns_of
from pipeline.forms.prefill import rows_of_roster
from pipeline.forms.ranges import Range
from pipeline.returns.reader import read_file
from pipeline.returns.typing import is_numeric
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.layout import Column, Sheet
from pipeline.store.home import Home
from pipeline.store.roster import read_roster, write_roster
from tests.homes import CATALOGUES

YEAR = 2025
SCHOOL = "0199990101"
"""A code that begins with 0, as a spreadsheet would like to take from it."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def county_of(catalogue: Catalogue) -> Any:
    return next(d for d in catalogue.divisions if d.code == "990101")


def sheet_of(catalogue: Catalogue, part: str) -> Sheet:
    return next(s for s in catalogue.layouts["own"].sheets if s.part == part)


def form_column(catalogue: Catalogue, part: str, to: str) -> FormColumn:
    return next(c for c in columns_of(catalogue, sheet_of(catalogue, part), YEAR) if c.column.to == to)


def some_value(column: FormColumn, number: int) -> Any:
    """A canonical value that the column may hold, different from column to column."""
    if column.column.to == "school_id":
        return SCHOOL
    if column.column.recode:
        return list(column.column.recode.values())[number % len(column.column.recode)]
    if column.options is not None:
        return column.options.texts[number % len(column.options.texts)]
    if not is_numeric(column.kind):
        return f"“{number}” 文字"
    if column.column.factor != 1:
        return 1234567.89 + number
    return 7 + number if column.kind == "integer" else 3.14159265 + number


def full_rows(catalogue: Catalogue) -> dict[str, list[dict[str, Any]]]:
    """One row a part, with a value in every column."""
    return {
        sheet.part: [{c.key: some_value(c, i) for i, c in enumerate(columns_of(catalogue, sheet, YEAR))}]
        for sheet in catalogue.layouts["own"].sheets
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Path:
    path = tmp_path_factory.mktemp("forms") / "full.xlsx"
    write_return(path, catalogue, YEAR, county_of(catalogue), full_rows(catalogue))
    return path


def write(path: Path, catalogue: Catalogue, **parts: list[dict[str, Any]]) -> Any:
    """The workbook of some parts, opened again."""
    write_return(path, catalogue, YEAR, county_of(catalogue), parts)
    return openpyxl.load_workbook(path)


def cells_of(book: Any, sheet: Sheet) -> dict[str, Any]:
    """Code → cell of the first row to fill, found by the codes that the form shows."""
    to = book[sheet.name]
    if sheet.vertical is not None:
        return {row[0].value: row[3] for row in to.iter_rows(min_row=3) if row[0].value is not None}
    return {code.value: cell for code, cell in zip(to[3], to[4], strict=True)}


# -- what is written comes back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["schools", "stages", "classes", "rooms", "county"])
def test_every_cell_is_read_as_the_value_it_was_written_from(full: Path, catalogue: Catalogue, part: str) -> None:
    result = read_file(full.read_bytes(), full.name, YEAR, catalogue)
    assert (result.status, result.all_findings()) == ("accepted", [])
    (frame,) = next(p for p in result.parts if p.part == part).frames.values()
    (read,) = frame.to_dicts()
    assert read["county_code"] == "990101"
    for name, wanted in full_rows(catalogue)[part][0].items():
        found = read[name]
        assert found == (pytest.approx(float(wanted), rel=1e-14) if isinstance(found, float) else wanted), name


def test_an_empty_form_is_read_as_a_form_without_schools(tmp_path: Path, catalogue: Catalogue) -> None:
    write_return(tmp_path / "a.xlsx", catalogue, YEAR, county_of(catalogue), {})
    result = read_file((tmp_path / "a.xlsx").read_bytes(), "a.xlsx", YEAR, catalogue)
    assert result.layout_id == "own"
    assert not [f for f in result.all_findings() if f["severity"] == "critical"]
    assert all(frame.drop_nulls("school_id").is_empty() for part in result.parts for frame in part.frames.values())


TOTALS_OF_OTHERS = {"classes_within_limit_reported", "arts_teachers_total", "postgraduate_teachers"}
"""Totals that other layouts give where they lack the parts. The form asks for the parts: a total beside them would count twice."""


def test_every_cell_of_a_return_stands_in_the_form(catalogue: Catalogue) -> None:
    mapped = {column.to for sheet in catalogue.layouts["own"].sheets for column in sheet.columns}
    assert {f.id for f in catalogue.fields.values() if not f.is_derived} - mapped == TOTALS_OF_OTHERS


def test_what_the_form_leaves_out_is_carried_by_another_layout(catalogue: Catalogue) -> None:
    sheets = [s for name, layout in catalogue.layouts.items() if name != "own" for s in layout.sheets]
    assert {c.to for sheet in sheets for c in (*sheet.columns, *sheet.cells)} >= TOTALS_OF_OTHERS


def test_every_item_of_a_county_can_be_declared(catalogue: Catalogue) -> None:
    """A veto is said to be there or not; the others are declared met or not, but for what is computed and asked of nobody."""
    computed = {
        "basic_balance_certificate",
        "all_gaps_within_limits",
        "all_schools_meet_the_rule",
        "composite_gap_within_limit",
    }
    for standard in ("basic-2012", "quality-2017"):
        for item in catalogue.standards[standard].county_items:
            if item.id in computed:
                assert item.declared is None
                continue
            name = f"has_{item.id}" if item.id.startswith("veto") else f"is_declared_{item.id}"
            assert catalogue.fields[name].scope == "county"
            assert item.declared == name and item.declared_met_when == (not item.id.startswith("veto"))


@pytest.mark.parametrize(
    ("value", "factor", "cell"),
    [
        (1234567.89, 10000, 123.456789),
        (3, 1, 3),
        (3.0, 1, 3),
        (0.1 + 0.2, 10, 0.03),
        (0, 10000, 0),
        (720_000, 10000, 72),
    ],
)
def test_a_number_is_written_in_the_unit_of_the_form(value: float, factor: float, cell: float) -> None:
    column = Column(to="x", header="x", factor=factor)
    assert cell_value(column, "number", value) == cell
    assert cell_text(column, value) == f"{cell:.15g}"


@pytest.mark.parametrize("value", ["1", 1, 1.0, True])
def test_truth_is_written_in_the_words_of_the_form_whatever_its_type(value: object) -> None:
    column = Column(to="x", header="x", recode={"是": "1", "否": "0"})
    assert cell_value(column, "boolean", value) == cell_text(column, value) == "是"


def test_a_text_where_a_number_belongs_is_refused_unless_verbatim(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        write(tmp_path / "a.xlsx", catalogue, rooms=[{"school_id": SCHOOL, "room_sqm": "约96"}])
    assert not (tmp_path / "a.xlsx").exists()
    book = write(tmp_path / "a.xlsx", catalogue, rooms=[{"school_id": SCHOOL, "room_sqm": Verbatim("约96")}])
    assert cells_of(book, sheet_of(catalogue, "rooms"))["room_sqm"].value == "约96"


def test_codes_are_text_and_numbers_are_numbers(full: Path, catalogue: Catalogue) -> None:
    cells = cells_of(openpyxl.load_workbook(full), sheet_of(catalogue, "schools"))
    assert (cells["school_id"].value, cells["school_id"].number_format) == (SCHOOL, "@")
    assert isinstance(cells["books"].value, int)
    assert isinstance(cells["teaching_rooms_sqm"].value, float)


def test_a_text_is_never_taken_for_a_formula(tmp_path: Path, catalogue: Catalogue) -> None:
    book = write(tmp_path / "a.xlsx", catalogue, schools=[{"school_id": SCHOOL, "name": "=1+1"}])
    cell = cells_of(book, sheet_of(catalogue, "schools"))["name"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_zero_is_written_and_a_blank_is_not(tmp_path: Path, catalogue: Catalogue) -> None:
    cells = cells_of(
        write(tmp_path / "a.xlsx", catalogue, county=[{"special_school_pupils": 0}]), sheet_of(catalogue, "county")
    )
    assert cells["special_school_pupils"].value == 0
    assert cells["special_school_funds_yuan"].value is None


# -- the workbook as a whole --------------------------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, catalogue: Catalogue, full: Path) -> None:
    write_return(tmp_path / "again.xlsx", catalogue, YEAR, county_of(catalogue), full_rows(catalogue))
    assert (tmp_path / "again.xlsx").read_bytes() == full.read_bytes()
    assert openpyxl.load_workbook(full).properties.created == datetime.datetime(YEAR, 1, 1)


def test_sheets_stand_in_order_with_the_names_of_the_layout(full: Path) -> None:
    assert openpyxl.load_workbook(full).sheetnames == [
        "封面",
        "填表说明",
        "学校",
        "学段",
        "班级",
        "专用教室",
        "县级",
        "代码表",
    ]


def test_year_and_county_stand_right_of_the_labels_by_which_the_layout_finds_them(
    full: Path, catalogue: Catalogue
) -> None:
    layout = catalogue.layouts["own"]
    found = {}
    for cell in (layout.year.cell, layout.sheets[0].division.cell):
        assert cell is not None
        for row in openpyxl.load_workbook(full)[cell.sheet].iter_rows(values_only=True):
            if cell.label in row:
                found[cell.label] = next(v for v in row[row.index(cell.label) + 1 :] if v is not None)
    assert list(found.values()) == [YEAR, "990101"]


def test_no_cell_is_merged_and_headers_stay_in_sight(full: Path) -> None:
    book = openpyxl.load_workbook(full)
    assert not any(sheet.merged_cells.ranges for sheet in book)
    assert {s.title: s.freeze_panes for s in book} == {
        "封面": None, "填表说明": None, "学校": "C4", "学段": "C4", "班级": "C4", "专用教室": "C4", "县级": "C3", "代码表": None
    }  # fmt: skip
    assert all(s.page_setup.orientation == "landscape" and s.page_setup.paperSize == 9 for s in book)
    assert book["学校"].print_title_rows == "$1:$3"


def test_the_notes_explain_every_column(full: Path, catalogue: Catalogue) -> None:
    explained = {(row[0], row[2]) for row in openpyxl.load_workbook(full)["填表说明"].iter_rows(values_only=True)}
    assert {(s.name, c.to) for s in catalogue.layouts["own"].sheets for c in s.columns} <= explained


def test_a_header_says_in_a_comment_what_its_column_means(full: Path) -> None:
    comments = {cell.value: cell.comment.text for cell in openpyxl.load_workbook(full)["学校"][2]}
    assert "账面原值" in comments["教学仪器设备资产值（万元）"]
    assert "Book value" in comments["教学仪器设备资产值（万元）"]


@pytest.mark.parametrize(("part", "row"), [("schools", {"nonsense": 1}), ("nonsense", {})])
def test_a_part_or_a_column_that_the_layout_lacks_is_refused(
    tmp_path: Path, catalogue: Catalogue, part: str, row: dict[str, Any]
) -> None:
    with pytest.raises(KeyError, match="nonsense"):
        write(tmp_path / "a.xlsx", catalogue, **{part: [row]})


def test_a_layout_without_a_form_is_refused(tmp_path: Path) -> None:
    foreign = load_catalogue(CATALOGUES / "caschools")
    with pytest.raises(FaultError, match="says nothing of a form"):
        write_return(tmp_path / "a.xlsx", foreign, YEAR, foreign.divisions[-1], {}, "caschools")


# -- what may be entered ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "to", "expected"),
    [
        ("stages", "graduates", Range(is_whole=True)),  # a whole number, nothing below 0
        ("schools", "labour_hours_pct", Range(0, 100)),  # the unit is %
        ("classes", "class_pupils", Range(0, 200, is_whole=True)),  # rule class_pupils_in_range
        ("rooms", "room_sqm", Range(0, above=True)),  # rule room_area_positive; what only warns stays open
        ("schools", "equipment_yuan", Range()),  # 10,000 yuan on the form
        ("schools", "has_charter", None),  # yes or no
        ("schools", "name", None),
    ],
)  # fmt: skip
def test_a_range_comes_from_type_unit_and_critical_rules(
    catalogue: Catalogue, part: str, to: str, expected: Range | None
) -> None:
    assert form_column(catalogue, part, to).range == expected


def validation_at(book: Any, sheet: Sheet, to: str) -> Any:
    cell = cells_of(book, sheet)[to].coordinate
    return next(v for v in book[sheet.name].data_validations.dataValidation if cell in v.sqref)


def chosen_from(book: Any, formula: str) -> list[str]:
    """Texts that a drop-down offers."""
    name, place = formula.strip("=").replace("'", "").split("!")
    return [cell.value for (cell,) in book[name][place.replace("$", "")]]


@pytest.mark.parametrize(
    ("part", "to", "offered"),
    [
        ("stages", "stage", ["小学", "初中", "高中"]),
        ("rooms", "room_kind", ["音乐", "美术"]),
        ("schools", "has_charter", ["是", "否"]),
        ("county", "has_veto_posts", ["是", "否"]),
        ("schools", "urban_rural", ["111", "112", "121", "122", "123", "210", "220"]),
    ],
)
def test_a_drop_down_offers_what_the_catalogue_knows(
    full: Path, catalogue: Catalogue, part: str, to: str, offered: list[str]
) -> None:
    book = openpyxl.load_workbook(full)
    rule = validation_at(book, sheet_of(catalogue, part), to)
    assert rule.type == "list"
    assert chosen_from(book, rule.formula1) == offered


def test_a_closed_list_stops_and_an_open_one_warns(full: Path, catalogue: Catalogue) -> None:
    book, schools = openpyxl.load_workbook(full), sheet_of(catalogue, "schools")
    assert validation_at(book, schools, "urban_rural").errorStyle in (None, "stop")
    assert validation_at(book, schools, "group_role").errorStyle == "warning"


def test_rows_below_the_data_are_checked_too(full: Path, catalogue: Catalogue) -> None:
    book, schools = openpyxl.load_workbook(full), sheet_of(catalogue, "schools")
    assert all(r.max_row > 1000 for r in validation_at(book, schools, "books").sqref.ranges)


def test_other_sheets_choose_schools_from_the_sheet_of_schools(full: Path, catalogue: Catalogue) -> None:
    book = openpyxl.load_workbook(full)
    assert chosen_from(book, validation_at(book, sheet_of(catalogue, "rooms"), "school_id").formula1)[0] == SCHOOL


def test_listed_codes_are_codes_that_the_rules_accept(catalogue: Catalogue) -> None:
    import re

    pattern = catalogue.rules["school_type_known"].expectation
    assert pattern is not None
    assert all(re.match(pattern.kwargs["regex"], code) for code in catalogue.codes["school_type"].codes)
    known = catalogue.rules["urban_rural_known"].expectation
    assert known is not None
    assert set(catalogue.codes["urban_rural"].codes) == set(known.kwargs["value_set"])


# -- from the roster ----------------------------------------------------------------------------------------------------


def test_a_roster_fills_schools_and_the_stages_they_teach_but_no_figures(tmp_path: Path, catalogue: Catalogue) -> None:
    who = {"level": "school", "parent_code": "990101", "is_public": True, "urban_rural": "220"}
    write_roster(
        tmp_path / "roster" / f"{YEAR}.csv",
        catalogue,
        [
            {**who, "code": "31990001", "name_zh": "云汀九年一贯制学校", "school_type": "312", "pupils_primary": 300, "pupils_junior": 200},
            {**who, "code": "21990002", "name_zh": "云汀小学", "school_type": "211", "pupils_primary": 90, "pupils_junior": 0},
        ],
    )  # fmt: skip
    roster = read_roster(Home(tmp_path), YEAR, catalogue)
    assert roster is not None
    rows = rows_of_roster(roster, "990101", catalogue, catalogue.layouts["own"])
    assert rows["schools"] == [
        {"school_id": "21990002", "name": "云汀小学", "school_type": "211", "urban_rural": "220", "is_public": 1},
        {
            "school_id": "31990001",
            "name": "云汀九年一贯制学校",
            "school_type": "312",
            "urban_rural": "220",
            "is_public": 1,
        },
    ]
    assert [(r["school_id"], r["stage"]) for r in rows["stages"]] == [
        ("21990002", "primary"), ("31990001", "primary"), ("31990001", "junior")
    ]  # fmt: skip
    assert not any("pupils" in row for row in rows["stages"])
    assert set(rows) == {"schools", "stages"}

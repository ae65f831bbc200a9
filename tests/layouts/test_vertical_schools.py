"""A vertical sheet about schools, one item a row, comes to the rows of our own sheets of schools and stages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from pipeline.returns.cells import addresses_of
from pipeline.returns.reader import FileRows, read_file
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.layout import CoverCell
from tests.layouts.schools import COUNTY, UNITS, YEAR
from tests.layouts.vertical import HEADER, Line, as_csv, lines_of
from tests.pipeline.test_workbooks import written


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def read(catalogue: Catalogue, lines: Iterable[Line], header: Line = HEADER) -> FileRows:
    return read_file(as_csv(lines, header), "items.csv", YEAR, catalogue)


def rows_of(result: FileRows, record: str) -> dict[tuple[str, str | None], dict[str, Any]]:
    frame = result.parts[0].frames[record]  # type: ignore[index]
    return {(row["school_id"], row["stage"]): row for row in frame.iter_rows(named=True)}


def rules(result: FileRows) -> list[tuple[str, int | None, str]]:
    return [(f["rule_id"], f["row"], f["cell"]) for f in result.all_findings()]  # type: ignore[misc]


def test_items_of_schools_and_stages_come_to_the_same_rows(catalogue: Catalogue) -> None:
    units = [unit for unit in UNITS if unit.school["county_code"] == COUNTY]
    result = read(catalogue, [line for unit in units for line in lines_of(catalogue, unit)])
    assert (result.status, result.layout_id, rules(result)) == ("accepted", "school-items", [])
    schools, stages = rows_of(result, "school"), rows_of(result, "stage")
    assert len(schools) == len(units) and len(stages) == sum(len(unit.stages) for unit in units)
    for unit in units:
        got = schools[unit.school_id, None]
        assert {name: got[name] for name in unit.school} == unit.school
        for stage, row in unit.stages.items():
            assert {name: stages[unit.school_id, stage][name] for name in row} == row


def test_each_value_is_at_home_in_the_row_that_gave_it(catalogue: Catalogue) -> None:
    lines = list(lines_of(catalogue, UNITS[0]))
    result = read(catalogue, lines)
    (row,) = rows_of(result, "stage").values()
    number = next(n for n, line in enumerate(lines, 2) if line[3] == "pupils")
    assert addresses_of(result.parts[0].cells["pupils@primary"], row) == [f"F{number}"]


def test_an_item_that_stands_twice_for_a_stage_has_no_value_and_is_told_at_each_place(catalogue: Catalogue) -> None:
    school = UNITS[1].school_id
    lines = [(COUNTY, school, "小学", "pupils", "", 100), (COUNTY, school, "初中", "pupils", "", 200)]
    result = read(catalogue, [*lines, (COUNTY, school, "小学", "", "在校生（人）", 101)])
    assert rules(result) == [("item_repeated", 2, "F2"), ("item_repeated", 4, "F4")]
    stages = rows_of(result, "stage")
    assert (stages[school, "primary"]["pupils"], stages[school, "junior"]["pupils"]) == (None, 200)


def test_rows_of_no_school_no_stage_and_no_item_are_told(catalogue: Catalogue) -> None:
    school = UNITS[1].school_id
    lines = [
        (COUNTY, "", "小学", "pupils", "", 1), (COUNTY, school, "幼儿园", "pupils", "", 2),
        (COUNTY, school, "小学", "", "没有的项目", 3), (COUNTY, school, "小学", "pupils", "", 4),
    ]  # fmt: skip
    result = read(catalogue, lines)
    assert {rule for rule, _, _ in rules(result)} == {"school_id_missing", "stage_unknown", "item_unknown"}
    assert result.parts[0].rows["disposition"].to_list()[0] == "quarantined"


@pytest.mark.parametrize("on_cover", [True, False], ids=["on the cover", "as an item"])
def test_a_sheet_of_one_school_may_name_it_on_the_cover_or_as_an_item(catalogue: Catalogue, on_cover: bool) -> None:
    layout = catalogue.layouts["school-items"]
    sheet = layout.sheets[0]
    assert sheet.vertical is not None
    cover = {"sheet": "封面", "label": "学校标识码"}
    columns = tuple(c.model_copy(update={"optional": True}) if c.to == "school_id" else c for c in sheet.columns)
    vertical = sheet.vertical.model_copy(update={"school_cell": CoverCell(**cover) if on_cover else None})
    county = CoverCell(sheet="封面", label="区县代码")
    division = sheet.division.model_copy(update={"header": None, "also": (), "cell": county})
    one = sheet.model_copy(update={"columns": columns, "vertical": vertical, "division": division})
    changed = layout.model_copy(update={"sheets": (one,), "ignore_sheets": ("封面",), "one_school": True})
    known = catalogue.model_copy(update={"layouts": {"school-items": changed}})
    school = UNITS[1].school_id
    rows: list[list[Any]] = [["学段", "项目", "数值"], ["", "图书（册）", 300], ["小学", "在校生（人）", 45]]
    face: list[list[Any]] = [["区县代码", COUNTY], *([["学校标识码", school]] if on_cover else [])]
    rows += [] if on_cover else [["", "学校标识码", school]]
    result = read_file(written({"封面": face, "数据": rows}), "one.xlsx", YEAR, known)
    assert rules(result) == []
    assert rows_of(result, "school")[school, None]["books"] == 300
    assert rows_of(result, "stage")[school, "primary"]["pupils"] == 45

"""What changed in a file of a known kind: each kind of difference, the dangerous ones first, with the mending step."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from junheng.main import app
from pipeline.errors import JunhengError
from pipeline.returns.suggest.diff import Difference, differences, kinds
from pipeline.returns.tries import HEADER_SEARCH_ROWS
from pipeline.schema import load_catalogue
from tests.pipeline.suggested import YEAR, as_csv, files_of_own_layout

CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def own_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files_of_own_layout(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("form") / "form.xlsx"
    made = CliRunner().invoke(app, ["template", "--year", str(YEAR), "--county", "990101", str(path)])
    assert made.exit_code == 0, made.output
    return path.read_bytes()


def found_in(data: bytes, name: str = "学校.csv") -> list[Difference]:
    return list(differences(data, name, CATALOGUE, YEAR).differences)


def reheaded(data: bytes, **changes: str) -> bytes:
    """A text file with words of its header line exchanged."""
    head, _, rest = data.decode("utf-8-sig").partition("\n")
    for before, after in changes.items():
        assert before in head
        head = head.replace(before, after)
    return (head + "\n" + rest).encode()


def edited(form: bytes, change: Callable[[Any], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(form))
    change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_our_own_files_and_our_own_form_do_not_differ(own_files: dict[str, bytes], form: bytes) -> None:
    for part, data in own_files.items():
        if part != "county":  # the county's sheet needs a cover
            assert found_in(data, f"{part}.csv") == []
    assert found_in(form, "form.xlsx") == []


def test_a_changed_unit_is_the_first_thing_said_with_its_factor(own_files: dict[str, bytes]) -> None:
    data = reheaded(
        own_files["schools"],
        **{
            "教学仪器设备资产值（万元）": "教学仪器设备资产值（元）",
            "运动场地面积（平方米）": "运动场地面积（亩）",
            "图书（册）": "藏书量（册）",
        },
    )
    first, second, *others = found_in(data)
    assert {first.kind, second.kind} == {"unit_changed"} and first.weight == "danger"
    by_header = {d.found: d for d in (first, second)}
    money, land = by_header["教学仪器设备资产值（元）"], by_header["运动场地面积（亩）"]
    assert "10000 倍" in money.zh and "factor: 1" in money.mend_en
    assert "666.667" in land.zh and "factor: 666.666666667" in land.mend_zh
    assert "不要写进 also" in money.mend_zh
    assert [d.kind for d in others] == ["header_renamed"]
    assert 'also: ["藏书量（册）"]' in others[0].mend_zh and "layouts/own.yaml" in others[0].mend_en


def test_a_unit_that_is_no_longer_said_is_unclear(own_files: dict[str, bytes]) -> None:
    data = reheaded(own_files["schools"], **{"教学仪器设备资产值（万元）": "教学仪器设备资产值"})
    assert [d.kind for d in found_in(data)] == ["unit_unclear"]


def test_new_gone_and_repeated_headers_are_told_apart(own_files: dict[str, bytes]) -> None:
    data = reheaded(
        own_files["stages"],
        **{
            "学校（机构）标识码": "统一编号",
            "班级（个）": "绿地率",
            "专科学历教师（人）": "研究生学历教师（人）",
            "音乐教师（人）": "体育教师（人）",
        },
    )
    found = {(d.kind, d.found or d.expected): d for d in found_in(data, "学段.csv")}
    assert ("required_gone", "学校（机构）标识码") in found
    assert ("header_gone", "班级（个）") in found
    assert ("header_unknown", "绿地率") in found
    assert ("header_repeated", "体育教师（人）") in found
    new = found["header_new", "研究生学历教师（人）"]
    assert "postgraduate_teachers" in new.mend_zh


def test_moved_columns_are_named_and_harmless(own_files: dict[str, bytes]) -> None:
    rows = [line.split(",") for line in own_files["rooms"].decode("utf-8-sig").splitlines()]
    moved = [[*row[:2], *row[3:], row[2]] for row in rows]
    found = found_in(as_csv(moved), "教室.csv")
    assert [(d.kind, d.found, d.weight) for d in found] == [("columns_moved", "学校名称", "harmless")]


def test_sheets_that_are_new_gone_or_renamed_are_told(form: bytes) -> None:
    def change(book: Any) -> None:
        book["班级"].title = "班级情况"
        del book["专用教室"]
        book.create_sheet("补充说明").append(["其他", "情况"])

    found = {d.kind: d for d in found_in(edited(form, change), "form.xlsx")}
    assert set(found) == {"sheet_new", "sheet_gone", "sheet_renamed"}
    assert found["sheet_renamed"].found == "班级情况" and found["sheet_renamed"].weight == "harmless"
    assert found["sheet_gone"].expected == "专用教室"


def test_a_header_out_of_reach_is_dangerous_and_one_that_moved_a_little_is_not(form: bytes) -> None:
    for rows, kind in ((2, "header_moved"), (HEADER_SEARCH_ROWS + 3, "header_out_of_reach")):

        def change(book: Any, rows: int = rows) -> None:
            book["学段"].insert_rows(2, rows)

        assert [d.kind for d in found_in(edited(form, change), "form.xlsx")] == [kind]


def test_codes_that_disagree_with_their_headers_are_dangerous(form: bytes) -> None:
    def change(book: Any) -> None:
        row = book["学段"][3]
        place = {cell.value: cell for cell in row}
        place["pupils"].value = "classes"
        place["grades"].value = "unheard_of"

    found = {d.kind: d for d in found_in(edited(form, change), "form.xlsx")}
    assert set(found) == {"code_changed", "code_new"}
    assert found["code_changed"].found == "在校生（人）"


def test_a_reworded_header_is_known_by_the_code_below_it(form: bytes) -> None:
    def change(book: Any) -> None:
        next(cell for cell in book["学段"][2] if cell.value == "在校生（人）").value = "注册人头"

    found = found_in(edited(form, change), "form.xlsx")
    assert [(d.kind, d.expected, d.found) for d in found] == [("header_renamed", "在校生（人）", "注册人头")]


def test_items_of_a_vertical_sheet_are_compared_too(form: bytes) -> None:
    def change(book: Any) -> None:
        sheet = book["县级"]
        head = {cell.value: cell.column for cell in sheet[2]}
        for row in range(3, sheet.max_row + 1):
            if sheet.cell(row, head["项目"]).value == "常住人口（万人）":
                sheet.cell(row, head["项目"]).value = "常住人口（人）"

    found = found_in(edited(form, change), "form.xlsx")
    assert [(d.kind, d.sheet) for d in found] == [("unit_changed", "县级")]
    assert "10000 倍" in found[0].zh


def test_a_file_near_no_layout_points_to_suggest() -> None:
    with pytest.raises(JunhengError, match="layout suggest"):
        differences(as_csv([["茶叶", "产量"], ["龙井", "12"]]), "茶.csv", CATALOGUE, YEAR)


def test_every_kind_of_difference_has_words_in_both_languages_and_is_shown_here() -> None:
    text = Path(__file__).read_text("utf-8")
    for kind, entry in kinds().items():
        assert entry["weight"] in ("danger", "change", "harmless")
        for key in ("message", "mend"):
            assert entry[key]["zh"] and entry[key]["en"]
        assert f'"{kind}"' in text, kind
    weights = [entry["weight"] for entry in kinds().values()]
    assert weights == sorted(weights, key=["danger", "change", "harmless"].index)


def test_a_form_without_its_row_of_codes_says_so(form: bytes) -> None:
    def change(book: Any) -> None:
        book["学段"].delete_rows(3)

    assert [d.kind for d in found_in(edited(form, change), "form.xlsx")] == ["code_row_gone"]

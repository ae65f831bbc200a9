"""Workbooks: text as a person sees it, at the cell where it stands; what shows no value is told; nothing raises."""

from __future__ import annotations

import datetime
import io
import random
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from pipeline.returns.headings import heading_at
from pipeline.returns.reader import FileRows, read_file
from pipeline.returns.table import SourceTable, UnreadableError, cell_place, column_letter
from pipeline.returns.workbook import Workbook, is_workbook, shown
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.layout import Layout

YEAR, COUNTY = 2025, "990101"
ONE, TWO = "2199010101", "2199010102"
SCHOOLS = ["学校（机构）标识码", "学校名称", "办学类型", "图书（册）", "教学用计算机（台）", "是否计校数"]
STAGES = ["学校（机构）标识码", "学段", "在校生（人）"]
COVER = [["义务教育均衡发展基础数据报表"], [], ["统计年份", YEAR], ["县级行政区划代码", COUNTY]]
ITEMS = ["代码", "项目", "计量单位", "填报值"]

Sheets = Mapping[str, Sequence[Sequence[Any]]]


@pytest.fixture(scope="module")
def own() -> Catalogue:
    return load_catalogue()


def school(code: str = ONE, *, books: Any = 3000, computers: Any = 20) -> list[Any]:
    return [code, "明德小学", "211", books, computers, "是"]


def return_of(**sheets: Any) -> Sheets:
    """The sheets of a small sound return; sheets given here take the place of its own, None takes one away."""
    known: dict[str, Any] = {
        "封面": COVER,
        "学校": [SCHOOLS, school()],
        "学段": [STAGES, [ONE, "小学", 500]],
        "班级": [["学校（机构）标识码", "学段", "班级名称", "班级学生数（人）"], [ONE, "小学", "一（1）班", 40]],
        "专用教室": [["学校（机构）标识码", "专用教室类型", "使用面积（平方米）"], [ONE, "音乐", 73.5]],
        "县级": [ITEMS, ["resident_population", "常住人口（万人）", "万人", 30.5]],
    }
    return {name: rows for name, rows in (known | sheets).items() if rows is not None}


def written(sheets: Sheets, change: Callable[[Any, dict[str, Any]], None] | None = None) -> bytes:
    """A workbook of these cells; ``change`` may do more to it before it is closed."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    pages = {name: book.add_worksheet(name) for name in sheets}
    for name, rows in sheets.items():
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell is not None:
                    pages[name].write(r, c, cell)
    if change:
        change(book, pages)
    book.close()
    return stream.getvalue()


def read(catalogue: Catalogue, sheets: Sheets, **also: Any) -> FileRows:
    return read_file(written(sheets, **also), "return.xlsx", YEAR, catalogue)


def frame(result: FileRows, record: str) -> list[dict[str, Any]]:
    return [row for part in result.parts if record in part.frames for row in part.frames[record].to_dicts()]


def told(result: FileRows) -> list[tuple[Any, ...]]:
    return [(f["rule_id"], f["sheet"], f["cell"], f["found"]) for f in result.all_findings()]


def table(data: bytes, name: str = "学校") -> SourceTable:
    return Workbook(data).table(name)


# -- the sheets of one return --------------------------------------------------------------------------------------


def test_one_workbook_gives_all_its_parts(own: Catalogue) -> None:
    result = read(own, return_of())
    assert (result.status, result.layout_id, told(result)) == ("accepted", "own", [])
    assert [part.part for part in result.parts] == ["schools", "stages", "classes", "rooms", "county"]
    assert frame(result, "school")[0]["books"] == 3000
    assert frame(result, "room")[0]["room_kind"] == "music"
    assert {row["county_code"] for part in result.parts for row in part.rows.to_dicts()} == {COUNTY}


def test_what_a_file_is_called_does_not_matter_its_bytes_do(own: Catalogue) -> None:
    data = written(return_of())
    assert read_file(data, "x.csv", YEAR, own).all_findings() == []
    text = "县级行政区划代码,学校标识码,学校名称,办学类型\n990101,2199010101,明德小学,211\n"
    assert read_file(text.encode(), "return.xlsx", YEAR, own).status == "accepted"


def test_a_renamed_sheet_is_known_by_its_headers(own: Catalogue) -> None:
    sheets = return_of(学校=None) | {"学校信息": [SCHOOLS, school()]}
    result = read(own, sheets)
    assert told(result) == []
    assert frame(result, "school")[0]["name"] == "明德小学"


def test_the_name_of_a_sheet_is_compared_without_white_space_and_width(own: Catalogue) -> None:
    assert told(read(own, return_of(学校=None) | {" 学　校 ": [SCHOOLS, school()]})) == []


def test_a_sheet_that_is_no_part_is_told_and_the_rest_is_read(own: Catalogue) -> None:
    result = read(own, return_of() | {"草稿": [["a", "b"], [1, 2]], "Sheet9": []})
    (finding,) = result.all_findings()
    assert (finding["rule_id"], finding["severity"], finding["sheet"]) == ("sheet_unread", "info", "草稿")
    assert finding["expected"] == "学校、学段、班级、专用教室、县级"


def test_covers_notes_and_lists_are_ignored_without_a_word(own: Catalogue) -> None:
    assert told(read(own, return_of() | {"填表说明": [["1. 一县一份"]], "代码表": [["211", "小学"]]})) == []


@pytest.mark.parametrize("rows", [None, [STAGES], [STAGES, ["", " "]], []])
def test_a_sheet_that_lacks_or_holds_no_rows_is_told(own: Catalogue, rows: Any) -> None:
    result = read(own, return_of(学段=rows))
    assert [(f["rule_id"], f["severity"], f["found"]) for f in result.all_findings()] == [
        ("sheet_missing", "warning", "学段")
    ]
    assert result.status == "accepted"


def test_a_named_sheet_without_its_headers_says_which(own: Catalogue) -> None:
    result = read(own, return_of(学段=[["学校（机构）标识码", "学段", "人数"], [ONE, "小学", 500]]))
    assert told(result) == [("sheet_unfit", "学段", "", "在校生（人）")]
    assert result.all_findings()[0]["severity"] == "critical"


def test_a_copy_of_a_sheet_is_told_and_not_read_twice(own: Catalogue) -> None:
    result = read(own, return_of() | {"学校 (2)": [SCHOOLS, school(TWO)]})
    assert told(result) == [("sheet_repeated", "学校 (2)", "", "学校 (2)")]
    assert [row["school_id"] for row in frame(result, "school")] == [ONE]


def test_a_header_that_stands_twice_is_told_with_sheet_and_cell(own: Catalogue) -> None:
    result = read(own, return_of(学校=[[*SCHOOLS, "图书(册)"], school()]))
    assert told(result) == [("header_repeated", "学校", "G1", "图书(册)")]


def test_hidden_sheets_and_rows_are_read_like_others(own: Catalogue) -> None:
    def hide(_: Any, pages: dict[str, Any]) -> None:
        pages["学段"].hide()
        pages["学校"].set_row(1, None, None, {"hidden": True})

    result = read(own, return_of(), change=hide)
    assert frame(result, "school")[0]["school_id"] == ONE
    assert frame(result, "stage")[0]["pupils"] == 500


def test_a_workbook_of_which_no_sheet_fits_is_unreadable(own: Catalogue) -> None:
    result = read(own, {"Sheet1": [["a", "b"], [1, 2]]})
    assert (result.status, told(result)) == ("unreadable", [("layout_unknown", "", "", "—")])


def test_a_workbook_of_headers_alone_is_an_empty_file(own: Catalogue) -> None:
    result = read(own, {"封面": COVER, "学校": [SCHOOLS], "学段": [STAGES]})
    assert (result.status, [f["rule_id"] for f in result.all_findings()]) == ("unreadable", ["file_empty"])


def test_a_layout_of_text_files_reads_no_workbook(own: Catalogue) -> None:
    layout = own.layouts["own"].model_copy(update={"formats": ("csv",)})
    text_only = own.model_copy(update={"layouts": {"own": layout}})
    assert read(text_only, return_of()).status == "unreadable"


# -- year and county -----------------------------------------------------------------------------------------------


def test_another_year_on_the_cover_rejects_the_file_and_names_the_cell(own: Catalogue) -> None:
    cover = [*COVER[:2], ["统计年份", None, 2024], COVER[3]]
    result = read(own, return_of(封面=cover))
    assert (result.status, told(result)) == ("rejected", [("year_disagrees", "封面", "C3", "2024")])


@pytest.mark.parametrize(("label", "place"), [("统计年份", "B3"), ("县级行政区划代码", "B4")])
def test_a_blank_cell_of_the_cover_is_not_filled_by_the_note_beside_it(own: Catalogue, label: str, place: str) -> None:
    noted = [[*row, "Collection year: 2025"] for row in COVER]
    blank = [[row[0], None, row[2]] if row[0] == label else row for row in noted]
    result = read(own, return_of(封面=blank))
    assert told(result) == [("cover_cell_missing", "封面", place, "")]
    assert result.status == ("rejected" if label == "统计年份" else "accepted")


@pytest.mark.parametrize(("written_code", "rule_id"), [("999999", "county_unknown"), ("", "cover_cell_missing")])
def test_a_county_that_the_cover_does_not_say_is_told_once_and_its_rows_are_set_aside(
    own: Catalogue, written_code: str, rule_id: str
) -> None:
    cover = [*COVER[:3], ["县级行政区划代码：", written_code]]
    result = read(own, return_of(封面=cover))
    assert told(result) == [(rule_id, "封面", "B4", written_code)]
    assert {d for part in result.parts for d in part.rows["disposition"]} == {"quarantined"}


def test_a_return_without_a_cover_says_what_it_lacks(own: Catalogue) -> None:
    result = read(own, return_of(封面=None))
    assert [(f["rule_id"], f["sheet"], f["expected"]) for f in result.all_findings()] == [
        ("cover_cell_missing", "封面", "统计年份"),
        ("cover_cell_missing", "封面", "县级行政区划代码"),
    ]


def test_a_county_column_goes_before_the_cover(own: Catalogue) -> None:
    rows = [[*SCHOOLS, "县级行政区划代码"], [*school(), "990102"]]
    result = read(own, return_of(学校=rows))
    assert frame(result, "school")[0]["county_code"] == "990102"
    assert frame(result, "stage")[0]["county_code"] == COUNTY


def test_a_cell_of_the_cover_may_be_given_by_address(own: Catalogue) -> None:
    plain = own.layouts["own"].model_dump()
    plain["year"]["cell"] = {"sheet": "封面", "address": "B3"}
    layout = Layout.model_validate(plain)
    result = read(
        own.model_copy(update={"layouts": {"own": layout}}), return_of(封面=[*COVER[:2], ["年", 1999], COVER[3]])
    )
    assert told(result) == [("year_disagrees", "封面", "B3", "1999")]


# -- places and text -----------------------------------------------------------------------------------------------


def test_blank_rows_and_columns_before_the_table_do_not_shift_a_place(own: Catalogue) -> None:
    rows = [[], [], [], [None, None, *SCHOOLS], [None, None, *school(books="三千")]]
    result = read(own, return_of(学校=rows))
    assert told(result) == [("not_a_number", "学校", "F5", "三千")]
    assert frame(result, "school")[0]["row"] == 5
    assert result.parts[0].cells["books@"]["columns"] == ["F"]


def test_a_header_far_below_blank_rows_is_found(own: Catalogue) -> None:
    rows = [*([[]] * 30), ["学校表"], SCHOOLS, school()]
    assert frame(read(own, return_of(学校=rows)), "school")[0]["row"] == 33


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"), (-2.0, "-2"), (0.1 + 0.2, "0.30000000000000004"), (1e-7, "0.0000001"), (1e16, "10000000000000000"),
        (12345678.125, "12345678.125"), (99010100012345.0, "99010100012345"), (5, "5"), ("00123", "00123"), (True, "TRUE"),
        (False, "FALSE"), (datetime.date(2025, 9, 1), "2025-09-01"), (datetime.datetime(2025, 9, 1, 8, 30), "2025-09-01 08:30:00"),
        (datetime.time(8, 30), "08:30:00"), (1e300, "1" + "0" * 300),
    ],
)  # fmt: skip
def test_a_value_is_shown_with_all_its_digits_and_no_more(value: object, text: str) -> None:
    assert shown(value) == text


def test_cells_are_the_text_that_a_person_sees() -> None:
    day = datetime.datetime(2025, 9, 1)

    def dated(book: Any, pages: dict[str, Any]) -> None:
        pages["学校"].write_datetime(0, 6, day, book.add_format({"num_format": "yyyy-mm-dd"}))

    cells = table(written({"学校": [["0123", 3, 0.25, True, "两\n行", " 空 "]]}, dated)).rows[0]
    assert cells == ["0123", "3", "0.25", "TRUE", "两\n行", " 空 ", "2025-09-01"]


def test_every_double_comes_back_as_itself(own: Catalogue) -> None:
    draw = random.Random(7)
    values = [
        draw.choice([draw.uniform(0, 1e6), draw.uniform(0, 1e-6), draw.randrange(10**9) / 100]) for _ in range(300)
    ]
    assert [float(shown(value)) for value in values] == values


def test_a_code_stored_as_a_number_is_read_without_a_point(own: Catalogue) -> None:
    rows = [SCHOOLS, [int(ONE), "明德小学", 211, 3000, 20, "是"]]
    only = frame(read(own, return_of(学校=rows, 封面=[*COVER[:3], ["县级行政区划代码", int(COUNTY)]])), "school")[0]
    assert (only["school_id"], only["school_type"], only["county_code"]) == (ONE, "211", COUNTY)


# -- cells without a value -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["#DIV/0!", "#REF!", "#N/A", "#VALUE!", "#NAME?"])
def test_an_error_in_a_cell_is_told_with_its_place_and_never_a_silent_blank(own: Catalogue, error: str) -> None:
    def broken(_: Any, pages: dict[str, Any]) -> None:
        pages["学校"].write_formula(1, 3, "=1/0", None, error)

    result = read(own, return_of(), change=broken)
    assert told(result) == [("cell_error", "学校", "D2", error)]
    assert (frame(result, "school")[0]["books"], frame(result, "school")[0]["computers"]) == (None, 20)
    assert result.all_findings()[0]["school_id"] == ONE


def test_a_formula_that_was_never_computed_is_told_with_its_place(own: Catalogue) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(return_of())))
    book["学校"]["D2"] = "=1000*3"
    book["学校"]["B2"] = '="明德"&"小学"'
    stream = io.BytesIO()
    book.save(stream)
    result = read_file(stream.getvalue(), "x.xlsx", YEAR, own)
    assert told(result) == [
        ("formula_without_value", "学校", "B2", '="明德"&"小学"'),
        ("formula_without_value", "学校", "D2", "=1000*3"),
    ]
    assert frame(result, "school")[0]["name"] is None


def test_a_row_of_nothing_but_uncomputed_formulas_is_no_blank_row(own: Catalogue) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(return_of())))
    for column in "ABC":
        book["学段"][f"{column}9"] = "=学校!A2"
    stream = io.BytesIO()
    book.save(stream)
    result = read_file(stream.getvalue(), "x.xlsx", YEAR, own)
    assert result.parts[1].rows.select("row", "disposition").rows() == [(2, "accepted"), (9, "quarantined")]
    assert {(f["rule_id"], f["cell"]) for f in result.all_findings()} >= {
        ("formula_without_value", f"{c}9") for c in "ABC"
    }


def test_a_computed_formula_is_its_value_and_an_empty_text_is_blank(own: Catalogue) -> None:
    def formulas(_: Any, pages: dict[str, Any]) -> None:
        pages["学校"].write_formula(1, 3, "=1000*3", None, 3000)
        pages["学校"].write_formula(1, 4, '=IF(A1="","",1)', None, "x")

    data = rewritten(
        written(return_of(), formulas), "xl/worksheets/sheet2.xml", b'"",1)</f><v>x</v>', b'"",1)</f><v></v>'
    )
    result = read_file(data, "x.xlsx", YEAR, own)
    assert (told(result), frame(result, "school")[0]["books"]) == ([], 3000)
    assert frame(result, "school")[0]["computers"] is None


def test_an_error_in_a_column_that_nothing_reads_does_not_matter(own: Catalogue) -> None:
    def broken(_: Any, pages: dict[str, Any]) -> None:
        pages["学校"].write_formula(1, 9, "=1/0", None, "#DIV/0!")

    assert told(read(own, return_of(), change=broken)) == []


def rewritten(data: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """The workbook with bytes of one member replaced, as another program would have written them."""
    source, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            assert name != member or old in content, content
            target.writestr(name, content.replace(old, new) if name == member else content)
    return stream.getvalue()


def test_faults_are_found_where_cells_carry_no_address_and_tags_a_prefix() -> None:
    from pipeline.returns.workbook import _faults_in

    xml = b"""<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>
        <x:row><x:c><x:v>1</x:v></x:c><x:c t="e"><x:v>#REF!</x:v></x:c></x:row>
        <x:row r="5"><x:c r="C5"><x:f>A1</x:f></x:c><x:c><x:f>B1</x:f><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>"""
    assert list(_faults_in(xml)) == [(0, 1, "cell_error", "#REF!"), (4, 2, "formula_without_value", "=A1")]


# -- headers -------------------------------------------------------------------------------------------------------


def heading(rows: list[list[str]], *merges: Any, at: int = 0) -> tuple[int, list[str]]:
    found = heading_at(SourceTable("x", rows, merges=merges), at)
    return found.height, found.cells


def test_merged_headers_are_joined_from_top_to_bottom() -> None:
    rows = [["代码", "教师", "", "备注"], ["", "总数", "本科", ""], ["1", "2", "3", "4"]]
    merges = [((0, 0), (1, 0)), ((0, 1), (0, 2)), ((0, 3), (1, 3))]
    assert heading(rows, *merges) == (2, ["代码", "教师 > 总数", "教师 > 本科", "备注"])


def test_three_rows_of_headers_are_joined_too() -> None:
    rows = [["代码", "教师", "", ""], ["", "专任", "", "其他"], ["", "男", "女", ""], ["1", "2", "3", "4"]]
    merges = [((0, 0), (2, 0)), ((0, 1), (0, 3)), ((1, 1), (1, 2)), ((1, 3), (2, 3))]
    assert heading(rows, *merges) == (3, ["代码", "教师 > 专任 > 男", "教师 > 专任 > 女", "教师 > 其他"])


def test_a_header_over_two_columns_above_data_takes_no_data_row() -> None:
    rows = [["代码", "面积", ""], ["1", "2", "3"]]
    assert heading(rows, ((0, 1), (0, 2))) == (1, rows[0])


def test_a_sheet_with_merged_headers_is_read_and_its_rows_begin_below(own: Catalogue) -> None:
    def merged(_: Any, pages: dict[str, Any]) -> None:
        page = pages["学校"]
        page.merge_range("A1:F1", "学校情况表")
        for c, header in enumerate(SCHOOLS):
            page.merge_range(1, c, 2, c, header)
        page.write_row(3, 0, school())

    result = read(own, return_of(学校=[]), change=merged)
    assert (told(result), frame(result, "school")[0]["row"]) == ([], 4)


def test_a_grouped_header_is_named_in_a_layout_by_all_its_texts(own: Catalogue) -> None:
    plain = own.layouts["own"].model_dump()
    sheet = plain["sheets"][0]
    sheet["columns"] = [
        *sheet["columns"][:3],
        {"to": "books", "header": "图书 > 合计"}, {"to": "computers", "header": "计算机 > 合计"},
    ]  # fmt: skip
    layout = Layout.model_validate(plain)

    def merged(_: Any, pages: dict[str, Any]) -> None:
        page = pages["学校"]
        for c, header in enumerate(SCHOOLS[:3]):
            page.merge_range(0, c, 1, c, header)
        page.merge_range("D1:E1", "图书")
        page.merge_range("F1:G1", "计算机")
        page.write_row(1, 3, ["合计", "新增", "合计", "新增"])
        page.write_row(2, 0, [ONE, "明德小学", "211", 3000, 50, 20, 1])

    result = read(own.model_copy(update={"layouts": {"own": layout}}), return_of(学校=[]), change=merged)
    assert told(result) == []
    assert (frame(result, "school")[0]["books"], frame(result, "school")[0]["computers"]) == (3000, 20)
    assert result.parts[0].cells["computers@"]["headers"] == ["计算机 > 合计"]


def test_merged_cells_of_data_hold_their_value_once(own: Catalogue) -> None:
    def merged(_: Any, pages: dict[str, Any]) -> None:
        pages["学校"].merge_range("D2:D3", 3000)

    result = read(own, return_of(学校=[SCHOOLS, school(), school(TWO, books=None)]), change=merged)
    assert [row["books"] for row in frame(result, "school")] == [3000, None]


CODES = ["school_id", "name", "school_type", "books", "computers", "is_counted_school"]


def test_a_code_row_below_the_header_is_no_data(own: Catalogue) -> None:
    result = read(own, return_of(学校=[SCHOOLS, CODES, school()]))
    assert (told(result), result.parts[0].rows["row"].to_list()) == ([], [3])


def test_a_column_whose_header_was_changed_is_known_by_its_code_and_told_not_read(own: Catalogue) -> None:
    renamed = ["藏书" if header == "图书（册）" else header for header in SCHOOLS]
    result = read(own, return_of(学校=[renamed, CODES, school()]))
    assert told(result) == [("header_perhaps_meant", "学校", "D1", "藏书")]
    assert frame(result, "school")[0]["books"] is None


def test_totals_and_notes_below_the_rows_of_a_sheet_are_no_schools(own: Catalogue) -> None:
    below = [["合计", None, 500], ["注：本表由教育局填写"], ["注:同上"]]
    result = read(own, return_of(学段=[STAGES, [ONE, "小学", 500], *below]))
    assert (told(result), len(frame(result, "stage"))) == ([], 1)
    assert result.parts[1].rows["disposition"].to_list() == ["accepted", *["not_data"] * 3]


def test_repeated_headers_and_code_rows_are_not_data(own: Catalogue) -> None:
    result = read(own, return_of(学校=[SCHOOLS, CODES, school(), SCHOOLS, CODES, school(TWO)]))
    assert result.parts[0].rows.select("row", "disposition").rows() == [
        (3, "accepted"), (4, "not_data"), (5, "not_data"), (6, "accepted"),
    ]  # fmt: skip
    assert told(result) == []


# -- the county's own sheet ----------------------------------------------------------------------------------------


def county(*rows: list[Any]) -> Sheets:
    return return_of(县级=[ITEMS, *rows])


def test_a_vertical_sheet_is_one_row_of_the_county_whose_fields_know_their_cells(own: Catalogue) -> None:
    rows = [
        ["一、基本情况"],
        ["resident_population", "常住人口（万人）", "万人", 30.5],
        ["", "农业人口（万人）", "万人", 12.25],
        ["townships", None, None, None],
    ]
    result = read(own, county(*rows))
    (only,) = frame(result, "county")
    assert (only["county_code"], only["school_id"], only["row"]) == (COUNTY, None, 3)
    assert (only["resident_population"], only["farming_population"]) == (305_000, 122_500)
    part = result.parts[-1]
    assert part.cells["farming_population@"]["rows"] == {COUNTY: 4}
    assert part.cells["farming_population@"]["columns"] == ["D"]
    assert part.rows.select("row", "disposition").rows() == [
        (2, "not_data"), (3, "accepted"), (4, "accepted"), (5, "accepted"),
    ]  # fmt: skip
    assert told(result) == []


def test_a_bad_value_of_the_county_is_told_at_its_own_cell(own: Catalogue) -> None:
    result = read(own, county(["resident_population", "", "", 30.5], ["farming_population", "", "", "十二"]))
    assert told(result) == [("not_a_number", "县级", "D3", "十二")]
    finding = result.all_findings()[0]
    assert (finding["row"], finding["county_code"], finding["field"]) == (3, COUNTY, "farming_population")


def test_an_unknown_item_with_a_value_is_told_and_set_aside(own: Catalogue) -> None:
    result = read(own, county(["resident_population", "", "", 30.5], ["spaceports", "航天港", "个", 2]))
    assert told(result) == [("item_unknown", "县级", "D3", "spaceports 航天港 个")]
    assert result.parts[-1].rows.select("row", "disposition").rows() == [(2, "accepted"), (3, "quarantined")]


def test_an_item_that_stands_twice_is_told_at_both_and_has_no_value(own: Catalogue) -> None:
    result = read(own, county(["resident_population", "", "", 30.5], ["resident_population", "", "", 31]))
    assert [(f["rule_id"], f["cell"]) for f in result.all_findings()] == [
        ("item_repeated", "D2"),
        ("item_repeated", "D3"),
    ]
    assert frame(result, "county")[0]["resident_population"] is None


def test_every_source_row_of_every_part_is_accounted_for(own: Catalogue) -> None:
    result = read(own, return_of(学校=[SCHOOLS, CODES, [], school(), school(""), SCHOOLS]))
    rows = {part.part: part.rows.group_by("disposition").len().sort("disposition").rows() for part in result.parts}
    assert rows["schools"] == [("accepted", 1), ("not_data", 1), ("quarantined", 1)]
    assert rows["county"] == [("accepted", 1)]


# -- files that are no workbook ------------------------------------------------------------------------------------


def zipped(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "x")
    return stream.getvalue()


ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ENCRYPTED, "password"), (zipped("a.txt"), "not a workbook"), (zipped("word/document.xml"), "not a workbook"),
        (b"PK\x03\x04", "damaged"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
        (zipped("xl/workbook.xml"), "damaged"),
    ],
)  # fmt: skip
def test_a_container_that_holds_no_readable_workbook_is_one_sentence(own: Catalogue, data: bytes, words: str) -> None:
    result = read_file(data, "return.xlsx", YEAR, own)
    (finding,) = result.all_findings()
    assert (result.status, finding["rule_id"]) == ("unreadable", "file_unreadable")
    assert words in finding["message_en"]


def test_bytes_of_no_length_are_an_empty_file(own: Catalogue) -> None:
    assert read_file(b"", "return.xlsx", YEAR, own).all_findings()[0]["rule_id"] == "file_empty"


def test_no_cut_and_no_flipped_byte_of_a_workbook_raises(own: Catalogue) -> None:
    data, draw = written(return_of()), random.Random(3)
    broken = [data[: draw.randrange(len(data))] for _ in range(60)]
    for _ in range(120):
        changed = bytearray(data)
        for _ in range(4):
            changed[draw.randrange(len(data))] = draw.randrange(256)
        broken.append(bytes(changed))
    for number, bytes_ in enumerate(broken):
        result = read_file(bytes_, "return.xlsx", YEAR, own)
        assert result.status in ("accepted", "rejected", "unreadable"), number


def test_a_sheet_that_claims_a_million_rows_is_read_like_any_other(own: Catalogue) -> None:
    def far(book: Any, pages: dict[str, Any]) -> None:
        pages["学校"].write_blank(1_048_575, 5, None, book.add_format({"bold": True}))

    result = read(own, return_of(), change=far)
    assert (told(result), len(table(written(return_of(), far)).rows)) == ([], 2)


def test_what_may_be_a_workbook_is_told_by_the_first_bytes() -> None:
    assert is_workbook(written({"a": [[1]]}))
    assert not is_workbook("学校,PK".encode())
    with pytest.raises(UnreadableError):
        Workbook(b"PK\x03\x04 and no more")


@pytest.mark.parametrize(("row", "column"), [(0, 0), (11, 27), (1_048_575, 16_383)])
def test_an_address_names_its_row_and_column(row: int, column: int) -> None:
    assert cell_place(f"{column_letter(column)}{row + 1}") == (row, column)


# -- other makes ---------------------------------------------------------------------------------------------------


ODS = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet>
 {tables}</office:spreadsheet></office:body></office:document-content>"""


def ods(sheets: Sheets) -> bytes:
    """The cells as an OpenDocument spreadsheet, all of them text."""
    tables = ""
    for name, rows in sheets.items():
        cells = "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{"" if c is None else c}</text:p></table:table-cell>'
                for c in row
            )
            + "</table:table-row>"
            for row in rows
        )
        tables += f'<table:table table:name="{name}">{cells}</table:table>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(tables=tables))
        archive.writestr("META-INF/manifest.xml", "<x/>")
    return stream.getvalue()


def test_an_open_document_return_is_read_too(own: Catalogue) -> None:
    result = read_file(ods(return_of()), "return.ods", YEAR, own)
    assert (result.status, told(result)) == ("accepted", [])
    assert frame(result, "stage")[0]["pupils"] == 500

"""Layouts suggested for files that no layout knows: what headers stand for, units, kinds, sheets that are vertical."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipeline.errors import JunhengError
from pipeline.returns.reader import read_file
from pipeline.returns.suggest.check import faults_of, layout_from
from pipeline.returns.suggest.draft import ColumnDraft, LayoutDraft, SheetDraft
from pipeline.returns.suggest.file import suggest
from pipeline.returns.suggest.wording import alike, wording
from pipeline.returns.suggest.write import OPEN, as_yaml
from pipeline.schema import load_catalogue
from tests.pipeline.suggested import (
    REWORDINGS,
    YEAR,
    as_csv,
    files_of_own_layout,
    hidden,
    measured,
)

CATALOGUE = load_catalogue()
FOREIGN = Path(__file__).parent.parent / "catalogues"


def only(draft: LayoutDraft) -> SheetDraft:
    assert len(draft.sheets) == 1
    return draft.sheets[0]


def of(data: list[list[str]], name: str = "报表.csv", hide: bool = False) -> SheetDraft:
    catalogue = hidden(CATALOGUE, *CATALOGUE.layouts) if hide else CATALOGUE
    return only(suggest(as_csv(data), name, catalogue, YEAR))


def column(sheet: SheetDraft, header: str) -> ColumnDraft:
    return next(column for column in sheet.columns if column.header == header)


def meant(sheet: SheetDraft, header: str) -> tuple[str, str | None] | None:
    found = column(sheet, header)
    return (found.best.meaning.to, found.best.meaning.stage) if found.is_taken and found.best else None


# -- measured ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return files_of_own_layout(tmp_path_factory.mktemp("own"))


@pytest.mark.parametrize("way", REWORDINGS)
def test_of_our_own_sheets_98_of_100_headers_are_recognised_in_other_words_and_none_wrongly(
    way: str, own_files: dict[str, bytes]
) -> None:
    found = measured(own_files, REWORDINGS[way])
    assert found.columns > 240
    assert found.right >= 0.98 * found.columns, found.mistakes
    assert found.wrong == 0, found.mistakes
    assert found.wrong_factors == 0 or way == "without unit"


def test_a_factor_that_no_header_tells_is_asked_for_where_the_figures_show_it(own_files: dict[str, bytes]) -> None:
    data = own_files["schools"].decode("utf-8-sig").replace("（万元）", "").encode()
    sheet = only(suggest(data, "学校.csv", hidden(CATALOGUE, *CATALOGUE.layouts), YEAR))
    found = column(sheet, "教学仪器设备资产值")
    assert found.factor == 1
    assert "万元" in found.notes[0].zh and "factor: 10000" in found.notes[0].zh


def test_every_suggestion_loads_as_it_is_written(own_files: dict[str, bytes]) -> None:
    for part, data in own_files.items():
        draft = suggest(data, f"{part}.csv", CATALOGUE, YEAR)
        assert faults_of(draft.id, as_yaml(draft), CATALOGUE) == []


# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("在校生（人）", "在校学生人数"),
        ("学校（机构）标识码", "学校标识码"),
        ("图书（册）", "图书册数"),
        ("专任教师 > 按学历分 > 本科", "本科学历教师"),
        ("教学及辅助用房>计", "教学及辅助用房"),
        ("运动场地面积（平方米）", "体育运动场地面积（㎡）"),
        ("寄宿生", "其中：住宿生"),
    ],
)
def test_headers_that_say_the_same_in_other_words_are_alike(one: str, other: str) -> None:
    assert alike(wording(one), wording(other)) >= 0.9


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("体质健康及格学生", "体质健康不及格学生"),
        ("年度公用经费预算总额", "年度公用经费决算总额"),
        ("三年内转入学生", "三年内转出学生"),
        ("在校生", "在校生 > 其中：女"),
        ("农业人口", "常住人口"),
    ],
)
def test_headers_that_say_the_opposite_or_a_part_are_not_taken_for_one_another(one: str, other: str) -> None:
    assert alike(wording(one), wording(other)) < 0.75


@pytest.mark.parametrize(
    ("header", "unit", "size"),
    [
        ("教学仪器设备资产值（万元）", "万元", 10000),
        ("面积/平方米", "平方米", 1),
        ("面积（㎡）", "m2", 1),
        ("运动场（单位：亩）", "亩", 10000 / 15),
        ("常住人口[万人]", "万人", 10000),
    ],
)
def test_units_are_told_from_brackets_and_slashes(header: str, unit: str, size: float) -> None:
    found = wording(header).unit
    assert found is not None and found.text == unit and found.size == pytest.approx(size)


# -- sheets ------------------------------------------------------------------------------------------------------------

SCHOOLS = [
    ["序号", "区县", "学校代码", "校名", "学校类别", "学生人数", "班数", "电脑台数", "操场面积（亩）", "仪器设备（元）", "校长姓名"],
    ["1", "澄溪县", "2199010101", "一小", "小学", "800", "18", "90", "12", "1800000", "张三"],
    ["2", "澄溪县", "2199010102", "二小", "小学", "500", "12", "60", "9", "900000", "李四"],
    ["合计", "", "", "", "", "1300", "30", "150", "21", "2700000", ""],
    ["注：设备为账面原值", "", "", "", "", "", "", "", "", "", ""],
]  # fmt: skip


def test_a_sheet_in_the_words_of_an_office_is_recognised_with_its_units_kinds_and_totals() -> None:
    sheet = of(SCHOOLS, "小学基本情况.csv")
    assert sheet.record == "school" and sheet.data_rows == 2
    assert sheet.division.header == "区县" and sheet.division.by == "name"
    assert meant(sheet, "学校代码") == ("school_id", None)
    assert meant(sheet, "学生人数") == ("pupils", None) and sheet.constants == {"stage": "primary"}
    assert meant(sheet, "电脑台数") == ("computers", None)
    assert column(sheet, "操场面积（亩）").factor == pytest.approx(10000 / 15)
    assert column(sheet, "仪器设备（元）").factor == 1
    assert column(sheet, "学校类别").recode == {"小学": "211"}
    assert meant(sheet, "校长姓名") is None
    assert sheet.not_data == ("\"序号\" in ('合计')", "\"序号\" like '注：%'")


def test_such_a_layout_reads_its_file_once_it_lies_in_the_catalogue() -> None:
    draft = suggest(as_csv(SCHOOLS), "小学基本情况.csv", CATALOGUE, YEAR)
    result = read_with(as_yaml(draft), as_csv(SCHOOLS))
    assert result.status == "accepted" and result.layout_id == draft.id
    school, stage = result.parts[0].frames["school"], result.parts[0].frames["stage"]
    assert school["school_id"].to_list() == ["2199010101", "2199010102"]
    assert school["school_type"].to_list() == ["211", "211"]
    assert school["sports_field_sqm"].to_list() == pytest.approx([8000, 6000])
    assert stage["pupils"].to_list() == [800, 500]


def read_with(text: str, data: bytes, name: str = "x.csv") -> Any:
    layout = layout_from(text)
    catalogue = CATALOGUE.model_copy(update={"layouts": {**CATALOGUE.layouts, layout.id: layout}})
    assert faults_of(layout.id, text, CATALOGUE) == []
    return read_file(data, name, YEAR, catalogue)


def test_what_is_not_recognised_stands_as_a_comment_with_its_nearest_field() -> None:
    text = as_yaml(suggest(as_csv(SCHOOLS), "小学基本情况.csv", CATALOGUE, YEAR))
    line = next(line for line in text.splitlines() if "校长姓名" in line)
    assert line.strip().startswith("#") and OPEN in line


def test_stages_in_headers_become_stages_of_columns() -> None:
    rows = [
        ["县代码", "学校代码", "小学在校生", "初中在校生数", "在校生（高中）"],
        ["990101", "3199010101", "300", "200", "100"],
    ]
    sheet = of(rows)
    assert [meant(sheet, header) for header in rows[0][2:]] == [
        ("pupils", "primary"), ("pupils", "junior"), ("pupils", "senior"),
    ]  # fmt: skip
    assert sheet.constants == {} and sheet.division.by == "code"


def test_a_column_of_stages_makes_rows_by_stage_with_its_words_recoded() -> None:
    rows = [["区划代码", "学校代码", "学段", "在校生"]]
    rows += [["990101", "3199010101", "小学", "300"], ["990101", "3199010101", "初中", "200"]]
    sheet = of(rows)
    assert sheet.record == "stage"
    assert column(sheet, "学段").recode == {"小学": "primary", "初中": "junior"}


def test_a_sheet_of_classes_and_one_of_rooms_are_told_by_their_fields(own_files: dict[str, bytes]) -> None:
    catalogue = hidden(CATALOGUE, *CATALOGUE.layouts)
    for part, record in (("classes", "class"), ("rooms", "room"), ("stages", "stage"), ("schools", "school")):
        assert only(suggest(own_files[part], f"{part}.csv", catalogue, YEAR)).record == record


def test_a_unit_above_the_table_is_used_and_asked_about() -> None:
    rows = [["学校经费情况（单位：万元）"], ["县代码", "学校代码", "教学仪器设备资产值", "教师培训经费预算"]]
    rows += [["990101", f"219901010{i}", "120.5", "1.2"] for i in range(3)]
    found = column(of(rows), "教学仪器设备资产值")
    assert found.factor == 10000 and "万元" in found.notes[0].zh


def test_merged_headers_are_given_as_paths() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("小学")
    plain = book.add_format()
    for c, text in enumerate(["县代码", "学校代码"]):
        sheet.merge_range(0, c, 1, c, text, plain)
    sheet.merge_range(0, 2, 0, 4, "专任教师", plain)
    for c, text in enumerate(["合计", "本科", "专科"], 2):
        sheet.write(1, c, text)
    for r in range(3):
        sheet.write_row(2 + r, 0, ["990101", f"219901010{r}", 30 + r, 25, 4])
    book.close()
    found = only(suggest(stream.getvalue(), "教师.xlsx", CATALOGUE, YEAR))
    assert found.header_rows == 2
    assert meant(found, "专任教师 > 本科") == ("bachelor_teachers", None)
    assert meant(found, "专任教师 > 合计") == ("full_time_teachers", None)
    assert found.constants == {"stage": "primary"}


def test_a_foreign_catalogue_is_served_by_its_own_labels() -> None:
    catalogue = load_catalogue(FOREIGN / "caschools")
    rows = [["county", "district", "school", "number of students", "teachers", "computers"]]
    rows += [[catalogue.divisions[-1].name_en, str(75000 + i), f"School {i}", "195", "10.9", "67"] for i in range(4)]
    sheet = only(suggest(as_csv(rows), "districts.csv", catalogue, YEAR))
    assert [c.best.meaning.to for c in sheet.taken if c.best and c.header in ("teachers", "computers")] == [
        "teachers", "computers",
    ]  # fmt: skip


def test_a_file_without_any_known_header_is_refused_in_one_sentence() -> None:
    with pytest.raises(JunhengError, match="no header"):
        suggest(as_csv([["茶叶", "产量"], ["龙井", "12"]]), "茶.csv", CATALOGUE, YEAR)


def test_an_empty_or_torn_file_is_refused_in_one_sentence() -> None:
    for data in (b"", b"PK\x03\x04torn"):
        with pytest.raises(JunhengError, match=r"x\.xlsx"):
            suggest(data, "x.xlsx", CATALOGUE, YEAR)

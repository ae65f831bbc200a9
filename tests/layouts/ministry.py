"""The ministry's export, written by the tests: one table a stage, headers in groups, combined schools with all they share."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

from tests.layouts.schools import COUNTY, COUNTY_NAME, OTHER_COUNTY, OTHER_COUNTY_NAME, UNITS, Unit

STAGES = {"primary": "小学", "junior": "初中", "senior": "高中"}
PLACES = {COUNTY: ("云汀市", COUNTY_NAME), OTHER_COUNTY: ("云汀市", OTHER_COUNTY_NAME)}
TYPES = {"211": "小学", "218": "小学教学点", "311": "初级中学", "312": "九年一贯制学校", "341": "完全中学", "345": "十二年一贯制学校"}  # fmt: skip

Path_ = tuple[str, ...]
Header = tuple[Path_, Callable[[Unit, Mapping[str, Any]], Any]]
"""Levels of a header, and what stands below it for a unit and its stage row."""


def _own(name: str, factor: float = 1.0) -> Callable[[Unit, Mapping[str, Any]], Any]:
    return lambda unit, _: _number(unit.school.get(name), factor)


def _stage(name: str) -> Callable[[Unit, Mapping[str, Any]], Any]:
    return lambda _, row: _number(row.get(name))


def _number(value: Any, factor: float = 1.0) -> Any:
    if value is None or isinstance(value, str):
        return value
    scaled = round(value * factor, 6)
    return int(scaled) if scaled == int(scaled) else scaled


def _arts(_: Unit, row: Mapping[str, Any]) -> Any:
    return _number(sum(row[f"{name}_teachers"] for name in ("music", "art", "arts")))


def headers(stage: str, without: Sequence[str] = ()) -> list[Header]:
    """Columns of a stage's table; those whose last level is in ``without`` are left out."""
    degrees, subjects, ranks = (("专任教师", f"#按{by}分") for by in ("学历", "授课课程", "专业技术职务"))
    found: list[Header] = [
        (("统计一级",), lambda u, _: "示例省（虚构）"),
        (("统计二级",), lambda u, _: PLACES[u.school["county_code"]][0]),
        (("统计三级",), lambda u, _: PLACES[u.school["county_code"]][1]),
        (("学校（机构）标识码",), _own("school_id")),
        (("学校名称",), _own("name")),
        (("办学类型",), lambda u, _: TYPES[u.school["school_type"]]),
        (("城乡类型",), _own("urban_rural")),
        (("举办者",), _own("operator_code")),
        (("是否计校数",), lambda u, _: "是" if u.school["is_counted_school"] else "否"),
        (("所属学校标识码",), _own("parent_school_id")),
        (("在校生数", "合计"), _stage("pupils")),
        (("在校生数", "女"), lambda _, row: (row["pupils"] or 0) // 2),
        (("班数", "合计"), _stage("classes")),
        (("专任教师", "合计"), _stage("full_time_teachers")),
        (("专任教师", "女", "本科"), lambda _, row: 1),
        ((*degrees, "博士研究生"), _stage("doctor_teachers")),
        ((*degrees, "硕士研究生"), _stage("master_teachers")),
        ((*degrees, "本科"), _stage("bachelor_teachers")),
        ((*degrees, "专科"), _stage("college_teachers")),
        ((*subjects, "体育与健康"), _stage("pe_teachers")),
        ((*subjects, "艺术", "计"), _arts),
        ((*ranks, "正高级"), _stage("senior_rank_teachers")),
        ((*ranks, "副高级"), _stage("associate_rank_teachers")),
        ((*ranks, "中级"), _stage("intermediate_rank_teachers")),
        (("教基1102", f"县级以上骨干教师({STAGES[stage]})"), _stage("backbone_teachers")),
        (("网络多媒体教室",), _own("multimedia_rooms")),
        (("教学及辅助用房", "计"), _own("teaching_rooms_sqm")),
        (("室内体育用房",), _own("indoor_sports_sqm")),
        (("运动场地面积",), _own("sports_field_sqm")),
        (("教学仪器设备资产值(万元)",), _own("equipment_yuan", 1 / 10_000)),
        (("教学用计算机",), _own("computers")),
        (("图书",), _own("books")),
    ]
    return [header for header in found if header[0][-1].partition("(")[0] not in without]


def body(stage: str, columns: Sequence[Header], units: Sequence[Unit] = UNITS) -> list[list[Any]]:
    """A row for every unit with that stage, branches and teaching points too; a combined school with all that it shares."""
    return [[cell(unit, unit.stages[stage]) for _, cell in columns] for unit in units if stage in unit.stages]


def header_rows(paths: Sequence[Path_]) -> list[list[str]]:
    """Headers as an export without merged cells has them: a group stands over its first column, blanks right of it."""
    height = max(len(path) for path in paths)
    rows = [[""] * len(paths) for _ in range(height)]
    for column, path in enumerate(paths):
        before = paths[column - 1] if column else ()
        for level, text in enumerate(path):
            if path[: level + 1] != before[: level + 1] or level + 1 == len(path):
                rows[level][column] = text
    return rows


def grid(stage: str, *, joined: str | None = None, title: str | None = None, without: Sequence[str] = (), units: Sequence[Unit] = UNITS) -> list[list[Any]]:  # fmt: skip
    """All rows of a table: headers over several rows, or ``joined`` into one."""
    columns = headers(stage, without)
    paths = [path for path, _ in columns]
    top = header_rows(paths) if joined is None else [[joined.join(path) for path in paths]]
    return [*([[title]] if title else []), *top, *body(stage, columns, units)]


def as_text(rows: Sequence[Sequence[Any]], encoding: str = "gb18030", delimiter: str = ",") -> bytes:
    """Rows as delimited text."""
    stream = io.StringIO(newline="")
    width = max(len(row) for row in rows)
    csv.writer(stream, delimiter=delimiter).writerows([*row, *[""] * (width - len(row))] for row in rows)
    return stream.getvalue().encode(encoding)


def as_workbook(stages: Mapping[str, str], *, is_merged: bool = True, units: Sequence[Unit] = UNITS, without: Sequence[str] = ()) -> bytes:  # fmt: skip
    """A workbook with a sheet a stage (stage → its name), headers merged as the export merges them."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as workbook:
        for stage, name in stages.items():
            sheet = workbook.add_worksheet(name)
            columns = headers(stage, without)
            rows = [*header_rows([path for path, _ in columns]), *body(stage, columns, units)]
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, ["" if cell is None else cell for cell in row])
            for first, last in merges([path for path, _ in columns]) if is_merged else ():
                sheet.merge_range(*first, *last, rows[first[0]][first[1]])
    return data.getvalue()


def merges(paths: Sequence[Path_]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Ranges that an export merges: a group over its columns, a header down to the last row."""
    height, found = max(len(path) for path in paths), []
    for column, path in enumerate(paths):
        for level in range(len(path)):
            group = path[: level + 1]
            if level + 1 == len(path):
                if level + 1 < height:
                    found.append(((level, column), (height - 1, column)))
            elif not column or paths[column - 1][: level + 1] != group:
                last = column
                while (
                    last + 1 < len(paths) and paths[last + 1][: level + 1] == group and len(paths[last + 1]) > level + 1
                ):
                    last += 1
                if last > column:
                    found.append(((level, column), (level, last)))
    return found


def as_ods(rows: Sequence[Sequence[Any]], sheet: str) -> bytes:
    """Rows as the smallest OpenDocument workbook that can be."""

    def cell(value: Any) -> str:
        if value is None or value == "":
            return "<table:table-cell/>"
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'

    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    table = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="{sheet}">{table}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return data.getvalue()


def write(path: Path, data: bytes) -> Path:
    """Bytes at a path, its folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path

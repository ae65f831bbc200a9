"""Rows of a return that passed, and those that did not with the reason: every source row is in one of the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.checked import CheckedFile
from pipeline.errors import FaultError
from pipeline.returns.table import SourceTable
from pipeline.schema.model import Catalogue
from reports.kit.fresh import names_of_sheets
from reports.kit.safe import for_cell, write_csv

PASSED, NOT_PASSED = "passed", "not-passed.csv"
NOT_PASSED_HEADER = (
    "工作表 sheet", "行号 row", "学校 school_id", "区县 county_code", "结果 became", "原因", "reason", "如何更正",
    "how to mend", "规则 rules", "本行内容 cells",
)  # fmt: skip
BECAME = {
    "accepted": "通过 passed", "quarantined": "隔离 quarantined", "rejected": "整份未接受 rejected",
    "filtered": "按表样略去 filtered", "not_data": "不是数据 not data",
}  # fmt: skip
NOT_DATA = ("标题、合计、备注、空白项目或重复的表头", "a heading, a total, a note, a blank item or a repeated header")
ELSEWHERE = (
    "同一学校的其他行或整份文件有严重问题",
    "another row of the school, or the file as a whole, has a critical finding",
)


@dataclass(frozen=True)
class RowsTold:
    """How many rows stand where: read is passed and not passed together. ``passed_file``: empty where none passed."""

    read: int
    passed: int
    not_passed: Mapping[str, int]
    passed_file: str


def write_rows(folder: Path, checked: CheckedFile, tables: Sequence[SourceTable], catalogue: Catalogue) -> RowsTold:
    """Writes the rows that passed (a CSV for a text file, else a workbook with a sheet a sheet) and those that did not.

    Raises FaultError where the rows written are not the rows read: nothing may be lost.
    """
    became = _became(checked)
    by_name = {table.sheet: table for table in tables}
    reasons = _Reasons(checked, catalogue)
    lost: list[list[object]] = []
    counts: dict[str, int] = {}
    kept: dict[str, list[int]] = {}
    for row, kind in zip(checked.rows.iter_rows(named=True), became, strict=True):
        if kind == "accepted":
            kept.setdefault(row["sheet"], []).append(row["row"])
            continue
        counts[kind] = counts.get(kind, 0) + 1
        zh, en, mend_zh, mend_en, rules = reasons.of(row, kind)
        table = by_name.get(row["sheet"])
        cells = table.rows[row["row"] - 1] if table is not None and row["row"] <= len(table.rows) else []
        text = " | ".join(cell.strip() for cell in cells).rstrip(" |")
        whose = (row["sheet"], row["row"], row["school_id"], row["county_code"])
        lost.append([*whose, BECAME[kind], zh, en, mend_zh, mend_en, rules, text])
    write_csv(folder / NOT_PASSED, NOT_PASSED_HEADER, lost)
    passed = sum(len(numbers) for numbers in kept.values())
    if passed + len(lost) != checked.rows.height:
        raise FaultError(
            f"退回包的行数不符：读到 {checked.rows.height} 行，写出 {passed} + {len(lost)} 行",
            f"the rows of the kit differ: {checked.rows.height} read, {passed} + {len(lost)} written",
        )
    name = _write_passed(folder, checked, by_name, kept) if passed else ""
    return RowsTold(checked.rows.height, passed, counts, name)


def _became(checked: CheckedFile) -> list[str]:
    """What became of each row: of a rejected file nothing passes."""
    kinds = checked.rows["disposition"].to_list()
    is_rejected = checked.status != "accepted"
    return ["rejected" if is_rejected and kind == "accepted" else kind for kind in kinds]


class _Reasons:
    """Why a row did not pass."""

    def __init__(self, checked: CheckedFile, catalogue: Catalogue) -> None:
        self.of_row: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
        self.of_school: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        self.of_file: list[Mapping[str, Any]] = []
        for finding in checked.findings.iter_rows(named=True):
            if finding["severity"] != "critical":
                continue
            part = finding["part"] or ""
            if finding["row"] is not None:
                self.of_row.setdefault((part, finding["row"]), []).append(finding)
            if finding["school_id"]:
                self.of_school.setdefault((part, finding["school_id"]), []).append(finding)
            elif finding["row"] is None:
                self.of_file.append(finding)
        layout = catalogue.layouts.get(checked.layout_id or "")
        sheets = layout.sheets if layout is not None else ()
        self.filters = {(sheet.part, f.id): f.reason for sheet in sheets for f in sheet.filters}

    def of(self, row: Mapping[str, Any], kind: str) -> tuple[str, str, str, str, str]:
        """The reason and how to mend it, in both languages, and the rules."""
        if kind == "not_data":
            return (*NOT_DATA, "", "", "")
        if kind == "filtered":
            why = self.filters.get((row["part"], row["reason"]))
            said = (why.zh, why.en) if why is not None else (str(row["reason"]), str(row["reason"]))
            return (*said, "", "", str(row["reason"]))
        own = self.of_row.get((row["part"], row["row"]), [])
        of_school = self.of_school.get((row["part"], row["school_id"] or ""), [])
        found = self.of_file if kind == "rejected" else own or of_school or self.of_file
        if not found:
            return (*ELSEWHERE, "", "", "")
        where = "" if own or not of_school else f"第 {of_school[0]['row']} 行 row {of_school[0]['row']}: "
        columns = [list(dict.fromkeys(str(f[name]) for f in found)) for name in _WORDS]
        zh, en, mend_zh, mend_en, rules = (sep.join(texts) for sep, texts in zip("；;；;,", columns, strict=True))
        return where + zh, where + en, mend_zh, mend_en, rules


_WORDS = ("message_zh", "message_en", "mend_zh", "mend_en", "rule_id")


def _write_passed(
    folder: Path, checked: CheckedFile, tables: Mapping[str, SourceTable], kept: Mapping[str, list[int]]
) -> str:
    """The rows that passed under the rows above the first of them (headings and headers), each with its number."""
    of_text = len(tables) == 1 and not next(iter(tables.values())).is_of_workbook
    first: dict[str, int] = {}
    for sheet, row in checked.rows.select("sheet", "row").iter_rows():
        first[sheet] = min(row, first.get(sheet, row))
    name = f"{PASSED}.csv" if of_text else f"{PASSED}.xlsx"
    grids = {
        sheet: [["", *cells] for cells in tables[sheet].rows[: first[sheet] - 1]]
        + [[str(number), *tables[sheet].rows[number - 1]] for number in numbers]
        for sheet, numbers in kept.items()
        if sheet in tables
    }
    if of_text:
        write_csv(folder / name, (), next(iter(grids.values())))
    else:
        _write_workbook(folder / name, [tables[sheet] for sheet in grids], grids)
    return name


def _write_workbook(path: Path, tables: Sequence[SourceTable], grids: Mapping[str, list[list[str]]]) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    names = names_of_sheets(tables)
    with xlsxwriter.Workbook(str(path), options) as workbook:
        grey = workbook.add_format({"font_color": "#777777"})
        for sheet_name, rows in grids.items():
            sheet = workbook.add_worksheet(names[sheet_name])
            for at, cells in enumerate(rows):
                for column, text in enumerate(cells):
                    if text:
                        sheet.write_string(at, column, for_cell(text), grey if column == 0 else None)
            sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

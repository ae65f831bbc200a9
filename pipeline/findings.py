"""Findings: their shape, and the words of what reading itself can find.

One row is one thing wrong (or worth knowing) about a cell, a row, a school or a file of a return. Rules that a
statistician edits stand in the catalogue; here are only those that reading cannot do without.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

Severity = Literal["critical", "warning", "info"]

SCHEMA: dict[str, pl.DataType] = {
    "submission_id": pl.String(),
    "part": pl.String(),
    "rule_id": pl.String(),
    "severity": pl.String(),
    "year": pl.Int64(),
    "county_code": pl.String(),
    "school_id": pl.String(),
    "sheet": pl.String(),
    "row": pl.Int64(),
    "cell": pl.String(),
    "field": pl.String(),
    "found": pl.String(),
    "expected": pl.String(),
    "message_zh": pl.String(),
    "message_en": pl.String(),
    "mend_zh": pl.String(),
    "mend_en": pl.String(),
}
"""Columns of a finding before it has an id; ``row`` and ``cell`` are the addresses a spreadsheet shows."""


@dataclass(frozen=True)
class ReadingRule:
    """Words of a finding that reading makes: severity, expected, message and remedy in both languages."""

    severity: Severity
    expected: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str


READING_RULES: dict[str, ReadingRule] = {
    "file_unreadable": ReadingRule(
        "critical", "Excel 工作簿或 CSV（UTF-8、GB18030）/ a workbook or a CSV file",
        "文件无法打开：{found}", "the file cannot be opened: {found}",
        "请用表格软件打开，另存为 xlsx 工作簿或 UTF-8 编码的 CSV 后重新报送",
        "open it in a spreadsheet program, save it as an xlsx workbook or as CSV with UTF-8 encoding, and send it again",
    ),
    "file_empty": ReadingRule(
        "critical", "表头和数据行 / a header and rows",
        "文件中没有表头或没有数据行", "the file holds no header or no rows below it",
        "请检查是否报错了文件", "check whether the wrong file was sent",
    ),
    "layout_unknown": ReadingRule(
        "critical", "{expected}",
        "没有一种已知表样与该文件的表头相符：{found}", "no known layout fits the headers of this file: {found}",
        "请补齐所列表头，或为这种文件新增表样", "add the headers named here, or add a layout for this kind of file",
    ),
    "header_repeated": ReadingRule(
        "critical", "每个表头只出现一次 / each header once",
        "表头“{found}”出现多次，无法判断取哪一列", "the header “{found}” stands more than once, so its column is ambiguous",
        "请删除或改名多余的列", "remove or rename the column that is not meant",
    ),
    "sheet_unfit": ReadingRule(
        "critical", "{expected}",
        "工作表“{expected}”缺少表头：{found}", "the sheet “{expected}” lacks headers: {found}",
        "请按表样补齐表头，不要改动标题行", "give the sheet the headers of the layout, and leave its heading as it was",
    ),
    "sheet_missing": ReadingRule(
        "warning", "{found}",
        "没有工作表“{found}”，或其中没有数据行", "there is no sheet “{found}”, or it holds no rows",
        "如有数据，请补报该工作表", "if there are such rows, send the sheet too",
    ),
    "sheet_repeated": ReadingRule(
        "warning", "{expected}",
        "工作表“{found}”与“{expected}”是同一种表，没有读取", "the sheet “{found}” is of the same kind as “{expected}”, so it was not read",
        "请只保留一张", "keep one of them only",
    ),
    "sheet_unread": ReadingRule(
        "info", "{expected}",
        "工作表“{found}”不属于表样，没有读取；表样的工作表是 {expected}",
        "the sheet “{found}” belongs to no part of the layout and was not read; its sheets are {expected}",
        "如果其中有应报数据，请移到相应的工作表", "if it holds rows that should be reported, move them to their sheet",
    ),
    "cover_cell_missing": ReadingRule(
        "critical", "{expected}",
        "封面上没有填写“{expected}”", "the cover does not say “{expected}”",
        "请在封面上填写", "fill it in on the cover",
    ),
    "header_perhaps_meant": ReadingRule(
        "warning", "{expected}",
        "表头“{found}”没有被读取，是否指“{expected}”", "the header “{found}” is not read; did you mean “{expected}”?",
        "如果是同一列，请按表样改写表头", "if it is that column, write the header as the layout has it",
    ),
    "year_unknown": ReadingRule(
        "critical", "inbox/<年份 year>/…",
        "文件不在以年份命名的文件夹中：{found}", "the file is not in a folder named after a year: {found}",
        "请把文件移到 inbox/<年份>/ 下", "move the file into inbox/<year>/",
    ),
    "year_disagrees": ReadingRule(
        "critical", "{expected}",
        "文件中的年份是 {found}，而所在文件夹是 {expected}", "the file says year {found}, but its folder says {expected}",
        "请把文件放入正确年份的文件夹，或更正年份", "move the file to the folder of its year, or correct the year",
    ),
    "row_ragged": ReadingRule(
        "critical", "{expected}",
        "本行有 {found} 格，表头只有 {expected} 格，无法判断哪些值属于哪一列",
        "the row has {found} cells under a header of {expected}, so its values cannot be placed",
        "请检查本行是否多了分隔符", "check the row for a stray separator",
    ),
    "row_short": ReadingRule(
        "warning", "{expected}",
        "本行只有 {found} 格，表头有 {expected} 格，缺少的格按空白处理",
        "the row has {found} cells under a header of {expected}; the rest were taken as blank",
        "请检查本行是否少了分隔符，或文件是否不完整", "check the row for a lost separator, and that the file is whole",
    ),
    "rows_in_a_cell": ReadingRule(
        "critical", "每格一个值 / one value a cell",
        "一个单元格里含有 {found} 行内容，可能是引号没有闭合", "one cell holds {found} lines of rows; a quotation mark may be unclosed",
        "请检查本行和以下各行的引号", "check the quotation marks of this row and the next",
    ),
    "school_id_missing": ReadingRule(
        "critical", "学校标识码 / a school code",
        "本行没有学校标识码", "the row has no school code",
        "请填写学校标识码", "fill in the school code",
    ),
    "school_id_repeated": ReadingRule(
        "critical", "每校（每学段）一行 / one row a school (and stage)",
        "学校 {found} 在本表中出现多次", "school {found} stands more than once in this table",
        "请只保留正确的一行", "keep only the row that is right",
    ),
    "county_missing": ReadingRule(
        "critical", "县级行政区划 / a county",
        "本行没有写明所属区县", "the row names no county",
        "请填写县级行政区划代码", "fill in the county's code",
    ),
    "county_unknown": ReadingRule(
        "critical", "行政区划表中的区县 / a county of the list of divisions",
        "行政区划表中没有“{found}”", "the list of divisions holds no county “{found}”",
        "请核对代码或名称，或在名册中补充该区县", "check the code or the name, or add the county to the roster",
    ),
    "county_ambiguous": ReadingRule(
        "critical", "唯一的区县 / one county",
        "有多个区县名为“{found}”", "more than one county is called “{found}”",
        "请改用行政区划代码", "use the county's code instead",
    ),
    "stage_unknown": ReadingRule(
        "critical", "{expected}",
        "学段“{found}”无法识别", "the stage “{found}” is not known",
        "请填写所列学段之一", "use one of the stages listed",
    ),
    "county_repeated": ReadingRule(
        "critical", "每个区县一行 / one row a county",
        "区县 {found} 在本表中出现多次", "county {found} stands more than once in this table",
        "请只保留正确的一行", "keep only the row that is right",
    ),
    "item_unknown": ReadingRule(
        "warning", "表样中的项目 / an item of the layout",
        "项目“{found}”不属于表样，没有读取", "the item “{found}” is not one of the layout, so its value was not read",
        "请核对代码和项目名称", "check the item's code and name",
    ),
    "item_repeated": ReadingRule(
        "critical", "每个项目一行 / one row an item",
        "项目“{found}”出现多次，无法判断取哪一个值", "the item “{found}” stands more than once, so its value is ambiguous",
        "请只保留正确的一行", "keep only the row that is right",
    ),
    "cell_error": ReadingRule(
        "critical", "数值 / a value",
        "单元格是公式错误 {found}，没有数值", "the cell holds the error {found} instead of a value",
        "请更正公式，或直接填写数值", "mend the formula, or type the value itself",
    ),
    "formula_without_value": ReadingRule(
        "critical", "数值 / a value",
        "公式 {found} 没有计算出的值", "the formula {found} was saved without its value",
        "请用表格软件打开并保存后重新报送，或直接填写数值",
        "open the file in a spreadsheet program, save it and send it again, or type the value itself",
    ),
    "not_a_number": ReadingRule(
        "critical", "数字 / a number",
        "“{label_zh}”应为数字，现为“{found}”", "“{label_en}” must be a number but is “{found}”",
        "请只填半角数字，不带单位、文字、空格和千分位逗号",
        "type plain digits only, without unit, words, spaces or thousands separators",
    ),
    "not_an_option": ReadingRule(
        "critical", "{expected}",
        "“{label_zh}”应为所列选项之一，现为“{found}”", "“{label_en}” must be one of those listed but is “{found}”",
        "请填写所列选项之一", "use one of the values listed",
    ),
    "not_whole": ReadingRule(
        "critical", "整数 / a whole number",
        "“{label_zh}”应为整数，现为“{found}”", "“{label_en}” must be a whole number but is “{found}”",
        "请核对该格", "check the cell",
    ),
    "value_rejected_by_source": ReadingRule(
        "warning", "真实数值 / a true value",
        "“{label_zh}”的值 {found} 表示“{why_zh}”，按缺报处理（不以 0 代替）",
        "“{label_en}” holds {found}, which means “{why_en}”: taken as missing, never as 0",
        "请向数据来源核实该值", "ask the source for the true value",
    ),
    "school_without_pupils": ReadingRule(
        "warning", "在校生数大于 0 / pupils above 0",
        "学校没有报送任何学段的学生，不参加计算",
        "no pupils of any stage were reported for the school, so it takes no part in the computation",
        "如有学生请补报，如已停办请注明", "report its pupils, or say that it has closed",
    ),
    "pupils_unknown": ReadingRule(
        "warning", "在校生数 / the number of pupils",
        "没有填报该学段的在校生数，该校按缺报处理，本县暂不判定",
        "the row does not say how many pupils the stage has: the school counts as missing and its county is not judged",
        "请补报在校生数，没有学生请填 0", "report the number of pupils, or 0 if there are none",
    ),
    "school_in_two_counties": ReadingRule(
        "critical", "一个区县 / one county",
        "学校标识码同时出现在区县 {found}", "the school code is claimed by counties {found}",
        "请由实际所属区县报送，另一区县删除", "leave it in the return of the county that runs it",
    ),
    "branch_without_parent": ReadingRule(
        "critical", "本县报送的主校 / a parent in the county's return",
        "不计校数的单位所属主校“{found}”不在本县被接受的学校中（未报、被隔离或属他县）",
        "the unit is not counted as a school, and its parent “{found}” is not among the accepted schools of its county "
        "(not sent, quarantined, or of another county)",
        "请填写主校的标识码，或把本单位改为计校数", "give the parent's code, or count the unit as a school",
    ),
    "branch_of_branch": ReadingRule(
        "critical", "计校数的主校 / a parent that is counted",
        "主校“{found}”本身也不计校数，形成多级从属", "its parent “{found}” is itself not counted as a school",
        "请把主校改为计校数的学校", "name a parent that is counted as a school",
    ),
    "county_not_on_roster": ReadingRule(
        "info", "本年名册中的区县 / a county of the year's roster",
        "区县 {found} 报送了数据，但不在本年名册中；数据照常计算",
        "the county {found} sent a return but is not on the year's roster; its data count",
        "请核对名册是否缺少该区县", "check whether the roster lacks the county",
    ),
    "school_not_on_roster": ReadingRule(
        "info", "本年名册中的学校 / a school of the year's roster",
        "学校 {found} 不在本年名册中；数据照常计算", "the school {found} is not on the year's roster; its data count",
        "新办学校请补入名册；否则请核对学校标识码", "add a new school to the roster; else check the school's code",
    ),
    "school_sent_nothing": ReadingRule(
        "warning", "名册中的学校都有数据 / data of every school of the roster",
        "名册中的学校“{found}”（上年在校生 {pupils} 人）没有任何数据，按缺报处理",
        "the school “{found}” of the roster ({pupils} pupils last year) sent nothing and counts as missing",
        "请补报该校；已停办、合并的请从名册中删除", "send its data, or take it off the roster if it closed or merged",
    ),
    "stage_sent_nothing": ReadingRule(
        "warning", "名册中的学段都有数据 / data of every stage of the roster",
        "名册中该校有{label_zh}学段（上年在校生 {pupils} 人），但没有报送，按缺报处理",
        "by the roster the school has the stage “{label_en}” ({pupils} pupils last year); no row of it came, so it counts as missing",
        "请补报该学段；已停办的请填 0 人或更正名册",
        "send the row of the stage, with 0 pupils if it closed, or correct the roster",
    ),
}  # fmt: skip


def of_reading(rule_id: str, place: Mapping[str, object], **holes: object) -> dict[str, object]:
    """A finding of a reading rule: ``place`` gives submission, row, cell and so on; ``holes`` fill the words."""
    rule = READING_RULES[rule_id]
    expected = rule.expected.format(**holes) if "{" in rule.expected else rule.expected
    holes = {"expected": expected, **holes}
    return {
        **dict(place),
        "rule_id": rule_id,
        "severity": rule.severity,
        "found": str(holes.get("found", "")),
        "expected": expected,
        "message_zh": rule.zh.format(**holes),
        "message_en": rule.en.format(**holes),
        "mend_zh": rule.mend_zh,
        "mend_en": rule.mend_en,
    }


def frame(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Findings as a frame of SCHEMA; columns a finding does not have are null."""
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA, orient="row")


def with_ids(findings: pl.DataFrame) -> pl.DataFrame:
    """Adds ``finding_id``: a hash of what was found where, the same in every run over the same inputs."""
    key = ["submission_id", "part", "rule_id", "school_id", "sheet", "row", "cell", "field", "found", "expected"]
    text = findings.select(pl.concat_str([pl.col(k).cast(pl.String).fill_null("") for k in key], separator="|"))
    ids = [hashlib.sha256(value.encode()).hexdigest()[:16] for value in text.to_series()]
    order = ["submission_id", "part", "row", "cell", "rule_id", "finding_id"]
    numbered = findings.with_columns(pl.Series("finding_id", ids, dtype=pl.String))
    return numbered.unique("finding_id", keep="first", maintain_order=True).sort(order)

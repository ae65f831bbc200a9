"""Sheets of a province's workbook on whole counties: verdicts by every standard, lists of merit and of warning, awards of groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.schema.model import Standard
from reports.area_results import Whole
from reports.areas import Province
from reports.release import County
from reports.result_tables import STATE_OF
from reports.whole_tables import AWARD_STATE, ORDER
from reports.words import Words
from reports.workbooks.book import Book, Head, Said

ZH, EN = Words("zh"), Words("en")
Wholes = Sequence[tuple[Standard, Whole]]
PLACE = [
    Head("代码", "Code", 9),
    Head("区县", "County", 14),
    Head("County", "County (en)", 18),
    Head("市", "Prefecture", 12),
]


def whole_notes(wholes: Wholes) -> Iterator[tuple[str, str]]:
    """What the sheets hold, of those that there are."""
    if any(whole.determinations for _, whole in wholes):
        yield (
            "工作表 全县结论",
            "各县对照各标准的结论、按放宽口径的结论和理由，未达到的在前 / verdicts on counties by every standard, without and with relaxations, with reasons; unmet first",
        )
    if any(whole.listed for _, whole in wholes):
        yield (
            "工作表 区县名单",
            "表扬与警示名单：现在名单上的和本年退出的 / counties of merit and of warning: those on a list and those that left one this year",
        )
    if any(whole.awards for _, whole in wholes):
        yield (
            "工作表 集团奖补",
            "教育集团的名次、档次、应得和预算内可发 / ranks of school groups, steps, amounts due and within the budget",
        )


def whole_sheets(book: Book, province: Province, wholes: Wholes) -> None:
    """The sheets of what there is."""
    counties = {county.code: county for county in province.counties}
    if any(whole.determinations for _, whole in wholes):
        _determinations(book, counties, wholes)
    if any(whole.listed for _, whole in wholes):
        _lists(book, counties, wholes)
    if any(whole.awards for _, whole in wholes):
        _awards(book, wholes)


def _place(county: County) -> list[Any]:
    return [county.code, county.name.zh, county.name.en, ZH.place(county.prefecture)]


def _said(state: str, key: str) -> Said:
    return Said(state, f"{ZH.symbol(state)} {ZH(key)} {EN(key)}")


def _determinations(book: Book, counties: dict[str, County], wholes: Wholes) -> None:
    counted = [
        ("项目数", "Items", "items"), ("达到", "Met", "items_met"), ("未达到", "Not met", "items_unmet"), ("缺少数据", "No data", "items_missing"),
        ("不适用", "Not applicable", "items_not_applicable"), ("放宽后达到", "Met, relaxed", "items_met_relaxed"), ("与申报不同", "Differ", "items_differing"),
    ]  # fmt: skip
    heads = [
        Head("标准", "Standard", 18),
        *PLACE,
        Head("结论", "Verdict", 18),
        Head("按放宽口径", "With relaxations", 18),
    ]
    heads += [Head(zh, en, 9, "whole") for zh, en, _ in counted]
    heads += [
        Head("理由", "Why (zh)", 50, "wrap"), Head("理由（英文）", "Why", 50, "wrap"),
        Head("按放宽口径的理由", "Why, relaxed (zh)", 50, "wrap"), Head("按放宽口径的理由（英文）", "Why, relaxed", 50, "wrap"),
    ]  # fmt: skip
    rows = []
    for standard, whole in wholes:
        found = sorted(
            whole.determinations.items(), key=lambda p: (ORDER.index(p[1]["verdict"]), -p[1]["items_unmet"], p[0])
        )
        for code, row in found:
            said = [_said(STATE_OF[row[name]], f"determination.{row[name]}") for name in ("verdict", "verdict_relaxed")]
            reasons = [row[name] for name in ("reason_zh", "reason_en", "reason_relaxed_zh", "reason_relaxed_en")]
            rows.append(
                [
                    ZH.label(standard.label),
                    *_place(counties[code]),
                    *said,
                    *(row[name] for *_, name in counted),
                    *reasons,
                ]
            )
    book.table("全县结论", f"各县对照标准的结论 Verdicts on counties · {book.year}", heads, rows, frozen=3)


def _lists(book: Book, counties: dict[str, County], wholes: Wholes) -> None:
    heads = [
        Head("标准", "Standard", 18), Head("名单", "List", 18), *PLACE, Head("进入年份", "Since", 8), Head("进入理由", "Why listed (zh)", 44, "wrap"),
        Head("进入理由（英文）", "Why listed", 44, "wrap"), Head("退出年份", "Left", 8), Head("退出理由", "Why it left (zh)", 44, "wrap"),
        Head("退出理由（英文）", "Why it left", 44, "wrap"),
    ]  # fmt: skip
    rows = [
        [
            ZH.label(standard.label), _said("met" if row["list"] == "merit" else "warning", f"list.{row['list']}"),
            *_place(counties[row["county_code"]]), row["entered_year"], row["reason_zh"], row["reason_en"], row["left_year"],
            row["left_reason_zh"], row["left_reason_en"],
        ]
        for standard, whole in wholes
        for row in whole.listed
    ]  # fmt: skip
    book.table("区县名单", f"表扬与警示名单 Counties of merit and of warning · {book.year}", heads, rows, frozen=4)


def _awards(book: Book, wholes: Wholes) -> None:
    heads = [
        Head("标准", "Standard", 18), Head("评价量", "Measure", 22), Head("区域代码", "Area code", 9), Head("区域", "Area", 14),
        Head("集团编号", "Group code", 18), Head("教育集团", "Group", 24), Head("学校数", "Schools", 8, "whole"), Head("数值", "Value", 12, "value"),
        Head("名次", "Rank", 7, "whole"), Head("同名次", "Tied", 7, "whole"), Head("档次", "Step", 10), Head("应得（元）", "Due (yuan)", 14, "whole"),
        Head("预算（元）", "Budget (yuan)", 14, "whole"), Head("预算内可发（元）", "Within the budget (yuan)", 14, "whole"), Head("结果", "Result", 22),
    ]  # fmt: skip
    rows = [
        [
            ZH.label(standard.label), ZH(f"group.measure.{row['measure']}"), row["area_code"], row["name_zh"], row["group_id"], row["group_name"],
            row["group_size"], row["value"], row["rank"], row["tied"], row["step"], row["amount_yuan"], row["budget_yuan"], row["paid_yuan"],
            _said(AWARD_STATE.get(row["state"], "not_applicable"), f"award.{row['state']}"),
        ]
        for standard, whole in wholes
        for row in whole.awards
    ]  # fmt: skip
    book.table("集团奖补", f"教育集团分档奖补 Step awards of school groups · {book.year}", heads, rows, frozen=6)

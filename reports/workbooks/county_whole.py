"""Sheets of a county's workbook about the whole county: verdicts, their tests, relaxations, the ledger and the progress."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.schema.model import Catalogue
from reports.ledger_facts import Ledger
from reports.ledger_tables import CHIPS
from reports.verdict_facts import CountyVerdict
from reports.verdict_part import RELIEF_STATES
from reports.verdict_tables import SIGNS, part_of
from reports.whole_facts import WholeFacts
from reports.words import Words
from reports.workbooks.book import Book, Head, Said, said

ZH, EN = Words("zh"), Words("en")
Fact = dict[str, Any]


def whole_sheets(book: Book, catalogue: Catalogue, facts: WholeFacts) -> None:
    """The sheets of what there is: verdicts where a standard demands anything of counties, ledgers where of schools."""
    if facts.verdicts:
        _items(book, facts)
        _tests(book, catalogue, facts)
    if any(one.relaxations for one in facts.verdicts):
        _reliefs(book, facts)
    if facts.ledgers:
        _ledger(book, catalogue, facts)
        _progress(book, catalogue, facts)


def _both(words_of: Fact, name: str) -> list[Any]:
    return [words_of[f"{name}_zh"], words_of[f"{name}_en"]]


# -- verdicts ----------------------------------------------------------------------------------------------------------


def _items(book: Book, facts: WholeFacts) -> None:
    """A row an item, after a row for the whole of its standard; those that differ from what is declared first."""
    heads = [
        Head("标准", "Standard", 16), Head("条款", "Item", 7), Head("部分", "Part", 10), Head("项目", "Item (zh)", 36, "wrap"),
        Head("项目（英文）", "Item", 36, "wrap"), Head("结论", "Verdict", 18), Head("按放宽口径", "With relaxations", 18),
        Head("所用放宽口径", "Relaxations used (zh)", 24, "wrap"), Head("所用放宽口径（英文）", "Relaxations used", 24, "wrap"),
        Head("县级申报", "Declared", 14), Head("与申报不同", "Differs", 10), Head("数值", "Value", 12, "value"), Head("比较", "Sign", 5),
        Head("限值", "Limit", 12, "value"), Head("单位", "Unit", 12), Head("分子", "Numerator", 12, "value"),
        Head("分母", "Denominator", 12, "value"), Head("判定数", "Tests", 7, "whole"), Head("达到", "Met", 7, "whole"),
        Head("未达到", "Not met", 7, "whole"), Head("缺少数据", "No data", 7, "whole"), Head("理由", "Why (zh)", 50, "wrap"),
        Head("理由（英文）", "Why", 50, "wrap"), Head("应提供的佐证", "Evidence asked (zh)", 30, "wrap"),
        Head("应提供的佐证（英文）", "Evidence asked", 30, "wrap"), Head("已提供", "Evidence given", 30, "wrap"),
        Head("依据", "Clause", 28, "wrap"), Head("等级", "Grade", 6),
    ]  # fmt: skip
    rows = [row for one in facts.verdicts for row in (_whole_row(one), *_item_rows(one))]
    book.table("结论", f"全县对照标准的结论 Verdicts on the county · {book.year}", heads, rows, frozen=4)


def _whole_row(one: CountyVerdict) -> list[Any]:
    row, nothing = one.row, [None]
    counts = [row["items"], row["items_met"], row["items_unmet"], row["items_missing"]]
    return [
        _name(one), None, None, "全县结论", "the whole", said(row["verdict"], "verdict", ZH, EN),
        said(row["verdict_relaxed"], "verdict", ZH, EN), *nothing * 3, f"{row['items_differing']}", *nothing * 6, *counts,
        *_both(row, "reason"), *nothing * 5,
    ]  # fmt: skip


def _item_rows(one: CountyVerdict) -> Iterator[list[Any]]:
    for item in one.items:
        yield [
            _name(one), item["item_no"], part_of(item, ZH), *_both(item, "label"), said(item["verdict"], "verdict", ZH, EN),
            said(item["verdict_relaxed"], "verdict", ZH, EN), *_both(item, "relaxed"), _declared(item["declared"]),
            "≠" if item["differs"] else None, item["value"], SIGNS.get(item["direction"], item["direction"]), item["limit"], item["unit"],
            item["numerator"], item["denominator"], item["tests"], item["tests_met"], item["tests_unmet"], item["tests_missing"],
            *_both(item, "reason"), *_both(item, "evidence"), item["evidence_given"], item["clause"], item["grade"],
        ]  # fmt: skip


def _name(one: CountyVerdict | Ledger) -> str:
    return ZH.label(one.standard.short or one.standard.label)


def _declared(declared: bool | None) -> str | None:
    if declared is None:
        return None
    key = "verdict.declared.yes" if declared else "verdict.declared.no"
    return f"{ZH(key)} {EN(key)}"


def _tests(book: Book, catalogue: Catalogue, facts: WholeFacts) -> None:
    """Every test of every item."""
    heads = [
        Head("标准", "Standard", 16), Head("条款", "Item", 7), Head("判定", "Test (zh)", 28, "wrap"), Head("判定（英文）", "Test", 28, "wrap"),
        Head("学段", "Stage", 9), Head("决定结论", "Decides", 8), Head("结论", "Verdict", 18), Head("按放宽口径", "With relaxations", 18),
        Head("所用放宽口径", "Relaxations used (zh)", 24, "wrap"), Head("数值", "Value", 12, "value"), Head("比较", "Sign", 5),
        Head("限值", "Limit", 12, "value"), Head("单位", "Unit", 12), Head("下界", "Low", 10, "value"), Head("上界", "High", 10, "value"),
        Head("分子", "Numerator", 12, "value"), Head("分母", "Denominator", 12, "value"), Head("被要求的学校", "Schools asked", 8, "whole"),
        Head("未达到", "Failing", 8, "whole"), Head("缺数据", "No figure", 8, "whole"), Head("未报", "Not come", 8, "whole"),
        Head("靠放宽达到", "Relaxed", 8, "whole"), Head("理由", "Why (zh)", 50, "wrap"), Head("理由（英文）", "Why", 50, "wrap"),
        Head("依据", "Clause", 28, "wrap"), Head("等级", "Grade", 6),
    ]  # fmt: skip
    rows = [_test_row(one, test, catalogue) for one in facts.verdicts for test in one.tests]
    book.table("判定", f"各项目的判定 Tests of the items · {book.year}", heads, rows, frozen=3)


def _test_row(one: CountyVerdict, test: Fact, catalogue: Catalogue) -> list[Any]:
    counted = ("schools", "schools_unmet", "schools_unknown", "schools_missing", "schools_relaxed")
    return [
        _name(one), test["item_no"], *_both(test, "label"), _stage(test["stage"], catalogue), "是 yes" if test["counts"] else "参考 no",
        said(test["state"], "verdict", ZH, EN), said(test["state_relaxed"], "verdict", ZH, EN), test["relaxed_zh"], test["value"],
        SIGNS.get(test["direction"], test["direction"]), test["limit"], test["unit"], test["value_low"], test["value_high"],
        test["numerator"], test["denominator"], *(test[name] for name in counted), *_both(test, "reason"), test["clause"], test["grade"],
    ]  # fmt: skip


def _stage(stage: str | None, catalogue: Catalogue) -> str | None:
    known = catalogue.stages.get(stage or "")
    return known.label.zh if known else "全部" if stage == "all" else None


def _reliefs(book: Book, facts: WholeFacts) -> None:
    """Relaxations granted, those needed first."""
    heads = [
        Head("标准", "Standard", 16), Head("放宽口径", "Relaxation (zh)", 34, "wrap"), Head("放宽口径（英文）", "Relaxation", 34, "wrap"),
        Head("学校标识码", "School code", 15), Head("学校", "School", 22), Head("效力", "Holds", 24), Head("只靠它达到", "Needed", 10),
        Head("起始日", "From", 11), Head("到期日", "Expires", 11), Head("应达到完整标准", "Full demand by", 13),
        Head("批准依据", "Granted by", 30, "wrap"), Head("依据", "Clause", 28, "wrap"), Head("等级", "Grade", 6),
    ]  # fmt: skip
    rows = [
        [
            _name(one), *_both(r, "label"), r["school_id"], r["name"] or ZH("relief.county"), _relief_state(r["state"]),
            "是 yes" if r["is_needed"] else "否 no", r["starts"], r["expires"], r["due"], r["basis"], r["clause"], r["grade"],
        ]
        for one in facts.verdicts for r in one.relaxations
    ]  # fmt: skip
    book.table("放宽口径", f"放宽口径登记 Relaxations on record · {book.year}", heads, rows, frozen=2)


def _relief_state(state: str) -> Said:
    key, shown = f"relief.{state}", RELIEF_STATES.get(state, "unmet")
    return Said(shown, f"{ZH.symbol(shown)} {ZH(key)} {EN(key)}")


# -- the ledger --------------------------------------------------------------------------------------------------------


def _ledger(book: Book, catalogue: Catalogue, facts: WholeFacts) -> None:
    """Every row of the ledger: what is lacking, since when, what it would cost."""
    heads = [
        Head("标准", "Standard", 16), Head("学校标识码", "School code", 15), Head("学校", "School", 24), Head("学段", "Stage", 8),
        Head("条款", "Item", 7), Head("指标", "Indicator", 24), Head("状态", "State", 20), Head("缺什么", "What (zh)", 26, "wrap"),
        Head("缺什么（英文）", "What", 26, "wrap"), Head("增减", "Change", 12), Head("单位", "Unit", 13),
        Head("到底线还差", "To the floor", 12, "value"), Head("到标准还差", "To the standard", 12, "value"),
        Head("上年差额", "A year before", 12, "value"), Head("指标值", "Value", 12, "value"), Head("标准值", "Level", 12, "value"),
        Head("底线", "Floor", 12, "value"), Head("补到底线（元）", "Cost to the floor, yuan", 15, "whole"),
        Head("补到标准（元）", "Cost to the standard, yuan", 15, "whole"), Head("溯源号", "Trace id", 48),
    ]  # fmt: skip
    rows = [_ledger_row(ledger, row, catalogue) for ledger in facts.ledgers for row in ledger.rows]
    book.table("台账", f"各校台账 What schools lack · {book.year}", heads, rows, frozen=3)


CHANGES = {"add": "须增加 add", "remove": "须减少 remove"}


def _ledger_row(ledger: Ledger, row: Fact, catalogue: Catalogue) -> list[Any]:
    key = f"ledger.word.{row['state']}"
    shown = CHIPS[row["state"]]
    indicator = catalogue.indicators[row["indicator_id"]]
    return [
        _name(ledger), row["school_id"], row["name"], _stage(row["stage"], catalogue), row["item_no"], ZH.label(indicator.label),
        Said(shown, f"{ZH.symbol(shown)} {ZH(key)} {EN(key)}"), *_both(row, "what"), CHANGES.get(row["change"] or ""), row["unit"],
        row["shortfall_floor"], row["shortfall"], row["shortfall_before"], row["value"], row["threshold"], row["floor"],
        row["cost_floor_yuan"], row["cost_yuan"], row["trace_id"],
    ]  # fmt: skip


def _progress(book: Book, catalogue: Catalogue, facts: WholeFacts) -> None:
    """The county's progress by standard and stage."""
    heads = [
        Head("标准", "Standard", 16), Head("学段", "Stage", 8), Head("学校", "Schools", 8, "whole"), Head("达标", "Meeting", 8, "whole"),
        Head("未知", "Unknown", 8, "whole"), Head("达标占比", "Share", 10, "percent"), Head("未知都达标时", "Share, most", 10, "percent"),
        Head("上年占比", "A year before", 10, "percent"), Head("目标", "Target", 8, "percent"), Head("目标年份", "By", 8),
        Head("对照目标", "Against the target", 22), Head("未补齐", "Open", 8, "whole"), Head("新增", "New", 8, "whole"),
        Head("延续", "Persisting", 8, "whole"), Head("已补齐", "Closed", 8, "whole"), Head("不再考核", "Ended", 8, "whole"),
        Head("缺报", "Missing", 8, "whole"), Head("补齐率", "Closing rate", 9, "percent"), Head("还需年数", "Years to go", 9, "score"),
        Head("补到底线（元）", "Cost to the floor, yuan", 15, "whole"), Head("补到标准（元）", "Cost to the standard, yuan", 15, "whole"),
        Head("没有单价的项", "Without a price", 9, "whole"),
    ]  # fmt: skip
    rows = [_progress_row(ledger, row, catalogue) for ledger in facts.ledgers for row in ledger.progress.values()]
    book.table("进展", f"达标进展 Progress · {book.year}", heads, rows, frozen=2)


def _progress_row(ledger: Ledger, row: Fact, catalogue: Catalogue) -> list[Any]:
    key = f"progress.{row['state']}"
    names = (
        "shortfalls", "shortfalls_new", "shortfalls_persisting", "shortfalls_closed", "shortfalls_ended", "shortfalls_missing",
        "closing_rate", "years_to_go", "cost_floor_yuan", "cost_yuan", "shortfalls_unpriced",
    )  # fmt: skip
    return [
        _name(ledger), _stage(row["stage"], catalogue), row["schools"], row["schools_meeting"], row["schools_unknown"], row["share"],
        row["share_high"], row["share_before"], row["target_share"], str(row["target_year"]), f"{ZH(key)} {EN(key)[2:]}",
        *(row[name] for name in names),
    ]  # fmt: skip

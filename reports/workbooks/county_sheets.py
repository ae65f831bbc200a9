"""Sheets of a county's workbook: gaps, schools under a standard, what was left out, findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.schema.model import Catalogue, Indicator, Item, Standard
from reports import county_tables, trace
from reports.facts import Composite, Gap, LeftOut, PageFacts
from reports.reasons import reason
from reports.scorecard import ItemValue, Result, Scorecard
from reports.words import Words
from reports.workbooks.book import Book, Head, Said, said

ZH, EN = Words("zh"), Words("en")
ALL_ITEMS = 99
"""A reason in a workbook names every item."""


def gap_sheet(book: Book, catalogue: Catalogue, pages: Sequence[PageFacts]) -> None:
    """Every gap of every standard and stage, with its range, limit and verdict; the composite after each standard's gaps."""
    heads = [
        Head("标准", "Standard", 20), Head("学段", "Stage", 10), Head("条款", "Item", 7), Head("指标", "Indicator", 26),
        Head("单位", "Unit", 11), Head("学校数", "Schools", 8, "whole"), Head("学生数", "Pupils", 9, "whole"),
        Head("缺值学校", "Missing", 9, "whole"), Head("均值 X", "Mean X", 13, "value"), Head("标准差 S", "S", 13, "value"),
        Head("差异系数", "Gap coefficient", 11, "cv"), Head("可能最小", "Low", 10, "cv"), Head("可能最大", "High", 10, "cv"),
        Head("整数最小可能", "Least possible", 11, "cv"), Head("上限", "Limit", 8, "cv"), Head("判定", "Result", 20),
        Head("上年", "Last year", 10, "cv"), Head("溯源号", "Trace id", 48),
    ]  # fmt: skip
    rows = [row for facts in pages for row in _gap_rows(facts)]
    book.table("差异系数", f"差异系数 Gap coefficients · {book.year}", heads, rows, frozen=4)


def _gap_rows(facts: PageFacts) -> Iterator[list[Any]]:
    for standard, gaps in ((facts.standard, facts.gaps), *facts.others):
        for gap in gaps:
            yield _gap_row(facts, standard, gap)
        composite = facts.composite_of(standard)
        if composite is not None:
            yield _composite_row(facts, composite, len(gaps))


def _gap_row(facts: PageFacts, standard: Standard, gap: Gap) -> list[Any]:
    cv = gap.cv if gap.is_shown else None
    bounds = (gap.low, gap.high, gap.least) if gap.is_shown else (None, None, None)
    return [
        ZH.label(standard.label), facts.stage.label.zh, gap.item.item_no if gap.item else "", ZH.label(gap.indicator.label),
        ZH.label(gap.indicator.unit), gap.schools, gap.pupils, gap.schools_missing, gap.mean, gap.sd, cv, *bounds, gap.limit,
        said(gap.verdict, "gap", ZH, EN), gap.last, gap.trace_id,
    ]  # fmt: skip


def _composite_row(facts: PageFacts, composite: Composite, n: int) -> list[Any]:
    name = f"{ZH('composite', n=n)} {EN('composite', n=n)}"
    bounds = (composite.low, composite.high) if composite.value is not None else (None, None)
    return [
        ZH.label(composite.standard.label), facts.stage.label.zh, "", name, "", None, None, None, None, None,
        composite.value, *bounds, None, composite.limit, said(composite.verdict, "gap", ZH, EN), None, "",
    ]  # fmt: skip


def school_sheet(book: Book, catalogue: Catalogue, standard_id: str, pages: Sequence[PageFacts]) -> None:
    """The schools under the standard that pages show first: result, reason, every item's value and state."""
    _schools(book, "学校达标", catalogue.standards[standard_id], catalogue, pages)


def item_sheet(book: Book, catalogue: Catalogue, standard_id: str, pages: Sequence[PageFacts]) -> None:
    """The schools under another standard, such as one of twenty items."""
    standard = catalogue.standards[standard_id]
    _schools(book, ZH.label(standard.short or standard.label), standard, catalogue, pages)


def _schools(book: Book, name: str, standard: Standard, catalogue: Catalogue, pages: Sequence[PageFacts]) -> None:
    cards = [(facts, card) for facts in pages for card in facts.cards if card.standard.id == standard.id]
    present = {indicator.id for _, card in cards for _, indicator in card.columns}
    items = [(item, catalogue.indicators[item.indicator]) for item in standard.items if item.indicator in present]
    heads = [
        Head("学段", "Stage", 8), Head("学校标识码", "School code", 15), Head("学校", "School", 24), Head("在校生", "Pupils", 8, "whole"),
        Head("判定", "Result", 18), Head("适用项", "Items that apply", 8, "whole"), Head("达标项", "Items met", 8, "whole"),
        Head("低于底线", "Below floor", 8, "whole"), Head("缺报项", "Missing", 8, "whole"), Head("得分", "Score", 8, "score"),
        Head("得分下限", "Score, least", 9, "score"), Head("得分上限", "Score, most", 9, "score"),
        Head("原因", "Why (zh)", 44, "wrap"), Head("原因（英文）", "Why", 44, "wrap"),
    ]  # fmt: skip
    for item, indicator in items:
        heads += [
            Head(f"{item.item_no} {ZH.short(indicator)}（{ZH.label(indicator.unit)}）", f"{EN.short(indicator)} ({EN.label(indicator.unit)})", 13, "value"),
            Head("状态", "State", 11),
        ]  # fmt: skip
    rule = standard.school_rule
    title = f"{ZH.label(standard.label)} {EN.label(standard.label)}" + (f" · {ZH.label(rule.label)}" if rule else "")
    rows = [_school_row(facts, card, result, items) for facts, card in cards for result in card.results]
    book.table(name, title, heads, rows, frozen=3)


def _school_row(
    facts: PageFacts, card: Scorecard, result: Result, items: Sequence[tuple[Item, Indicator]]
) -> list[Any]:
    values = {i.indicator.id: i for i in result.items if i is not None}
    row: list[Any] = [
        facts.stage.label.zh, result.school_id, result.name, result.pupils, said(result.state, "school", ZH, EN),
        result.applicable, result.met, sum(i.is_under_floor for i in values.values()), result.missing, result.score,
        result.score_min, result.score_max, reason(result, card.rule, ZH, ALL_ITEMS), reason(result, card.rule, EN, ALL_ITEMS),
    ]  # fmt: skip
    for _, indicator in items:
        row += _pair(values.get(indicator.id))
    return row


def _pair(item: ItemValue | None) -> list[Any]:
    """An item's value and its state; nothing where the standard asks nothing of the school."""
    if item is None:
        return [None, None]
    word = "value.below.short" if item.shown == "below" else f"value.{item.shown}"
    text = " ".join(t for t in (ZH.symbol(item.shown), ZH(word)) if t)
    return [item.value, Said(item.shown, text)]


def left_out_sheet(book: Book, pages: Sequence[PageFacts]) -> None:
    """Units that the comparison leaves out, with reason and clause."""
    heads = [
        Head("学段", "Stage", 8), Head("学校标识码", "School code", 15), Head("学校", "School", 24), Head("在校生", "Pupils", 8, "whole"),
        Head("原因", "Reason (zh)", 40, "wrap"), Head("原因（英文）", "Reason", 40, "wrap"), Head("依据", "Clause", 50, "wrap"),
    ]  # fmt: skip
    rows = [_left_out_row(facts, unit) for facts in pages for unit in facts.left_out]
    book.table("未计入", f"未计入的单位 Units not counted · {book.year}", heads, rows, frozen=3)


def _left_out_row(facts: PageFacts, unit: LeftOut) -> list[Any]:
    (reason_zh, clause), (reason_en, _) = (
        county_tables.why_left_out(unit, facts.standard, words) for words in (ZH, EN)
    )
    return [facts.stage.label.zh, unit.school_id, unit.name, unit.pupils, reason_zh, reason_en, clause]


def finding_sheet(book: Book, catalogue: Catalogue, pages: Sequence[PageFacts]) -> None:
    """Everything that was found in the county's returns, none left out."""
    heads = [
        Head("程度", "Severity", 14), Head("规则", "Rule", 28), Head("学校标识码", "School code", 15), Head("学校", "School", 22),
        Head("问题", "What was found (zh)", 44, "wrap"), Head("问题（英文）", "What was found", 44, "wrap"),
        Head("如何更正", "How to mend it (zh)", 40, "wrap"), Head("如何更正（英文）", "How to mend it", 40, "wrap"),
        Head("发现", "Found", 18), Head("应为", "Expected", 24, "wrap"), Head("文件", "File", 26), Head("工作表", "Sheet", 12),
        Head("行", "Row", 7, "whole"), Head("单元格", "Cell", 9),
    ]  # fmt: skip
    rows = [
        [
            said(str(f["severity"]), "finding", ZH, EN), f["rule_id"], f["school_id"], f["name"], f["message_zh"], f["message_en"],
            f["mend_zh"], f["mend_en"], f["found"], f["expected"], f["file_name"], f["sheet"], f["row"], f["cell"],
        ]
        for f in (pages[0].findings if pages else ())
    ]  # fmt: skip
    book.table("问题清单", f"报表中发现的问题 Findings in the returns · {book.year}", heads, rows)


def document_of(standard: Standard) -> str:
    """Document and gap clause of a standard, in Chinese."""
    source = standard.gap.source if standard.gap else None
    return trace.named_clause(standard.document, ZH.label(source.clause) if source else "", ZH)

"""The data dictionary as a workbook, in Chinese with English beside it. The same dictionary gives the same bytes.

Sheets: 表, 列, 字段, 指标, 标准与阈值, 设置, 校验规则. Every sheet has a frozen header with a filter; null counts and rows are those
of the release.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue, Source
from reports.dictionary import Dictionary, FieldFacts, RuleFacts

BOOK = "dictionary.xlsx"
CREATED = datetime(2020, 1, 1)
"""A fixed date: the workbook carries no clock; its release stands on the first sheet."""

Cells = Sequence[Any]


@dataclass(frozen=True)
class BookSheet:
    """A sheet: its name, headers with widths in characters, rows."""

    name: str
    heads: tuple[tuple[str, int], ...]
    rows: tuple[Cells, ...]


def dictionary_book(known: Dictionary, catalogue: Catalogue, release_id: str) -> bytes:
    """The workbook's bytes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    title = f"{catalogue.about.title.zh} / {catalogue.about.title.en} {catalogue.about.version}"
    book.set_properties(
        {"title": "数据字典 / Data dictionary", "subject": title, "comments": release_id, "created": CREATED}
    )
    head = book.add_format(
        {"bold": True, "bg_color": "#12436D", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top", "border": 1}
    )
    text = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets(known, catalogue):
        _write(book.add_worksheet(sheet.name), sheet, head, text)
    book.close()
    return target.getvalue()


def _write(page: Any, sheet: BookSheet, head: Any, text: Any) -> None:
    for i, (title, width) in enumerate(sheet.heads):
        page.set_column(i, i, width, text)
        page.write_string(0, i, title, head)
    for n, row in enumerate(sheet.rows, start=1):
        for i, value in enumerate(row):
            if isinstance(value, bool):
                page.write_string(n, i, "是 yes" if value else "否 no", text)
            elif isinstance(value, int | float):
                page.write_number(n, i, value, text)
            elif value not in (None, ""):
                page.write_string(n, i, str(value), text)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.heads) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def sheets(known: Dictionary, catalogue: Catalogue) -> tuple[BookSheet, ...]:
    """The seven sheets."""
    return (
        _tables(known), _columns(known, catalogue), _fields(known.fields), _indicators(catalogue), _thresholds(catalogue),
        _settings(catalogue), _rules(known.rules),
    )  # fmt: skip


def _two(label: Label | None) -> tuple[str, str]:
    return ("", "") if label is None else (label.zh, label.en)


def _cited(source: Source | None, document: Label | None = None) -> tuple[str, str, str, str, str]:
    """Document and clause in both languages, and the grade."""
    if source is None:
        return ("", "", "", "", "")
    return (*_two(source.document or document), *_two(source.clause), source.grade)


_SOURCE_HEADS = (("文件", 30), ("document", 30), ("条款", 22), ("clause", 22), ("可靠程度 grade", 9))


def _tables(known: Dictionary) -> BookSheet:
    heads = (
        ("表 table", 24),
        ("一行是什么", 48),
        ("a row is", 48),
        ("主键 key", 34),
        ("行数 rows", 10),
        ("列数 columns", 9),
        ("文件 file", 34),
    )
    rows = tuple(
        (
            t.table.name,
            t.table.zh,
            t.table.en,
            ", ".join(t.table.key),
            t.rows,
            len(t.columns),
            f"tables/{t.table.name}.parquet",
        )
        for t in known.tables
    )
    return BookSheet("表", heads, rows)


def _columns(known: Dictionary, catalogue: Catalogue) -> BookSheet:
    heads = (
        ("表 table", 22), ("列 column", 26), ("类型 type", 10), ("单位 unit", 16), ("含义", 44), ("meaning", 44), ("主键 key", 7),
        ("空值表示", 26), ("null means", 30), ("空值数 nulls", 10),
    )  # fmt: skip
    rows = tuple(
        (
            t.table.name, c.name, c.type, c.unit, c.zh, c.en, c.name in t.table.key,
            "没有空值" if c.name in t.table.key else c.empty_zh or "没有空值",
            "never null" if c.name in t.table.key else c.empty_en or "never null", t.nulls[c.name],
        )
        for t in known.tables for c in t.columns
    )  # fmt: skip
    return BookSheet("列", heads, rows)


def _fields(fields: Iterable[FieldFacts]) -> BookSheet:
    heads = (
        ("字段 field", 28), ("名称", 24), ("name", 30), ("类型 type", 9), ("单位", 10), ("unit", 12), ("范围 scope", 9), ("并校 merge", 8),
        ("由何算出 made by", 44), ("统计表 form", 24), ("读自 read from", 44), ("系数 factor", 10), ("口径", 48), ("definition", 48),
        *_SOURCE_HEADS,
    )  # fmt: skip
    return BookSheet("字段", heads, tuple(_field(f) for f in fields))


def _field(facts: FieldFacts) -> Cells:
    f = facts.field
    forms = ", ".join(f"{form} ({year}–)" for year, form in facts.forms)
    places = "; ".join(f"{p.layout.zh} › {p.sheet.zh} › {p.header}" for p in facts.places)
    factors = {p.factor for p in facts.places}
    factor = next(iter(factors)) if len(factors) == 1 else "; ".join(f"{p.factor:g}" for p in facts.places)
    return (
        f.id, *_two(f.label), f.type, *_two(f.unit), f.scope, f.merge, facts.derivation, forms, places, factor,
        *_two(f.meaning), *_cited(f.source),
    )  # fmt: skip


def _indicators(catalogue: Catalogue) -> BookSheet:
    heads = (
        ("指标 indicator", 30), ("名称", 28), ("name", 34), ("单位", 10), ("unit", 14), ("方向 direction", 8), ("范围 scope", 8),
        ("分子 numerator", 40), ("分母 denominator", 30), ("适用条件 applies when", 34), ("缺报表示 missing means", 10),
        ("显示小数 decimals", 8), ("用于标准 standards", 34), ("口径", 48), ("definition", 48), *_SOURCE_HEADS,
    )  # fmt: skip
    rows = tuple(
        (
            i.id, *_two(i.label), *_two(i.unit), i.direction, i.scope, i.numerator, i.denominator, i.applies_when or "", i.missing,
            i.decimals, _users(i.id, catalogue), *_two(i.meaning), *_cited(i.source),
        )
        for i in catalogue.indicators.values()
    )  # fmt: skip
    return BookSheet("指标", heads, rows)


def _users(indicator_id: str, catalogue: Catalogue) -> str:
    items = [(s.id, i.item_no) for s in catalogue.standards.values() for i in s.items if i.indicator == indicator_id]
    return ", ".join(f"{standard} {number}" for standard, number in items)


def _thresholds(catalogue: Catalogue) -> BookSheet:
    heads = (
        ("标准 standard", 16), ("名称", 26), ("name", 30), ("条款序号 item", 10), ("对象 of", 12), ("指标 indicator", 30), ("要求", 34),
        ("demand", 34), ("学段 stage", 10), ("办学类型 school type", 10), ("起始年份 from", 9), ("标准值 level", 10), ("底线 floor", 12),
        ("差异系数上限 gap limit", 12), ("一票否决 veto", 9), ("权重 weight", 8), *_SOURCE_HEADS,
    )  # fmt: skip
    rows: list[Cells] = []
    for s in catalogue.standards.values():
        who = (s.id, *_two(s.short or s.label))
        limits = s.gap.limits if s.gap else {}
        for item in s.items:
            label = _two(catalogue.indicators[item.indicator].label)
            limited = limits if s.gap and item.indicator in s.gap.indicators else {}
            start = (*who, item.item_no, "学校 school", item.indicator, *label)
            rows += [
                (
                    *start, t.stage, t.school_type, t.year_from, t.value, t.floor, limited.get(t.stage), item.is_veto, item.weight,
                    *_cited(t.source if t.source and t.source.clause else item.source, s.document)[:4],
                    (t.source or item.source).grade,
                )
                for t in item.thresholds
            ]  # fmt: skip
            named = {t.stage for t in item.thresholds}
            rows += [
                (*start, stage.id, "*", 0, None, None, limited.get(stage.id), item.is_veto, item.weight, *_cited(item.source, s.document))
                for stage in catalogue.judged_stages if stage.id not in named and (not named or stage.id in limited)
            ]  # fmt: skip
        composite = s.gap.composite_limits if s.gap else {}
        rows += [
            (*who, "", "县 county", "", "综合差异系数", "composite gap", stage, "*", 0, None, None, limit, None, None, *_cited(s.gap.source if s.gap else None, s.document))
            for stage, limit in composite.items()
        ]  # fmt: skip
        rows += [
            (*who, c.item_no, "县 county", "", *_two(c.label), *[None] * 8, *_cited(c.source, s.document))
            for c in s.county_items
        ]
    return BookSheet("标准与阈值", heads, tuple(rows))


def _settings(catalogue: Catalogue) -> BookSheet:
    heads = (
        ("设置 setting", 30),
        ("取值 value", 18),
        ("含义", 54),
        ("meaning", 54),
        ("依据", 30),
        ("source", 30),
        ("可靠程度 grade", 9),
    )
    rows = tuple(
        (s.key, "未启用 off" if s.value is None else s.value, *_two(s.meaning), *_two(s.source), s.grade)
        for s in catalogue.settings.values()
    )
    return BookSheet("设置", heads, rows)


def _rules(rules: Iterable[RuleFacts]) -> BookSheet:
    heads = (
        ("规则 rule", 30), ("步骤 step", 7), ("对象 record", 9), ("程度 severity", 9), ("检查 test", 54), ("应为", 26), ("expected", 26),
        ("说明", 44), ("message", 44), ("如何更正", 36), ("how to mend it", 36), ("引起 implies", 20), ("发现 findings", 9),
        ("涉及县 counties", 9), ("涉及学校 schools", 9), *_SOURCE_HEADS,
    )  # fmt: skip
    rows = tuple(
        (
            r.id, int(r.step), r.record, r.severity, r.test, *_two(r.expected), *_two(r.message), *_two(r.mend),
            ", ".join(r.implies), r.findings, r.counties, r.schools, *_cited(r.source),
        )
        for r in rules
    )  # fmt: skip
    return BookSheet("校验规则", heads, rows)

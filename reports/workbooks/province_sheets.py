"""Sheets of a province's workbook, from the same facts as its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.schema.model import Catalogue
from reports.area_facts import BOTH, AreaFacts, CountyGap, Line, Rank
from reports.families import Family
from reports.measures import band_text, name_of
from reports.ranking_tables import STATE_OF, crossing_gaps, flags_text, trace_tail, why
from reports.sureness import ERRORS
from reports.words import Words
from reports.workbooks.book import Book, Head, Said, Tinted

ZH, EN = Words("zh"), Words("en")
PLACE = [
    Head("代码", "Code", 9),
    Head("区县", "County", 14),
    Head("County", "County (en)", 18),
    Head("市", "Prefecture", 12),
]


def _place(line: Line) -> list[Any]:
    county = line.county
    return [county.code, county.name.zh, county.name.en, ZH.place(county.prefecture)]


def _verdict(line: Line) -> Said:
    state = STATE_OF[line.verdict]
    return Said(
        state,
        " ".join(t for t in (ZH.symbol(state), ZH(f"verdict.{line.verdict}"), EN(f"verdict.{line.verdict}")) if t),
    )


def rank_sheet(book: Book, catalogue: Catalogue, families: Sequence[tuple[Family, dict[str, Rank]]]) -> None:
    """One row a standard, measure, stage and county: ranked ones in order, the others after them with the reason."""
    heads = [
        Head("标准", "Standard", 18), Head("键", "Measure", 14), Head("键名", "Measure (name)", 22), Head("学段", "Stage", 9), *PLACE,
        Head("名次", "Rank", 8), Head("最低名次", "rank_low", 8, "whole"), Head("最高名次", "rank_high", 8, "whole"),
        Head("区间原因", "Cause of the band", 16), Head("其他范围", "Widest other range", 12), Head("其原因", "Its cause", 18),
        Head("参加排名县数", "Compared", 9, "whole"), Head("全国名次", "rank_nation", 9, "whole"), Head("键值", "Value", 12, "cv"),
        Head("上年键值", "Value last year", 12, "cv"), Head("名次变化", "Change of rank", 9, "whole"), Head("变化主因", "Cause", 20),
        Head("主因代码", "cause_indicator", 26), Head("结果", "Result", 18), Head("提示", "Flags", 26), Head("说明", "Why not ranked", 26),
    ]  # fmt: skip
    rows = [row for family, both in families for row in _family_ranks(family, both, catalogue)]
    book.table("排名", f"排名 Rankings · {book.year}", heads, rows, frozen=8)


def _family_ranks(family: Family, both: dict[str, Rank], catalogue: Catalogue) -> Iterator[list[Any]]:
    for measure in family.standard.measures:
        for facts in family.stages:
            ranked = facts.ranked(measure)
            pairs: list[tuple[Line, Rank | None]] = [
                *ranked,
                *((x, x.ranks.get(measure)) for x in facts.unranked(measure)),
            ]
            for line, rank in pairs:
                yield _rank_row(facts, measure, facts.stage.label.zh, line, rank, catalogue)
    facts = family.stages[0]
    lines = {line.county.code: line for line in facts.lines}
    placed = sorted((r.place, code) for code, r in both.items() if r.place is not None and code in lines)
    for _, code in placed:
        yield _rank_row(
            facts, family.standard.measures[0], f"各学段（{BOTH}）", lines[code], both[code], catalogue, is_both=True
        )


def _rank_row(
    facts: AreaFacts, measure: str, stage: str, line: Line, rank: Rank | None, catalogue: Catalogue, *, is_both: bool = False
) -> list[Any]:  # fmt: skip
    cause = catalogue.indicators.get(rank.cause or "") if rank else None
    is_placed = rank is not None and rank.place is not None
    return [
        ZH.label(facts.standard.label), measure, name_of(measure, facts.standard, ZH), stage, *_place(line),
        band_text(rank.low, rank.high) if rank and is_placed else "", *((rank.low, rank.high, *_ranges(rank), rank.compared, rank.nation) if rank else [None] * 7),
        rank.value if rank else None, rank.before if rank else None, rank.change if rank else None,
        ZH.short(cause) if cause else "", cause.id if cause else "", "" if is_both else _verdict(line),
        "" if is_both else flags_text(facts, line, ZH).replace("—", ""), "" if is_placed else why(line, measure, ZH),
    ]  # fmt: skip


def _ranges(rank: Rank) -> list[Any]:
    """What the band is of, and the widest of the other ranges with its cause."""
    widest = rank.sure.widest
    band = _cause(ERRORS) if rank.sure.band else "容差 tolerance" if rank.place is not None else ""
    return [band, band_text(widest.low, widest.high), _cause(widest.cause)] if widest else [band, "", ""]


def _cause(cause: str) -> str:
    return f"{ZH(f'cause.{cause}')} {EN(f'cause.{cause}')}"


def gap_sheet(book: Book, family: Family, *, is_first: bool) -> None:
    """One row a county and stage: every gap of the standard, tinted beyond the limit, and the tail of the trace ids."""
    indicators = family.stages[0].indicators
    heads = [
        Head("学段", "Stage", 9),
        *PLACE,
        Head("结果", "Result", 18),
        Head("超限项数", "Items over", 8, "whole"),
        Head("学校数", "Schools", 8, "whole"),
    ]
    heads += [Head(ZH.short(i), EN.short(i), 12, "cv") for i in indicators]
    rows = [
        [facts.stage.label.zh, *_place(line), _verdict(line), line.over, line.schools, *(_gap(line.gaps.get(i.id)) for i in indicators)]
        for facts in family.stages
        for line in facts.lines
    ]  # fmt: skip
    name = "差异系数" if is_first else f"差异系数 {ZH.label(family.standard.short or family.standard.label)}"
    example = trace_tail(family.stages[0], indicators[0])
    title = f"差异系数 Gap coefficients · {ZH.label(family.standard.label)} · {book.year} · 溯源号 trace id = 代码 code + “{example}”"
    book.table(name, title, heads, rows, frozen=3)


def _gap(gap: CountyGap | None) -> Any:
    if gap is None:
        return None
    if gap.is_shown and gap.cv is not None:
        return Tinted(gap.cv, gap.verdict) if gap.verdict in ("unmet", "undecided") else gap.cv
    return Said(gap.verdict, f"{ZH.symbol(gap.verdict)} {ZH.state(gap.verdict, 'gap')}")


def share_sheet(book: Book, family: Family, *, is_first: bool) -> None:
    """One row a county and stage: schools that meet the rule, and of each item the share of schools that meet it."""
    items = list({i.id: (item, i) for facts in family.stages for item, i in facts.items}.values())
    heads = [
        Head("学段", "Stage", 9),
        *PLACE,
        Head("学校数", "Schools", 8, "whole"),
        Head("达到学校要求", "Meet the rule", 9, "whole"),
    ]
    heads += [Head(f"{item.item_no} {ZH.short(i)}", EN.short(i), 12, "percent") for item, i in items]
    rows = [
        [facts.stage.label.zh, *_place(line), line.schools, line.meeting if line.judged else None, *(_share(line, i.id) for _, i in items)]
        for facts in family.stages
        for line in facts.lines
    ]  # fmt: skip
    name = "学校达标率" if is_first else f"学校达标率 {ZH.label(family.standard.short or family.standard.label)}"
    book.table(
        name, f"学校达标率 Shares of schools · {ZH.label(family.standard.label)} · {book.year}", heads, rows, frozen=3
    )


def _share(line: Line, name: str) -> float | None:
    share = line.shares.get(name)
    return None if share is None else share.share


def coverage_sheet(book: Book, family: Family) -> None:
    """One row a county: whether a return came, and by stage what counts and what is missing."""
    heads = list(PLACE)
    for facts in family.stages:
        zh, en = facts.stage.label.zh, facts.stage.label.en
        heads += [
            Head(f"{zh}结果", f"{en}: result", 18), Head(f"{zh}计入学校", f"{en}: schools", 9, "whole"),
            Head(f"{zh}在校生", f"{en}: pupils", 10, "whole"), Head(f"{zh}缺报学校", f"{en}: schools missing", 9, "whole"),
        ]  # fmt: skip
    rows = []
    for lines in zip(*(facts.lines for facts in family.stages), strict=True):
        cells = [[_verdict(line), line.schools, line.pupils, line.schools_missing] for line in lines]
        rows.append([*_place(lines[0]), *(cell for of in cells for cell in of)])
    book.table("覆盖", f"覆盖 Coverage · {book.year}", heads, rows, frozen=2)


def crossed_sheet(book: Book, catalogue: Catalogue, families: Sequence[Family]) -> None:
    """Counties that crossed the limit since last year, by standard and stage, with the indicators that did."""
    heads = [
        Head("标准", "Standard", 18), Head("学段", "Stage", 9), *PLACE, Head("变化", "Change", 18), Head("上年键值", "Value last year", 12, "cv"),
        Head("键值", "Value", 12, "cv"), Head("变化主因", "Cause", 20), Head("跨过上限的指标", "Indicators that crossed", 60, "wrap"),
    ]  # fmt: skip
    rows = [row for family in families for facts in family.stages for row in _crossings(facts, catalogue)]
    book.table("跨越限值", f"跨越限值 Crossings of the limit · {book.year}", heads, rows, frozen=4)


def _crossings(facts: AreaFacts, catalogue: Catalogue) -> Iterator[list[Any]]:
    for line in (*facts.crossed("out"), *facts.crossed("in")):
        rank = line.ranks.get(facts.measure or "")
        cause = catalogue.indicators.get(rank.cause or "") if rank else None
        state = "unmet" if line.crossed == "out" else "met"
        word = f"{ZH.symbol(state)} {ZH(f'crossed.{line.crossed}')} {EN(f'crossed.{line.crossed}')}"
        yield [
            ZH.label(facts.standard.label), facts.stage.label.zh, *_place(line), Said(state, word),
            rank.before if rank else None, rank.value if rank else None, ZH.short(cause) if cause else "", crossing_gaps(facts, line, ZH),
        ]  # fmt: skip

"""Sheets of a county's workbook on what stands around it: school groups and districts, counties alike, gaps taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.schema.model import Catalogue
from reports.around_tables import STATES, coverage_text
from reports.facts import PageFacts
from reports.measures import name_of
from reports.words import Words
from reports.workbooks.book import Book, Head, Kind, Said, said

ZH, EN = Words("zh"), Words("en")

Columns = list[tuple[str, str, str, Kind]]
"""Numbers of a row: Chinese and English header, column of the table, how the cell is written."""


def around_notes(pages: Sequence[PageFacts]) -> Iterator[tuple[str, str]]:
    """What the sheets hold, of those that there are, and what groups and districts reach."""
    for row in pages[0].around.coverage if pages else ():
        if row["groups"] is not None:
            yield "集团（学区）覆盖 Coverage", f"{coverage_text(row, ZH)} {coverage_text(row, EN)}"
    if any(facts.around.inside for facts in pages):
        yield (
            "工作表 集团",
            "教育集团和学区各学段各指标的内部差异系数、牵头与成员的差距及加入前后的比较 / gaps inside school groups and districts, between lead and members, before joining and now",
        )
    if any(facts.around.peers for facts in pages):
        yield "工作表 相近县", "最相近的县、距离和数值 / the counties most alike, distances and values"
    if any(facts.around.classes for facts in pages):
        yield (
            "工作表 分解",
            "各项差异系数的平方在各类学校之间、之内的部分 / the squared coefficients between and within classes of schools",
        )


def around_sheets(book: Book, catalogue: Catalogue, pages: Sequence[PageFacts]) -> None:
    """The sheets of what there is."""
    if any(facts.around.inside for facts in pages):
        _groups(book, catalogue, pages)
    if any(facts.around.peers for facts in pages):
        _peers(book, pages)
    if any(facts.around.classes for facts in pages):
        _classes(book, catalogue, pages)


def _state(state: str) -> Said | str:
    return "" if state == "ok" else said(STATES.get(state, "incomplete"), "gap", ZH, EN)


def _groups(book: Book, catalogue: Catalogue, pages: Sequence[PageFacts]) -> None:
    """One row a stage, group or district and indicator."""
    numbers: Columns = [
        ("有值学校", "Schools", "schools", "whole"), ("缺值学校", "Missing", "schools_missing", "whole"), ("均值", "Mean", "mean", "value"),
        ("标准差", "SD", "sd", "value"), ("差异系数", "Gap coefficient", "cv", "cv"),
    ]  # fmt: skip
    leads: Columns = [
        ("牵头的值", "Lead", "lead_value", "value"), ("成员校数", "Members", "members", "whole"), ("成员平均", "Members' mean", "members_mean", "value"),
        ("牵头减成员", "Lead less members", "difference", "value"), ("牵头÷成员", "Lead / members", "ratio", "value"),
    ]  # fmt: skip
    past: Columns = [
        ("可比成员数", "Members followed", "members_followed", "whole"), ("加入前之差", "Difference before joining", "difference_before", "value"),
        ("同一批成员现在之差", "Difference now, same members", "difference_followed", "value"), ("缩小", "Narrowed by", "narrowed_by", "value"),
    ]  # fmt: skip
    heads = [
        Head("学段", "Stage", 8), Head("类别", "Kind", 20), Head("编号", "Code", 18), Head("集团（学区）", "Group or district", 24),
        Head("指标", "Indicator", 20), Head("指标代码", "indicator_id", 26), *(Head(zh, en, 12, kind) for zh, en, _, kind in numbers),
        Head("状态", "State", 20), Head("牵头学校", "Lead school", 24), *(Head(zh, en, 12, kind) for zh, en, _, kind in leads),
        Head("牵头比较", "Lead compared", 28), *(Head(zh, en, 12, kind) for zh, en, _, kind in past),
    ]  # fmt: skip
    rows = []
    for facts in pages:
        for row in facts.around.inside:
            lead = row["lead_state"]
            why = "" if lead in ("ok", "not_applicable") else f"{ZH(f'lead.{lead}')} {EN(f'lead.{lead}')}"
            rows.append([
                facts.stage.label.zh, f"{ZH('kind.' + row['kind'])} {EN('kind.' + row['kind'])}", row["group_id"], row["group_name"],
                ZH.short(catalogue.indicators[row["indicator_id"]]), row["indicator_id"], *(row[name] for _, _, name, _ in numbers), _state(row["state"]),
                row["lead_name"] or row["lead_school_id"], *(row[name] for _, _, name, _ in leads), why, *(row[name] for _, _, name, _ in past),
            ])  # fmt: skip
    book.table("集团", f"教育集团和学区 School groups and districts · {book.year}", heads, rows, frozen=4)


def _peers(book: Book, pages: Sequence[PageFacts]) -> None:
    """One row a stage and peer, the most alike first."""
    heads = [
        Head("学段", "Stage", 8), Head("次序", "No.", 6, "whole"), Head("代码", "Code", 9), Head("区县", "County", 16), Head("省", "Province", 14),
        Head("距离", "Distance", 12, "value"), Head("可比特征", "Features compared", 9, "whole"), Head("特征数", "Features", 9, "whole"),
        Head("差别最大的特征", "Differs most in", 24), Head("所占比例", "Its share", 10, "percent"), Head("键", "Measure", 26), Head("数值", "Value", 12, "cv"),
        Head("状态", "State", 20),
    ]  # fmt: skip
    rows = []
    for facts in pages:
        measure = facts.around.measure
        for row in facts.around.peers if measure else ():
            place = facts.around.places.get(row["peer_code"])
            share = None if row["differs_most_pct"] is None else row["differs_most_pct"] / 100
            rows.append([
                facts.stage.label.zh, row["peer_no"], row["peer_code"], place.name.zh if place else "", ZH.place(place.province) if place else "",
                row["distance"], row["features_compared"], row["features"], row["feature_zh"], share, name_of(measure or "", facts.standard, ZH),
                row["value"], _state(row["state"]),
            ])  # fmt: skip
    book.table("相近县", f"最相近的县 Counties most alike · {book.year}", heads, rows, frozen=4)


def _classes(book: Book, catalogue: Catalogue, pages: Sequence[PageFacts]) -> None:
    """One row a stage, indicator, way to divide and class."""
    columns: Columns = [
        ("学校数", "Schools", "schools", "whole"), ("学生数", "Pupils", "pupils", "whole"), ("学生占比", "Share of pupils", "pupils_share", "percent"),
        ("均值", "Mean", "mean", "value"), ("与县均值之比", "Over the county's mean", "mean_ratio", "value"), ("类内差异系数", "Coefficient inside", "cv", "cv"),
        ("类间部分", "Between", "cv2_between", "value"), ("类内部分", "Within", "cv2_within", "value"), ("占差异", "Share of the gap", "share", "percent"),
    ]  # fmt: skip
    heads = [
        Head("学段", "Stage", 8), Head("指标", "Indicator", 20), Head("指标代码", "indicator_id", 26), Head("划分方式", "Divided by", 14),
        Head("类别代码", "Class code", 18), Head("类别", "Class (zh)", 24), Head("类别（英文）", "Class", 24),
        *(Head(zh, en, 12, kind) for zh, en, _, kind in columns),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            facts.stage.label.zh, ZH.short(catalogue.indicators[row["indicator_id"]]), row["indicator_id"], _way(catalogue, row["divided_by"]),
            row["class_code"], row["class_zh"], row["class_en"], *(row[name] for _, _, name, _ in columns),
        ]
        for facts in pages
        for row in facts.around.classes
    ]  # fmt: skip
    title = f"差异系数的平方按各类学校分解 Squared coefficients by classes of schools · {book.year}"
    book.table("分解", title, heads, rows, frozen=4)


def _way(catalogue: Catalogue, way: str) -> str:
    return ZH.label(catalogue.partitions[way].label) if way in catalogue.partitions else way

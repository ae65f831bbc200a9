"""The sheet of origins: every value of every school with what was divided by what, its trace id, and the files it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.schema.model import Catalogue
from reports import trace
from reports.facts import PageFacts
from reports.words import Words
from reports.workbooks.book import Book, Head, Said, said

ZH, EN = Words("zh"), Words("en")


def trace_sheet(
    book: Book, catalogue: Catalogue, pages: Sequence[PageFacts], values: Sequence[Mapping[str, Any]]
) -> None:
    """One row a value; schools that a standard leaves out are here too."""
    heads = [
        Head("学段", "Stage", 8), Head("学校标识码", "School code", 15), Head("学校", "School", 22), Head("在校生", "Pupils", 8, "whole"),
        Head("指标", "Indicator", 26), Head("单位", "Unit", 11), Head("分子", "Numerator", 15, "value"),
        Head("分母", "Denominator", 15, "value"), Head("数值", "Value", 15, "value"), Head("状态", "State", 18),
        Head("溯源号", "Trace id", 52), Head("来源文件", "Files", 30),
    ]  # fmt: skip
    stages = {stage.id: stage.label.zh for stage in catalogue.stages.values()}
    parts = pages[0].parts if pages else ()
    known = {
        i.id: (ZH.label(i.label), ZH.label(i.unit), trace.files_of(i, catalogue, parts, book.year))
        for i in catalogue.indicators.values()
    }
    states: dict[str, Said | str] = {"ok": ""}
    rows = []
    for row in values:
        label, unit, files = known[row["indicator_id"]]
        state = states.setdefault(row["state"], "") or _state(row["state"], states)
        rows.append([
            stages[row["stage"]], row["school_id"], row["name"], row["pupils"], label, unit, row["numerator"], row["denominator"],
            row["value"], state, row["trace_id"], files,
        ])  # fmt: skip
    book.table("溯源", f"学校数值与来源 School values and where they come from · {book.year}", heads, rows, frozen=3)


def _state(state: str, states: dict[str, Said | str]) -> Said | str:
    """The words of a state, made once."""
    if state != "ok":
        states[state] = said(state, "value", ZH, EN)
    return states[state]

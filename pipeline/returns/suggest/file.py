"""A whole file to the draft of a layout."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from pypinyin import lazy_pinyin

from pipeline.errors import JunhengError
from pipeline.returns.reader import read_tables
from pipeline.returns.suggest.cover import county_on_cover, school_on_cover, year_on_cover
from pipeline.returns.suggest.draft import LayoutDraft, SheetDraft
from pipeline.returns.suggest.head import head_of
from pipeline.returns.suggest.meanings import Meanings
from pipeline.returns.suggest.profile import Evidence
from pipeline.returns.suggest.sheet import Context, sheet_of
from pipeline.returns.suggest.vertical import frame_of, vertical_of
from pipeline.returns.table import SourceTable, UnreadableError, is_blank
from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue

LONGEST_ID = 40


class NothingRecognisedError(JunhengError):
    """A file of which no header is near any field."""


def tables_of(data: bytes, name: str, catalogue: Catalogue) -> list[SourceTable]:
    """The tables of a file that hold anything. Raises JunhengError with the reason where there are none."""
    try:
        tables = [table for table in read_tables(data, catalogue) if not all(is_blank(row) for row in table.rows)]
    except UnreadableError as error:
        zh, _, en = str(error).partition(" / ")
        raise NothingRecognisedError(f"无法读取 {name}：{zh}", f"{name} cannot be read: {en or zh}") from None
    if not tables:
        raise NothingRecognisedError(f"{name} 是空的", f"{name} holds nothing")
    return tables


def suggest(data: bytes, name: str, catalogue: Catalogue, year: int, layout_id: str | None = None) -> LayoutDraft:
    """The draft of a layout for the bytes of a file. Raises NothingRecognisedError where no header is near any field."""
    tables = tables_of(data, name, catalogue)
    meanings = Meanings(catalogue)
    evidence = Evidence(meanings, year)
    stem = PurePath(name).stem
    context = Context(meanings, evidence, stem, county_on_cover(tables, evidence), school_on_cover(tables))
    sheets = [sheet for table in tables if (sheet := _sheet(table, context)) is not None]
    if not sheets:
        raise NothingRecognisedError(
            f"{name} 的表头与目录中的任何字段都不相近，无法建议表样；请按 docs/how-to/add-a-layout.md 手写",
            f"no header of {name} is near any field of the catalogue; write the layout by hand (docs/how-to/add-a-layout.md)",
        )
    is_workbook = tables[0].is_of_workbook
    encodings = list(dict.fromkeys(e for layout in catalogue.layouts.values() for e in layout.encodings))
    years = {sheet.year_header for sheet in sheets}
    return LayoutDraft(
        layout_id or _id(stem, catalogue),
        name,
        Label(zh=stem, en=stem),
        ("xlsx",) if is_workbook else ("csv",),
        () if is_workbook else _encodings(tables[0].encoding, encodings),
        tuple(_with_own_parts(sheets)),
        tuple(table.sheet for table in tables if is_workbook and table.sheet not in {s.table for s in sheets}),
        year_on_cover(tables),
        years.pop() if len(years) == 1 else None,
    )


def _sheet(table: SourceTable, context: Context) -> SheetDraft | None:
    frame = frame_of(table, context.meanings)
    if frame is not None:
        return vertical_of(table, frame, context)
    head = head_of(table, context.meanings)
    return sheet_of(table, head, context) if head is not None else None


def _with_own_parts(sheets: Sequence[SheetDraft]) -> list[SheetDraft]:
    """Sheets whose parts differ: a second one of a kind is numbered."""
    times: dict[str, int] = {}
    found = []
    for sheet in sheets:
        times[sheet.part] = times.get(sheet.part, 0) + 1
        number = times[sheet.part]
        found.append(replace(sheet, part=f"{sheet.part}_{number}") if number > 1 else sheet)
    return found


def _encodings(found: str, known: Sequence[str]) -> tuple[str, ...]:
    """Encodings to try: UTF-8 first, since it never fits by chance, then the file's own, then those that are usual."""
    name = codecs.lookup(found).name.removesuffix("-sig")
    return tuple(dict.fromkeys(["utf-8", name, *(e for e in known or ("gb18030",) if e != "latin-1" or name == e)]))


def _id(stem: str, catalogue: Catalogue) -> str:
    """An id from a file's name, in pinyin where it is Chinese, that no layout has yet."""
    spelt = "-".join(lazy_pinyin(stem)).lower()
    plain = re.sub(r"[^a-z0-9]+", "-", spelt)[:LONGEST_ID].strip("-") or "layout"
    number, found = 1, plain
    while found in catalogue.layouts:
        number += 1
        found = f"{plain}-{number}"
    return found

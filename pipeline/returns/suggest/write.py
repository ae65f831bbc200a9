"""The draft of a layout as YAML that a catalogue loads: each column with its score, what is open marked TODO."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline.returns.suggest.draft import ACCEPT, SURE, CellDraft, ColumnDraft, DivisionDraft, LayoutDraft, SheetDraft
from pipeline.returns.suggest.meanings import Meaning
from pipeline.schema.entry import Label

OPEN = "TODO"
_WIDTH = 4096
_COMMENTS_FROM = 4
_NAMED = 2
"""Cells named beside a header that nothing reads."""


def as_yaml(draft: LayoutDraft) -> str:
    """The text of a file for ``layouts/``."""
    top = CommentedMap({"id": draft.id, "label": _label(draft.label), "formats": _flow(draft.formats)})
    if draft.encodings:
        top["encodings"] = _flow(draft.encodings)
    if draft.year_cell is not None:
        top["year"] = _in_line({"cell": _cell(draft.year_cell)})
    elif draft.year_column is not None:
        top["year"] = _in_line({"column": draft.year_column})
    if draft.ignored:
        top["ignore_sheets"] = _flow(draft.ignored)
    top["sheets"] = sheets = CommentedSeq()
    for sheet in draft.sheets:
        sheets.append(_sheet(sheet, draft))
    top.yaml_set_start_comment("\n".join(_start(draft)))
    if draft.ignored:
        top.yaml_add_eol_comment(
            _both("没有认出内容，不读取", "nothing was recognised there, so it is not read"), "ignore_sheets"
        )
    writer = YAML()
    writer.width = _WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(top, stream)
    return stream.getvalue()


def _start(draft: LayoutDraft) -> list[str]:
    taken = sum(len(sheet.taken) for sheet in draft.sheets)
    left = sum(len(sheet.columns) - len(sheet.taken) for sheet in draft.sheets)
    return [
        f"根据 {draft.file} 建议的表样：{taken} 列已对应，{left} 列没有。行尾是相近程度（1 为完全相同）和次近的字段；{OPEN} 处须由人决定。",
        f"A layout suggested from {draft.file}: {taken} columns are matched, {left} are not. At the end of a line stand the",
        f"likeness (1 is the same) and the next nearest fields; a person decides where it says {OPEN}.",
        "没有 optional: true 的列，文件缺了就不按本表样读。/ A file that lacks a column without optional: true is not read by it.",
    ]


def _sheet(sheet: SheetDraft, draft: LayoutDraft) -> CommentedMap:
    entry = CommentedMap({"part": sheet.part})
    if sheet.table:
        entry["name"] = sheet.table
    entry["label"] = _label(sheet.label)
    entry["record"] = sheet.record
    if sheet.code_row:
        entry["code_row"] = True
    if sheet.vertical is not None:
        cell = _cell(sheet.vertical.school_cell) if sheet.vertical.school_cell is not None else None
        frame = {"code": sheet.vertical.code, "item": sheet.vertical.item, "value": sheet.vertical.value}
        given = {key: header for key, header in {**frame, "school_cell": cell}.items() if header is not None}
        entry["vertical"] = _in_line(given)
    entry["division"] = _division(sheet.division)
    if sheet.constants:
        entry["constants"] = _in_line(dict(sheet.constants))
    if sheet.not_data:
        entry["not_data"] = CommentedSeq(sheet.not_data)
    entry["columns"] = _columns(sheet)
    entry.yaml_add_eol_comment(_place(sheet), "record")
    if sheet.division.score < 1:
        entry.yaml_add_eol_comment(_doubt(sheet.division.score), "division")
    if sheet.notes:
        entry.yaml_set_comment_before_after_key(
            "division", before="\n".join(f"{OPEN} {_both(note.zh, note.en)}" for note in sheet.notes), indent=4
        )
    return entry


def _place(sheet: SheetDraft) -> str:
    rows = f"–{sheet.header_row + sheet.header_rows - 1}" if sheet.header_rows > 1 else ""
    zh, en = f"表头在第 {sheet.header_row}{rows} 行", f"header in row {sheet.header_row}{rows}"
    return _both(zh, en)


def _division(division: DivisionDraft) -> CommentedMap:
    entry: dict[str, Any] = {}
    if division.header is not None:
        entry["header"] = division.header
    if division.cell is not None:
        entry["cell"] = _cell(division.cell)
    if not entry:
        entry["header"] = OPEN
    return _in_line({**entry, "by": division.by})


def _columns(sheet: SheetDraft) -> CommentedSeq:
    """The columns that are read, in order, and between them as comments the headers that are not."""
    found = CommentedSeq()
    waiting: list[str] = []
    written: list[tuple[int, list[str]]] = []
    for column in sheet.columns:
        if not column.is_taken:
            waiting += _unread(column)
            continue
        found.append(_column(column))
        at = len(found) - 1
        if waiting:
            written.append((at, waiting))
            waiting = []
        found.yaml_add_eol_comment(_score(column), at, column=_COMMENTS_FROM)
    for at, comments in written:
        found.yaml_set_comment_before_after_key(at, before="\n".join(comments), indent=6)
    if waiting and found:
        last = found.ca.items[len(found) - 1][0]  # the comment at the end of the last line goes on below it
        last.value += "".join(f"\n      # {line}" for line in waiting)
    return found


def _column(column: ColumnDraft) -> CommentedMap:
    assert column.best is not None, "a column that is taken has a meaning"
    entry: dict[str, Any] = {"to": column.best.meaning.to, "header": column.header}
    if column.best.meaning.stage is not None:
        entry["stage"] = column.best.meaning.stage
    if column.factor != 1:
        entry["factor"] = int(column.factor) if column.factor == int(column.factor) else column.factor
    if column.recode:
        entry["recode"] = dict(column.recode)
    if column.is_optional:
        entry["optional"] = True
    return _in_line(entry)


def _score(column: ColumnDraft) -> str:
    assert column.best is not None, "a column that is taken has a meaning"
    others = "、".join(f"{near.score:.2f} {_named(near.meaning)}" for near in column.near[1:] if near.score >= 0.6)
    parts = [f"{column.best.score:.2f} {column.best.label.zh}"]
    if others:
        parts.append(_both(f"次近 {others}", "next nearest"))
    if column.best.score < SURE:
        parts.append(f"{OPEN} 请核对 / check")
    parts += [f"{OPEN} {_both(note.zh, note.en)}" for note in column.notes]
    return _plain("；".join(parts))


def _unread(column: ColumnDraft) -> list[str]:
    """The comment on a header that nothing reads: with the line to use where its nearest field is meant."""
    place = f"{column.place} " if column.place else ""
    notes = [_both(note.zh, note.en) for note in column.notes]
    if column.best is None:
        return [_plain("；".join([f"{place}{column.header}：没有相近的字段 / no field is near", *notes]))]
    near = "、".join(f"{n.score:.2f} {_named(n.meaning)}（{n.label.zh}）" for n in column.near[:_NAMED])
    lines = [_plain("；".join([f"{OPEN} {place}{column.header}：{near}", *notes]))]
    if not notes and column.best.score < ACCEPT:
        stage = f", stage: {column.best.meaning.stage}" if column.best.meaning.stage else ""
        lines.append(f"- {{to: {column.best.meaning.to}, header: {_quoted(column.header)}{stage}, optional: true}}")
    return lines


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _named(meaning: Meaning) -> str:
    return f"{meaning.to}@{meaning.stage}" if meaning.stage else meaning.to


def _doubt(score: float) -> str:
    zh, en = "请核对", "check"
    return f"{OPEN} {_both(zh, en)}" if score == 0 else f"{score:.2f}"


def _both(zh: str, en: str) -> str:
    return zh if zh == en else f"{zh} / {en}"


def _plain(text: str) -> str:
    """A comment of one line."""
    return " ".join(text.split())


def _label(label: Label) -> CommentedMap:
    return _in_line({"zh": label.zh, "en": label.en})


def _cell(cell: CellDraft) -> dict[str, str]:
    of = {"sheet": cell.sheet, "label": cell.label, "address": cell.address}
    return {key: text for key, text in of.items() if text is not None}


def _in_line(entry: dict[str, Any]) -> CommentedMap:
    """A mapping in one line, those inside it too."""
    found = CommentedMap({key: _in_line(value) if isinstance(value, dict) else value for key, value in entry.items()})
    found.fa.set_flow_style()
    return found


def _flow(texts: Sequence[str]) -> CommentedSeq:
    found = CommentedSeq(texts)
    found.fa.set_flow_style()
    return found

"""Makes the reference pages of docs/ from the registry and the shipped catalogue: ``make docs``.

A test holds the pages against what this makes, so that they never say something else than the program does.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from docs.rules_page import MADE, rules
from pipeline.schema import load_catalogue
from pipeline.schema.model import Catalogue
from pipeline.tables.catalogue_tables import both, clause_of
from pipeline.tables.registry import NOT_REPORTED, ColumnDef, public_tables

HERE = Path(__file__).resolve().parent


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(header)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = (str(cell if cell is not None else "").replace("|", "\\|").replace("\n", " ") for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def tables(catalogue: Catalogue) -> str:
    """The data dictionary: every public table, its key, every column with type, unit and meaning."""
    parts = [
        MADE,
        "# 数据字典 · Data dictionary\n",
        "每张表和每一列的说明也写在数据库的注释里。/ The same words are comments in the database.\n",
        f"空值一栏为空：没有空值；†：{NOT_REPORTED[0]}。/ Null: empty means never null; †: {NOT_REPORTED[1]}.\n",
    ]
    for table in public_tables().values():
        parts.append(
            f"\n## `{table.name}`\n\n{table.zh}。/ {table.en}. 主键 key: {', '.join(f'`{k}`' for k in table.key)}.\n\n"
        )
        rows = ((f"`{c.name}`", c.type, c.unit, c.zh, c.en, _empty(c)) for c in table.columns(catalogue))
        parts.append(_table(["列 column", "类型 type", "单位 unit", "含义", "meaning", "空值 null"], rows))
    return "\n".join(parts)


def _empty(column: ColumnDef) -> str:
    """What a null means; empty where a column is never null, a dagger for the meaning that all fields share."""
    if (column.empty_zh, column.empty_en) == NOT_REPORTED:
        return "†"
    return f"{column.empty_zh} / {column.empty_en}" if column.empty_zh else ""


def indicators(catalogue: Catalogue) -> str:
    """Every indicator with its formula, and what each standard demands of it."""
    parts = [MADE, "# 指标与标准 · Indicators and standards\n"]
    for i in catalogue.indicators.values():
        parts.append(f"\n## `{i.id}` {i.label.zh} · {i.label.en}\n")
        meaning = f"\n{both(i.meaning)}\n" if i.meaning else ""
        applies = f"，适用条件 applies when `{i.applies_when}`" if i.applies_when else ""
        parts.append(
            f"`({i.numerator}) / ({i.denominator})` · {both(i.unit)} · {i.direction} · {i.scope}{applies} · {i.source.grade}\n{meaning}"
        )
        rows = [
            (s.id, item.item_no, t.stage, t.school_type, t.value, t.floor, clause_of(t.source, item.source), (t.source or item.source).grade)
            for s in catalogue.standards.values() for item in s.items if item.indicator == i.id for t in item.thresholds
        ]  # fmt: skip
        if rows:
            head = [
                "标准 standard",
                "条 item",
                "学段 stage",
                "类型 type",
                "标准值 level",
                "底线 floor",
                "条款 clause",
                "级 grade",
            ]
            parts.append(_table(head, rows))
    return "\n".join(parts)


PAGES = {"tables.md": tables, "indicators.md": indicators, "rules.md": rules}


@cache
def pages() -> dict[str, str]:
    """File name → text of every generated page."""
    catalogue = load_catalogue()
    return {name: make(catalogue) for name, make in PAGES.items()}


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")

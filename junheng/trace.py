"""``junheng trace``: from a school's value back to the cells of its return and the clause it is held against."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.tree import Tree

from junheng.front import DebugOption, HomeOption, one_sentence, out

if TYPE_CHECKING:
    from pipeline.trace import FieldTrace, Trace


@one_sentence
def trace(
    home: HomeOption,
    year: Annotated[int, typer.Option(help="统计年份 / collection year.")],
    school: Annotated[str, typer.Option(help="学校标识码 / school code.")],
    indicator: Annotated[str, typer.Option(help="指标标识 / indicator id.")],
    stage: Annotated[str | None, typer.Option(help="学段，省略为全部 / stage; all if omitted.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON.")] = False,
    debug: DebugOption = False,
) -> None:
    """从数值追到单元格与条款 / Follow a value to its formula, fields, file and cell; and to the clause.

    Exit codes: 0 found, 1 not there (the sentence says why).
    """
    from pipeline.store.home import open_home
    from pipeline.trace import Tracer

    found = Tracer(open_home(home), year).traces(school, indicator, stage)
    if as_json:
        plain = [dataclasses.asdict(t) | {"label": t.label.model_dump()} for t in found]
        out.print_json(json.dumps(plain, ensure_ascii=False, default=lambda label: label.model_dump()))
        return
    for one in found:
        out.print(_tree(one), soft_wrap=False)


def _number(value: float | str | None) -> str:
    return "缺 missing" if value is None else f"{value:,.10g}" if isinstance(value, float) else str(value)


def _tree(found: Trace) -> Tree:
    title = f"{found.school_name} · {found.label.zh} {found.label.en} · {found.stage}"
    tree = Tree(escape(f"{title}\n{_number(found.value)} {found.unit}  [{found.state}]  {found.trace_id}"))
    formula = f"({found.numerator}) ÷ ({found.denominator})"
    numbers = f"= {_number(found.numerator_value)} ÷ {_number(found.denominator_value)}"
    branch = tree.add(escape(f"公式 formula: {formula}\n{numbers}"))
    for field in found.fields:
        _add(branch, field)
    clauses = tree.add("对照条款 held against")
    for row in found.held_against:
        level = (
            "没有规定水平 no level"
            if row["value"] is None
            else f"{_number(row['value'])}（底线 floor {_number(row['floor']) if row['floor'] is not None else '—'}）"
        )
        limit = "" if row["cv_limit"] is None else f" · 差异系数 CV ≤ {row['cv_limit']}"
        clauses.add(
            escape(f"{row['standard_id']} {row['item_no']}: {level}{limit} · {row['clause'] or '—'} · {row['grade']}")
        )
    if not found.held_against:
        clauses.add("没有标准用到它 / no standard uses it")
    tree.add(f"发布 release {found.release_id}")
    return tree


def _add(tree: Tree, field: FieldTrace) -> None:
    note = (
        f"  {field.note.zh}" + (f" / {field.note.en}" if field.note.en != field.note.zh else "") if field.note else ""
    )
    branch = tree.add(escape(f"{field.name} {field.label.zh}: {_number(field.value)}{note}"))
    for mended in field.corrections:
        stage = f"（{mended.stage}）" if mended.stage else ""
        values = f"{mended.old_value or '空 blank'} → {mended.new_value or '空 blank'}"
        why = f"{mended.reason} · {mended.source} · {mended.author} {mended.corrected_on}"
        branch.add(escape(f"更正 corrected {mended.correction_id}: {mended.school_id}{stage} {values} · {why}"))
    for cell in field.cells[:40]:
        factor = f" × {cell.factor:g}" if cell.factor != 1 else ""
        text = cell.text or "空 blank"
        read = f" → {_number(cell.read_as)}" if cell.read_as is not None else ""
        sheet = f"{cell.sheet}!" if cell.sheet else ""
        branch.add(
            escape(
                f"{cell.file} › {sheet}{cell.address} “{cell.header}” = {text}{read or factor}  [{cell.unit} {cell.stage}] sha256 {cell.sha256[:8]}"
            )
        )
    if len(field.cells) > 40:
        branch.add(f"… 共 {len(field.cells)} 格 / {len(field.cells)} cells in all (--json shows them)")
    for below in field.below:
        _add(branch, below)

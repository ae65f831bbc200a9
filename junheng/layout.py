"""``junheng layout``: a layout for a file that none knows, and what changed in a file of a known kind."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from junheng.front import CatalogueOption, DebugOption, OptionalHome, err, fail, one_sentence, out

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.returns.suggest.diff import FileDifference
    from pipeline.returns.suggest.draft import ColumnDraft, LayoutDraft
    from pipeline.schema.model import Catalogue

app = typer.Typer(help="建议与比较表样 / Suggest layouts, compare files with them.", rich_markup_mode=None)

FileArgument = Annotated[Path, typer.Argument(help="报表文件 / a file of a return.", show_default=False)]
YearOption = Annotated[
    int | None, typer.Option(help="统计年份，省略看文件夹名或封面 / collection year; else the folder's or the cover's.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON.")]


@app.callback(no_args_is_help=True)
def layout() -> None:
    """建议与比较表样 / Suggest layouts, compare files with them."""


@app.command("suggest")
@one_sentence
def suggest(
    file: FileArgument,
    catalogue: CatalogueOption = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="写到文件，省略则输出到屏幕 / write here; else print.")
    ] = None,
    layout_id: Annotated[str | None, typer.Option("--id", help="表样标识，省略用文件名 / id of the layout.")] = None,
    year: YearOption = None,
    home: OptionalHome = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """为未知的文件建议一份表样 / Suggest a layout for an unknown file: headers beside fields, with scores, to be edited.

    The YAML loads as it is from a catalogue's ``layouts/``; TODO marks what a person must decide. Exit codes: 0 suggested,
    2 the file cannot be read or nothing in it is recognised.
    """
    from pipeline.returns.suggest.file import NothingRecognisedError
    from pipeline.returns.suggest.file import suggest as draft_of
    from pipeline.returns.suggest.write import as_yaml

    loaded = _catalogue(catalogue, home)
    data = _bytes(file)
    try:
        draft = draft_of(data, file.name, loaded, _year(file, data, year, loaded), layout_id)
    except NothingRecognisedError as error:
        fail(error.zh, error.en, debug, code=2)
    text = as_yaml(draft)
    faults = _faults(draft.id, text, loaded)
    if output is not None:
        output.write_text(text, encoding="utf-8")
    if as_json:
        out.print_json(json.dumps(_as_data(draft, text, faults), ensure_ascii=False))
        return
    _table(draft, out if output is not None else err)  # what is printed can go into a file
    for line in faults:
        err.print(f"△ {line}", markup=False)
    if output is None:
        out.print(text, markup=False, end="")
    else:
        out.print(f"✓ 已写入 {output} / written to {output}", markup=False)


@app.command("diff")
@one_sentence
def diff(
    file: FileArgument,
    catalogue: CatalogueOption = "",
    year: YearOption = None,
    home: OptionalHome = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """文件与最接近的表样有何不同 / How a file differs from its nearest layout, the most dangerous first, and how to mend it.

    Exit codes: 0 no difference, 1 differences, 2 the file cannot be read or no layout is near.
    """
    from pipeline.returns.suggest.diff import differences
    from pipeline.returns.suggest.file import NothingRecognisedError

    loaded = _catalogue(catalogue, home)
    data = _bytes(file)
    try:
        found = differences(data, file.name, loaded, _year(file, data, year, loaded))
    except NothingRecognisedError as error:
        fail(error.zh, error.en, debug, code=2)
    if as_json:
        out.print_json(json.dumps(found.as_data(), ensure_ascii=False))
    else:
        _print(found)
    raise typer.Exit(1 if found.differences else 0)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"无法打开 {file}：{error.strerror}", f"{file} cannot be opened: {error.strerror}", code=2)
        raise


def _catalogue(folder: str, home: Path | None) -> Catalogue:
    """The catalogue asked for, with the divisions of a home's rosters where one is named."""
    from pipeline.schema import SHIPPED, load_catalogue
    from pipeline.store.home import open_home
    from pipeline.store.roster import with_rosters

    loaded = load_catalogue(folder or SHIPPED)
    return with_rosters(loaded, open_home(home)) if home is not None else loaded


def _year(file: Path, data: bytes, given: int | None, catalogue: Catalogue) -> int:
    """The year asked for, else the folder's, else the one that the file's cover names, else this year."""
    from pipeline.returns.reader import year_on_cover

    if given is not None:
        return given
    named = [part for part in reversed(file.resolve().parent.parts) if part.isdigit() and len(part) == 4]
    return int(named[0]) if named else year_on_cover(data, catalogue) or datetime.date.today().year


def _faults(layout_id: str, text: str, catalogue: Catalogue) -> list[str]:
    """Why a catalogue would not load the layout as it is: a sentence a fault, in both languages."""
    from pipeline.returns.suggest.check import faults_of

    return [f"{zh} / {en}" for zh, en in faults_of(layout_id, text, catalogue)]


# -- what is shown ------------------------------------------------------------------------------------------------


def _table(draft: LayoutDraft, to: Console) -> None:
    """A table a sheet: each header beside the field that it may stand for."""
    from rich.table import Table

    for sheet in draft.sheets:
        title = f"{sheet.table or draft.file}  ·  {sheet.record}  ·  {sheet.data_rows} 行 rows"
        table = Table(title=title, title_justify="left", highlight=False)
        for name in ("列 column", "表头 header", "字段 field", "相近 score", "次近 next", "注意 mind"):
            table.add_column(name, overflow="fold")
        for column in sheet.columns:
            table.add_row(*_line(column))
        to.print(table, markup=False)
        for note in sheet.notes:
            to.print(f"△ {note.zh} / {note.en}", markup=False)
    for name in draft.ignored:
        to.print(f"· 没有认出工作表“{name}”的内容，不读取 / nothing was recognised on the sheet “{name}”", markup=False)


def _line(column: ColumnDraft) -> tuple[str, ...]:
    from rich.markup import escape

    mark = "✓" if column.is_taken else "?" if column.best else "—"
    named = [f"{_named(near.meaning.to, near.meaning.stage)} {near.label.zh}" for near in column.near]
    scores = [f"{near.score:.2f}" for near in column.near]
    following = "、".join(f"{score} {name}" for score, name in list(zip(scores, named, strict=True))[1:2])
    factor = [f"× {column.factor:.12g}"] if column.factor != 1 else []
    mind = "；".join([*factor, *(note.zh for note in column.notes)])
    first = f"{mark} {named[0]}" if named else f"{mark} 未认出 not recognised"
    cells = (column.place, column.header, first, scores[0] if scores else "", following, mind)
    return tuple(escape(cell) for cell in cells)


def _named(to: str, stage: str | None) -> str:
    return f"{to}@{stage}" if stage else to


def _as_data(draft: LayoutDraft, text: str, faults: list[str]) -> dict[str, Any]:
    """The draft for programs: sheets, columns, candidates with scores, and the YAML."""
    return {
        "id": draft.id,
        "file": draft.file,
        "formats": list(draft.formats),
        "ignored": list(draft.ignored),
        "faults": faults,
        "sheets": [
            {
                "sheet": sheet.table,
                "part": sheet.part,
                "record": sheet.record,
                "header_row": sheet.header_row,
                "header_rows": sheet.header_rows,
                "is_vertical": sheet.vertical is not None,
                "notes": [{"zh": note.zh, "en": note.en} for note in sheet.notes],
                "columns": [_column_data(column) for column in sheet.columns],
            }
            for sheet in draft.sheets
        ],
        "yaml": text,
    }


def _column_data(column: ColumnDraft) -> dict[str, Any]:
    near = [{"to": n.meaning.to, "stage": n.meaning.stage, "score": n.score} for n in column.near]
    return {
        "header": column.header,
        "place": column.place,
        "is_taken": column.is_taken,
        "near": near,
        "factor": column.factor,
        "recode": dict(column.recode),
        "is_optional": column.is_optional,
        "notes": [{"zh": note.zh, "en": note.en} for note in column.notes],
    }


MARKS = {"danger": "✕ 危险 danger", "change": "△ 变化 change", "harmless": "· 无妨 harmless"}


def _print(found: FileDifference) -> None:
    out.print(f"{found.file}  ·  最接近的表样 nearest layout {found.layout_id}  ·  {found.likeness:.0%}", markup=False)
    for difference in found.differences:
        place = f"{difference.sheet}!{difference.cell}" if difference.cell else difference.sheet
        out.print(f"  {MARKS[difference.weight]}  {place}  [{difference.kind}]", markup=False)
        out.print(f"      {difference.zh}", markup=False)
        out.print(f"      {difference.en}", markup=False)
        out.print(f"      更正 mend: {difference.mend_zh} / {difference.mend_en}", markup=False)
    if not found.differences:
        out.print("  ✓ 与表样一致 / as the layout has it", markup=False)

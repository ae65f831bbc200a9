"""``junheng template``: the form that a county fills, with its schools entered from the roster."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from junheng.front import CatalogueOption, DebugOption, OptionalHome, fail, one_sentence, out

if TYPE_CHECKING:
    from pipeline.schema.model import Catalogue, Division

SUFFIX = ".xlsx"
NEAREST = 3


@one_sentence
def template(
    target: Annotated[
        Path, typer.Argument(metavar="OUT.xlsx", help="写到哪个文件 / the file to write.", show_default=False)
    ],
    year: Annotated[int, typer.Option(min=1000, max=9999, help="统计年份 / collection year.", show_default=False)],
    county: Annotated[str, typer.Option(help="县级行政区划代码 / county code.", show_default=False)],
    home: OptionalHome = None,
    catalogue: CatalogueOption = "",
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / replace an existing file.")] = False,
    debug: DebugOption = False,
) -> None:
    """写一份县级空白报表，按名册预填学校 / Write a county's empty return, with its schools from the roster."""
    from pipeline.forms import write_return
    from pipeline.forms.prefill import rows_of_roster
    from pipeline.schema import SHIPPED, load_catalogue
    from pipeline.store.home import Home
    from pipeline.store.roster import read_roster, with_rosters

    _check_target(target, force)
    loaded = load_catalogue(catalogue or SHIPPED)
    roster = None
    if home is not None:
        if not home.is_dir():
            fail(f"没有工作目录 {home}", f"there is no home {home}")
        loaded = with_rosters(loaded, Home(home))
        roster = read_roster(Home(home), year, loaded)
    named = _county(loaded, county, year)
    layout = next((layout for layout in loaded.layouts.values() if layout.form is not None), None)
    if layout is None:
        zh, en = "这套目录没有可填写的表单", "this catalogue has no layout with a form"
        fail(zh, en)
        return
    rows: dict[str, list[dict[str, Any]]] = {}
    if roster is not None:
        rows = rows_of_roster(roster, named.code, loaded, layout)
    try:
        write_return(target, loaded, year, named, rows, layout.id)
    except OSError as error:
        fail(f"无法写入 {target}：{error.strerror}", f"cannot write {target}: {error.strerror}", debug)
    _say(target, named, year, roster is not None, home, rows)


def _say(
    target: Path,
    county: Division,
    year: int,
    has_roster: bool,
    home: Path | None,
    rows: dict[str, list[dict[str, Any]]],
) -> None:
    """What was written, and whether schools stand in it."""
    out.print(f"已写出 / wrote {target}  ·  {county.name_zh} {county.name_en} {county.code}  ·  {year}", markup=False)
    if has_roster:
        counts = ", ".join(f"{part} {len(given)}" for part, given in rows.items())
        out.print(f"按名册预填 / from the roster: {counts}", markup=False)
    elif home is not None:
        out.print(
            f"没有 {year} 年名册，表中未预填学校 / no roster of {year} in {home}: the form holds no schools",
            markup=False,
        )


def _check_target(target: Path, force: bool) -> None:
    """Stops where the file cannot be written as named."""
    if target.suffix.casefold() != SUFFIX:
        fail(f"文件名应以 {SUFFIX} 结尾：{target}", f"the file's name must end in {SUFFIX}: {target}")
    if not target.resolve().parent.is_dir():
        fail(f"没有文件夹 {target.parent}", f"there is no folder {target.parent}")
    if target.is_dir():
        fail(f"{target} 是文件夹，请给出文件名", f"{target} is a folder; name a file")
    if target.exists() and not force:
        zh = f"{target} 已存在；换一个文件名，或加 --force 覆盖"
        en = f"{target} exists already; choose another name, or --force to replace it"
        fail(zh, en)


def _county(catalogue: Catalogue, code: str, year: int) -> Division:
    """The county of that code in that year; otherwise stops with the nearest ones."""
    counties = [d for d in catalogue.divisions if d.level == "county" and d.valid_from <= year <= d.valid_to]
    found = next((d for d in counties if d.code == code), None)
    if found is not None:
        return found
    near = [d for d in counties if code in (d.name_zh, d.name_en)]
    if not near:
        codes = difflib.get_close_matches(code, [d.code for d in counties], n=NEAREST, cutoff=0.5)
        near = [d for c in codes for d in counties if d.code == c]
    listed = "、".join(f"{d.code} {d.name_zh}" for d in near)
    english = ", ".join(f"{d.code} {d.name_en}" for d in near)
    zh, en = (
        (f"；是否指 {listed}", f"; did you mean {english}?")
        if near
        else ("；名册或目录中须有这个县", "; a roster or the catalogue must name it")
    )
    fail(f"{year} 年没有代码为“{code}”的县{zh}", f"there is no county “{code}” in {year}{en}")
    raise AssertionError("fail ends the command")

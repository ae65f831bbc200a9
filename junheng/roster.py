"""``junheng roster``: who is expected, from official lists and last year's schools; what stands there, and what changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from junheng.front import CatalogueOption, DebugOption, HomeOption, fail, one_sentence, out

if TYPE_CHECKING:
    from pipeline.schema.model import Catalogue, DivisionChange
    from pipeline.store.divisions.compare import Compared, RosterDiff
    from pipeline.store.divisions.imports import Plan
    from pipeline.store.home import Home
    from pipeline.store.roster import Roster

app = typer.Typer(
    help="名册：应报的区县和学校 / The roster: counties and schools expected.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

SHOWN = 8
"""So many names of a kind are shown; the rest are counted."""

YearOption = Annotated[int, typer.Option(min=1000, max=9999, help="统计年份 / collection year.", show_default=False)]


@app.command("import")
@one_sentence
def import_roster(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="官方区划名单，csv 或 xlsx / the official list, csv or xlsx.", show_default=False
        ),
    ],
    home: HomeOption,
    year: YearOption,
    schools_from: Annotated[
        int | None, typer.Option("--schools-from", help="学校取自该年的数据 / take the schools of that year.")
    ] = None,
    schools: Annotated[
        Path | None, typer.Option("--schools", help="学校取自该文件（名册或报表）/ take the schools of a file.")
    ] = None,
    zones: Annotated[
        bool, typer.Option("--zones/--without-zones", help="是否列入统计上单列的开发区 / keep development zones.")
    ] = True,
    replace: Annotated[bool, typer.Option("--replace", help="替换该年已有名册 / replace the year's roster.")] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="记下所提的代码变更 / note the proposed changes of codes.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只演示，不写入 / say what would be, write nothing.")
    ] = False,
    catalogue: CatalogueOption = "",
    debug: DebugOption = False,
) -> None:
    """由官方区划名单和上年学校生成某年名册 / Make a year's roster from the official list and last year's schools."""
    from pipeline.schema import SHIPPED, load_catalogue
    from pipeline.store.divisions.imports import plan_import, write_plan
    from pipeline.store.home import Home

    if schools_from is not None and schools is not None:
        fail("--schools-from 与 --schools 只能用一个", "give --schools-from or --schools, not both", code=2)
    loaded, opened = load_catalogue(catalogue or SHIPPED), Home(home.resolve())
    if home.is_dir():
        opened.check_owner(loaded)
    plan = plan_import(
        opened, loaded, year, files, schools_from=schools_from, schools_file=schools, zones=zones
    )  # fmt: skip
    _say_plan(plan, accept_changes)
    if dry_run:
        out.print("演示完毕，没有写入 / a rehearsal: nothing was written")
        return
    path = write_plan(opened, loaded, plan, replace=replace, accept_changes=accept_changes)
    out.print(f"已写出 / wrote {path}", markup=False)


@app.command("show")
@one_sentence
def show(home: HomeOption, year: YearOption, catalogue: CatalogueOption = "", debug: DebugOption = False) -> None:
    """某年名册里有什么 / What stands on the roster of a year."""
    loaded, opened = _opened(home, catalogue)
    roster = _roster(opened, loaded, year)
    from pipeline.store.roster import pupil_columns

    _say_counts(roster.year, roster)
    for stage, column in pupil_columns(loaded).items():
        peopled = roster.schools.filter(roster.schools[column] > 0)
        label = loaded.stages[stage].label
        pupils = f"{peopled[column].sum():,.0f}"
        out.print(
            f"  {label.zh} {label.en}：{peopled.height} 所学校，上年在校生 {pupils} 人 / {peopled.height} schools, {pupils} pupils last year",
            markup=False,
        )
    held = set(roster.schools["county_code"])
    bare = [f"{d.code} {d.name_zh}" for d in roster.counties if d.code not in held]
    if held and bare:
        _listed("没有学校的区县", "counties without schools", bare)
    changes = [c for c in loaded.division_changes if c.year == year]
    _say_changes("代码变更", "changes of codes", changes)


@app.command("diff")
@one_sentence
def diff(
    one: Annotated[int, typer.Argument(metavar="Y1", help="先前的年份 / the earlier year.", show_default=False)],
    other: Annotated[int, typer.Argument(metavar="Y2", help="后来的年份 / the later year.", show_default=False)],
    home: HomeOption,
    catalogue: CatalogueOption = "",
    debug: DebugOption = False,
) -> None:
    """两年名册的差别：区县、学校的新增、撤销、改名、换代码 / What changes from one year's roster to another."""
    from pipeline.store.divisions.compare import compare, proposed

    loaded, opened = _opened(home, catalogue)
    before, now = _roster(opened, loaded, one), _roster(opened, loaded, other)
    _say_diff(f"{one} → {other}", compare(before, now))
    noted = {(c.old_code, c.new_code) for c in loaded.division_changes}
    found = proposed(before.divisions, now.divisions, other)
    new = [c for c in found if (c.old_code, c.new_code) not in noted]
    _say_changes("可能的代码变更（尚未登记）", "changes of codes that this suggests, not noted yet", new)


def _opened(home: Path, catalogue: str) -> tuple[Catalogue, Home]:
    """The catalogue with the home's rosters, and the home."""
    from pipeline.schema import SHIPPED, load_catalogue
    from pipeline.store.home import Home
    from pipeline.store.roster import with_rosters

    if not home.is_dir():
        fail(f"没有工作目录 {home}", f"there is no home {home}")
    opened = Home(home.resolve())
    return with_rosters(load_catalogue(catalogue or SHIPPED), opened), opened


def _roster(home: Home, catalogue: Catalogue, year: int) -> Roster:
    from pipeline.errors import HomeError
    from pipeline.store.roster import read_roster, roster_years

    found = read_roster(home, year, catalogue)
    if found is None:
        held = "、".join(str(y) for y in roster_years(home)) or "—"
        raise HomeError(f"没有 {year} 年的名册；现有：{held}", f"there is no roster of {year}; there are: {held}")
    return found


# -- words -------------------------------------------------------------------------------------------------------------


def _say_plan(plan: Plan, accept: bool) -> None:
    from pipeline.store.divisions.lists import words
    from pipeline.store.divisions.schools import REASONS, TOLD

    _say_counts(plan.year, plan.roster)
    kept: dict[str, list[str]] = {}
    for row in plan.official.left_out:
        kept.setdefault(row.reason, []).append(f"{row.code} {row.name}".strip())
    for reason, names in kept.items():
        said = words()["left_out"][reason]
        _listed(f"未列入：{said['zh']}", f"left out: {said['en']}", names)
    for reason, listed in plan.official.told.items():
        said = words()["told"][reason]
        _listed(f"说明：{said['zh']}", f"note: {said['en']}", listed)
    if plan.schools is not None:
        _say_noted("未列入的学校", "schools left out", plan.schools.left_out, REASONS)
        _say_noted("说明（学校）", "note (schools)", plan.schools.told, TOLD)
    if plan.since is not None:
        _say_diff(f"与 {plan.previous} 年名册相比 / since the roster of {plan.previous}", plan.since)
    if plan.existing is not None:
        zh_en = f"与已有的 {plan.year} 年名册相比 / against the roster of {plan.year} that lies there"
        _say_diff(zh_en, plan.existing)
    _say_changes(
        "代码变更，将记入 roster/changes.csv" if accept else "可能的代码变更（加 --accept-changes 记下）",
        "changes of codes, to be noted in roster/changes.csv" if accept else "changes of codes that this suggests (--accept-changes notes them)",
        plan.changes,
    )  # fmt: skip


def _say_counts(year: int, roster: Roster) -> None:
    levels = [d.level for d in roster.divisions]
    zh = f"{levels.count('province')} 个省级、{levels.count('prefecture')} 个地级、{levels.count('county')} 个县级，{roster.schools.height} 所学校"
    en = (
        f"{levels.count('province')} provinces, {levels.count('prefecture')} prefectures, {levels.count('county')} counties, "
        f"{roster.schools.height} schools"
    )
    out.print(f"{year} 年名册：{zh} / roster of {year}: {en}", markup=False)


def _listed(zh: str, en: str, names: Sequence[str], mark: str = "·") -> None:
    """A kind of thing, how many there are and the first of them."""
    more = f" … (+{len(names) - SHOWN})" if len(names) > SHOWN else ""
    out.print(f"  {mark} {zh} / {en} ({len(names)}): {'、'.join(names[:SHOWN])}{more}", markup=False)


def _say_noted(zh: str, en: str, noted: Iterable[tuple[str, str, str]], words: Mapping[str, tuple[str, str]]) -> None:
    by_reason: dict[str, list[str]] = {}
    for reason, code, name in noted:
        by_reason.setdefault(reason, []).append(f"{code} {name}")
    for reason, names in by_reason.items():
        why = words[reason]
        _listed(f"{zh}：{why[0]}", f"{en}: {why[1]}", names)


def _say_diff(title: str, found: RosterDiff) -> None:
    if found.is_same:
        out.print(f"{title}：没有变化 / no change", markup=False)
        return
    out.print(title, markup=False)
    _say_compared("省、市", "provinces and prefectures", found.divisions)
    _say_compared("区县", "counties", found.counties)
    _say_compared("学校", "schools", found.schools)


def _say_compared(zh: str, en: str, found: Compared) -> None:
    kinds: tuple[tuple[str, str, Sequence[tuple[Any, ...]], str], ...] = (
        ("新增", "new", found.new, "+"), ("不再有", "gone", found.gone, "-"),
        ("改名", "renamed", found.renamed, "~"), ("换上级", "moved", found.moved, "~"),
    )  # fmt: skip
    for of_zh, of_en, rows, mark in kinds:
        if rows:
            names = [f"{r[0]} {r[1]}" if len(r) == 2 else f"{r[0]} {r[1]} → {r[2]}" for r in rows]
            _listed(f"{zh}{of_zh}", f"{en} {of_en}", names, mark)


def _say_changes(zh: str, en: str, changes: Sequence[DivisionChange]) -> None:
    if changes:
        names = [f"{c.year} {c.kind} {c.old_code} → {c.new_code}" for c in changes]
        _listed(zh, en, names, "?")

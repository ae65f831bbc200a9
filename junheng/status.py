"""``junheng status``: county by county, what was expected, what came, what counts, what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from junheng.front import CatalogueOption, DebugOption, HomeOption, catalogue_of, one_sentence, out

if TYPE_CHECKING:
    from pipeline.status import CountyStatus, Status
    from pipeline.store.home import Home

WIDTH = 100
SHOWN = 12
"""Paths that are listed; the rest are counted."""
WHAT = {"received": "收到", "withdrawn": "撤回", "put back": "恢复"}


@one_sentence
def status(
    home: HomeOption,
    year: Annotated[
        int | None, typer.Option(help="统计年份，省略为最新 / collection year; the newest if omitted.")
    ] = None,
    county: Annotated[str | None, typer.Option(help="只看这一区县 / this county only.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="列出收件、撤回与恢复 / list what was received, withdrawn, put back.")
    ] = False,
    catalogue: CatalogueOption = "",
    debug: DebugOption = False,
) -> None:
    """各区县报送情况 / What was expected of each county, what came and when, what counts, what is missing.

    Counties of concern stand first. Of files that no run has read only the names are known.
    """
    from pipeline.status import plain
    from pipeline.status import status as status_of

    opened = _opened(home)
    loaded = catalogue_of(opened, catalogue)
    if county is not None:
        _check_county(county, {d.code: d.name_zh for d in loaded.divisions if d.level == "county"})
    found = status_of(opened, loaded, year, county)
    if as_json:
        out.print_json(json.dumps(plain(found, with_history=history), ensure_ascii=False))
        return
    _print(opened, found, history=history)


def _opened(path: Path) -> Home:
    """A home, be it one that never ran. Raises HomeError for a folder that is none."""
    from pipeline.store.home import Home, open_home

    home = Home(path.resolve())
    return home if home.inbox.is_dir() else open_home(path)


def _check_county(given: str, known: dict[str, str]) -> None:
    import difflib

    from pipeline.errors import HomeError

    if given not in known:
        near = "、".join(f"{code} {known[code]}" for code in difflib.get_close_matches(given, known, n=3, cutoff=0.5))
        zh, en = (f"，相近的有：{near}", f"; the nearest are: {near}") if near else ("", "")
        raise HomeError(f"没有区县“{given}”{zh}", f"there is no county “{given}”{en}")


def _print(home: Home, found: Status, *, history: bool) -> None:
    now = found.standing
    out.print(f"{home.path}  ·  {found.year or '—'}  ·  最新发布 latest release {now.latest_id or '—'}", markup=False)
    if found.year is not None:
        _wide().print(_table(found))
    _listed("收件箱待收 waiting in the inbox", found.waiting)
    _listed("已收未读 received, not read yet", found.unread)
    _listed("没有计入的文件 files of which nothing counts", [f"{path} [{said}]" for path, said in found.refused])
    _listed("收件箱中已没有，仍按收件计 gone from the inbox, what was received stands", _gone(found))
    if not now.is_published or now.stale:
        out.print(
            "  · 有变化尚未生效，请运行 junheng run / something changed since the latest release: run junheng run"
        )
    if history:
        _history(found)


def _wide() -> Console:
    """A console for tables: as wide as the terminal, but no table is wider than 100 columns nor squeezed below that."""
    return Console(width=WIDTH, highlight=False)


def _table(found: Status) -> Table:
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_footer=True,
        width=WIDTH,
        header_style="bold",
        footer_style="bold",
    )
    totals = found.totals
    came = sum(1 for county in found.counties if county.is_received)
    table.add_column("区县\ncounty", f"{came}/{len(found.counties)}", ratio=3, overflow="fold")
    table.add_column("收件（最新）\nreceived (newest)", str(totals["submissions"]), ratio=6, overflow="fold")
    for zh, en, name in (
        ("计入", "counts", "parts_accepted"), ("严重", "crit.", "findings_critical"), ("提醒", "warn.", "findings_warning"),
        ("隔离行", "quar.", "rows_quarantined"), ("取代", "super.", "parts_superseded"), ("撤回", "withdr.", "parts_withdrawn"),
    ):  # fmt: skip
        table.add_column(f"{zh}\n{en}", str(totals[name]), justify="right", no_wrap=True)
    table.add_column("缺\nmissing", ratio=3, overflow="fold")
    for county in found.counties:
        table.add_row(*_cells(county, is_known=found.is_known))
    return table


def _cells(county: CountyStatus, *, is_known: bool) -> list[str]:
    from rich.markup import escape

    names = (
        "parts_accepted",
        "findings_critical",
        "findings_warning",
        "rows_quarantined",
        "parts_superseded",
        "parts_withdrawn",
    )
    counts = [str(county.counts[name] or "·") if is_known else "" for name in names]
    newest = county.came[0] if county.came else None
    more = f" +{len(county.came) - 1}" if len(county.came) > 1 else ""
    received = f"{newest.received_at[:10]} {Path(newest.path).name}{more}" if newest else ""
    mark = "✕ " if county.concern < 3 and is_known else ""
    return [
        escape(f"{mark}{county.code} {county.name.zh}"),
        escape(received),
        *counts,
        escape(_missing(county, is_known=is_known)),
    ]


def _missing(county: CountyStatus, *, is_known: bool) -> str:
    if not is_known:
        return ""
    if county.is_expected and not county.is_received:
        return "全部 everything"
    return "、".join((*county.stages_missing, *county.parts_missing))


def _listed(title: str, lines: tuple[str, ...] | list[str]) -> None:
    if not lines:
        return
    out.print(f"{title}: {len(lines)}", markup=False)
    for line in lines[:SHOWN]:
        out.print(f"  {line}", markup=False)
    if len(lines) > SHOWN:
        out.print(f"  … +{len(lines) - SHOWN}")


def _gone(found: Status) -> list[str]:
    lines = []
    for gone in found.gone:
        counts = "计入 counts" if gone.counts else "不计入 does not count"
        moved = f" → {'、'.join(gone.now_at)}" if gone.now_at else ""
        lines.append(f"{gone.path} [{counts}]{moved}")
    return lines


def _history(found: Status) -> None:
    out.print("历史 history")
    for event in found.history:
        tail = "  ".join(text for text in (event.note, f"({event.by})" if event.by else "") if text)
        out.print(
            f"  {event.at}  {WHAT[event.what]} {event.what}  {event.submission_id}  {event.path}  {tail}", markup=False
        )

"""``junheng releases``: which releases there are, and whether their bytes are what the manifest says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from junheng.front import DebugOption, OptionalHome, err, fail, one_sentence, out

app = typer.Typer(help="查看与核验发布 / List and verify releases.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def releases(context: typer.Context, home: OptionalHome = None, debug: DebugOption = False) -> None:
    """查看与核验发布，省略子命令即列出 / List and verify releases; without a subcommand, list them."""
    context.obj = home
    if context.invoked_subcommand is None:
        list_releases(context, None, debug)


def _home(context: typer.Context, given: Path | None) -> Path:
    """The home named after the subcommand, else the one before it."""
    home = given or context.obj
    if home is None:
        fail("请用 --home 指出工作目录，或设置 JUNHENG_HOME", "name the home with --home, or set JUNHENG_HOME", code=2)
    return Path(home)


@app.command("list")
@one_sentence
def list_releases(context: typer.Context, home: OptionalHome = None, debug: DebugOption = False) -> None:
    """列出全部发布 / List all releases, oldest first, a line each."""
    from pipeline.release.verify import releases
    from pipeline.store.home import open_home

    found = releases(open_home(_home(context, home)))
    if not found:
        out.print("还没有发布；请运行 junheng run / no release yet; run junheng run")
        return
    rows = [("发布号 release", "生成时间 built at", "目录 catalogue", "文件 files", "内容摘要 content", "")]
    for m in found:
        mark = "← 最新 latest" if m["is_latest"] else ""
        named = f"{m['catalogue_id']} {m['catalogue_version']}"
        rows.append((m["release_id"], m["built_at"], named, str(m["files"]), m["content_hash"][:12], mark))
    for line in _lined_up(rows):
        out.print(line, markup=False)


def _lined_up(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as lines whose columns begin one under the other. Never cut, however narrow the terminal."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    padded = [[text + " " * (w - cell_len(text)) for text, w in zip(row, widths, strict=True)] for row in rows]
    return ["  ".join(row).rstrip() for row in padded]


@app.command("verify")
@one_sentence
def verify(
    context: typer.Context,
    release: Annotated[str, typer.Argument(help="发布号，或 latest / release number, or latest.")],
    home: OptionalHome = None,
    debug: DebugOption = False,
) -> None:
    """核验发布中的每个文件 / Check every file of a release against its manifest. Exit 0 when all is as made, else 1."""
    from pipeline.release.verify import faults, folder_of
    from pipeline.store.home import open_home

    opened = open_home(_home(context, home))
    folder = folder_of(opened, release)
    found = faults(opened, release)
    for line in found:
        err.print(f"✕ {line}", markup=False)
    if found:
        raise typer.Exit(1)
    out.print(f"✓ {folder.name}：全部文件与清单一致 / every file is as the manifest says")

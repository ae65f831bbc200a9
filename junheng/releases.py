"""``junheng releases``: which releases there are, and whether their bytes are what the manifest says."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from junheng.front import DebugOption, HomeOption, err, one_sentence, out

app = typer.Typer(help="查看与核验发布 / List and verify releases.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
@one_sentence
def list_releases(home: HomeOption, debug: DebugOption = False) -> None:
    """列出全部发布 / List all releases, oldest first."""
    from pipeline.release.verify import releases
    from pipeline.store.home import open_home

    found = releases(open_home(home))
    if not found:
        out.print("还没有发布；请运行 junheng run / no release yet; run junheng run")
        return
    table = Table("发布号 release", "生成时间 built at", "目录 catalogue", "文件 files", "内容摘要 content", "")
    for m in found:
        mark = "← 最新 latest" if m["is_latest"] else ""
        named = f"{m['catalogue_id']} {m['catalogue_version']}"
        table.add_row(m["release_id"], m["built_at"], named, str(m["files"]), m["content_hash"][:12], mark)
    out.print(table, soft_wrap=False)


@app.command("verify")
@one_sentence
def verify(
    release: Annotated[str, typer.Argument(help="发布号，或 latest / release number, or latest.")],
    home: HomeOption,
    debug: DebugOption = False,
) -> None:
    """核验发布中的每个文件 / Check every file of a release against its manifest. Exit 0 when all is as made, else 1."""
    from pipeline.release.verify import faults, folder_of
    from pipeline.store.home import open_home

    opened = open_home(home)
    folder = folder_of(opened, release)
    found = faults(opened, release)
    for line in found:
        err.print(f"✕ {line}", markup=False)
    if found:
        raise typer.Exit(1)
    out.print(f"✓ {folder.name}：全部文件与清单一致 / every file is as the manifest says")

"""``junheng demo``: a made-up sample, through everything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from junheng.front import DebugOption, one_sentence, out
from junheng.run import NOTHING_CHANGED, publish


@one_sentence
def demo(
    home: Annotated[Path, typer.Option("--home", help="工作目录 / the home directory.")] = Path("demo"),
    debug: DebugOption = False,
) -> None:
    """用虚构的示例数据走完全程 / Make sample returns, run everything, say where report and database are."""
    from pipeline.sample import write_sample

    files = write_sample(home)
    out.print(
        f"已写入 {len(files)} 份虚构的示例报表 / wrote {len(files)} made-up returns: {home / 'inbox'}", markup=False
    )
    try:
        publish(home)
    except typer.Exit as ended:
        if ended.exit_code != NOTHING_CHANGED:
            raise
    latest = (home / "releases" / "latest").resolve()
    out.print(f"打开 / open: {latest / 'site' / 'index.html'}", markup=False)
    out.print(f"查询 / query: duckdb -readonly {latest / 'junheng.duckdb'}", markup=False)

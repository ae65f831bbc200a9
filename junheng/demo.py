"""``junheng demo``: a made-up sample province over several years, through everything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from junheng.front import DebugOption, one_sentence, out
from junheng.run import NOTHING_CHANGED, publish
from junheng.sample import tell, write

COUNTIES, SCHOOLS, YEARS, SEED, ERRORS = 20, 45.0, (2022, 2023, 2024, 2025), 8, 25.0
"""A whole province that two cores carry through in a few minutes, with a mistake of every kind."""


@one_sentence
def demo(
    home: Annotated[Path, typer.Option("--home", help="工作目录 / the home directory.")] = Path("demo"),
    debug: DebugOption = False,
) -> None:
    """用一个虚构省份的示例数据走完全程 / Make a sample province, run everything, say where report and database are."""
    from pipeline.sample import Asked

    if not (home / "roster" / f"{YEARS[-1]}.csv").exists():
        asked = Asked(home, 1, COUNTIES, SCHOOLS, YEARS, SEED, ERRORS)
        tell(asked, write(asked, 0))
    try:
        publish(home)
    except typer.Exit as ended:
        if ended.exit_code != NOTHING_CHANGED:
            raise
    latest = (home / "releases" / "latest").resolve()
    out.print(f"打开 / open: {latest / 'site' / 'index.html'}", markup=False)
    out.print(f"查询 / query: duckdb -readonly {latest / 'junheng.duckdb'}", markup=False)

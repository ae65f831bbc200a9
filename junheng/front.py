"""What every command shares: options, the console, and errors as one sentence."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from pipeline.schema.model import Catalogue
    from pipeline.store.home import Home

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="JUNHENG_HOME", help="工作目录 / the home directory.", show_default=False)
]
OptionalHome = Annotated[
    Path | None,
    typer.Option("--home", envvar="JUNHENG_HOME", help="工作目录 / the home directory.", show_default=False),
]
CatalogueOption = Annotated[
    str,
    typer.Option(
        "--catalogue",
        envvar="JUNHENG_CATALOGUE",
        help="目录文件夹，省略用自带的 / a catalogue folder; the one shipped if omitted.",
    ),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="出错时显示技术细节 / show the traceback of an error.")]


def one_sentence(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turns errors of a command into one sentence in both languages and exit code 1; ``--debug`` shows the traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        from pipeline.errors import JunhengError

        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            fail("已中断，最新发布没有改变", "interrupted; the latest release is unchanged", kwargs.get("debug", False))
        except JunhengError as error:
            fail(error.zh, error.en, kwargs.get("debug", False))
        except Exception as error:  # noqa: BLE001 - the last door before the user: a sentence, never a traceback
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            zh, en = f"程序出错：{what}（加 --debug 查看细节）", f"unexpected error: {what} (--debug shows details)"
            fail(zh, en, kwargs.get("debug", False))

    return wrapped


def fail(zh: str, en: str, debug: bool = False, code: int = 1) -> None:
    """Says what went wrong on stderr and exits."""
    if debug and sys.exc_info()[0] is not None:
        err.print_exception()
    err.print(f"✕ {zh}", markup=False)
    if en != zh:
        err.print(f"  {en}", markup=False)
    raise typer.Exit(code)


def catalogue_of(home: Home, given: str = "") -> Catalogue:
    """The catalogue that a home is read with, its rosters included: the one given, the one shipped where the home belongs
    to it, else that of its latest release. Raises CatalogueError or HomeError."""
    import json

    from pipeline.schema import SHIPPED, load_catalogue
    from pipeline.store.roster import with_rosters

    loaded = load_catalogue(given or SHIPPED)
    claimed, kept = home.path / "home.json", home.latest / "catalogue"
    owner = json.loads(claimed.read_text(encoding="utf-8"))["catalogue_id"] if claimed.exists() else loaded.about.id
    if not given and loaded.about.id != owner and kept.is_dir():
        loaded = load_catalogue(kept)
    return with_rosters(loaded, home)

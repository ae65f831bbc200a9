"""Homes for tests: run the command line over files in a temporary directory, and ask the release's database."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from click.testing import Result
from typer.testing import CliRunner

from junheng.main import app

CATALOGUES = Path(__file__).parent / "catalogues"


def junheng(*arguments: object) -> Result:
    """One call of the command line in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments])


def run_home(home: Path, files: Mapping[int, Sequence[Path]], catalogue: Path | None = None) -> Path:
    """A home with files in its inbox, run once; asserts that a release was published."""
    for year, paths in files.items():
        (home / "inbox" / str(year)).mkdir(parents=True, exist_ok=True)
        for path in paths:
            shutil.copy(path, home / "inbox" / str(year) / path.name)
    result = run(home, catalogue)
    assert result.exit_code == 0, result.output
    return home


def copied(home: Path, folder: Path) -> Path:
    """A copy of a home, in a new directory of ``folder``."""
    return Path(shutil.copytree(home, folder / "home", symlinks=True))


def run(home: Path, catalogue: Path | None = None) -> Result:
    """``junheng run`` on a home."""
    return junheng("run", "--home", home, *(["--catalogue", catalogue] if catalogue else []))


def query(home: Path, sql: str, *parameters: Any) -> list[dict[str, Any]]:
    """Rows of a query on the latest release, opened read-only as a statistician would."""
    with duckdb.connect(str(home / "releases" / "latest" / "junheng.duckdb"), read_only=True) as connection:
        return list(connection.sql(sql, params=list(parameters)).pl().to_dicts())

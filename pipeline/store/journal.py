"""Lists that only grow: a line of JSON an entry, on the disk before anyone is told, a torn last line never counted.

Here: how such a file is read and appended to. Not here: what an entry says (``receipts``, ``withdrawals``); who appends holds
the lock of the home's lists.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import HomeError
from pipeline.store.home import Home, locked

T = TypeVar("T")


@contextmanager
def appending(home: Home) -> Iterator[None]:
    """Holds the lock of the home's lists, across processes."""
    with locked(home.receipts.parent / ".lock"):
        yield


def entries(path: Path, made: Callable[..., T], zh: str, en: str) -> list[T]:
    """Every entry of a list, oldest first; none where there is no file. ``zh``, ``en``: what the list is called.

    Raises HomeError when the list was damaged.
    """
    if not path.exists():
        return []
    *lines, _torn = path.read_text(encoding="utf-8").split("\n")  # a torn last line was never an entry
    try:
        return [made(**json.loads(line)) for line in lines]
    except (ValueError, TypeError):
        raise HomeError(
            f"{zh} {path} 已损坏，请从备份恢复", f"the {en} {path} is damaged; restore it from a backup"
        ) from None


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Appends one entry and waits until it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        _cut_torn_line(path)
        stream.write(json.dumps(dict(entry), ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _cut_torn_line(path: Path) -> None:
    """Removes what a killed process left of a line: it never was an entry."""
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        with path.open("r+b") as stream:
            stream.truncate(data.rfind(b"\n") + 1)

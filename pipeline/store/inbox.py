"""What lies in a home's inbox, and the bytes that are kept of each entry: never those that a link points at.

An entry that is no plain file, or cannot be read, is an arrival too: kept of it is a note that begins with ``NOT_FOLLOWED`` (no
return does), so that it becomes a finding like any other file that cannot be used.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pipeline.store.home import Home

NOT_FOLLOWED = b"\0not followed\0"
_KINDS = (
    (stat.S_ISLNK, "链接 / a link"), (stat.S_ISFIFO, "管道 / a pipe"), (stat.S_ISSOCK, "套接字 / a socket"),
    (stat.S_ISCHR, "设备 / a device"), (stat.S_ISBLK, "设备 / a device"), (stat.S_ISDIR, "无权打开的文件夹 / a folder that may not be opened"),
)  # fmt: skip
_PIECE = 2**20
_UNREADABLE = "无权读取的文件 / a file that may not be read"


def inbox_files(home: Home) -> dict[str, Path]:
    """Entries of the inbox by their path relative to it, sorted. Hidden files and office lock files are not returns.

    A name that is not UTF-8 (archives packed in GBK) is told with its odd bytes escaped.
    """
    found = {_named(path, home.inbox): path for path in _entries(home.inbox)}
    return dict(sorted(found.items()))


def _entries(folder: Path) -> Iterator[Path]:
    """Everything in a folder and below but plain folders themselves; links are entries, and never entered."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name)) if folder.is_dir() else []
    except PermissionError:
        yield folder
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(Path(entry.path))
        else:
            yield Path(entry.path)


def _named(path: Path, inbox: Path) -> str:
    return os.fsencode(path.relative_to(inbox).as_posix()).decode("utf-8", "backslashreplace")


def _kept_of(path: Path) -> Iterator[bytes]:
    """What is kept of an entry, in pieces: a plain file's bytes, else a note of what it is."""
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        kind = next((name for holds, name in _KINDS if holds(mode)), "?")
        target = f" → {path.readlink()}" if stat.S_ISLNK(mode) else ""
        said = " / ".join(name + target for name in kind.split(" / "))
        yield NOT_FOLLOWED + said.encode("utf-8", "backslashreplace")
        return
    try:
        stream = path.open("rb")
    except PermissionError:
        yield NOT_FOLLOWED + _UNREADABLE.encode()
        return
    with stream:
        while piece := stream.read(_PIECE):
            yield piece


def keep(home: Home, path: Path) -> tuple[str, int]:
    """Keeps an entry under the hash of its bytes; that hash and how many bytes they are. However large, a piece at a time."""
    digest, size = hashlib.sha256(), 0
    home.submissions.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=home.submissions, prefix=".", delete=False) as copy:
        for piece in _kept_of(path):
            digest.update(piece)
            size += copy.write(piece)
    kept = home.submissions / digest.hexdigest()
    Path(copy.name).chmod(0o644)
    Path(copy.name).replace(kept)
    return kept.name, size


def why_not_followed(data: bytes) -> str | None:
    """What an entry was, where kept of it is only a note; else None."""
    return data.removeprefix(NOT_FOLLOWED).decode("utf-8", "replace") if data.startswith(NOT_FOLLOWED) else None


def hash_of(path: Path) -> str:
    """sha256 of the bytes that would be kept. Asked again and again: a file is hashed once for as long as its size and
    times stay the same."""
    known = path.lstat()
    return _hashed(path, known.st_size, known.st_mtime_ns, known.st_ctime_ns)


@lru_cache(maxsize=100_000)
def _hashed(path: Path, size: int, changed: int, moved: int) -> str:
    digest = hashlib.sha256()
    for piece in _kept_of(path):
        digest.update(piece)
    return digest.hexdigest()

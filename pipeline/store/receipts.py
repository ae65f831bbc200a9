"""Bytes received, kept by hash, and the receipts that say which file arrived where and when. Append-only."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pipeline.errors import HomeError
from pipeline.store import journal
from pipeline.store.home import Home, write_atomically


@dataclass(frozen=True)
class Receipt:
    """One arrival of one file. ``submission_id`` follows from year, path, content and how often it came there."""

    submission_id: str
    seq: int
    year: int | None
    path: str
    sha256: str
    size: int
    received_at: str

    @property
    def file_name(self) -> str:
        return Path(self.path).name


def year_of(path: str) -> int | None:
    """Collection year of an inbox path: its first folder, where that is a year."""
    first, _, rest = path.partition("/")
    return int(first) if rest and first.isascii() and first.isdigit() and len(first) == 4 else None


def all_receipts(home: Home) -> list[Receipt]:
    """Every receipt of a home, oldest first. Raises HomeError when the list of receipts was damaged."""
    return journal.entries(home.receipts, Receipt, "收件记录", "list of receipts")


def inbox_files(home: Home) -> dict[str, Path]:
    """Files in the inbox by their path relative to it, sorted. Hidden files and office lock files are not returns.

    A name that is not UTF-8 (archives packed in GBK) is told with its odd bytes escaped.
    """
    if not home.inbox.is_dir():
        return {}
    found: dict[str, Path] = {}
    for path in home.inbox.rglob("*"):
        relative = path.relative_to(home.inbox)
        hidden = any(part.startswith((".", "~$")) for part in relative.parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            found[os.fsencode(relative.as_posix()).decode("utf-8", "backslashreplace")] = path
    return dict(sorted(found.items()))


def receive(home: Home, years: Iterable[int | None] | None = None) -> list[Receipt]:
    """Keeps the bytes of every inbox file that is new or changed, appends its receipt, and returns the new receipts.

    ``years`` limits which inbox folders are looked at (None among them: files outside any year's folder).
    """
    wanted = None if years is None else set(years)
    with journal.appending(home):
        known = all_receipts(home)
        held = {receipt.path: receipt.sha256 for receipt in known}
        arrivals: dict[tuple[str, str], int] = {}
        for receipt in known:
            arrivals[receipt.path, receipt.sha256] = arrivals.get((receipt.path, receipt.sha256), 0) + 1
        new: list[Receipt] = []
        for path, file in inbox_files(home).items():
            if wanted is not None and year_of(path) not in wanted:
                continue
            data = file.read_bytes()
            sha = hashlib.sha256(data).hexdigest()
            if held.get(path) == sha:
                continue
            nth = arrivals.get((path, sha), 0) + 1
            seq = len(known) + len(new) + 1
            new.append(_receipt(home, path, data, sha, nth, seq))
        return new


def waiting(home: Home) -> dict[str, tuple[int | None, str]]:
    """Inbox files that are not held as they are: path → collection year and sha256. Nothing is kept or changed.

    Asked again and again: a file is hashed once for as long as its size and times stay the same.
    """
    held = {receipt.path: receipt.sha256 for receipt in all_receipts(home)}
    found = {}
    for path, file in inbox_files(home).items():
        stat = file.stat()
        sha = _hashed(file, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        if held.get(path) != sha:
            found[path] = (year_of(path), sha)
    return found


@lru_cache(maxsize=100_000)
def _hashed(file: Path, size: int, changed: int, moved: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _receipt(home: Home, path: str, data: bytes, sha: str, nth: int, seq: int) -> Receipt:
    """Keeps the bytes first, then appends the receipt: a receipt without bytes can never exist."""
    kept = home.submissions / sha
    if not kept.exists():
        write_atomically(kept, data)
    year = year_of(path)
    identity = hashlib.sha256(f"{year}|{path}|{sha}|{nth}".encode()).hexdigest()[:16]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    receipt = Receipt(identity, seq, year, path, sha, len(data), now)
    journal.append(home.receipts, asdict(receipt))
    return receipt


def content_of(home: Home, sha256: str) -> bytes:
    """The bytes of a submission, checked against their hash. Raises HomeError when the store was damaged."""
    path = home.submissions / sha256
    data = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise HomeError(
            f"存档文件 {path} 缺失或已损坏，请从备份恢复",
            f"the stored submission {path} is missing or damaged; restore it from a backup",
        )
    return data

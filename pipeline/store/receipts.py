"""Bytes received, kept by hash, and the receipts that say which file arrived where and when. Append-only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import HomeError
from pipeline.store import journal
from pipeline.store.home import Home
from pipeline.store.inbox import hash_of, inbox_files, keep


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
            if held.get(path) == hash_of(file):
                continue
            sha, size = keep(home, file)  # the bytes first: a receipt without bytes can never exist
            nth = arrivals.get((path, sha), 0) + 1
            seq = len(known) + len(new) + 1
            new.append(_receipt(home, path, size, sha, nth, seq))
        return new


def waiting(home: Home) -> dict[str, tuple[int | None, str]]:
    """Inbox files that are not held as they are: path → collection year and sha256. Nothing is kept or changed."""
    held = {receipt.path: receipt.sha256 for receipt in all_receipts(home)}
    found = {path: (year_of(path), hash_of(file)) for path, file in inbox_files(home).items()}
    return {path: (year, sha) for path, (year, sha) in found.items() if held.get(path) != sha}


def _receipt(home: Home, path: str, size: int, sha: str, nth: int, seq: int) -> Receipt:
    """Appends the receipt of a file that is kept."""
    year = year_of(path)
    identity = hashlib.sha256(f"{year}|{path}|{sha}|{nth}".encode()).hexdigest()[:16]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    receipt = Receipt(identity, seq, year, path, sha, size, now)
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

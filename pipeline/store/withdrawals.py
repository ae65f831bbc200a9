"""Withdrawals: a submission, or a part or county of it, is taken out of what counts, and put back; each with its reason.

Append-only, as receipts are: nothing received is lost, and a withdrawal that is undone leaves what counts as it was.
Here: the list, and which withdrawals are in force. Not here: what then counts (``parts``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from pipeline.errors import HomeError
from pipeline.store import journal
from pipeline.store.home import Home
from pipeline.store.receipts import all_receipts

SCOPE_SCHEMA = {"submission_id": pl.String(), "part": pl.String(), "county_code": pl.String(), "reason": pl.String()}


@dataclass(frozen=True)
class Withdrawal:
    """One line of the list: what was withdrawn, or put back (``undo``). ``part``, ``county_code``: None for all of them."""

    seq: int
    action: Literal["withdraw", "undo"]
    submission_id: str
    part: str | None
    county_code: str | None
    reason: str
    by: str
    at: str

    @property
    def scope(self) -> tuple[str, str | None, str | None]:
        return self.submission_id, self.part, self.county_code

    def covers(self, part: str | None, county_code: str | None) -> bool:
        """Whether what it withdraws holds all of a part and county of its submission (None: all of them)."""
        return self.part in (None, part) and self.county_code in (None, county_code)


def all_withdrawals(home: Home) -> list[Withdrawal]:
    """Every withdrawal and reversal of a home, oldest first. Raises HomeError when the list was damaged."""
    return journal.entries(home.withdrawals, Withdrawal, "撤回记录", "list of withdrawals")


def in_force(home: Home) -> list[Withdrawal]:
    """Withdrawals that were not undone, in the order in which they were made."""
    held: dict[tuple[str, str | None, str | None], Withdrawal] = {}
    for entry in all_withdrawals(home):
        if entry.action == "withdraw":
            held[entry.scope] = entry
        else:
            held.pop(entry.scope, None)
    return list(held.values())


def withdrawn_scopes(home: Home) -> pl.DataFrame:
    """What is withdrawn: a row a withdrawal in force; ``part`` and ``county_code`` null for all of them."""
    rows = [(*entry.scope, entry.reason) for entry in in_force(home)]
    return pl.DataFrame(rows, schema=SCOPE_SCHEMA, orient="row")


def withdrawals_digest(home: Home, years: Iterable[int | None] | None = None) -> str:
    """What is withdrawn as a hash, of all submissions or of those of some years; '' where nothing is.

    Who withdrew and when are left out: a withdrawal and its reversal give what was there before.
    """
    wanted = None if years is None else set(years)
    year_of = {receipt.submission_id: receipt.year for receipt in all_receipts(home)}
    held = sorted(
        json.dumps([*entry.scope, entry.reason], ensure_ascii=False)
        for entry in in_force(home)
        if wanted is None or year_of.get(entry.submission_id) in wanted
    )
    return hashlib.sha256("\n".join(held).encode()).hexdigest() if held else ""


def withdraw(
    home: Home, submission_id: str, reason: str, part: str | None = None, county_code: str | None = None, by: str = ""
) -> Withdrawal:
    """Appends a withdrawal. Raises HomeError without a reason, or where that is withdrawn already."""
    reason = _given(reason)
    with journal.appending(home):
        held = [entry for entry in in_force(home) if entry.submission_id == submission_id]
        if known := next((entry for entry in held if entry.covers(part, county_code)), None):
            raise HomeError(
                f"{submission_id} 已于 {known.at[:10]} 撤回（{known.reason}）",
                f"{submission_id} was withdrawn already on {known.at[:10]} ({known.reason})",
            )
        return _append(home, "withdraw", submission_id, part, county_code, reason, by)


def reinstate(
    home: Home, submission_id: str, reason: str, part: str | None = None, county_code: str | None = None, by: str = ""
) -> list[Withdrawal]:
    """Appends the reversal of every withdrawal in force of the submission, or of the part or county asked for.

    Raises HomeError without a reason, and where nothing of that was withdrawn: the sentence says what was.
    """
    reason = _given(reason)
    with journal.appending(home):
        held = [entry for entry in in_force(home) if entry.submission_id == submission_id]
        meant = [
            entry
            for entry in held
            if (part is None or entry.part == part) and (county_code is None or entry.county_code == county_code)
        ]
        if not meant:
            zh = "；".join(scope_words(entry.part, entry.county_code)[0] for entry in held) or "无"
            en = "; ".join(scope_words(entry.part, entry.county_code)[1] for entry in held) or "nothing"
            asked = scope_words(part, county_code)
            raise HomeError(
                f"{submission_id} 没有撤回{asked[0]}，不能恢复；已撤回的：{zh}",
                f"{asked[1]} of {submission_id} is not withdrawn, so it cannot be put back; withdrawn: {en}",
            )
        return [
            _append(home, "undo", submission_id, entry.part, entry.county_code, reason, by) for entry in meant
        ]  # fmt: skip


def scope_words(part: str | None, county_code: str | None) -> tuple[str, str]:
    """What of a submission is meant, in both languages."""
    zh = ([f"部分 {part}"] if part else []) + ([f"区县 {county_code}"] if county_code else [])
    en = ([f"part {part}"] if part else []) + ([f"county {county_code}"] if county_code else [])
    return "、".join(zh) or "整件", ", ".join(en) or "the whole file"


def _given(reason: str) -> str:
    if not reason.strip():
        raise HomeError("请用 --reason 写明理由", "say why with --reason")
    return " ".join(reason.split())


def _append(
    home: Home, action: Literal["withdraw", "undo"], submission_id: str, part: str | None, county_code: str | None,
    reason: str, by: str,
) -> Withdrawal:  # fmt: skip
    seq = len(all_withdrawals(home)) + 1
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = Withdrawal(seq, action, submission_id, part, county_code, reason, by.strip(), now)
    journal.append(home.withdrawals, asdict(entry))
    return entry

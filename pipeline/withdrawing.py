"""What a withdrawal is about and what it would change: which receipt a name stands for, and what counts in its place.

Here: questions asked before and after the list of withdrawals grows. Nothing here changes a home.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.errors import HomeError
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import ROW_SCHEMA, UNDATED, read_years
from pipeline.store.ledger import submissions
from pipeline.store.parts import KEY, PART, keyed_parts, one_school_layouts
from pipeline.store.receipts import Receipt, all_receipts
from pipeline.store.withdrawals import in_force, withdrawn_scopes

FEWEST = 4
"""Characters of a submission's id that may stand for it."""
NAMED = 5
"""Candidates that a sentence names."""


@dataclass(frozen=True)
class Effect:
    """One part and county of a submission: the receipts that count, before and after; None where none does."""

    part: str
    county_code: str
    before: Receipt | None
    after: Receipt | None


def find_receipt(home: Home, given: str, *, withdrawn: bool = False) -> Receipt:
    """The receipt that an id, the beginning of one, a path inside the inbox, or a file's name stands for.

    Of several receipts of one path the newest that is not withdrawn, since it is what the inbox last held; with
    ``withdrawn`` the one that is. Raises HomeError naming candidates where there is none or more than one.
    """
    receipts = all_receipts(home)
    held = {entry.submission_id for entry in in_force(home)}
    meant = _meant(home, given, receipts)
    if not meant:
        raise _unknown(home, given, receipts)
    if any(r.submission_id == given for r in meant):
        return meant[0]
    fitting = [r for r in meant if (r.submission_id in held) == withdrawn]
    if withdrawn and len(fitting) != 1:
        raise _ambiguous(given, fitting or meant, withdrawn=bool(fitting))
    if len({r.path for r in fitting or meant}) > 1:
        raise _ambiguous(given, fitting or meant)
    return (fitting or meant)[-1]


def _meant(home: Home, given: str, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Receipts that a name may stand for: of one id, of ids that begin so, of one path, or of files called so."""
    path = _path_in_inbox(home, given)
    tests = (
        lambda r: r.submission_id == given,
        lambda r: r.path == path,
        lambda r: len(given) >= FEWEST and r.submission_id.startswith(given),
        lambda r: r.file_name == given,
    )
    found = ([r for r in receipts if test(r)] for test in tests)
    return next((some for some in found if some), [])


def _path_in_inbox(home: Home, given: str) -> str:
    """A path as receipts hold it: what lies below the inbox, however it was written."""
    path = Path(given)
    if path.is_absolute() and path.is_relative_to(home.inbox):
        return path.relative_to(home.inbox).as_posix()
    posix = path.as_posix()
    _, inbox, below = posix.rpartition("inbox/")
    return below if inbox else posix


def _listed(receipts: Sequence[Receipt]) -> str:
    shown = [f"{r.submission_id} {r.path} ({r.received_at[:10]})" for r in reversed(receipts)]
    return "；".join(shown[:NAMED]) + ("；…" if len(shown) > NAMED else "")


def _ambiguous(given: str, receipts: Sequence[Receipt], *, withdrawn: bool = True) -> HomeError:
    listed = _listed(receipts)
    if not withdrawn:
        return HomeError(f"“{given}”没有撤回过：{listed}", f"“{given}” is not withdrawn: {listed}")
    return HomeError(
        f"“{given}”可指 {len(receipts)} 件收件，请写收件号：{listed}",
        f"“{given}” may mean {len(receipts)} submissions; name one by its id: {listed}",
    )


def _unknown(home: Home, given: str, receipts: Sequence[Receipt]) -> HomeError:
    names = {text: r for r in receipts for text in (r.submission_id, r.path, r.file_name)}
    near = difflib.get_close_matches(_path_in_inbox(home, given), names, n=NAMED, cutoff=0.5)
    listed = _listed(list({names[text].submission_id: names[text] for text in reversed(near)}.values()))
    zh, en = (
        (f"，相近的有：{listed}", f"; the nearest are: {listed}") if near else ("", "; junheng status lists what came")
    )
    return HomeError(f"没有收到过“{given}”{zh}", f"nothing was received as “{given}”{en}")


def is_read(home: Home, receipt: Receipt) -> bool:
    """Whether a run has read the file of a receipt."""
    year = receipt.year or UNDATED
    return year in home.years() and receipt.submission_id in set(submissions(home, [year])["submission_id"])


def parts_of_receipt(home: Home, receipt: Receipt) -> tuple[list[str], list[str]]:
    """Parts and counties of which a receipt's rows tell, as last read."""
    rows = read_years(home, "rows", [receipt.year or UNDATED], ROW_SCHEMA).filter(submission_id=receipt.submission_id)
    return sorted(rows["part"].unique()), sorted(code for code in rows["county_code"].unique() if code)


def effects(home: Home, catalogue: Catalogue, receipt: Receipt, before: pl.DataFrame) -> list[Effect]:
    """What a change of withdrawals does to every part of a receipt: what counted and what counts now.

    ``before``: what was withdrawn then. Only of a receipt that a run has read.
    """
    year = receipt.year or UNDATED
    rows, submission = read_years(home, "rows", [year], ROW_SCHEMA), submissions(home, [year])
    by_id = {r.submission_id: r for r in all_receipts(home)}
    then, now = (
        keyed_parts(rows, submission, scopes, one_school_layouts(catalogue))
        for scopes in (before, withdrawn_scopes(home))
    )
    own = now.filter(pl.col("submission_id") == receipt.submission_id).sort(PART)
    counting = [
        {tuple(row[name] for name in KEY): row["submission_id"] for row in frame.filter(status="accepted").to_dicts()}
        for frame in (then, now)
    ]
    found = []
    for row in own.iter_rows(named=True):
        key = tuple(row[name] for name in KEY)
        first, last = (by_id.get(some.get(key, "")) for some in counting)
        found.append(Effect(row["part"], row["county_code"], first, last))
    return found

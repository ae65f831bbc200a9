"""What came of checking one file before it is sent: its findings, its rows, and whether it may be submitted.

Here: the facts that the command line, the kit and their readers share, and how many findings of one kind are told as one
thing. Not here: how they are found (``expectations.trial``) and how they are shown (``junheng.check``, ``reports.kit``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

SEVERITIES = ("critical", "warning", "info")
KINDS = ("accepted", "quarantined", "filtered", "not_data")
"""What can become of a source row; their counts add up to the rows read."""
WHOLE_FROM = 3
"""From how many rows on a finding that all of them share is told once."""

Finding = Mapping[str, Any]
Cells = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""part → "field@stage" → where its values stand (``pipeline.returns.cells``)."""


@dataclass(frozen=True)
class Group:
    """Findings of one rule in one sheet. ``is_whole``: every row of the sheet has it in the same field, or the field's
    column is blank throughout or not there at all, so that it is one thing to mend, not one a row."""

    sheet: str
    rule_id: str
    severity: str
    field: str
    is_whole: bool
    lacks_column: bool
    findings: tuple[Finding, ...]

    @property
    def things(self) -> int:
        """How many things there are to mend or to look at."""
        return 1 if self.is_whole else len(self.findings)


@dataclass(frozen=True)
class Account:
    """What became of the rows of one sheet. ``read`` is the sum of the others."""

    sheet: str
    part: str
    read: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class CheckedFile:
    """One file as it was checked.

    ``submission_id``: of its trial. ``data``: its bytes; empty where it could not be opened. ``findings``: a row a finding, with its id
    (``findings.with_ids``). ``rows``: a row a source row (``ingest.ROW_SCHEMA``), with what would become of it.
    ``blank``: part and field of the columns in which no row of the part holds a value. ``not_compared``: how many rules need a year before that was not known.
    """

    path: Path
    submission_id: str
    year: int
    data: bytes
    status: str
    layout_id: str | None
    findings: pl.DataFrame
    rows: pl.DataFrame
    cells: Cells
    blank: frozenset[tuple[str, str]]
    not_compared: int

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Findings by sheet, then severity and rule; what the whole sheet shares stands by itself."""
        return tuple(_groups(self))

    @cached_property
    def things(self) -> dict[str, int]:
        """How many things there are of each severity."""
        counts: Counter[str] = Counter()
        for group in self.groups:
            counts[group.severity] += group.things
        return {severity: counts[severity] for severity in SEVERITIES}

    @property
    def may_be_submitted(self) -> bool:
        """Whether nothing critical was found."""
        return self.status == "accepted" and not self.things["critical"]

    @property
    def verdict(self) -> tuple[str, str]:
        """Whether it may be submitted, in one sentence in both languages."""
        mend, look = self.things["critical"], self.things["warning"]
        if self.may_be_submitted:
            zh, en = "可以报送", "may be submitted"
            if look:
                zh += f"；另有 {look} 处请先核对"
                en += f"; look at {look} thing{'s' if look > 1 else ''} first"
            elif not self.things["info"]:
                zh, en = "没有发现问题，可以报送", "nothing found: it may be submitted"
            return zh, en
        mend = max(mend, 1)
        more = (f"，另有 {look} 处请核对", f", and {look} looked at") if look else ("", "")
        return (
            f"须先更正 {mend} 处再报送{more[0]}",
            f"{mend} thing{'s' if mend > 1 else ''} must be mended first{more[1]}",
        )

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """What became of the rows, sheet by sheet in the order of the file."""
        key = ["sheet", "part"]
        counted = self.rows.group_by(key, maintain_order=True).agg(
            pl.len().alias("read"), *((pl.col("disposition") == kind).sum().alias(kind) for kind in KINDS)
        )
        return tuple(
            Account(row["sheet"], row["part"], row["read"], {kind: row[kind] for kind in KINDS})
            for row in counted.iter_rows(named=True)
        )

    @cached_property
    def dispositions(self) -> dict[str, int]:
        """How many rows became what, over all sheets."""
        return dict(Counter(self.rows["disposition"]))


def _groups(checked: CheckedFile) -> list[Group]:
    by_key: dict[tuple[str, str, str], dict[str, list[Finding]]] = {}
    for finding in checked.findings.iter_rows(named=True):
        key = (finding["sheet"] or "", finding["severity"], finding["rule_id"])
        by_key.setdefault(key, {}).setdefault(finding["field"] or "", []).append(finding)
    rows = _rows_of_parts(checked.rows)
    groups: list[Group] = []
    for (sheet, severity, rule_id), of_field in by_key.items():
        single: list[Finding] = []
        every = [finding for found in of_field.values() for finding in found]
        for field, found in of_field.items():
            lacks = len(found) >= WHOLE_FROM and _lacks_column(checked.cells, found[0], field)
            is_blank = len(found) >= WHOLE_FROM and (found[0]["part"] or "", field) in checked.blank
            if lacks or is_blank or _is_of_every_row([f for f in every if _blames(f, field)], rows):
                groups.append(Group(sheet, rule_id, severity, field, True, lacks, tuple(_ordered(found))))
            else:
                single += found
        if single:
            groups.append(Group(sheet, rule_id, severity, "", False, False, tuple(_ordered(single))))
    places = {account.sheet: n for n, account in enumerate(checked.accounts)}
    at = {severity: n for n, severity in enumerate(SEVERITIES)}
    return sorted(groups, key=lambda g: (places.get(g.sheet, -1), g.sheet, at[g.severity], g.rule_id, g.field))


def _ordered(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda f: (f["row"] or 0, f["cell"] or "", f["finding_id"]))


def _rows_of_parts(rows: pl.DataFrame) -> dict[str, tuple[set[int], set[int]]]:
    """Part → numbers of the rows of data, and of those of them that nothing sets aside."""
    data = rows.filter(pl.col("disposition").is_in(["accepted", "quarantined"]))
    found: dict[str, tuple[set[int], set[int]]] = {}
    for part, row, disposition in data.select("part", "row", "disposition").iter_rows():
        every, accepted = found.setdefault(part, (set(), set()))
        every.add(row)
        if disposition == "accepted":
            accepted.add(row)
    return found


def _blames(finding: Finding, field: str) -> bool:
    return field in (finding["field"] or "").split(",") or field == (finding["field"] or "")


def _is_of_every_row(found: list[Finding], rows: Mapping[str, tuple[set[int], set[int]]]) -> bool:
    """Whether findings of one rule and field stand in every row of data of their part, those aside that were set aside for
    something else and not checked further."""
    if len(found) < WHOLE_FROM:
        return False
    hit = {finding["row"] for finding in found}
    every, accepted = rows.get(found[0]["part"] or "", (set(), set()))
    return None not in hit and hit >= (accepted or every) and 2 * len(hit) >= len(every) > 0


def _lacks_column(cells: Cells, finding: Finding, field: str) -> bool:
    """Whether the finding's part has no column for a field that it blames alone."""
    known = cells.get(finding["part"] or "")
    return bool(known and field and "," not in field) and not any(key.split("@")[0] == field for key in known or ())

"""How the returns of a year stand, county by county: expected, come and when, counting, in doubt, missing.

From the tables of the last run where there was one, else from receipts and the inbox alone. Unlike the tables it knows dates
and paths. Nothing here changes a home.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue
from pipeline.standing import Standing, standing
from pipeline.store.home import Home
from pipeline.store.inbox import inbox_files
from pipeline.store.parts import one_school_layouts
from pipeline.store.receipts import Receipt, all_receipts, year_of
from pipeline.store.roster import read_roster, roster_in_force
from pipeline.store.withdrawals import all_withdrawals

COUNTS = (
    "submissions", "parts_accepted", "parts_superseded", "parts_withdrawn", "parts_rejected", "findings_critical",
    "findings_warning", "rows_accepted", "rows_quarantined",
)  # fmt: skip


@dataclass(frozen=True)
class Came:
    """A file that tells of a county: when it came and what became of its parts."""

    submission_id: str
    path: str
    received_at: str
    statuses: tuple[str, ...]


@dataclass(frozen=True)
class CountyStatus:
    """One county. ``parts_missing``: parts that its kind of file should have and that nothing counting holds."""

    code: str
    name: Label
    is_expected: bool
    is_received: bool
    came: tuple[Came, ...]
    counts: dict[str, int]
    stages_missing: tuple[str, ...] = ()
    parts_missing: tuple[str, ...] = ()

    @property
    def concern(self) -> int:
        """How much it asks for attention: 0 nothing came, 1 nothing counts, 2 rows are set aside, 3 something is missing,
        4 warnings, 5 nothing."""
        missing = bool(self.stages_missing or self.parts_missing)
        rows = (
            (self.is_expected and not self.is_received, 0),
            (self.counts["parts_accepted"] == 0, 1),
            (self.counts["findings_critical"] > 0 or self.counts["rows_quarantined"] > 0, 2),
            (missing, 3),
            (self.counts["findings_warning"] > 0, 4),
        )
        return next((rank for is_so, rank in rows if is_so), 5)


@dataclass(frozen=True)
class Gone:
    """A file that lies in the inbox no longer; what came of it counts until it is withdrawn. ``now_at``: where the same
    content lies."""

    path: str
    submission_id: str
    counts: bool
    now_at: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """One line of the history: a file received, withdrawn, or put back."""

    at: str
    what: str
    submission_id: str
    path: str
    note: str = ""
    by: str = ""


@dataclass(frozen=True)
class Status:
    """A home's year. ``is_known``: whether a run has read it. ``refused``: files of which nothing counts, with the reason's
    status. ``unread``: receipts that no run has read yet."""

    year: int | None
    standing: Standing
    is_known: bool
    counties: tuple[CountyStatus, ...]
    waiting: tuple[str, ...]
    unread: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    gone: tuple[Gone, ...]
    history: tuple[Event, ...]

    @property
    def totals(self) -> dict[str, int]:
        return {name: sum(county.counts[name] for county in self.counties) for name in COUNTS}


def status(home: Home, catalogue: Catalogue, year: int | None = None, county: str | None = None) -> Status:
    """How a year of a home stands; the newest year where none is named. ``catalogue``: with the home's rosters."""
    now = standing(home, catalogue)
    receipts = all_receipts(home)
    years = {r.year for r in receipts} | {year_of(path) for path in now.waiting}
    chosen = year or max((y for y in years if y is not None), default=None)
    tables = _tables(home, chosen)
    known = {row["submission_id"]: row["status"] for row in tables["submission"].iter_rows(named=True)}
    own = [r for r in receipts if r.year == chosen]
    lines = _counties(home, catalogue, chosen, tables, own)
    return Status(
        year=chosen,
        standing=now,
        is_known=bool(known),
        counties=tuple(line for line in lines if county in (None, line.code)),
        waiting=tuple(path for path in now.waiting if year_of(path) in (chosen, None)),
        unread=tuple(r.path for r in own if r.submission_id not in known),
        refused=tuple(
            (r.path, known[r.submission_id]) for r in own if known.get(r.submission_id, "accepted") != "accepted"
        ),
        gone=tuple(_gone(home, own, tables["submission_part"])),
        history=tuple(_history(home, {r.submission_id: r for r in own})),
    )


def _tables(home: Home, year: int | None) -> dict[str, pl.DataFrame]:
    """Tables of the last run, rows of the year; without rows before the first run."""
    columns: dict[str, list[str]] = {
        "submission": ["submission_id", "status", "year"],
        "submission_part": ["submission_id", "part", "county_code", "year", "layout_id", "status"],
        "county_status": ["year", "county_code", "is_expected", "is_received", "stages_missing", *COUNTS],
    }
    found = {}
    for name, wanted in columns.items():
        path = home.table(name)
        frame = (
            pl.read_parquet(path, columns=wanted)
            if path.exists()
            else pl.DataFrame(schema=dict.fromkeys(wanted, pl.String()))
        )
        found[name] = frame.filter(pl.col("year").cast(pl.String) == str(year))
    return found


# -- counties ----------------------------------------------------------------------------------------------------------


def _counties(
    home: Home, catalogue: Catalogue, year: int | None, tables: dict[str, pl.DataFrame], receipts: Sequence[Receipt]
) -> list[CountyStatus]:
    """Counties, those of most concern first."""
    if year is None:
        return []
    by_id = {r.submission_id: r for r in receipts}
    came = _came(tables["submission_part"], by_id)
    missing = _parts_missing(tables["submission_part"], catalogue)
    told = {row["county_code"]: row for row in tables["county_status"].iter_rows(named=True)}
    codes = sorted(told) or sorted(_expected(home, catalogue, year))
    names = _names(catalogue, year)
    lines = [
        CountyStatus(
            code=code,
            name=names.get(code, Label(zh=code, en=code)),
            is_expected=bool(told[code]["is_expected"]) if code in told else True,
            is_received=bool(told[code]["is_received"]) if code in told else False,
            came=tuple(came.get(code, ())),
            counts={name: int(told[code][name]) if code in told else 0 for name in COUNTS},
            stages_missing=_listed(told.get(code, {}).get("stages_missing")),
            parts_missing=tuple(missing.get(code, ())),
        )
        for code in codes
    ]
    return sorted(lines, key=lambda line: (line.concern, line.code))


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(text.split("、")) if text else ()


def _expected(home: Home, catalogue: Catalogue, year: int) -> set[str]:
    """Counties that are expected before anything is read: of the roster in force, else of the catalogue."""
    named = roster_in_force(home, year)
    roster = read_roster(home, named, catalogue) if named is not None else None
    if roster is None:
        return {d.code for d in catalogue.divisions if d.level == "county" and d.valid_from <= year <= d.valid_to}
    return {d.code for d in roster.counties} | set(roster.schools["county_code"])


def _names(catalogue: Catalogue, year: int) -> dict[str, Label]:
    valid = (d for d in catalogue.divisions if d.valid_from <= year <= d.valid_to)
    return {d.code: Label(zh=d.name_zh, en=d.name_en) for d in valid}


def _came(parts: pl.DataFrame, receipts: dict[str, Receipt]) -> dict[str, list[Came]]:
    """County → files that tell of it, the newest first."""
    grouped = parts.group_by("county_code", "submission_id").agg(pl.col("status").unique().sort())
    found: dict[str, list[Came]] = {}
    known = (row for row in grouped.iter_rows(named=True) if row["submission_id"] in receipts)
    for row in sorted(known, key=lambda row: -receipts[row["submission_id"]].seq):
        receipt = receipts[row["submission_id"]]
        came = Came(receipt.submission_id, receipt.path, receipt.received_at, tuple(row["status"]))
        found.setdefault(row["county_code"], []).append(came)
    return found


def _parts_missing(parts: pl.DataFrame, catalogue: Catalogue) -> dict[str, list[str]]:
    """County → parts that the layouts of its files ask for and of whose kind of rows nothing counts."""
    alone = one_school_layouts(catalogue)
    record = {(layout.id, s.part): s.record for layout in catalogue.layouts.values() for s in layout.sheets}
    used: dict[str, set[str]] = {}
    held: dict[str, set[str]] = {}
    for row in parts.iter_rows(named=True):
        layout, code = row["layout_id"], row["county_code"]
        if layout in catalogue.layouts and layout not in alone:
            used.setdefault(code, set()).add(layout)
        if row["status"] == "accepted" and (layout, row["part"]) in record:
            held.setdefault(code, set()).update((row["part"], record[layout, row["part"]]))
    found: dict[str, list[str]] = {}
    for code, layouts in used.items():
        asked = (s for name in sorted(layouts) for s in catalogue.layouts[name].sheets if not s.optional)
        lacking = [s.part for s in asked if not {s.part, s.record} & held.get(code, set())]
        if lacking:
            found[code] = list(dict.fromkeys(lacking))
    return found


# -- files -------------------------------------------------------------------------------------------------------------


def _gone(home: Home, receipts: Iterable[Receipt], parts: pl.DataFrame) -> list[Gone]:
    """Paths that receipts hold and the inbox does not."""
    here = set(inbox_files(home))
    last = {r.path: r for r in all_receipts(home)}
    now_at: dict[str, list[str]] = {}
    for path, receipt in last.items():
        if path in here:
            now_at.setdefault(receipt.sha256, []).append(path)
    counting = set(parts.filter(pl.col("status") == "accepted")["submission_id"])
    held: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        if receipt.path not in here:
            held.setdefault(receipt.path, []).append(receipt)
    return [
        Gone(path, some[-1].submission_id, any(r.submission_id in counting for r in some), tuple(now_at.get(some[-1].sha256, ())))
        for path, some in sorted(held.items())
    ]  # fmt: skip


def _history(home: Home, receipts: dict[str, Receipt]) -> list[Event]:
    """What was received, withdrawn and put back, oldest first; of the year's receipts."""
    events = [Event(r.received_at, "received", r.submission_id, r.path, f"#{r.seq}") for r in receipts.values()]
    for entry in all_withdrawals(home):
        if entry.submission_id in receipts:
            what = "withdrawn" if entry.action == "withdraw" else "put back"
            scope = " ".join(text for text in (entry.part, entry.county_code) if text)
            note = f"{scope}: {entry.reason}" if scope else entry.reason
            events.append(
                Event(entry.at, what, entry.submission_id, receipts[entry.submission_id].path, note, entry.by)
            )
    return sorted(events, key=lambda event: event.at)


def plain(found: Status, *, with_history: bool) -> dict[str, Any]:
    """A status as plain values, for JSON."""
    now = found.standing
    shown: dict[str, Any] = {
        "year": found.year, "latest_release": now.latest_id, "is_current": now.is_current and not now.stale,
        "is_known": found.is_known, "waiting": list(found.waiting), "unread": list(found.unread),
        "refused": [{"path": path, "status": said} for path, said in found.refused],
        "gone": [asdict(gone) for gone in found.gone],
        "counties": [_plain_county(county) for county in found.counties],
        "totals": found.totals,
    }  # fmt: skip
    if with_history:
        shown["history"] = [asdict(event) for event in found.history]
    return shown


def _plain_county(county: CountyStatus) -> dict[str, Any]:
    return {
        "county_code": county.code, "name_zh": county.name.zh, "name_en": county.name.en, "is_expected": county.is_expected,
        "is_received": county.is_received, **county.counts, "stages_missing": list(county.stages_missing),
        "parts_missing": list(county.parts_missing),
        "received": [
            {"submission_id": c.submission_id, "path": c.path, "received_at": c.received_at, "statuses": list(c.statuses)}
            for c in county.came
        ],
    }  # fmt: skip

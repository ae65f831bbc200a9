"""The facts of what schools lack: of each standard the county's progress and the ledger of its schools.

Here: reading and choosing; amounts, states and costs are those of the tables. Not here: words (``ledger_tables``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue, Standard
from reports.reader import Groups, Reader, Rows

WHOLE = "all"
"""Stage of a county's progress over all schools, and of what the stages of a school share."""

OPEN = ("new", "persisting", "unknown")
"""States of a shortfall that is still there."""

_COUNTED = {
    "shortfalls_new": "new", "shortfalls_persisting": "persisting", "shortfalls_unknown": "unknown", "shortfalls_closed": "closed",
    "shortfalls_ended": "ended", "shortfalls_missing": "missing",
}  # fmt: skip


@dataclass(frozen=True)
class Ledgers:
    """Rows of the latest year by (county, standard): ``county_progress`` a stage, ``school_shortfall`` with the school's name."""

    progress: Groups
    shortfalls: Groups


NO_LEDGERS = Ledgers(Groups({}), Groups({}))


@dataclass(frozen=True)
class Ledger:
    """What the schools of a county lack to one standard. ``progress``: by stage, ``all`` for the whole; ``rows``: by school."""

    standard: Standard
    progress: dict[str, dict[str, Any]]
    rows: tuple[dict[str, Any], ...]

    @property
    def schools(self) -> dict[str, list[dict[str, Any]]]:
        """Rows by school."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            found.setdefault(row["school_id"], []).append(row)
        return found


def read_ledgers(reader: Reader) -> Ledgers:
    """Reads the groups; tables without rows give empty ones."""
    key = ["county_code", "standard_id"]
    return Ledgers(*(reader.groups(sql, key, year=reader.year) for sql in (_PROGRESS, _SHORTFALLS)))


def ledgers_of(catalogue: Catalogue, ledgers: Ledgers, county: str) -> tuple[Ledger, ...]:
    """The ledger of every standard that has one, that of the pages first."""
    first = catalogue.about.default_standard
    order = [first, *(name for name in catalogue.standards if name != first)]
    found = ((catalogue.standards[name], ledgers.progress.get((county, name))) for name in order)
    return tuple(_one(standard, rows, ledgers, county) for standard, rows in found if rows)


def _one(standard: Standard, rows: Rows, ledgers: Ledgers, county: str) -> Ledger:
    shortfalls = ledgers.shortfalls.get((county, standard.id))
    return Ledger(standard, {row["stage"]: row for row in rows}, tuple(shortfalls))


def check_ledgers(ledgers: Sequence[Ledger]) -> None:
    """Asserts that the account of the whole county is that of the rows."""
    for ledger in ledgers:
        whole, states = ledger.progress.get(WHOLE), Counter(row["state"] for row in ledger.rows)
        if whole is None:
            continue
        assert whole["shortfalls"] == sum(states[s] for s in OPEN), "open shortfalls are not those of the ledger"
        for name, state in _COUNTED.items():
            assert whole[name] == states[state], f"{name} is not what is listed"


_PROGRESS = "select * from county_progress where year = $year order by county_code, standard_id, stage"

_SHORTFALLS = """
select f.*, coalesce(s.name, last.name, f.school_id) as name
from school_shortfall as f
left join school as s on s.year = f.year and s.school_id = f.school_id
left join school as last on last.year = f.year - 1 and last.school_id = f.school_id
where f.year = $year
order by f.county_code, f.standard_id, f.school_id, f.stage, f.indicator_id
"""

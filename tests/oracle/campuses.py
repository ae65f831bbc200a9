"""What a county's verdicts read: its own cells, and its campuses one by one, before any is merged into a school."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from tests.oracle.cells import Expected, Return, Row
from tests.oracle.texts import JUDGED, is_special_or_vocational
from tests.oracle.units import Quarantined, host_of

Number = float | None
TEN_THOUSAND = (
    "resident_population", "farming_population", "special_school_funds_yuan", "teacher_pay_yuan", "civil_servant_pay_yuan",
)  # fmt: skip
"""Cells of the county whose item says 万元 or 万人."""
YES_NO = {"是": 1.0, "否": 0.0}


@dataclass
class Campus:
    """A unit as its rows tell it. ``unheard``: judged stages that it has by the roster or a row set aside, pupils unknown."""

    school_id: str
    identity: Row
    stages: dict[str, Row]
    unheard: set[str]
    sizes: dict[str, list[Number]] | None
    """Pupils of its classes by stage; None where no list counts."""
    rooms: dict[str, list[Number]] | None
    """Areas of its rooms by kind; None where no list counts."""

    @property
    def host(self) -> str:
        return host_of(self.identity)

    def told(self, name: str) -> Any:
        return self.identity.get(name)

    def pupils(self, stages: Iterable[str] = JUDGED) -> Number:
        """Pupils of the stages together; None when those of one are not known."""
        asked = list(stages)
        if self.unheard & set(asked):
            return None
        return float(sum(self.stages[s]["pupils"] for s in asked if s in self.stages))

    def classes(self, stages: Iterable[str] = JUDGED) -> Number:
        asked = list(stages)
        found = [self.stages[s]["classes"] for s in asked if s in self.stages]
        return None if self.unheard & set(asked) or None in found else float(sum(found))


@dataclass
class CountyYear:
    """A county in a year: cells, campuses of which something counts, and what is owed: (campus, stage, who it is)."""

    year: int
    county: str
    cells: dict[str, Any] = field(default_factory=dict)
    campuses: list[Campus] = field(default_factory=list)
    owed: list[tuple[str, str, Row]] = field(default_factory=list)


def county_cells(path: Path) -> dict[str, Any]:
    """The sheet of the county: code of an item to its value; yes is 1, no is 0, a blank is None."""
    book = CalamineWorkbook.from_path(str(path))
    if "县级" not in book.sheet_names:
        return {}
    grid = book.get_sheet_by_name("县级").to_python()
    head = next(row for row in grid if row and row[0] == "代码")
    code, value = head.index("代码"), head.index("填报值")
    return {str(row[code]): _cell(str(row[code]), row[value]) for row in grid if row[code] and row is not head}


def _cell(name: str, cell: Any) -> Any:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, str):
        return YES_NO.get(cell.strip(), cell.strip()) if name.startswith(("is_", "has_")) else cell.strip()
    return float(cell) * (10_000 if name in TEN_THOUSAND else 1)


def campuses_of(returned: Return, quarantined: Quarantined, roster: Expected) -> Iterator[Campus]:
    """Units that told pupils in a judged stage, special and vocational ones left out; the others are owed, if anything."""
    kept = {
        part: [r for r in rows if not _set_aside(returned, part, r["school_id"], quarantined)]
        for part, rows in returned.parts.items()
    }
    told = {r["school_id"]: r for r in kept["schools"]}
    for school_id in dict.fromkeys([*told, *(r["school_id"] for r in kept["stages"])]):
        known = roster.schools.get(school_id)
        identity = told.get(school_id) or ({k: v for k, v in known.items() if k != "pupils"} if known else None)
        if identity is None or is_special_or_vocational(identity):
            continue
        expected = known["pupils"] if known else {}
        rows = {r["stage"]: r for r in kept["stages"] if r["school_id"] == school_id}
        named = {r["stage"] for r in returned.parts["stages"] if r["school_id"] == school_id}
        owed = {stage for stage, pupils in expected.items() if pupils > 0} | (named - set(rows))
        unheard = {s for s in owed if s not in rows or rows[s]["pupils"] is None}
        stages = {stage: row for stage, row in rows.items() if row["pupils"]}
        if not set(stages) & set(JUDGED):
            continue
        yield Campus(
            school_id, identity, stages, unheard, _sizes(returned, kept, school_id, quarantined),
            _rooms(returned, kept, school_id, quarantined),
        )  # fmt: skip


def _set_aside(returned: Return, part: str, school_id: str, quarantined: Quarantined) -> bool:
    return (returned.year, returned.county, part, school_id) in quarantined


def _listed(returned: Return, part: str, school_id: str, quarantined: Quarantined) -> bool:
    return bool(returned.parts[part]) and not _set_aside(returned, part, school_id, quarantined)


def _sizes(returned: Return, kept: Any, school_id: str, quarantined: Quarantined) -> dict[str, list[Number]] | None:
    if not _listed(returned, "classes", school_id, quarantined):
        return None
    mine = [r for r in kept["classes"] if r["school_id"] == school_id]
    return {stage: [r["class_pupils"] for r in mine if r["stage"] == stage] for stage in JUDGED}


def _rooms(returned: Return, kept: Any, school_id: str, quarantined: Quarantined) -> dict[str, list[Number]] | None:
    if not _listed(returned, "rooms", school_id, quarantined):
        return None
    mine = [r for r in kept["rooms"] if r["school_id"] == school_id]
    return {kind: [r["room_sqm"] for r in mine if r["room_kind"] == kind] for kind in ("music", "art")}

"""From rows of cells to schools: each campus by itself, split by its own pupils, then campuses added to their school."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.oracle.cells import Expected, Return, Row
from tests.oracle.texts import COUNTED, JUDGED, SPLIT, WEIGHTS, WHOLE

Number = float | None
Quarantined = set[tuple[int, str, str, str]]
"""Year, county, part and school of which the release sets the rows aside."""

NEEDS_SENIOR = ("341", "345")
ROOM_SQM = {"music": 96, "art": 90}
CLASS_PUPILS = {"primary": 45, "junior": 50}
STAFF = {"primary": 19, "junior": 13.5, "senior": 12.5}
"""Pupils a member of staff."""
QUOTA_YUAN = {"primary": (650, 720), "junior": (850, 940)}
"""Before 2023 and since."""


@dataclass
class School:
    """A school as it is judged: what it is, its fields by stage (split, merged), its fields as a whole."""

    year: int
    county: str
    identity: Row
    stages: dict[str, dict[str, Number]] = field(default_factory=dict)
    whole: dict[str, Number] = field(default_factory=dict)
    unheard: set[str] = field(default_factory=set)
    """Stages that it has, by its own row or the roster, and of which no number of pupils counts."""

    @property
    def school_id(self) -> str:
        return str(self.identity["school_id"])


def total(values: Iterable[Number]) -> Number:
    """The sum, None when one of them is None: missing is not 0."""
    found = list(values)
    return None if any(v is None for v in found) else float(math.fsum(v for v in found if v is not None))


def schools_of(returned: Return, quarantined: Quarantined, roster: Expected) -> list[School]:
    """The schools of one return, branches merged into the school they name."""
    units = {u.school_id: u for u in _units(returned, quarantined, roster)}
    merged: dict[str, list[School]] = {}
    for unit in units.values():
        merged.setdefault(host_of(unit.identity), []).append(unit)
    return [_merge(units[host], campuses) for host, campuses in sorted(merged.items()) if host in units]


def host_of(identity: Row) -> str:
    """A unit that is not counted as a school belongs to the one it names; a teaching point (218) never does."""
    is_branch = identity["is_counted_school"] == 0 and identity["school_type"] != "218"
    return str(identity["parent_school_id"] if is_branch else identity["school_id"])


def _units(returned: Return, quarantined: Quarantined, roster: Expected) -> Iterable[School]:
    """Every unit of which a school row or stage rows count; without its own row the roster tells what it is."""
    kept = {
        part: [r for r in rows if (returned.year, returned.county, part, r["school_id"]) not in quarantined]
        for part, rows in returned.parts.items()
    }
    told: dict[str, Row] = {r["school_id"]: r for r in kept["schools"]}
    for school_id in dict.fromkeys([*told, *(r["school_id"] for r in kept["stages"])]):
        identity = told.get(school_id) or _from_roster(roster, school_id)
        if identity is not None:
            mine = {
                part: [r for r in kept[part] if r["school_id"] == school_id] for part in ("stages", "classes", "rooms")
            }
            if host_of(identity) != school_id and not mine["stages"]:
                mine["stages"] = [_only_pupils(r) for r in returned.parts["stages"] if r["school_id"] == school_id]
            expected = roster.schools.get(school_id, {}).get("pupils", {})
            owed = {stage for stage, pupils in expected.items() if pupils > 0}
            yield _unit(returned, identity, mine, _lists_given(returned, school_id, quarantined), owed)


def _only_pupils(row: Row) -> Row:
    """A branch's row that was set aside: its school is as large as it is, and everything else of both is unknown."""
    return {name: cell if name in ("school_id", "stage", "pupils") else None for name, cell in row.items()}


def _lists_given(returned: Return, school_id: str, quarantined: Quarantined) -> set[str]:
    """Lists in which having no row means none: the county filled them in, and no row of the school was set aside."""
    return {
        part
        for part in ("classes", "rooms")
        if returned.parts[part] and (returned.year, returned.county, part, school_id) not in quarantined
    }


def _from_roster(roster: Expected, school_id: str) -> Row | None:
    known = roster.schools.get(school_id)
    return None if known is None else known | dict.fromkeys((*SPLIT, *WHOLE))


def _unit(returned: Return, identity: Row, mine: dict[str, list[Row]], listed: set[str], owed: set[str]) -> School:
    unit = School(returned.year, returned.county, identity)
    rows = {r["stage"]: r for r in mine["stages"] if r["pupils"]}
    told = {r["stage"] for r in mine["stages"] if r["pupils"] is not None}
    unit.unheard = owed - told
    shares = _shares(str(identity["school_type"]), {s: r["pupils"] for s, r in rows.items()}, told, unit.unheard)
    for stage, row in rows.items():
        fields: dict[str, Number] = {name: row[name] for name in COUNTED}
        sizes = [c["class_pupils"] for c in mine["classes"] if c["stage"] == stage]
        fields |= _teachers(stage, row) | _classes(stage, sizes, "classes" in listed)
        share = shares[stage]
        for name in SPLIT:
            amount = identity[name]
            fields[name] = None if amount is None or share is None else amount * share
        unit.stages[stage] = fields
    unit.whole = {name: identity[name] for name in WHOLE}
    unit.whole |= _needs(unit) | _rooms(mine["rooms"], "rooms" in listed)
    return unit


def _shares(kind: str, pupils: dict[str, float], told: set[str], unheard: set[str]) -> dict[str, Number]:
    """Share of each stage in what a campus has in common: 1 : 1.1 : 1.32; unknown when pupils of a stage are not told."""
    if unheard or (kind in NEEDS_SENIOR and "senior" not in told):
        return dict.fromkeys(pupils)
    if len(pupils) == 1:
        return dict.fromkeys(pupils, 1.0)
    weight = math.fsum(WEIGHTS[s] * p for s, p in pupils.items())
    return {s: WEIGHTS[s] * p / weight for s, p in pupils.items()}


def _teachers(stage: str, row: Row) -> dict[str, Number]:
    degrees = ["doctor_teachers", "master_teachers"]
    degrees += ["bachelor_teachers"] if stage in JUDGED else []
    degrees += ["college_teachers"] if stage == "primary" else []
    return {
        "above_degree_teachers": total(row[d] for d in degrees),
        "mid_rank_teachers": total(row[f"{rank}_rank_teachers"] for rank in ("senior", "associate", "intermediate")),
        "pe_arts_teachers": total(row[f"{subject}_teachers"] for subject in ("pe", "music", "art", "arts")),
    }


def _classes(stage: str, sizes: list[Number], told: bool) -> dict[str, Number]:
    """Classes in the list and those of them that are not too large; unknown where no list was given."""
    limit = CLASS_PUPILS.get(stage)
    within = None if limit is None or not told else total(None if n is None else float(n <= limit) for n in sizes)
    return {"classes_listed": float(len(sizes)) if told else None, "classes_within_limit": within}


def _rooms(rooms: list[Row], told: bool) -> dict[str, Number]:
    """Rooms of standard size by kind; where rows were set aside, or the whole county lists no room, none is not known."""
    found: dict[str, Number] = {}
    for kind, least in ROOM_SQM.items():
        areas = [r["room_sqm"] for r in rooms if r["room_kind"] == kind]
        found[f"{kind}_rooms"] = None if not told else total(None if a is None else float(a >= least) for a in areas)
    return found


def _needs(unit: School) -> dict[str, Number]:
    """What is derived campus by campus: pupils, rooms needed, funds and staff required."""
    pupils = {stage: fields["pupils"] or 0.0 for stage, fields in unit.stages.items()}
    is_whole, is_known = not unit.unheard, unit.unheard.isdisjoint(JUDGED)
    compulsory = math.fsum(p for s, p in pupils.items() if s in JUDGED)
    classes = total(fields["classes"] for stage, fields in unit.stages.items() if stage in JUDGED) if is_known else None
    rooms_needed = None if classes is None else float(math.ceil(classes / 12))
    return {
        "pupils_all": math.fsum(pupils.values()) if is_whole else None,
        "largest_campus": compulsory if is_known else None,
        "rooms_needed": rooms_needed,
        "required_funds": _required_funds(unit, pupils, compulsory) if is_known else None,
        "staff_required": math.fsum(p / STAFF[s] for s, p in pupils.items()) if is_whole else None,
    }


def _required_funds(unit: School, pupils: dict[str, float], compulsory: float) -> Number:
    """Quota by pupils; rural campuses and points under 100 as if they had 100, their stages in the same proportion."""
    quota = math.fsum(p * QUOTA_YUAN[s][unit.year >= 2023] for s, p in pupils.items() if s in JUDGED)
    place = unit.identity["urban_rural"]
    if compulsory == 0 or compulsory >= 100:
        return quota
    if unit.identity["school_type"] == "218" or (place is not None and place.startswith("2")):
        return quota * 100 / compulsory
    return None if place is None else quota


def _merge(host: School, campuses: list[School]) -> School:
    """One school of its campuses, field by field; size takes the largest, everything else is summed."""
    merged = School(host.year, host.county, host.identity)
    for stage in dict.fromkeys(s for c in campuses for s in c.stages):
        with_stage = [c.stages[stage] for c in campuses if stage in c.stages]
        merged.stages[stage] = {name: total(f[name] for f in with_stage) for name in with_stage[0]}
    merged.whole = {name: total(c.whole[name] for c in campuses) for name in host.whole}
    sizes = [c.whole["largest_campus"] for c in campuses]
    merged.whole["largest_campus"] = None if None in sizes else max(size for size in sizes if size is not None)
    return merged

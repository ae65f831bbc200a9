"""Relaxations: who was granted what, whether it holds on the reference day, and which school needs it."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.oracle.campuses import Campus, CountyYear, Number
from tests.oracle.county_tests import Truth
from tests.oracle.county_texts import rooms_at_least, rooms_needed, size_limit
from tests.oracle.texts import JUDGED

YEARS_HELD = 3
REFERENCE_DAY = "09-01"
Demand = tuple[Number, Number]


@dataclass(frozen=True)
class Grant:
    """A line of the register; ``school`` is '' for a whole county."""

    county: str
    school: str
    relaxation: str
    basis: str
    starts: str
    expires: str

    def state_in(self, year: int) -> str:
        day = f"{year}-{REFERENCE_DAY}"
        return "not_yet" if day < self.starts else "expired" if day >= self.expires else "in_force"


@dataclass(frozen=True)
class Relaxation:
    """What is asked for it (``fits``; a building plan on file) and what stands in the place of value or limit, by test."""

    id: str
    fits: Callable[[Campus], Truth]
    item: str | None = None
    indicator: str | None = None
    needs_plan: bool = False
    demands: Mapping[str, Callable[[Campus], Demand]] | None = None
    extra: tuple[str, ...] = ()
    """Fields that an indicator's numerator may count as well."""


def read_grants(home: Path) -> list[Grant]:
    path = home / "registers" / "relaxations.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        Grant(
            r["county_code"],
            r["school_id"] or "",
            r["relaxation_id"],
            r["basis"],
            r["starts"],
            r["expires"] or _later(r["starts"]),
        )
        for r in rows
    ]


def _later(day: str) -> str:
    """The day on which it no longer holds: the same day three years later, where there is none the day after."""
    year, rest = day.split("-", 1)
    return f"{int(year) + YEARS_HELD}-{rest if rest != '02-29' else '03-01'}"


def rural(campus: Campus) -> Truth:
    place = campus.told("urban_rural")
    return None if place is None else str(place).startswith("2")


def both(*parts: Truth) -> Truth:
    return False if False in parts else None if None in parts else True


def either(*parts: Truth) -> Truth:
    return True if True in parts else None if None in parts else False


def _built_by(year: int) -> Callable[[Campus], Truth]:
    return lambda u: None if u.told("year_built") is None else u.told("year_built") <= year


def _largest_class_under_30(campus: Campus) -> Truth:
    sizes = None if campus.sizes is None else [n for of_stage in campus.sizes.values() for n in of_stage]
    if not sizes:
        return None
    return None if None in sizes else max(n for n in sizes if n is not None) < 30


def _migrants_above_half(campus: Campus) -> Truth:
    pupils = campus.pupils()
    told = [r["migrant_worker_pupils"] for s, r in campus.stages.items() if s in JUDGED]
    return None if pupils is None or None in told else 2 * sum(told) > pupils


def _old_rooms(kind: str, sqm: float) -> Callable[[Campus], Demand]:
    return lambda u: (rooms_at_least(kind, sqm)(u), rooms_needed(u))


def _small_rooms(kind: str) -> Callable[[Campus], Demand]:
    """54 m² in primary, 61 in junior: as many of 61 as the junior classes need, as many of 54 as all need."""

    def demand(campus: Campus) -> Demand:
        large, junior = rooms_at_least(kind, 61)(campus), campus.classes(["junior"])
        if large is None or junior is None:
            return None, rooms_needed(campus)
        fits = large >= math.ceil(junior / 12)
        return rooms_at_least(kind, 54)(campus) if fits else 0.0, rooms_needed(campus)

    return demand


def _milder_size(campus: Campus) -> Demand:
    kind = campus.told("school_type")
    limit = None if size_limit(campus) is None else {"312": 3000.0, "345": 2500.0}.get(str(kind), 2400.0)
    return campus.pupils(), limit


def _fifty_to_ninety_nine(campus: Campus) -> Truth:
    pupils = campus.pupils(("primary", "junior", "senior"))
    return both(rural(campus), None if pupils is None else 50 <= pupils <= 99)


def _dense(campus: Campus) -> Truth:
    told = campus.told("is_dense_city")
    return None if told is None else told == 1


RELAXATIONS = (
    Relaxation("rooms_built_by_2016", _built_by(2016), item="music_art_rooms", needs_plan=True,
               demands={"music": _old_rooms("music", 73), "art": _old_rooms("art", 67)}),
    Relaxation("rooms_of_small_rural_schools", lambda u: both(rural(u), _largest_class_under_30(u)), item="music_art_rooms",
               needs_plan=True, demands={"music": _small_rooms("music"), "art": _small_rooms("art")}),
    Relaxation("size_of_early_or_migrant_schools", lambda u: either(_built_by(2010)(u), _migrants_above_half(u)),
               item="school_size", demands={"size": _milder_size}),
    Relaxation("visiting_arts_teachers", _fifty_to_ninety_nine, indicator="pe_arts_teachers_per_100",
               extra=("visiting_pe_teachers", "visiting_music_teachers", "visiting_art_teachers", "visiting_arts_teachers")),
    Relaxation("sports_ground_of_dense_centres", _dense, indicator="sports_sqm_per_pupil",
               extra=("other_sports_ground_sqm", "leased_sports_ground_sqm")),
)  # fmt: skip
OF = {r.id: r for r in RELAXATIONS}


def state_for(grant: Grant, campus: Campus | None, year: int) -> str:
    """The first that applies: its dates, no such school, its condition, its paper."""
    dated = grant.state_in(year)
    if dated != "in_force":
        return dated
    if campus is None:
        return "school_unknown"
    fits = OF[grant.relaxation].fits(campus)
    if fits is not True:
        return "condition_unknown" if fits is None else "condition_unmet"
    if OF[grant.relaxation].needs_plan and campus.told("has_building_plan") != 1:
        return "not_on_file"
    return "in_force"


def in_force(grants: Iterable[Grant], county: CountyYear, campus: Campus) -> list[Grant]:
    """Grants to a campus, by its name or to its county, that hold in the year."""
    return [
        g for g in grants
        if g.county == county.county and g.school in ("", campus.school_id) and state_for(g, campus, county.year) == "in_force"
    ]  # fmt: skip

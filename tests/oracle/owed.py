"""Stages that are missing altogether: rows that the release set aside, and what the roster expects and nobody sent."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.oracle.cells import Expected, Return, Row
from tests.oracle.texts import JUDGED
from tests.oracle.units import Quarantined, host_of


@dataclass(frozen=True)
class Owed:
    """A school's stage of which nothing counts: who it is, the stage's pupils and those of all its stages."""

    year: int
    county: str
    school_id: str
    stage: str
    identity: Row
    pupils: float
    pupils_all: float


def owed_stages(returns: Sequence[Return], rosters: Mapping[int, Expected], quarantined: Quarantined) -> list[Owed]:
    """Stages set aside, then stages that the roster expects and of which no row came."""
    came = {year: [r for r in returns if r.year == year] for year in rosters}
    return [
        owed
        for year, roster in sorted(rosters.items())
        for owed in (*_set_aside(came[year], roster, quarantined), *_silent(year, came[year], roster))
    ]


def _set_aside(returns: Sequence[Return], roster: Expected, quarantined: Quarantined) -> Iterator[Owed]:
    """Pupils as the row has them, else the year before's of the roster."""
    for one in returns:
        told = {r["school_id"]: r for r in one.parts["schools"]}
        for row in one.parts["stages"]:
            school_id, stage = row["school_id"], row["stage"]
            if (one.year, one.county, "stages", school_id) in quarantined and stage in JUDGED:
                identity = told.get(school_id) or roster.schools[school_id]
                if host_of(identity) != school_id and (one.year, one.county, "schools", school_id) not in quarantined:
                    continue  # a branch whose school came: the school's figures are unknown
                before = roster.schools.get(school_id, {}).get("pupils", {}).get(stage)
                pupils = row["pupils"] if row["pupils"] is not None else before
                yield Owed(one.year, one.county, school_id, stage, identity, pupils, pupils)


def _silent(year: int, returns: Sequence[Return], roster: Expected) -> Iterator[Owed]:
    """A branch that is silent with its school is part of it; one that is silent alone stands for itself."""
    stages = {(r["school_id"], r["stage"]) for one in returns for r in one.parts["stages"]}
    anything = {r["school_id"] for one in returns for rows in one.parts.values() for r in rows}
    pupils: dict[tuple[str, str], float] = defaultdict(float)
    for school_id, school in roster.schools.items():
        host = host_of(school)
        together = school_id not in anything and host in roster.schools and host not in anything
        for stage, number in school["pupils"].items():
            pupils[host if together else school_id, stage] += number
    for (school_id, stage), number in sorted(pupils.items()):
        if number > 0 and stage in JUDGED and (school_id, stage) not in stages:
            school = roster.schools[school_id]
            everything = math.fsum(n for (owner, _), n in pupils.items() if owner == school_id)
            yield Owed(year, school["county"], school_id, stage, school, number, everything)

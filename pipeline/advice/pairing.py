"""Who sends to whom: units given and received become moves between schools, as few as can be across groups and districts.

Schools that stand in the same group and the same district are alike, so a transport problem between such classes is solved
first (its solutions are whole numbers), then the schools of two classes are paired in order. Groups need not lie inside
districts: then the fewest that cross both at once may be more than the two least numbers say, and the plan states it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.advice.county import School

GROUP, DISTRICT, COUNTY = "group", "district", "county"
"""How far a move goes: between members of one group, else of one district, else across the county."""


@dataclass(frozen=True)
class Move:
    """Some units from one school to another. ``level``: how far they go. Crossing goes by classes, of which the schools in no
    group (district) are one: a move between two of them crosses nothing and is inside no group."""

    from_school_id: str
    to_school_id: str
    units: int
    level: str
    crosses_group: bool
    crosses_district: bool


@dataclass
class _Side:
    """Schools of one class that still give (or receive), with how much."""

    kind: tuple[str, str]
    left: list[list[int]]

    @property
    def total(self) -> int:
        return sum(amount for _, amount in self.left)


def moves_of(
    schools: Sequence[School],
    given: Sequence[int],
    received: Sequence[int],
    group_weight: float,
    district_weight: float,
) -> tuple[Move, ...]:
    """Moves that carry out what is given and received, in order of the schools' ids."""
    giving, taking = _sides(schools, given), _sides(schools, received)
    flow = _transport(giving, taking, group_weight, district_weight)
    found: list[tuple[int, int, int]] = []
    for a, out in enumerate(giving):
        for b, into in enumerate(taking):
            found += _paired(out.left, into.left, int(flow[a, b]))
    return tuple(_move(schools[i], schools[j], n) for i, j, n in sorted(found))


def _sides(schools: Sequence[School], amounts: Sequence[int]) -> list[_Side]:
    kinds: dict[tuple[str, str], _Side] = {}
    for place, (school, amount) in enumerate(zip(schools, amounts, strict=True)):
        if amount:
            kind = (school.group_id, school.district_id)
            kinds.setdefault(kind, _Side(kind, [])).left.append([place, amount])
    return [kinds[kind] for kind in sorted(kinds)]


def _transport(giving: Sequence[_Side], taking: Sequence[_Side], group: float, district: float) -> np.ndarray:
    """Units from each giving class to each taking class at the least weight; whole, since a basic solution is asked for."""
    from scipy.optimize import linprog

    shape = (len(giving), len(taking))
    if 0 in shape:
        return np.zeros(shape)
    cost = [group * (a.kind[0] != b.kind[0]) + district * (a.kind[1] != b.kind[1]) for a in giving for b in taking]
    rows = np.zeros((len(giving) + len(taking), len(cost)))
    for a in range(shape[0]):
        for b in range(shape[1]):
            rows[a, a * shape[1] + b] = rows[shape[0] + b, a * shape[1] + b] = 1
    totals = [side.total for side in (*giving, *taking)]
    found = linprog(cost, A_eq=rows, b_eq=totals, method="highs-ds")
    return np.rint(found.x).reshape(shape)


def _paired(out: list[list[int]], into: list[list[int]], amount: int) -> list[tuple[int, int, int]]:
    """So many units from the first that still give to the first that still receive."""
    found = []
    while amount > 0:
        giver = next(side for side in out if side[1] > 0)
        taker = next(side for side in into if side[1] > 0)
        moved = min(amount, giver[1], taker[1])
        giver[1] -= moved
        taker[1] -= moved
        amount -= moved
        found.append((giver[0], taker[0], moved))
    return found


def _move(giver: School, taker: School, units: int) -> Move:
    level = COUNTY
    if giver.district_id and giver.district_id == taker.district_id:
        level = DISTRICT
    if giver.group_id and giver.group_id == taker.group_id:
        level = GROUP
    across_group, across_district = giver.group_id != taker.group_id, giver.district_id != taker.district_id
    return Move(giver.school_id, taker.school_id, units, level, across_group, across_district)

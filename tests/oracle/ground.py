"""What a county stands on when it is judged, verdicts in three values, and totals over its campuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.campuses import Campus, CountyYear, Number
from tests.oracle.county_tests import Truth
from tests.oracle.texts import JUDGED, at_least, at_most
from tests.oracle.units import total

MET, UNMET, OUT, NO_DATA = "met", "unmet", "not_applicable", "no_data"
Z95 = 1.959963984540054
SUMMED = ("training_budget_yuan", "public_funds_budget_yuan", "training_final_yuan", "public_funds_final_yuan")
Row = dict[str, Any]
Relaxed = Callable[[str, str, Campus], "tuple[Number, Number] | None"]
"""Item, test and campus to the value and limit that a relaxation in force puts in the place of the full ones."""


@dataclass(frozen=True)
class Outcome:
    """What a test came to for one stage."""

    test: str
    stage: str
    counts: bool
    state: str
    relaxed: str
    numbers: Mapping[str, Any]

    @property
    def row(self) -> Row:
        return {"test_id": self.test, "stage": self.stage, "counts": self.counts, "state": self.state,
                "state_relaxed": self.relaxed, **self.numbers}  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """What a county stands on: its rows, its gaps, its schools' verdicts plain and relaxed, schools owed by stage."""

    county: CountyYear
    gaps: Mapping[tuple[str, str, str], Row]
    """By standard, stage, indicator."""
    schools: Mapping[tuple[str, str], list[tuple[Truth, Truth]]]
    """By standard and stage: met, and met with the relaxations in force."""
    owed_schools: Mapping[tuple[str, str], int]
    relaxed: Relaxed


def holds(value: Number, way: str, limit: Number) -> Truth:
    if value is None or limit is None:
        return None
    if way == "<":
        return not at_least(value, limit)
    return at_least(value, limit) if way == ">=" else at_most(value, limit)


def whole(states: Iterable[str]) -> str:
    """Unmet as soon as one is; met only when nothing is missing."""
    found = set(states)
    return next((s for s in (UNMET, NO_DATA, MET) if s in found), OUT)


def judge(applies: Truth, held: Truth) -> str:
    """What does not apply is out; where that is not known, a demand that holds anyway is met."""
    if applies is False:
        return OUT
    if held:
        return MET
    return UNMET if held is False and applies else NO_DATA


# -- totals over the county ---------------------------------------------------------------------------------------------


def cells_of(ground: Ground) -> Row:
    """The county's cells, the year, and totals over its campuses; a total is unknown while a campus is owed."""
    county = ground.county
    owed = {stage for _, stage, _ in county.owed}
    junior = [u.stages["junior"] for u in county.campuses if "junior" in u.stages]
    heard = not any("junior" in u.unheard for u in county.campuses) and "junior" not in owed

    def of_junior(name: str, rows: list[Row] = junior) -> Number:
        return total(r[name] for r in rows) if heard else None

    def of_all(values: Iterable[Number]) -> Number:
        return None if owed else total(values)

    disabled = [
        None
        if u.unheard
        else total(
            r[n] for s, r in u.stages.items() if s in JUDGED for n in ("regular_class_pupils", "home_taught_pupils")
        )
        for u in county.campuses
    ]
    entered, came, left, died = (
        of_junior(n) for n in ("entrants_3_years_before", "transferred_in", "transferred_out", "died")
    )
    cohort = None if None in (entered, came, left, died) else entered + came - left - died  # type: ignore[operator]
    rural = [
        None if u.told("urban_rural") is None else u.stages["junior"]["graduates"] if _rural(u) else 0.0
        for u in county.campuses if "junior" in u.stages
    ]  # fmt: skip
    return county.cells | {
        "year": county.year,
        "funds": of_all(u.told("special_needs_funds_yuan") for u in county.campuses),
        "disabled": of_all(disabled),
        "graduated": of_junior("graduates"), "entered": entered, "cohort": cohort,
        "rural_graduates": total(rural) if heard else None, "all_graduates": of_junior("graduates"),
        "has_city": _any_public(county, "11"), "has_town": _any_public(county, "12"),
    }  # fmt: skip


def _rural(campus: Campus) -> bool:
    return str(campus.told("urban_rural")).startswith("2")


def _any_public(county: CountyYear, prefix: str) -> Truth:
    known = [(u.told("urban_rural"), u.told("is_public")) for u in county.campuses]
    found = [
        False if (p is not None and not p.startswith(prefix)) or q == 0 else None if None in (p, q) else True
        for p, q in known
    ]
    return True if True in found else None if None in found or county.owed else False

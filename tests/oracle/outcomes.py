"""What each kind of test comes to in a county, stage by stage where it has stages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.oracle.campuses import Campus, CountyYear, Number
from tests.oracle.county_tests import Composite, Every, Gaps, Item, Ratio, Schools, Test, Truth, Yes
from tests.oracle.county_texts import DESIGN_EFFECT, small_funds
from tests.oracle.ground import (
    MET,
    NO_DATA,
    OUT,
    SUMMED,
    UNMET,
    Z95,
    Ground,
    Outcome,
    Row,
    cells_of,
    holds,
    judge,
    whole,
)
from tests.oracle.texts import JUDGED, STANDARDS
from tests.oracle.units import total


def _ratio(test: Ratio, cells: Row) -> Outcome:
    top, bottom, limit, applies = test.top(cells), test.bottom(cells), test.limit(cells), test.applies(cells)
    value = None if top is None or not bottom else top / bottom * (100 if test.percent else 1)
    state = judge(applies, holds(value, test.way, limit))
    low, high = wilson(top, bottom) if test.interval and state != OUT else (None, None)
    numbers = {"value": value, "direction": test.way, "limit": limit, "numerator": top, "denominator": bottom,
               "value_low": low, "value_high": high}  # fmt: skip
    return Outcome(test.id, test.stage, test.counts, state, state, numbers)


def wilson(satisfied: Number, asked: Number) -> tuple[Number, Number]:
    """95 % interval of a share, per cent, of a sample that is worth fewer by the design effect."""
    if satisfied is None or not asked or satisfied > asked:
        return None, None
    n, p = asked / DESIGN_EFFECT, satisfied / asked
    middle, spread = p + Z95**2 / (2 * n), Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n))
    return tuple(100 * (middle + s * spread) / (1 + Z95**2 / n) for s in (-1, 1))  # type: ignore[return-value]


def _yes(test: Yes, item: Item, cells: Row) -> Outcome:
    box = cells.get(test.field)
    held = None if box is None else bool(box) == test.expected
    proven = not test.evidence or any(cells.get(paper) is not None for paper in item.papers)
    state = NO_DATA if held is None or (held and not proven) else MET if held else UNMET
    limit = float(test.expected)
    return Outcome(test.id, "", test.counts, state, state, {"value": box, "direction": "=", "limit": limit})


@dataclass(frozen=True)
class Asked:
    """One campus, stage of a campus or school of which something is asked."""

    state: str
    relaxed: str
    top: Number
    bottom: Number


def _every(test: Every, item: Item, ground: Ground, cells: Row) -> Iterable[Outcome]:
    if test.over == "school":
        schools = merged(ground.county)
        rows = [_ask(test, item, ground, cells, None, (s,)) for s in schools]
        missing = len({school for school, _, _ in ground.county.owed})
        yield _each(test, "", rows, missing)
    elif test.over == "unit":
        rows = [_ask(test, item, ground, cells, u, (u,)) for u in ground.county.campuses]
        yield _each(test, "", rows, len({school for school, _, _ in ground.county.owed}))
    else:
        for stage in JUDGED:
            rows = [_ask(test, item, ground, cells, u, (u, stage)) for u in ground.county.campuses if stage in u.stages]
            yield _each(test, stage, rows, sum(s == stage for _, s, _ in ground.county.owed))


def merged(county: CountyYear) -> list[Row]:
    """Schools: the identity of the campus that counts as the school, money summed over its campuses."""
    made = []
    for host in county.campuses:
        mine = [u for u in county.campuses if u.host == host.school_id]
        if host.host == host.school_id:
            made.append(host.identity | {n: total(u.told(n) for u in mine) for n in SUMMED})
    return made


def _ask(test: Every, item: Item, ground: Ground, cells: Row, campus: Campus | None, row: tuple[Any, ...]) -> Asked:
    limit_of = small_funds(ground.county.year, cells) if test.id == "each_small_school" else test.limit
    value, limit, applies = test.value(*row), limit_of(*row), test.where(*row)
    state = judge(applies, holds(value, test.way, limit))
    milder = ground.relaxed(item.id, test.id, campus) if campus is not None else None
    relaxed = (
        state
        if milder is None
        else judge(applies, holds(milder[0] if milder[0] is not None else None, test.way, milder[1]))
    )
    relaxed = MET if MET in (state, relaxed) else state if milder is None else relaxed
    top, bottom = (part(*row) for part in test.parts) if test.parts else (None, None)
    return Asked(state, relaxed, top, bottom)


def _each(test: Every, stage: str, rows: list[Asked], missing: int) -> Outcome:
    rows = [r for r in rows if r.state != OUT]
    count = Counter(r.state for r in rows)
    states = [
        whole([*(getattr(r, which) for r in rows), *([NO_DATA] if missing else [])]) for which in ("state", "relaxed")
    ]
    top = total(r.top for r in rows) if test.parts else float(count[MET])
    bottom = total(r.bottom for r in rows) if test.parts else float(len(rows))
    if missing or not rows or top is None or bottom is None or (count[NO_DATA] and not test.parts):
        top = bottom = None
    value = 100 * top / bottom if top is not None and bottom else None
    numbers = {
        "value": value, "direction": ">=", "limit": 100.0, "numerator": top, "denominator": bottom, "schools": len(rows),
        "schools_unmet": count[UNMET], "schools_unknown": count[NO_DATA], "schools_missing": missing,
        "schools_relaxed": sum(r.relaxed == MET and r.state != MET for r in rows),
    }  # fmt: skip
    return Outcome(test.id, stage, test.counts, states[0], states[1], numbers)


def _gap(test: Gaps, standard: str, ground: Ground) -> Iterable[Outcome]:
    one = next(s for s in STANDARDS if s.id == standard)
    for indicator in one.gaps:
        for stage in JUDGED:
            gap = ground.gaps[standard, stage, indicator]
            state = _gap_state(gap["state"], gap["schools"], gap["schools_missing"], gap["is_met"])
            yield Outcome(indicator, stage, True, state, state, {
                "value": gap["cv"], "direction": "<=", "limit": gap["cv_limit"], "value_low": gap["cv_low"],
                "value_high": gap["cv_high"], "schools": gap["schools"], "schools_missing": gap["schools_missing"],
            })  # fmt: skip


def _gap_state(state: str, schools: int, missing: int, is_met: Truth) -> str:
    """One school by itself is not judged, and a stage without schools either; what is missing may turn the rest."""
    if state == "no_schools" or schools + missing < 2:
        return OUT if not missing else NO_DATA
    return NO_DATA if is_met is None else MET if is_met else UNMET


def _composite(standard: str, ground: Ground) -> Iterable[Outcome]:
    one = next(s for s in STANDARDS if s.id == standard)
    assert one.composite_limits is not None
    for stage in JUDGED:
        gaps = [ground.gaps[standard, stage, i] for i in one.gaps]
        cv, low, high = (_mean(g[n] for g in gaps) for n in ("cv", "cv_low", "cv_high"))
        limit = one.composite_limits[stage]
        schools, missing = max(g["schools"] for g in gaps), max(g["schools_missing"] for g in gaps)
        within = True if holds(high, "<=", limit) else None if holds(low, "<=", limit) is not False else False
        every = max(g["schools"] + g["schools_missing"] for g in gaps)
        state = (
            OUT
            if every == 0 or (every == 1 and not missing)
            else NO_DATA
            if within is None
            else MET
            if within
            else UNMET
        )
        yield Outcome("composite", stage, True, state, state, {
            "value": cv, "direction": "<=", "limit": limit, "value_low": low, "value_high": high, "schools": schools,
            "schools_missing": missing,
        })  # fmt: skip


def _mean(values: Iterable[Number]) -> Number:
    found = list(values)
    summed = total(found)
    return None if summed is None else summed / len(found)


def _schools(test: Schools, standard: str, ground: Ground) -> Iterable[Outcome]:
    for stage in JUDGED:
        found = ground.schools.get((standard, stage), [])
        missing = ground.owed_schools.get((standard, stage), 0)
        rows = [Asked(*(judge(True, v) for v in pair), None, None) for pair in found]
        like = Every(test.id, "school", lambda: None, lambda: None)
        yield _each(like, stage, rows, missing)


def outcomes(standard: str, item: Item, ground: Ground) -> list[Outcome]:
    cells = cells_of(ground)
    found: list[Outcome] = []
    for test in item.tests:
        found += _of(test, standard, item, ground, cells)
    return found


def _of(test: Test, standard: str, item: Item, ground: Ground, cells: Row) -> Iterable[Outcome]:
    if isinstance(test, Ratio):
        return [_ratio(test, cells)]
    if isinstance(test, Yes):
        return [_yes(test, item, cells)]
    if isinstance(test, Every):
        return _every(test, item, ground, cells)
    if isinstance(test, Gaps):
        return _gap(test, standard, ground)
    return _composite(standard, ground) if isinstance(test, Composite) else _schools(test, standard, ground)

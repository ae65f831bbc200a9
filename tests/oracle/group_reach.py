"""What school groups and districts reach: schools, pupils, new and weak schools, by county, prefecture, province and nation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from tests.oracle.group_known import Group
from tests.oracle.group_ranks import parents
from tests.oracle.grouped import KINDS, NEW_YEARS, Province
from tests.oracle.released import Tables
from tests.oracle.weak import ranked

Row = dict[str, Any]
LEVELS = ("county", "prefecture", "province", "nation")
TARGET, TARGET_LEVEL = 20, "prefecture"
WEAK_BY = "school-20"


class Weak:
    """Who is in the lowest tenth of the province by the score, and of whom that is known."""

    def __init__(self, release: Tables) -> None:
        self.weak: set[tuple[Any, Any]] = set()
        self.known: set[tuple[Any, Any]] = set()
        for (year, standard, school, _, level), row in ranked(release).items():
            if standard == WEAK_BY and level == "province":
                self.known.add((year, school))
                if row["is_weak"]:
                    self.weak.add((year, school))


def coverage(groups: list[Group], named: pd.DataFrame, province: Province, release: Tables) -> pd.DataFrame:
    """group_coverage: a county counts where a school of it came or should have come. ``named``: the oracle's members and all else
    that register, return or roster names."""
    weak, above = Weak(release), parents(release, province.years)
    made = []
    for year in province.years:
        here = [(s, province.county(year, s)) for y, s in sorted(province.taught) if y == year]
        gone = [(s, province.county(year, s)) for y, s in sorted(set(province.absent) - province.taught) if y == year]
        for kind in KINDS:
            mine = [g for g in groups if (g.year, g.kind) == (year, kind)]
            told = {c for k, c in province.registered if k == kind}
            told |= set(named[named.year.eq(year) & named.kind.eq(kind)].county_code.dropna())
            areas: dict[tuple[str, str], set[str]] = {}
            for county in sorted({str(c) for _, c in here + gone}):
                up = above[year, county]
                for level, code in zip(LEVELS, (county, up, above[year, up], "0"), strict=True):
                    areas.setdefault((level, code), set()).add(county)
            for (level, code), counties in areas.items():
                key = {"year": year, "area_level": level, "area_code": code, "kind": kind}
                schools = {s: c for s, c in here if c in counties}
                absent = sum(c in counties for _, c in gone)
                row = _reach(year, kind, schools, counties, counties & told, mine, province, weak)
                made.append(key | row | {"schools_absent": absent} | _target(level, kind, row))
    return pd.DataFrame(made)


def _reach(
    year: int, kind: str, schools: dict[str, Any], counties: set[str], told: set[str], groups: list[Group],
    province: Province, weak: Weak,
) -> Row:  # fmt: skip
    inside = {r["school_id"]: r for g in groups for r in g.members if r["school_id"] in schools}
    of_told = [s for s, c in schools.items() if c in told]
    there = [g for g in groups if any(r["county_code"] in counties for r in g.all)]
    pupils = {s: float(province.totals[year, s]["pupils"]) for s in schools}
    built = {s: province.totals[year, s]["year_built"] for s in of_told}
    new = [s for s, b in built.items() if year - b < NEW_YEARS]
    known = [s for s in of_told if (year, s) in weak.known]
    before = {s: (int(r["joined_year"]) - 1, s) for s, r in inside.items() if r["joined_year"] is not None}
    row: Row = {
        "counties": len(counties),
        "counties_told": len(told),
        "schools": len(schools),
        "schools_told": len(of_told),
        "pupils": _sum(pupils.values()),
        "pupils_told": _sum(pupils[s] for s in of_told),
        "state": "not_reported" if not told else "ok" if told == counties else "partial",
    }
    if not told:
        return row | _nothing()
    in_pupils = _sum(pupils[s] for s in inside)
    shares = in_pupils is not None and row["pupils_told"]
    new_known, weak_known = any(not pd.isna(b) for b in built.values()), bool(known)
    before_known = [k for k in before.values() if k in weak.known]
    return row | {
        "groups": len(there),
        "schools_in": len(inside),
        "share_schools": len(inside) / len(of_told) if of_told else None,
        "pupils_in": in_pupils,
        "share_pupils": in_pupils / row["pupils_told"] if shares else None,
        "new_schools": len(new) if new_known else None,
        "new_schools_in": sum(s in inside for s in new) if new_known else None,
        "weak_schools": sum((year, s) in weak.weak for s in of_told) if weak_known else None,
        "weak_schools_in": sum((year, s) in weak.weak for s in inside) if weak_known else None,
        "weak_before_joining": sum(k in weak.weak for k in before_known) if before_known else None,
        **_forms(kind, there),
    }


def _nothing() -> Row:
    return dict.fromkeys(
        (
            "groups", "groups_close", "groups_cooperative", "groups_mixed", "groups_unknown", "schools_in", "share_schools",
            "pupils_in", "share_pupils", "new_schools", "new_schools_in", "weak_schools", "weak_schools_in", "weak_before_joining",
        )
    )  # fmt: skip


def _forms(kind: str, groups: Iterable[Group]) -> Row:
    """How many groups are of one form, of both, of none that is known; districts have no form."""
    names = {
        "close": "groups_close",
        "cooperative": "groups_cooperative",
        "mixed": "groups_mixed",
        None: "groups_unknown",
    }
    if kind == "district":
        return dict.fromkeys(names.values())
    found = []
    for group in groups:
        forms = {r["form"] for r in group.all} - {None}
        found.append("mixed" if len(forms) == 2 else forms.pop() if forms else None)
    return {column: found.count(form) for form, column in names.items()}


def _sum(pupils: Iterable[float]) -> float | None:
    total = math.fsum(pupils)
    return None if math.isnan(total) else total


def _target(level: str, kind: str, row: Row) -> Row:
    """Missed is a target only where every county tells."""
    if level != TARGET_LEVEL or kind != "group" or row["groups"] is None:
        return dict.fromkeys(("target_groups", "is_target_met", "groups_short"))
    is_reached = row["groups"] >= TARGET
    return {
        "target_groups": TARGET,
        "is_target_met": is_reached if is_reached or row["state"] == "ok" else None,
        "groups_short": max(0, TARGET - row["groups"]),
    }

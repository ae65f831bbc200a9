"""Who is in which school group and district: the register's lines on the day of the collection, else what returns and rosters say."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from tests.oracle.released import Tables

Row = dict[str, Any]
KINDS = ("group", "district")
DAY = (9, 1)
"""The day of the collection: setting group_collection_day."""
ROLES = dict.fromkeys(("牵头校", "核心校", "总校", "龙头校"), "lead")
ROLES |= dict.fromkeys(("成员校", "成员学校", "加盟校"), "member")
FORMS = dict.fromkeys(("紧密型", "紧密", "融合型"), "close")
FORMS |= dict.fromkeys(("合作型", "联盟型", "松散型", "共建型"), "cooperative")
NEW_YEARS = 5
"""A school is new in a year that lies less than this after the one in which it was built."""


@dataclass(frozen=True)
class Line:
    """A line of the register of groups; the header is line 1."""

    number: int
    told: dict[str, str]
    county: str
    """The county that keeps it, else the school's own; '' where neither is known."""

    @property
    def joined(self) -> date | None:
        return _day(self.told["joined_on"])

    @property
    def left(self) -> date | None:
        return _day(self.told["left_on"])

    def holds(self, year: int) -> bool:
        on = date(year, *DAY)
        return (self.joined is None or self.joined <= on) and (self.left is None or on < self.left)

    def is_of(self, kind: str, school: str) -> bool:
        return (self.told["kind"], self.told["school_id"]) == (kind, school)


def _day(word: str) -> date | None:
    return date(*(int(part) for part in word.replace("/", "-").split("-"))) if word else None


def rows_of(path: Path) -> list[dict[str, str]]:
    """The lines of a register or roster; none where it is not kept."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{k: v.strip() for k, v in row.items()} for row in csv.DictReader(stream)]


class Province:
    """Registers and rosters of a home, and the schools of its release: what membership is decided from."""

    def __init__(self, release: Tables, home: Path) -> None:
        schools, totals = release["school"], release["school_total"]
        self.units: dict[tuple[int, str], Row] = {
            (r["year"], r["school_id"]): {k: None if pd.isna(v) else v for k, v in r.items()}
            for r in schools.to_dict("records")
        }
        self.totals: dict[tuple[int, str], Row] = {(r["year"], r["school_id"]): r for r in totals.to_dict("records")}
        stages = release["school_stage"].query("pupils > 0 or pupils.isna()")
        self.taught = {(s.year, s.school_id) for s in stages.itertuples() if s.stage in ("primary", "junior")}
        self.absent = {(m.year, m.school_id): m.county_code for m in release["missing_school"].itertuples()}
        self.years = sorted({year for year, _ in self.units})
        self.roster = {
            (year, r["code"]): r
            for year in self.years
            for r in rows_of(home / "roster" / f"{year}.csv")
            if r["level"] == "school"
        }
        own = {school: unit["county_code"] for (_, school), unit in self.units.items()}
        own = {school: county for (_, school), county in self.absent.items()} | own
        told = rows_of(home / "registers" / "groups.csv")
        self.lines = [Line(n, r, r["county_code"] or own.get(r["school_id"], "")) for n, r in enumerate(told, 2)]
        self.registered = {(line.told["kind"], line.county) for line in self.lines}

    def county(self, year: int, school: str) -> str | None:
        """Of a unit of that year: as returned, as quarantined, as on the roster."""
        unit, known = self.units.get((year, school)), self.roster.get((year, school))
        if unit:
            return str(unit["county_code"])
        return self.absent.get((year, school)) or (known["parent_code"] if known else None)

    def said(self, year: int, kind: str, school: str) -> str | None:
        """The word of the return, of the roster where the unit is absent."""
        unit = self.units.get((year, school)) or self.roster.get((year, school)) or {}
        return unit.get(f"{kind}_id") or None

    def said_role(self, year: int, school: str) -> str | None:
        unit = self.units.get((year, school)) or self.roster.get((year, school)) or {}
        return ROLES.get(unit.get("group_role") or "")

    def fate(self, year: int, school: str) -> tuple[str | None, str | None]:
        """Why a unit that is named is no member, and the school a branch belongs to; nothing of a member."""
        unit = self.units.get((year, school))
        if unit and unit["is_merged"]:
            return "branch", str(unit["parent_school_id"])
        if (year, school) in self.taught:
            return None, None
        if (year, school) in self.absent:
            return "absent", None
        return ("no_pupils" if unit or (year, school) in self.roster else "not_returned"), None


def placed(province: Province) -> tuple[pd.DataFrame, pd.DataFrame]:
    """group_membership and group_unplaced, this with the form of its groups besides."""
    inside: list[Row] = []
    outside: list[Row] = []
    for year in province.years:
        for kind in KINDS:
            named = _by_register(province, year, kind) | _by_return(province, year, kind)
            for school, entry in sorted(named.items()):
                key = {"year": year, "kind": kind, "school_id": school}
                reason, host = entry.pop("reason", None), None
                if reason is None:
                    reason, host = province.fate(year, school)
                if reason is None:
                    entry["county_code"] = province.county(year, school)
                    inside.append(key | entry | _of_school(province, year, kind, school))
                else:
                    kept = {k: v for k, v in entry.items() if k != "joined_year"}
                    outside.append(key | kept | {"reason": reason, "merged_into": host})
    return pd.DataFrame(inside), pd.DataFrame(outside)


def _of_school(province: Province, year: int, kind: str, school: str) -> Row:
    built = province.totals[year, school]["year_built"]
    return {
        "is_new_school": None if pd.isna(built) else bool(year - built < NEW_YEARS),
        "return_group_id": province.said(year, kind, school),
    }


def _by_register(province: Province, year: int, kind: str) -> dict[str, Row]:
    lines = [n for n in province.lines if n.told["kind"] == kind and n.holds(year)]
    return {
        line.told["school_id"]: {
            "group_id": line.told["group_id"],
            "group_name": line.told["group_name"],
            "county_code": line.county or None,
            "role": ROLES.get(line.told["role"]),
            "form": FORMS.get(line.told["form"]),
            "joined_year": _first_year(province, line),
            "source": "register",
            "register_line": line.number,
        }
        for line in lines
    }


def _first_year(province: Province, line: Line) -> int | None:
    """The first day of collection after joining, reckoned from the earlier lines that end where the next begins: of the same group
    in another role or form, or of the group as it was called before."""
    start, groups = line.joined, {line.told["group_id"], line.told["former_group_id"]}
    while start is not None:
        days = (start, start - timedelta(days=1))
        same = [n for n in province.lines if n.is_of(line.told["kind"], line.told["school_id"])]
        before = next((n for n in same if n.left in days and n.told["group_id"] in groups), None)
        if before is None:
            return start.year + (start > date(start.year, *DAY))
        start, groups = before.joined, {before.told["group_id"], before.told["former_group_id"]}
    return None


def _by_return(province: Province, year: int, kind: str) -> dict[str, Row]:
    """Units that the return names, the roster where they are absent; where a register is kept, those that it leaves out."""
    ids = {s for y, s in province.units if y == year} | {s for y, s in province.absent if y == year}
    kept = _by_register(province, year, kind)
    named: dict[str, Row] = {}
    for school in ids - set(kept):
        word, county = province.said(year, kind, school), province.county(year, school)
        if word is None:
            continue
        named[school] = {
            "group_id": f"{county}:{word}",
            "group_name": word,
            "county_code": county,
            "role": province.said_role(year, school) if kind == "group" else None,
            "form": None,
            "joined_year": _first_shown(province, year, kind, school),
            "source": "return",
            "register_line": None,
        }
        if (kind, county) in province.registered:
            named[school]["reason"] = "not_in_register"
    return named


def _first_shown(province: Province, year: int, kind: str, school: str) -> int | None:
    """The latest year whose year before shows the county naming groups and the school in none, or in another that is still there;
    unknown when the returns in between are not all there."""
    county = province.county(year, school)
    while True:
        now, before = (_words(province, y, kind, county) for y in (year, year - 1))
        if school not in now or school not in before or not any(before.values()):
            return None
        if before[school] is None or (before[school] != now[school] and before[school] in now.values()):
            return year
        year -= 1


def _words(province: Province, year: int, kind: str, county: str | None) -> dict[str, str | None]:
    """What each unit of a county says, absent ones by the roster."""
    ids = {s for y, s in (*province.units, *province.absent) if y == year and province.county(year, s) == county}
    return {s: province.said(year, kind, s) for s in ids}

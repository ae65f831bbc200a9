"""Groups of one year, and what is known of their schools: the standards that count them, pupils, values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tests.oracle.released import Tables
from tests.oracle.texts import MISSING_PUPILS_PCT

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass
class Group:
    """A group or district of one year: who is in it, and who is named, should be there and is not."""

    year: int
    kind: str
    id: str
    members: list[Row] = field(default_factory=list)
    absent: list[Row] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    """Named, and without compulsory pupils: one of them may lead."""

    @property
    def all(self) -> list[Row]:
        return self.members + self.absent

    @property
    def name(self) -> str:
        return str(min(self.all + self.others, key=lambda r: r["school_id"])["group_name"])

    @property
    def leads(self) -> list[str]:
        return [str(r["school_id"]) for r in self.all + self.others if r["role"] == "lead"]

    @property
    def county(self) -> str | None:
        """The county all its schools lie in."""
        found = {r["county_code"] for r in self.all if r["county_code"] is not None}
        return str(found.pop()) if len(found) == 1 else None


def groups_of(inside: pd.DataFrame, outside: pd.DataFrame) -> list[Group]:
    """Of the oracle's own membership; branches, schools without pupils and those the register leaves out belong to none."""
    found: dict[Key, Group] = {}

    def group(row: Row) -> Group:
        key = (row["year"], row["kind"], row["group_id"])
        return found.setdefault(key, Group(*key))

    for row in _plain(inside):
        group(row).members.append(row)
    for row in _plain(outside):
        if row["reason"] in ("absent", "not_returned"):
            group(row).absent.append(row)
    for row in _plain(outside):
        if row["reason"] == "no_pupils" and (row["year"], row["kind"], row["group_id"]) in found:
            group(row).others.append(row)
    return [found[key] for key in sorted(found)]


def _plain(frame: pd.DataFrame) -> list[Row]:
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]


class Known:
    """What is known of a school's stage by a standard: whether it counts, its pupils, its values."""

    def __init__(self, release: Tables) -> None:
        scope = release["school_scope"].query("is_counted")
        self.counted = {(s.year, s.standard_id, s.school_id, s.stage) for s in scope.itertuples()}
        self.pupils = {(s.year, s.school_id, s.stage): float(s.pupils) for s in release["school_stage"].itertuples()}
        for m in release["missing_school"].itertuples():
            self.pupils[m.year, m.school_id, m.stage] = float(m.pupils)
            for standard in str(m.counted_by).split(", "):
                self.counted.add((m.year, standard, m.school_id, m.stage))
        values = release["indicator_value"].query("state == 'ok'")
        self.values = {(v.year, v.school_id, v.stage, v.indicator_id): float(v.value) for v in values.itertuples()}
        self.years = set(release["school"].year)

    def value(self, year: int, standard: str, school: str, stage: str, indicator: str) -> float | None:
        """Null where the standard does not count the school's stage."""
        counts = (year, standard, school, stage) in self.counted
        return self.values.get((year, school, stage, indicator)) if counts else None


def too_many(lacking: Iterable[float], there: Iterable[float]) -> bool:
    """More than 5 % of the pupils are of schools without a value, or nobody knows how many."""
    without, with_value = math.fsum(lacking), math.fsum(there)
    return math.isnan(without) or without * 100 > MISSING_PUPILS_PCT * (without + with_value)

"""What one roster has that another has not: counties and schools new, gone, renamed, moved; and which changes of codes
that suggests. Joined by codes; names are only compared, except to propose that a code was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.schema.model import Division, DivisionChange
from pipeline.store.roster import Roster

Named = tuple[str, str]
"""Code and name."""
Renamed = tuple[str, str, str]
"""Code, name before and name now."""


@dataclass(frozen=True)
class Compared:
    """Changes of one kind of thing from one roster to another, each sorted by code. ``moved``: code, parent before, now."""

    new: tuple[Named, ...]
    gone: tuple[Named, ...]
    renamed: tuple[Renamed, ...]
    moved: tuple[Renamed, ...]

    @property
    def is_same(self) -> bool:
        return not (self.new or self.gone or self.renamed or self.moved)


@dataclass(frozen=True)
class RosterDiff:
    """What changes from one roster to another."""

    divisions: Compared
    counties: Compared
    schools: Compared

    @property
    def is_same(self) -> bool:
        return self.divisions.is_same and self.counties.is_same and self.schools.is_same


def compare(before: Roster, now: Roster) -> RosterDiff:
    """What changes from ``before`` to ``now``: provinces and prefectures, counties, schools."""
    return RosterDiff(
        _compared(_divisions(before, is_county=False), _divisions(now, is_county=False)),
        _compared(_divisions(before, is_county=True), _divisions(now, is_county=True)),
        _compared(_schools(before), _schools(now)),
    )


def _divisions(roster: Roster, *, is_county: bool) -> dict[str, Named]:
    """Code → name and parent."""
    return {d.code: (d.name_zh, d.parent_code) for d in roster.divisions if (d.level == "county") == is_county}


def _schools(roster: Roster) -> dict[str, Named]:
    rows = roster.schools.select("school_id", "name", "county_code").iter_rows()
    return {code: (name, county) for code, name, county in rows}


def _compared(before: Mapping[str, Named], now: Mapping[str, Named]) -> Compared:
    both = sorted(before.keys() & now.keys())
    return Compared(
        tuple((code, now[code][0]) for code in sorted(now.keys() - before.keys())),
        tuple((code, before[code][0]) for code in sorted(before.keys() - now.keys())),
        tuple((code, before[code][0], now[code][0]) for code in both if before[code][0] != now[code][0]),
        tuple((code, before[code][1], now[code][1]) for code in both if before[code][1] != now[code][1]),
    )


def proposed(before: Sequence[Division], now: Sequence[Division], year: int) -> tuple[DivisionChange, ...]:
    """Changes of codes that two lists of divisions suggest: another name under the same code is a renaming; the same name
    of the same level under the same parent (or one of the same name) with another code is a new code.

    Splits and merges cannot be told from lists. Where several go by one name nothing is proposed.
    """
    then, today = {d.code: d for d in before}, {d.code: d for d in now}
    return tuple(
        sorted((*_renamed(then, today, year), *_recoded(then, today, year)), key=lambda c: (c.kind, c.old_code))
    )


def _renamed(then: Mapping[str, Division], today: Mapping[str, Division], year: int) -> Iterator[DivisionChange]:
    for code in then.keys() & today.keys():
        if then[code].name_zh != today[code].name_zh:
            yield DivisionChange(year=year, kind="rename", old_code=code, new_code=code)


def _recoded(then: Mapping[str, Division], today: Mapping[str, Division], year: int) -> Iterator[DivisionChange]:
    gone, new = _by_name(then, then.keys() - today.keys()), _by_name(today, today.keys() - then.keys())
    for called in gone.keys() & new.keys():
        if len(gone[called]) == len(new[called]) == 1:
            old_code, new_code = gone[called][0], new[called][0]
            yield DivisionChange(year=year, kind="recode", old_code=old_code, new_code=new_code)


def _by_name(divisions: Mapping[str, Division], codes: set[str]) -> dict[tuple[str, str, str], list[str]]:
    """Level, name and parent's name → codes. The name of a parent stands for it, so that counties follow a prefecture
    that was given another code."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for code in sorted(codes):
        division = divisions[code]
        above = divisions.get(division.parent_code)
        found.setdefault((division.level, division.name_zh, above.name_zh if above else ""), []).append(code)
    return found

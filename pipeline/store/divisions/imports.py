"""Making the roster of a year from an official list and last year's schools: planned first, then written at once.

A plan holds what would be written and everything worth saying about it, so that a rehearsal and the real thing tell the
same. Writing proves the roster before it takes its place.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import HomeError
from pipeline.schema.model import Catalogue, Division, DivisionChange
from pipeline.store.divisions.changes import add_changes
from pipeline.store.divisions.codes import OfficialList, official_list
from pipeline.store.divisions.compare import RosterDiff, compare, proposed
from pipeline.store.divisions.schools import SchoolList, placed, schools_of_file, schools_of_home
from pipeline.store.home import Home, write_atomically
from pipeline.store.roster import (
    FIRST_YEAR,
    LAST_YEAR,
    Roster,
    read_roster,
    read_roster_file,
    roster_path,
    roster_years,
    with_rosters,
    write_roster,
)

ENCODINGS = ("utf-8", "gb18030")
"""Encodings in which lists are published; a byte order mark goes before them."""


@dataclass(frozen=True)
class Plan:
    """What an import comes to. ``roster``: as it would be read; ``content``: its bytes. ``existing``: what of the roster that
    lies there would change, None where none lies there. ``previous``: the year of the roster before it, with what changes since.
    ``changes``: changes of codes that this suggests and that nobody has noted yet."""

    year: int
    official: OfficialList
    schools: SchoolList | None
    roster: Roster
    content: bytes
    existing: RosterDiff | None
    previous: int | None
    since: RosterDiff | None
    changes: tuple[DivisionChange, ...]


def plan_import(
    home: Home, catalogue: Catalogue, year: int, lists: Sequence[Path], *, schools_from: int | None = None,
    schools_file: Path | None = None, zones: bool = True,
) -> Plan:  # fmt: skip
    """Plans the roster of a year. ``catalogue``: as loaded, without rosters.

    Raises HomeError: one sentence that names file, row and column.
    """
    official = official_list(lists, ENCODINGS, zones)
    known = with_rosters(catalogue, home)
    previous = max((y for y in roster_years(home) if y < year), default=None)
    before = read_roster(home, previous, catalogue) if previous is not None else None
    changes = _new_changes(before, official, year, known)
    schools = _schools(home, known, year, official, schools_from, schools_file)
    rows = [_row(division, before) for division in official.divisions if not _is_own(division, catalogue, year)]
    if schools is not None:
        counties = {d.code for d in official.divisions if d.level == "county"}
        of_schools, schools = placed(schools, counties, (*known.division_changes, *changes), year)
        rows += of_schools
    content, roster = _proved(catalogue, year, rows)
    existing = read_roster(home, year, catalogue)
    return Plan(
        year, official, schools, roster, content, compare(existing, roster) if existing is not None else None, previous,
        compare(before, roster) if before is not None else None, changes,
    )  # fmt: skip


def _is_own(division: Division, catalogue: Catalogue, year: int) -> bool:
    """Whether the catalogue itself holds the division, so that a roster need not."""
    return any(d.code == division.code and d.valid_from <= year <= d.valid_to and (d.name_zh, d.level, d.parent_code) == (
        division.name_zh, division.level, division.parent_code) for d in catalogue.own_divisions)  # fmt: skip


def _new_changes(
    before: Roster | None, official: OfficialList, year: int, known: Catalogue
) -> tuple[DivisionChange, ...]:
    """Changes that the lists suggest, without those of codes of which something is noted for the year already."""
    if before is None:
        return ()
    noted = {code for c in known.division_changes if c.year == year for code in (c.old_code, c.new_code)}
    found = proposed(before.divisions, official.divisions, year)
    return tuple(c for c in found if c.old_code not in noted and c.new_code not in noted)


def _schools(
    home: Home, known: Catalogue, year: int, official: OfficialList, from_year: int | None, file: Path | None
) -> SchoolList | None:
    if from_year is not None:
        return schools_of_home(home, known, from_year)
    if file is None:
        return None
    codes = {d.code for d in known.divisions}
    listed = tuple(
        d.model_copy(update={"valid_from": FIRST_YEAR, "valid_to": LAST_YEAR})
        for d in official.divisions
        if d.code not in codes
    )
    return schools_of_file(file, known.model_copy(update={"divisions": (*known.divisions, *listed)}), year - 1)


def _row(division: Division, before: Roster | None) -> Mapping[str, Any]:
    """A roster's row; the English name of the roster before where the list has none and the name is the same."""
    english = division.name_en if division.name_en != division.name_zh else None
    if english is None and before is not None:
        held = next((d for d in before.divisions if d.code == division.code), None)
        if held is not None and held.name_zh == division.name_zh and held.name_en != held.name_zh:
            english = held.name_en
    return {
        "level": division.level, "code": division.code, "name_zh": division.name_zh, "name_en": english,
        "parent_code": division.parent_code or None,
    }  # fmt: skip


def _proved(catalogue: Catalogue, year: int, rows: Sequence[Mapping[str, Any]]) -> tuple[bytes, Roster]:
    """The bytes of the roster, and the roster as it is read back. Raises HomeError where it could not be used."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{year}.csv"
        write_roster(path, catalogue, rows)
        return path.read_bytes(), read_roster_file(path, year, catalogue)


def write_plan(home: Home, catalogue: Catalogue, plan: Plan, *, replace: bool, accept_changes: bool) -> Path:
    """Puts the roster in its place, atomically, and the changes of codes beside it where they are accepted.

    Raises HomeError where another roster lies there and ``replace`` is not given.
    """
    path = roster_path(home, plan.year)
    if path.exists() and not replace and path.read_bytes() != plan.content:
        raise HomeError(
            f"{plan.year} 年已有名册 {path}，没有改动；看过上面的变化后，加 --replace 替换",
            f"there is a roster of {plan.year} already, {path}, and it was left as it is; having seen what would change, add --replace",
        )
    home.claim(catalogue)
    write_atomically(path, plan.content)
    if accept_changes and plan.changes:
        known = with_rosters(catalogue, home)
        add_changes(home, plan.changes, known.changes_from_home)
    return path

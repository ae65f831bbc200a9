"""The register of groups and districts as spells: a school in a group from one day to another. What contradicts itself is refused."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from pipeline.errors import CatalogueError, HomeError
from pipeline.schema.group_rules import GroupRules
from pipeline.schema.load import Place
from pipeline.schema.register import GroupEntry
from pipeline.store.home import Home
from pipeline.store.registers import read_register

Row = tuple[GroupEntry, Place]


@dataclass(frozen=True)
class Spell:
    """A row of the register. ``joined_on``: when the school came to this group under whatever name it had then and in whatever
    role; None where the register does not say. ``line``: where it stands."""

    entry: GroupEntry
    role: str | None
    form: str | None
    joined_on: datetime.date | None
    line: int

    def holds_on(self, day: datetime.date) -> bool:
        """Whether the school is in the group on a day: from the day it joined, up to the day before it left."""
        start, end = _bounds(self.entry)
        return start <= day < end


def read_spells(home: Home, rules: GroupRules) -> list[Spell]:
    """The spells of a home's register, in the order of the file; none where it keeps none.

    Raises HomeError, one sentence that names file and line, for a row that says a word no setting knows, and for rows that cannot
    both be true: a school in two groups of a kind at once, a group with two leads or two names at once, a former group that is none.
    """
    rows = read_register(home, GroupEntry)
    try:
        _refuse_contradictions(rows, rules)
        return [_spell(entry, place, rows, rules) for entry, place in rows]
    except CatalogueError as error:
        raise HomeError(error.zh, error.en) from None


def _spell(entry: GroupEntry, place: Place, rows: list[Row], rules: GroupRules) -> Spell:
    role = _known(entry.role, rules.roles, "role", place)
    form = _known(entry.form, rules.forms, "form", place)
    return Spell(entry, role, form, _since(entry, [e for e, _ in rows]), place.line)


def _known(word: str | None, words: dict[str, str], column: str, place: Place) -> str | None:
    if word is None:
        return None
    if word not in words:
        listed = ", ".join(words)
        raise place.error((), f"{column}“{word}”不是可用的词（{listed}）", f"{column} “{word}” is none of {listed}")
    return words[word]


def _bounds(entry: GroupEntry) -> tuple[datetime.date, datetime.date]:
    return entry.joined_on or datetime.date.min, entry.left_on or datetime.date.max


def _since(entry: GroupEntry, entries: list[GroupEntry]) -> datetime.date | None:
    """The day a school joined, before renamings and changes of role: its earlier rows that end where the next begins."""
    start, group, former = entry.joined_on, entry.group_id, entry.former_group_id
    same = [e for e in entries if (e.kind, e.school_id) == (entry.kind, entry.school_id)]
    while start is not None:
        days = (start, start - datetime.timedelta(days=1))
        earlier = next((e for e in same if e.left_on in days and e.group_id in (group, former)), None)
        if earlier is None:
            return start
        start, group, former = earlier.joined_on, earlier.group_id, earlier.former_group_id
    return None


def _refuse_contradictions(rows: list[Row], rules: GroupRules) -> None:
    """Raises CatalogueError at the later of two rows that cannot both be true."""
    known = {(entry.kind, entry.group_id) for entry, _ in rows}
    for entry, place in rows:
        if entry.former_group_id and (entry.kind, entry.former_group_id) not in known:
            former = entry.former_group_id
            raise place.error(
                (), f"原编号“{former}”不在登记册中", f"former_group_id “{former}” is no group of the register"
            )
    for first, second in _at_once(((e.kind, e.school_id), e, p) for e, p in rows):
        school, groups = second[0].school_id, f"{first[0].group_id}, {second[0].group_id}"
        raise second[1].error(
            (),
            f"学校 {school} 同时在两处（{groups}，见第 {first[1].line} 行）",
            f"school {school} is in two at once ({groups}; see line {first[1].line})",
        )
    leads = [(e, p) for e, p in rows if e.role and rules.roles.get(e.role) == "lead"]
    for first, second in _at_once(((e.kind, e.group_id), e, p) for e, p in leads):
        group, schools = second[0].group_id, f"{first[0].school_id}, {second[0].school_id}"
        raise second[1].error(
            (),
            f"集团 {group} 同时有两所牵头学校（{schools}，见第 {first[1].line} 行）",
            f"group {group} has two leads at once ({schools}; see line {first[1].line})",
        )
    _refuse_two_names(rows)


def _refuse_two_names(rows: list[Row]) -> None:
    """A name may change with time; on one day a group has one."""
    named: dict[tuple[str, str], list[Row]] = {}
    for entry, place in rows:
        others = named.setdefault((entry.kind, entry.group_id), [])
        for other, there in others:
            if other.group_name != entry.group_name and _overlap(other, entry):
                names = f"{other.group_name}, {entry.group_name}"
                raise place.error(
                    (),
                    f"{entry.group_id} 同时有两个名称（{names}，见第 {there.line} 行）",
                    f"{entry.group_id} has two names at once ({names}; see line {there.line})",
                )
        if all(other.group_name != entry.group_name or _bounds(other) != _bounds(entry) for other, _ in others):
            others.append((entry, place))


def _at_once(rows: Iterable[tuple[Hashable, GroupEntry, Place]]) -> Iterable[tuple[Row, Row]]:
    """Pairs of rows of one key that hold on the same day, the later in the file second."""
    by_key: dict[Hashable, list[Row]] = {}
    for key, entry, place in rows:
        for other, there in by_key.get(key, []):
            if _overlap(other, entry):
                yield (other, there), (entry, place)
        by_key.setdefault(key, []).append((entry, place))


def _overlap(one: GroupEntry, other: GroupEntry) -> bool:
    (start, end), (since, until) = _bounds(one), _bounds(other)
    return start < until and since < end

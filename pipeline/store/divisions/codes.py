"""Rows of a list to divisions: what a code says of level and parent, in the shapes in which lists are published.

Codes of GB/T 2260 (two, four or six digits; the civil-affairs bureau fills up with zeros to six, the statistics bureau to
twelve and adds towns and villages) say their level and parent themselves. Other codes stand as they are, and the list names
each parent. Divisions are held by two, four and six digits for province, prefecture and county, as the catalogue has them.
Names stay as they are and nothing is joined by them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import HomeError
from pipeline.schema.check_values import HEIGHTS
from pipeline.schema.model import Division
from pipeline.store.divisions.lists import LeftOut, Listed, read_lists, words

GB_LENGTHS = (2, 4, 6, 9, 12)
_DIGITS = re.compile(r"\d+")
_MOSTLY = 0.9
"""A list of which so many codes have the shape of GB/T 2260 is one; the others are mistakes in it."""

PROVINCE, PREFECTURE, COUNTY, TOWN = 2, 4, 6, 9
"""Digits that a code of each level has, once the zeros behind it are gone."""


@dataclass(frozen=True)
class OfficialList:
    """What a list came to. ``divisions``: province first, by code; their years are those of the roster they enter.
    ``left_out``: rows not taken. ``told``: what else is worth knowing, by reason, with the divisions it is about."""

    divisions: tuple[Division, ...]
    left_out: tuple[LeftOut, ...]
    told: dict[str, tuple[str, ...]]

    def count(self, level: str) -> int:
        """How many divisions of a level there are."""
        return sum(d.level == level for d in self.divisions)


def official_list(paths: Sequence[Path], encodings: Sequence[str], zones: bool = True) -> OfficialList:
    """Reads the files of one list, which complete each other. ``zones``: whether development zones are counties.

    Raises HomeError: one sentence with file, row, column, what was found and expected.
    """
    listed, notes = read_lists(paths, encodings)
    if not listed:
        names = "、".join(path.name for path in paths)
        raise HomeError(f"名单 {names} 中没有区划", f"the list {names} names no division")
    made = _by_codes(listed, zones) if is_gb(listed) else _by_parents(listed)
    marked = tuple(f"{row.code} {row.name}" for row in listed if row.has_mark)
    told = made.told | ({"mark": marked} if marked else {})
    return OfficialList(made.divisions, (*made.left_out, *notes), told)


def is_gb(listed: Sequence[Listed]) -> bool:
    """Whether the codes say level and parent: digits of the right number, and no parent that is not their beginning."""
    sound = [row for row in listed if _DIGITS.fullmatch(row.code) and len(row.code) in GB_LENGTHS]
    if any(row.level for row in listed) or len(sound) < _MOSTLY * len(listed):
        return False
    return all(row.code.startswith(_bare(row.parent)) for row in sound if row.parent.strip("0"))


def _bare(code: str) -> str:
    """A code without the pairs of zeros that fill it up."""
    digits = code[: -(len(code) - COUNTY)] if len(code) > COUNTY and not code[COUNTY:].strip("0") else code
    while len(digits) in (PREFECTURE, COUNTY) and digits.endswith("00"):
        digits = digits[:-2]
    return digits


# -- codes that say their level ----------------------------------------------------------------------------------------


def _by_codes(listed: Sequence[Listed], zones: bool) -> OfficialList:
    left: list[LeftOut] = []
    told: dict[str, list[str]] = {}
    taken: dict[str, Listed] = {}
    gathered: set[str] = set()
    for row in listed:
        code = _gb(row)
        reason = _not_taken(row, code, zones)
        if reason is None and code in taken:
            if taken[code].name != row.name:
                zh = f"与第 {taken[code].row} 行的“{taken[code].name}”不重复的代码"
                raise row.refusal(
                    "代码 code", row.code, zh, f"a code that row {taken[code].row} (“{taken[code].name}”) does not have"
                )
            reason = "repeated"
        if reason == "gathering":
            gathered.add(code)
        if reason is None:
            taken[code] = row
        else:
            left.append(LeftOut(reason, row.code, row.name, row.file, row.row))
    divisions = [_division(code, row, _parent(code, row, taken, gathered, told)) for code, row in taken.items()]
    divisions += _alone(divisions, told)
    _tell(divisions, told)
    return OfficialList(_in_order(divisions), tuple(left), {reason: tuple(names) for reason, names in told.items()})


def _gb(row: Listed) -> str:
    """The code by two, four, six or nine digits. A six-digit code that names its first four as parent is a county even
    where it ends in zeros (a prefecture without counties)."""
    if not _DIGITS.fullmatch(row.code) or len(row.code) not in GB_LENGTHS:
        raise row.refusal("代码 code", row.code, "2、4、6 或 12 位数字", "2, 4, 6 or 12 digits")
    if len(row.code) > COUNTY and row.code[COUNTY:].strip("0"):
        return row.code[:TOWN]
    code = _bare(row.code)
    is_own_county = len(row.code) >= COUNTY and len(code) == PREFECTURE and row.parent[:COUNTY] in (code, f"{code}00")
    return f"{code}00" if is_own_county else code


def _not_taken(row: Listed, code: str, zones: bool) -> str | None:
    """Why a row is no division of a roster, or None where it is one."""
    if len(code) == TOWN:
        return "town"
    if len(code) == PREFECTURE and row.name in words()["gatherings"]:
        return "gathering"
    if len(code) == COUNTY and row.name in words()["gatherings"]:
        return "districts"
    if len(code) == COUNTY and not zones and is_zone(code):
        return "zone"
    return None


def is_zone(code: str) -> bool:
    """Whether a code of six digits is that of a development zone that only statistics count apart."""
    span = words()["zone_digits"]
    return code[4:6].isdigit() and span["from"] <= int(code[4:6]) <= span["to"]


def _parent(code: str, row: Listed, taken: dict[str, Listed], gathered: set[str], told: dict[str, list[str]]) -> str:
    """The code of the division above: by the code's own digits, the province where no prefecture stands between.

    Raises HomeError where it is not on the list.
    """
    if len(code) == PROVINCE:
        return ""
    above = code[:PREFECTURE] if len(code) == COUNTY else code[:PROVINCE]
    if above in taken:
        return above
    province = code[:PROVINCE]
    if province in taken and (above in gathered or _may_lack_prefecture(code, taken[province].name)):
        told.setdefault("direct", []).append(f"{code} {row.name}")
        return province
    raise row.refusal(
        "代码 code", row.code, f"上级 {above if province in taken else province} 也在名单上的代码",
        f"a code whose parent {above if province in taken else province} is on the list too",
    )  # fmt: skip


def _may_lack_prefecture(code: str, province: str) -> bool:
    rules = words()["without_prefecture"]
    middle = code[PROVINCE:PREFECTURE]
    is_municipality = province.endswith(rules["municipality_ends"])
    return middle in rules["of_province"] or (is_municipality and middle in rules["of_municipality"])


def _alone(divisions: Sequence[Division], told: dict[str, list[str]]) -> Iterator[Division]:
    """A county for each prefecture that has none: it runs schools itself, under its own six digits."""
    parents = {d.parent_code for d in divisions if d.level == "county"}
    for division in divisions:
        if division.level == "prefecture" and division.code not in parents:
            told.setdefault("alone", []).append(f"{division.code}00 {division.name_zh}")
            update = {"code": f"{division.code}00", "level": "county", "parent_code": division.code}
            yield division.model_copy(update=update)


def _tell(divisions: Sequence[Division], told: dict[str, list[str]]) -> None:
    zones = [f"{d.code} {d.name_zh}" for d in divisions if d.level == "county" and is_zone(d.code)]
    alone = [
        f"{d.code} {d.name_zh}"
        for d in divisions
        if d.level == "county" and d.code.endswith("00") and f"{d.code} {d.name_zh}" not in told.get("alone", ())
    ]
    empty = _without_counties(divisions)
    for reason, names in (("zone", zones), ("alone", alone), ("empty", empty)):
        if names:
            told.setdefault(reason, []).extend(names)


def _without_counties(divisions: Sequence[Division]) -> list[str]:
    parents = {d.parent_code for d in divisions}
    return [f"{d.code} {d.name_zh}" for d in divisions if d.level == "province" and d.code not in parents]


def _division(code: str, row: Listed, parent: str) -> Division:
    level = {PROVINCE: "province", PREFECTURE: "prefecture", COUNTY: "county"}[len(code)]
    return _made(code, row, level, parent)


def _made(code: str, row: Listed, level: str, parent: str) -> Division:
    return Division(code=code, name_zh=row.name, name_en=row.name_en or row.name, level=level, parent_code=parent)  # type: ignore[arg-type]


def _in_order(divisions: Sequence[Division]) -> tuple[Division, ...]:
    return tuple(sorted(divisions, key=lambda d: (-HEIGHTS[d.level], d.code)))


# -- lists that name parents -------------------------------------------------------------------------------------------


def _by_parents(listed: Sequence[Listed]) -> OfficialList:
    rows: dict[str, Listed] = {}
    left: list[LeftOut] = []
    for row in listed:
        if row.code not in rows:
            rows[row.code] = row
        elif (rows[row.code].name, rows[row.code].parent) == (row.name, row.parent):
            left.append(LeftOut("repeated", row.code, row.name, row.file, row.row))
        else:
            first = rows[row.code].row
            raise row.refusal(
                "代码 code", row.code, f"与第 {first} 行不重复的代码", f"a code that row {first} does not have"
            )
    for row in rows.values():
        if row.parent and row.parent not in rows:
            raise row.refusal("上级 parent", row.parent, "名单上的代码", "a code of the list")
    depth = {code: _depth(code, rows) for code in rows}
    children = Counter(row.parent for row in rows.values())
    is_flat = not any(row.parent for row in rows.values())
    divisions = [
        _made(code, row, _level(row, depth[code], children[code] > 0, is_flat), row.parent)
        for code, row in rows.items()
    ]
    empty = [] if is_flat else _without_counties(divisions)
    return OfficialList(_in_order(divisions), tuple(left), {"empty": tuple(empty)} if empty else {})


def _depth(code: str, rows: dict[str, Listed]) -> int:
    """How many divisions stand above. Raises HomeError where following parents does not end, or goes too deep."""
    depth, here = 0, rows[code]
    while here.parent:
        depth, here = depth + 1, rows[here.parent]
        if depth >= len(HEIGHTS):
            row = rows[code]
            raise row.refusal(
                "上级 parent",
                row.parent,
                "至多三级（省、市、县）",
                "three levels at most (province, prefecture, county)",
            )
    return depth


def _level(row: Listed, depth: int, has_children: bool, is_flat: bool) -> str:
    """The level that the list names, else what the place in the tree says: roots are provinces, leaves counties."""
    if row.level:
        named = (level for level, texts in words()["levels"].items() if row.level.casefold() in texts)
        level = next(named, None)
        if level is None:
            raise row.refusal("级别 level", row.level, "省、市、县三级之一", "province, prefecture or county")
        return str(level)
    if is_flat:
        return "county"
    return "province" if depth == 0 else "prefecture" if has_children else "county"

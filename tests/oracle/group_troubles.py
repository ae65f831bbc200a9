"""Groups and districts in which everything occurs: renamings, leads of every kind, groups across counties, words of returns, budgets."""

from __future__ import annotations

from pathlib import Path

from tests.oracle.books import CountyBook
from tests.oracle.cells import Expected, read_returns, read_roster

HEADER = "kind,group_id,group_name,county_code,school_id,role,form,joined_on,left_on,former_group_id"
LEAD, MEMBER, CLOSE, LOOSE = "牵头校", "成员校", "紧密型", "合作型"
NOWHERE = "2199999999"
"""A school that no return and no roster knows."""
BUDGETS = {2024: 250_000, 2025: 1_300_000}


def group_trouble(home: Path) -> None:
    """More lines for the register of groups, words in the returns of counties without one, budgets that do not reach. Counties are taken
    by place among those whose groups the register does not keep."""
    roster = read_roster(home / "roster" / "2025.csv")
    path = home / "registers" / "groups.csv"
    kept = path.read_text(encoding="utf-8-sig").splitlines()[1:]
    free = [c for c in roster.counties if not any(line.split(",")[3] == c for line in kept)]
    lines = [*kept, *_renamed(roster, free[0]), *_across(roster, free[1], free[2]), *_districts(roster, free[0])]
    lines += _late(roster, roster.counties[-1]) + _led_by_a_senior_school(home, roster)
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8-sig")
    _budgets(home, roster)
    for year in (2023, 2024, 2025):
        _words(home / "inbox" / str(year) / f"{free[3]}.xlsx", year)


def _ids(roster: Expected, county: str, *kinds: str) -> list[str]:
    return [
        i
        for i, s in roster.schools.items()
        if s["county"] == county and s["school_type"] in (kinds or ("211", "311", "312"))
    ]


def _line(*cells: str) -> str:
    return ",".join([*cells, *[""] * (10 - len(cells))])


def _renamed(roster: Expected, county: str) -> list[str]:
    """A group under two names, its lead once a member, a day after the collection, a member of unknown day and one of no return."""
    first, second, third, fourth, *_ = _ids(roster, county)
    old, new = ("group", f"{county}-R1", "旧集团", county), ("group", f"{county}-R2", "新集团", county)
    return [
        _line(*old, first, MEMBER, CLOSE, "2022-08-20", "2023-08-20"),
        _line(*old, first, LEAD, CLOSE, "2023-08-20", "2024-08-20"),
        _line(*old, second, MEMBER, CLOSE, "2023-09-02", "2024-08-20"),
        _line(*new, first, LEAD, CLOSE, "2024-08-20", "", f"{county}-R1"),
        _line(*new, second, MEMBER, LOOSE, "2024-08-21", "", f"{county}-R1"),
        _line(*new, third, MEMBER, CLOSE),
        _line(*new, fourth, MEMBER, CLOSE, "2025-09-01"),
        _line(*new, NOWHERE, MEMBER, CLOSE, "2025-08-20"),
    ]  # fmt: skip


def _across(roster: Expected, keeper: str, other: str) -> list[str]:
    """A group of two counties, kept by one of them, and one that nobody leads and that a school leaves on the day of the collection."""
    mine, theirs = _ids(roster, keeper), _ids(roster, other)
    wide, flat = ("group", f"{keeper}-W", "跨县集团", keeper), ("group", f"{keeper}-F", "无头集团", keeper)
    return [
        _line(*wide, mine[0], LEAD, LOOSE, "2024-01-01"),
        _line(*wide, mine[1], MEMBER, LOOSE, "2024-01-01"),
        _line(*wide, theirs[0], MEMBER, LOOSE, "2025-01-01"),
        _line(*flat, mine[2], MEMBER, "", "2022-01-01"),
        _line(*flat, mine[3], MEMBER, "", "2024-01-01", "2025-09-01"),
    ]


def _districts(roster: Expected, county: str) -> list[str]:
    """Two districts for some of a county's schools; the others name one in their return alone."""
    first, second, third, *_ = _ids(roster, county)
    return [_line("district", f"{county}-X{n}", f"第{n}片", "", i) for n, i in ((1, first), (1, second), (2, third))]


def _late(roster: Expected, county: str) -> list[str]:
    """A group of the county that sent nothing in the second year."""
    first, second, *_ = _ids(roster, county)
    late = ("group", f"{county}-L", "迟报集团", county)
    return [
        _line(*late, first, LEAD, CLOSE, "2023-09-01"),
        _line(*late, second, MEMBER, CLOSE, "2024-09-01"),
    ]


def _led_by_a_senior_school(home: Path, roster: Expected) -> list[str]:
    """A lead without compulsory pupils; no roster names it."""
    rows = [
        (r.county, s) for r in read_returns(home / "inbox") for s in r.parts["schools"] if s["school_type"] == "342"
    ]
    county, senior = rows[0][0], rows[0][1]["school_id"]
    led = ("group", f"{county}-S", "高中集团", county)
    members = _ids(roster, county)[1:3]
    return [
        _line(*led, senior, LEAD, CLOSE, "2024-08-20"),
        *(_line(*led, i, MEMBER, CLOSE, "2024-08-20") for i in members),
    ]


def _budgets(home: Path, roster: Expected) -> None:
    area = roster.parents[roster.counties[0]]
    rows = [f"{year},{area},{yuan},年度预算（虚构）" for year, yuan in BUDGETS.items()]
    path = home / "registers" / "group_budgets.csv"
    path.write_text("\n".join(["year,area_code,budget_yuan,basis", *rows]) + "\n", encoding="utf-8-sig")


def _words(path: Path, year: int) -> None:
    """Groups by the return: two leads, a word that is no role, one that joins, one that changes groups, one that is called anew."""
    with CountyBook(path) as book:
        ids = [cell.value for cell in book.cells("学校", None, "school_id")]
        said = {
            ids[0]: ("甲", LEAD),
            ids[1]: ("甲", "核心校"),
            ids[2]: ("乙", "校长"),
            ids[3]: ("乙" if year < 2024 else "甲", MEMBER),
        }
        if year > 2023:
            said[ids[4]] = ("甲", MEMBER)
        if year == 2025:
            said[ids[2]] = ("丙", LEAD)
        for school, (group, role) in said.items():
            book.put("学校", str(school), "group_id", group)
            book.put("学校", str(school), "group_role", role)

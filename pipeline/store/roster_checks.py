"""What a roster must hold before it is used: the first row that does not, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import polars as pl

from pipeline.errors import HomeError
from pipeline.schema.check_values import HEIGHTS, NATION
from pipeline.schema.model import Division

SCHOOL = "school"
LEVELS = (*sorted(HEIGHTS, key=lambda level: -HEIGHTS[level]), SCHOOL)
PUPILS = "pupils"
"""Kind of the columns that hold last year's pupils."""
NUMBERS = ("integer", "number", "boolean", PUPILS)
PARENT = "parent_school_id"

Described = Sequence[tuple[str, str]]
"""Columns that say what a school is, each with its kind."""


def holds_numbers(kind: str) -> bool:
    """Whether a column of this kind holds numbers."""
    return kind in NUMBERS


def refusal(name: str, row: int, column: str, found: str | None, zh: str, en: str) -> HomeError:
    """The sentence about one cell: file, row, column, what was found, what was expected."""
    shown_zh, shown_en = (f"“{found}”", f"“{found}”") if found is not None else ("空白", "a blank")
    return HomeError(
        f"名册 {name} 第 {row} 行“{column}”列为{shown_zh}，应为{zh}",
        f"the roster {name}, row {row}, column “{column}” holds {shown_en}, expected {en}",
    )


def stop_at_first_fault(name: str, rows: pl.DataFrame, own: Sequence[Division], described: Described) -> None:
    """Raises HomeError for the first fault; each check may assume what those before it proved.

    ``rows``: the file as text, with row numbers. ``own``: divisions that the catalogue itself holds in the year.
    """
    divisions = rows.filter(pl.col("level") != SCHOOL)
    schools = rows.filter(pl.col("level") == SCHOOL)
    checks = (
        _lead(rows), _repeated(divisions), _repeated(schools), _divisions(divisions, own), _counties(rows, own),
        _values(schools, described), _parents(schools),
    )  # fmt: skip
    for row, column, found, zh, en in chain.from_iterable(checks):  # lazily: the first that finds something ends it
        raise refusal(name, row, column, found, zh, en)


Fault = tuple[int, str, str | None, str, str]
"""Row, column, what was found, what was expected (zh, en)."""


def _lead(rows: pl.DataFrame) -> Iterator[Fault]:
    listed = "、".join(LEVELS), ", ".join(LEVELS)
    yield from _first(rows, "level", ~pl.col("level").is_in(LEVELS).fill_null(False), listed[0], f"one of {listed[1]}")
    yield from _first(rows, "code", pl.col("code").is_null(), "代码", "a code")
    yield from _first(rows, "name_zh", pl.col("name_zh").is_null(), "名称", "a name")


def _first(rows: pl.DataFrame, column: str, wrong: pl.Expr, zh: str, en: str) -> Iterator[Fault]:
    """The first row for which ``wrong`` holds."""
    found = rows.filter(wrong).head(1)
    if found.height:
        yield found["row"][0], column, found[column][0], zh, en


def _repeated(rows: pl.DataFrame) -> Iterator[Fault]:
    again = rows.with_columns(first=pl.col("row").first().over("code")).filter(pl.col("row") != pl.col("first"))
    for row in again.head(1).iter_rows(named=True):
        zh, en = (
            f"不重复的代码（第 {row['first']} 行已有）",
            f"a code that stands once (it stands in row {row['first']})",
        )
        yield row["row"], "code", row["code"], zh, en


def _divisions(rows: pl.DataFrame, own: Sequence[Division]) -> Iterator[Fault]:
    """Parents that are there and of a higher level (so no division is above itself), and names the catalogue agrees with."""
    known = {d.code: d for d in own}
    heights = {code: HEIGHTS[d.level] for code, d in known.items()}
    heights |= {code: HEIGHTS[level] for code, level in rows.select("code", "level").iter_rows()}
    for row in rows.iter_rows(named=True):
        number, code, parent = row["row"], row["code"], row["parent_code"]
        if code == NATION:
            yield (
                number,
                "code",
                code,
                f"“{NATION}”以外的代码（它留给全国）",
                f"a code other than “{NATION}”, the nation's",
            )
        if parent is not None and parent not in heights:
            yield number, "parent_code", parent, "名册或目录中的区划代码", "a division of the roster or the catalogue"
        elif parent is not None and heights[parent] <= HEIGHTS[row["level"]]:
            yield number, "parent_code", parent, f"级别高于 {row['level']} 的区划", f"a division above {row['level']}"
        if code in known:
            yield from _disagreements(number, row, known[code])


def _disagreements(number: int, row: dict[str, str | None], known: Division) -> Iterator[Fault]:
    """Where a roster names a division of the catalogue otherwise than the catalogue does."""
    for column, held in (("level", known.level), ("name_zh", known.name_zh), ("parent_code", known.parent_code)):
        if (row[column] or "") != held:
            zh = f"“{held}”，因为目录中 {known.code} 如此"
            yield number, column, row[column], zh, f"“{held}”, as the catalogue has {known.code}"


def _counties(rows: pl.DataFrame, own: Sequence[Division]) -> Iterator[Fault]:
    counties = {d.code for d in own if d.level == "county"}
    counties |= set(rows.filter(pl.col("level") == "county")["code"])
    wrong = (pl.col("level") == SCHOOL) & ~pl.col("parent_code").is_in(list(counties)).fill_null(False)
    yield from _first(rows, "parent_code", wrong, "名册或目录中的县级代码", "a county of the roster or the catalogue")


def _values(schools: pl.DataFrame, described: Described) -> Iterator[Fault]:
    """Numbers where numbers belong: truth values 1 or 0, pupils not below 0."""
    for column, kind in described:
        if not holds_numbers(kind):
            continue
        number = pl.col(column).cast(pl.Float64, strict=False)
        sound = number.is_finite()
        zh, en = "数字", "a number"
        if kind == "boolean":
            sound, zh, en = number.is_in([0.0, 1.0]), "1 或 0", "1 or 0"
        elif kind == PUPILS:
            sound, zh, en = (
                sound & (number >= 0) & (number == number.floor()),
                "不小于 0 的整数",
                "a whole number from 0 on",
            )
        yield from _first(schools, column, pl.col(column).is_not_null() & ~sound.fill_null(False), zh, en)


def _parents(schools: pl.DataFrame) -> Iterator[Fault]:
    """A school's parent is a school of the same county, and following parents ends."""
    listed = schools.select("row", "code", PARENT, "parent_code").filter(pl.col(PARENT).is_not_null())
    county = dict(schools.select("code", "parent_code").iter_rows())
    above = dict(listed.select("code", PARENT).iter_rows())
    for number, code, parent, own in listed.iter_rows():
        if county.get(parent) != own:
            yield number, PARENT, parent, "名册中同一区县的学校", "a school of the same county in the roster"
        elif _comes_back(code, above):
            yield number, PARENT, parent, "不绕回本校的所属学校", "a parent that does not lead back to the school"


def _comes_back(code: str, above: dict[str, str]) -> bool:
    seen = {code}
    here = above.get(code)
    while here is not None and here not in seen:
        seen.add(here)
        here = above.get(here)
    return here is not None

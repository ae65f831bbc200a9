"""The schools of the year before, as rows of the next roster: from what counted in a home, or from a file.

A row says who a school is and how many pupils each of its stages had. Which county it lies in is told by its code, which
follows the changes of codes of the roster's year. Nothing is left out without a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import HomeError
from pipeline.returns.csv_file import read_csv
from pipeline.returns.reader import read_file
from pipeline.returns.table import UnreadableError
from pipeline.returns.workbook import is_workbook
from pipeline.schema.entry import RecordType
from pipeline.schema.model import Catalogue, DivisionChange
from pipeline.store.divisions.changes import followed
from pipeline.store.home import Home
from pipeline.store.ingest import frames_of
from pipeline.store.ledger import counted
from pipeline.store.roster import REQUIRED, attributes, pupil_columns, schools_in_file
from pipeline.store.roster_checks import PARENT, SCHOOL
from pipeline.store.units import UNIT, pupils_given, units_of

REASONS = {
    "no_pupils": ("各学段均填 0 人", "0 pupils in every stage"),
    "two_counties": ("被两个区县同时填报", "claimed by two counties"),
    "county_gone": ("所在区县不在新名单上，也没有登记唯一的新代码", "its county is not on the list and no single new code is known"),
    "critical": ("有严重问题，未读取", "critical findings, not read"),
    "silent": ("在上年名册上，但上年没有报送", "on that year's roster, but nothing came of it that year"),
}  # fmt: skip
TOLD = {
    "quarantined": ("上年被隔离，仍列入", "quarantined that year, kept all the same"),
    "parent": ("所属学校不在同一区县的名册上，已留空", "its parent is no school of the same county on the roster; left blank"),
    "followed": ("所在区县换了代码，随之改动", "its county has another code now and was followed"),
}  # fmt: skip

Noted = tuple[str, str, str]
"""Reason, school id, name."""


@dataclass(frozen=True)
class SchoolList:
    """Schools of the year before. ``rows``: a row a school: school_id, name, county_code, attributes and pupils by stage,
    sorted by id. ``left_out`` and ``told``: which were not taken, and what was done to those that were."""

    rows: pl.DataFrame
    left_out: tuple[Noted, ...] = ()
    told: tuple[Noted, ...] = ()


Frames = dict[RecordType, pl.DataFrame]


def schools_of_home(home: Home, catalogue: Catalogue, year: int) -> SchoolList:
    """Schools that counted in a year of a home, and those that were quarantined; not those that a roster named in vain.

    Raises HomeError where nothing was read of the year.
    """
    if year not in home.years():
        raise HomeError(
            f"工作目录 {home.path} 没有 {year} 年的数据；请先运行 junheng run，或用 --schools 给出学校文件",
            f"the home {home.path} holds nothing of {year}; run junheng run first, or name a file of schools with --schools",
        )
    then = counted(home, catalogue, [year])
    both: Frames = {record: pl.concat([then.counting[record], then.lost[record]]) for record in then.counting}
    counting = set(then.counting["school"]["school_id"]) | set(then.counting["stage"]["school_id"])
    schools = _rows(catalogue, both)
    aside = schools.filter(~pl.col("school_id").is_in(list(counting)))
    claims = pl.concat([frame.select("school_id", "county_code") for frame in both.values()]).unique()
    twice = claims.filter(pl.len().over("school_id") > 1)["school_id"].unique().to_list()
    silent = _silent(home, catalogue, year, set(schools["school_id"]))
    taken = schools.filter(~pl.col("school_id").is_in(twice))
    return _with_pupils(
        catalogue, taken,
        (*_noted("two_counties", schools.filter(pl.col("school_id").is_in(twice))), *silent),
        _noted("quarantined", aside.filter(~pl.col("school_id").is_in(twice))),
    )  # fmt: skip


def _silent(home: Home, catalogue: Catalogue, year: int, came: set[str]) -> tuple[Noted, ...]:
    """Schools of the year's own roster of which nothing came that year."""
    from pipeline.store.roster import read_roster

    roster = read_roster(home, year, catalogue)
    if roster is None:
        return ()
    return _noted("silent", roster.schools.filter(~pl.col("school_id").is_in(list(came))))


def schools_of_file(path: Path, catalogue: Catalogue, year: int) -> SchoolList:
    """Schools of a file: a roster's CSV, or a return in any layout that the catalogue knows.

    ``catalogue``: with the divisions of the list. ``year``: of the return. Raises HomeError for a file of neither kind.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HomeError(f"无法读取 {path}：{error.strerror}", f"cannot read {path}: {error.strerror}") from None
    if _is_roster(data):
        return SchoolList(schools_in_file(path, year, catalogue))
    result = read_file(data, path.name, year, catalogue)
    found = result.all_findings()
    if result.status != "accepted":
        why = next((f for f in found if f["severity"] == "critical"), None)
        zh, en = (why["message_zh"], why["message_en"]) if why else ("没有可读的行", "it holds no row that can be read")
        raise HomeError(f"学校文件 {path.name} 无法使用：{zh}", f"the file of schools {path.name} cannot be used: {en}")
    frames: Frames = {r: f for r, f in frames_of(result, catalogue, path.name, year).items() if r != "county"}
    hit = {f["school_id"] for f in found if f["severity"] == "critical" and f.get("school_id")}
    schools = _rows(catalogue, frames)
    refused = schools.filter(pl.col("school_id").is_in(list(hit)))
    return _with_pupils(
        catalogue, schools.filter(~pl.col("school_id").is_in(list(hit))), _noted("critical", refused), ()
    )


def _is_roster(data: bytes) -> bool:
    """Whether a file is a CSV with the header of a roster."""
    if is_workbook(data):
        return False
    try:
        table = read_csv(data)
    except UnreadableError:
        return False
    header = {cell.strip() for cell in table.rows[0]} if table.rows else set()
    return set(REQUIRED) <= header


def _rows(catalogue: Catalogue, frames: Frames) -> pl.DataFrame:
    """A row a unit with its county, attributes and pupils by stage."""
    units = units_of(catalogue, frames, {record: frame.clear() for record, frame in frames.items()})
    pupils = units["stage"].with_columns(pupils_given(catalogue).alias("pupils"))
    by_stage = pupils.group_by(UNIT).agg(
        pl.col("pupils").filter(pl.col("stage") == stage).first().cast(pl.Float64).alias(column)
        for stage, column in pupil_columns(catalogue).items()
    )
    schools = units["school"]
    known = [name for name in attributes(catalogue) if name in schools.columns]
    rows = schools.select(*UNIT, "name", "county_code", *known).join(by_stage, on=UNIT, how="left")
    return rows.drop("year").drop_nulls(["school_id", "county_code"]).sort("school_id")


def _with_pupils(
    catalogue: Catalogue, rows: pl.DataFrame, left: tuple[Noted, ...], told: tuple[Noted, ...]
) -> SchoolList:
    """Without schools that say of each stage they have that it has no pupils."""
    columns = list(pupil_columns(catalogue).values())
    none = pl.max_horizontal(columns).fill_null(1.0) <= 0 if columns else pl.lit(False)
    return SchoolList(rows.filter(~none), (*left, *_noted("no_pupils", rows.filter(none))), told)


def _noted(reason: str, rows: pl.DataFrame) -> tuple[Noted, ...]:
    return tuple((reason, code, name or code) for code, name in rows.select("school_id", "name").iter_rows())


def placed(
    schools: SchoolList, counties: Collection[str], changes: Iterable[DivisionChange], year: int
) -> tuple[list[Mapping[str, Any]], SchoolList]:
    """Rows of a roster of these schools, by county and id, and what was done: each in the county that its code names in the
    roster's year, its parent only where that is a school of the same county."""
    changes = tuple(changes)
    rows: dict[str, dict[str, Any]] = {}
    left, told = list(schools.left_out), list(schools.told)
    for row in schools.rows.iter_rows(named=True):
        own = str(row["county_code"])
        county = followed(own, year, changes)
        name = row["name"] or row["school_id"]
        if county is None or county not in counties:
            left.append(("county_gone", row["school_id"], name))
            continue
        if county != own:
            told.append(("followed", row["school_id"], name))
        rest = {key: value for key, value in row.items() if key not in ("school_id", "name", "county_code")}
        rows[row["school_id"]] = {
            "level": SCHOOL, "code": row["school_id"], "name_zh": name, "parent_code": county, **rest,
        }  # fmt: skip
    for code, row in rows.items():
        above = rows.get(row.get(PARENT) or "")
        if row.get(PARENT) and (above is None or above["parent_code"] != row["parent_code"] or row[PARENT] == code):
            row[PARENT] = None
            told.append(("parent", code, row["name_zh"]))
    ordered = sorted(rows.values(), key=lambda r: (r["parent_code"], r["code"]))
    return list(ordered), SchoolList(schools.rows, tuple(left), tuple(told))

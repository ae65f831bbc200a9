"""Cells of our own workbook and rows of the roster, as plain values: text, number or None. No rule is applied here."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

Row = dict[str, Any]

PARTS = {"学校": "schools", "学段": "stages", "班级": "classes", "专用教室": "rooms"}
"""Sheets with a row a thing, and the name by which findings call that part of a return."""
STAGES = {"小学": "primary", "初中": "junior", "高中": "senior"}
ROOMS = {"音乐": "music", "美术": "art"}
TEXTS = (
    "school_id",
    "name",
    "school_type",
    "urban_rural",
    "operator_code",
    "parent_school_id",
    "district_id",
    "group_id",
)
FLAGS = ("is_", "has_")
"""How the columns of yes and no begin."""
TEN_THOUSANDS = ("equipment_yuan",)
"""Columns whose header says 万元."""


@dataclass
class Return:
    """One county's workbook of one year."""

    year: int
    county: str
    parts: dict[str, list[Row]] = field(default_factory=dict)


@dataclass(frozen=True)
class Expected:
    """The roster of one year: ``schools`` by id, ``parents`` of every division, ``counties`` in it."""

    schools: dict[str, Row]
    parents: dict[str, str]
    counties: list[str]

    def province(self, county: str) -> str:
        return self.chain(county)[-1]

    def chain(self, code: str) -> list[str]:
        """A division and those above it, the lowest first."""
        found = [code]
        while self.parents.get(found[-1]):
            found.append(self.parents[found[-1]])
        return found


def read_returns(inbox: Path) -> list[Return]:
    """Every workbook below ``inbox/<year>``."""
    return [
        _read(int(folder.name), path) for folder in sorted(inbox.iterdir()) for path in sorted(folder.glob("*.xlsx"))
    ]


def _read(year: int, path: Path) -> Return:
    book = CalamineWorkbook.from_path(str(path))
    cover = [row for row in book.get_sheet_by_name("封面").to_python() if "县级行政区划代码" in row]
    county = str(cover[0][cover[0].index("县级行政区划代码") + 1])
    found = Return(year, county)
    for sheet, part in PARTS.items():
        found.parts[part] = list(_rows(book.get_sheet_by_name(sheet).to_python())) if sheet in book.sheet_names else []
    return found


def _rows(grid: Iterable[list[Any]]) -> Iterator[Row]:
    """Rows below the row of codes, blank ones left out."""
    header: list[str] | None = None
    for cells in grid:
        if header is None:
            header = [str(c) for c in cells] if cells and cells[0] == "school_id" else None
        elif any(c not in (None, "") for c in cells):
            yield {name: _value(name, cell) for name, cell in zip(header, cells, strict=True)}
    if header is None:
        raise ValueError("no row of codes")


def _value(name: str, cell: Any) -> Any:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if name.startswith(FLAGS):
        return {"是": 1, "否": 0}[cell]
    if name == "stage":
        return STAGES[cell]
    if name == "room_kind":
        return ROOMS[cell]
    if name in TEXTS or isinstance(cell, str):
        return str(int(cell)) if isinstance(cell, float) else cell.strip()
    return float(cell) * (10_000 if name in TEN_THOUSANDS else 1)


def read_roster(path: Path) -> Expected:
    """Who is expected, from ``roster/<year>.csv``; ``pupils`` of a school by stage, blank ones left out."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    schools = {r["code"]: _school(r) for r in rows if r["level"] == "school"}
    divisions = [r for r in rows if r["level"] != "school"]
    return Expected(
        schools,
        {r["code"]: r["parent_code"] for r in divisions},
        sorted(r["code"] for r in divisions if r["level"] == "county"),
    )


def _school(row: dict[str, str]) -> Row:
    return {
        "school_id": row["code"],
        "county": row["parent_code"],
        "school_type": row["school_type"] or None,
        "urban_rural": row["urban_rural"] or None,
        "parent_school_id": row["parent_school_id"] or None,
        "is_public": {"1": 1, "0": 0}.get(row["is_public"]),
        "operator_code": row["operator_code"] or None,
        "is_counted_school": {"1": 1, "0": 0}.get(row["is_counted_school"]),
        "pupils": {stage: float(row[f"pupils_{stage}"]) for stage in STAGES.values() if row[f"pupils_{stage}"]},
    }

"""One set of schools, to be written in every layout: what each is, and every cell that some layout carries.

Rows are as ``tests.pipeline.computed`` takes them (identity columns and field ids, canonical values). No two cells of a
school hold the same number, so that a cell read in another's place shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

YEAR = 2025
COUNTY, COUNTY_NAME = "990101", "澄溪县"
OTHER_COUNTY, OTHER_COUNTY_NAME = "990102", "鹤塘区"

Row = dict[str, Any]


@dataclass(frozen=True)
class Unit:
    """A school or campus: its own row, and its stage rows by stage (pupils None: the stage is there, the number is not)."""

    school: Row
    stages: dict[str, Row] = field(default_factory=dict)
    classes: list[Row] = field(default_factory=list)

    @property
    def school_id(self) -> str:
        return str(self.school["school_id"])


def unit(
    school_id: str,
    name: str,
    kind: str,
    heads: Mapping[str, int | None],
    *,
    county: str = COUNTY,
    parent: str | None = None,
    operator: str = "831",
    **cells: Any,
) -> Unit:
    """A unit with every cell filled from its pupils. ``parent``: it is not counted as a school, and belongs to this one."""
    everyone = sum(pupils or 0 for pupils in heads.values())
    own: Row = {
        "school_id": school_id, "name": name, "school_type": kind, "urban_rural": "121", "county_code": county,
        "is_public": 0.0 if operator == "999" else 1.0, "operator_code": operator,
        "is_counted_school": 1.0 if parent is None else 0.0, "parent_school_id": parent,
        "teaching_rooms_sqm": 7.25 * everyone + 13, "indoor_sports_sqm": 0.5 * everyone + 2, "sports_field_sqm": 9.75 * everyone + 31,
        "equipment_yuan": 10_000 * (0.25 * everyone + 1.5), "computers": everyone // 7 + 5, "books": 31 * everyone + 17,
        "multimedia_rooms": everyone // 40 + 3,
    }  # fmt: skip
    stages = {stage: _stage(school_id, stage, pupils) for stage, pupils in heads.items()}
    classes = [row for stage, pupils in heads.items() for row in _classes(school_id, stage, pupils)]
    return Unit(own | cells, stages, classes)


def _stage(school_id: str, stage: str, pupils: int | None) -> Row:
    """Teachers follow from the pupils; where these are not known, from 700."""
    many = pupils if pupils is not None else 700
    teachers = many // 14 + 20
    shift = {"primary": 0, "junior": 1, "senior": 2}[stage]
    counts = {"doctor": shift, "master": many // 180 + 3 + shift, "bachelor": many // 22 + 6, "college": many // 55 + 4}
    counts |= {"pe": many // 150 + 2, "music": many // 310 + 1, "art": many // 420 + 2, "arts": many // 900 + shift}
    counts |= {"senior_rank": many // 800, "associate_rank": many // 90 + 2, "intermediate_rank": many // 45 + 3}
    counts |= {"backbone": many // 130 + 2 + shift, "full_time": teachers}
    cells = {f"{name}_teachers": float(number) for name, number in counts.items()}
    classes = float(len(_sizes(pupils))) if pupils is not None else None
    return {"school_id": school_id, "stage": stage, "pupils": pupils, "classes": classes, **cells}


def _sizes(pupils: int | None) -> list[int]:
    """Pupils of each class: of 38 to 52, of one class where there are few."""
    sizes, left = [], pupils or 0
    while left > 0:
        size = min(left, 38 + (7 * len(sizes)) % 15)
        sizes.append(size)
        left -= size
    return sizes


def _classes(school_id: str, stage: str, pupils: int | None) -> Iterator[Row]:
    for number, size in enumerate(_sizes(pupils), 1):
        row = {
            "school_id": school_id,
            "stage": stage,
            "grade": float(1 + number % 3),
            "class_name": f"{stage}{number}班",
        }
        yield row | {"class_pupils": float(size)}


CENTRE, NINE, TWELVE, COMPLETE = "2199010101", "3199010102", "3499010103", "3499010104"
UNITS: tuple[Unit, ...] = (
    unit(CENTRE, "澄溪县中心小学", "211", {"primary": 980}),
    # vector 7: rooms 20000 with a gymnasium of 1200, A 1200, B 1500
    unit(NINE, "澄溪县实验学校", "312", {"primary": 1200, "junior": 1500}, teaching_rooms_sqm=20_000.0, indoor_sports_sqm=1200.0),
    # vector 24: A 1200, B 1500, C 1500
    unit(TWELVE, "澄溪县外国语学校", "345", {"primary": 1200, "junior": 1500, "senior": 1500}),
    unit(COMPLETE, "澄溪县第一中学", "341", {"junior": 900, "senior": 1100}),
    unit("3199010105", "澄溪县第二中学", "311", {"junior": 640}),
    unit("3499010106", "澄溪县第三中学", "341", {"junior": 500, "senior": None}),
    unit(f"{CENTRE}01", "澄溪县中心小学东校区", "211", {"primary": 210}, parent=CENTRE),
    unit(f"{NINE}01", "澄溪县实验学校河西校区", "312", {"primary": 330}, parent=NINE),
    unit("2199010107", "柳溪教学点", "218", {"primary": 50}, parent=CENTRE),
    unit("2199010108", "石桥教学点", "218", {"primary": 49}, parent=CENTRE),
    unit("2199010109", "启明民办小学", "211", {"primary": 420}, operator="999"),
    unit("2199010201", "鹤塘区第一小学", "211", {"primary": 760}, county=OTHER_COUNTY),
    unit("2199010202", "鹤塘区第二小学", "211", {"primary": 300}, county=OTHER_COUNTY),
    unit("3199010203", "鹤塘区第一中学", "311", {"junior": 810}, county=OTHER_COUNTY),
    unit("3199010204", "鹤塘区实验学校", "312", {"primary": 520, "junior": 350}, county=OTHER_COUNTY),
)  # fmt: skip
"""Nine-year (312), twelve-year (345) and complete (341) schools, one without the number of its senior pupils, campuses
that are not counted as schools, teaching points of 49 and 50 pupils, a private school; two counties."""


def as_returns(units: tuple[Unit, ...] = UNITS, year: int = YEAR) -> dict[tuple[int, str], dict[str, list[Row]]]:
    """The same schools as ``computed`` takes them: (year, county) → part of our own return → rows."""
    counties: dict[tuple[int, str], dict[str, list[Row]]] = {}
    for one in units:
        parts = counties.setdefault((year, one.school["county_code"]), {"schools": [], "stages": [], "classes": []})
        parts["schools"].append({name: cell for name, cell in one.school.items() if name != "county_code"})
        parts["stages"] += one.stages.values()
        parts["classes"] += one.classes
    return counties

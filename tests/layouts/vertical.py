"""The vertical sheet about schools, written by the tests: a row an item, of the school or of one of its stages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from pipeline.forms import cell_text
from pipeline.returns.layouts import header_in
from pipeline.schema import Catalogue
from tests.layouts.schools import YEAR, Unit

HEADER = ("县级行政区划代码", "学校标识码", "学段", "代码", "项目", "数值")
STAGES = {"primary": "小学", "junior": "初中", "senior": "高中"}
Line = tuple[Any, ...]


def lines_of(catalogue: Catalogue, unit: Unit) -> Iterable[Line]:
    """The items of a unit as they are typed, by our headers."""
    columns = {c.to: c for c in catalogue.layouts["school-items"].sheets[0].columns}
    county, school = unit.school["county_code"], unit.school_id
    for to, value in unit.school.items():
        if to in columns and to != "school_id":
            yield county, school, "", "", header_in(columns[to].header, YEAR), cell_text(columns[to], value)
    for stage, row in unit.stages.items():
        for to, value in row.items():
            if to in columns and to not in ("school_id", "stage"):
                yield county, school, STAGES[stage], to, "", cell_text(columns[to], value)


def as_csv(lines: Iterable[Line], header: Line = HEADER) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([header, *lines])
    return stream.getvalue().encode()

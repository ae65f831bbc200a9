"""A good file of every layout and format, to be damaged."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.forms import write_return
from pipeline.schema import load_catalogue
from tests.layouts.ministry import as_ods, as_text, as_workbook, grid
from tests.layouts.schools import COUNTY, UNITS, YEAR, as_returns
from tests.layouts.statistical import Sheets, new_forms, old_forms
from tests.layouts.vertical import HEADER, as_csv, lines_of
from tests.pipeline.test_workbooks import written
from tests.samples import LAYOUT, write_csv

OLD_YEAR = 2019
HERE = tuple(unit for unit in UNITS if unit.school["county_code"] == COUNTY)
Good = tuple[bytes, int]
"""The bytes of a file, and its collection year."""


@cache
def good_files() -> dict[str, Good]:
    """A file by a name that tells layout and format."""
    with TemporaryDirectory() as folder:
        return {
            name: (data, YEAR) for name, data in {**_own(Path(folder)), **_ministry(), **_vertical()}.items()
        } | _statistical(Path(folder))


def _own(folder: Path) -> dict[str, bytes]:
    catalogue = load_catalogue()
    county = next(d for d in catalogue.divisions if d.code == COUNTY)
    parts = as_returns(HERE)[YEAR, COUNTY]
    (items,) = (sheet for sheet in catalogue.layouts[LAYOUT].sheets if sheet.vertical)
    counted = {field.id for field in catalogue.fields.values() if field.type in ("number", "integer")}
    of_county = [{column.to: 12 for column in items.columns if column.to in counted}]
    write_return(folder / "own.xlsx", catalogue, YEAR, county, {**parts, items.part: of_county})
    files = {"own.xlsx": (folder / "own.xlsx").read_bytes()}
    for sheet in catalogue.layouts[LAYOUT].sheets:
        if sheet.part in parts:
            path = folder / f"own-{sheet.part}.csv"
            write_csv(path, sheet, YEAR, COUNTY, parts[sheet.part])
            files[path.name] = path.read_bytes()
    return files


def _ministry() -> dict[str, bytes]:
    stages = {"primary": "小学", "junior": "初中"}
    return {
        "ministry.xlsx": as_workbook(stages, units=HERE),
        "ministry.ods": as_ods(grid("primary", units=HERE), "小学"),
        "ministry-junior.csv": as_text(grid("junior", units=HERE)),
        "ministry-primary.tsv": as_text(grid("primary", units=HERE, joined=">"), "utf-8", "\t"),
    }


def _vertical() -> dict[str, bytes]:
    """A row an item: of the schools, as text and as a workbook."""
    catalogue = load_catalogue()
    lines = [line for unit in HERE for line in lines_of(catalogue, unit)]
    return {
        "school-items.csv": as_csv(lines),
        "school-items.xlsx": written({"学校指标": [[*line] for line in (HEADER, *lines)]}),
    }


def _statistical(folder: Path) -> dict[str, Good]:
    nine = HERE[1]
    new = Sheets(new_forms(nine, YEAR)).write(folder / "new.xlsx").read_bytes()
    old = Sheets(old_forms(nine, OLD_YEAR)).write(folder / "old.xlsx").read_bytes()
    return {"school-2021.xlsx": (new, YEAR), "school-2012.xlsx": (old, OLD_YEAR)}

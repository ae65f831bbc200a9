"""A quick small sample for tests: a few counties of the sample generator as CSV files of our own layout, with a few troubles.

Tests that need whole workbooks call ``pipeline.sample.write_sample``; these files are there to be cut, damaged and read fast.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.forms.cells import Verbatim, cell_text
from pipeline.returns.layouts import header_in
from pipeline.sample.county import county_years
from pipeline.sample.frames import county_rows, roster_rows
from pipeline.sample.grants import grant_rows
from pipeline.sample.groups import budget_rows, register_rows
from pipeline.sample.names import names_of
from pipeline.sample.places import Province, provinces
from pipeline.sample.registers import unit_cost_rows, write_register
from pipeline.sample.surveys import survey_rows
from pipeline.sample.units import units_of
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.layout import Sheet
from pipeline.schema.register import GroupBudget, GroupEntry, RelaxationGrant, SurveyEntry, UnitCost
from pipeline.store.home import Home
from pipeline.store.roster import roster_path, write_roster

YEARS = (2024, 2025)
COUNTIES, SCHOOLS, SEED = 4, 18, 3
LAYOUT = "own"


def province(seed: int = SEED) -> Province:
    return provinces(1, COUNTIES, seed)[0]


def county_codes() -> list[str]:
    """Codes of the sample's counties; the last one's returns have troubles in the last year."""
    return [county.place.code for county in province().each_county()]


def write_small(home: Path, seed: int = SEED) -> list[Path]:
    """Writes the small sample and its rosters. Returns the paths of the returns, sorted."""
    catalogue = load_catalogue()
    written: list[Path] = []
    counties = list(province(seed).each_county())
    cells: dict[tuple[str, int], dict[str, Any]] = {}
    for county in counties:
        for made in county_years(county, SCHOOLS, YEARS, catalogue):
            rows = county_rows(made, catalogue, names_of(made.units))
            cells[county.place.code, made.year] = rows["county"][0]
            if county is counties[-1] and made.year == YEARS[-1]:
                _trouble(rows)
            for sheet in catalogue.layouts[LAYOUT].sheets:
                if sheet.vertical is None:
                    path = home / "inbox" / str(made.year) / f"{county.place.code}-{sheet.part}.csv"
                    write_csv(path, sheet, made.year, county.place.code, rows[sheet.record])
                    written.append(path)
    for year in YEARS:
        _write_roster(home, year, catalogue, seed)
    write_register(Home(home), UnitCost, unit_cost_rows(seed, YEARS))
    write_register(Home(home), RelaxationGrant, grant_rows(counties, SCHOOLS, YEARS))
    units = [units_of(county, SCHOOLS) for county in counties]
    write_register(Home(home), GroupBudget, budget_rows(province(seed), YEARS))
    groups = (row for u in units for row in register_rows(u, names_of(u).group, *YEARS))
    write_register(Home(home), GroupEntry, groups)
    write_register(Home(home), SurveyEntry, survey_rows(counties, SCHOOLS, YEARS, cells))
    return sorted(written)


def _trouble(rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """A text for a number, two blanks and a room that is too large."""
    counted = [row for row in rows["school"] if row["school_type"] == "211"]
    counted[0]["equipment_yuan"] = Verbatim("12万")
    counted[1]["indoor_sports_sqm"] = None
    rows["stage"][-1]["full_time_teachers"] = None
    rows["room"][0]["room_sqm"] = 1080


def write_csv(path: Path, sheet: Sheet, year: int, county: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """One file of a sheet, with a byte order mark as spreadsheets write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([header_in(sheet.division.header, year), *(header_in(c.header, year) for c in sheet.columns)])
        for row in rows:
            writer.writerow([county, *(_text(column, row.get(column.to)) for column in sheet.columns)])


def _text(column: Any, value: Any) -> str:
    return str(value.value) if isinstance(value, Verbatim) else cell_text(column, value)


def _write_roster(home: Path, year: int, catalogue: Catalogue, seed: int) -> None:
    found = province(seed)
    rows: list[Mapping[str, Any]] = [
        {"level": p.level, "code": p.code, "name_zh": p.name_zh, "name_en": p.name_en, "parent_code": p.parent}
        for p in found.divisions()
    ]
    for county in found.each_county():
        rows += roster_rows(units_of(county, SCHOOLS), year, YEARS[0])
    write_roster(roster_path(Home(home), year), catalogue, rows)

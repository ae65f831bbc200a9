"""Writes a sample into a home: workbooks, rosters, and beside the home the raw truth and the key of planted mistakes.

Here: which county is written by whom, and where things go. Counties are made one after the other, so that memory stays small
however many there are; several processes write the same bytes as one. Not here: what is in a return.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import HomeError
from pipeline.forms import write_return
from pipeline.sample.county import county_years
from pipeline.sample.frames import county_rows, roster_rows
from pipeline.sample.grants import grant_rows
from pipeline.sample.groups import budget_rows, register_rows
from pipeline.sample.mistakes import Book, plant
from pipeline.sample.names import names_of
from pipeline.sample.places import County, Place, provinces
from pipeline.sample.plans import Plan, Planted, plan_mistakes, write_key
from pipeline.sample.registers import unit_cost_rows, write_register
from pipeline.sample.surveys import survey_rows
from pipeline.sample.units import units_of
from pipeline.schema.model import Catalogue, Division
from pipeline.schema.register import GroupBudget, GroupEntry, RelaxationGrant, SurveyEntry, UnitCost
from pipeline.store.home import Home
from pipeline.store.roster import roster_path, write_roster

LAYOUT = "own"
PARTS_FOLDER = ".parts"
TYPES = {"integer": pl.Int64, "number": pl.Float64}
"""Columns of the truth by type of field; everything else is text."""

Progress = Callable[[int, int], None]
"""Called with workbooks written and workbooks in all."""


@dataclass(frozen=True)
class Asked:
    """What sample is asked for. ``counties`` and ``schools`` are means, of a province and of a county."""

    home: Path
    provinces: int = 1
    counties: int = 25
    schools: float = 57.5
    years: tuple[int, ...] = (2022, 2023, 2024, 2025)
    seed: int = 1
    errors: float = 0.0
    """Mistakes for every 100 workbooks."""


@dataclass(frozen=True)
class Written:
    """What was written."""

    provinces: int
    counties: int
    schools: int
    """Units of all counties; the same in each year."""
    workbooks: int
    rows: int
    mistakes: int
    key: Path
    truth: Path


def beside(home: Path, what: str) -> Path:
    """A path beside a home, never inside it: ``<home>-key.csv``, ``<home>-truth``."""
    whole = home.resolve()
    return whole.with_name(f"{whole.name}-{what}")


def write_sample(asked: Asked, catalogue: Catalogue, processes: int = 1, progress: Progress | None = None) -> Written:
    """Writes returns and rosters of made-up provinces, with the key and the truth beside the home.

    Same seed, same bytes, whatever the number of processes; county k of a province is the same however many there are. Raises
    HomeError where the inbox or the roster already holds something of these years: returns are never overwritten.
    """
    _refuse_what_is_there(asked)
    truth = beside(asked.home, "truth")
    shutil.rmtree(truth, ignore_errors=True)
    (truth / PARTS_FOLDER).mkdir(parents=True)
    places = [county.place for county in _all_counties(asked)]
    plans = plan_mistakes(asked.seed, asked.errors, [place.code for place in places], asked.years)
    work = partial(_write_county, asked, plans)
    total, planted, schools, rows = len(places) * len(asked.years), [], 0, 0
    for done, (units, made, found) in enumerate(_each(work, len(places), catalogue, processes), 1):
        schools, rows = schools + units, rows + made
        planted += found
        if progress is not None:
            progress(done * len(asked.years), total)
    for year in asked.years:
        write_roster(roster_path(Home(asked.home), year), catalogue, _roster(asked, year))
    _write_registers(asked)
    _join_truth(truth)
    key = beside(asked.home, "key.csv")
    write_key(key, planted)
    return Written(asked.provinces, len(places), schools, total, rows, len(planted), key, truth)


def _write_registers(asked: Asked) -> None:
    home, counties = Home(asked.home), list(_all_counties(asked))
    write_register(home, UnitCost, unit_cost_rows(asked.seed, asked.years))
    write_register(home, RelaxationGrant, grant_rows(counties, asked.schools, asked.years))
    write_register(home, GroupEntry, _groups(asked))
    write_register(home, GroupBudget, _budgets(asked))
    write_register(home, SurveyEntry, survey_rows(counties, asked.schools, asked.years, _county_cells(asked)))


def _county_cells(asked: Asked) -> dict[tuple[str, int], dict[str, Any]]:
    """What each county's return says of itself in truth, by code and year."""
    parts = sorted((beside(asked.home, "truth") / PARTS_FOLDER).glob("county-*.parquet"))
    rows = (row for path in parts for row in pl.read_parquet(path).iter_rows(named=True))
    return {(row["county_code"], row["year"]): row for row in rows}


def _refuse_what_is_there(asked: Asked) -> None:
    home = Home(asked.home)
    for year in asked.years:
        folder = home.inbox / str(year)
        if roster_path(home, year).exists() or (folder.exists() and any(folder.rglob("*"))):
            raise HomeError(
                f"{asked.home} 中已有 {year} 年的报表或名册，示例数据不会覆盖它们；请换一个空目录",
                f"{asked.home} already holds returns or a roster of {year}, which a sample never overwrites; name an empty home",
            )


def _all_counties(asked: Asked) -> Iterator[County]:
    for province in provinces(asked.provinces, asked.counties, asked.seed):
        yield from province.each_county()


# --- one county, in this process or another

_known: dict[str, Any] = {}
"""What a worker process keeps: the catalogue, and the counties of the sample."""


def _start_worker(catalogue: Catalogue) -> None:
    _known["catalogue"] = catalogue


def _each(work: Any, count: int, catalogue: Catalogue, processes: int) -> Iterator[tuple[int, int, list[Planted]]]:
    """Results of the counties in order."""
    if processes <= 1 or count == 1:
        _start_worker(catalogue)
        yield from map(work, range(count))
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), _start_worker, (catalogue,)) as pool:
        yield from pool.map(work, range(count), chunksize=max(1, min(8, count // (4 * processes))))


def _counties_of(asked: Asked) -> list[County]:
    if _known.get("asked") != asked:
        _known["asked"], _known["counties"] = asked, list(_all_counties(asked))
    return list(_known["counties"])


def _write_county(asked: Asked, plans: Mapping[tuple[str, int], list[Plan]], k: int) -> tuple[int, int, list[Planted]]:
    """Writes all years of county k. Returns its units, the rows written and what was planted."""
    catalogue, counties = _known["catalogue"], _counties_of(asked)
    county = counties[k]
    parts = _parts(catalogue)
    planted: list[Planted] = []
    before: dict[str, list[dict[str, Any]]] = {}
    units = rows_written = 0
    for made in county_years(county, asked.schools, asked.years, catalogue):
        rows = county_rows(made, catalogue, names_of(made.units))
        _keep_truth(asked, county, made.year, k, rows, catalogue)
        by_part = {parts[record]: found for record, found in rows.items()}
        units, rows_written = len(made.units), rows_written + sum(map(len, rows.values()))
        path = Path("inbox") / str(made.year) / f"{county.place.code}.xlsx"
        cover, given = made.year, by_part
        if plan := plans.get((county.place.code, made.year)):
            book = Book.of(by_part, before, made.year, path.as_posix(), catalogue.layouts[LAYOUT])
            planted += plant(book, plan, partial(_neighbour, asked, counties, k, made.year, catalogue), county.draws)
            cover, given = book.cover_year, book.rows
        division = Division(**_as_division(county.place))
        write_return(asked.home / path, catalogue, cover, division, given, LAYOUT)
        before = by_part
    return units, rows_written, planted


def _parts(catalogue: Catalogue) -> dict[str, str]:
    """Record type → part of the layout."""
    return {sheet.record: sheet.part for sheet in catalogue.layouts[LAYOUT].sheets}


def _neighbour(
    asked: Asked, counties: Sequence[County], k: int, year: int, catalogue: Catalogue
) -> dict[str, list[dict[str, Any]]]:
    """The true rows of the next county, or of the one before the last, by part; nothing where there is one county alone."""
    if len(counties) == 1:
        return {}
    other = counties[k + 1] if k + 1 < len(counties) else counties[k - 1]
    parts = _parts(catalogue)
    years = tuple(y for y in asked.years if y <= year)
    *_, made = county_years(other, asked.schools, years, catalogue)
    return {parts[record]: rows for record, rows in county_rows(made, catalogue, names_of(made.units)).items()}


def _as_division(place: Place) -> dict[str, Any]:
    return {
        "code": place.code,
        "name_zh": place.name_zh,
        "name_en": place.name_en,
        "level": place.level,
        "parent_code": place.parent,
        "is_fictional": True,
    }


# --- the roster and the truth


def _roster(asked: Asked, year: int) -> Iterator[Mapping[str, Any]]:
    """Rows of the roster: divisions of every province, then the schools of its counties."""
    for province in provinces(asked.provinces, asked.counties, asked.seed):
        for place in province.divisions():
            names = {"name_zh": place.name_zh, "name_en": place.name_en}
            yield {"level": place.level, "code": place.code, **names, "parent_code": place.parent}
        for county in province.each_county():
            yield from roster_rows(units_of(county, asked.schools), year, asked.years[0])


def _groups(asked: Asked) -> Iterator[dict[str, Any]]:
    """Rows of the register of school groups."""
    for county in _all_counties(asked):
        units = units_of(county, asked.schools)
        yield from register_rows(units, names_of(units).group, asked.years[0], asked.years[-1])


def _budgets(asked: Asked) -> Iterator[dict[str, Any]]:
    """Rows of the register of budgets for the awards of groups."""
    for province in provinces(asked.provinces, asked.counties, asked.seed):
        yield from budget_rows(province, asked.years)


def _keep_truth(
    asked: Asked, county: County, year: int, k: int, rows: Mapping[str, list[dict[str, Any]]], catalogue: Catalogue
) -> None:
    for record, found in rows.items():
        frame = pl.DataFrame(
            [{"year": year, "county_code": county.place.code, **row} for row in found],
            schema_overrides=_types(found, catalogue),
        )
        frame.write_parquet(beside(asked.home, "truth") / PARTS_FOLDER / f"{record}-{year}-{k:05d}.parquet")


def _types(rows: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> dict[str, Any]:
    """Types of columns by the catalogue, so that all counties fit together even where one has blanks alone."""
    names = rows[0] if rows else {}
    return {
        name: TYPES.get(catalogue.fields[name].type, pl.String) if name in catalogue.fields else pl.String
        for name in names
    }


def _join_truth(truth: Path) -> None:
    """One file for each record type and year, in the order of the counties."""
    parts = sorted((truth / PARTS_FOLDER).glob("*.parquet"))
    for stem in sorted({path.name.rsplit("-", 1)[0] for path in parts}):
        own = [path for path in parts if path.name.rsplit("-", 1)[0] == stem]
        pl.scan_parquet(own).sink_parquet(truth / f"{stem}.parquet", maintain_order=True)
    shutil.rmtree(truth / PARTS_FOLDER)

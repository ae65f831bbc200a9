"""Schools sent as the statistical workbooks of 2021+ and of 2012–2020, cell by cell, come to what our own return gives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.returns.reader import FileRows, read_file, year_on_cover
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.trace import Tracer
from tests.layouts.schools import CENTRE, COUNTY, NINE, TWELVE, UNITS, Unit, as_returns
from tests.layouts.statistical import AS_EXPORTED, PLAIN, Sheets, Style, new_forms, old_forms, with_asterisks
from tests.pipeline.chain import compute_home, run_chain, table

NEW, OLD = 2025, 2019
MAKERS = {NEW: new_forms, OLD: old_forms}
CARRIED = {
    "teaching_rooms_sqm_per_pupil", "sports_sqm_per_pupil", "equipment_yuan_per_pupil", "books_per_pupil",
    "multimedia_rooms_per_100", "teachers_per_100", "above_degree_teachers_per_100", "mid_rank_teachers_per_100",
    "backbone_teachers_per_100", "pe_arts_teachers_per_100", "classes_within_limit_pct", "school_size", "staff_ratio",
}  # fmt: skip
"""Indicators of which the forms hold every cell. The others are not collected where nothing but these workbooks comes."""
Values = dict[tuple[str, str, str], tuple[float | None, str]]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def of_year(year: int) -> tuple[Unit, ...]:
    """The set of schools, with staff: the forms carry it."""
    return tuple(replace(u, school=u.school | {"staff": 90.0 + number}) for number, u in enumerate(UNITS))


def write_all(home: Path, units: Iterable[Unit], year: int, style: Style = PLAIN) -> None:
    for unit in units:
        Sheets(MAKERS[year](unit, year), style).write(home / "inbox" / str(year) / f"{unit.school_id}.xlsx")


def values_of(home: Home) -> Values:
    rows = table(home, "indicator_value").iter_rows(named=True)
    return {(r["school_id"], r["stage"], r["indicator_id"]): (r["value"], r["state"]) for r in rows}


def same(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else math.isclose(one, other, rel_tol=1e-12)


def read(path: Path, catalogue: Catalogue, year: int = NEW) -> FileRows:
    return read_file(path.read_bytes(), path.name, year, catalogue)


def found_in(result: FileRows) -> list[tuple[Any, Any, Any]]:
    return [(f["rule_id"], f["sheet"], f["cell"]) for f in result.all_findings()]


def school_of(result: FileRows) -> dict[str, Any]:
    return result.parts[0].frames["school"].row(0, named=True)


def stages_of(result: FileRows) -> dict[str, dict[str, Any]]:
    return {row["stage"]: row for row in result.parts[0].frames["stage"].iter_rows(named=True)}


# -- the same schools through both paths -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> dict[int, Values]:
    """What our own return gives, by year."""
    made = {}
    for year in MAKERS:
        counties = {county: parts for (_, county), parts in as_returns(of_year(year), year).items()}
        made[year] = values_of(run_chain(tmp_path_factory.mktemp(f"own{year}"), {year: counties}, catalogue))
    return made


@pytest.mark.parametrize("style", [PLAIN, AS_EXPORTED], ids=["plain", "as exported"])
@pytest.mark.parametrize("year", MAKERS)
def test_workbooks_of_single_schools_give_the_values_of_our_own_return(
    tmp_path: Path, catalogue: Catalogue, own: dict[int, Values], year: int, style: Style
) -> None:
    home = Home(tmp_path / "home")
    home.claim(catalogue)
    write_all(home.path, of_year(year), year, style)
    got = values_of(compute_home(home, catalogue, [year]))
    assert got.keys() == own[year].keys()
    differing = {
        key: (got[key], own[year][key])
        for key in got
        if key[2] in CARRIED and (not same(got[key][0], own[year][key][0]) or got[key][1] != own[year][key][1])
    }
    assert differing == {}
    assert {state for (_, _, indicator), (_, state) in got.items() if indicator not in CARRIED} <= {
        "not_collected",
        "not_applicable",
        "missing",
    }
    assert any(state == "ok" for indicator in CARRIED for (_, _, i), (_, state) in got.items() if i == indicator)

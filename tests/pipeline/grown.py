"""Two years of a made-up province in which counties stay, merge, divide, change their code and lose track of a school.

Every school has its own pupils and areas (drawn once, from a fixed seed), so that every coefficient differs. Schools of ``POOR``
have next to no equipment in the years told: they are the weak ones.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.model import Division, DivisionChange
from pipeline.store.home import Home
from tests.pipeline.computed import computed
from tests.pipeline.good_school import GoodSchool, county_of

THEN, NOW = 2024, 2025
STAYS, TAKES_IN, TAKEN, DIVIDES, NEW_HALF, OLD_CODE, NEW_CODE, LOSES, HALF_OF_LOST = (f"99010{n}" for n in range(1, 10))
CHANGES = (
    DivisionChange(year=NOW, kind="merge", old_code=TAKEN, new_code=TAKES_IN),
    DivisionChange(year=NOW, kind="split", old_code=DIVIDES, new_code=NEW_HALF),
    DivisionChange(year=NOW, kind="recode", old_code=OLD_CODE, new_code=NEW_CODE),
    DivisionChange(year=NOW, kind="split", old_code=LOSES, new_code=HALF_OF_LOST),
)
PLACES: dict[int, dict[str, list[int]]] = {
    THEN: {STAYS: [1, 2, 3, 4, 5, 6, 31, 33], TAKES_IN: [7, 8, 9, 10], TAKEN: [11, 12, 13], DIVIDES: [14, 15, 16, 17, 18, 19],
           OLD_CODE: [20, 21, 22, 23], LOSES: [24, 25, 26, 27, 28, 29, 30]},
    NOW: {STAYS: [1, 2, 3, 4, 5, 6, 32, 33], TAKES_IN: [7, 8, 9, 10, 11, 12, 13], DIVIDES: [14, 15, 16], NEW_HALF: [17, 18, 19],
          NEW_CODE: [20, 21, 22, 23], LOSES: [24, 25, 26], HALF_OF_LOST: [27, 28, 29]},
}  # fmt: skip
"""Year → county → numbers of its schools: 31 closes, 32 opens, 30 of the divided county is gone."""
POOR = {THEN: {1: 0.01, 2: 0.02, 31: 0.03}, NOW: {1: 0.01, 3: 0.02, 32: 0.03}}
"""Year → school → how much of what is asked it has. 1 stays poor, 2 rises, 3 falls, 31 closes, 32 opens poor."""
URBAN = {1: "111", 2: "111", 33: "210"}
"""Places of schools; the others lie in towns. 33 is a tiny village school, and is counted in town in the second year."""


def school_id(number: int) -> str:
    """The code of a school."""
    return f"99{number:010d}"


def pupils_of(number: int, year: int) -> float:
    """Pupils of a school: whole numbers that move by a few per cent a year."""
    if number == 33:
        return 40.0
    draws = np.random.default_rng(number)
    base = draws.integers(300, 1500)
    return float(base if year == THEN else base + draws.integers(-60, 60))


def rooms_of(number: int, year: int) -> float:
    """Teaching rooms of a school, in m²: 4 to 9 a pupil of the first year, some of them extended in the second."""
    draws = np.random.default_rng(1000 + number)
    area = round(pupils_of(number, THEN) * draws.uniform(4, 9), 1)
    return area if year == THEN or number % 3 else area + 200.0


def _school(number: int, year: int) -> GoodSchool:
    pupils = pupils_of(number, year)
    place = "121" if number == 33 and year == NOW else URBAN.get(number, "121")
    made = GoodSchool(
        school_id(number), heads={"primary": pupils}, teaching_rooms_sqm=rooms_of(number, year), urban_rural=place
    )
    share = POOR[year].get(number)
    if share is not None:
        made.school |= {name: made.school[name] * share / 10 for name in ("equipment_yuan", "computers", "books")}
    return made.with_classes({"primary": [40] * 10 + [50, 60]} if number == 1 else {"primary": [40] * 12})


def _reported(county: str, year: int) -> dict[str, float]:
    """What the county itself reports; one county leaves out its product."""
    draws = np.random.default_rng([int(county), year])
    names = (
        "resident_population",
        "farming_population",
        "local_revenue_yuan",
        "rural_income_yuan",
        "gdp_per_head_yuan",
    )
    row = {name: float(draws.integers(10_000, 90_000)) for name in names}
    return {name: value for name, value in row.items() if county != TAKES_IN or name != names[-1]}


def grown_catalogue() -> Catalogue:
    """The shipped catalogue over this province and its changes."""
    places = [
        ("99", "province", ""),
        ("9901", "prefecture", "99"),
        *((f"99010{n}", "county", "9901") for n in range(1, 10)),
    ]
    divisions = tuple(
        Division.model_validate({"code": c, "name_zh": c, "name_en": c, "level": level, "parent_code": parent})
        for c, level, parent in places
    )
    return load_catalogue().model_copy(update={"divisions": divisions, "division_changes": CHANGES})


def grown_home(folder: Path, catalogue: Catalogue) -> Home:
    """The home with every table made."""
    counties = {
        (year, county): county_of(*(_school(n, year) for n in numbers)) | {"county": [_reported(county, year)]}
        for year, of_year in PLACES.items()
        for county, numbers in of_year.items()
    }
    return computed(folder, catalogue, counties)

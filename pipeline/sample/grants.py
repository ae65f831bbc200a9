"""The register of relaxations of a sample: some in force, one that has lapsed.

Here: which county was granted what and when, from the parameter file. Not here: what a relaxation is (the standards).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from pipeline.sample.parameters import parameters
from pipeline.sample.places import County
from pipeline.sample.units import units_of
from pipeline.store.home import Home, write_atomically


def write_grants(home: Home, counties: Sequence[County], mean_units: float, years: Sequence[int]) -> None:
    """Writes the register into a home that has none; one that is there stays as it is."""
    spec = parameters("structure")["grants"]
    path = home.registers / f"{spec['register']}.csv"
    if path.exists():
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(spec["columns"])
    writer.writerows(_rows(counties, mean_units, years))
    write_atomically(path, text.getvalue())


def _rows(counties: Sequence[County], mean_units: float, years: Sequence[int]) -> Iterator[tuple[str, ...]]:
    spec = parameters("structure")["grants"]
    first = counties[0]
    for entry in spec["school"]:
        code = units_of(first, mean_units).codes[0]
        yield _row(first, code, entry["relaxation"], years[0] - entry["years_before"])
    for county in counties:
        for entry in spec["county"]:
            if county.draws.uniform("grant", entry["relaxation"])[0] <= entry["chance"]:
                yield _row(county, "", entry["relaxation"], years[-1] - entry["years_before"])


def _row(county: County, school: str, relaxation: str, year: int) -> tuple[str, ...]:
    spec = parameters("structure")["grants"]
    return (
        county.place.code, school, relaxation, spec["basis"].format(year=year), spec["day"].format(year=year), "",
    )  # fmt: skip

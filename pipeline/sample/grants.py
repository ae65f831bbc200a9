"""The register of relaxations of a sample: some in force, one that has lapsed.

Here: which county was granted what and when, from the parameter file. Not here: what a relaxation is (the standards), and
writing (``registers``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.sample.parameters import parameters
from pipeline.sample.places import County
from pipeline.sample.units import units_of


def grant_rows(counties: Sequence[County], mean_units: float, years: Sequence[int]) -> Iterator[dict[str, str]]:
    """Rows of the register: a grant that has lapsed for one school, then what each county was granted."""
    spec = parameters("structure")["grants"]
    first = counties[0]
    for entry in spec["school"]:
        code = units_of(first, mean_units).codes[0]
        yield _row(first, code, entry["relaxation"], years[0] - entry["years_before"])
    for county in counties:
        for entry in spec["county"]:
            if county.draws.uniform("grant", entry["relaxation"])[0] <= entry["chance"]:
                yield _row(county, "", entry["relaxation"], years[-1] - entry["years_before"])


def _row(county: County, school: str, relaxation: str, year: int) -> dict[str, str]:
    spec = parameters("structure")["grants"]
    return {
        "county_code": county.place.code, "school_id": school, "relaxation_id": relaxation,
        "basis": spec["basis"].format(year=year), "starts": spec["day"].format(year=year),
    }  # fmt: skip

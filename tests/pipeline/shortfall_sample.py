"""A home of a few sample counties over three years, as their truth stands, without files: for tests of the ledger."""

from __future__ import annotations

from pathlib import Path

from pipeline.sample.county import county_years
from pipeline.sample.frames import county_rows
from pipeline.sample.names import names_of
from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from tests.pipeline.computed import computed
from tests.samples import SCHOOLS, province

CODES = ("990101", "990102", "990201")
PARTS = {"school": "schools", "stage": "stages", "class": "classes", "room": "rooms"}
YEARS = (2023, 2024, 2025)


def sample_home(folder: Path) -> Home:
    """Counties of the sample under codes of the shipped divisions."""
    catalogue, years = load_catalogue(), {}
    for county, code in zip(province().each_county(), CODES, strict=False):
        for made in county_years(county, SCHOOLS, YEARS, catalogue):
            rows = county_rows(made, catalogue, names_of(made.units))
            years[made.year, code] = {part: rows[record] for record, part in PARTS.items()}
    return computed(folder / "home", catalogue, years)

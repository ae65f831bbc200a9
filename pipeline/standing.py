"""How a home stands: what waits in its inbox, which years must be taken in, whether the latest release says all, who came.

Here: questions that a sensor, a schedule or a check asks. Nothing here changes a home.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from pipeline.release.package import inputs_digest, latest_manifest
from pipeline.release.version import code_digest
from pipeline.schema.model import Catalogue
from pipeline.store.expected import roster_schools
from pipeline.store.home import Home
from pipeline.store.ingest import UNDATED, fingerprint, is_fresh
from pipeline.store.receipts import all_receipts, waiting
from pipeline.store.roster import pupil_columns


@dataclass(frozen=True)
class Standing:
    """``waiting``: inbox paths that no receipt holds as they are. ``stale``: year → what it would be taken in from (a hash);
    year 0 for files outside every year's folder. ``inputs``: what a release made now would be made from. ``newest``: when the
    newest receipt was written, None before the first."""

    waiting: tuple[str, ...]
    stale: dict[int, str]
    inputs: str
    latest_id: str | None
    is_published: bool
    newest: datetime | None

    @property
    def is_current(self) -> bool:
        """Whether the latest release says all that lies in the home."""
        return self.is_published and not self.waiting


def standing(home: Home, catalogue: Catalogue) -> Standing:
    """How a home stands under a catalogue with the home's rosters."""
    receipts = all_receipts(home)
    arriving: dict[int, list[str]] = {}
    for path, (year, sha) in waiting(home).items():
        arriving.setdefault(year or UNDATED, []).append(f"{path}|{sha}")
    years = sorted({receipt.year or UNDATED for receipt in receipts} | arriving.keys())
    stale = {
        year: _state(home, catalogue, year, arriving.get(year, []))
        for year in years
        if year in arriving or not is_fresh(home, catalogue, code_digest(), year)
    }
    inputs, known = inputs_digest(home, catalogue), latest_manifest(home)
    newest = max((datetime.fromisoformat(r.received_at) for r in receipts), default=None)
    return Standing(
        waiting=tuple(sorted(line.split("|")[0] for lines in arriving.values() for line in lines)),
        stale=stale,
        inputs=inputs,
        latest_id=home.latest_id(),
        is_published=known is not None and known["inputs_digest"] == inputs,
        newest=newest.astimezone(UTC) if newest else None,
    )


def _state(home: Home, catalogue: Catalogue, year: int, arriving: list[str]) -> str:
    """What a year would be taken in from; another hash whenever a file comes, goes back or is replaced."""
    parts = [fingerprint(home, catalogue, code_digest(), year), *sorted(arriving)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Coverage:
    """Of one year and judged stage: counties expected and come, names of those that did not come; schools of the year's
    roster with pupils in the stage, and how many of them have rows that count (0 and 0 without a roster)."""

    year: int
    stage: str
    counties_expected: int
    counties_came: int
    missing: tuple[str, ...]
    schools_expected: int
    schools_came: int

    @property
    def is_full(self) -> bool:
        return self.counties_expected == self.counties_came and self.schools_expected == self.schools_came


def coverage(home: Home, catalogue: Catalogue) -> list[Coverage]:
    """Who came of whom was expected, a row a year and judged stage, from the working tables of the last run."""
    key = ["year", "county_code", "stage"]
    asked = pl.read_parquet(home.table("expected_county")).filter("is_expected")
    came = pl.read_parquet(home.table("came")).select(key)
    units = pl.read_parquet(home.table("unit_stage")).select("year", "school_id", "stage").unique()
    schools = roster_schools(home, catalogue, asked["year"].unique())
    found = []
    for (year, stage), group in sorted(asked.partition_by(["year", "stage"], as_dict=True).items()):
        silent = group.join(came, on=key, how="anti")["county_code"].sort()
        peopled = schools.filter((pl.col("year") == year) & (pl.col(pupil_columns(catalogue)[str(stage)]) > 0))
        told = peopled.join(units.filter(stage=stage), on=["year", "school_id"], how="semi")
        names = tuple(_name(catalogue, code, int(str(year))) for code in silent)
        found.append(
            Coverage(
                int(str(year)),
                str(stage),
                group.height,
                group.height - silent.len(),
                names,
                peopled.height,
                told.height,
            )
        )
    return found


def _name(catalogue: Catalogue, code: str, year: int) -> str:
    valid = (d for d in catalogue.divisions if d.code == code and d.valid_from <= year <= d.valid_to)
    return next((f"{d.name_zh} {d.name_en}" if d.name_en != d.name_zh else d.name_zh for d in valid), code)

"""How the counties of a year lay in the year before: followed through new names and codes, merges and splits.

A county that takes in the whole of others is compared with all their schools pooled. Where a county went to several, last year's
schools are told apart by where each stands today; one that stands nowhere belongs to no successor, and the comparison is broken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from pipeline.schema.model import Catalogue, DivisionChange
from pipeline.store.divisions.changes import PLAIN_KIND
from pipeline.store.home import Home

SAME, RENAME, RECODE, MERGE, SPLIT = "same", "rename", "recode", "merge", "split"
SCHEMA = {
    "year": pl.Int64(), "county_code": pl.String(), "kind": pl.String(), "is_followed": pl.Boolean(), "county_before": pl.String(),
    "lost": pl.Int64(),
}  # fmt: skip
MOVED = {"year": pl.Int64(), "school_id": pl.String(), "before_code": pl.String(), "county_code": pl.String()}


@dataclass(frozen=True)
class Boundaries:
    """``counties``: a row a year and county: kind (same, rename, recode, merge, split), whether last year can be followed, the codes
    it lay in last year ('+' between them), and how many of last year's schools stand nowhere today (split only).
    ``moved``: for counties that are followed under other boundaries than their own, a row a year and school of the year before:
    its county then and the county of this year in which it counts."""

    counties: pl.DataFrame
    moved: pl.DataFrame


@dataclass
class _Year:
    """One year's counties. ``now``, ``then``: county → ids of schools that came or were owed, this year and the year before;
    ``expected``: counties of the year before of which something was expected."""

    year: int
    now: Mapping[str, set[str]]
    then: Mapping[str, set[str]]
    expected: set[str]
    changes: list[DivisionChange]
    lost: dict[str, int] = field(default_factory=dict)
    placed: dict[str, dict[str, str]] = field(default_factory=dict)

    def successors(self, code: str) -> set[str]:
        """Counties of this year that hold schools of a county of the year before."""
        to = {c.new_code for c in self.changes if c.old_code == code}
        return to | ({code} if not to or self.now.get(code) else set())

    def predecessors(self, code: str) -> set[str]:
        """Counties of the year before that a county of this year may hold schools of."""
        of = {c.old_code for c in self.changes if c.new_code == code}
        kept = not of or bool(self.then.get(code)) or (code in self.expected and MERGE in self.kinds(code))
        return of | ({code} if kept else set())

    def kinds(self, code: str) -> set[str]:
        return {c.kind for c in self.changes if code in (c.old_code, c.new_code)}


def boundaries(home: Home, catalogue: Catalogue) -> Boundaries:
    """How every expected county lay in the year before. ``catalogue``: with the rosters of the home."""
    expected: dict[int, set[str]] = defaultdict(set)
    for year, county in pl.read_parquet(home.table("expected_county")).select("year", "county_code").iter_rows():
        expected[year].add(county)
    schools = _schools(home)
    rows, moved = [], []
    for year in sorted(expected):
        of = [c for c in catalogue.division_changes if c.year == year]
        changes = [c for c in of if c.kind != PLAIN_KIND]
        named = {c.new_code for c in of if c.kind == PLAIN_KIND}
        one = _Year(year, schools.get(year, {}), schools.get(year - 1, {}), expected.get(year - 1, set()), changes)
        for county in sorted(expected[year]):
            row, places = _county(one, county, named)
            rows.append((year, county, *row))
            moved += [(year, school, before, county) for school, before in sorted(places.items())]
    return Boundaries(
        pl.DataFrame(rows, schema=SCHEMA, orient="row"), pl.DataFrame(sorted(moved), schema=MOVED, orient="row")
    )


def _schools(home: Home) -> dict[int, dict[str, set[str]]]:
    """Year → county → schools that came or were owed."""
    found: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name in ("school_stage", "absent"):
        rows = pl.read_parquet(home.table(name), columns=["year", "county_code", "school_id"]).drop_nulls().unique()
        for year, county, school in rows.iter_rows():
            found[year][county].add(school)
    return found


def _county(year: _Year, code: str, named: set[str]) -> tuple[tuple[str, bool, str, int], dict[str, str]]:
    """Kind, is_followed, county_before and lost of a county, and where its schools of the year before lay."""
    before = sorted(year.predecessors(code))
    divided = [b for b in before if len(year.successors(b)) > 1]
    if not divided and before == [code]:
        gone = code not in year.successors(code)
        kind = sorted(year.kinds(code))[0] if gone else RENAME if code in named else SAME
        return (kind, not gone, code, 0), {}
    kind = SPLIT if divided else MERGE if len(before) > 1 else RECODE
    places = {school: b for b in before if b not in divided for school in year.then.get(b, ())}
    lost = 0
    for b in divided:
        of, stray = _told_apart(year, b)
        lost += len(stray)
        places |= {school: b for school, county in of.items() if county == code}
    followed = lost == 0
    return (kind, followed, "+".join(before), lost), places if followed else {}


def _told_apart(year: _Year, code: str) -> tuple[dict[str, str], list[str]]:
    """Schools of a divided county → the successor that each stands in today; and those that stand in none."""
    to = year.successors(code)
    today = {school: county for county in sorted(to) for school in year.now.get(county, ())}
    schools = sorted(year.then.get(code, ()))
    return {s: today[s] for s in schools if s in today}, [s for s in schools if s not in today]


def in_todays_boundaries(rows: pl.DataFrame, made: Boundaries) -> pl.DataFrame:
    """Rows a school of the year before (year, county_code, school_id, …) as rows of the year, with the county in which they count
    today; those of counties that cannot be followed are left out."""
    later = rows.with_columns(pl.col("year") + 1)
    own = made.counties.filter(pl.col("kind").is_in([SAME, RENAME])).select("year", "county_code")
    stayed = later.join(own, on=["year", "county_code"], how="semi")
    went = later.rename({"county_code": "before_code"}).join(made.moved, on=["year", "school_id", "before_code"])
    return pl.concat([stayed, went.select(rows.columns)])


def codes_since(made: Boundaries) -> dict[tuple[int, str], tuple[str, bool]]:
    """Year and county → its code the year before, and whether it is one and the same county (a name or code apart)."""
    return {
        (year, code): (before, followed and kind in (SAME, RENAME, RECODE))
        for year, code, kind, followed, before in made.counties.select(
            "year", "county_code", "kind", "is_followed", "county_before"
        ).iter_rows()
    }

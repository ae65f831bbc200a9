"""What was expected and what of it did not come: counties, schools and their stages, held against the roster of the year.

In a year with a roster, expected are its counties and schools, and whatever else came. A year without one takes the
counties of the roster in force (``roster.roster_in_force``) or, in a home without rosters, those of the catalogue; its
schools are those that came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.store.roster import pupil_columns, read_roster, roster_in_force, school_schema
from pipeline.store.units import UNIT, is_branch

PLACE = ["submission_id", "part", "row"]
COUNTY = ["year", "county_code"]


@dataclass(frozen=True)
class Arrivals:
    """What came of a home. ``rows``: a row a source row of the parts that count, with year, county_code, school_id,
    submission_id, part, row and disposition. ``newest``: a row a year and county: its newest part. ``came``: which counties
    told of which stage. ``units``: schools and campuses that count, with their county."""

    rows: pl.DataFrame
    newest: pl.DataFrame
    came: pl.DataFrame
    units: pl.DataFrame


def arrivals(
    rows: pl.DataFrame, parts: pl.DataFrame, submission: pl.DataFrame, came: pl.DataFrame, units: pl.DataFrame
) -> Arrivals:
    """What came, from the ledger's rows and parts."""
    live = parts.filter((pl.col("status") == "accepted") & (pl.col("county_code") != ""))
    seen = live.join(submission.select("submission_id", "received_seq"), on="submission_id")
    newest = seen.sort("received_seq", "part", descending=[True, False]).unique(
        COUNTY, keep="first", maintain_order=True
    )
    key = ["submission_id", "part", "county_code"]
    return Arrivals(
        rows.join(live.select(*key, "year"), on=key).sort("year", "county_code", *PLACE),
        newest.select(*COUNTY, "submission_id", "part").sort(COUNTY),
        came,
        units.select(*UNIT, "county_code", "name"),
    )


def roster_schools(home: Home, catalogue: Catalogue, years: Iterable[int]) -> pl.DataFrame:
    """Schools of the rosters of these years, a row each: ``year`` and the columns of ``Roster.schools``."""
    found = ((year, read_roster(home, year, catalogue)) for year in years)
    frames = [r.schools.with_columns(pl.lit(y, pl.Int64).alias("year")) for y, r in found if r is not None]
    return pl.concat([pl.DataFrame(schema=school_schema(catalogue) | {"year": pl.Int64()}), *frames])


# -- counties ----------------------------------------------------------------------------------------------------------


def expected_counties(home: Home, catalogue: Catalogue, came: Arrivals) -> pl.DataFrame:
    """One row a year, county and judged stage: whether the county was expected to tell of the stage (``is_expected``).

    A county of the year's roster is expected in the stages in which it had pupils the year before (in all, where the roster
    does not say); a county that came is expected in what it told of.
    """
    years = sorted({*came.units["year"], *came.came["year"]})
    stages = [stage.id for stage in catalogue.judged_stages]
    told: dict[int, dict[str, set[str]]] = {}
    for year, county, stage in came.came.select(*COUNTY, "stage").iter_rows():
        told.setdefault(year, {}).setdefault(county, set()).add(stage)
    rows = []
    for year in years:
        expected = _counties_of(home, catalogue, year)
        for county in sorted({*expected, *told.get(year, {})}):
            held = expected.get(county, set()) | told.get(year, {}).get(county, set())
            rows += [(year, county, stage, stage in held) for stage in stages]
    schema = {"year": pl.Int64, "county_code": pl.String, "stage": pl.String, "is_expected": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _counties_of(home: Home, catalogue: Catalogue, year: int) -> dict[str, set[str]]:
    """Counties that were expected in a year before anything came, with the stages expected of each."""
    every = {stage.id for stage in catalogue.judged_stages}
    named = roster_in_force(home, year)
    roster = read_roster(home, named, catalogue) if named is not None else None
    if roster is None:
        valid = (d for d in catalogue.divisions if d.level == "county" and d.valid_from <= year <= d.valid_to)
        return {d.code: set(every) for d in valid}
    counties = {d.code for d in roster.counties} | set(roster.schools["county_code"])
    if roster.year != year:
        return {code: set(every) for code in counties}
    peopled: dict[str, set[str]] = {}
    for stage, column in pupil_columns(catalogue).items():
        for county in roster.schools.filter(pl.col(column) > 0)["county_code"].unique():
            peopled.setdefault(county, set()).add(stage)
    return {code: peopled[code] & every if code in peopled else set(every) for code in counties}


# -- schools -----------------------------------------------------------------------------------------------------------


def owed_stages(catalogue: Catalogue, schools: pl.DataFrame, came: Arrivals, told: pl.DataFrame) -> pl.DataFrame:
    """One row a school of a roster and stage in which it had pupils the year before and of which nothing came, with these
    pupils in the stage's field. ``told``: year, school_id, stage of every stage row that came, quarantined or not.

    Not of schools of which a layout's filter left rows out: they came. A branch of which nothing came stands for itself
    where its parent came, and is part of its parent's pupils where the parent is owed too and nothing of it came either.
    """
    filtered = came.rows.filter(pl.col("disposition") == "filtered").select(UNIT).unique()
    held = _with_branches(catalogue, schools.join(filtered, on=UNIT, how="anti"), came)
    stages = pupil_columns(catalogue)
    frames = [
        held.filter(pl.col(column) > 0)
        .with_columns(pl.lit(stage).alias("stage"), pl.col(column).alias(catalogue.stages[stage].pupils_field))
        .drop(stages.values())
        for stage, column in stages.items()
    ]
    return pl.concat(frames, how="diagonal").join(told, on=[*UNIT, "stage"], how="anti")


def _with_branches(catalogue: Catalogue, schools: pl.DataFrame, came: Arrivals) -> pl.DataFrame:
    """Schools of which branches that did not come either are part: their pupils are added and their rows gone."""
    silent = schools.join(came.rows.select(UNIT).unique(), on=UNIT, how="anti")
    branches = silent.filter(is_branch(catalogue, silent))
    parents = silent.join(branches.select(UNIT), on=UNIT, how="anti").select("year", parent_school_id="school_id")
    merged = branches.join(parents, on=["year", "parent_school_id"], how="semi")
    if merged.is_empty():
        return schools
    columns = list(pupil_columns(catalogue).values())
    extra = merged.group_by("year", school_id="parent_school_id").agg(
        pl.col(c).sum().alias(f"{c}_more") for c in columns
    )
    joined = schools.join(merged.select(UNIT), on=UNIT, how="anti").join(extra, on=UNIT, how="left")
    more = (pl.col(c).fill_null(0.0) + pl.col(f"{c}_more").fill_null(0.0) for c in columns)
    return joined.with_columns(more).select(schools.columns)


def with_pupils_of_roster(catalogue: Catalogue, absent: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """Absent stages; of those whose pupils cannot be read, with the pupils of the year before by the roster.

    They are then missing with as many pupils as a school that sent nothing; unknown only where the roster does not say.
    """
    key = [*UNIT, "stage"]
    before = [
        schools.filter(pl.col(column) > 0).select(*UNIT, pl.lit(stage).alias("stage"), pl.col(column).alias("before"))
        for stage, column in pupil_columns(catalogue).items()
    ]
    if not before:
        return absent
    stages_of: dict[str, list[str]] = {}
    for stage in catalogue.stages.values():
        stages_of.setdefault(stage.pupils_field, []).append(stage.id)
    filled = [
        pl.when(pl.col("stage").is_in(stages)).then(pl.coalesce(field, "before")).otherwise(field).alias(field)
        for field, stages in stages_of.items()
    ]
    joined = absent.join(pl.concat(before), on=key, how="left", maintain_order="left")
    return joined.with_columns(filled).select(absent.columns)

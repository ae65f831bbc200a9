"""Findings about who was expected and did not come, and who came without being expected, over a whole home.

Held against the roster of the year; without one, against the counties expected and the schools of the year before. Findings
about a county of which nothing came belong to no file. Not here: what is expected (``expected``), and what a county may ask
of one file before it sends it (``roster_of_file``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from pipeline import findings
from pipeline.schema.model import Catalogue
from pipeline.store.divisions.changes import followed
from pipeline.store.expected import COUNTY, Arrivals
from pipeline.store.roster import pupil_columns
from pipeline.store.units import UNIT, pupils_given

MOST_MISSING, FEW = 0.1, 2
"""A county of which more than this share of its schools, and at least so many, are missing may have sent a part only."""

NEAR = 0.8
"""How like a code or name on the roster must be to be worth naming, from 0 to 1."""


def against_roster(catalogue: Catalogue, schools: pl.DataFrame, owed: pl.DataFrame, came: Arrivals) -> pl.DataFrame:
    """Findings of the years that have a roster: who came without being on it, and who is on it and sent nothing."""
    if schools.is_empty():
        return findings.frame([])
    return findings.frame(
        [
            *_not_on_roster(schools, came),
            *_elsewhere(schools, came),
            *_sent_nothing(catalogue, schools, came),
            *_too_few(schools, came),
            *_stages_not_told(catalogue, owed, came),
        ]
    )


def _not_on_roster(schools: pl.DataFrame, came: Arrivals) -> list[dict[str, object]]:
    """Schools that came and are not on the roster; a whole county that is not on it is one finding."""
    known = schools.select(COUNTY).unique()
    years = schools.select("year").unique()
    strange = came.newest.join(years, on="year", how="semi").join(known, on=COUNTY, how="anti")
    found = [
        findings.of_reading("county_not_on_roster", _place(row), found=row["county_code"])
        for row in strange.iter_rows(named=True)
    ]
    units = came.units.join(known, on=COUNTY, how="semi").join(schools.select(UNIT), on=UNIT, how="anti")
    first = came.rows.unique(UNIT, keep="first", maintain_order=True)
    for row in units.select(UNIT).join(first, on=UNIT).sort("year", "county_code", "school_id").iter_rows(named=True):
        zh, en = nearest(row["school_id"], None, schools.filter(year=row["year"], county_code=row["county_code"]))
        found.append(
            findings.of_reading("school_not_on_roster", _place(row), found=row["school_id"], near_zh=zh, near_en=en)
        )
    return found


def nearest(code: str, name: str | None, schools: pl.DataFrame) -> tuple[str, str]:
    """Words for the school of a roster whose code, else whose name, comes nearest; empty where none is near."""
    codes = difflib.get_close_matches(code, schools["school_id"].to_list(), n=1, cutoff=NEAR)
    if codes:
        found = schools.filter(pl.col("school_id") == codes[0])
    else:
        names = difflib.get_close_matches(name or "", schools["name"].drop_nulls().to_list(), n=1, cutoff=NEAR)
        found = schools.filter(pl.col("name").is_in(names)).head(1)
    if found.is_empty():
        return "", ""
    shown = f"{found['school_id'][0]} {found['name'][0]}"
    return f"；最接近的是 {shown}", f"; the nearest is {shown}"


def _elsewhere(schools: pl.DataFrame, came: Arrivals) -> Iterator[dict[str, object]]:
    """Schools that another county sent than the one in which the roster has them."""
    listed = schools.select(*UNIT, expected_code="county_code")
    units = came.units.join(listed, on=UNIT).filter(pl.col("county_code") != pl.col("expected_code"))
    first = came.rows.unique(UNIT, keep="first", maintain_order=True).drop("county_code")
    for row in units.join(first, on=UNIT).sort("year", "county_code", "school_id").iter_rows(named=True):
        words = {"expected_code": row["expected_code"], "county": row["county_code"]}
        yield findings.of_reading("school_on_roster_elsewhere", _place(row), found=row["school_id"], **words)


def _too_few(schools: pl.DataFrame, came: Arrivals) -> Iterator[dict[str, object]]:
    """Counties that came with far fewer of their schools than the roster names."""
    told = came.rows.select(UNIT).drop_nulls().unique().with_columns(has_come=True)
    counts = (
        schools.join(told, on=UNIT, how="left")
        .group_by(COUNTY)
        .agg(pl.len().alias("expected_schools"), pl.col("has_come").fill_null(False).sum().alias("found"))
    )
    lacking = pl.col("expected_schools") - pl.col("found")
    few = counts.filter((lacking >= FEW) & (lacking > MOST_MISSING * pl.col("expected_schools")))
    for row in few.join(came.newest, on=COUNTY).sort(COUNTY).iter_rows(named=True):
        words = {name: row[name] for name in ("found", "expected_schools")}
        yield findings.of_reading("fewer_schools_than_roster", _place(row), **words)


def _sent_nothing(catalogue: Catalogue, schools: pl.DataFrame, came: Arrivals) -> list[dict[str, object]]:
    """Schools of the roster without a single row, though their county came."""
    silent = schools.join(came.rows.select(UNIT).drop_nulls().unique(), on=UNIT, how="anti")
    pupils = pl.sum_horizontal(pl.col(list(pupil_columns(catalogue).values())).fill_null(0.0))
    placed = silent.with_columns(pupils.alias("pupils")).join(came.newest, on=COUNTY)
    return [
        findings.of_reading("school_sent_nothing", _place(row), found=row["name"], pupils=f"{row['pupils']:.0f}")
        for row in placed.sort("year", "county_code", "school_id").iter_rows(named=True)
    ]


def _stages_not_told(catalogue: Catalogue, owed: pl.DataFrame, came: Arrivals) -> list[dict[str, object]]:
    """Stages that are owed by a school that came, while its county told of the stage."""
    stages = {stage.id: stage for stage in catalogue.judged_stages}
    first = came.rows.unique(UNIT, keep="first", maintain_order=True).drop("county_code")
    placed = owed.join(came.came, on=[*COUNTY, "stage"], how="semi").join(first, on=UNIT)
    rows = placed.sort("year", "county_code", "school_id", "stage").iter_rows(named=True)
    words = ((row, stages[row["stage"]]) for row in rows)
    return [
        findings.of_reading(
            "stage_sent_nothing", _place(row) | {"field": stage.pupils_field}, found=f"{stage.label.zh} {stage.label.en}",
            label_zh=stage.label.zh, label_en=stage.label.en, pupils=f"{row[stage.pupils_field]:.0f}",
        )
        for row, stage in words
    ]  # fmt: skip


# -- without a roster, and whole counties ------------------------------------------------------------------------------


def not_come(
    catalogue: Catalogue, came: Arrivals, parts: pl.DataFrame, expected: pl.DataFrame, stages: pl.DataFrame,
    rostered: Iterable[int],
) -> pl.DataFrame:  # fmt: skip
    """Findings about counties expected of which nothing counts, and about schools that counted the year before and did not
    come, in years without a roster of their own. ``expected``: year, county, stage, is_expected. ``stages``: the counting
    stage rows of all years. ``rostered``: years that have a roster."""
    return findings.frame(
        [*_counties_missing(catalogue, came, parts, expected), *_vanished(catalogue, came, stages, set(rostered))]
    )


def _counties_missing(
    catalogue: Catalogue, came: Arrivals, parts: pl.DataFrame, expected: pl.DataFrame
) -> Iterator[dict[str, object]]:
    silent = expected.filter("is_expected").select(COUNTY).unique().join(came.newest, on=COUNTY, how="anti")
    refused = set(parts.filter(pl.col("status") == "rejected").select(COUNTY).iter_rows())
    for year, county in silent.sort(COUNTY).iter_rows():
        valid = (d for d in catalogue.divisions if d.code == county and d.valid_from <= year <= d.valid_to)
        name = next((d.name_zh for d in valid), "")
        zh, en = ("（所报文件被拒收）", " (what it sent was rejected)") if (year, county) in refused else ("", "")
        place = _place({"year": year, "county_code": county})
        words = {"found": f"{county} {name}".strip(), "year": year, "why_zh": zh, "why_en": en}
        yield findings.of_reading("county_missing_from_year", place, **words)


def _vanished(
    catalogue: Catalogue, came: Arrivals, stages: pl.DataFrame, rostered: set[int]
) -> Iterator[dict[str, object]]:
    """Schools with pupils in the year before whose county came, under whatever code, without a row of theirs."""
    pupils = stages.with_columns(pupils_given(catalogue).alias("pupils")).group_by(UNIT).agg(pl.col("pupils").sum())
    before = pupils.filter(pl.col("pupils") > 0).join(came.units, on=UNIT).with_columns(pl.col("year") + 1)
    here = before.filter(~pl.col("year").is_in(sorted(rostered)))
    gone = here.join(came.rows.select(UNIT).drop_nulls().unique(), on=UNIT, how="anti")
    newest = {(row["year"], row["county_code"]): row for row in came.newest.iter_rows(named=True)}
    for row in gone.sort("year", "county_code", "school_id").iter_rows(named=True):
        county = followed(row["county_code"], row["year"], catalogue.division_changes)
        place = newest.get((row["year"], county or ""))
        if place is not None:
            at = _place({**place, "school_id": row["school_id"]})
            words: Mapping[str, object] = {"found": row["name"] or row["school_id"], "pupils": f"{row['pupils']:.0f}"}
            yield findings.of_reading("school_vanished", at, **words)


def _place(row: Mapping[str, object]) -> dict[str, object]:
    keys = ("submission_id", "part", "year", "county_code", "school_id", "row")
    return {key: row.get(key) for key in keys} | {"sheet": "", "cell": "", "field": ""}

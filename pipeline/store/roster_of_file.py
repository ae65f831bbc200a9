"""What the roster of a year says to one file before it is sent: schools lacking, unknown, or of another county.

Expected of a file are the schools of its counties that had pupils in a stage of which it tells. Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from pipeline import findings
from pipeline.schema.entry import RecordType
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.store.roster import Roster, pupil_columns, read_roster
from pipeline.store.roster_findings import nearest

Frames = dict[RecordType, pl.DataFrame]


def roster_findings_of_file(
    frames: Frames,
    home: Home,
    catalogue: Catalogue,
    year: int,
    *,
    filtered: Collection[str] = (),
    is_whole: bool = True,
) -> pl.DataFrame:
    """Findings (``findings.SCHEMA``) of one file's typed rows against the roster of a year; none where there is no roster.

    ``frames``: as ``ingest.frames_of`` gives them. ``catalogue``: with the rosters of the home. ``filtered``: schools of
    which a layout's filter left rows out: they came. ``is_whole``: whether the file should tell of all schools of its
    counties; False for the file of one school, of which nothing is lacking. Raises HomeError for a roster that cannot be used.
    """
    roster = read_roster(home, year, catalogue)
    came = _came(frames)
    if roster is None or came.is_empty():
        return findings.frame([])
    found = [*_strange(roster, came)]
    if is_whole:
        found += _lacking(roster, catalogue, frames, came, set(filtered))
    return findings.frame(found)


def _came(frames: Frames) -> pl.DataFrame:
    """One row a school of the file: its county, the first row that names it, and its name where one is given."""
    lead = ["submission_id", "part", "year", "row", "county_code", "school_id"]
    given = [
        frame.select(*lead, pl.col("name") if "name" in frame.columns else pl.lit(None, pl.String).alias("name"))
        for record in ("school", "stage", "class", "room")
        if (frame := frames.get(record)) is not None
    ]
    if not given:
        return pl.DataFrame()
    rows = pl.concat(given).drop_nulls(["school_id", "county_code"])
    return rows.group_by("school_id", maintain_order=True).agg(
        *(pl.col(c).first() for c in lead if c != "school_id"), pl.col("name").drop_nulls().first()
    )


def _strange(roster: Roster, came: pl.DataFrame) -> Iterator[dict[str, object]]:
    """Counties and schools that are not on the roster, and schools that it has in another county."""
    counties = {d.code for d in roster.counties} | set(roster.schools["county_code"])
    home_of = dict(roster.schools.select("school_id", "county_code").iter_rows())
    told: set[str] = set()
    for row in came.iter_rows(named=True):
        county, code = row["county_code"], row["school_id"]
        if county not in counties:
            if county not in told:
                told.add(county)
                yield findings.of_reading("county_not_on_roster", _place(row, is_school=False), found=county)
        elif code not in home_of:
            zh, en = nearest(code, row["name"], roster.schools_of(county))
            yield findings.of_reading("school_not_on_roster", _place(row), found=code, near_zh=zh, near_en=en)
        elif home_of[code] != county:
            words = {"expected_code": home_of[code], "county": county}
            yield findings.of_reading("school_on_roster_elsewhere", _place(row), found=code, **words)


def _lacking(
    roster: Roster, catalogue: Catalogue, frames: Frames, came: pl.DataFrame, filtered: set[str]
) -> Iterator[dict[str, object]]:
    """Schools of the file's counties of which it tells nothing, with their pupils of the year before."""
    stages = frames.get("stage")
    told = set(stages["stage"].drop_nulls()) if stages is not None else set()
    columns = [column for stage, column in pupil_columns(catalogue).items() if stage in told or not told]
    held = set(came["school_id"]) | filtered
    whose = roster.schools.filter(
        pl.col("county_code").is_in(came["county_code"].unique().to_list()) & ~pl.col("school_id").is_in(list(held))
    )
    first = {row["county_code"]: row for row in came.reverse().iter_rows(named=True)}
    every = list(pupil_columns(catalogue).values())
    for row in whose.sort("county_code", "school_id").iter_rows(named=True):
        pupils = sum(row[c] or 0 for c in columns)
        if pupils > 0 or all(row[c] is None for c in every):
            place = _place({**first[row["county_code"]], "school_id": row["school_id"], "row": None})
            yield findings.of_reading("school_sent_nothing", place, found=row["name"], pupils=f"{pupils:.0f}")


def _place(row: dict[str, object], *, is_school: bool = True) -> dict[str, object]:
    keys = ("submission_id", "part", "year", "county_code", "row")
    school = row["school_id"] if is_school else None
    return {key: row[key] for key in keys} | {"school_id": school, "sheet": "", "cell": "", "field": ""}

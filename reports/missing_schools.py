"""What is missing of a county: its schools by name with their pupils. And what the pages of areas read of it, once.

States of gaps and ranks say *that* something is missing; here, and in ``missing_counties``, stands what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue, Stage
from reports import numbers
from reports.reader import Groups, Reader, Rows
from reports.tables import Cell, Column, Row, Table
from reports.words import Words


@dataclass(frozen=True)
class Missing:
    """``schools``: by (county, stage), a row a school. ``places``: a row a county and stage of which something is missing
    (``is_whole``: all of it). ``counts``: counties expected and come by (area level, area code, stage)."""

    schools: Groups
    places: Rows
    counts: dict[tuple[str, str, str], tuple[int, int]]


NOTHING = Missing(Groups({}), [], {})
"""Where nobody asked what is missing."""


def read_missing(reader: Reader) -> Missing:
    """What is missing in the latest year."""
    counts = reader.rows(_COUNTS, year=reader.year)
    return Missing(
        reader.groups(_SCHOOLS, ["county_code", "stage"], year=reader.year),
        reader.rows(_PLACES, year=reader.year),
        {(r["area_level"], r["area_code"], r["stage"]): (r["expected"], r["came"]) for r in counts},
    )


_SCHOOLS = """
select * from missing_school where year = $year
order by county_code, stage, pupils desc nulls last, school_id
"""

_PLACES = """
select
    coalesce(c.county_code, s.county_code) as county_code, coalesce(c.stage, s.stage) as stage,
    c.county_code is not null as is_whole, coalesce(s.schools, c.schools) as schools, coalesce(s.pupils, c.pupils) as pupils,
    coalesce(s.names, []) as names
from (select * from missing_county where year = $year) as c
full join (
    select
        county_code, stage, count(*) as schools, sum(pupils order by school_id) as pupils,
        list(coalesce(name, school_id) order by pupils desc nulls last, school_id)[1:5] as names
    from missing_school where year = $year group by county_code, stage
) as s on s.county_code = c.county_code and s.stage = c.stage
order by is_whole desc, pupils desc nulls last, county_code, stage
"""

_COUNTS = """
select area_level, area_code, stage, max(counties_expected) as expected, max(counties_came) as came
from gap_coefficient where year = $year and area_level in ('province', 'nation') group by area_level, area_code, stage
"""


FEW_ROWS = 10
"""A list of no more rows than this stands open."""

# -- a county ----------------------------------------------------------------------------------------------------------


def county_missing(
    rows: Sequence[dict[str, Any]], here: float, stage: Stage, year: int, catalogue: Catalogue, words: Words, stem: str
) -> dict[str, Any] | None:
    """What the page of a county says of missing schools. ``rows``: of ``missing_school``; ``here``: pupils of the schools that
    count; None where nothing is missing."""
    if not rows:
        return None
    pupils = sum(row["pupils"] or 0.0 for row in rows)
    unknown = sum(row["pupils"] is None for row in rows)
    share = pupils / (pupils + here) if pupils + here else 1.0
    limit = float(catalogue.setting("missing_pupils_limit_pct"))
    is_over = unknown > 0 or share * 100 > limit
    said = [
        words(
            "missing.county", stage=words.stage(stage), n=len(rows), pupils=numbers.whole(pupils), share=numbers.percent(share, 1)
        ),
        words("missing.county.unknown", n=unknown) if unknown else "",
        words("missing.county.over" if is_over else "missing.county.under", limit=f"{limit:g}"),
    ]  # fmt: skip
    columns = [
        Column(words("col.school")), Column(words("col.code")), Column(words("col.pupils"), True),
        Column(words("col.missing.why"), wrap=True),
    ]  # fmt: skip
    cells = [
        Row([
            Cell(row["name"] or row["school_id"]), Cell(row["school_id"]),
            Cell(numbers.whole(row["pupils"]) if row["pupils"] is not None else numbers.DASH, numbers.raw(row["pupils"])),
            Cell(words(f"missing.{row['why']}")),
        ])
        for row in rows
    ]  # fmt: skip
    caption = words("missing.county.caption", year=year, n=len(rows))
    table = Table("missing-table", caption, columns, cells, f"{stem}-missing.csv")
    return {"lead": words.sentences(said), "table": table, "is_open": is_over or len(rows) <= FEW_ROWS}

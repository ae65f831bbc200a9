"""Reads what a province's page tells of whole counties: verdicts by a standard, lists of merit and of warning, awards of groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from reports.reader import Groups

VERDICTS = ("met", "unmet", "no_data", "not_applicable")
LISTS = ("merit", "warning")


@dataclass(frozen=True)
class Whole:
    """A standard in whole counties of a province: ``determinations`` by county, rows of ``county_list``, ``group_award``."""

    determinations: dict[str, dict[str, Any]]
    listed: tuple[dict[str, Any], ...]
    awards: tuple[dict[str, Any], ...]


NOTHING_WHOLE = Whole({}, (), ())


@dataclass(frozen=True)
class AreaResults:
    """Groups of the latest year. ``determinations``, ``listed``: by (province, standard); ``awards``: by (province,).

    ``listed``: counties that stand on a list in the year or left it in this year.
    """

    determinations: Groups
    listed: Groups
    awards: Groups

    def whole(self, province: str, standard: str) -> Whole:
        """What the standard comes to in the counties of a province."""
        key = (province, standard)
        return Whole(
            {row["county_code"]: row for row in self.determinations.get(key)}, tuple(self.listed.get(key)),
            tuple(row for row in self.awards.get((province,)) if row["standard_id"] == standard),
        )  # fmt: skip


NO_RESULTS = AreaResults(Groups({}), Groups({}), Groups({}))


def read_results(connection: duckdb.DuckDBPyConnection, year: int) -> AreaResults:
    """Reads the groups; the temporary table ``place`` says which province a county lies in."""
    held = {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}

    def groups(sql: str, table: str, *key: str) -> Groups:
        # A release made before a table was thought of has none of it.
        frame: pl.DataFrame = connection.sql(sql, params={"year": year}).pl() if table in held else pl.DataFrame()
        return Groups(frame.partition_by(list(key), as_dict=True, maintain_order=True) if len(frame) else {})

    return AreaResults(
        determinations=groups(_DETERMINATIONS, "county_determination", "province_code", "standard_id"),
        listed=groups(_LISTED, "county_list", "province_code", "standard_id"),
        awards=groups(_AWARDS, "group_award", "province_code"),
    )


def current(rows: Iterable[dict[str, Any]], which: str) -> list[dict[str, Any]]:
    """Those that stand on a list."""
    return [row for row in rows if row["list"] == which and row["left_year"] is None]


_DETERMINATIONS = """
select p.province_code, d.*
from county_determination as d
inner join place as p on p.county_code = d.county_code
where d.year = $year
order by d.county_code
"""

_LISTED = """
select p.province_code, l.*
from county_list as l
inner join place as p on p.county_code = l.county_code
where l.entered_year <= $year and coalesce(l.left_year, $year) >= $year
order by l.list, l.left_year nulls first, l.entered_year, l.county_code
"""

_AWARDS = """
with recursive above as (
    select code, level, parent_code, code as start, level as start_level
    from division where valid_from <= $year and $year <= valid_to
    union all
    select d.code, d.level, d.parent_code, a.start, a.start_level
    from above as a
    inner join division as d on d.code = a.parent_code and d.valid_from <= $year and $year <= d.valid_to
)
select a.code as province_code, area.name_zh, area.name_en, g.*
from group_award as g
inner join above as a on a.start = g.area_code and a.start_level = g.area_level and a.level = 'province'
inner join division as area
    on area.code = g.area_code and area.level = g.area_level and area.valid_from <= $year and $year <= area.valid_to
where g.year = $year
order by g.area_code, g.rank nulls last, g.group_id
"""

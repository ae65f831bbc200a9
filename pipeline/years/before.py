"""Last year's gaps and measures of this year's counties: as they stand, or for counties that lay otherwise recomputed.

The recomputation runs the same SQL (``gap_coefficient``, ``county_measure``, ``measure_part``) over last year's schools, each put into the
county in which it counts today; levels are those of last year, since what schools attained then is taken as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables import compute
from pipeline.years.boundaries import RENAME, SAME, Boundaries

REMADE = ("gap_coefficient", "county_measure", "measure_part")
OF_SCHOOLS = ("absent_scope", "indicator_attainment", "school_score")
"""Tables of schools that the SQL reads with year and county as columns; ``indicator_wide`` has a place instead."""


@dataclass(frozen=True)
class Before:
    """``gap`` (county level), ``measure``, ``part``: rows of the tables of these names, with the year of today and the county of today
    in place of their own."""

    gap: pl.DataFrame
    measure: pl.DataFrame
    part: pl.DataFrame


def before(home: Home, catalogue: Catalogue, made: Boundaries) -> Before:
    """What is known of the year before of every county of a year that can be followed; no row where there is no year before."""
    tables = {name: _as_it_stands(home, name, made) for name in REMADE}
    for year in sorted(set(made.moved["year"])):
        for name, rows in _remade(home, catalogue, made, year).items():
            tables[name] = pl.concat([tables[name], rows.select(tables[name].columns).cast(tables[name].schema)])
    key = ["year", "standard_id", "stage", "county_code"]
    gap = tables["gap_coefficient"].filter(pl.col("area_level") == "county").rename({"area_code": "county_code"})
    return Before(
        gap.sort(*key, "indicator_id"), tables["county_measure"].sort(*key, "measure"),
        tables["measure_part"].sort(*key, "measure", "position"),
    )  # fmt: skip


def _as_it_stands(home: Home, name: str, made: Boundaries) -> pl.DataFrame:
    """Rows of the year before of counties whose boundaries did not change."""
    own = made.counties.filter(pl.col("kind").is_in([SAME, RENAME]))
    rows = pl.read_parquet(home.table(name)).with_columns(pl.col("year") + 1)
    county = "area_code" if "area_code" in rows.columns else "county_code"
    return rows.join(own.select("year", pl.col("county_code").alias(county)), on=["year", county], how="semi")


def _remade(home: Home, catalogue: Catalogue, made: Boundaries, year: int) -> dict[str, pl.DataFrame]:
    """The tables of a year's counties that lay otherwise, made from the schools of the year before."""
    with compute.connect(catalogue) as connection:
        moved = made.moved.filter(pl.col("year") == year).sort("county_code", "school_id")
        counties = made.counties.filter(
            (pl.col("year") == year) & pl.col("is_followed") & ~pl.col("kind").is_in([SAME, RENAME])
        )
        connection.register("moved", moved.to_arrow())
        connection.register("lay_in", _lay_in(counties).to_arrow())
        _todays_rows(connection, home, year)
        found = {}
        for name in REMADE:
            found[name] = connection.sql(compute.render(name, catalogue)).pl()
            connection.register(name, found[name].to_arrow())
    return found


def _lay_in(counties: pl.DataFrame) -> pl.DataFrame:
    """A row a county of today and county of the year before that it lay in."""
    lists = counties.select("county_code", pl.col("county_before").str.split("+").alias("before_code"))
    return lists.explode("before_code")


def _todays_rows(connection: duckdb.DuckDBPyConnection, home: Home, year: int) -> None:
    """The tables that the SQL reads, of last year's schools in today's counties. A county is told of where all counties it
    lay in were."""
    for name in (*OF_SCHOOLS, "place", "indicator_wide", "expected"):
        path = str(home.table(name)).replace("'", "''")
        connection.execute(f"create view old_{name} as select * from read_parquet('{path}')")
    for name in OF_SCHOOLS:
        connection.execute(f"""
            create table {name} as
            select o.* replace (o.year + 1 as year, m.county_code as county_code)
            from old_{name} as o
            inner join moved as m on m.school_id = o.school_id and m.before_code = o.county_code
            where o.year = {year - 1}
            order by o.school_id, o.stage
        """)
    connection.execute(f"""
        create table held as
        select p.stage, m.county_code, w.*
        from old_indicator_wide as w
        inner join old_place as p on p.place_no = w.place_no and p.year = {year - 1}
        inner join moved as m on m.school_id = w.school_id and m.before_code = p.county_code
    """)
    connection.execute(f"""
        create table place as
        select row_number() over (order by county_code, stage) as place_no, {year} as year, county_code, stage
        from (select distinct county_code, stage from held) as places
    """)
    connection.execute("""
        create table indicator_wide as
        select h.* exclude (stage, county_code) replace (p.place_no as place_no)
        from held as h
        inner join place as p on p.county_code = h.county_code and p.stage = h.stage
        order by p.place_no, h.school_id
    """)
    connection.execute(f"""
        create table expected as
        select
            {year} as year, 'county' as area_level, l.county_code as area_code, o.stage,
            max(o.counties_expected) as counties_expected,
            case when min(case when o.counties_came >= o.counties_expected then 1 else 0 end) = 1
                then max(o.counties_came) else 0 end as counties_came
        from lay_in as l
        inner join old_expected as o
            on o.year = {year - 1} and o.area_level = 'county' and o.area_code = l.before_code
        group by l.county_code, o.stage
    """)
    connection.execute("""
        create table least_gap (
            year bigint, standard_id varchar, county_code varchar, stage varchar, indicator_id varchar, cv_least double
        )
    """)

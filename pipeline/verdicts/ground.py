"""The ground that tests stand on: one DuckDB connection with rows of schools, county cells, and what of each county is missing.

Rows of schools (``schema.county.Over``) hold only the columns that some expression of the catalogue reads. A campus (``unit``) has
what ``school_total`` has, made before campuses are merged, and ``<field>_<stage>`` for a stage's own: 0 where it has no such
stage, null where the stage's pupils are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipeline.schema.check import unit_columns
from pipeline.schema.county import Every, Over, Ratio
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, Standard
from pipeline.schema.verdict_limits import VerdictLimits
from pipeline.store.home import Home
from pipeline.tables.compute import connect
from pipeline.tables.context import pupils_case

PUPILS = "pupils"
"""A column of every row of schools."""
READ = (
    "unit", "unit_stage", "unit_total", "unit_share", "school_total", "school_stage", "county_return", "absent", "came",
    "expected_county", "gap_coefficient", "school_score", "absent_scope", "indicator_attainment",
)  # fmt: skip
"""Tables that the tests read."""


@dataclass(frozen=True)
class Ground:
    """``connection`` has a table for each of ``Over`` (``of_<over>``), ``county_cells``, ``owed`` and, a standard, ``gone_<n>``."""

    connection: duckdb.DuckDBPyConnection
    catalogue: Catalogue

    def read(self, sql: str) -> pl.DataFrame:
        return self.connection.sql(sql).pl()

    def gone(self, standard: Standard) -> str:
        return f"gone_{list(self.catalogue.standards).index(standard.id)}"


def judged_standards(catalogue: Catalogue) -> list[Standard]:
    """Standards that test some item of the county."""
    return [s for s in catalogue.standards.values() if any(item.tests for item in s.county_items)]


@contextmanager
def ground_of(home: Home, catalogue: Catalogue) -> Iterator[Ground]:
    """The ground of a home whose tables up to the scores are made; bare where no standard of the catalogue tests anything."""
    with connect(catalogue) as connection:
        for name in READ:
            if home.table(name).exists():
                connection.execute(f"create view {name} as select * from read_parquet({_text(home.table(name))})")
        ground = Ground(connection, catalogue)
        if judged_standards(catalogue):
            _school_rows(ground)
            _county_cells(ground, home)
            _missing(ground)
        yield ground


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def names_read(catalogue: Catalogue) -> set[str]:
    """Every name that an expression over rows of schools reads, in any standard."""
    found: set[str] = set()
    for standard in judged_standards(catalogue):
        found |= _of(rule.when for rule in standard.scope)
        for relaxation in standard.relaxations:
            found |= _of((relaxation.when, relaxation.needs, relaxation.numerator))
            if relaxation.indicator is not None:
                indicator = catalogue.indicators[relaxation.indicator]
                found |= _of((indicator.numerator, indicator.denominator))
            found |= {n for r in relaxation.tests.values() for n in _of((r.value, _expression(r.limit)))}
        for test in (t for item in standard.county_items for t in item.tests):
            if isinstance(test, Every):
                found |= _of((test.where, test.value, _expression(test.limit), test.numerator, test.denominator))
            elif isinstance(test, Ratio):
                found |= {n for total in test.totals.values() for n in _of((total.sum, total.any, total.where))}
    return found


def granted_in(catalogue: Catalogue) -> list[str]:
    """The field in which a return itself tells from which year a relaxation holds, where the catalogue names one."""
    field = VerdictLimits.of(catalogue).relaxation_granted_in
    return [field] if field in catalogue.fields and field is not None else []


def _expression(limit: float | str | None) -> str | None:
    return limit if isinstance(limit, str) else None


def _of(expressions: Iterable[str | None]) -> set[str]:
    return {name for text in expressions if text is not None for name in columns_of(text)}


# -- rows of schools ---------------------------------------------------------------------------------------------------


def own_stage_columns(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """``<field>_<stage>`` of a campus → (field, stage), for fields reported by stage and judged stages."""
    fields = [f.id for f in catalogue.fields_of("stage")]
    return {f"{field}_{stage.id}": (field, stage.id) for field in fields for stage in catalogue.judged_stages}


def _school_rows(ground: Ground) -> None:
    catalogue = ground.catalogue
    wanted = names_read(catalogue) | {*granted_in(catalogue)}
    identity = unit_columns(catalogue) & wanted | {"year", "county_code", "school_id"}
    name = "name" if "name" in unit_columns(catalogue) else "cast(null as varchar)"
    of_stage = [f.id for f in catalogue.fields_of("stage") if f.id in wanted]
    of_whole = [f.id for f in catalogue.fields_of("split", "whole") if f.id in wanted]
    plain = [*sorted(identity), f"coalesce({name}, school_id) as school_name"]
    ground.connection.execute(_unit_sql(catalogue, [*plain, *of_whole], [*dict.fromkeys([*of_stage, PUPILS])], wanted))
    for over, source, kept in _sources():
        where = "where is_judged" if source == "unit_share" else ""
        columns = ", ".join([*plain, *kept, *dict.fromkeys([*of_stage, *of_whole, PUPILS])])
        ground.connection.execute(f"create table of_{over} as select {columns} from {source} {where}")


def _sources() -> list[tuple[Over, str, list[str]]]:
    return [
        ("unit_stage", "unit_share", ["stage", "merged_into"]),
        ("school", "school_total", []),
        ("school_stage", "school_stage", ["stage"]),
    ]


def _unit_sql(catalogue: Catalogue, plain: list[str], of_stage: list[str], wanted: set[str]) -> str:
    """Campuses with pupils in a judged stage: their own columns, stage fields summed, and stages' own."""
    summed = [f"case when count(*) = count({f}) then sum({f} order by stage) end as {f}" for f in of_stage]
    own, known = [], []
    for column, (field, stage) in own_stage_columns(catalogue).items():
        if column in wanted:
            here = f"case when stage = '{stage}' then {field} end"
            known.append(
                f"case when count(case when stage = '{stage}' then 1 end) > 0 then max({here}) else 0 end as s_{column}"
            )
            own.append(
                f"case when list_contains(coalesce(stages, []), '{stage}') then null else s_{column} end as {column}"
            )
    gathered = ", ".join(["year as s_year", "school_id as s_school", *summed, *known])
    return f"""
create table of_unit as
with s as (select {gathered} from unit_share where is_judged group by year, school_id),
w as (
    select year as w_year, school_id as w_school, list(stage) as stages
    from unit_stage where {pupils_case(catalogue)("")} is null
    group by year, school_id
)
select {", ".join([*plain, *of_stage, *own])}
from unit_total
inner join s on s_year = year and s_school = school_id
left join w on w_year = year and w_school = school_id
"""


# -- the county itself -------------------------------------------------------------------------------------------------


def _county_cells(ground: Ground, home: Home) -> None:
    """One row a year and county of ``owed``: its cells, null where it sent none."""
    fields = ground.catalogue.fields_of("county")
    kinds = {f.id: "varchar" if f.type in ("text", "code") else "double" for f in fields}
    own = home.table("county_return")
    there = set(pl.read_parquet_schema(own)) if own.exists() else set()
    cells = [f"cast({f'c.{n}' if n in there else 'null'} as {kind}) as {n}" for n, kind in kinds.items()]
    others = (
        "select year, county_code from county_return"
        if there
        else "select year, county_code from expected_county where false"
    )
    stages = ", ".join(f"('{stage.id}')" for stage in ground.catalogue.judged_stages)
    ground.connection.execute(f"""
create table owed as
select e.year, e.county_code, e.stage, e.is_expected and c.county_code is null as is_silent
from expected_county as e
left join came as c on c.year = e.year and c.county_code = e.county_code and c.stage = e.stage
union all
select o.year, o.county_code, s.stage, true
from ({others}) as o
cross join (values {stages}) as s(stage)
where not exists (select 1 from expected_county as e where e.year = o.year and e.county_code = o.county_code)
""")
    join = "left join county_return as c on c.year = o.year and c.county_code = o.county_code" if there else ""
    ground.connection.execute(f"""
create table county_cells as
select {", ".join(["o.year", "o.county_code", *cells])}
from (select distinct year, county_code from owed) as o
{join}
""")


def _missing(ground: Ground) -> None:
    """``gone_<n>``: one row a year, county and judged stage: how many schools that a standard's county items ask of are absent
    (those of unknown county left out), and whether the county owes the stage and told nothing of it."""
    for standard in judged_standards(ground.catalogue):
        ground.connection.execute(f"""
create table {ground.gone(standard)} as
select
    o.year, o.county_code, o.stage, o.is_silent,
    list(distinct a.school_id order by a.school_id) filter (where a.school_id is not null) as schools
from owed as o
left join (select * from absent where {in_scope(standard)}) as a
    on a.year = o.year and a.county_code = o.county_code and a.stage = o.stage
group by o.year, o.county_code, o.stage, o.is_silent
""")


def in_scope(standard: Standard) -> str:
    """SQL: whether a row of schools is asked what the standard asks of a county's schools; small points are."""
    rules = [f"not coalesce({rule.when}, false)" for rule in standard.scope if rule.id in standard.county_scope]
    return " and ".join(f"({rule})" for rule in rules) or "true"


def missing_of(ground: Ground, standard: Standard, stage: str | None) -> str:
    """SQL: year, county_code, how many schools of a stage (of all stages for None) are missing, and whether it is silent of one."""
    where = f"where stage = '{stage}'" if stage else ""
    return f"""
select year, county_code, len(list_distinct(flatten(list(coalesce(schools, []))))) as missing, bool_or(is_silent) as is_silent
from {ground.gone(standard)} {where} group by year, county_code
"""

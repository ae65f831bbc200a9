"""Reads what the pages of areas show of a finished release: verdicts of counties, their gaps and ranks, areas, coverage.

Every comparison with a limit or level is made here by the database's own macros, on values that are not rounded. Frames
stay Polars until a page asks for its rows, so that a nation is never held as Python objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue
from pipeline.tables.context import rounded
from reports.area_results import NO_RESULTS, AreaResults, read_results
from reports.reader import Rows
from reports.release import County, Release
from reports.sureness import RANGES

Frames = dict[tuple[Any, ...], pl.DataFrame]
KEY = ["province_code", "standard_id", "stage"]
NO_PROVINCE = "0"
"""What ``County.province_code`` says where the divisions know no province."""


@dataclass(frozen=True)
class Prefecture:
    """A prefecture: its code and name."""

    code: str
    name: Label


@dataclass(frozen=True)
class Province:
    """A province with its prefectures and the counties expected of it, each by code."""

    code: str
    name: Label
    prefectures: tuple[Prefecture, ...]
    counties: tuple[County, ...]


@dataclass(frozen=True)
class Areas:
    """Frames by (province, standard, stage): ``gaps``, ``ranks``, ``shares`` of the years that a page compares.

    ``verdicts``: one row a year, standard, stage and county, all years. ``prefectures``: gap rows of prefectures and
    provinces. ``coverage``: one row a province: counties expected, received, accepted. ``ranges``: how sure the places are.
    ``results``: what is told of whole counties.
    """

    year: int
    previous: int | None
    provinces: tuple[Province, ...]
    verdicts: pl.DataFrame
    gaps: Frames
    ranks: Frames
    shares: Frames
    schools: Frames
    prefectures: Frames
    coverage: Rows
    ranges: Frames = field(default_factory=dict)
    results: AreaResults = NO_RESULTS

    def rows(self, frames: Frames, province: str, standard: str, stage: str) -> Rows:
        """Rows of a page's cut, in the order of the frame; none where there are none."""
        found = frames.get((province, standard, stage))
        return [] if found is None else found.to_dicts()


def read_areas(database: Path, catalogue: Catalogue, release: Release) -> Areas:
    """Opens the database read-only and reads what pages of areas need."""
    with duckdb.connect(str(database), read_only=True) as connection:
        places = pl.DataFrame(
            [(c.code, c.province_code) for c in release.counties],
            schema={"county_code": pl.String, "province_code": pl.String}, orient="row",
        )  # fmt: skip
        connection.register("place", places)
        connection.execute(_GAP)
        compared = {name: rounded(name, catalogue.setting("decimals_cv")) for name in ("mean_low", "mean_high")}
        connection.execute(_VERDICT.format(**compared))
        years = {"year": release.year, "previous": release.previous}
        year = {"year": release.year}
        return Areas(
            year=release.year, previous=release.previous, provinces=_provinces(connection, release),
            verdicts=connection.sql("select * from area_verdict order by all").pl(),
            gaps=_cut(connection, _GAPS, years), ranks=_cut(connection, _RANKS, years),
            shares=_cut(connection, _SHARES, year), schools=_cut(connection, _SCHOOLS, year),
            prefectures=_cut(connection, _PREFECTURES, year), coverage=connection.sql(_COVERAGE, params=year).pl().to_dicts(),
            ranges=_cut(connection, RANGES, year), results=read_results(connection, release.year),
        )  # fmt: skip


def _cut(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any]) -> Frames:
    used = {name: value for name, value in parameters.items() if f"${name}" in sql}
    frame: pl.DataFrame = connection.sql(sql, params=used or None).pl()
    return frame.partition_by(KEY, as_dict=True, maintain_order=True)


def _provinces(connection: duckdb.DuckDBPyConnection, release: Release) -> tuple[Province, ...]:
    """The provinces that hold a county of the release, in the order of their codes."""
    sql = "select code, name_zh, name_en from division where level = 'prefecture' and valid_from <= $year and $year <= valid_to order by code"
    prefectures = [
        Prefecture(code, Label(zh=zh, en=en))
        for code, zh, en in connection.execute(sql, {"year": release.year}).fetchall()
    ]
    found = []
    for code in sorted({c.province_code for c in release.counties} - {NO_PROVINCE}):
        counties = tuple(c for c in release.counties if c.province_code == code)
        held = {c.prefecture_code for c in counties}
        name = counties[0].province
        assert name is not None, f"the province {code} has no name"
        found.append(Province(code, name, tuple(p for p in prefectures if p.code in held), counties))
    return tuple(found)


def counties_of(provinces: Sequence[Province]) -> dict[str, County]:
    """Every county of the provinces by code."""
    return {county.code: county for province in provinces for county in province.counties}


_GAP = """
create or replace temp table area_gap as
with
asked as (
    select distinct year, standard_id, stage, indicator_id from gap_coefficient where area_level = 'county'
),
level as (
    select
        k.year, k.standard_id, k.stage, k.indicator_id,
        case when not bool_or(t.school_type <> '*')
            then max_by(t.value, case when t.stage = k.stage then 100000 else 0 end + t.year_from) end as level
    from asked as k
    inner join threshold as t
        on t.standard_id = k.standard_id and t.indicator_id = k.indicator_id and t.stage in (k.stage, '*')
            and t.year_from <= k.year and t.value is not null
    group by k.year, k.standard_id, k.stage, k.indicator_id
)
select
    g.year, g.standard_id, g.stage, g.area_code as county_code, g.indicator_id, cast(g.schools as bigint) as schools,
    g.pupils, cast(g.schools_missing as bigint) as schools_missing, g.pupils_missing, g.mean, g.cv, g.cv_low, g.cv_high,
    g.cv_limit, g.state, cast(g.counties_came as bigint) as counties_came, g.trace_id, l.level,
    case when i.direction = '>=' then g.mean / nullif(l.level, 0) else l.level / nullif(g.mean, 0) end as ratio,
    case when l.level is null or g.mean is null then null
        when i.direction = '>=' then at_least(g.mean, l.level) else at_most(g.mean, l.level) end as mean_is_up,
    case
        when g.is_met then 'met'
        when not g.is_met then 'unmet'
        when g.state = 'no_schools' then 'none'
        when g.state = 'single_school' then 'single'
        when g.state = 'zero_mean' or (g.schools = 0 and g.counties_came > 0) then 'zero'
        when g.cv_limit is not null then 'undecided'
        when g.state = 'ok' then 'measured'
        else 'incomplete'
    end as verdict
from gap_coefficient as g
inner join indicator as i on i.indicator_id = g.indicator_id
left join level as l
    on l.year = g.year and l.standard_id = g.standard_id and l.stage = g.stage and l.indicator_id = g.indicator_id
where g.area_level = 'county'
"""

_VERDICT = """
create or replace temp table area_verdict as
with
tallied as (
    select
        g.year, g.standard_id, g.stage, g.county_code, any_value(s.composite_limit) as composite_limit,
        max(g.counties_came) as counties_came, count(*) as gaps, count(g.cv_limit) as limited,
        count(case when g.verdict = 'met' then 1 end) as met, count(case when g.verdict = 'unmet' then 1 end) as over,
        count(case when g.verdict in ('undecided', 'incomplete') then 1 end) as open,
        count(case when g.verdict = 'single' then 1 end) as single, count(case when g.verdict = 'none' then 1 end) as none,
        case when count(*) = count(g.cv_low) then sum(g.cv_low order by g.indicator_id) / count(*) end as mean_low,
        case when count(*) = count(g.cv_high) then sum(g.cv_high order by g.indicator_id) / count(*) end as mean_high
    from area_gap as g
    left join standard as s on s.standard_id = g.standard_id and s.stage = g.stage
    group by g.year, g.standard_id, g.stage, g.county_code
)
select
    t.year, t.standard_id, t.stage, t.county_code, p.province_code, t.gaps, t.met, t.over, t.open, t.single, t.none,
    case
        when t.none = t.gaps then 'none'
        when t.counties_came = 0 then 'absent'
        when t.single + t.none = t.gaps then 'single'
        when t.limited > 0 then
            case when t.over > 0 then 'beyond' when t.open > 0 then 'open' when t.met > 0 then 'within' else 'open' end
        when t.composite_limit is not null then
            case when at_most({mean_high}, t.composite_limit) then 'within'
                when not at_most({mean_low}, t.composite_limit) then 'beyond' else 'open' end
        when t.open > 0 then 'open'
        else 'measured'
    end as verdict
from tallied as t
left join place as p on p.county_code = t.county_code
"""

_GAPS = """
select g.*, p.province_code
from area_gap as g
inner join place as p on p.county_code = g.county_code
where g.year = $year or g.year = $previous
order by g.county_code, g.indicator_id, g.year
"""

_RANKS = """
select
    r.year, r.standard_id, r.measure, r.stage, r.county_code, p.province_code, r.value, r.rank_province, r.rank_nation,
    r.rank_low, r.rank_high, r.compared_province, r.compared_nation, r.value_before, r.rank_change, r.cause_indicator,
    r.state
from county_ranking as r
inner join place as p on p.county_code = r.county_code
where r.year = $year
order by r.county_code, r.measure
"""

_SHARES = """
select
    a.standard_id, a.stage, a.county_code, p.province_code, a.indicator_id,
    count(case when a.is_met then 1 end) as met, count(case when not a.is_met then 1 end) as unmet,
    count(case when a.state in ('missing', 'not_collected') then 1 end) as missing,
    count(case when a.state = 'not_applicable' then 1 end) as not_applicable, count(*) as schools
from indicator_attainment as a
inner join place as p on p.county_code = a.county_code
where a.year = $year
group by a.standard_id, a.stage, a.county_code, p.province_code, a.indicator_id
order by a.county_code, a.indicator_id
"""

_SCHOOLS = """
with scored as (
    select
        standard_id, stage, school_id, score, meets_standard
    from school_score where year = $year
)
select
    c.standard_id, c.stage, s.county_code, p.province_code, count(*) as schools, sum(s.pupils order by s.school_id) as pupils,
    count(case when x.meets_standard then 1 end) as meeting, count(case when not x.meets_standard then 1 end) as failing,
    count(case when x.school_id is not null and x.meets_standard is null then 1 end) as unknown,
    count(x.school_id) as judged
from school_scope as c
inner join school_stage as s on s.year = c.year and s.school_id = c.school_id and s.stage = c.stage
inner join place as p on p.county_code = s.county_code
left join scored as x on x.standard_id = c.standard_id and x.stage = c.stage and x.school_id = c.school_id
where c.year = $year and c.is_counted
group by c.standard_id, c.stage, s.county_code, p.province_code
order by s.county_code
"""

_PREFECTURES = """
with recursive above as (
    select code, level, parent_code, code as start, level as start_level
    from division
    where level in ('prefecture', 'province') and valid_from <= $year and $year <= valid_to
    union all
    select d.code, d.level, d.parent_code, a.start, a.start_level
    from above as a
    inner join division as d on d.code = a.parent_code and d.valid_from <= $year and $year <= d.valid_to
)
select
    g.standard_id, g.stage, a.code as province_code, g.area_level, g.area_code, g.indicator_id,
    cast(g.schools as bigint) as schools, g.cv, g.state, cast(g.counties_expected as bigint) as counties_expected,
    cast(g.counties_came as bigint) as counties_came, g.trace_id
from gap_coefficient as g
inner join above as a on a.start = g.area_code and a.start_level = g.area_level and a.level = 'province'
where g.year = $year
order by g.area_level desc, g.area_code, g.indicator_id
"""

_COVERAGE = """
select
    p.province_code, count(distinct p.county_code) as expected,
    count(distinct s.county_code) as received,
    count(distinct case when s.status = 'accepted' then s.county_code end) as accepted
from place as p
left join submission_part as s on s.county_code = p.county_code and s.year = $year
group by p.province_code order by p.province_code
"""

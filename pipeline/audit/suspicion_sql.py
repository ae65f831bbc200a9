"""The trials of the audit of suspicion as SQL over the home's Parquet files.

Every query of trials gives year, province, county, school, three groups from wide to narrow, and whether the trial hits;
``units_sql`` makes of it units with their trials, hits and expected hits.
"""

from __future__ import annotations

import duckdb
import polars as pl

from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, Division
from pipeline.schema.suspicion_limits import Limits
from pipeline.store.home import Home

CELLS_KEY = "year, province_code, county_code, school_id"


def prepare(connection: duckdb.DuckDBPyConnection, home: Home, catalogue: Catalogue, limits: Limits) -> None:
    """Tables ``place``, ``cell``, ``telling``, ``head``, ``measured``, ``unbuilt`` and macros for the limits."""
    for name in ("unit", "unit_stage", "indicator_attainment"):
        path = str(home.table(name)).replace("'", "''")
        connection.execute(f"create view {name} as select * from read_parquet('{path}')")
    for name, value in {
        "slack": float(catalogue.setting("comparison_tolerance")), "near": limits.near_pct / 100, "narrow": limits.window_pct / 100,
        "fall": limits.fall_pct / 100, "growth": limits.growth_pct / 100,
    }.items():  # fmt: skip
        connection.execute(f"create macro {name}() as cast({value!r} as double)")
    bounds = " + ".join(f"cast(p >= {bound!r} as integer)" for bound in limits.sizes) or "0"
    connection.execute(f"create macro size_class(p) as cast({bounds} as varchar)")
    connection.execute(
        "create macro digits(x, lo, hi) as greatest(0, least(hi - lo, length(cast(cast(floor(greatest(x, 0)) as hugeint) as varchar)) - lo))"
    )
    _register(connection, "place", _places(connection, catalogue))
    _register(connection, "way", _ways(catalogue))
    _register(connection, "counts", _counts(catalogue))
    for statement in (_cells(connection, catalogue), _heads(catalogue), *TABLES):
        connection.execute(statement)


def _register(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    connection.register(name, frame.to_arrow())


def _places(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> pl.DataFrame:
    """Year, county, province ('0' for none), walking up the divisions of the year."""
    rows = []
    for year, county in connection.execute(
        "select distinct year, county_code from unit where county_code is not null"
    ).fetchall():
        known = {d.code: d for d in catalogue.divisions if d.valid_from <= year <= d.valid_to}
        here: Division | None = known.get(county)
        while here is not None and here.level != "province":
            here = known.get(here.parent_code)
        rows.append((year, county, here.code if here else "0"))
    return pl.DataFrame(
        rows, schema={"year": pl.Int64, "county_code": pl.String, "province_code": pl.String}, orient="row"
    )


def _ways(catalogue: Catalogue) -> pl.DataFrame:
    rows = [(i.id, i.direction == ">=", i.scope == "school") for i in catalogue.indicators.values()]
    schema = {"indicator_id": pl.String, "more_is_better": pl.Boolean, "of_school": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _counts(catalogue: Catalogue) -> pl.DataFrame:
    """Indicators and the cells that grow by building, with whether the indicator's numerator reads the cell."""
    shared = [f for f in catalogue.cells_of("school") if f.type in ("integer", "number") and f.scope != "identity"]
    built = [f.id for f in shared if f.is_built] or [f.id for f in shared if f.scope == "split"]
    rows = [
        (i.id, name, name in _read_by(i.numerator, catalogue)) for i in catalogue.indicators.values() for name in built
    ]
    return pl.DataFrame(
        rows, schema={"indicator_id": pl.String, "field": pl.String, "is_own": pl.Boolean}, orient="row"
    )


def _read_by(expression: str, catalogue: Catalogue) -> set[str]:
    """Fields that an expression reads, and what those are worked out from."""
    direct = set(columns_of(expression))
    deeper = (f.expression for name in direct if (f := catalogue.fields.get(name)) is not None and f.expression)
    return direct.union(*(_read_by(inner, catalogue) for inner in deeper))


def _cells(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> str:
    """Statement that makes ``cell``: every counted figure as it was reported."""
    parts = []
    for source, record, stage in (("unit", "school", "''"), ("unit_stage", "stage", "stage")):
        there = {str(row[0]) for row in connection.execute(f"describe {source}").fetchall()}
        for field in catalogue.cells_of(record):  # type: ignore[arg-type]
            if field.type in ("integer", "number") and field.scope != "identity" and field.id in there:
                parts.append(
                    f"select year, county_code, school_id, {stage} as stage, '{field.id}' as field, {field.scope == 'split'} as is_shared, "
                    f'cast("{field.id}" as double) as value from {source} where "{field.id}" is not null'
                )
    return f"create table cell as select c.*, p.province_code from ({' union all '.join(parts)}) as c inner join place as p using (year, county_code)"


def _heads(catalogue: Catalogue) -> str:
    """Statement that makes ``head``: pupils of a school over all its stages, null where one is."""
    whens = " ".join(f"when '{stage.id}' then \"{stage.pupils_field}\"" for stage in catalogue.stages.values())
    return f"""create table head as select year, county_code, school_id, case when count(*) = count(heads) then sum(heads) end as pupils
    from (select year, county_code, school_id, case stage {whens} end as heads from unit_stage) as s group by all"""


def units_sql(trials: str, root: float, limits: Limits, *, by_school: bool) -> str:
    """Units (year, province, county, and school or '') with trials, hits and expected hits: of each group the share of the other
    counties, drawn towards that of the wider group; what is the custom there is left out."""
    school = "school" if by_school else "''"
    sql = f"""with trial(year, province, county, school, g1, g2, g3, hit) as ({trials}), s0 as (
        select year, province, county, {school} as school, g1, g2, g3, count(*) as n, count(case when hit then 1 end) as k,
            cast({root!r} as double) as share from trial group by all)"""
    for depth in range(4):
        group = ", ".join(["year", "province", "g1", "g2", "g3"][: 2 + depth])
        others = [
            f"(sum({c}) over (partition by {group}) - sum({c}) over (partition by {group}, county))" for c in "kn"
        ]
        w = repr(float(limits.prior_trials))
        sql += f""", s{depth + 1} as (select * exclude (share), ({others[0]} + {w} * share) / ({others[1]} + {w}) as share from s{depth})"""
    return f"""{sql} select year, province, county, school, cast(sum(n) as bigint), cast(sum(k) as bigint), fsum(n * share)
        from s4 where share <= {limits.custom_share!r} group by year, province, county, school order by all"""


TABLES = (
    "create table telling as select *, digits(value, 2, 9) as size from cell where value >= 10",
    """create table measured as select distinct a.year, p.province_code, a.county_code, a.school_id,
        case when w.of_school then '' else a.stage end as stage, a.indicator_id, a.threshold,
        first(a.pupils order by a.trace_id) over same as pupils, first(case when w.more_is_better then a.value / a.threshold
            else 2 - a.value / a.threshold end order by a.trace_id) over same + slack() as ratio
    from indicator_attainment as a inner join way as w using (indicator_id) inner join place as p using (year, county_code)
    where a.state = 'ok' and a.threshold > 0
    window same as (partition by a.year, a.county_code, a.school_id, case when w.of_school then '' else a.stage end,
        a.indicator_id, a.threshold)""",
    """create table unbuilt as select h.year, h.county_code, h.school_id, i.indicator_id from head as h
    inner join head as b on b.year = h.year - 1 and b.county_code = h.county_code and b.school_id = h.school_id and h.pupils >= b.pupils
    cross join (select distinct indicator_id from way) as i
    where not exists (
        select 1 from counts as c inner join cell as x on x.field = c.field inner join cell as y
            on y.year = x.year - 1 and y.county_code = x.county_code and y.school_id = x.school_id and y.field = x.field
                and y.stage = x.stage
        where c.indicator_id = i.indicator_id and not c.is_own and x.year = h.year and x.county_code = h.county_code
            and x.school_id = h.school_id and x.value > y.value * (1 + near()))""",
)

NEAR = """select year, province_code, county_code, school_id, indicator_id, stage, size_class(pupils), ratio >= 1 and ratio < 1 + narrow()
from measured where ratio >= 1 - near() and ratio < 1 + near()"""

BELOW = """select m.year, m.province_code, m.county_code, m.school_id, cast(least(4, cast(floor((1 - b.ratio) / near()) as integer)) as varchar),
    m.indicator_id, m.stage, m.ratio >= 1 and m.ratio < 1 + narrow()
from measured as m inner join measured as b on b.year = m.year - 1 and b.county_code = m.county_code and b.school_id = m.school_id
    and b.stage = m.stage and b.indicator_id = m.indicator_id and b.threshold = m.threshold and b.ratio < 1
inner join unbuilt as u on u.year = m.year and u.county_code = m.county_code and u.school_id = m.school_id
    and u.indicator_id = m.indicator_id"""

EQUAL = """select c.year, c.province_code, c.county_code, c.school_id, c.field, c.stage, digits(b.value, 1, 5), c.value = b.value
from cell as c inner join cell as b on b.year = c.year - 1 and b.county_code = c.county_code and b.school_id = c.school_id
    and b.stage = c.stage and b.field = c.field
where c.value >= 5 or c.value <> round(c.value)"""

DIGITS = """select year, province_code, county_code, school_id, field, digits(value, 3, 9), stage, fmod(value, 10) = 0
from cell where value >= 100"""

SHRUNK = """select c.year, c.province_code, c.county_code, c.school_id, c.field, '', '', c.value > b.value * (1 + growth())
from cell as c inner join cell as b on b.year = c.year - 1 and b.county_code = c.county_code and b.school_id = c.school_id
    and b.field = c.field and c.is_shared and b.is_shared and b.value > 0 and c.value > 0
inner join head as h on h.year = c.year and h.county_code = c.county_code and h.school_id = c.school_id
inner join head as e on e.year = c.year - 1 and e.county_code = c.county_code and e.school_id = c.school_id
where e.pupils > 0 and h.pupils < e.pupils * (1 - fall())"""

PAIRS = """with rare as (
    select * from telling where value >= 100
    qualify count(*) over (partition by year, field, stage, value) between 2 and 8),
pair as (
    select a.year, a.county_code, a.school_id, b.county_code as other_county, b.school_id as other from rare as a inner join rare as b
        on a.year = b.year and a.field = b.field and a.stage = b.stage and a.value = b.value and a.school_id < b.school_id
    group by all having count(*) >= 3),
many as (select year, field, stage, size, value, cast(count(*) as double) as m from telling group by all),
chance as (
    select year, field, stage, size, (sum(m * (m - 1)) + 1) / (greatest(sum(m) * (sum(m) - 1), 1) + 20) as share
    from many group by all)
select p.year, p.county_code, p.school_id, p.other_county, p.other, count(*), count(case when x.value = y.value then 1 end),
    cast(fsum(c.share) as double)
from pair as p
inner join telling as x on x.year = p.year and x.county_code = p.county_code and x.school_id = p.school_id
inner join telling as y on y.year = p.year and y.county_code = p.other_county and y.school_id = p.other and y.field = x.field
    and y.stage = x.stage
inner join chance as c on c.year = x.year and c.field = x.field and c.stage = x.stage and c.size = x.size
group by all order by all"""

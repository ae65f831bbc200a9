"""Reads a finished release database, once, into frames cut by county and stage.

What a school's value comes to is read from ``indicator_attainment``; the few comparisons that no table holds are made here
by the database's own macros ``at_least`` and ``at_most``. Pages only count and show what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import FaultError
from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue
from reports.around import NOTHING_AROUND, Around, read_around
from reports.judged import Judged, read_judged
from reports.missing_schools import Missing, read_missing
from reports.reader import Groups, Reader, Rows
from reports.suspicion_sql import EVIDENCE, SUSPECTED


@dataclass(frozen=True)
class County:
    """A county and the names of what it lies in; ``province`` and ``prefecture`` are null where there is none."""

    code: str
    name: Label
    is_fictional: bool
    province_code: str
    province: Label | None
    prefecture: Label | None
    prefecture_code: str = ""


@dataclass(frozen=True)
class Release:
    """What the pages read. Groups are rows as dictionaries by key; a key without rows is absent.

    ``gaps``: by (county, stage), every standard, the latest and the previous year. ``schools``: by (county, stage), rows
    of the latest year with scope. ``values``: by (county, stage), values of counted schools with level and state.
    ``merged``, ``lost``, ``findings``, ``parts``, ``corrections``, ``suspected``, ``evidence``: by (county,). ``refused``: files of which nothing counts. ``judged``: scores,
    attainment, rankings and the past. ``missing``: counties and schools that should be there and are not. ``around``: what stands around a county.
    """

    release_id: str
    built_at: str
    code_version: str
    catalogue_version: str
    year: int
    previous: int | None
    counties: tuple[County, ...]
    gaps: Groups
    schools: Groups
    values: Groups
    merged: Groups
    lost: Groups
    findings: Groups
    parts: Groups
    suspected: Groups
    evidence: Groups
    corrections: Groups
    refused: Rows
    account: dict[str, int]
    judged: Judged
    missing: Missing
    around: Around = NOTHING_AROUND


def read_release(database: Path, catalogue: Catalogue) -> Release:
    """Opens the database read-only and reads what the pages need.

    Raises FaultError when it holds no gap coefficients: a site without a year would say nothing.
    """
    standard = catalogue.standards[catalogue.about.default_standard]
    with duckdb.connect(str(database), read_only=True) as connection:
        years = [
            row[0]
            for row in connection.execute("select distinct year from gap_coefficient order by year desc").fetchall()
        ]
        if not years:
            raise FaultError(
                "发布库中没有差异系数，无法生成网页",
                "the release holds no gap coefficients, so there is nothing to report",
            )
        reader = Reader(connection, int(years[0]), standard)
        previous = int(years[1]) if len(years) > 1 else None
        _make_values(reader)
        counties = _counties(reader.rows(_DIVISIONS, year=reader.year))
        info = reader.rows("select * from release_info limit 1") or [{}]
        return Release(
            release_id=str(info[0].get("release_id", "")),
            built_at=str(info[0].get("built_at", "")),
            code_version=str(info[0].get("code_version", "")),
            catalogue_version=str(info[0].get("catalogue_version", catalogue.about.version)),
            year=reader.year,
            previous=previous,
            counties=counties,
            gaps=reader.groups(_GAPS, ["county_code", "stage"], year=reader.year, previous=previous),
            schools=reader.groups(
                _schools_sql(catalogue), ["county_code", "stage"], year=reader.year, standard=standard.id
            ),
            values=reader.groups("select * from page_value order by school_id, indicator_id", ["county_code", "stage"]),
            merged=reader.groups(_MERGED, ["county_code"], year=reader.year),
            lost=reader.groups(_LOST, ["county_code"], year=reader.year),
            findings=reader.groups(_FINDINGS, ["county_code"], year=reader.year),
            parts=reader.groups(_PARTS, ["county_code"], year=reader.year),
            suspected=reader.groups(SUSPECTED, ["county_code"], year=reader.year),
            evidence=reader.groups(EVIDENCE, ["county_code"], year=reader.year),
            corrections=reader.groups(_CORRECTIONS, ["county_code"], year=reader.year),
            refused=reader.rows(_REFUSED, year=reader.year),
            account=reader.rows(_ACCOUNT, year=reader.year)[0],
            judged=read_judged(reader, catalogue),
            missing=read_missing(reader),
            around=read_around(reader, counties),
        )


def _make_values(reader: Reader) -> None:
    """Temporary table ``page_value``: one row a counted school, stage and gap indicator of the latest year."""
    names = list(reader.standard.gap.indicators) if reader.standard.gap else []
    reader.connection.execute(_VALUES, {"year": reader.year, "standard": reader.standard.id, "names": names})


def _counties(divisions: Rows) -> tuple[County, ...]:
    by_code = {d["code"]: d for d in divisions}
    found = []
    for d in divisions:
        if d["level"] != "county":
            continue
        above: dict[str, dict[str, Any]] = {}
        here = by_code.get(d["parent_code"])
        while here is not None and here["level"] not in above:
            above[here["level"]] = here
            here = by_code.get(here["parent_code"])
        province, prefecture = above.get("province"), above.get("prefecture")
        code = province["code"] if province else "0"
        found.append(
            County(
                d["code"],
                Label(zh=d["name_zh"], en=d["name_en"]),
                bool(d["is_fictional"]),
                code,
                _name(province),
                _name(prefecture),
                prefecture["code"] if prefecture else "",
            )
        )
    return tuple(sorted(found, key=lambda c: (c.province_code, c.code)))


def _name(division: dict[str, Any] | None) -> Label | None:
    return None if division is None else Label(zh=division["name_zh"], en=division["name_en"])


def _schools_sql(catalogue: Catalogue) -> str:
    """School rows with scope; a school's stage is split where it holds less of a shared cell than the whole school."""
    shared = [f.id for f in catalogue.fields_of("split") if not f.is_derived and f.type in ("integer", "number")]
    less = " or ".join(f"not at_least(s.{name}, t.{name})" for name in shared) or "false"
    return _SCHOOLS.format(is_split=f"coalesce({less}, false)")


# A county that neither the roster nor a return names has no figures, hence no page.
_DIVISIONS = """
select code, name_zh, name_en, level, parent_code, is_fictional from division
where valid_from <= $year and $year <= valid_to
    and (level <> 'county' or code in (select area_code from gap_coefficient where year = $year and area_level = 'county'))
order by code
"""
"""Divisions of the year; only counties that were expected or came, since a catalogue may hold others."""

_VALUES = """
create or replace temp table page_value as
select
    v.year, v.school_id, v.stage, v.indicator_id, v.county_code, v.pupils, v.value, v.state, v.trace_id,
    i.direction, a.threshold as level, a.floor,
    case
        when v.state <> 'ok' then v.state
        when a.threshold is null then 'measured'
        when a.is_met then 'met'
        when a.floor is not null and a.is_above_floor then 'below'
        else 'unmet'
    end as shown
from indicator_value as v
inner join school_scope as c
    on c.year = v.year and c.school_id = v.school_id and c.stage = v.stage and c.standard_id = $standard and c.is_counted
inner join indicator as i on i.indicator_id = v.indicator_id
left join indicator_attainment as a
    on a.year = v.year and a.school_id = v.school_id and a.stage = v.stage and a.standard_id = c.standard_id
        and a.indicator_id = v.indicator_id
where v.year = $year and list_contains($names, v.indicator_id)
"""

_GAPS = """
with level as (
    select county_code, stage, indicator_id, any_value(direction) as direction, min(level) as low, max(level) as high,
        min(floor) as floor
    from page_value group by county_code, stage, indicator_id
)
select
    g.year, g.standard_id, g.area_code as county_code, g.stage, g.indicator_id,
    cast(g.schools as bigint) as schools, g.pupils, cast(g.schools_missing as bigint) as schools_missing, g.pupils_missing,
    cast(g.counties_came as bigint) as counties_came, g.mean, g.sd, g.cv, g.cv_low, g.cv_high, g.cv_least,
    g.cv_limit, g.is_met, g.state, g.trace_id,
    case when l.low = l.high then l.low end as level,
    case when l.low = l.high then l.floor end as floor,
    case when l.low = l.high and g.schools > 0
        then case when l.direction = '>=' then at_least(g.mean, l.low) else at_most(g.mean, l.low) end end as mean_is_up
from gap_coefficient as g
left join level as l on l.county_code = g.area_code and l.stage = g.stage and l.indicator_id = g.indicator_id
where g.area_level = 'county' and (g.year = $year or g.year = $previous)
order by county_code, g.stage, g.standard_id, g.indicator_id, g.year
"""

_SCHOOLS = """
select
    s.county_code, s.stage, s.school_id, c.name, c.school_type, s.pupils, cast(s.campuses as bigint) as campuses,
    o.is_counted, o.rule_id, o.reason_zh, o.reason_en, o.clause, {is_split} as is_split
from school_stage as s
inner join school as c on c.year = s.year and c.school_id = s.school_id
inner join school_scope as o
    on o.year = s.year and o.school_id = s.school_id and o.stage = s.stage and o.standard_id = $standard
left join school_total as t on t.year = s.year and t.school_id = s.school_id
where s.year = $year
order by s.county_code, s.stage, s.school_id
"""

_MERGED = """
select county_code, school_id, name, parent_school_id from school
where year = $year and is_merged order by county_code, school_id
"""

_LOST = """
select f.county_code, f.school_id, max_by(known.name, known.year) as name, count(distinct f.finding_id) as findings
from finding as f
left join submission_part as p
    on p.submission_id = f.submission_id and p.part = f.part and p.county_code = f.county_code
left join school as known on known.school_id = f.school_id
where f.year = $year and f.severity = 'critical' and f.school_id is not null and f.county_code is not null
    and coalesce(p.status, 'accepted') = 'accepted'
    and not exists (select 1 from school as s where s.year = f.year and s.school_id = f.school_id)
group by f.county_code, f.school_id order by f.county_code, f.school_id
"""

_FINDINGS = """
with one as (
    select submission_id, min(county_code) as county_code from submission_part
    where county_code <> '' group by submission_id having count(distinct county_code) = 1
),
gone as (
    select submission_id from submission_part group by submission_id
    having count(case when status in ('accepted', 'rejected') then 1 end) = 0
)
select
    coalesce(nullif(f.county_code, ''), one.county_code) as county_code, f.severity, f.rule_id, f.school_id, s.name, f.part,
    b.layout_id, b.file_name, f.sheet, f.row, f.cell, f.found, f.expected,
    f.message_zh, f.message_en, f.mend_zh, f.mend_en
from finding as f
left join submission as b on b.submission_id = f.submission_id
left join one on one.submission_id = f.submission_id
left join submission_part as p
    on p.submission_id = f.submission_id and p.part = f.part and p.county_code = f.county_code
left join school as s on s.year = f.year and s.school_id = f.school_id
where f.year = $year and coalesce(nullif(f.county_code, ''), one.county_code) is not null
    and coalesce(p.status, 'accepted') in ('accepted', 'rejected')
    and (nullif(f.county_code, '') is not null or f.submission_id not in (select submission_id from gone))
order by 1, case f.severity when 'critical' then 0 when 'warning' then 1 else 2 end, f.school_id nulls last,
    b.file_name nulls first, f.row, f.cell, f.rule_id, f.finding_id
"""

_PARTS = """
select p.county_code, p.part, p.layout_id, b.file_name, b.inbox_path, b.sha256, p.rows_read, p.rows_accepted,
    p.rows_quarantined, p.rows_filtered, p.rows_not_data
from submission_part as p
inner join submission as b on b.submission_id = p.submission_id
where p.year = $year and p.status = 'accepted'
order by p.county_code, b.inbox_path, p.part
"""

_CORRECTIONS = """
select c.*, s.name, case when s.is_merged then s.parent_school_id else c.school_id end as counts_in
from correction as c
left join school as s on s.year = c.year and s.school_id = c.school_id
where c.year = $year and c.county_code is not null
order by c.county_code, c.correction_id
"""

_REFUSED = """
select b.file_name, b.inbox_path, b.sha256, b.status, first(f.message_zh order by f.finding_id) as message_zh,
    first(f.message_en order by f.finding_id) as message_en, first(f.mend_zh order by f.finding_id) as mend_zh,
    first(f.mend_en order by f.finding_id) as mend_en
from submission as b
left join finding as f on f.submission_id = b.submission_id and f.severity = 'critical' and f.county_code is null
where b.year = $year and b.status <> 'accepted'
group by b.submission_id, b.file_name, b.inbox_path, b.sha256, b.status order by b.inbox_path, b.sha256
"""

_ACCOUNT = """
select count(distinct submission_id) as files, cast(coalesce(sum(rows_read), 0) as bigint) as rows_read,
    cast(coalesce(sum(rows_accepted), 0) as bigint) as rows_accepted,
    cast(coalesce(sum(rows_quarantined), 0) as bigint) as rows_quarantined,
    cast(coalesce(sum(rows_filtered), 0) as bigint) as rows_filtered,
    cast(coalesce(sum(rows_not_data), 0) as bigint) as rows_not_data
from submission_part where year = $year and status = 'accepted'
"""

"""Reads what the tables of attainment, scores and rankings say of a county's stage, and its gaps of the last years."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.schema.model import Catalogue
from pipeline.tables.context import rounded
from reports.ledger_facts import NO_LEDGERS, Ledgers, read_ledgers
from reports.plan_facts import NO_PLANS, read_plans
from reports.reader import Groups, Reader
from reports.verdict_facts import NO_VERDICTS, Verdicts, read_verdicts

YEARS = 5
"""Years that the figure of the past shows."""


@dataclass(frozen=True)
class Judged:
    """Groups of the latest year, ``history`` of the last five.

    ``items``, ``scores``: by (standard, county, stage), of standards with a school rule. ``standing``: by (county, stage),
    every standard and measure. ``peers``: by (standard, measure, stage, province), counties with a usable value, smallest
    first. ``composites``: by (county, stage), the mean gap of each standard with its limit and its range. ``history``: by
    (county, stage), gaps of the standard that pages show first. ``verdicts``, ``ledgers``: of counties, by standard.
    ``plans``: by (county, stage).
    """

    items: Groups
    scores: Groups
    standing: Groups
    peers: Groups
    composites: Groups
    history: Groups
    verdicts: Verdicts = NO_VERDICTS
    ledgers: Ledgers = NO_LEDGERS
    plans: Groups = NO_PLANS


def read_judged(reader: Reader, catalogue: Catalogue) -> Judged:
    """Reads the groups; a table without rows gives empty ones."""
    ruled = [standard.id for standard in catalogue.standards.values() if standard.school_rule is not None]
    mean = rounded("mean_cv", catalogue.setting("decimals_cv"))
    bounds = {name: rounded(name, catalogue.setting("decimals_cv")) for name in ("low", "high")}
    key = ["standard_id", "county_code", "stage"]
    return Judged(
        items=reader.groups(_ITEMS, key, year=reader.year, standards=ruled),
        scores=reader.groups(_SCORES, key, year=reader.year, standards=ruled),
        standing=reader.groups(_STANDING, ["county_code", "stage"], year=reader.year),
        peers=reader.groups(_PEERS, ["standard_id", "measure", "stage", "province_code"], year=reader.year),
        composites=reader.groups(
            _COMPOSITES.format(mean=mean, **bounds), ["county_code", "stage"], year=reader.year
        ),
        history=reader.groups(
            _HISTORY, ["county_code", "stage"], year=reader.year, first=reader.year - YEARS + 1, standard=reader.standard.id
        ),
        verdicts=read_verdicts(reader),
        ledgers=read_ledgers(reader),
        plans=read_plans(reader),
    )  # fmt: skip


_ITEMS = """
select standard_id, county_code, stage, school_id, indicator_id, value, threshold, floor, attainment, is_met, is_above_floor,
    is_veto, state, trace_id
from indicator_attainment
where year = $year and list_contains($standards, standard_id)
order by standard_id, county_code, stage, school_id, indicator_id
"""

_SCORES = """
select
    r.standard_id, r.county_code, r.stage, r.school_id, s.name, r.pupils,
    r.indicators_applicable as applicable, r.indicators_met as met, r.indicators_below_floor as below_floor,
    r.indicators_missing as missing, r.score, r.score_min, r.score_max, r.has_veto, r.meets_standard as meets
from school_score as r
inner join school as s on s.year = r.year and s.school_id = r.school_id
where r.year = $year and list_contains($standards, r.standard_id)
order by r.standard_id, r.county_code, r.stage, coalesce(r.score, r.score_min), r.school_id
"""

_STANDING = """
select r.county_code, r.stage, r.standard_id, r.measure, r.value, r.rank_province,
    case when u.state = 'ok' then u.rank_low else r.rank_low end as rank_low,
    case when u.state = 'ok' then u.rank_high else r.rank_high end as rank_high,
    coalesce(u.state = 'ok', false) as has_errors, r.compared_province, r.value_before, r.rank_change, r.cause_indicator, r.state
from county_ranking as r
left join rank_uncertainty as u
    on u.year = r.year and u.standard_id = r.standard_id and u.measure = r.measure and u.stage = r.stage
        and u.county_code = r.county_code and u.cause = 'reporting_error'
where r.year = $year order by r.county_code, r.stage, r.standard_id, r.measure
"""

_PEERS = """
select standard_id, measure, stage, province_code, county_code, value
from county_ranking
where year = $year and state = 'ok' and value is not null
order by standard_id, measure, stage, province_code, value, county_code
"""

_COMPOSITES = """
with part as (
    select
        area_code as county_code, stage, standard_id, cast(sum(schools_missing) as bigint) as schools_missing,
        count(cv_low) = count(*) as is_bounded, avg(cv_low order by indicator_id) as low, avg(cv_high order by indicator_id) as high
    from gap_coefficient where area_level = 'county' and year = $year
    group by area_code, stage, standard_id
),
measured as (
    select p.*, r.value as mean_cv, r.state, s.composite_limit
    from part as p
    inner join county_ranking as r
        on r.year = $year and r.county_code = p.county_code and r.stage = p.stage and r.standard_id = p.standard_id
            and r.measure = 'mean_cv'
    inner join standard as s on s.standard_id = p.standard_id and s.stage = p.stage
)
select
    county_code, stage, standard_id, mean_cv, composite_limit, state, schools_missing,
    case when is_bounded then low end as low, case when is_bounded then high end as high,
    case
        when state not in ('ok', 'incomplete') then state
        when composite_limit is null then case when state = 'ok' then 'measured' else state end
        when state = 'ok' and schools_missing = 0
            then case when at_most({mean}, composite_limit) then 'met' else 'unmet' end
        when not is_bounded then 'undecided'
        when at_most({high}, composite_limit) then 'met'
        when not at_most({low}, composite_limit) then 'unmet'
        else 'undecided'
    end as verdict
from measured order by county_code, stage, standard_id
"""

_HISTORY = """
select area_code as county_code, stage, indicator_id, year, cv, state, cast(schools as bigint) as schools
from gap_coefficient
where area_level = 'county' and standard_id = $standard and year between $first and $year
order by area_code, stage, indicator_id, year
"""

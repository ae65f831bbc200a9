"""Tests whose numbers stand in other tables: gap coefficients, their mean, and schools up to the school rule."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.schema.county import Composite, Gaps, Relaxation, Schools
from pipeline.schema.model import Catalogue, Standard
from pipeline.tables.catalogue_tables import position_of
from pipeline.tables.context import rounded
from pipeline.verdicts.every import GRANTED, state_of
from pipeline.verdicts.ground import Ground
from pipeline.verdicts.result import NAMED, shaped


def gaps(ground: Ground, standard: Standard, test: Gaps) -> pl.DataFrame:
    """A result a county, stage and indicator; the test is named by the indicator. One school is not compared: not applicable."""
    rows = ground.read(f"""
select
    year, area_code as county_code, indicator_id as test_id, stage, cv as value, cv_limit as bound, cv_low as low, cv_high as high,
    schools as units, schools_missing as missing,
    case
        when is_met then 'met'
        when not is_met then 'unmet'
        when state in ('no_schools', 'single_school') then 'not_applicable'
        else 'no_data'
    end as state,
    case
        when state in ('no_schools', 'single_school', 'zero_mean') then state
        when cv_least is not null and not at_most(cv_least, cv_limit) then 'no_moves_mend'
    end as why
from gap_coefficient
where standard_id = '{standard.id}' and area_level = 'county' and cv_limit is not null
order by year, county_code, stage, indicator_id
""")
    return shaped(rows.with_columns(pl.col("state").alias("state_relaxed")))


def composite(ground: Ground, standard: Standard, test: Composite) -> pl.DataFrame:
    """A result a county and stage: the mean of the unrounded gaps against its limit; with values missing, met and unmet only
    where the least and the largest mean agree. A gap without bounds counts as 0 in the least and leaves the largest open."""
    catalogue = ground.catalogue
    limits = standard.gap.composite_limits if standard.gap else {}
    names = standard.gap.indicators if standard.gap else ()
    order = ", ".join(f"('{name}', {position_of(catalogue, name)})" for name in names)
    bounds = ", ".join(f"('{stage}', cast({limit!r} as double))" for stage, limit in limits.items())
    if not limits or not names:
        return shaped(pl.DataFrame(schema={"year": pl.Int64, "county_code": pl.String}))
    decimals = catalogue.setting("decimals_cv")
    rows = ground.read(f"""
select
    *, case
        when is_none or is_single then 'not_applicable'
        when is_zero then 'no_data'
        when at_most({rounded("high", decimals)}, bound) then 'met'
        when not at_most({rounded("least", decimals)}, bound) then 'unmet'
        else 'no_data'
    end as state,
    case when is_none then 'no_schools' when is_single then 'single_school' when is_zero then 'zero_mean' end as why
from (
    select
        g.year, g.area_code as county_code, g.stage, any_value(l.bound) as bound, max(g.schools) as units,
        max(g.schools_missing) as missing, bool_and(g.state = 'no_schools') as is_none,
        bool_and(g.state = 'single_school') as is_single, bool_or(g.state = 'zero_mean') as is_zero,
        case when count(*) = count(g.cv) then sum(g.cv order by o.position) / count(*) end as value,
        case when count(*) = count(g.cv_low) then sum(g.cv_low order by o.position) / count(*) end as low,
        case when count(*) = count(g.cv_high) then sum(g.cv_high order by o.position) / count(*) end as high,
        sum(coalesce(g.cv_low, 0) order by o.position) / count(*) as least
    from gap_coefficient as g
    inner join (values {order}) as o(indicator_id, position) on o.indicator_id = g.indicator_id
    inner join (values {bounds}) as l(stage, bound) on l.stage = g.stage
    where g.standard_id = '{standard.id}' and g.area_level = 'county'
    group by g.year, g.area_code, g.stage
) as means
order by year, county_code, stage
""")
    return shaped(rows.with_columns(pl.col("state").alias("state_relaxed"), pl.lit(test.id).alias("test_id")))


def schools(ground: Ground, standard: Standard, test: Schools) -> pl.DataFrame:
    """A result a county and stage: every school that the standard counts meets its school rule. ``failing`` holds the items a
    school meets and needs; where it needs no more, one of the others is below its floor (or a veto)."""
    rows = ground.read(f"""
with s as ({judged_schools(ground, standard)}),
t as (
    select
        year, county_code, stage, count(*) as units, count(case when not meets then 1 end) as unmet,
        count(*) - count(meets) as unknown, count(case when not meets_relaxed then 1 end) as unmet_relaxed,
        count(*) - count(meets_relaxed) as unknown_relaxed, count(case when meets then 1 end) as part,
        count(case when meets_relaxed and not coalesce(meets, false) then 1 end) as relaxed,
        list_distinct(flatten(list(relaxed_by) filter (where meets_relaxed and not coalesce(meets, false)))) as relaxed_by,
        coalesce(list({{'name': school_name, 'value': met, 'bound': needed}} order by school_id)
            filter (where not meets), [])[1:{NAMED}] as failing,
        coalesce(list(school_name order by school_id) filter (where meets is null), [])[1:{NAMED}] as lacking
    from s group by year, county_code, stage
),
gone as (
    select year, county_code, stage, count(distinct school_id) as missing
    from absent_scope where standard_id = '{standard.id}' and is_counted group by year, county_code, stage
)
select
    o.year, o.county_code, o.stage, o.is_silent, coalesce(g.missing, 0) as missing, coalesce(t.units, 0) as units,
    coalesce(t.unmet, 0) as unmet, coalesce(t.unknown, 0) as unknown, coalesce(t.unmet_relaxed, 0) as unmet_relaxed,
    coalesce(t.unknown_relaxed, 0) as unknown_relaxed, t.part, coalesce(t.relaxed, 0) as relaxed,
    list_sort(t.relaxed_by) as relaxed_by, t.failing, t.lacking
from owed as o
left join t on t.year = o.year and t.county_code = o.county_code and t.stage = o.stage
left join gone as g on g.year = o.year and g.county_code = o.county_code and g.stage = o.stage
order by o.year, o.county_code, o.stage
""")
    lacks = (pl.col("missing") > 0) | pl.col("is_silent")
    is_whole = ~lacks & (pl.col("unknown") == 0) & (pl.col("units") > 0)
    return shaped(
        rows.with_columns(
            state_of("unmet", "unknown", lacks).alias("state"),
            state_of("unmet_relaxed", "unknown_relaxed", lacks).alias("state_relaxed"),
            pl.when(is_whole).then(pl.col("part")).alias("numerator"),
            pl.when(is_whole).then(pl.col("units")).alias("denominator"),
            pl.when(is_whole).then(100 * pl.col("part") / pl.col("units")).alias("value"),
            pl.lit(100.0).alias("bound"), pl.lit(test.id).alias("test_id"),
            pl.when("is_silent").then(pl.lit("silent")).alias("why"),
        )
    )  # fmt: skip


# -- schools by the rule, without and with relaxations -----------------------------------------------------------------


def judged_schools(ground: Ground, standard: Standard) -> str:
    """SQL: a row a school and stage that the standard counts: meets and meets_relaxed, items met and needed, relaxed_by.

    Relaxed: items that a relaxation in force meets count as met; the rule is asked again as ``school_score`` asks it.
    """
    rule = standard.school_rule
    score = f"select * from school_score where standard_id = '{standard.id}'"
    own = [r for r in standard.relaxations if r.indicator is not None]
    if rule is None:
        return f"select s.*, r.school_name, s.meets_standard as meets, s.meets_standard as meets_relaxed, cast(null as double) as met, cast(null as double) as needed, cast([] as varchar[]) as relaxed_by from ({score}) as s inner join of_school_stage as r on false"
    most = rule.max_unmet if rule.max_unmet is not None else 10**6
    floors = "when below > 0 then false" if rule.rest_above_floor else ""
    veto = "when vetoed > 0 then false" if rule.veto else ""
    return f"""
select
    s.year, s.school_id, s.stage, s.county_code, r.school_name, s.meets_standard as meets,
    cast(s.indicators_met as double) as met, cast(s.indicators_applicable - {most} as double) as needed,
    case
        when s.meets_standard or a.relaxed = 0 then s.meets_standard
        {veto.replace("vetoed", "a.vetoed")} {floors.replace("below", "a.below")}
        when a.unmet > {most} then false
        when s.indicators_applicable < {rule.min_applicable} then false
        when a.lacking = 0 then true
    end as meets_relaxed,
    a.relaxed_by
from ({score}) as s
inner join of_school_stage as r on r.year = s.year and r.school_id = s.school_id and r.stage = s.stage
inner join (
    select
        year, school_id, stage, count(coalesce(relaxed_by, floor_by)) as relaxed,
        count(case when relaxed_by is null and not is_met then 1 end) as unmet,
        count(case when relaxed_by is null and not is_above_floor and floor_by is null then 1 end) as below,
        count(case when relaxed_by is null and is_veto and not is_met then 1 end) as vetoed,
        count(case when relaxed_by is null and state in ('missing', 'not_collected') then 1 end) as lacking,
        list(coalesce(relaxed_by, floor_by)) filter (where coalesce(relaxed_by, floor_by) is not null) as relaxed_by
    from ({relaxed_items(ground.catalogue, standard, own)}) as items group by year, school_id, stage
) as a on a.year = s.year and a.school_id = s.school_id and a.stage = s.stage
"""


def relaxed_items(catalogue: Catalogue, standard: Standard, own: Sequence[Relaxation]) -> str:
    """SQL: the items of a school's stage. relaxed_by: the relaxation in force by which an item is met that else is not;
    floor_by: the one that lifts it above its floor.

    Campus by campus, before they are merged: one for which it is in force brings the relaxed numerator, the others their own.
    """
    held, parts, sums, values, met, above = "", "", "", "", [], []
    for n, relaxation in enumerate(own):
        assert relaxation.indicator is not None
        indicator = catalogue.indicators[relaxation.indicator]
        compare = "at_least" if indicator.direction == ">=" else "at_most"
        value = rounded(f"v.value_{n}", catalogue.setting("decimals_value"))
        held += f""",
                exists (
                    select 1 from {GRANTED} as g
                    where g.year = u.year and g.school_id = u.school_id and g.relaxation_id = '{relaxation.id}'
                ) as held_{n}"""
        parts += f", cast(case when held_{n} then {relaxation.numerator} else {indicator.numerator} end as double) as part_{n}"
        sums += f", bool_or(held_{n}) as held_{n}, case when count(*) = count(part_{n}) then sum(part_{n} order by school_id) end as part_{n}"
        values += f", held_{n}, part_{n} / nullif(cast({indicator.denominator} as double), 0) as value_{n}"
        granted = f"when i.indicator_id = '{indicator.id}' and v.held_{n} and coalesce({compare}"
        met.append(f"{granted}({value}, i.threshold), false) then '{relaxation.id}'")
        above.append(f"{granted}({value}, i.floor), false) then '{relaxation.id}'")
    return f"""
select i.*, {_unless("i.is_met", met)} as relaxed_by, {_unless("i.is_above_floor", above)} as floor_by
from indicator_attainment as i
inner join (
    select year, school_id, stage{values}
    from of_school_stage
    inner join (
        select year as p_year, merged_into as p_school, stage as p_stage{sums}
        from (
            select *{parts}
            from (
                select u.*{held} from of_unit_stage as u
            ) as held_units
        ) as valued
        group by year, merged_into, stage
    ) as p on p_year = year and p_school = school_id and p_stage = stage
) as v on v.year = i.year and v.school_id = i.school_id and v.stage = i.stage
where i.standard_id = '{standard.id}'
"""


def _unless(held: str, whens: Sequence[str]) -> str:
    return f"case when coalesce({held}, false) then null {' '.join(whens)} end" if whens else "cast(null as varchar)"

-- indicator_attainment: one row a year, school, stage, standard and indicator for which the standard asks a level of the
-- school. Key: year, school_id, stage, standard_id, indicator_id. Rows the standard leaves out (school_scope) have none.
-- threshold: of those that fit, exact stage before any, then exact school type before any, then the latest year.
-- attainment: 1 when met, else value ÷ threshold (>=) or threshold ÷ value (<=); null where there is no value.
with
kind as (
    select distinct year, stage, {{ "school_type" if "school_type" in unit_columns else "cast(null as varchar) as school_type" }}
    from school_stage
),
level as (
    select year, stage, school_type, standard_id, indicator_id, value, floor
    from (
        select
            k.*, t.standard_id, t.indicator_id, t.value, t.floor,
            row_number() over (
                partition by k.year, k.stage, k.school_type, t.standard_id, t.indicator_id
                order by (t.stage = k.stage) desc, (t.school_type <> '*') desc, t.year_from desc
            ) as place
        from kind as k
        inner join threshold as t
            on (t.stage = '*' or t.stage = k.stage)
                and (t.school_type = '*' or t.school_type = k.school_type)
                and t.year_from <= k.year
        where t.value is not null
    ) as fitting
    where place = 1
),
held as (
    select
        v.year, v.school_id, v.stage, i.standard_id, v.indicator_id, v.county_code, i.item_no, v.pupils, v.value,
        l.value as threshold, l.floor, i.weight, i.is_veto, i.direction, v.state, v.trace_id,
        {{ rounded("v.value", setting("decimals_value")) }} as compared
    from indicator_value as v
    inner join school_stage as s on s.year = v.year and s.school_id = v.school_id and s.stage = v.stage
    inner join item as i on i.indicator_id = v.indicator_id
    inner join school_scope as c
        on c.year = v.year and c.standard_id = i.standard_id and c.school_id = v.school_id and c.stage = v.stage
            and c.is_counted
    inner join level as l
        on l.year = v.year and l.stage = v.stage
            and l.school_type is not distinct from {{ "s.school_type" if "school_type" in unit_columns else "cast(null as varchar)" }}
            and l.standard_id = i.standard_id and l.indicator_id = v.indicator_id
),
judged as (
    select
        *,
        case
            when state <> 'ok' then null
            when direction = '>=' then at_least(compared, threshold)
            else at_most(compared, threshold)
        end as is_met,
        case
            when state <> 'ok' or floor is null then null
            when direction = '>=' then at_least(compared, floor)
            else at_most(compared, floor)
        end as is_above_floor
    from held
)
select
    year, school_id, stage, standard_id, indicator_id, county_code, item_no, pupils, value, threshold, floor, weight,
    case
        when is_met then 1.0
        when direction = '>=' then coalesce(value / nullif(threshold, 0), 0 * value)
        else threshold / value
    end as attainment,
    is_met, is_above_floor, is_veto, state, trace_id
from judged

-- indicator_value: one row a year, school, stage and indicator. Key: year, school_id, stage, indicator_id.
-- value = numerator ÷ denominator, over school_stage (scope stage) or school_total (scope school: the same result stands
-- in each stage row). state: ok, missing, not_applicable, not_collected (no school of the county has the value).
{%- import "macros.jinja" as m %}
with
measured as (
    {%- for indicator in indicators %}
    select
        {% if indicator.scope == "stage" -%}
        year, school_id, stage, county_code, pupils,
        {%- else -%}
        v.year, v.school_id, s.stage, v.county_code, s.pupils,
        {%- endif %}
        '{{ indicator.id }}' as indicator_id,
        {{ m.applies(indicator) if indicator.scope == "stage" else "v.applies" }} as applies,
        {% if indicator.scope == "stage" -%}
        cast({{ m.numerator(indicator) }} as double) as numerator,
        cast({{ indicator.denominator }} as double) as denominator
    from school_stage
        {%- else -%}
        v.numerator, v.denominator
    from (
        select
            year, school_id, county_code, {{ m.applies(indicator) }} as applies,
            cast({{ m.numerator(indicator) }} as double) as numerator,
            cast({{ indicator.denominator }} as double) as denominator
        from school_total
    ) as v
    inner join school_stage as s on s.year = v.year and s.school_id = v.school_id
        {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),
valued as (
    select *, case when applies then numerator / nullif(denominator, 0) end as value
    from measured
),
collected as (
    select year, county_code, indicator_id, count(value) as given
    from valued
    group by year, county_code, indicator_id
)
select
    v.year, v.school_id, v.stage, v.indicator_id, v.county_code, v.pupils,
    case when v.applies then v.numerator end as numerator, case when v.applies then v.denominator end as denominator,
    v.value,
    case
        when not v.applies or v.denominator = 0 then 'not_applicable'
        when v.value is not null then 'ok'
        when c.given = 0 then 'not_collected'
        else 'missing'
    end as state,
    concat_ws('.', v.county_code, v.stage, v.indicator_id, v.year, v.school_id) as trace_id
from valued as v
inner join collected as c
    on c.year = v.year and c.county_code = v.county_code and c.indicator_id = v.indicator_id

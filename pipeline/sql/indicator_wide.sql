-- indicator_wide: one row a year, school and stage; a column per indicator whose gaps are measured.
-- Key: year, school_id, stage. Working table: the gap computation reads every school once.
-- x_i: value, null where missing or not applicable; is_missing_i: the value is owed but not there.
{%- import "macros.jinja" as m %}
{%- set of_stage = gap_indicators | selectattr("scope", "equalto", "stage") | list %}
{%- set of_school = gap_indicators | selectattr("scope", "equalto", "school") | list %}
select
    s.year, s.school_id, s.stage, s.county_code, s.pupils
    {%- for indicator in of_stage %},
    s.x_{{ indicator.id }},
    s.x_{{ indicator.id }} is null and s.owed_{{ indicator.id }} as is_missing_{{ indicator.id }}
    {%- endfor %}
    {%- for indicator in of_school %},
    t.x_{{ indicator.id }},
    t.x_{{ indicator.id }} is null and t.owed_{{ indicator.id }} as is_missing_{{ indicator.id }}
    {%- endfor %}
from (
    select
        year, school_id, stage, county_code, pupils
        {%- for indicator in of_stage %},
        {{ m.value(indicator) }} as x_{{ indicator.id }},
        {{ m.applies(indicator) }} and coalesce(({{ indicator.denominator }}) <> 0, true) as owed_{{ indicator.id }}
        {%- endfor %}
    from school_stage
) as s
{%- if of_school %}
inner join (
    select
        year, school_id
        {%- for indicator in of_school %},
        {{ m.value(indicator) }} as x_{{ indicator.id }},
        {{ m.applies(indicator) }} and coalesce(({{ indicator.denominator }}) <> 0, true) as owed_{{ indicator.id }}
        {%- endfor %}
    from school_total
) as t on t.year = s.year and t.school_id = s.school_id
{%- endif %}
order by s.year, s.county_code, s.stage, s.school_id

-- indicator_wide: one row a year, school and stage; a column per indicator whose gaps are measured.
-- Key: place_no, school_id. Working table: the gap computation reads every school from here alone.
-- is_counted_n: the n-th standard that measures gaps counts the row (as in school_scope). x_i: value, null where missing
-- or not applicable. u_i: the whole things that it counts, for indicators that name them. is_owed_i: the value is owed (only for indicators that may not apply; others are always owed).
{%- import "macros.jinja" as m %}
{%- set of_stage = gap_indicators | selectattr("scope", "equalto", "stage") | list %}
{%- set of_school = gap_indicators | selectattr("scope", "equalto", "school") | list %}
select
    p.place_no, s.school_id, s.pupils
    {%- for standard in gap_standards %},
    s.is_counted_{{ loop.index }}
    {%- endfor %}
    {%- for indicator in gap_indicators %}
    {%- set from = "s" if indicator.scope == "stage" else "t" %},
    {{ from }}.x_{{ indicator.id }}
    {%- if indicator.whole_units %},
    case when s.x_{{ indicator.id }} is not null then s.u_{{ indicator.id }} end as u_{{ indicator.id }}
    {%- endif %}
    {%- if not always_owed(indicator) %},
    {{ from }}.is_owed_{{ indicator.id }}
    {%- endif %}
    {%- endfor %}
from (
    select
        year, school_id, stage, county_code, pupils
        {%- for standard in gap_standards %},
        {{ m.left_out_by(standard) }} is null as is_counted_{{ loop.index }}
        {%- endfor %}
        {%- for indicator in of_stage %},
        {{ m.value(indicator) }} as x_{{ indicator.id }},
        {{ m.owed(indicator) }} as is_owed_{{ indicator.id }}
        {%- if indicator.whole_units %},
        {{ indicator.whole_units }} as u_{{ indicator.id }}
        {%- endif %}
        {%- endfor %}
    from school_stage
) as s
inner join place as p on p.year = s.year and p.county_code = s.county_code and p.stage = s.stage
{%- if of_school %}
inner join (
    select
        year, school_id
        {%- for indicator in of_school %},
        {{ m.value(indicator) }} as x_{{ indicator.id }},
        {{ m.owed(indicator) }} as is_owed_{{ indicator.id }}
        {%- endfor %}
    from school_total
) as t on t.year = s.year and t.school_id = s.school_id
{%- endif %}
order by p.place_no, s.school_id

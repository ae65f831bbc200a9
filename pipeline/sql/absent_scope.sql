-- absent_scope: one row a year, standard, absent school and stage: whether the standard would count it.
-- Key: year, standard_id, school_id, stage. Working table: schools that are quarantined, or that the roster expects and that
-- sent nothing, are missing, not gone.
{%- import "macros.jinja" as m %}
with
judged as (
    {%- for standard in standards %}
    select year, '{{ standard.id }}' as standard_id, school_id, county_code, stage, pupils, {{ m.left_out_by(standard) }} as rule_no
    from absent
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)
select year, standard_id, school_id, county_code, stage, pupils, rule_no is null as is_counted
from judged
where county_code is not null
order by year, standard_id, school_id, stage

-- school_stage: one row a year, school and judged stage in which it has pupils, its campuses merged.
-- Key: year, school_id, stage. Fields reported by stage and shares of shared fields are merged over the campuses that
-- have the stage; whole fields stand unchanged in every stage row of the school.
{%- import "macros.jinja" as m %}
with
merged as (
    select
        year, merged_into as school_id, stage, sum(pupils) as pupils, count(*) as campuses
        {%- for field in stage_fields + split_fields if field.id != "pupils" %},
        {{ m.merged(field, field.id) }} as {{ field.id }}
        {%- endfor %}
    from unit_share
    where is_judged
    group by year, merged_into, stage
)
select
    {{ unit_columns | map("prefix", "u.") | join(", ") }}, s.stage, s.pupils, s.campuses
    {%- for field in stage_fields + split_fields if field.id != "pupils" %}, s.{{ field.id }}{% endfor %}
    {%- for field in whole_fields %}, t.{{ field.id }}{% endfor %}
from merged as s
inner join unit as u on u.year = s.year and u.school_id = s.school_id
inner join school_total as t on t.year = s.year and t.school_id = s.school_id

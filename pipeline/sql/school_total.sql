-- school_total: one row a year and school, its campuses merged. Key: year, school_id.
-- Whole and shared fields unsplit, fields reported by stage summed over the judged stages; a missing part makes the
-- whole missing. pupils: those of the judged stages.
{%- import "macros.jinja" as m %}
with
total as (
    select
        year, merged_into as school_id
        {%- for field in whole_fields + split_fields %},
        {{ m.merged(field, field.id) }} as {{ field.id }}
        {%- endfor %}
    from unit_total
    group by year, merged_into
),
by_stage as (
    select
        year, merged_into as school_id, sum(pupils) as pupils
        {%- for field in stage_fields if field.id != "pupils" %},
        {{ m.merged(field, field.id) }} as {{ field.id }}
        {%- endfor %}
    from unit_share
    where is_judged
    group by year, merged_into
)
select
    {{ unit_columns | map("prefix", "u.") | join(", ") }}, s.pupils
    {%- for field in stage_fields if field.id != "pupils" %}, s.{{ field.id }}{% endfor %}
    {%- for field in whole_fields + split_fields %}, t.{{ field.id }}{% endfor %}
from total as t
inner join unit as u on u.year = t.year and u.school_id = t.school_id
inner join by_stage as s on s.year = t.year and s.school_id = t.school_id

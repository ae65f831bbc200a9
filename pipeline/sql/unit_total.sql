-- unit_total: one row a year and unit (a school or a campus), before campuses are merged.
-- Key: year, school_id (of the unit). Whole and shared fields as reported; derived ones made here, unit by unit.
-- Working table: not part of the release.
{%- import "macros.jinja" as m %}
with
{%- for over in totals_over %}
of_{{ over }} as (
    select
        year, school_id
        {%- for field in derived_totals if field.aggregate and field.aggregate.over == over %},
        {{ m.aggregate(field) }} as {{ field.id }}
        {%- endfor %}
    from (
        select {{ unit_columns | map("prefix", "u.") | join(", ") }}, s.is_judged, r.stage
            {%- for cell in cells_of(over) %}, r.{{ cell.id }}{% endfor %}
        from unit as u
        inner join unit_{{ over }} as r on r.year = u.year and r.school_id = u.school_id
        left join stage as s on s.stage = r.stage
    ) as rows_of_unit
    group by year, school_id
),
{%- endfor %}
joined as (
    select
        u.*
        {%- for field in derived_totals if field.aggregate %},
        case
            when a_{{ field.aggregate.over }}.school_id is not null then a_{{ field.aggregate.over }}.{{ field.id }}
            when sent_{{ field.aggregate.over }}.record is not null then {{ "null" if field.aggregate.max else "0" }}
        end as {{ field.id }}
        {%- endfor %}
    from unit as u
    {%- for over in totals_over %}
    left join of_{{ over }} as a_{{ over }} on a_{{ over }}.year = u.year and a_{{ over }}.school_id = u.school_id
    left join unit_record as sent_{{ over }}
        on sent_{{ over }}.year = u.year and sent_{{ over }}.school_id = u.school_id and sent_{{ over }}.record = '{{ over }}'
    {%- endfor %}
)
{%- for layer in total_layers %},
derived_{{ loop.index }} as (
    select *
        {%- for field in layer %},
        {{ field.expression }} as {{ field.id }}
        {%- endfor %}
    from {{ "joined" if loop.first else "derived_%d" % loop.index0 }}
)
{%- endfor %}
select *
from {{ "derived_%d" % (total_layers | length) if total_layers else "joined" }}
order by year, school_id

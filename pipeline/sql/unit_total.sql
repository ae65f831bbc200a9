-- unit_total: one row a year and unit (a school or a campus), before campuses are merged.
-- Key: year, school_id (of the unit). Whole and shared fields as reported; derived ones made here, unit by unit.
-- Working table: not part of the release.
{%- import "macros.jinja" as m with context %}
with
{%- for over in totals_over %}
of_{{ over }} as ({{ m.from_rows(over, derived_totals, ["year", "school_id"]) }}
),
{%- endfor %}
joined as (
    select
        u.*
        {%- for field in derived_totals if field.aggregate %},
        {{ m.taken(field) }} as {{ field.id }}
        {%- endfor %}
    from unit as u
    {%- for over in totals_over %}
    left join of_{{ over }} as a_{{ over }} on a_{{ over }}.year = u.year and a_{{ over }}.school_id = u.school_id
    left join unit_record as sent_{{ over }}
        on sent_{{ over }}.year = u.year and sent_{{ over }}.school_id = u.school_id and sent_{{ over }}.record = '{{ over }}'
    {%- endfor %}
)
{{- m.derived(total_layers, "joined") }}
order by year, school_id

-- unit_share: one row a year, unit and stage in which the unit has pupils, before campuses are merged.
-- Key: year, school_id (of the unit), stage. Shared fields times the stage's share of the unit:
-- weight × pupils of the stage ÷ the same summed over the unit's stages; null while a stage's pupils are unknown.
-- Working table: not part of the release.
{%- import "macros.jinja" as m with context %}
with
weighted as (
    select r.year, r.school_id, r.stage, s.is_judged, s.split_weight, {{ pupils_case("r.") }} as pupils
    from unit_stage as r
    inner join stage as s on s.stage = r.stage
),
whole as (
    select year, school_id, sum(split_weight * pupils) as weight, count(*) - count(pupils) as unknown
    from weighted
    group by year, school_id
),
lacking as (
    select distinct u.year, u.school_id
    from unit as u
    inner join split_needs as n on n.school_type = u.school_type
    left join unit_stage as r on r.year = u.year and r.school_id = u.school_id and r.stage = n.stage
    where r.stage is null
),
divided as (
    select
        w.*,
        case when k.unknown = 0 and l.school_id is null then w.split_weight * w.pupils / k.weight end as stage_share
    from weighted as w
    inner join whole as k on k.year = w.year and k.school_id = w.school_id
    left join lacking as l on l.year = w.year and l.school_id = w.school_id
)
{%- for over in stages_over %},
of_{{ over }} as ({{ m.from_rows(over, derived_stages, ["year", "school_id", "stage"]) }}
)
{%- endfor %},
shared as (
    select
        {{ unit_columns | map("prefix", "t.") | join(", ") }}, t.merged_into, w.stage, w.is_judged, w.pupils,
        w.stage_share
        {%- for field in stage_cells if field.id != "pupils" %},
        r.{{ field.id }}
        {%- endfor %}
        {%- for field in split_fields %},
        t.{{ field.id }} * w.stage_share as {{ field.id }}
        {%- endfor %}
        {%- for field in whole_fields %},
        t.{{ field.id }}
        {%- endfor %}
        {%- for field in derived_stages if field.aggregate %},
        {{ m.taken(field) }} as {{ field.id }}
        {%- endfor %}
    from divided as w
    inner join unit_total as t on t.year = w.year and t.school_id = w.school_id
    inner join unit_stage as r on r.year = w.year and r.school_id = w.school_id and r.stage = w.stage
    {%- for over in stages_over %}
    left join of_{{ over }} as a_{{ over }}
        on a_{{ over }}.year = w.year and a_{{ over }}.school_id = w.school_id and a_{{ over }}.stage = w.stage
    left join unit_record as sent_{{ over }}
        on sent_{{ over }}.year = w.year and sent_{{ over }}.school_id = t.school_id and sent_{{ over }}.record = '{{ over }}'
    {%- endfor %}
    where w.pupils > 0
)
{{- m.derived(stage_layers, "shared") }}
order by year, school_id, stage

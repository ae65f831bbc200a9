-- gap_school: one row a year, county, stage, gap and school that it counts and that has a value: the population of
-- gap_coefficient. Key: place_no, item_no, school_id. Working table: what takes gaps apart starts from here. place_no: year,
-- county and stage (see place); item_no numbers the standards' indicators, one number a standard and indicator.
{%- set ns = namespace(item=0) %}
{%- for standard in gap_standards %}
{%- set number = loop.index %}
{%- for id in standard.gap.indicators %}
{%- set ns.item = ns.item + 1 %}
{{ "union all" if ns.item > 1 }}
select
    place_no, {{ ns.item }} as item_no, '{{ standard.id }}' as standard_id, '{{ id }}' as indicator_id, school_id, pupils,
    x_{{ id }} as value
from indicator_wide
where is_counted_{{ number }} and x_{{ id }} is not null
{%- endfor %}
{%- endfor %}
order by place_no, item_no, school_id

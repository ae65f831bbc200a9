-- school_class: one row a year, unit and way to divide schools: the class that it is in, one of every way.
-- Key: year, school_id, divided_by. Working table. divided_by '' is the undivided whole, which every unit is in.
-- class_no numbers the classes, since grouping by a number is faster.
select
    year, school_id, divided_by, class_code, dense_rank() over (order by divided_by, class_code) as class_no
from (
    select year, school_id, '' as divided_by, '' as class_code
    from unit
    {%- for partition in partitions %}
    union all
    select
        year, school_id, '{{ partition.id }}',
        {% if partition.each -%}
        coalesce(cast({{ partition.each }} as varchar), '{{ partition.rest.id }}')
        {%- else -%}
        case{% for class in partition.classes %} when {{ class.when }} then '{{ class.id }}'{% endfor %} else '{{ partition.rest.id }}' end
        {%- endif %}
    from unit
    {%- endfor %}
) as classes
order by year, school_id, divided_by

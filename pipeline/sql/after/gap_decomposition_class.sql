-- gap_decomposition_class: one row a gap, way to divide it and class that holds schools with a value.
-- Key: year, standard_id, area_level, area_code, stage, indicator_id, divided_by, class_code.
-- With f = pupils of the class ÷ pupils of the area, r = mean of the class ÷ mean of the area and CV_j = cv of the class:
-- CV² = Σ f (r − 1)² + Σ f r² CV_j² (between + within), T = Σ f (r ln r − r + 1) + Σ f r T_j, L = Σ f (r − 1 − ln r) + Σ f L_j.
-- Two passes over the schools of a county give each class its mean and its deviations; classes of larger areas follow exactly
-- from those of their counties, as in gap_coefficient. Equal values are exactly equal: no deviation at all.
-- school_class: the class of every unit, one of every way to divide; '' is the undivided whole. class_no: a number for each,
-- since grouping by a number is faster.
{%- import "macros.jinja" as m %}
{%- set row_key = "year, standard_id, area_level, area_code, stage, indicator_id, divided_by, class_code" %}
with
school_class as (
    select year, school_id, '' as divided_by, '' as class_code
    from unit
    {%- for partition in partitions %}
    union all
    {%- if partition.members %}
    select u.year, u.school_id, '{{ partition.id }}', coalesce(m.group_id, '{{ partition.rest.id }}')
    from unit as u
    left join group_membership as m on m.year = u.year and m.school_id = u.school_id and m.kind = '{{ partition.members }}'
    {%- else %}
    select
        year, school_id, '{{ partition.id }}',
        {% if partition.each -%}
        coalesce(cast({{ partition.each }} as varchar), '{{ partition.rest.id }}')
        {%- else -%}
        case{% for class in partition.classes %} when {{ class.when }} then '{{ class.id }}'{% endfor %} else '{{ partition.rest.id }}' end
        {%- endif %}
    from unit
    {%- endif %}
    {%- endfor %}
),
numbered as (
    select *, row_number() over (order by divided_by, class_code) as class_no
    from (select distinct divided_by, class_code from school_class) as classes
),
member as (
    select g.*, n.class_no
    from gap_school as g
    inner join place as l on l.place_no = g.place_no
    inner join school_class as c on c.year = l.year and c.school_id = g.school_id
    inner join numbered as n on n.divided_by = c.divided_by and n.class_code = c.class_code
),
mean_of as (
    select
        place_no, item_no, class_no, min(standard_id) as standard_id, min(indicator_id) as indicator_id, count(*) as n,
        sum(pupils) as p, min(value) as low, max(value) as high,
        case when min(value) = max(value) then min(value) else sum(pupils * value) / sum(pupils) end as mean
    from member
    group by place_no, item_no, class_no
),
spread_of as (
    select
        b.place_no, b.item_no, b.class_no, sum(b.pupils * (b.value - a.mean) * (b.value - a.mean)) as q,
        sum(b.pupils * ({{ m.theil_t_of("b.value", "a.mean") }})) as t,
        sum(b.pupils * ({{ m.theil_l_of("b.value", "a.mean") }})) as l
    from member as b
    inner join mean_of as a on a.place_no = b.place_no and a.item_no = b.item_no and a.class_no = b.class_no
    group by b.place_no, b.item_no, b.class_no
),
atom as (
    select p.year, p.county_code, p.stage, a.*, s.q, s.t, s.l
    from mean_of as a
    inner join spread_of as s on s.place_no = a.place_no and s.item_no = a.item_no and s.class_no = a.class_no
    inner join place as p on p.place_no = a.place_no
),
part as (
    select a.*, r.area_level, r.area_code, c.divided_by, c.class_code
    from atom as a
    inner join numbered as c on c.class_no = a.class_no and c.divided_by <> ''
    inner join area as r on r.county_code = a.county_code and r.valid_from <= a.year and a.year <= r.valid_to
    union all
    select a.*, r.area_level, r.area_code, r.divided_by, r.class_code
    from atom as a
    inner join numbered as c on c.class_no = a.class_no and c.divided_by = ''
    inner join area_class as r on r.year = a.year and r.county_code = a.county_code
),
class_mean as (
    select
        {{ row_key }}, sum(n) as n, sum(p) as p, min(low) as low, max(high) as high,
        case when min(low) = max(high) then min(low) else sum(p * mean) / sum(p) end as mean
    from part
    group by {{ row_key }}
),
class_spread as (
    select
        year, standard_id, area_level, area_code, stage, indicator_id, divided_by, class_code,
        sum(q + p * (mean - class_mean) * (mean - class_mean)) as q,
        sum(coalesce(mean / nullif(class_mean, 0) * t, 0) + p * ({{ m.theil_t_of("mean", "class_mean") }})) as t,
        sum(l + p * ({{ m.theil_l_of("mean", "class_mean") }})) as l
    from (
        select a.*, b.mean as class_mean
        from part as a
        inner join class_mean as b
            on b.year = a.year and b.standard_id = a.standard_id and b.area_level = a.area_level
                and b.area_code = a.area_code and b.stage = a.stage and b.indicator_id = a.indicator_id
                and b.divided_by = a.divided_by and b.class_code = a.class_code
    ) as about_class
    group by {{ row_key }}
),
class as (
    select
        a.*, case when a.low = a.high then 0 else b.q end as q,
        case when a.mean = 0 then null when a.low = a.high then 0 else b.t / a.p end as theil_t,
        case when a.low <= 0 then null when a.low = a.high then 0 else b.l / a.p end as theil_l,
        g.pupils as pupils_area,
        case
            when min(a.mean) over (of_area) = max(a.mean) over (of_area) then a.mean
            else g.mean
        end as mean_area
    from class_mean as a
    inner join class_spread as b
        on b.year = a.year and b.standard_id = a.standard_id and b.area_level = a.area_level and b.area_code = a.area_code
            and b.stage = a.stage and b.indicator_id = a.indicator_id and b.divided_by = a.divided_by
            and b.class_code = a.class_code
    inner join gap_coefficient as g
        on g.year = a.year and g.standard_id = a.standard_id and g.area_level = a.area_level and g.area_code = a.area_code
            and g.stage = a.stage and g.indicator_id = a.indicator_id
    window of_area as (
        partition by a.year, a.standard_id, a.area_level, a.area_code, a.stage, a.indicator_id, a.divided_by
    )
)
select
    c.year, c.standard_id, c.area_level, c.area_code, c.stage, c.indicator_id, c.divided_by, c.class_code,
    coalesce(n.name_zh, k.group_name, c.class_code) as class_zh, coalesce(n.name_en, k.group_name, c.class_code) as class_en,
    cast(c.n as bigint) as schools, c.p as pupils, c.p / c.pupils_area as pupils_share, c.mean,
    c.mean / nullif(c.mean_area, 0) as mean_ratio, sqrt(c.q / c.p) / nullif(c.mean, 0) as cv,
    c.p / c.pupils_area * ((c.mean - c.mean_area) / nullif(c.mean_area, 0)) * ((c.mean - c.mean_area) / nullif(c.mean_area, 0))
        as cv2_between,
    c.q / c.pupils_area / nullif(c.mean_area * c.mean_area, 0) as cv2_within,
    c.theil_t, case when c.mean > 0 and c.mean_area > 0 then c.theil_l end as theil_l,
    c.p / c.pupils_area * ({{ m.theil_t_of("c.mean", "c.mean_area") }}) as theil_t_between,
    c.p / c.pupils_area * c.mean / nullif(c.mean_area, 0) * coalesce(c.theil_t, 0) as theil_t_within,
    c.p / c.pupils_area * ({{ m.theil_l_of("c.mean", "c.mean_area") }}) as theil_l_between,
    c.p / c.pupils_area * c.theil_l as theil_l_within
from class as c
left join name_of_class as n
    on n.divided_by = c.divided_by and n.class_code = c.class_code and n.valid_from <= c.year and c.year <= n.valid_to
left join school_partition as p on p.divided_by = c.divided_by
left join (
    select year, kind, group_id, min(group_name) as group_name
    from group_membership
    group by year, kind, group_id
) as k on k.year = c.year and k.kind = p.members and k.group_id = c.class_code

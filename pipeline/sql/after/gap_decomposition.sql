-- gap_decomposition: one row a gap (every row of gap_coefficient) and way to divide it.
-- Key: year, standard_id, area_level, area_code, stage, indicator_id, divided_by. Sums of gap_decomposition_class, in order of
-- its classes. cv2 is the square of the published cv; Theil's T and L are the sums of their parts, of which none is below 0.
{%- import "macros.jinja" as m %}
with
way as (
    select distinct year, area_level, area_code, divided_by
    from area_class
    union all
    select a.year, a.area_level, a.area_code, p.divided_by
    from (select distinct year, area_level, area_code from expected) as a
    cross join school_partition as p
),
added as (
    select
        year, standard_id, area_level, area_code, stage, indicator_id, divided_by, count(*) as classes,
        sum(cv2_between) as cv2_between, sum(cv2_within) as cv2_within,
        sum(theil_t_between) as theil_t_between, sum(theil_t_within) as theil_t_within,
        case when count(theil_l_between) = count(*) then sum(theil_l_between) end as theil_l_between,
        case when count(theil_l_within) = count(*) then sum(theil_l_within) end as theil_l_within
    from gap_decomposition_class
    group by year, standard_id, area_level, area_code, stage, indicator_id, divided_by
)
select
    g.year, g.standard_id, g.area_level, g.area_code, g.stage, g.indicator_id, w.divided_by, coalesce(a.classes, 0) as classes,
    g.schools, g.pupils, g.schools_missing, g.pupils_missing, g.cv, g.cv * g.cv as cv2, a.cv2_between, a.cv2_within,
    case when {{ m.has_gap("g.cv") }} then a.cv2_between / (a.cv2_between + a.cv2_within) end as share_between,
    a.theil_t_between + a.theil_t_within as theil_t, a.theil_t_between, a.theil_t_within,
    a.theil_l_between + a.theil_l_within as theil_l, a.theil_l_between, a.theil_l_within,
    case
        when g.cv is null then g.state
        when a.theil_l_within is null then 'zero_value'
        else 'ok'
    end as theil_l_state,
    g.state, g.trace_id
from gap_coefficient as g
inner join way as w on w.year = g.year and w.area_level = g.area_level and w.area_code = g.area_code
left join added as a
    on a.year = g.year and a.standard_id = g.standard_id and a.area_level = g.area_level and a.area_code = g.area_code
        and a.stage = g.stage and a.indicator_id = g.indicator_id and a.divided_by = w.divided_by

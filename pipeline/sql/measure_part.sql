-- measure_part: one row a year, standard, measure, stage, county and indicator: its part in the county's measure.
-- Key: year, standard_id, measure, stage, county_code, indicator_id. Working table. is_largest: the measure is the largest
-- part (worst of several ratios); else a change of the measure is the sum of the changes of its parts, except for
-- share_meeting, where a part is the share of schools that do not miss the item, of the same schools as the measure: those
-- that did not come are not known to miss it. position: catalogue order.
with
gap as (
    select
        c.year, c.standard_id, c.area_code as county_code, c.stage, c.indicator_id, c.cv, c.cv_limit, g.composite_limit,
        g.position, count(*) over (partition by c.year, c.standard_id, c.area_code, c.stage) as indicators
    from gap_coefficient as c
    inner join gap_indicator as g
        on g.standard_id = c.standard_id and g.stage = c.stage and g.indicator_id = c.indicator_id
    where c.area_level = 'county'
),
scored as (
    select
        a.year, a.standard_id, a.county_code, a.stage, a.indicator_id, i.position, a.is_met,
        a.weight * a.attainment as attained, s.score,
        sum(case when a.state <> 'not_applicable' then a.weight else 0 end)
            over (partition by a.year, a.standard_id, a.school_id, a.stage) as weight_applicable
    from indicator_attainment as a
    inner join item as i on i.standard_id = a.standard_id and i.indicator_id = a.indicator_id
    inner join school_score as s
        on s.year = a.year and s.standard_id = a.standard_id and s.school_id = a.school_id and s.stage = a.stage
),
gone as (
    select year, standard_id, county_code, stage, count(*) as schools
    from absent_scope
    where is_counted
    group by year, standard_id, county_code, stage
)
select year, standard_id, 'mean_cv' as measure, stage, county_code, indicator_id, position, cv / indicators as part, false as is_largest
from gap
union all
select
    year, standard_id, 'worst_ratio', stage, county_code, indicator_id, position,
    case when composite_limit is not null then cv / (indicators * composite_limit) else cv / cv_limit end,
    composite_limit is null
from gap
union all
select
    year, standard_id, 'mean_score', stage, county_code, indicator_id, position,
    avg(case when score is not null then coalesce(100 * attained / weight_applicable, 0) end), false
from scored
group by year, standard_id, county_code, stage, indicator_id, position
union all
select
    s.year, s.standard_id, 'share_meeting', s.stage, s.county_code, s.indicator_id, s.position,
    1 - count(case when not s.is_met then 1 end) / (count(*) + coalesce(max(g.schools), 0)), false
from scored as s
left join gone as g
    on g.year = s.year and g.standard_id = s.standard_id and g.county_code = s.county_code and g.stage = s.stage
group by s.year, s.standard_id, s.county_code, s.stage, s.indicator_id, s.position
order by year, standard_id, measure, stage, county_code, position

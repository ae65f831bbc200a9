-- county_measure: one row a year, standard, measure, stage and expected county: what the county is ranked by.
-- Key: year, standard_id, measure, stage, county_code. Working table. is_lower_better: the least value ranks first.
-- mean_cv: mean of a standard's unrounded cvs. worst_ratio: its composite over the composite's limit, else the largest
-- cv ÷ limit; stage 'both' is the larger of the stages. mean_score: plain mean of school scores. share_meeting: schools
-- that meet the school rule over all that count; a school of unknown result does not count as meeting.
-- is_told: nothing is owed that did not come. state: the first that applies of no_schools, incomplete, single_school, zero_mean; else ok.
with
county as (
    select year, area_code as county_code, stage, counties_came > 0 or counties_expected = 0 as is_told
    from expected
    where area_level = 'county'
),
gap as (
    select
        c.year, c.standard_id, c.area_code as county_code, c.stage, g.composite_limit,
        case when count(*) = count(c.cv) then sum(c.cv order by g.position) / count(*) end as mean_cv,
        case when count(*) = count(c.cv) then max(c.cv / c.cv_limit) end as worst,
        min(case c.state
            when 'no_schools' then 1 when 'incomplete' then 2 when 'single_school' then 3 when 'zero_mean' then 4 else 5
        end) as state_no
    from gap_coefficient as c
    inner join gap_indicator as g
        on g.standard_id = c.standard_id and g.stage = c.stage and g.indicator_id = c.indicator_id
    where c.area_level = 'county'
    group by c.year, c.standard_id, c.area_code, c.stage, g.composite_limit
),
worst as (
    select
        year, standard_id, county_code, stage,
        case when composite_limit is not null then mean_cv / composite_limit else worst end as value, state_no
    from gap
),
gone as (
    select
        year, standard_id, county_code, stage, count(*) as schools, coalesce(sum(pupils), 0) as pupils,
        count(*) > count(pupils) as is_unknown
    from absent_scope
    where is_counted
    group by year, standard_id, county_code, stage
),
scored as (
    select
        year, standard_id, county_code, stage, count(*) as schools, sum(pupils) as pupils, avg(score order by school_id) as mean_score,
        count(case when meets_standard then 1 end) as schools_meeting,
        sum(case when score is null then pupils else 0 end) as pupils_unscored,
        sum(case when meets_standard is null then pupils else 0 end) as pupils_unjudged
    from school_score
    group by year, standard_id, county_code, stage
),
level as (
    select
        c.year, n.standard_id, c.county_code, c.stage, s.mean_score, s.pupils_unscored, s.pupils_unjudged,
        coalesce(g.pupils, 0) as pupils_gone, coalesce(s.pupils, 0) + coalesce(g.pupils, 0) as pupils,
        s.schools_meeting / nullif(coalesce(s.schools, 0) + coalesce(g.schools, 0), 0) as share_meeting,
        case
            when not c.is_told then 2
            when s.schools is null and g.schools is null then 1
            when s.schools is null or coalesce(g.is_unknown, false) then 2
            else 5
        end as state_no
    from county as c
    cross join (select standard_id from measure where measure in ('mean_score', 'share_meeting') group by standard_id) as n
    left join scored as s
        on s.year = c.year and s.standard_id = n.standard_id and s.county_code = c.county_code and s.stage = c.stage
    left join gone as g
        on g.year = c.year and g.standard_id = n.standard_id and g.county_code = c.county_code and g.stage = c.stage
),
valued as (
    select year, standard_id, 'mean_cv' as measure, stage, county_code, mean_cv as value, state_no from gap
    union all
    select year, standard_id, 'worst_ratio', stage, county_code, value, state_no from worst
    union all
    select
        year, standard_id, 'worst_ratio', 'both', county_code, case when min(state_no) = 5 then max(value) end,
        min(state_no)
    from worst
    group by year, standard_id, county_code
    union all
    select
        year, standard_id, 'mean_score', stage, county_code, mean_score,
        case
            when state_no = 5
                and (pupils_unscored + pupils_gone) * 100 > {{ setting("missing_pupils_limit_pct") }} * pupils then 2
            else state_no
        end
    from level
    union all
    select
        year, standard_id, 'share_meeting', stage, county_code, share_meeting,
        case
            when state_no = 5
                and (pupils_unjudged + pupils_gone) * 100 > {{ setting("missing_pupils_limit_pct") }} * pupils then 2
            else state_no
        end
    from level
)
select
    v.year, v.standard_id, v.measure, v.stage, v.county_code, a.area_code as province_code, v.value, m.is_lower_better,
    case v.state_no
        when 1 then 'no_schools' when 2 then 'incomplete' when 3 then 'single_school' when 4 then 'zero_mean' else 'ok'
    end as state
from valued as v
inner join measure as m on m.standard_id = v.standard_id and m.measure = v.measure
left join area as a
    on a.county_code = v.county_code and a.area_level = 'province' and a.valid_from <= v.year and v.year <= a.valid_to
order by v.year, v.standard_id, v.measure, v.stage, v.county_code

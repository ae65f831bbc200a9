-- weak_school: one row a year, standard, school, stage and area (its province, its county) in whose lowest part the school's
-- score lies (see school_place), or lay the year before. Key: year, standard_id, school_id, stage, area_level.
-- Years in which the standard's levels changed, or the county is another, do not compare; one with a new code is the same.
with
year_held as (select distinct year from expected),
wanted as (
    select year, standard_id, school_id, stage, area_level from school_place where is_weak
    union
    select b.year + 1, b.standard_id, b.school_id, b.stage, b.area_level
    from school_place as b
    inner join year_held as y on y.year = b.year + 1
    where b.is_weak
),
pair as (
    select
        n.year, n.standard_id, n.school_id, n.stage, n.area_level,
        rank() over (partition by n.year, n.standard_id, n.stage, n.area_level, n.area_code order by b.key desc)
        - rank() over (partition by n.year, n.standard_id, n.stage, n.area_level, n.area_code order by n.key desc)
        as place_change
    from school_place as n
    left join county_recode as c on c.year = n.year and c.county_code = n.area_code and n.area_level = 'county'
    inner join school_place as b
        on b.year = n.year - 1 and b.standard_id = n.standard_id and b.school_id = n.school_id and b.stage = n.stage
            and b.area_level = n.area_level and b.area_code = coalesce(c.code_before, n.area_code)
    left join county_break as d on d.year = n.year and d.county_code = n.area_code and n.area_level = 'county'
    left join standard_change as t on t.year = n.year and t.standard_id = n.standard_id
    where (d.county_code is null or c.code_before is not null) and t.standard_id is null
),
there as (
    select year, school_id, stage, standard_id from school_score
    union
    select year, school_id, stage, standard_id from absent_scope where is_counted
),
told as (
    select
        w.*, coalesce(n.area_code, case when w.area_level = 'county' then r.county_code end, b.area_code) as area_code,
        coalesce(n.county_code, r.county_code, b.county_code) as county_code,
        n.score, n.place, n.schools, n.is_weak, b.score as score_before, b.place as place_before, b.schools as schools_before,
        b.is_weak as was_weak, p.school_id is not null as is_compared, p.place_change,
        case
            when y.year is null then 'no_year_before'
            when b.school_id is null then 'not_ranked_before'
            when n.school_id is null and t.school_id is null and h.stage is not null then 'left'
            when n.school_id is null then 'not_ranked_now'
            when s.standard_id is not null then 'standard_changed'
            when p.school_id is null then 'area_changed'
        end as why
    from wanted as w
    left join year_held as y on y.year = w.year - 1
    left join school_place as n
        on n.year = w.year and n.standard_id = w.standard_id and n.school_id = w.school_id and n.stage = w.stage
            and n.area_level = w.area_level
    left join school_place as b
        on b.year = w.year - 1 and b.standard_id = w.standard_id and b.school_id = w.school_id and b.stage = w.stage
            and b.area_level = w.area_level
    left join pair as p
        on p.year = w.year and p.standard_id = w.standard_id and p.school_id = w.school_id and p.stage = w.stage
            and p.area_level = w.area_level
    left join there as t
        on t.year = w.year and t.school_id = w.school_id and t.stage = w.stage and t.standard_id = w.standard_id
    left join county_recode as r on r.year = w.year and r.code_before = b.county_code
    left join ranked_area as h
        on h.year = w.year and h.area_level = 'county' and h.area_code = coalesce(r.county_code, b.county_code) and h.stage = w.stage
    left join standard_change as s on s.year = w.year and s.standard_id = w.standard_id
)
select
    year, standard_id, school_id, stage, area_level, area_code, county_code,
    case
        when why = 'left' then 'left'
        when why is not null then 'unknown'
        when is_weak and was_weak then 'still'
        when is_weak then 'new'
        else 'risen'
    end as state,
    case when why <> 'left' then why end as reason,
    is_weak, was_weak, score, score_before, case when is_compared then score - score_before end as score_change,
    place, schools, place_before, schools_before, place_change
from told

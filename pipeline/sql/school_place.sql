-- school_place: one row a year, standard, school, stage and area (its province, its county) in which its score is ranked.
-- Key: year, standard_id, school_id, stage, area_level. Working table.
-- is_weak: the schools of the area that score no more than it, itself included, are at most the setting's share of those ranked; so
-- never more than that share is weak, equal schools are weak together or not at all, and of a few schools none is. An area of
-- which too few of the expected counties came is not ranked (ranked_area). score: of school_score, the mean attainment.
with
scored as (
    select s.year, s.standard_id, s.school_id, s.stage, s.county_code, h.area_level, h.area_code, s.score, round(s.score, 12) as key
    from school_score as s
    inner join area as a on a.county_code = s.county_code and a.valid_from <= s.year and s.year <= a.valid_to
    inner join ranked_area as h
        on h.year = s.year and h.area_level = a.area_level and h.area_code = a.area_code and h.stage = s.stage
    where s.score is not null
),
ranked as (
    select
        *, rank() over (partition by year, standard_id, stage, area_level, area_code order by key desc) as place,
        count(*) over (partition by year, standard_id, stage, area_level, area_code) as schools,
        count(*) over (
            partition by year, standard_id, stage, area_level, area_code order by key
            range between unbounded preceding and current row
        ) as no_better
    from scored
)
select
    year, standard_id, school_id, stage, area_level, area_code, county_code, score, key, place, schools,
    at_most(no_better * 100, {{ years.weak_pct }} * schools) as is_weak
from ranked
order by year, standard_id, school_id, stage, area_level

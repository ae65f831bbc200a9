-- expected: one row a year, area and judged stage: how many counties were expected to tell of the stage and how many did.
-- Key: year, area_level, area_code, stage. Working table: one county expected is one row of level county. A county without
-- schools of the stage, by the roster, is not expected to tell of it and has a row all the same.
select
    e.year, a.area_level, a.area_code, e.stage,
    count(case when e.is_expected then 1 end) as counties_expected, count(c.county_code) as counties_came
from expected_county as e
inner join area as a on a.county_code = e.county_code and a.valid_from <= e.year and e.year <= a.valid_to
left join came as c on c.year = e.year and c.county_code = e.county_code and c.stage = e.stage
group by e.year, a.area_level, a.area_code, e.stage
order by e.year, a.area_level, a.area_code, e.stage

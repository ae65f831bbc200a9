-- expected: one row a year, area and judged stage: how many counties were expected to tell of the stage and how many did.
-- Key: year, area_level, area_code, stage. Working table: one county expected is one row of level county.
select
    y.year, a.area_level, a.area_code, s.stage,
    count(*) as counties_expected, count(c.county_code) as counties_came
from (select year from unit union select year from came) as y
inner join area as a on a.valid_from <= y.year and y.year <= a.valid_to
cross join (select stage from stage where is_judged) as s
left join came as c on c.year = y.year and c.county_code = a.county_code and c.stage = s.stage
group by y.year, a.area_level, a.area_code, s.stage
order by y.year, a.area_level, a.area_code, s.stage

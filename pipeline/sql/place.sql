-- place: one row a year, county and stage in which schools have pupils, numbered. Key: place_no.
-- Working table: grouping by one number is twice as fast as by year, county and stage.
select row_number() over (order by year, county_code, stage) as place_no, year, county_code, stage
from (select distinct year, county_code, stage from school_stage) as places
order by place_no

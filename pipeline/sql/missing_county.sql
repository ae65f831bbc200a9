-- missing_county: one row a year, county and judged stage of which the county was expected to tell and nothing that counts came.
-- Key: year, county_code, stage. schools, pupils: those of the roster in that stage, by last year's pupils; where the roster
-- names no school of the county, 0 schools and pupils unknown (null).
select
    e.year, e.county_code, e.stage, cast(count(a.school_id) as bigint) as schools,
    sum(a.pupils order by a.school_id) as pupils
from expected_county as e
left join came as c on c.year = e.year and c.county_code = e.county_code and c.stage = e.stage
left join absent as a on a.year = e.year and a.county_code = e.county_code and a.stage = e.stage
where e.is_expected and c.county_code is null
group by e.year, e.county_code, e.stage
order by e.year, e.county_code, e.stage

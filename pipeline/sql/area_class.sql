-- area_class: one row a year, county, larger area that it lies in and level by which that area is divided: the area of that
-- level which holds the county, or none. Key: year, county_code, area_level, divided_by. Working table.
-- An area of which no county lies in an area of the level is not divided by it.
with
step as (
    select 'nation' as area_level, 'province' as divided_by
    union all
    select 'province', 'prefecture'
    union all
    select 'province', 'county'
    union all
    select 'prefecture', 'county'
),
held as (
    select y.year, a.county_code, a.area_level, a.area_code, s.divided_by, b.area_code as class_code
    from (select distinct year from expected_county) as y
    inner join area as a on a.valid_from <= y.year and y.year <= a.valid_to
    inner join step as s on s.area_level = a.area_level
    left join area as b
        on b.county_code = a.county_code and b.area_level = s.divided_by and b.valid_from <= y.year and y.year <= b.valid_to
)
select year, county_code, area_level, area_code, divided_by, coalesce(class_code, 'none') as class_code
from (
    select *, min(class_code) over (partition by year, area_level, area_code, divided_by) as first_class
    from held
) as known
where first_class is not null
order by year, county_code, area_level, divided_by

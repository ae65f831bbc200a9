-- missing_school: one row a year, school and judged stage that should be there and is not: its rows are quarantined, or the
-- roster expects it and nothing of it came. Key: year, school_id, stage. pupils: as read where they can be, else last year's
-- by the roster; null where neither says. why: quarantined where a critical finding names the school, else sent_nothing.
-- counted_by: the standards that would count it, as ids with a comma between; null where none would.
select
    a.year, a.school_id, a.stage, a.county_code, a.name, a.pupils,
    case when f.school_id is not null then 'quarantined' else 'sent_nothing' end as why,
    c.counted_by
from absent as a
left join (
    select year, school_id, stage, string_agg(standard_id, ', ' order by standard_id) as counted_by
    from absent_scope
    where is_counted
    group by year, school_id, stage
) as c
    on c.year = a.year and c.school_id = a.school_id and c.stage = a.stage
left join (select distinct year, school_id from finding where severity = 'critical') as f
    on f.year = a.year and f.school_id = a.school_id
where a.county_code is not null
order by a.year, a.school_id, a.stage

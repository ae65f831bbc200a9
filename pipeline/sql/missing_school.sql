-- missing_school: one row a year, school and judged stage that should be there and is not: its rows are quarantined, or the
-- roster expects it and nothing of it came. Key: year, school_id, stage. pupils: as read where they can be, else last year's
-- by the roster; null where neither says. why: quarantined where a critical finding names the school, else sent_nothing.
select
    a.year, a.school_id, a.stage, a.county_code, a.name, a.pupils,
    case when f.school_id is not null then 'quarantined' else 'sent_nothing' end as why
from absent as a
left join (select distinct year, school_id from finding where severity = 'critical') as f
    on f.year = a.year and f.school_id = a.school_id
where a.county_code is not null
order by a.year, a.school_id, a.stage

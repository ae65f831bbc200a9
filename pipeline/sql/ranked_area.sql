-- ranked_area: one row a year, province or county and stage in which schools are ranked: enough of the expected counties came (as in
-- county_ranking). Key: year, area_level, area_code, stage. Working table.
{%- import "macros.jinja" as m %}
select year, area_level, area_code, stage
from expected
where area_level in ('province', 'county')
    and {{ m.enough_came(setting("expected_counties_limit_pct")) }}
order by year, area_level, area_code, stage

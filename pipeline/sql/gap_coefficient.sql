-- gap_coefficient: one row a year, standard, area, stage and indicator. Key: year, standard_id, area_level, area_code,
-- stage, indicator_id. Formula of 教督〔2012〕3号: x = value of a school, P = its pupils,
-- mean X = Σ P x / Σ P, sd S = sqrt(Σ P (x − X)² / Σ P) with divisor P, cv = S / X.
-- Two passes over the schools give each county's mean and squared deviations; larger areas follow exactly from their
-- counties: Σ P (x − X)² = Σ over counties [ its own + P (its mean − X)² ]. Where all values are the same double the
-- mean is that double and sd is 0. theil: Theil's T = Σ P x/(P X) ln(x/X), with 0·ln 0 = 0.
{%- set suffix = joiner("") %}
with
{%- for standard in gap_standards %}
counted_{{ loop.index }} as (
    select w.*
    from indicator_wide as w
    inner join school_scope as c
        on c.year = w.year and c.school_id = w.school_id and c.stage = w.stage
    where c.standard_id = '{{ standard.id }}' and c.is_counted
),
mean_{{ loop.index }} as (
    select
        year, county_code, stage
        {%- for id in standard.gap.indicators %},
        count(x_{{ id }}) as n_{{ id }},
        sum(pupils) filter (where x_{{ id }} is not null) as p_{{ id }},
        sum(pupils * x_{{ id }}) as r_{{ id }},
        count(*) filter (where is_missing_{{ id }}) as n_missing_{{ id }},
        coalesce(sum(pupils) filter (where is_missing_{{ id }}), 0) as p_missing_{{ id }}
        {%- endfor %}
    from counted_{{ loop.index }}
    group by year, county_code, stage
),
deviation_{{ loop.index }} as (
    select
        d.year, d.county_code, d.stage
        {%- for id in standard.gap.indicators %},
        min(x_{{ id }}) as low_{{ id }},
        max(x_{{ id }}) as high_{{ id }},
        sum(pupils * (x_{{ id }} - m_{{ id }}) * (x_{{ id }} - m_{{ id }})) as q_{{ id }},
        sum(case when x_{{ id }} > 0 then pupils * x_{{ id }} * ln(x_{{ id }} / m_{{ id }}) end) as t_{{ id }}
        {%- endfor %}
    from counted_{{ loop.index }} as d
    inner join (
        select year, county_code, stage
            {%- for id in standard.gap.indicators %}, r_{{ id }} / p_{{ id }} as m_{{ id }}{% endfor %}
        from mean_{{ loop.index }}
    ) as m on m.year = d.year and m.county_code = d.county_code and m.stage = d.stage
    group by d.year, d.county_code, d.stage
),
{%- endfor %}
county as (
    {%- for standard in gap_standards %}
    {%- set number = loop.index %}
    {%- for id in standard.gap.indicators %}
    {{ "union all" if suffix() is not none and not (loop.first and number == 1) }}
    select
        m.year, '{{ standard.id }}' as standard_id, m.county_code, m.stage, '{{ id }}' as indicator_id,
        n_{{ id }} as schools, coalesce(p_{{ id }}, 0) as pupils,
        n_missing_{{ id }} as schools_missing, p_missing_{{ id }} as pupils_missing,
        case when low_{{ id }} = high_{{ id }} then low_{{ id }} else r_{{ id }} / p_{{ id }} end as mean,
        low_{{ id }} as low, high_{{ id }} as high,
        case when low_{{ id }} = high_{{ id }} then 0 else q_{{ id }} end as squares,
        case when low_{{ id }} = high_{{ id }} then 0 else t_{{ id }} / r_{{ id }} end as theil
    from mean_{{ number }} as m
    inner join deviation_{{ number }} as d on d.year = m.year and d.county_code = m.county_code and d.stage = m.stage
    {%- endfor %}
    {%- endfor %}
),
absent as (
    select year, standard_id, county_code, stage, count(*) as schools, coalesce(sum(pupils), 0) as pupils
    from absent_scope
    where is_counted
    group by year, standard_id, county_code, stage
),
expected as (
    select y.year, a.area_level, a.area_code, a.county_code, came.county_code is not null as has_come
    from (select distinct year from unit) as y
    inner join area as a on a.valid_from <= y.year and y.year <= a.valid_to
    left join (select distinct year, county_code from unit) as came
        on came.year = y.year and came.county_code = a.county_code
),
frame as (
    select e.year, g.standard_id, e.area_level, e.area_code, e.county_code, e.has_come, g.stage, g.indicator_id, g.cv_limit
    from expected as e
    cross join gap_indicator as g
),
part as (
    select
        f.year, f.standard_id, f.area_level, f.area_code, f.stage, f.indicator_id, f.cv_limit, f.has_come,
        coalesce(c.schools, 0) as schools, coalesce(c.pupils, 0) as pupils,
        coalesce(c.schools_missing, 0) + coalesce(b.schools, 0) as schools_missing,
        coalesce(c.pupils_missing, 0) + coalesce(b.pupils, 0) as pupils_missing,
        c.mean, c.low, c.high, c.squares, c.theil, f.county_code
    from frame as f
    left join county as c
        on c.year = f.year and c.standard_id = f.standard_id and c.county_code = f.county_code
            and c.stage = f.stage and c.indicator_id = f.indicator_id
    left join absent as b
        on b.year = f.year and b.standard_id = f.standard_id and b.county_code = f.county_code and b.stage = f.stage
),
area_mean as (
    select
        year, standard_id, area_level, area_code, stage, indicator_id, cv_limit,
        sum(schools) as schools, sum(pupils) as pupils,
        sum(schools_missing) as schools_missing, sum(pupils_missing) as pupils_missing,
        count(*) as counties_expected, count(*) filter (where has_come) as counties_came,
        case when min(low) = max(high) then min(low) else sum(pupils * mean) / sum(pupils) filter (where schools > 0) end as mean,
        min(low) as low, max(high) as high
    from (select * from part order by year, standard_id, area_level, area_code, stage, indicator_id, county_code) as ordered
    group by year, standard_id, area_level, area_code, stage, indicator_id, cv_limit
),
area_square as (
    select
        a.year, a.standard_id, a.area_level, a.area_code, a.stage, a.indicator_id,
        sum(p.squares + p.pupils * (p.mean - a.mean) * (p.mean - a.mean)) as squares,
        sum(p.pupils * p.mean * (p.theil + case when p.mean > 0 and a.mean > 0 then ln(p.mean / a.mean) else 0 end)) as theil
    from (select * from part where schools > 0
        order by year, standard_id, area_level, area_code, stage, indicator_id, county_code) as p
    inner join area_mean as a
        on a.year = p.year and a.standard_id = p.standard_id and a.area_level = p.area_level
            and a.area_code = p.area_code and a.stage = p.stage and a.indicator_id = p.indicator_id
    group by a.year, a.standard_id, a.area_level, a.area_code, a.stage, a.indicator_id
),
measured as (
    select
        a.*, case when a.low = a.high then 0 else sqrt(s.squares / a.pupils) end as sd,
        case when a.low = a.high then 0 else sqrt(s.squares / a.pupils) end / nullif(a.mean, 0) as cv,
        case when a.mean = 0 then null when a.low = a.high then 0 else s.theil / nullif(a.pupils * a.mean, 0) end as theil,
        case
            when a.counties_came = 0 then 'incomplete'
            when a.schools + a.schools_missing = 0 then 'no_schools'
            when a.pupils_missing * 100 > {{ setting("missing_pupils_limit_pct") }} * (a.pupils + a.pupils_missing)
                or a.counties_came * 100 < {{ setting("expected_counties_limit_pct") }} * a.counties_expected
                or a.schools = 0 then 'incomplete'
            when a.schools = 1 then 'single_school'
            when a.mean = 0 then 'zero_mean'
            else 'ok'
        end as state
    from area_mean as a
    left join area_square as s
        on s.year = a.year and s.standard_id = a.standard_id and s.area_level = a.area_level
            and s.area_code = a.area_code and s.stage = a.stage and s.indicator_id = a.indicator_id
)
select
    year, standard_id, area_level, area_code, stage, indicator_id,
    schools, pupils, schools_missing, pupils_missing, counties_expected, counties_came, mean, sd, cv,
    case when area_level = 'county' then cv_limit end as cv_limit,
    case when area_level = 'county' and state = 'ok' and schools_missing = 0
        then at_most({{ rounded("cv", setting("decimals_cv")) }}, cv_limit) end as is_met,
    state, theil,
    concat_ws('.', area_code, stage, indicator_id, year, standard_id) as trace_id
from measured
order by year, standard_id, area_level, area_code, stage, indicator_id

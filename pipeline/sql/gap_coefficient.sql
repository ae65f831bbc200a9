-- gap_coefficient: one row a year, standard, area, stage and indicator. Key: year, standard_id, area_level, area_code,
-- stage, indicator_id. Formula of 教督〔2012〕3号: x = value of a school, P = its pupils,
-- mean X = Σ P x / Σ P, sd S = sqrt(Σ P (x − X)² / Σ P) with divisor P, cv = S / X.
-- Two passes over the schools give each county's mean and squared deviations; larger areas follow exactly from their
-- counties: Σ P (x − X)² = Σ over counties [ its own + P (its mean − X)² ]. Where all values are the same double the
-- mean is that double and sd is 0. theil: Theil's T = Σ P x/(P X) ln(x/X), with 0·ln 0 = 0.
-- cv_low, cv_high: least and largest cv when the M pupils of schools without a value take any common value v from 0 to
-- the county's largest: cv(v)² = (N·Σ P (x − X)² + P·M·(v − X)²) / (P·X + M·v)² with N = P + M. It falls to its only
-- least at v = X + S²/X and rises after it, so the least stands there (or at the largest value) and the largest at an end.
-- Everything is wide (a column per indicator) until the last step.
{%- import "macros.jinja" as m %}
{%- macro spread(v) -%}
sqrt((pupils + pupils_missing) * squares + pupils * pupils_missing * ({{ v }} - mean) * ({{ v }} - mean))
                / (pupils * mean + pupils_missing * {{ v }})
{%- endmacro %}
with
absent as (
    select
        b.year, b.standard_id, a.area_level, a.area_code, b.stage,
        count(*) as schools, sum(b.pupils) as pupils, count(*) - count(b.pupils) as unknown
    from absent_scope as b
    inner join area as a on a.county_code = b.county_code and a.valid_from <= b.year and b.year <= a.valid_to
    where b.is_counted
    group by b.year, b.standard_id, a.area_level, a.area_code, b.stage
),
{%- for standard in gap_standards %}
{%- set ids = standard.gap.indicators %}
{%- set number = loop.index %}
mean_{{ number }} as (
    select
        place_no, count(*) as n, sum(pupils) as p
        {%- for id in ids %},
        count(x_{{ id }}) as n_{{ id }},
        sum(case when x_{{ id }} is not null then pupils end) as p_{{ id }},
        sum(pupils * x_{{ id }}) as r_{{ id }}
        {%- if not always_owed(indicator_of[id]) %},
        count(case when is_owed_{{ id }} then 1 end) as n_owed_{{ id }},
        coalesce(sum(case when is_owed_{{ id }} then pupils end), 0) as p_owed_{{ id }}
        {%- endif %}
        {%- endfor %}
    from indicator_wide
    where is_counted_{{ number }}
    group by place_no
),
deviation_{{ number }} as (
    select
        d.place_no
        {%- for id in ids %},
        min(x_{{ id }}) as low_{{ id }},
        max(x_{{ id }}) as high_{{ id }},
        sum(pupils * (x_{{ id }} - m_{{ id }}) * (x_{{ id }} - m_{{ id }})) as q_{{ id }},
        sum(case when x_{{ id }} > 0 then pupils * x_{{ id }} * ln(x_{{ id }} / m_{{ id }}) end) as t_{{ id }}
        {%- endfor %}
    from indicator_wide as d
    inner join (
        select place_no
            {%- for id in ids %}, r_{{ id }} / p_{{ id }} as m_{{ id }}{% endfor %}
        from mean_{{ number }}
    ) as m on m.place_no = d.place_no
    where d.is_counted_{{ number }}
    group by d.place_no
),
part_{{ number }} as (
    select
        l.year, a.area_level, a.area_code, l.stage, m.*
        {%- for id in ids %},
        case when low_{{ id }} = high_{{ id }} then low_{{ id }} else r_{{ id }} / p_{{ id }} end as m_{{ id }},
        low_{{ id }}, high_{{ id }},
        case when low_{{ id }} = high_{{ id }} then 0 else q_{{ id }} end as q_{{ id }},
        case when low_{{ id }} = high_{{ id }} then 0 else t_{{ id }} end as t_{{ id }}
        {%- endfor %}
    from mean_{{ number }} as m
    inner join deviation_{{ number }} as d on d.place_no = m.place_no
    inner join place as l on l.place_no = m.place_no
    inner join area as a on a.county_code = l.county_code and a.valid_from <= l.year and l.year <= a.valid_to
),
area_mean_{{ number }} as (
    select
        year, area_level, area_code, stage, sum(n) as n, sum(p) as p
        {%- for id in ids %},
        sum(n_{{ id }}) as n_{{ id }},
        sum(p_{{ id }}) as p_{{ id }},
        {%- if not always_owed(indicator_of[id]) %}
        sum(n_owed_{{ id }}) as n_owed_{{ id }},
        sum(p_owed_{{ id }}) as p_owed_{{ id }},
        {%- endif %}
        min(low_{{ id }}) as low_{{ id }},
        max(high_{{ id }}) as high_{{ id }},
        case when min(low_{{ id }}) = max(high_{{ id }}) then min(low_{{ id }})
            else sum(p_{{ id }} * m_{{ id }}) / sum(p_{{ id }}) end as m_{{ id }}
        {%- endfor %}
    from part_{{ number }}
    group by year, area_level, area_code, stage
),
area_square_{{ number }} as (
    select
        p.year, p.area_level, p.area_code, p.stage
        {%- for id in ids %},
        sum(p.q_{{ id }} + p.p_{{ id }} * (p.m_{{ id }} - a.m_{{ id }}) * (p.m_{{ id }} - a.m_{{ id }})) as q_{{ id }},
        sum(case when p.m_{{ id }} > 0
            then p.t_{{ id }} + p.p_{{ id }} * p.m_{{ id }} * ln(p.m_{{ id }} / a.m_{{ id }}) end) as t_{{ id }}
        {%- endfor %}
    from part_{{ number }} as p
    inner join area_mean_{{ number }} as a
        on a.year = p.year and a.area_level = p.area_level and a.area_code = p.area_code and a.stage = p.stage
    group by p.year, p.area_level, p.area_code, p.stage
),
frame_{{ number }} as (
    select
        e.year, '{{ standard.id }}' as standard_id, e.area_level, e.area_code, g.stage, g.cv_limit,
        e.counties_expected, e.counties_came, coalesce(m.n, 0) as n, coalesce(m.p, 0) as p,
        coalesce(b.schools, 0) as schools_absent, coalesce(b.pupils, 0) as pupils_absent,
        coalesce(b.unknown, 0) > 0 and e.area_level = 'county' as is_unknown
        {%- for id in ids %},
        m.n_{{ id }}, m.p_{{ id }}, m.m_{{ id }}, m.high_{{ id }}, m.low_{{ id }} = m.high_{{ id }} as is_equal_{{ id }},
        s.q_{{ id }}, s.t_{{ id }}
        {%- if not always_owed(indicator_of[id]) %},
        coalesce(m.n_owed_{{ id }}, 0) as n_owed_{{ id }}, coalesce(m.p_owed_{{ id }}, 0) as p_owed_{{ id }}
        {%- endif %}
        {%- endfor %}
    from expected as e
    inner join (select distinct stage, cv_limit from gap_indicator where standard_id = '{{ standard.id }}') as g
        on g.stage = e.stage
    left join area_mean_{{ number }} as m
        on m.year = e.year and m.area_level = e.area_level and m.area_code = e.area_code and m.stage = g.stage
    left join area_square_{{ number }} as s
        on s.year = e.year and s.area_level = e.area_level and s.area_code = e.area_code and s.stage = g.stage
    left join absent as b
        on b.year = e.year and b.standard_id = '{{ standard.id }}' and b.area_level = e.area_level
            and b.area_code = e.area_code and b.stage = g.stage
),
{%- endfor %}
counted as (
    {%- for standard in gap_standards %}
    {%- set number = loop.index %}
    {%- for id in standard.gap.indicators %}
    {%- set owed = "" if always_owed(indicator_of[id]) else "_owed_" ~ id %}
    {{ "union all" if not (loop.first and number == 1) }}
    select
        year, standard_id, area_level, area_code, stage, '{{ id }}' as indicator_id, cv_limit,
        counties_expected, counties_came, is_unknown,
        coalesce(n_{{ id }}, 0) as schools, coalesce(p_{{ id }}, 0) as pupils,
        n{{ owed }} - coalesce(n_{{ id }}, 0) + schools_absent as schools_missing,
        p{{ owed }} - coalesce(p_{{ id }}, 0) + pupils_absent as pupils_missing,
        m_{{ id }} as mean, high_{{ id }} as high, is_equal_{{ id }} as is_equal, q_{{ id }} as squares, t_{{ id }} as theil
    from frame_{{ number }}
    {%- endfor %}
    {%- endfor %}
),
measured as (
    select
        *, case when is_equal then 0 else sqrt(squares / pupils) end as sd,
        case when is_equal then 0 else sqrt(squares / pupils) end / nullif(mean, 0) as cv,
        case
            when counties_expected > 0 and not ({{ m.enough_came(setting("expected_counties_limit_pct")) }}) then 'incomplete'
            when schools + schools_missing = 0 then 'no_schools'
            when schools = 0 or is_unknown
                or pupils_missing * 100 > {{ setting("missing_pupils_limit_pct") }} * (pupils + pupils_missing)
                then 'incomplete'
            when schools = 1 then 'single_school'
            when mean = 0 then 'zero_mean'
            else 'ok'
        end as state
    from counted
),
bounded as (
    select
        *,
        case when can_bound then least(mean + squares / (pupils * mean), high) end as v_low,
        case
            when not can_bound then null
            when schools_missing = 0 then cv
            else greatest({{ spread("0") }}, {{ spread("high") }})
        end as cv_high
    from (
        select *, area_level = 'county' and mean > 0 and not is_unknown as can_bound
        from measured
    ) as known
),
judged as (
    select
        *, case when schools_missing = 0 and can_bound then cv else {{ spread("v_low") }} end as cv_low
    from bounded
)
select
    j.year, j.standard_id, j.area_level, j.area_code, j.stage, j.indicator_id,
    cast(j.schools as bigint) as schools, j.pupils, cast(j.schools_missing as bigint) as schools_missing, j.pupils_missing, j.counties_expected, j.counties_came,
    j.mean, j.sd, j.cv, j.cv_low, j.cv_high,
    case when j.area_level = 'county' then l.cv_least end as cv_least,
    case when j.area_level = 'county' then j.cv_limit end as cv_limit,
    case
        when j.area_level <> 'county' or j.cv_limit is null or j.is_unknown or j.schools + j.schools_missing = 1 then null
        when j.state = 'zero_mean' then case when g.has_level then false end
        when at_most({{ rounded("j.cv_high", setting("decimals_cv")) }}, j.cv_limit) then true
        when not at_most({{ rounded("j.cv_low", setting("decimals_cv")) }}, j.cv_limit) then false
    end as is_met,
    j.state,
    case when j.mean = 0 then null when j.is_equal then 0 else j.theil / (j.pupils * j.mean) end as theil,
    concat_ws('.', j.area_code, j.stage, j.indicator_id, j.year, j.standard_id) as trace_id
from judged as j
inner join gap_indicator as g
    on g.standard_id = j.standard_id and g.stage = j.stage and g.indicator_id = j.indicator_id
left join least_gap as l
    on l.year = j.year and l.standard_id = j.standard_id and l.county_code = j.area_code and l.stage = j.stage
        and l.indicator_id = j.indicator_id

-- county_ranking: one row a year, standard, measure, stage and expected county.
-- Key: year, standard_id, measure, stage, county_code. Only state ok is ranked, by round(value, 12); ties share the smaller
-- rank; no rank inside an area of which too few of the expected counties came. rank_low, rank_high: lowest and highest rank
-- in the province among counties whose value lies within the band's width. rank_change: places gained in the province among
-- counties ok in both years. cause_indicator: the part that moved most the way the value moved; for the worst of several
-- ratios the worst now where it rose, last year's worst where it fell; ties by catalogue order.
{%- import "macros.jinja" as m %}
with
enough as (
    select
        year, area_level, area_code, coalesce(stage, 'both') as stage,
        bool_and({{ m.enough_came(setting("expected_counties_limit_pct")) }}) as is_enough
    from expected
    where area_level in ('province', 'nation')
    group by grouping sets ((year, area_level, area_code, stage), (year, area_level, area_code))
),
keyed as (
    select
        m.*, case when m.is_lower_better then round(m.value, 12) else -round(m.value, 12) end as rank_key,
        coalesce(p.is_enough, false) as in_province, coalesce(n.is_enough, false) as in_nation
    from county_measure as m
    left join enough as p
        on p.year = m.year and p.area_level = 'province' and p.area_code = m.province_code and p.stage = m.stage
    left join enough as n on n.year = m.year and n.area_level = 'nation' and n.stage = m.stage
    where m.state = 'ok'
),
in_province as (
    select
        *, rank() over (group_of order by rank_key) as rank_province, count(*) over (group_of) as compared_province
    from keyed
    where in_province
    window group_of as (partition by year, standard_id, measure, stage, province_code)
),
banded as (
    select
        *, min(rank_province) over near as rank_low, max(rank_province) over near as rank_high
    from in_province
    window near as (
        partition by year, standard_id, measure, stage, province_code order by rank_key
        range between {{ setting("rank_band_width") }} + 1e-12 preceding and {{ setting("rank_band_width") }} + 1e-12 following
    )
),
in_nation as (
    select
        year, standard_id, measure, stage, county_code, rank() over (group_of order by rank_key) as rank_nation,
        count(*) over (group_of) as compared_nation
    from keyed
    where in_nation
    window group_of as (partition by year, standard_id, measure, stage)
),
compared as (
    select
        k.year, k.standard_id, k.measure, k.stage, k.county_code, k.province_code, k.value, b.value as value_before,
        k.rank_key, b.rank_key as rank_key_before, k.in_province and b.in_province as is_ranked
    from keyed as k
    inner join keyed as b
        on b.year = k.year - 1 and b.standard_id = k.standard_id and b.measure = k.measure and b.stage = k.stage
            and b.county_code = k.county_code and b.province_code is not distinct from k.province_code
    left join county_break as d on d.year = k.year and d.county_code = k.county_code
    left join standard_change as s on s.year = k.year and s.standard_id = k.standard_id
    where d.county_code is null and (s.standard_id is null or k.measure not in ('mean_score', 'share_meeting'))
),
changed as (
    select
        year, standard_id, measure, stage, county_code,
        rank() over (partition by year, standard_id, measure, stage, province_code order by rank_key_before)
        - rank() over (partition by year, standard_id, measure, stage, province_code order by rank_key) as rank_change
    from compared
    where is_ranked
),
of_stage as (
    select
        c.year, c.standard_id, c.measure, c.county_code, c.stage as of_stage, s.stage,
        row_number() over (
            partition by c.year, c.standard_id, c.measure, c.county_code, c.stage
            order by case when c.rank_key > c.rank_key_before then s.rank_key else s.rank_key_before end desc, t.position
        ) as place,
        case when c.value > c.value_before then 1 else -1 end as direction
    from compared as c
    inner join compared as s
        on s.year = c.year and s.standard_id = c.standard_id and s.measure = c.measure and s.county_code = c.county_code
            and (s.stage = c.stage or c.stage = 'both')
    inner join stage as t on t.stage = s.stage
    where c.rank_key <> c.rank_key_before
),
moved as (
    select
        o.year, o.standard_id, o.measure, o.county_code, o.of_stage as stage, n.indicator_id, n.position,
        case
            when not n.is_largest then o.direction * (n.part - b.part)
            when o.direction = 1 then n.part
            else b.part
        end as moved_by
    from of_stage as o
    inner join measure_part as n
        on n.year = o.year and n.standard_id = o.standard_id and n.measure = o.measure and n.county_code = o.county_code
            and n.stage = o.stage
    inner join measure_part as b
        on b.year = o.year - 1 and b.standard_id = o.standard_id and b.measure = o.measure
            and b.county_code = o.county_code and b.stage = o.stage and b.indicator_id = n.indicator_id
    where o.place = 1
),
cause as (
    select year, standard_id, measure, county_code, stage, indicator_id
    from (
        select
            *, row_number() over (
                partition by year, standard_id, measure, county_code, stage order by round(moved_by, 12) desc, position
            ) as place
        from moved
        where round(moved_by, 12) > 0
    ) as ordered
    where place = 1
)
select
    m.year, m.standard_id, m.measure, m.stage, m.county_code, m.province_code, m.value,
    b.rank_province, n.rank_nation, b.rank_low, b.rank_high, b.compared_province, n.compared_nation,
    c.value_before, h.rank_change, e.indicator_id as cause_indicator, m.state
from county_measure as m
left join banded as b
    on b.year = m.year and b.standard_id = m.standard_id and b.measure = m.measure and b.stage = m.stage
        and b.county_code = m.county_code
left join in_nation as n
    on n.year = m.year and n.standard_id = m.standard_id and n.measure = m.measure and n.stage = m.stage
        and n.county_code = m.county_code
left join compared as c
    on c.year = m.year and c.standard_id = m.standard_id and c.measure = m.measure and c.stage = m.stage
        and c.county_code = m.county_code
left join changed as h
    on h.year = m.year and h.standard_id = m.standard_id and h.measure = m.measure and h.stage = m.stage
        and h.county_code = m.county_code
left join cause as e
    on e.year = m.year and e.standard_id = m.standard_id and e.measure = m.measure and e.stage = m.stage
        and e.county_code = m.county_code

-- least_gap: one row a year, standard, county, stage and indicator that counts whole things: the least coefficient that
-- whole units allow at the present total. Key: year, standard_id, county_code, stage, indicator_id. Working table.
-- Σ P (r/P − T/P̄)² over whole r with Σ r = T is least for the apportionment by Sainte-Laguë (Webster): every school gets its
-- quota rounded, then the units that are over or short go by the largest (or come from the smallest) pupils ÷ (2r + 1).
{%- set counted = [] %}
{%- for standard in gap_standards %}
{%- set number = loop.index %}
{%- for id in standard.gap.indicators if indicator_of[id].whole_units %}
{%- set _ = counted.append((number, standard.id, id)) %}
{%- endfor %}
{%- endfor %}
with
held as (
    {%- for number, standard_id, id in counted %}
    {{ "union all" if not loop.first }}
    select place_no, school_id, pupils, '{{ standard_id }}' as standard_id, '{{ id }}' as indicator_id, u_{{ id }} as units
    from indicator_wide
    where is_counted_{{ number }} and u_{{ id }} is not null
    {%- endfor %}
    {%- if not counted %}
    select place_no, school_id, pupils, '' as standard_id, '' as indicator_id, cast(null as double) as units
    from indicator_wide
    where false
    {%- endif %}
),
quota as (
    select *, floor(total * pupils / all_pupils + 0.5) as given
    from (
        select
            *, sum(units) over (partition by place_no, standard_id, indicator_id) as total,
            sum(pupils) over (partition by place_no, standard_id, indicator_id) as all_pupils
        from held
    ) as summed
),
short as (
    select *, cast(total - sum(given) over (partition by place_no, standard_id, indicator_id) as bigint) as lacking
    from quota
),
move as (
    select
        place_no, standard_id, indicator_id, school_id, lacking,
        row_number() over (
            partition by place_no, standard_id, indicator_id
            order by
                case when lacking > 0 then -pupils / (2 * (given + step - 1) + 1) else pupils / (2 * (given - step) + 1) end,
                school_id
        ) as place
    from (select *, unnest(range(1, abs(lacking) + 1)) as step from short) as steps
    where lacking > 0 or step <= given
),
moved as (
    select place_no, standard_id, indicator_id, school_id, sum(sign(lacking)) as change
    from move
    where place <= abs(lacking)
    group by place_no, standard_id, indicator_id, school_id
),
best as (
    select s.*, s.given + coalesce(m.change, 0) as apportioned
    from short as s
    left join moved as m
        on m.place_no = s.place_no and m.standard_id = s.standard_id and m.indicator_id = s.indicator_id
            and m.school_id = s.school_id
)
select
    p.year, b.standard_id, p.county_code, p.stage, b.indicator_id,
    sqrt(
        sum(b.pupils * pow(b.apportioned / b.pupils - b.total / b.all_pupils, 2) order by b.school_id) / max(b.all_pupils)
    ) / nullif(max(b.total) / max(b.all_pupils), 0) as cv_least
from best as b
inner join place as p on p.place_no = b.place_no
group by p.year, b.standard_id, p.county_code, p.stage, b.indicator_id
order by p.year, b.standard_id, p.county_code, p.stage, b.indicator_id

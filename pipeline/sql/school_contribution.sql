-- school_contribution: one row a year, standard, county, stage, gap and school in it: its part in the county's gap.
-- Key: year, standard_id, county_code, stage, indicator_id, school_id. share = P (x − X)² / Σ P (x − X)².
-- marginal_effect = (P / denominator) (x − (1 + CV²) X) / (ΣP X² CV): the derivative of CV by the school's numerator, below 0
-- exactly where x < (1 + CV²) X. "Reached": a school that misses its level stands on it, others stay, and X is taken anew. The
-- coefficient is put together from the schools before, the school and the schools after, in order of place, by sums of
-- parts that are never below 0: each school adds P W/(W + P) (x − mean so far)² to the deviations of the W pupils before it,
-- and groups about a common mean add W (their mean − it)². So nothing cancels. Where all values are the same, there is no gap to
-- have a part in.
{%- import "macros.jinja" as m %}
with
known as (
    select
        l.year, g.standard_id, l.county_code, l.stage, g.indicator_id, g.place_no, g.item_no, g.school_id, g.pupils, g.value,
        c.pupils as pupils_county, c.mean, c.cv, c.state, v.denominator, v.trace_id, t.threshold, t.is_met,
        case when t.is_met = false then t.threshold else g.value end as reached,
        g.pupils * (g.value - c.mean) * (g.value - c.mean) as square
    from gap_school as g
    inner join place as l on l.place_no = g.place_no
    inner join gap_coefficient as c
        on c.year = l.year and c.standard_id = g.standard_id and c.area_level = 'county' and c.area_code = l.county_code
            and c.stage = l.stage and c.indicator_id = g.indicator_id
    inner join indicator_value as v
        on v.year = l.year and v.school_id = g.school_id and v.stage = l.stage and v.indicator_id = g.indicator_id
    left join indicator_attainment as t
        on t.year = l.year and t.school_id = g.school_id and t.stage = l.stage and t.standard_id = g.standard_id
            and t.indicator_id = g.indicator_id
),
shared as (
    select
        *,
        case when {{ m.has_gap("cv") }} then square / sum(square) over (partition by place_no, item_no order by school_id
            rows between unbounded preceding and unbounded following) end as share
    from known
),
placed as (
    select
        *, row_number() over (
            partition by place_no, item_no order by coalesce(round(share, 12), 0) desc, school_id
        ) as place
    from shared
),
summed as (
    select
        *,
        coalesce(sum(pupils) over before, 0) as p_before, coalesce(sum(pupils * value) over before, 0) as r_before,
        coalesce(sum(pupils * reached) over before, 0) as u_before,
        coalesce(sum(pupils) over after, 0) as p_after, coalesce(sum(pupils * value) over after, 0) as r_after,
        coalesce(min(value) over before, reached) as low_before, coalesce(max(value) over before, reached) as high_before,
        coalesce(min(reached) over before, reached) as low_reached, coalesce(max(reached) over before, reached) as high_reached,
        coalesce(min(value) over after, reached) as low_after, coalesce(max(value) over after, reached) as high_after
    from placed
    window
        before as (partition by place_no, item_no order by place rows between unbounded preceding and 1 preceding),
        after as (partition by place_no, item_no order by place rows between 1 following and unbounded following)
),
meant as (
    select
        *, r_before / nullif(p_before, 0) as mean_before, u_before / nullif(p_before, 0) as mean_reached,
        r_after / nullif(p_after, 0) as mean_after, (r_before + pupils * reached + r_after) / pupils_county as mean_one,
        (u_before + pupils * reached + r_after) / pupils_county as mean_first
    from summed
),
stepped as (
    select
        *,
        coalesce(pupils * p_before / (p_before + pupils) * (value - mean_before) * (value - mean_before), 0) as step_before,
        coalesce(pupils * p_before / (p_before + pupils) * (reached - mean_reached) * (reached - mean_reached), 0)
            as step_reached,
        coalesce(pupils * p_after / (p_after + pupils) * (value - mean_after) * (value - mean_after), 0) as step_after
    from meant
),
spread as (
    select
        *,
        coalesce(sum(step_before) over before, 0) + coalesce(sum(step_after) over after, 0)
        + coalesce(p_before * (mean_before - mean_one) * (mean_before - mean_one), 0)
        + coalesce(p_after * (mean_after - mean_one) * (mean_after - mean_one), 0)
        + pupils * (reached - mean_one) * (reached - mean_one) as squares_one,
        coalesce(sum(step_reached) over before, 0) + coalesce(sum(step_after) over after, 0)
        + coalesce(p_before * (mean_reached - mean_first) * (mean_reached - mean_first), 0)
        + coalesce(p_after * (mean_after - mean_first) * (mean_after - mean_first), 0)
        + pupils * (reached - mean_first) * (reached - mean_first) as squares_first,
        sum(share) over (partition by place_no, item_no order by place rows unbounded preceding) as share_first
    from stepped
    window
        before as (partition by place_no, item_no order by place rows between unbounded preceding and 1 preceding),
        after as (partition by place_no, item_no order by place rows between 1 following and unbounded following)
)
select
    year, standard_id, county_code, stage, indicator_id, school_id, pupils, value,
    case
        when not at_least(value, mean) then 'below'
        when not at_most(value, mean) then 'above'
        else 'at'
    end as side,
    share, place, share_first,
    case when {{ m.has_gap("cv") }}
        then pupils / denominator * (value - (1 + cv * cv) * mean) / (pupils_county * mean * mean * cv) end as marginal_effect,
    threshold, is_met, cv,
    case
        when threshold is null then null
        when least(low_before, low_after, reached) = greatest(high_before, high_after, reached) then
            case when reached <> 0 then 0 end
        else sqrt(squares_one / pupils_county) / nullif(mean_one, 0)
    end as cv_without_shortfall,
    case
        when threshold is null then null
        when least(low_reached, low_after, reached) = greatest(high_reached, high_after, reached) then
            case when reached <> 0 then 0 end
        else sqrt(squares_first / pupils_county) / nullif(mean_first, 0)
    end as cv_first_reached,
    case when state = 'ok' and not ({{ m.has_gap("cv") }}) then 'no_gap' else state end as state, trace_id
from spread

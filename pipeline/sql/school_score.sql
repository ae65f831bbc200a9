-- school_score: one row a year, standard, school and stage of which indicator_attainment tells.
-- Key: year, standard_id, school_id, stage. Three-valued: not applicable leaves both sides, missing never does.
-- score = 100 × Σ weight × attainment ÷ Σ weight over applicable items, null when one is missing; score_min and score_max
-- take the missing as 0 and as 1. meets_standard: false as soon as known items decide it, true only when none is missing.
with
tallied as (
    select
        year, standard_id, school_id, stage, county_code, pupils,
        count(case when state <> 'not_applicable' then 1 end) as indicators_applicable,
        count(case when is_met then 1 end) as indicators_met,
        count(case when not is_met then 1 end) as indicators_unmet,
        count(case when not is_above_floor then 1 end) as indicators_below_floor,
        count(case when state in ('missing', 'not_collected') then 1 end) as indicators_missing,
        count(case when is_veto and not is_met then 1 end) as vetoes,
        count(case when is_veto and state in ('missing', 'not_collected') then 1 end) as vetoes_missing,
        sum(case when state = 'ok' then weight * attainment else 0 end) as attained,
        sum(case when state in ('missing', 'not_collected') then weight else 0 end) as weight_missing,
        nullif(sum(case when state <> 'not_applicable' then weight else 0 end), 0) as weight_applicable
    from indicator_attainment
    group by year, standard_id, school_id, stage, county_code, pupils
)
select
    t.year, t.standard_id, t.school_id, t.stage, t.county_code, t.pupils,
    t.indicators_applicable, t.indicators_met, t.indicators_below_floor, t.indicators_missing,
    case when t.indicators_missing = 0 then 100 * t.attained / t.weight_applicable end as score,
    100 * t.attained / t.weight_applicable as score_min,
    100 * (t.attained + t.weight_missing) / t.weight_applicable as score_max,
    case when t.vetoes > 0 then true when t.vetoes_missing = 0 then false end as has_veto,
    case
        when r.standard_id is null then null
        when r.is_veto_final and t.vetoes > 0 then false
        when r.is_rest_above_floor and t.indicators_below_floor > 0 then false
        when t.indicators_unmet > r.max_unmet then false
        when t.indicators_applicable < r.min_applicable then false
        when t.indicators_missing = 0 then true
    end as meets_standard
from tallied as t
left join school_rule as r on r.standard_id = t.standard_id

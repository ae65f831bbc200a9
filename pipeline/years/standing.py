"""Whether a county stands within the limit of what it is measured by, as far as known data decide it (method 6).

Of a largest ratio, from the verdicts on the single gaps; of a mean of gaps, from the means of their least and largest values, which
bound it (three-valued: what the missing could turn is unknown), as the verdict on the composite has it: a gap without bounds counts as
0 in the least and leaves the largest open, one school is not compared, and a mean of 0 leaves the composite unknown. Compared in SQL by the macro ``at_most``, the one place for that.
"""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.tables import compute
from pipeline.tables.context import rounded

UNKNOWN, NO_LIMIT = "unknown", "no_limit"

_SQL = """
with
level as (
    select
        g.year, g.standard_id, g.stage, g.county_code, i.composite_limit, max(i.cv_limit) as cv_limit,
        count(*) as gaps, count(g.is_met) as decided, count(case when not g.is_met then 1 end) as unmet,
        bool_and(g.state = 'single_school') or bool_or(g.state = 'zero_mean') as is_open,
        sum(coalesce(g.cv_low, 0) order by i.position) / count(*) as low,
        case when count(*) = count(g.cv_high) then sum(g.cv_high order by i.position) / count(*) end as high
    from gap as g
    inner join gap_indicator as i
        on i.standard_id = g.standard_id and i.stage = g.stage and i.indicator_id = g.indicator_id
    group by g.year, g.standard_id, g.stage, g.county_code, i.composite_limit
),
judged as (
    select
        *,
        case
            when composite_limit is not null and is_open then null
            when composite_limit is not null then
                case when at_most({high}, composite_limit) then true when not at_most({low}, composite_limit) then false end
            when cv_limit is null then null
            when unmet > 0 then false
            when decided = gaps then true
        end as is_within
    from level
)
select
    year, standard_id, 'mean_cv' as measure, stage, county_code, composite_limit as value_limit,
    case when composite_limit is not null then is_within end as is_within
from judged
union all
select
    year, standard_id, 'worst_ratio', stage, county_code,
    case when composite_limit is not null or cv_limit is not null then 1.0 end, is_within
from judged
union all
select
    year, standard_id, 'worst_ratio', 'both', county_code,
    case when count(*) = count(coalesce(composite_limit, cv_limit)) then 1.0 end,
    case when count(case when not is_within then 1 end) > 0 then false when count(*) = count(is_within) then true end
from judged
group by year, standard_id, county_code
"""


def standings(gap: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """A row a year, standard, measure, stage and county with gaps: ``value_limit`` (null: none) and ``is_within`` (null: no limit, or
    not known). ``gap``: rows of counties as in gap_coefficient, with county_code."""
    decimals = catalogue.setting("decimals_cv")
    sql = _SQL.format(low=rounded("low", decimals), high=rounded("high", decimals))
    with compute.connect(catalogue) as connection:
        connection.register("gap", gap.to_arrow())
        made = connection.sql(sql).pl()
    return made.with_columns(pl.col("value_limit").cast(pl.Float64), pl.col("is_within").cast(pl.Boolean))


def crossing(limit: str, now: str, then: str) -> pl.Expr:
    """From columns of the limit and of two truths: stayed_within, stayed_over, came_within, went_over, unknown, no_limit."""
    return (
        pl.when(pl.col(limit).is_null()).then(pl.lit(NO_LIMIT))
        .when(pl.col(now) & pl.col(then)).then(pl.lit("stayed_within"))
        .when(pl.col(now) & ~pl.col(then)).then(pl.lit("came_within"))
        .when(~pl.col(now) & pl.col(then)).then(pl.lit("went_over"))
        .when(~pl.col(now) & ~pl.col(then)).then(pl.lit("stayed_over"))
        .otherwise(pl.lit(UNKNOWN))
    )  # fmt: skip

"""Tests that ask something of every school: met when all meet it, unmet as soon as one is known not to, else no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.schema.county import Every, Relaxation, Relaxed
from pipeline.schema.model import Standard
from pipeline.verdicts.ground import Ground, in_scope, missing_of
from pipeline.verdicts.result import NAMED, shaped
from pipeline.verdicts.terms import bound_of, cells_of, holds, settings_of

GRANTED = "granted"
"""Registered frame: relaxation_id, year, school_id of the relaxations that are in force."""

_STATE = """case
    when held then 'met'
    when held is false and applies then 'unmet'
    else 'unknown' end"""
"""A school to which the demand may not apply, and that does not meet it, is unknown."""


@dataclass(frozen=True)
class Asked:
    """A test of a standard, with the relaxations that may stand in its place."""

    standard: Standard
    test: Every
    relaxed: Sequence[tuple[Relaxation, Relaxed]]


def asked(standard: Standard, item: str, test: Every) -> Asked:
    """A test with the relaxations of its item."""
    found = [(r, r.tests[test.id]) for r in standard.relaxations if r.item == item and test.id in r.tests]
    return Asked(standard, test, found)


def of_schools(ground: Ground, ask: Asked) -> str:
    """SQL: a row a school (and stage) that is asked: state and state_relaxed (met, unmet, unknown), value, bound, relaxed_by."""
    test, catalogue = ask.test, ground.catalogue
    limits = [test.limit, *(r.limit for _, r in ask.relaxed)]
    texts = [test.where, test.value, test.numerator, test.denominator, *(r.value for _, r in ask.relaxed)]
    expressions = [*texts, *(limit for limit in limits if isinstance(limit, str))]
    beside = ", ".join(["r.*", *cells_of(catalogue, expressions, "c."), *settings_of(catalogue, test.settings)])
    joins, relaxed, by = "", [], []
    for n, (relaxation, put) in enumerate(ask.relaxed):
        joins += f"\n    left join {GRANTED} as g{n} on g{n}.year = r.year and g{n}.school_id = r.school_id and g{n}.relaxation_id = '{relaxation.id}'"
        value, bound = put.value or test.value, bound_of(put.limit if put.limit is not None else test.limit)
        beside += f", g{n}.school_id is not null as is_granted_{n}"
        relaxed.append(
            f"(is_granted_{n} and coalesce({holds(test.direction, f'cast({value} as double)', bound)}, false))"
        )
        by.append(f"when {relaxed[-1]} then '{relaxation.id}'")
    stage = "stage" if test.over.endswith("_stage") else "''"
    return f"""
select *, {_STATE} as state, case when relaxed_by is not null then 'met' else {_STATE} end as state_relaxed
from (
    select
        *, {holds(test.direction, "value", "bound")} as held,
        case when coalesce({holds(test.direction, "value", "bound")}, false) then null else relaxed_to end as relaxed_by
    from (
        select
            year, county_code, school_id, school_name, {stage} as stage, ({test.where or "true"}) as applies,
            cast({test.value} as double) as value, {bound_of(test.limit)} as bound,
            cast({test.numerator or "null"} as double) as part, cast({test.denominator or "null"} as double) as whole,
            case {" ".join(by)} end as relaxed_to
        from (
            select {beside}
            from of_{test.over} as r
            left join county_cells as c on c.year = r.year and c.county_code = r.county_code{joins}
        ) as cells
        where {in_scope(ask.standard)}
    ) as valued
    where applies is distinct from false
) as compared
""".replace("case  end as relaxed_to", "cast(null as varchar) as relaxed_to")


def every(ground: Ground, ask: Asked) -> pl.DataFrame:
    """A result a county, and stage where its rows are of stages."""
    test = ask.test
    if not test.over.endswith("_stage"):
        return _of_counties(ground, ask, None)
    stages = [stage.id for stage in ground.catalogue.judged_stages]
    return pl.concat([_of_counties(ground, ask, stage) for stage in stages])


def _of_counties(ground: Ground, ask: Asked, stage: str | None) -> pl.DataFrame:
    of_classes = ask.test.numerator is not None
    part = "case when count(*) = count(part) then sum(part order by school_id) end" if of_classes else "count(case when state = 'met' then 1 end)"  # fmt: skip
    whole = "case when count(*) = count(whole) then sum(whole order by school_id) end" if of_classes else "count(*)"
    counts = ground.read(f"""
with s as ({of_schools(ground, ask)}),
t as (
    select
        year, county_code, count(*) as units, count(case when state = 'unmet' then 1 end) as unmet,
        count(case when state = 'unknown' then 1 end) as unknown,
        count(case when state_relaxed = 'unmet' then 1 end) as unmet_relaxed,
        count(case when state_relaxed = 'unknown' then 1 end) as unknown_relaxed,
        {part} as part, {whole} as whole, count(relaxed_by) as relaxed,
        coalesce(list(distinct relaxed_by order by relaxed_by) filter (where relaxed_by is not null), []) as relaxed_by,
        coalesce(list({{'name': school_name, 'value': value, 'bound': bound}} order by school_id)
            filter (where state = 'unmet'), [])[1:{NAMED}] as failing,
        coalesce(list(school_name order by school_id) filter (where state = 'unknown'), [])[1:{NAMED}] as lacking
    from s where {f"stage = '{stage}'" if stage else "true"} group by year, county_code
),
m as ({missing_of(ground, ask.standard, stage)})
select
    m.year, m.county_code, m.missing, m.is_silent, coalesce(t.units, 0) as units, coalesce(t.unmet, 0) as unmet,
    coalesce(t.unknown, 0) as unknown, coalesce(t.unmet_relaxed, 0) as unmet_relaxed,
    coalesce(t.unknown_relaxed, 0) as unknown_relaxed, cast(t.part as double) as part, cast(t.whole as double) as whole,
    coalesce(t.relaxed, 0) as relaxed, t.relaxed_by, t.failing, t.lacking
from m left join t on t.year = m.year and t.county_code = m.county_code
order by m.year, m.county_code
""")
    lacks = (pl.col("missing") > 0) | pl.col("is_silent")
    is_whole = ~lacks & (pl.col("unknown") == 0)
    rows = counts.with_columns(
        state_of("unmet", "unknown", lacks).alias("state"),
        state_of("unmet_relaxed", "unknown_relaxed", lacks).alias("state_relaxed"),
        pl.when(is_whole).then(pl.col("part")).alias("numerator"),
        pl.when(is_whole).then(pl.col("whole")).alias("denominator"),
        pl.when(is_whole & (pl.col("whole") > 0)).then(100 * pl.col("part") / pl.col("whole")).alias("value"),
        pl.lit(100.0).alias("bound"),
        pl.lit(ask.test.id).alias("test_id"), pl.lit(stage or "").alias("stage"),
        pl.when("is_silent").then(pl.lit("silent")).alias("why"),
    )  # fmt: skip
    return shaped(rows)


def state_of(unmet: str, unknown: str, lacks: pl.Expr) -> pl.Expr:
    """The state of a county of whose ``units`` so many fail and so many are unknown; ``lacks``: others did not come at all."""
    return (
        pl.when(pl.col(unmet) > 0).then(pl.lit("unmet"))
        .when((pl.col(unknown) > 0) | lacks).then(pl.lit("no_data"))
        .when(pl.col("units") > 0).then(pl.lit("met"))
        .otherwise(pl.lit("not_applicable"))
    )  # fmt: skip

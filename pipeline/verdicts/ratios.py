"""Tests of one number of the county: a ratio of its cells and of totals over its schools, and a cell that must be yes or no."""

from __future__ import annotations

from math import sqrt

import polars as pl

from pipeline.schema.county import CountyItem, Ratio, Total, YesNo
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Standard
from pipeline.schema.verdict_limits import VerdictLimits
from pipeline.verdicts.ground import Ground, in_scope, missing_of
from pipeline.verdicts.result import shaped
from pipeline.verdicts.terms import bound_of, holds, settings_of

Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""

_STATE = """case
        when applies is false then 'not_applicable'
        when held then 'met'
        when held is false and applies then 'unmet'
        else 'no_data' end"""


def ratio(ground: Ground, standard: Standard, test: Ratio) -> pl.DataFrame:
    """A result a county: no data where a part is missing, a denominator is 0, or it is unknown whether the test applies and the
    value does not meet it."""
    totals = {name: _total(ground, standard, total) for name, total in test.totals.items()}
    joins = "".join(f"\nleft join ({sql}) as {n} on {n}.year = c.year and {n}.county_code = c.county_code" for n, sql in totals.items())  # fmt: skip
    columns = ["c.*", *(f"{n}.total as {n}" for n in totals), *settings_of(ground.catalogue, test.settings)]
    value = f"{'100 * ' if test.percent else ''}numerator / nullif(denominator, 0)"
    rows = ground.read(f"""
select
    *, {_STATE} as state
from (
    select *, {value} as value, {holds(test.direction, value, "bound")} as held
    from (
        select
            year, county_code, ({test.applies_when or "true"}) as applies, cast({test.numerator} as double) as numerator,
            cast({test.denominator} as double) as denominator, {bound_of(test.limit)} as bound, {_lacking(test)} as lacking
        from (select {", ".join(columns)} from county_cells as c {joins}) as cells
    ) as parts
) as compared
order by year, county_code
""")
    made = rows.with_columns(
        pl.col("state").alias("state_relaxed"),
        pl.lit(test.id).alias("test_id"),
        pl.lit(test.stage or "").alias("stage"),
    )
    return shaped(_with_interval(made, design_effect(ground)) if test.interval else made)


def _lacking(test: Ratio) -> str:
    """SQL: the cells that the test reads and that are null, settings left out; of a total, the fields that it adds up."""
    texts = [test.numerator, test.denominator, test.applies_when, test.limit if isinstance(test.limit, str) else None]
    names = dict.fromkeys(n for text in texts if text is not None for n in columns_of(text) if n not in test.settings)
    told: dict[str, list[str]] = {}
    for name in names:
        for field in _fields_of(test.totals[name]) if name in test.totals else [name]:
            told.setdefault(field, []).append(f"{name} is null")
    cases = ", ".join(f"case when {' or '.join(nulls)} then '{field}' end" for field, nulls in told.items())
    return f"list_filter([{cases}], lambda x: x is not null)" if told else "cast([] as varchar[])"


def _fields_of(total: Total) -> list[str]:
    return list(columns_of(str(total.sum or total.any)))


def _total(ground: Ground, standard: Standard, total: Total) -> str:
    """SQL: year, county_code, total: null where a part is unknown or did not come; one known school decides an ``any``."""
    text = total.sum or total.any
    stage = f"and stage = '{total.stage}'" if total.stage else ""
    if total.sum:
        made = "case when m.missing = 0 and not m.is_silent and coalesce(t.rows, 0) = coalesce(t.known, 0) then coalesce(t.summed, 0) end"
        parts = "count(*) as rows, count(x) as known, sum(x order by school_id, row_no) as summed"
    else:
        made = "case when t.is_any then 1 when m.missing = 0 and not m.is_silent and coalesce(t.rows, 0) = coalesce(t.known, 0) then 0 end"
        parts = "count(*) as rows, count(x) as known, bool_or(x) as is_any"
    return f"""
select m.year, m.county_code, {made} as total
from ({missing_of(ground, standard, total.stage)}) as m
left join (
    select year, county_code, {parts}
    from (
        select year, county_code, school_id, {"stage" if total.over.endswith("_stage") else "''"} as row_no,
            case when {total.where or "true"} then {text} end as x
        from of_{total.over}
        where {in_scope(standard)} {stage} and ({total.where or "true"}) is distinct from false
    ) as valued
    group by year, county_code
) as t on t.year = m.year and t.county_code = m.county_code
"""


def design_effect(ground: Ground) -> float:
    """How many times fewer people a survey is worth than it asked."""
    return float(VerdictLimits.of(ground.catalogue).survey_design_effect)


def _with_interval(rows: pl.DataFrame, design_effect: float) -> pl.DataFrame:
    """Wilson's interval of a share in per cent, for a sample that counts for so much less than it holds."""
    bounds = [wilson(part, whole, design_effect) for part, whole in rows.select("numerator", "denominator").iter_rows()]
    return rows.with_columns(
        pl.Series("low", [low for low, _ in bounds], pl.Float64), pl.Series("high", [high for _, high in bounds], pl.Float64)
    )  # fmt: skip


def wilson(part: float | None, whole: float | None, design_effect: float) -> tuple[float | None, float | None]:
    """Bounds in per cent of the share ``part`` of ``whole``; none where it is no share."""
    if part is None or whole is None or whole <= 0 or not 0 <= part <= whole:
        return None, None
    n, p = whole / design_effect, part / whole
    centre, spread = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return 100 * max(0.0, centre - spread) / (1 + Z * Z / n), 100 * min(1.0, (centre + spread) / (1 + Z * Z / n))


def yes_no(ground: Ground, item: CountyItem, test: YesNo) -> pl.DataFrame:
    """A result a county. A yes that needs evidence is no data without any: a ticked box proves nothing."""
    given = " or ".join(f"trim({name}) <> ''" for name in item.evidence_fields) or "false"
    proof = f"coalesce({given}, false)" if test.needs_evidence else "true"
    rows = ground.read(f"""
select
    *, case
        when applies is false then 'not_applicable'
        when said = {int(test.expected)} and is_proved then 'met'
        when said = {int(not test.expected)} and applies then 'unmet'
        else 'no_data' end as state,
    case when said = {int(test.expected)} and not is_proved then 'unproved' end as why
from (
    select
        year, county_code, {test.field} as said, {test.field} as value, {proof} as is_proved,
        ({test.applies_when or "true"}) as applies,
        case when {test.field} is null then ['{test.field}'] else cast([] as varchar[]) end as lacking
    from county_cells
) as cells
order by year, county_code
""")
    return shaped(
        rows.with_columns(
            pl.col("state").alias("state_relaxed"), pl.lit(test.id).alias("test_id"), pl.lit("").alias("stage"),
            pl.lit(float(test.expected)).alias("bound"),
        )
    )  # fmt: skip

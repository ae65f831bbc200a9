"""What the release says of one indicator: gaps of counties, school values against levels, states, the widest counties.

Rows are counted in steps by the database, so that a nation's values never stand in memory. Nothing is compared here: verdicts
are those of the tables.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, FieldDef, Indicator, Stage, Standard
from reports.ask import Ask, Rows

GAP_STEP, GAP_STEPS = 0.05, 25
"""Gaps are counted in steps of 0.05; the last step takes all from 1.20."""

VALUE_STEP, VALUE_STEPS = 0.1, 26
"""School values are counted in tenths of the level; the last step takes all from 2.5 times."""

WIDEST = 5
"""Counties listed for each standard and stage."""


@dataclass(frozen=True)
class Spread:
    """A standard's stage: counts by (step, state), and what its numbers come to (see the queries)."""

    standard: Standard
    stage: Stage
    limit: float | None
    counts: dict[tuple[int, str], int]
    sums: dict[str, float | int | None]


@dataclass(frozen=True)
class IndicatorFacts:
    """``gaps``: of counties, by standard and stage; ``values``: of schools against levels; ``widest``: rows of the table."""

    indicator: Indicator
    year: int
    gaps: tuple[Spread, ...]
    values: tuple[Spread, ...]
    states: Rows
    widest: Rows


def indicator_facts(ask: Ask, indicator: Indicator, catalogue: Catalogue, year: int) -> IndicatorFacts:
    """Everything that the page of an indicator says of the latest year."""
    gaps, values, widest = [], [], []
    for standard in catalogue.standards.values():
        for stage in catalogue.judged_stages:
            key = {"year": year, "indicator": indicator.id, "standard": standard.id, "stage": stage.id}
            if standard.gap is not None and indicator.id in standard.gap.indicators:
                gaps.append(
                    _spread(ask, standard, stage, _GAP_STEPS, _GAP_SUMS, standard.gap.limits.get(stage.id), key)
                )
                widest += [row | {"standard": standard} for row in ask.rows(_WIDEST.format(most=WIDEST), **key)]
            if any(item.indicator == indicator.id and item.thresholds for item in standard.items):
                values.append(_spread(ask, standard, stage, _VALUE_STEPS, _VALUE_SUMS, None, key))
    states = ask.rows(_STATES, year=year, indicator=indicator.id)
    kept = [s for s in (*gaps, *values) if s.sums["n"]]
    return IndicatorFacts(
        indicator, year, tuple(s for s in gaps if s in kept), tuple(s for s in values if s in kept), states, widest
    )


def _spread(
    ask: Ask, standard: Standard, stage: Stage, steps: str, sums: str, limit: float | None, key: dict[str, object]
) -> Spread:
    counts = {(int(r["step"]), str(r["shown"])): int(r["n"]) for r in ask.rows(steps, **key)}
    return Spread(standard, stage, limit, counts, ask.one(sums, **key))


_GAPS = """
with gap as (
    select *,
        case when state = 'incomplete' and is_met is null then 'incomplete' when cv_limit is null then 'measured'
            when is_met then 'met' when not is_met then 'unmet' else 'undecided' end as shown
    from gap_coefficient
    where year = $year and indicator_id = $indicator and standard_id = $standard and stage = $stage
        and area_level = 'county' and state in ('ok', 'incomplete') and cv is not null
)
"""

_GAP_STEPS = f"""{_GAPS}
select cast(least(floor(cv / {GAP_STEP} + 1e-9), {GAP_STEPS - 1}) as integer) as step, shown, count(*) as n
from gap group by step, shown order by step, shown
"""

_GAP_SUMS = f"""{_GAPS}
select count(*) as n, count(*) filter (where shown = 'met') as met, count(*) filter (where shown = 'unmet') as unmet,
    quantile_cont(cv, 0.1) as p10, quantile_cont(cv, 0.5) as p50, quantile_cont(cv, 0.9) as p90, max(cv) as most
from gap
"""

_WIDEST = f"""{_GAPS}
select area_code, stage, cv, cv_limit, mean, schools, shown, trace_id from gap order by cv desc, area_code limit {{most}}
"""

_VALUES = """
with held as (
    select *,
        case when state <> 'ok' then state when is_met then 'met' when coalesce(is_above_floor, false) then 'below'
            else 'unmet' end as shown
    from indicator_attainment
    where year = $year and indicator_id = $indicator and standard_id = $standard and stage = $stage
)
"""

_VALUE_STEPS = f"""{_VALUES}
select cast(least(floor(value / threshold / {VALUE_STEP} + 1e-9), {VALUE_STEPS - 1}) as integer) as step, shown, count(*) as n
from held where state = 'ok' and threshold > 0 and value >= 0 group by step, shown order by step, shown
"""

_VALUE_SUMS = f"""{_VALUES}
select count(*) filter (where state <> 'not_applicable') as n, count(*) filter (where shown = 'met') as met,
    count(*) filter (where shown = 'below') as below, count(*) filter (where shown = 'unmet') as unmet,
    count(*) filter (where state in ('missing', 'not_collected')) as missing,
    quantile_cont(value, 0.1) filter (where state = 'ok') as p10, quantile_cont(value, 0.5) filter (where state = 'ok') as p50,
    quantile_cont(value, 0.9) filter (where state = 'ok') as p90
from held
"""

_STATES = """
select stage, count(*) filter (where state = 'ok') as ok, count(*) filter (where state = 'missing') as missing,
    count(*) filter (where state = 'not_collected') as not_collected,
    count(*) filter (where state = 'not_applicable') as not_applicable
from indicator_value where year = $year and indicator_id = $indicator group by stage order by stage
"""


def used_fields(indicator: Indicator, catalogue: Catalogue) -> list[FieldDef]:
    """Every field that an indicator reads, derived ones and what they are made from, in catalogue order."""
    queue = [
        name
        for text in (indicator.numerator, indicator.denominator, indicator.applies_when)
        if text
        for name in columns_of(text)
    ]
    pupils = {stage.pupils_field for stage in catalogue.stages.values()}
    seen: set[str] = set()
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        field = catalogue.fields.get(name)
        if field is None:
            queue += [p for p in pupils if name.startswith("pupils")]
        else:
            queue += _read_by(field)
    return [f for f in catalogue.fields.values() if f.id in seen]


def _read_by(field: FieldDef) -> list[str]:
    """Columns that a derived field reads; none for a cell."""
    texts = [field.expression]
    if field.aggregate is not None:
        texts += [field.aggregate.sum, field.aggregate.max, field.aggregate.where]
    return [name for text in texts if text for name in columns_of(text)]

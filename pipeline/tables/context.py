"""What SQL templates may say: the catalogue seen as SQL needs it. Lists of fields by scope, layers of derived fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.schema.check import derivation_order, unit_columns
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, FieldDef, Indicator, Standard
from pipeline.schema.years_limits import YearsLimits


def gap_standards(catalogue: Catalogue) -> list[Standard]:
    """Standards that measure gaps, in catalogue order."""
    return [s for s in catalogue.standards.values() if s.gap is not None]


def gap_indicators(catalogue: Catalogue) -> list[Indicator]:
    """Indicators of which some standard measures gaps, each once, in catalogue order."""
    listed = {name for s in gap_standards(catalogue) if s.gap for name in s.gap.indicators}
    return [i for i in catalogue.indicators.values() if i.id in listed]


def always_owed(indicator: Indicator) -> bool:
    """Whether every school with pupils owes a value: the indicator always applies and its denominator is the pupils."""
    return indicator.applies_when is None and columns_of(indicator.denominator) == ("pupils",)


def unit_column_list(catalogue: Catalogue) -> list[str]:
    """Columns that describe a unit, in a fixed order: year, identity columns, identity fields."""
    known = unit_columns(catalogue)
    identity = [name for name in IDENTITY_COLUMNS if name in known]
    return ["year", *identity, *(f.id for f in catalogue.fields_of("identity"))]


def layers(fields: list[FieldDef], order: list[FieldDef]) -> list[list[FieldDef]]:
    """Fields with an expression, in layers: each reads only cells, aggregates and earlier layers."""
    depth: dict[str, int] = {}
    wanted = {f.id for f in fields if f.expression}
    result: list[list[FieldDef]] = []
    for field in order:
        if field.id not in wanted or field.expression is None:
            continue
        depth[field.id] = 1 + max((depth[name] for name in columns_of(field.expression) if name in depth), default=-1)
        while len(result) <= depth[field.id]:
            result.append([])
        result[depth[field.id]].append(field)
    return result


def rounded(column: str, decimals: int | None) -> str:
    """SQL for a value as it is compared: itself, or rounded half up in decimal where a setting says so."""
    if decimals is None:
        return column
    return f"cast(round(cast({column} as decimal(28, 12)), {int(decimals)}) as double)"


def pupils_case(catalogue: Catalogue) -> Callable[[str], str]:
    """SQL for the pupils of a stage row, whichever field each stage keeps them in."""
    fields = {stage.pupils_field for stage in catalogue.stages.values()}

    def render(prefix: str) -> str:
        if len(fields) == 1:
            return f"{prefix}{next(iter(fields))}"
        whens = " ".join(f"when '{s.id}' then {prefix}{s.pupils_field}" for s in catalogue.stages.values())
        return f"case {prefix}stage {whens} end"

    return render


def template_context(catalogue: Catalogue) -> dict[str, Any]:
    """Names that templates see. Nothing in a template names a field, an indicator or a stage."""
    order = derivation_order(catalogue)
    totals = [f for f in order if f.scope in ("whole", "split")]
    stages = [f for f in order if f.scope == "stage"]
    return {
        "unit_columns": unit_column_list(catalogue),
        "cells_of": catalogue.cells_of,
        "stage_cells": catalogue.cells_of("stage"),
        "stage_fields": catalogue.fields_of("stage"),
        "split_fields": catalogue.fields_of("split"),
        "whole_fields": catalogue.fields_of("whole"),
        "derived_totals": totals,
        "derived_stages": stages,
        "totals_over": list(dict.fromkeys(f.aggregate.over for f in totals if f.aggregate)),
        "stages_over": list(dict.fromkeys(f.aggregate.over for f in stages if f.aggregate)),
        "total_layers": layers(totals, order),
        "stage_layers": layers(stages, order),
        "standards": list(catalogue.standards.values()),
        "gap_standards": gap_standards(catalogue),
        "indicators": list(catalogue.indicators.values()),
        "gap_indicators": gap_indicators(catalogue),
        "indicator_of": catalogue.indicators,
        "always_owed": always_owed,
        "partitions": list(catalogue.partitions.values()),
        "setting": catalogue.setting,
        "pupils_case": pupils_case(catalogue),
        "rounded": rounded,
        "years": YearsLimits.of(catalogue),
    }

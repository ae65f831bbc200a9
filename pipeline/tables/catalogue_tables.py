"""Tables that state the catalogue itself: settings, divisions, indicators, standards, thresholds; and what SQL joins to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue, Division, Item, Source, Standard, Threshold
from pipeline.tables.class_names import name_of_class, school_partition
from pipeline.tables.context import gap_standards
from pipeline.tables.registry import public_tables

ANY = "*"
_TYPES: dict[str, pl.DataType] = {
    "varchar": pl.String(), "bigint": pl.Int64(), "double": pl.Float64(), "boolean": pl.Boolean(),
}  # fmt: skip


def polars_schema(table: str) -> dict[str, pl.DataType]:
    """Column types of a public table without catalogue fields."""
    return {column.name: _TYPES[column.type] for column in public_tables()[table].own_columns}


def both(label: Label | None) -> str | None:
    """A text in both languages, once where they are the same."""
    if label is None:
        return None
    return label.zh if label.zh == label.en else f"{label.zh} / {label.en}"


def clause_of(*sources: Source | None) -> str | None:
    """The clause of the first source that names one, after its document where it names another than its standard's."""
    for source in sources:
        if source is not None and source.clause is not None:
            lead = source.document or Label(zh="", en="")
            return both(Label(zh=f"{lead.zh} {source.clause.zh}".strip(), en=f"{lead.en} {source.clause.en}".strip()))
    return None


def _frame(table: str, rows: Iterable[Sequence[Any]]) -> pl.DataFrame:
    frame = pl.DataFrame(list(rows), schema=polars_schema(table), orient="row")
    return frame.sort(public_tables()[table].key)


def setting(catalogue: Catalogue) -> pl.DataFrame:
    """One row a setting. Key: key."""
    rows = (
        (s.key, None if s.value is None else str(s.value), s.grade, both(s.source), both(s.meaning))
        for s in catalogue.settings.values()
    )
    return _frame("setting", rows)


def division(catalogue: Catalogue) -> pl.DataFrame:
    """One row a division and period of validity. Key: code, valid_from."""
    rows = (
        (d.code, d.valid_from, d.valid_to, d.name_zh, d.name_en, d.level, d.parent_code, d.is_fictional)
        for d in catalogue.divisions
    )
    return _frame("division", rows)


def indicator(catalogue: Catalogue) -> pl.DataFrame:
    """One row an indicator. Key: indicator_id."""
    rows = (
        (
            i.id, i.label.zh, i.label.en, both(i.unit), i.direction, i.scope, i.numerator, i.denominator,
            i.applies_when, i.whole_units, i.missing, i.source.grade, both(i.meaning),
        )
        for i in catalogue.indicators.values()
    )  # fmt: skip
    return _frame("indicator", rows)


def standard(catalogue: Catalogue) -> pl.DataFrame:
    """One row a standard and judged stage. Key: standard_id, stage."""
    rows = []
    for s in catalogue.standards.values():
        rule = both(s.school_rule.label) if s.school_rule else None
        for stage in catalogue.judged_stages:
            limit = s.gap.composite_limits.get(stage.id) if s.gap else None
            rows.append(
                (
                    s.id, stage.id, s.label.zh, s.label.en, both(s.document), rule,
                    clause_of(s.school_rule.source) if s.school_rule else None,
                    s.school_rule.source.grade if s.school_rule else None,
                    limit, clause_of(s.gap.source) if s.gap else None, s.gap.source.grade if s.gap else None,
                    ", ".join(s.measures), s.source.grade,
                )
            )  # fmt: skip
    return _frame("standard", rows)


def threshold(catalogue: Catalogue) -> pl.DataFrame:
    """One row a standard, indicator, stage, school type and first year. Key: those five.

    Items with a gap limit but no level have one row a stage, with a null value.
    """
    rows = []
    for s in catalogue.standards.values():
        for item in s.items:
            rows += _thresholds_of(catalogue, s, item)
    return _frame("threshold", rows)


def _thresholds_of(catalogue: Catalogue, s: Standard, item: Item) -> list[tuple[Any, ...]]:
    stages = [stage.id for stage in catalogue.judged_stages]
    limits = s.gap.limits if s.gap is not None and item.indicator in s.gap.indicators else {}
    given: list[tuple[str, Threshold | None]] = []
    for threshold in item.thresholds:
        if threshold.stage == ANY and limits:
            given += [(stage, threshold) for stage in stages]
        else:
            given.append((threshold.stage, threshold))
    named = {stage for stage, _ in given}
    given += [(stage, None) for stage in stages if ANY not in named and stage not in named]
    return [
        (
            s.id, item.indicator, stage, t.school_type if t else ANY, t.year_from if t else 0, item.item_no,
            t.value if t else None, t.floor if t else None, limits.get(stage), item.is_veto, item.weight,
            both((t.source if t and t.source else item.source).document or s.document),
            clause_of(t.source if t else None, item.source),
            (t.source or item.source).grade if t else item.source.grade,
        )
        for stage, t in given
    ]  # fmt: skip


def stage(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a stage."""
    rows = [(s.id, s.is_judged, float(s.split_weight), n) for n, s in enumerate(catalogue.stages.values())]
    schema = {"stage": pl.String, "is_judged": pl.Boolean, "split_weight": pl.Float64, "position": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def split_needs(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a stage and school type that cannot be split without it."""
    rows = [(s.id, kind) for s in catalogue.stages.values() for kind in s.needed_for_split_of]
    return pl.DataFrame(rows, schema={"stage": pl.String, "school_type": pl.String}, orient="row")


def scope_rule(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a rule that leaves schools out of a standard, numbered in order."""
    rows = [
        (s.id, number, rule.id, rule.reason.zh, rule.reason.en, clause_of(rule.source))
        for s in catalogue.standards.values()
        for number, rule in enumerate(s.scope)
    ]
    names = ["standard_id", "rule_no", "rule_id", "reason_zh", "reason_en", "clause"]
    schema = {name: pl.Int64 if name == "rule_no" else pl.String for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row")


def gap_indicator(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a standard, judged stage and indicator whose gap it measures: limits, whether the standard asks
    a level above 0 of it in the stage, and its position in the catalogue."""
    rows = [
        (
            s.id, stage.id, name, s.gap.limits.get(stage.id), s.gap.composite_limits.get(stage.id),
            _asks_a_level(s, name, stage.id), position_of(catalogue, name),
        )
        for s in gap_standards(catalogue)
        if s.gap
        for stage in catalogue.judged_stages
        for name in s.gap.indicators
    ]  # fmt: skip
    schema = {
        "standard_id": pl.String, "stage": pl.String, "indicator_id": pl.String, "cv_limit": pl.Float64,
        "composite_limit": pl.Float64, "has_level": pl.Boolean, "position": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _asks_a_level(standard: Standard, indicator: str, stage: str) -> bool:
    levels = (t for item in standard.items if item.indicator == indicator for t in item.thresholds)
    return any(t.value > 0 and t.stage in (ANY, stage) for t in levels)


def position_of(catalogue: Catalogue, indicator: str) -> int:
    """Place of an indicator in the catalogue's order, which settles ties."""
    return list(catalogue.indicators).index(indicator)


def item(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a standard and item."""
    rows = [
        (
            s.id, i.indicator, i.item_no, position_of(catalogue, i.indicator), i.weight, i.is_veto,
            catalogue.indicators[i.indicator].direction,
        )
        for s in catalogue.standards.values()
        for i in s.items
    ]  # fmt: skip
    schema = {
        "standard_id": pl.String, "indicator_id": pl.String, "item_no": pl.String, "position": pl.Int64,
        "weight": pl.Float64, "is_veto": pl.Boolean, "direction": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def school_rule(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a standard that says when a school is up to it."""
    rows = [
        (
            s.id,
            s.school_rule.max_unmet,
            s.school_rule.rest_above_floor,
            s.school_rule.min_applicable,
            s.school_rule.veto,
        )
        for s in catalogue.standards.values()
        if s.school_rule
    ]
    schema = {
        "standard_id": pl.String, "max_unmet": pl.Int64, "is_rest_above_floor": pl.Boolean, "min_applicable": pl.Int64,
        "is_veto_final": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def measure(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a standard and measure that its counties are ranked by."""
    rows = [(s.id, m, m in ("mean_cv", "worst_ratio")) for s in catalogue.standards.values() for m in s.measures]
    schema = {"standard_id": pl.String, "measure": pl.String, "is_lower_better": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def county_break(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a year and county that a split, merge or new code makes another than the year before."""
    rows = {
        (c.year, code) for c in catalogue.division_changes if c.kind != "rename" for code in (c.old_code, c.new_code)
    }
    return pl.DataFrame(sorted(rows), schema={"year": pl.Int64, "county_code": pl.String}, orient="row")


def county_recode(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a year and county that is the same as the year before but for its code, with that code."""
    changes = [c for c in catalogue.division_changes if c.kind != "rename"]
    rows = {
        (c.year, c.new_code, c.old_code)
        for c in changes
        if c.kind == "recode"
        and not any(
            d != c and d.year == c.year and {d.old_code, d.new_code} & {c.old_code, c.new_code} for d in changes
        )
    }
    schema = {"year": pl.Int64, "county_code": pl.String, "code_before": pl.String}
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")


def standard_change(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a year and standard of which some level is another than the year before."""
    rows = {
        (t.year_from, s.id)
        for s in catalogue.standards.values()
        for i in s.items
        for t in i.thresholds
        if t.year_from > 0
    }
    return pl.DataFrame(sorted(rows), schema={"year": pl.Int64, "standard_id": pl.String}, orient="row")


def _upwards(
    here: Division, first: int, last: int, by_code: Mapping[str, Sequence[Division]]
) -> Iterator[tuple[str, str, int, int]]:
    """A division and what it lies in, each with the years in which that is so."""
    yield here.level, here.code, first, last
    for parent in by_code.get(here.parent_code, ()):
        start, end = max(first, parent.valid_from), min(last, parent.valid_to)
        if start <= end:
            yield from _upwards(parent, start, end, by_code)


def area(catalogue: Catalogue) -> pl.DataFrame:
    """Working table: one row a county, area that it lies in (itself and the nation, code 0, included) and span of years."""
    by_code: dict[str, list[Division]] = {}
    for division in catalogue.divisions:
        by_code.setdefault(division.code, []).append(division)
    rows: list[tuple[str, str, str, int, int]] = []
    for county in (d for d in catalogue.divisions if d.level == "county"):
        rows += [
            (county.code, level, code, first, last)
            for level, code, first, last in _upwards(county, county.valid_from, county.valid_to, by_code)
        ]
        rows.append((county.code, "nation", "0", county.valid_from, county.valid_to))
    names = ["county_code", "area_level", "area_code", "valid_from", "valid_to"]
    schema = {name: pl.Int64 if name.startswith("valid") else pl.String for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row")


PUBLIC: dict[str, Callable[[Catalogue], pl.DataFrame]] = {
    "setting": setting, "division": division, "indicator": indicator, "standard": standard, "threshold": threshold,
}  # fmt: skip
"""Public tables made from the catalogue alone."""

JOINED: dict[str, Callable[[Catalogue], pl.DataFrame]] = {
    "stage": stage, "split_needs": split_needs, "scope_rule": scope_rule, "gap_indicator": gap_indicator, "area": area,
    "item": item, "school_rule": school_rule, "measure": measure, "county_break": county_break,
    "standard_change": standard_change, "county_recode": county_recode, "school_partition": school_partition,
    "name_of_class": name_of_class,
}  # fmt: skip
"""Working tables that SQL joins to."""

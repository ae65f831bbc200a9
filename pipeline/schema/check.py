"""Cross-references of a catalogue: what one file says of another must hold. Yields faults; the loader adds the place."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from string import Formatter

from pipeline.schema.check_county import county_faults
from pipeline.schema.check_groups import group_faults
from pipeline.schema.check_layouts import layout_faults
from pipeline.schema.check_partitions import partition_faults
from pipeline.schema.check_standards import standard_faults
from pipeline.schema.check_values import name_faults, value_faults
from pipeline.schema.check_writing import writing_faults
from pipeline.schema.check_years import peer_faults, settlement_faults
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.expressions import ExpressionError, columns_of
from pipeline.schema.fault import Fault, of_expression, unknown
from pipeline.schema.model import Catalogue, FieldDef, Rule
from pipeline.schema.rule_columns import (
    SCALED,
    columns_of_argument,
    own_columns,
    reads_before,
    reads_median,
    rule_columns,
)
from pipeline.schema.shortfall import ledger_faults

ENGINE_SETTINGS = (
    "missing_pupils_limit_pct",
    "expected_counties_limit_pct",
    "comparison_tolerance",
    "decimals_value",
    "decimals_cv",
    "rank_band_width",
)
"""Settings that the computation reads; a catalogue states them all, so that nothing is a hidden constant."""

UNIT_COLUMNS = tuple(name for name in IDENTITY_COLUMNS if name != "stage")
AGGREGATE_COLUMNS = ("stage", "is_judged")


def faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of a catalogue, in file order."""
    own = (_about, _stages, name_faults, _fields, _indicators, _rules, _settings)
    for find in (*own, layout_faults, _divisions, value_faults, writing_faults, ledger_faults, group_faults):
        yield from find(catalogue)
    yield from standard_faults(catalogue, school_columns(catalogue))
    yield from partition_faults(catalogue, unit_columns(catalogue))
    yield from county_faults(catalogue, school_columns(catalogue))
    yield from peer_faults(catalogue, school_columns(catalogue))
    yield from settlement_faults(catalogue, school_columns(catalogue))


def unit_columns(catalogue: Catalogue) -> set[str]:
    """Columns that describe a unit as such: the year, identity columns and identity fields."""
    return {"year", *UNIT_COLUMNS, *(f.id for f in catalogue.fields_of("identity"))}


def school_columns(catalogue: Catalogue) -> set[str]:
    """Columns of school_stage and school_total that expressions may read."""
    return (
        unit_columns(catalogue) | {"stage", "pupils"} | {f.id for f in catalogue.fields_of("stage", "split", "whole")}
    )


def _about(catalogue: Catalogue) -> Iterator[Fault]:
    about = catalogue.about
    if about.default_standard not in catalogue.standards:
        yield unknown("about", about.id, ("default_standard",), about.default_standard, catalogue.standards)
    elif catalogue.standards[about.default_standard].gap is None:
        zh, en = "默认标准须规定差异系数（gap）", "the default standard must measure gaps: give it `gap`"
        yield Fault("about", about.id, ("default_standard",), zh, en)
    yield from of_expression("about", about.id, ("branch_when",), about.branch_when, unit_columns(catalogue))


def _stages(catalogue: Catalogue) -> Iterator[Fault]:
    for stage in catalogue.stages.values():
        field = catalogue.fields.get(stage.pupils_field)
        if field is None:
            yield unknown("stages", stage.id, ("pupils_field",), stage.pupils_field, catalogue.fields)
        elif field.scope != "stage" or field.is_derived:
            zh, en = "学生数字段须是按学段填报的单元格", "the pupils field must be a cell of scope stage"
            yield Fault("stages", stage.id, ("pupils_field",), zh, en)


def _fields(catalogue: Catalogue) -> Iterator[Fault]:
    for field in catalogue.fields.values():
        if field.expression is not None:
            allowed = _allowed_for(catalogue, field)
            yield from of_expression("fields", field.id, ("expression",), field.expression, allowed)
        if field.aggregate is not None:
            yield from _aggregate(catalogue, field)
    try:
        derivation_order(catalogue)
    except CycleError as error:
        name = error.args[1][0]
        zh, en = "派生字段互相引用成环", "derived fields refer to one another in a circle"
        yield Fault("fields", name, ("expression",), zh, en)


def _allowed_for(catalogue: Catalogue, field: FieldDef) -> set[str]:
    scopes = ("stage", "split", "whole") if field.scope == "stage" else ("split", "whole")
    stage = {"stage", "pupils"} if field.scope == "stage" else set()
    return unit_columns(catalogue) | stage | {f.id for f in catalogue.fields_of(*scopes)}


def _aggregate(catalogue: Catalogue, field: FieldDef) -> Iterator[Fault]:
    aggregate = field.aggregate
    assert aggregate is not None
    rows = {f.id for f in catalogue.cells_of(aggregate.over)}
    known = rows | set(AGGREGATE_COLUMNS) | unit_columns(catalogue)
    if aggregate.over in ("school", "county"):
        zh, en = "只能对学段、班级或专用教室的行汇总", "can only aggregate over stage, class or room rows"
        yield Fault("fields", field.id, ("aggregate", "over"), zh, en)
    if aggregate.over == "stage" and field.scope == "stage":
        zh, en = "按学段的字段不能再对学段汇总", "a field of scope stage cannot aggregate over stages"
        yield Fault("fields", field.id, ("aggregate", "over"), zh, en)
    for key in ("sum", "max", "where"):
        yield from of_expression("fields", field.id, ("aggregate", key), getattr(aggregate, key), known)


def derivation_order(catalogue: Catalogue) -> list[FieldDef]:
    """Derived fields, each after those it reads. Raises graphlib.CycleError on a circle."""
    graph: dict[str, set[str]] = {}
    for field in catalogue.fields.values():
        if field.is_derived:
            reads = columns_of(field.expression) if field.expression else ()
            graph[field.id] = {name for name in reads if name in catalogue.fields and catalogue.fields[name].is_derived}
    return [catalogue.fields[name] for name in TopologicalSorter(graph).static_order()]


def _indicators(catalogue: Catalogue) -> Iterator[Fault]:
    known = school_columns(catalogue)
    for indicator in catalogue.indicators.values():
        columns = known if indicator.scope == "stage" else known - {"stage"}
        for key in ("numerator", "denominator", "applies_when", "whole_units", "drawn_from"):
            yield from of_expression("indicators", indicator.id, (key,), getattr(indicator, key), columns)
        if indicator.whole_units and (indicator.scope != "stage" or columns_of(indicator.denominator) != ("pupils",)):
            zh = "whole_units 只用于按学段、以在校生为分母的指标"
            en = "whole_units is for indicators of scope stage whose denominator is the pupils"
            yield Fault("indicators", indicator.id, ("whole_units",), zh, en)
        if indicator.drawn_from and not indicator.whole_units:
            zh, en = "drawn_from 只用于写明 whole_units 的指标", "drawn_from is for indicators that name whole_units"
            yield Fault("indicators", indicator.id, ("drawn_from",), zh, en)


def _rules(catalogue: Catalogue) -> Iterator[Fault]:
    for rule in catalogue.rules.values():
        columns = rule_columns(catalogue, rule.record)
        yield from of_expression("rules", rule.id, ("condition",), rule.condition, columns)
        for i, name in enumerate(rule.blames):
            if name not in columns:
                yield unknown("rules", rule.id, ("blames", i), name, columns)
        for i, name in enumerate(rule.implies):
            if name not in catalogue.rules:
                yield unknown("rules", rule.id, ("implies", i), name, catalogue.rules)
        yield from _arguments(rule, columns)
        yield from _words(rule, columns)
        yield from _reach(catalogue, rule)


def _reach(catalogue: Catalogue, rule: Rule) -> Iterator[Fault]:
    """A rule blames a cell of its own row, and what came a year before makes nothing critical."""
    if not own_columns(catalogue, rule.record).intersection(rule.blames):
        zh, en = "至少要指出本行的一个单元格", "must name at least one cell of its own row"
        yield Fault("rules", rule.id, ("blames",), zh, en)
    try:
        is_across_years, is_across_rows = reads_before(rule), reads_median(rule)
    except (ExpressionError, ValueError):  # told as faults of the condition and of the words
        return
    if is_across_years and rule.severity == "critical":
        zh = "与上年比较的规则只能是提醒或说明：哪些行不能用只取决于本年的文件"
        en = "a rule that reads the year before can only warn or inform: which rows are unusable depends on this year's file"
        yield Fault("rules", rule.id, ("severity",), zh, en)
    elif is_across_rows and rule.severity == "critical":
        zh, en = "与中位数比较的规则只能是提醒或说明", "a rule that reads a median can only warn or inform"
        yield Fault("rules", rule.id, ("severity",), zh, en)


def _arguments(rule: Rule, columns: set[str]) -> Iterator[Fault]:
    for key, value in rule.expectation.kwargs.items() if rule.expectation else ():
        path = ("expectation", "kwargs", key)
        for name in columns_of_argument(key, value):
            if name not in columns:
                yield unknown("rules", rule.id, path, name, columns)
        if key == "mostly":
            zh, en = "一行是否合格不能取决于其他行", "whether a row passes must not depend on other rows"
            yield Fault("rules", rule.id, path, zh, en)


def _words(rule: Rule, columns: set[str]) -> Iterator[Fault]:
    """Holes in a message that nothing fills; other texts have no holes at all."""
    texts = {"message": (rule.message, columns | {"found", "expected", SCALED}), "expected": (rule.expected, set())}
    for key, (text, known) in {**texts, "mend": (rule.mend, set())}.items():
        for language in ("zh", "en"):
            try:
                holes = [hole for _, hole, _, _ in Formatter().parse(getattr(text, language)) if hole is not None]
            except ValueError as error:
                yield Fault("rules", rule.id, (key, language), f"括号不成对：{error}", f"unmatched braces: {error}")
                continue
            for hole in holes:
                if hole not in known:
                    yield unknown("rules", rule.id, (key, language), hole, known)


def _settings(catalogue: Catalogue) -> Iterator[Fault]:
    for key in ENGINE_SETTINGS:
        if key not in catalogue.settings:
            zh, en = "缺少计算所需的这项设置", "the computation needs this setting, and it is missing"
            yield Fault("settings", key, (), zh, en)


def _divisions(catalogue: Catalogue) -> Iterator[Fault]:
    codes = {division.code for division in catalogue.divisions}
    held: dict[str, list[tuple[int, int]]] = {}
    for i, division in enumerate(catalogue.divisions):
        if division.parent_code and division.parent_code not in codes:
            yield unknown("divisions", str(i), (), division.parent_code, codes)
        if any(a <= division.valid_to and division.valid_from <= b for a, b in held.get(division.code, [])):
            zh, en = "同一代码的有效年份重叠", "the same code stands on another line for the same years"
            yield Fault("divisions", str(i), (), zh, en)
        held.setdefault(division.code, []).append((division.valid_from, division.valid_to))
    for i, change in enumerate(catalogue.division_changes):
        for code in (change.old_code, change.new_code):
            if code not in codes:
                yield unknown("division_changes", str(i), (), code, codes)

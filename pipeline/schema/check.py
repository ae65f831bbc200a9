"""Cross-references of a catalogue: what one file says of another must hold. Yields faults; the loader adds the place."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from pipeline.schema.expressions import ExpressionError, columns_of
from pipeline.schema.model import IDENTITY_COLUMNS, Catalogue, FieldDef, Sheet, Standard

ENGINE_SETTINGS = (
    "missing_pupils_limit_pct",
    "expected_counties_limit_pct",
    "comparison_tolerance",
    "decimals_value",
    "decimals_cv",
)
"""Settings that the computation reads; a catalogue states them all, so that nothing is a hidden constant."""

UNIT_COLUMNS = tuple(name for name in IDENTITY_COLUMNS if name != "stage")
AGGREGATE_COLUMNS = ("stage", "is_judged")


@dataclass(frozen=True)
class Fault:
    """One broken reference: section of the catalogue, entry, path inside the entry, and the sentence."""

    section: str
    entry: str
    path: tuple[str | int, ...]
    zh: str
    en: str


def faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of a catalogue, in file order."""
    for find in (_about, _stages, _fields, _indicators, _standards, _rules, _settings, _layouts, _divisions):
        yield from find(catalogue)


def _unknown(section: str, entry: str, path: tuple[str | int, ...], name: str, known: Collection[str]) -> Fault:
    near = difflib.get_close_matches(name, known, n=1)
    zh = f"，是否指“{near[0]}”" if near else ""
    en = f"; did you mean “{near[0]}”?" if near else ""
    return Fault(section, entry, path, f"没有“{name}”{zh}", f"there is no “{name}”{en}")


def _expression(
    section: str, entry: str, path: tuple[str | int, ...], expression: str | None, known: Collection[str]
) -> Iterator[Fault]:
    if expression is None:
        return
    try:
        names = columns_of(expression)
    except ExpressionError as error:
        yield Fault(section, entry, path, error.zh, error.en)
        return
    for name in names:
        if name not in known:
            yield _unknown(section, entry, path, name, known)


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
        yield _unknown("about", about.id, ("default_standard",), about.default_standard, catalogue.standards)
    yield from _expression("about", about.id, ("branch_when",), about.branch_when, unit_columns(catalogue))


def _stages(catalogue: Catalogue) -> Iterator[Fault]:
    for stage in catalogue.stages.values():
        field = catalogue.fields.get(stage.pupils_field)
        if field is None:
            yield _unknown("stages", stage.id, ("pupils_field",), stage.pupils_field, catalogue.fields)
        elif field.scope != "stage" or field.is_derived:
            zh, en = "学生数字段须是按学段填报的单元格", "the pupils field must be a cell of scope stage"
            yield Fault("stages", stage.id, ("pupils_field",), zh, en)


def _fields(catalogue: Catalogue) -> Iterator[Fault]:
    for field in catalogue.fields.values():
        if field.id in IDENTITY_COLUMNS:
            yield Fault("fields", field.id, ("id",), "与标识列重名", "is the name of an identity column")
        if field.expression is not None:
            allowed = _allowed_for(catalogue, field)
            yield from _expression("fields", field.id, ("expression",), field.expression, allowed)
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
    if aggregate.over == "school":
        zh, en = "只能对学段、班级或专用教室的行汇总", "can only aggregate over stage, class or room rows"
        yield Fault("fields", field.id, ("aggregate", "over"), zh, en)
    if aggregate.over == "stage" and field.scope == "stage":
        zh, en = "按学段的字段不能再对学段汇总", "a field of scope stage cannot aggregate over stages"
        yield Fault("fields", field.id, ("aggregate", "over"), zh, en)
    for key in ("sum", "max", "where"):
        yield from _expression("fields", field.id, ("aggregate", key), getattr(aggregate, key), known)


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
        for key in ("numerator", "denominator", "applies_when"):
            yield from _expression("indicators", indicator.id, (key,), getattr(indicator, key), columns)


def _standards(catalogue: Catalogue) -> Iterator[Fault]:
    known = school_columns(catalogue)
    for standard in catalogue.standards.values():
        for i, rule in enumerate(standard.scope):
            yield from _expression("standards", standard.id, ("scope", i, "when"), rule.when, known)
        for i, item in enumerate(standard.items):
            path = ("items", i, "indicator")
            if item.indicator not in catalogue.indicators:
                yield _unknown("standards", standard.id, path, item.indicator, catalogue.indicators)
            for j, threshold in enumerate(item.thresholds):
                if threshold.stage != "*" and threshold.stage not in catalogue.stages:
                    at = ("items", i, "thresholds", j, "stage")
                    yield _unknown("standards", standard.id, at, threshold.stage, catalogue.stages)
        yield from _gap(catalogue, standard)


def _gap(catalogue: Catalogue, standard: Standard) -> Iterator[Fault]:
    if standard.gap is None:
        return
    listed = [item.indicator for item in standard.items]
    for i, name in enumerate(standard.gap.indicators):
        if name not in listed:
            yield _unknown("standards", standard.id, ("gap", "indicators", i), name, listed)
    for key in ("limits", "composite_limits"):
        for stage in getattr(standard.gap, key):
            if stage not in catalogue.stages:
                yield _unknown("standards", standard.id, ("gap", key, stage), stage, catalogue.stages)


def row_columns(catalogue: Catalogue, record: str) -> set[str]:
    """Columns of a typed row of a record type."""
    cells = {f.id for f in catalogue.fields.values() if f.record == record and not f.is_derived}
    return {*IDENTITY_COLUMNS, *cells}


def _rules(catalogue: Catalogue) -> Iterator[Fault]:
    for rule in catalogue.rules.values():
        columns = row_columns(catalogue, rule.record)
        yield from _expression("rules", rule.id, ("condition",), rule.condition, columns)
        for i, name in enumerate(rule.blames):
            if name not in columns:
                yield _unknown("rules", rule.id, ("blames", i), name, columns)
        for i, name in enumerate(rule.implies):
            if name not in catalogue.rules:
                yield _unknown("rules", rule.id, ("implies", i), name, catalogue.rules)
        if rule.expectation is not None:
            for key, value in rule.expectation.kwargs.items():
                for name in _named_columns(key, value):
                    if name not in columns:
                        yield _unknown("rules", rule.id, ("expectation", "kwargs", key), name, columns)


def _named_columns(key: str, value: object) -> list[str]:
    if key in ("column", "column_A", "column_B", "sum_total"):
        return [str(value)] if isinstance(value, str) else []
    return [str(v) for v in value] if key in ("column_list", "column_set") and isinstance(value, list) else []


def _settings(catalogue: Catalogue) -> Iterator[Fault]:
    for key in ENGINE_SETTINGS:
        if key not in catalogue.settings:
            zh, en = f"settings.yaml 缺少设置“{key}”", f"settings.yaml lacks the setting “{key}”"
            yield Fault("about", catalogue.about.id, (), zh, en)


def _layouts(catalogue: Catalogue) -> Iterator[Fault]:
    for layout in catalogue.layouts.values():
        parts = [sheet.part for sheet in layout.sheets]
        for i, sheet in enumerate(layout.sheets):
            if sheet.part in parts[:i]:
                zh, en = f"部分“{sheet.part}”重复", f"the part “{sheet.part}” stands twice"
                yield Fault("layouts", layout.id, ("sheets", i, "part"), zh, en)
            yield from _sheet(catalogue, layout.id, i, sheet)


def _sheet(catalogue: Catalogue, layout_id: str, number: int, sheet: Sheet) -> Iterator[Fault]:
    def fault(path: tuple[str | int, ...], zh: str, en: str) -> Fault:
        return Fault("layouts", layout_id, ("sheets", number, *path), zh, en)

    targets: set[tuple[str, str | None]] = set()
    for i, column in enumerate(sheet.columns):
        yield from _target(catalogue, layout_id, ("sheets", number, "columns", i), sheet, column.to, column.stage)
        targets.add((column.to, column.stage))
    for i, derived in enumerate(sheet.derived):
        yield from _target(catalogue, layout_id, ("sheets", number, "derived", i), sheet, derived.to, derived.stage)
        targets.add((derived.to, derived.stage))
    if not any(to == "school_id" for to, _ in targets):
        yield fault(("columns",), "没有给出学校标识码列", "no column is mapped to school_id")
    if (
        sheet.record != "school"
        and "stage" not in sheet.constants
        and ("stage", None) not in targets
        and sheet.record == "stage"
    ):
        yield fault(("columns",), "没有给出学段列或学段常量", "neither a stage column nor a stage constant is given")
    yield from _conditions(fault, sheet)


def _conditions(fault: Callable[[tuple[str | int, ...], str, str], Fault], sheet: Sheet) -> Iterator[Fault]:
    """Filters read the file's own headers, unknown here: only the dialect is checked."""
    conditions = [(("filters", i, "drop_when"), f.drop_when) for i, f in enumerate(sheet.filters)]
    conditions += [(("not_data", i), text) for i, text in enumerate(sheet.not_data)]  # type: ignore[misc]
    for path, text in conditions:
        try:
            columns_of(text)
        except ExpressionError as error:
            yield fault(path, error.zh, error.en)


def _target(
    catalogue: Catalogue, layout_id: str, path: tuple[str | int, ...], sheet: Sheet, to: str, stage: str | None
) -> Iterator[Fault]:
    known = {*IDENTITY_COLUMNS, *(f.id for f in catalogue.fields.values() if not f.is_derived)}
    if to not in known:
        yield _unknown("layouts", layout_id, (*path, "to"), to, known)
        return
    field = catalogue.fields.get(to)
    if stage is not None and stage not in catalogue.stages:
        yield _unknown("layouts", layout_id, (*path, "stage"), stage, catalogue.stages)
    if field is not None and field.scope == "stage" and sheet.record == "school":
        if stage is None and "stage" not in sheet.constants:
            zh, en = f"“{to}”按学段填报，请写明 stage", f"“{to}” is reported by stage: say which stage"
            yield Fault("layouts", layout_id, (*path, "to"), zh, en)
    elif field is not None and field.record != sheet.record:
        zh = f"“{to}”属于 {field.record} 记录，不属于 {sheet.record}"
        en = f"“{to}” is a cell of a {field.record} row, not of a {sheet.record} row"
        yield Fault("layouts", layout_id, (*path, "to"), zh, en)


def _divisions(catalogue: Catalogue) -> Iterator[Fault]:
    codes = {division.code for division in catalogue.divisions}
    for division in catalogue.divisions:
        if division.parent_code and division.parent_code not in codes:
            yield _unknown("divisions", division.code, (), division.parent_code, codes)
    for i, change in enumerate(catalogue.division_changes):
        for code in (change.old_code, change.new_code):
            if code not in codes:
                yield _unknown("division_changes", str(i), (), code, codes)

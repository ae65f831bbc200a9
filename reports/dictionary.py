"""The data dictionary as records: tables and columns with their counts, fields with where they are read, rules with what they found.

The pages (``dictionary_page``) and the workbook (``dictionary_book``) print the same records. Here: gathering them from the
registry, the catalogue and the release. Not here: words of pages, formats of a workbook.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.findings import READING_RULES
from pipeline.schema.entry import Label
from pipeline.schema.layout import Layout, Sheet
from pipeline.schema.model import Catalogue, FieldDef, Rule, Source
from pipeline.tables.registry import ColumnDef, TableDef, public_tables
from reports.ask import Ask


@dataclass(frozen=True)
class TableFacts:
    """A public table with its columns and, in this release, its rows and the nulls of each column."""

    table: TableDef
    columns: tuple[ColumnDef, ...]
    rows: int
    nulls: dict[str, int]


@dataclass(frozen=True)
class Place:
    """Where a layout reads a field: sheet, header, and the factor that turns what is typed into the field's unit."""

    layout: Label
    sheet: Label
    header: str
    factor: float


@dataclass(frozen=True)
class FieldFacts:
    """A field of the catalogue: how it is derived (empty for a cell), its forms, where it is read, which indicators use it."""

    field: FieldDef
    derivation: str
    forms: tuple[tuple[int, str], ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class RuleFacts:
    """A validation rule and what it found in the release. ``test``: the expectation or condition, empty for reading itself."""

    id: str
    step: str
    record: str
    severity: str
    test: str
    expected: Label
    message: Label
    mend: Label
    implies: tuple[str, ...]
    source: Source | None
    findings: int
    counties: int
    schools: int


@dataclass(frozen=True)
class Dictionary:
    """Everything that the data dictionary says."""

    tables: tuple[TableFacts, ...]
    fields: tuple[FieldFacts, ...]
    rules: tuple[RuleFacts, ...]


def dictionary(ask: Ask, catalogue: Catalogue) -> Dictionary:
    """Reads counts of every table and rule, and gathers fields with their places."""
    tables = tuple(_table(ask, table, catalogue) for table in public_tables().values())
    found = {row["rule_id"]: row for row in ask.rows(_FOUND)}
    reading = [_reading(name, found) for name in READING_RULES]
    return Dictionary(
        tables, tuple(field_facts(f, catalogue) for f in catalogue.fields.values()),
        (*reading, *(_rule(r, found) for r in catalogue.rules.values())),
    )  # fmt: skip


_FOUND = """
select rule_id, count(*) as n, count(distinct nullif(county_code, '')) as counties, count(distinct school_id) as schools
from finding group by rule_id
"""


def _table(ask: Ask, table: TableDef, catalogue: Catalogue) -> TableFacts:
    columns = table.columns(catalogue)
    counts = ", ".join(f'count(*) - count("{c.name}") as "{c.name}"' for c in columns)
    row = ask.one(f'select count(*) as "row count", {counts} from "{table.name}"')
    rows = int(row.pop("row count"))
    return TableFacts(table, tuple(columns), rows, {name: int(n) for name, n in row.items()})


def field_facts(field: FieldDef, catalogue: Catalogue) -> FieldFacts:
    """A field with how it is derived and every place where a layout reads it."""
    places = [p for layout in catalogue.layouts.values() for p in _places(field, layout)]
    return FieldFacts(field, derivation(field), tuple(sorted(field.form.items())), tuple(places))


def derivation(field: FieldDef) -> str:
    """The expression or aggregate that a field is made by; empty for a cell of a return."""
    if field.expression is not None:
        return field.expression
    if field.aggregate is None:
        return ""
    a = field.aggregate
    what = "count(*)" if a.count else f"sum({a.sum})" if a.sum is not None else f"max({a.max})"
    where = f" where {a.where}" if a.where else ""
    return f"{what} over {a.over}{where}"


def _places(field: FieldDef, layout: Layout) -> Iterable[Place]:
    for sheet in layout.sheets:
        for column in sheet.columns:
            if column.to == field.id:
                yield Place(layout.label, _sheet_name(sheet), _header(column.header), column.factor)
        for derived in sheet.derived:
            if derived.to == field.id:
                sign = " + " if derived.sum else " × "
                yield Place(layout.label, _sheet_name(sheet), sign.join(derived.parts), derived.factor)
        for cell in sheet.cells:
            if cell.to == field.id:
                yield Place(layout.label, Label(zh=cell.sheet, en=cell.sheet), cell.where, cell.factor)


def _sheet_name(sheet: Sheet) -> Label:
    return sheet.label


def _header(header: str | dict[int, str]) -> str:
    if isinstance(header, str):
        return header
    return "; ".join(f"{text} ({year}–)" for year, text in sorted(header.items()))


def _two(text: str) -> Label:
    """A text of the form ``zh / en``, or one that serves both."""
    zh, sep, en = text.partition(" / ")
    return Label(zh=zh, en=en if sep else zh)


def _reading(name: str, found: dict[str, dict[str, int]]) -> RuleFacts:
    r, n = READING_RULES[name], found.get(name, {})
    return RuleFacts(
        name, "0", "file", r.severity, "", _two(r.expected), Label(zh=r.zh, en=r.en), Label(zh=r.mend_zh, en=r.mend_en), (), None,
        int(n.get("n", 0)), int(n.get("counties", 0)), int(n.get("schools", 0)),
    )  # fmt: skip


def _rule(r: Rule, found: dict[str, dict[str, int]]) -> RuleFacts:
    n = found.get(r.id, {})
    return RuleFacts(
        r.id, str(r.step), r.record, r.severity, rule_test(r), r.expected, r.message, r.mend, r.implies, r.source,
        int(n.get("n", 0)), int(n.get("counties", 0)), int(n.get("schools", 0)),
    )  # fmt: skip


def rule_test(rule: Rule) -> str:
    """What a rule asks: its condition, or the expectation with its arguments."""
    if rule.condition is not None:
        return rule.condition
    assert rule.expectation is not None
    arguments = ", ".join(f"{key}={value!r}" for key, value in rule.expectation.kwargs.items())
    return f"{rule.expectation.type}({arguments})"

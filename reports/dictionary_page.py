"""The data dictionary as pages: one per public table, one of the catalogue's fields, one of the validation rules.

Paths: ``data/<table>.html``, ``data/fields.html``, ``data/rules.html``. The words of tables and columns are those of the
registry and the catalogue, the same that stand as comments in the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue
from pipeline.tables.names import AFTER_TABLES, SQL_TABLES
from pipeline.tables.registry import ColumnDef
from reports import numbers
from reports.ask import asking
from reports.dictionary import Dictionary, FieldFacts, RuleFacts, TableFacts, dictionary
from reports.method_tables import columns
from reports.phrases import PHRASES
from reports.render import Page, Source
from reports.tables import Cell, Row, Table, state_cell
from reports.words import Words

_HOLE = re.compile(r"\{[^}]*\}")


def dictionary_pages(source: Source) -> Iterator[Page]:
    """A page per public table, the fields, the rules."""
    with asking(source.database) as ask:
        known = dictionary(ask, source.catalogue)
    for facts in known.tables:
        yield _table_page(facts, known, source.catalogue)
    yield Page("data/fields.html", "tables.html.j2", lambda words: _fields(known, source.catalogue, words))
    yield Page("data/rules.html", "tables.html.j2", lambda words: _rules(known, words))


# --- a public table ---------------------------------------------------------------------------------------------------


def _table_page(facts: TableFacts, known: Dictionary, catalogue: Catalogue) -> Page:
    return Page(f"data/{facts.table.name}.html", "table.html.j2", lambda words: _table(facts, known, catalogue, words))


def _table(facts: TableFacts, known: Dictionary, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    name, key = facts.table.name, facts.table.key
    others = [t.table.name for t in known.tables if t is not facts]
    return {
        "title": words("dict.title", name=name, n=numbers.whole(facts.rows), columns=len(facts.columns)),
        "lead": meaning(facts, words),
        "crumbs": [("index.html", words("nav.data")), ("", name)],
        "meta": [(words("dict.key"), ", ".join(key)), (words("dict.file"), f"tables/{name}.parquet")],
        "columns": columns_table(facts, catalogue, words),
        "query": sample_query(name, key),
        "made_by": f"sql/{name}.sql" if name in (*SQL_TABLES, *AFTER_TABLES) else "",
        "others": [(f"{other}.html", other) for other in others],
        "has_nulls": any(facts.nulls.values()),
    }


def meaning(facts: TableFacts, words: Words) -> str:
    """What a table holds, as a sentence."""
    text = facts.table.zh if words.language == "zh" else facts.table.en
    return f"{text}。" if words.language == "zh" else f"{text[:1].upper()}{text[1:]}."


def sample_query(name: str, key: tuple[str, ...]) -> str:
    """The first rows of a table in the order of its key."""
    return f"select * from {name} order by {', '.join(key)} limit 10;"


def columns_table(facts: TableFacts, catalogue: Catalogue, words: Words) -> Table:
    """Every column: type, unit, meaning, what null means, nulls in this release; a row a column."""
    keys = ("dict.col.column", "dict.col.type", "dict.col.unit", "dict.col.meaning", "dict.col.empty", "dict.col.nulls")
    rows = [_column_row(column, facts, catalogue, words) for column in facts.columns]
    caption = words("dict.columns.caption", n=len(rows), name=facts.table.name)
    made = columns(words, *keys, numeric=keys[-1:], wrap=keys[3:5])
    return Table("columns-table", caption, made, rows, f"{facts.table.name}-columns.csv")


def _column_row(column: ColumnDef, facts: TableFacts, catalogue: Catalogue, words: Words) -> Row:
    is_key = column.name in facts.table.key
    is_field = column.name in catalogue.fields and bool(facts.table.field_scopes)
    nulls = facts.nulls[column.name]
    share = numbers.percent(nulls / facts.rows, 1) if facts.rows else numbers.DASH
    return Row(
        [
            Cell(
                column.name, href=f"fields.html#{column.name}" if is_field else "",
                badge=words("dict.key") if is_key else "",
            ),
            Cell(words(f"dict.type.{column.type}")), Cell(unit_text(column.unit, words)),
            Cell(column.zh if words.language == "zh" else column.en), Cell(empty_text(column, is_key, words)),
            Cell(words("dict.nulls", n=numbers.whole(nulls), share=share) if nulls else "0", numbers.raw(nulls)),
        ], anchor=column.name,
    )  # fmt: skip


def empty_text(column: ColumnDef, is_key: bool, words: Words) -> str:
    """What a null means in a column; that there is none where the registry names no meaning."""
    if is_key or not column.empty_zh:
        return words("dict.never")
    return column.empty_zh if words.language == "zh" else column.empty_en


def unit_text(unit: str, words: Words) -> str:
    """A unit in this language: of the engine by phrase, of a field as the catalogue says it."""
    if f"unit.{unit}" in PHRASES:
        return words(f"unit.{unit}")
    zh, sep, en = unit.partition(" / ")
    return (en if words.language == "en" and sep else zh) or numbers.DASH


# --- fields -----------------------------------------------------------------------------------------------------------


def _fields(known: Dictionary, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    cells = sum(1 for f in known.fields if not f.derivation)
    return {
        "title": words("fields.title", n=len(known.fields), cells=cells),
        "lead": words("fields.lead"),
        "crumbs": [("index.html", words("nav.data")), ("", words("fields.name"))],
        "meta": [],
        "sections": [
            {"id": "fields", "title": words("fields.question"), "text": "", "tables": [fields_table(known.fields, words)]}
        ],
    }  # fmt: skip


def fields_table(fields: tuple[FieldFacts, ...], words: Words, name: str = "fields") -> Table:
    """Fields with type, unit, scope, forms by year, header and factor of each layout, definition, source and grade."""
    keys = (
        "fields.col.label", "dict.col.type", "dict.col.unit", "fields.col.scope", "fields.col.read", "fields.col.meaning",
        "fields.col.form", "method.col.grade",
    )  # fmt: skip
    rows = [_field_row(f, words) for f in fields]
    made = columns(words, *keys, wrap=keys[3:7], wide=keys[4:7])
    return Table(
        f"{name}-table", words("fields.caption", n=len(rows)), made, rows, f"{name}.csv", is_tall=len(rows) > 150
    )


def _field_row(facts: FieldFacts, words: Words) -> Row:
    f = facts.field
    return Row(
        [
            Cell(words.label(f.label), f.id, badge=f.id), Cell(words(f"fields.type.{f.type}")),
            Cell(words.label(f.unit) or numbers.DASH), Cell(words(f"fields.scope.{f.scope}")),
            Cell(facts.derivation or places_text(facts, words) or numbers.DASH), Cell(words.label(f.meaning) or numbers.DASH),
            Cell(forms_text(facts, words)), Cell(f.source.grade),
        ], anchor=f.id,
    )  # fmt: skip


def forms_text(facts: FieldFacts, words: Words) -> str:
    """The statistical forms with the first year of each."""
    return words.several([words("fields.form", form=form, year=year) for year, form in facts.forms]) or numbers.DASH


def places_text(facts: FieldFacts, words: Words) -> str:
    """Sheet and header of each layout, and the factor where the unit typed is not the field's."""
    texts = []
    for place in facts.places:
        text = f"{words.label(place.sheet)} › {place.header}"
        if place.factor != 1:
            text += words("fields.factor", factor=numbers.level_text(place.factor))
        texts.append(text)
    return ("；" if words.language == "zh" else "; ").join(texts)


# --- rules ------------------------------------------------------------------------------------------------------------


def _rules(known: Dictionary, words: Words) -> dict[str, Any]:
    found = sum(r.findings for r in known.rules)
    return {
        "title": words("rules.title", n=len(known.rules), found=numbers.whole(found)),
        "lead": words("rules.lead"),
        "crumbs": [("index.html", words("nav.data")), ("", words("rules.name"))],
        "meta": [],
        "sections": [
            {"id": "rules", "title": words("rules.question"), "text": "", "tables": [rules_table(known.rules, words)]}
        ],
    }


def rules_table(rules: tuple[RuleFacts, ...], words: Words) -> Table:
    """Every rule with what it asks, what it says, how to mend it, and what it found; most findings first."""
    keys = (
        "rules.col.rule", "rules.col.severity", "rules.col.found", "rules.col.counties", "rules.col.schools", "rules.col.message",
        "col.mend", "rules.col.test", "rules.col.step", "method.col.grade",
    )  # fmt: skip
    ordered = sorted(rules, key=lambda r: (-r.findings, r.step, r.id))
    rows = [_rule_row(r, words) for r in ordered]
    states = [
        (s, words.state(s, "finding")) for s in ("critical", "warning", "info") if any(r.severity == s for r in rules)
    ]
    made = columns(words, *keys, numeric=keys[2:5], wrap=keys[5:8], wide=keys[5:8])
    return Table("rules-table", words("rules.caption", n=len(rows)), made, rows, "rules.csv", states)


def _rule_row(r: RuleFacts, words: Words) -> Row:
    counts = (r.findings, r.counties, r.schools)
    step = words("rules.step.0") if r.step == "0" else f"{r.step} · {words(f'rules.record.{r.record}')}"
    return Row(
        [
            Cell(r.id), state_cell("", r.severity, words, "finding", raw=words.state(r.severity, "finding"), show_word=True),
            *(Cell(numbers.whole(n), numbers.raw(n)) for n in counts), Cell(said(r.message, words)), Cell(said(r.mend, words)),
            Cell(r.test or said(r.expected, words)), Cell(step), Cell(r.source.grade if r.source else numbers.DASH),
        ], r.severity, anchor=r.id,
    )  # fmt: skip


def said(text: Label, words: Words) -> str:
    """A rule's words with an ellipsis for what a finding fills in."""
    return _HOLE.sub("…", words.label(text))

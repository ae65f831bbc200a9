"""Corrections on a county page: the sign at every value that follows from a corrected one, and the list at its foot."""

from __future__ import annotations

from typing import Any

from pipeline.schema.correction import label_of
from pipeline.schema.model import Catalogue
from reports import trace
from reports.county_tables import file_stem, one_language
from reports.facts import PageFacts
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

SIGN = "✎"
WHOLE = ""
"""Stands for the school itself where a sign is not at one of its values."""


def signs(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[tuple[str, str], str]:
    """What the sign at a school's value says: (school, indicator) → text; (school, ``WHOLE``) for what the school
    is, and for values that the page's table of schools does not show."""
    reads = {gap.indicator.id: trace.fields_read(gap.indicator, catalogue) for gap in facts.gaps}
    found: dict[tuple[str, str], list[str]] = {}
    for row in facts.corrections:
        if not row["is_applied"] or row["school_id"] is None:
            continue
        of = [name for name, fields in reads.items() if row["field"] in fields]
        for name in of or [WHOLE]:
            found.setdefault((row["counts_in"], name), []).append(_said(row, catalogue, words))
    return {key: "; ".join(texts) for key, texts in found.items()}


def _said(row: dict[str, Any], catalogue: Catalogue, words: Words) -> str:
    field = words.label(label_of(row["field"], catalogue))
    reason = one_language(row["reason"], words)
    return words(
        "fix.sign", field=field, old=_value(row["old_value"], words), new=_value(row["new_value"], words), reason=reason
    )


def _value(text: str | None, words: Words) -> str:
    return words("fix.blank") if text is None else text


def correction_table(facts: PageFacts, catalogue: Catalogue, words: Words) -> Table | None:
    """One row a correction of what the county sent, in the order of their ids."""
    if not facts.corrections:
        return None
    columns = [
        Column(words("col.school")), Column(words("col.fix.field"), wrap=True), Column(words("col.fix.old"), True),
        Column(words("col.fix.new"), True), Column(words("col.reason"), wrap=True, is_wide=True),
        Column(words("col.fix.source"), wrap=True), Column(words("col.fix.author"), wrap=True), Column(words("col.fix.state"), wrap=True),
    ]  # fmt: skip
    rows = [Row(_cells(row, catalogue, words), find=str(row["correction_id"])) for row in facts.corrections]
    applied = sum(bool(row["is_applied"]) for row in facts.corrections)
    caption = words("fix.caption", n=len(rows), applied=applied)
    return Table("corrections-table", caption, columns, rows, f"{file_stem(facts)}-corrections.csv", is_plain=True)


def _cells(row: dict[str, Any], catalogue: Catalogue, words: Words) -> list[Cell]:
    stage = catalogue.stages.get(row["stage"] or "")
    named = [
        words.label(label_of(row["field"], catalogue)),
        words.label(stage.label) if stage else "",
        row["row_key"] or "",
    ]
    whose = row["name"] or row["school_id"] or words("fix.county")
    return [
        Cell(str(whose), badge=str(row["correction_id"])),
        Cell(" · ".join(text for text in named if text)),
        Cell(_value(row["old_value"], words)),
        Cell(_value(row["new_value"], words)),
        Cell(one_language(row["reason"], words)),
        Cell(one_language(row["source"], words)),
        Cell(f"{row['author']} {row['corrected_on']}"),
        Cell(words("fix.applied" if row["is_applied"] else "fix.not_applied")),
    ]

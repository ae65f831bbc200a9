"""What is worth a look: the list of a county page, and the tests with their counts for the statistician's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.schema.model import Catalogue
from pipeline.schema.suspicion_limits import Limits
from pipeline.suspicion import words as said
from reports import numbers
from reports.ask import Rows
from reports.facts import PageFacts
from reports.method_tables import columns
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

MOST = 40
"""Pieces of evidence that a page lists of one test; the others are in the database."""


def worth_a_look(facts: PageFacts, catalogue: Catalogue, words: Words) -> list[dict[str, Any]]:
    """Flagged tests of the county, least likely first: name, evidence in words, the schools as a table."""
    made = []
    for row in facts.suspected:
        behind = [e for e in facts.evidence if e["test_id"] == row["test_id"]]
        name = words.label(said.label(row["test_id"]))
        made.append({
            "test": row["test_id"], "name": name, "text": words.of(row, "evidence"),
            "details": words("look.details", n=len(behind)),
            "table": _evidence_table(facts, row["test_id"], name, behind, catalogue, words) if behind else None,
        })  # fmt: skip
    return made


def _evidence_table(facts: PageFacts, test: str, name: str, behind: Rows, catalogue: Catalogue, words: Words) -> Table:
    """A row a piece of evidence, with the columns that say something in this test."""
    there = {key for row in behind for key, value in row.items() if value is not None}
    shown = [(key, of) for key, of in _COLUMNS if of in there]
    heads = [Column(words(key), of in _NUMBERS, wrap=of not in _NUMBERS) for key, of in shown]
    rows = [Row([_cell(of, row, catalogue, words) for _, of in shown]) for row in behind[:MOST]]
    caption = words("look.caption", test=name)
    if len(behind) > MOST:
        caption = words.sentences([caption, words("look.more", n=MOST)])
    return Table(f"look-{test}", caption, heads, rows, f"{facts.county.code}-{test}.csv", is_plain=len(behind) <= 3)


_COLUMNS = (
    ("look.col.school", "name"), ("look.col.other", "other_name"), ("look.col.item", "item"),
    ("look.col.stage", "stage"), ("look.col.value", "value"), ("look.col.before", "value_before"),
    ("look.col.level", "threshold"), ("look.col.same", "observed"), ("look.col.expected", "expected"),
)  # fmt: skip
_NUMBERS = ("value", "value_before", "threshold", "observed", "expected")


def _cell(of: str, row: Mapping[str, Any], catalogue: Catalogue, words: Words) -> Cell:
    value = row[of]
    if of == "item":
        known = catalogue.indicators.get(value) or catalogue.fields.get(value)
        return Cell(words.label(known.label) if known else numbers.DASH)
    if of == "stage":
        stage = catalogue.stages.get(value or "")
        return Cell(words.label(stage.label) if stage else words("look.whole"))
    if of == "observed":
        return Cell(f"{value} / {row['n']}", numbers.raw(value))
    if of == "expected":
        return Cell(numbers.fixed(value, 1), numbers.raw(value))
    if of in _NUMBERS:
        return Cell(_figure(value), numbers.raw(value))
    return Cell(str(value or numbers.DASH))


def _figure(value: float | None) -> str:
    """A reported figure whole where it is, else with two decimals."""
    return numbers.whole(value) if value is None or value == round(value) else numbers.fixed(value, 2)


def tests_table(counts: Rows, catalogue: Catalogue, year: int, words: Words) -> Table:
    """The tests: what each asks, how many counties it could test and how many it names."""
    by_test = {row["test_id"]: row for row in counts}
    limits = Limits.of(catalogue)
    keys = ("look.col.test", "look.col.asks", "look.col.tested", "look.col.flagged")
    rows = [
        Row([
            Cell(words.label(said.label(test))), Cell(words.label(said.asks(test, limits))),
            *(_count(by_test.get(test), of) for of in ("tested", "flagged")),
        ])
        for test in said.tests()
    ]  # fmt: skip
    made = columns(words, *keys, numeric=keys[2:], wrap=keys[:2])
    return Table("suspicion-table", words("look.tests.caption", year=year), made, rows, "suspicion.csv", is_plain=True)


def _count(row: Mapping[str, Any] | None, of: str) -> Cell:
    n = int(row[of]) if row else 0
    return Cell(numbers.whole(n), numbers.raw(n))

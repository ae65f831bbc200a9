"""The verdict on a county as the template takes it: of each standard the paragraph, the list of items, the tests that a reader
must know of, and the relaxations on record."""

from __future__ import annotations

from typing import Any

from pipeline.schema.model import Catalogue
from reports import numbers
from reports.tables import Cell, Column, Row, Table
from reports.verdict_facts import CountyVerdict
from reports.verdict_tables import (
    ORDER,
    Fact,
    clause_text,
    item_table,
    marked,
    number_of,
    said_of,
    shown,
    value_cells,
    verdict_cell,
)
from reports.whole_facts import WholeFacts
from reports.words import Words

MOST_RELIEFS = 40
"""Relaxations that the page lists, those needed first; the workbook has them all."""

RELIEF_STATES = {"in_force": "met", "condition_unknown": "missing"}
"""How the state of a relaxation is marked; all others do not hold."""


def verdict_parts(facts: WholeFacts, catalogue: Catalogue, words: Words) -> list[dict[str, Any]]:
    """What the page says of each standard: ``text`` in the summary, ``table`` and what is folded under it in the list."""
    return [_part(facts, one, catalogue, words) for one in facts.verdicts]


def summary(one: CountyVerdict, words: Words) -> dict[str, Any]:
    """A standard's paragraph: the verdict, counts, reason, with relaxations, what differs from the county's declaration."""
    verdict, name = str(one.row["verdict"]), words.label(one.standard.label)
    return {
        "id": one.standard.id, "state": verdict, "symbol": words.symbol(verdict),
        "name": words("verdict.whole", standard=name, verdict=words.state(verdict, "verdict")),
        "text": words.sentences(said_of(one, words)),
    }  # fmt: skip


def _part(facts: WholeFacts, one: CountyVerdict, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    return summary(one, words) | {
        "title": words("verdict.list", standard=words.label(one.standard.label)),
        "table": item_table(facts, one, words),
        "tests": _test_table(facts, one, catalogue, words),
        "reliefs": _relief_table(facts, one, words),
    }  # fmt: skip


def _is_told(test: Fact) -> bool:
    """Whether a reader of the page must see a test: it is not met, is met by a relaxation only, or stands beside the verdict."""
    return test["state"] in ("unmet", "no_data") or test["state"] != test["state_relaxed"] or not test["counts"]


def _test_table(facts: WholeFacts, one: CountyVerdict, catalogue: Catalogue, words: Words) -> Table | None:
    """The tests that a reader must see; all others are met or do not apply, and stand in the workbook."""
    tests = [test for test in one.tests if _is_told(test)]
    if not tests:
        return None
    keys, numeric = ("test", "stage", "verdict", "value", "limit", "asked"), ("value", "limit", "asked")
    columns = [
        Column(words(f"verdict.col.{key}"), key in numeric, wrap=key == "verdict", is_narrow=key == "asked")
        for key in keys
    ]
    columns += [Column(words("col.reason"), wrap=True, is_wide=True)]
    rows = [Row(_test_cells(test, catalogue, words), str(test["state"])) for test in tests]
    present = {row.state for row in rows}
    return Table(
        f"tests-{one.standard.id}", words("verdict.tests.caption", n=len(one.tests) - len(tests)), columns, rows,
        f"{facts.stem}-{one.standard.id}-tests.csv", [(s, marked(s, words)) for s in ORDER if s in present],
    )  # fmt: skip


def _test_cells(test: Fact, catalogue: Catalogue, words: Words) -> list[Cell]:
    stage = catalogue.stages.get(test["stage"])
    asked = [test[name] for name in ("schools", "schools_unmet", "schools_unknown", "schools_missing")]
    value, limit = value_cells(test, str(test["kind"]), words)
    if test["value"] is None and test["value_low"] is not None:
        low, high = (shown(test[name], test["limit"], str(test["kind"])) for name in ("value_low", "value_high"))
        value = Cell(words("verdict.range", low=low, high=high), "")
    return [
        Cell(number_of(test) + words.of(test, "label"), badge="" if test["counts"] else words("verdict.part.reference")),
        Cell(words.label(stage.label) if stage else words("verdict.whole_county")),
        verdict_cell(test["state"], words, words.of(test, "relaxed")), value, limit,
        Cell(" / ".join(numbers.whole(n) for n in asked) if asked[0] is not None else numbers.DASH),
        Cell(words.of(test, "reason")),
    ]  # fmt: skip


def _relief_table(facts: WholeFacts, one: CountyVerdict, words: Words) -> Table | None:
    """Relaxations granted to the county or its schools, the soonest to expire first."""
    if not one.relaxations:
        return None
    keys = ("name", "school", "state", "starts", "expires", "due", "basis", "clause")
    columns = [Column(words(f"relief.col.{key}"), wrap=key in ("name", "basis", "clause")) for key in keys]
    rows = [Row(_relief_cells(row, words), str(row["state"])) for row in one.relaxations[:MOST_RELIEFS]]
    caption = words("verdict.reliefs.caption")
    if len(one.relaxations) > MOST_RELIEFS:
        caption = words.sentences([caption, words("verdict.reliefs.more", n=MOST_RELIEFS)])
    present = dict.fromkeys(row.state for row in rows)
    return Table(
        f"reliefs-{one.standard.id}", caption, columns, rows, f"{facts.stem}-{one.standard.id}-relaxations.csv",
        [(s, words(f"relief.{s}")) for s in present],
    )  # fmt: skip


def _relief_cells(row: Fact, words: Words) -> list[Cell]:
    word = words(f"relief.{row['state']}")
    state = RELIEF_STATES.get(row["state"], "unmet")
    return [
        Cell(words.of(row, "label")), Cell(row["name"] or words("relief.county")),
        Cell("", word, state, words.symbol(state), word, True, badge=words("relief.needed") if row["is_needed"] else ""),
        Cell(row["starts"]), Cell(row["expires"]), Cell(row["due"] or numbers.DASH), Cell(row["basis"]),
        Cell(clause_text(row, words)),
    ]  # fmt: skip

"""Verdicts on a county's items and on the whole: what is known decides, what is missing never does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.oracle.county_tests import Item, Yes
from tests.oracle.county_texts import ITEMS
from tests.oracle.ground import MET, NO_DATA, OUT, UNMET, Ground, Outcome, Row, whole
from tests.oracle.outcomes import outcomes


def item_row(item: Item, found: list[Outcome], cells: Mapping[str, Any]) -> Row:
    """The verdict of an item, and the first of the tests in the document's order that brings it about."""
    counted = [o for o in found if o.counts]
    states = Counter(o.state for o in counted)
    verdict = whole(states)
    deciding = next(o for o in counted if o.state == verdict)
    box = cells.get(item.declared) if item.declared else None
    said = None if box is None else bool(box) == item.declared_met
    papers = [cells[p] for p in item.papers if cells.get(p) is not None]
    return {
        "item_id": item.id, "part": item.part, "decides": item.decides, "verdict": verdict,
        "verdict_relaxed": whole(o.relaxed for o in counted), "test_id": deciding.test, "stage": deciding.stage,
        **{n: deciding.numbers.get(n) for n in ("value", "direction", "limit", "numerator", "denominator")},
        "tests": len(counted), "tests_met": states[MET], "tests_unmet": states[UNMET], "tests_missing": states[NO_DATA],
        "declared": said, "differs": None if said is None or verdict not in (MET, UNMET) else said != (verdict == MET),
        "is_computed": any(not isinstance(t, Yes) for t in item.tests if t.counts),
        "evidence_given": "；".join(str(p) for p in papers) or None,
    }  # fmt: skip


def determination(rows: list[Row]) -> Row:
    deciding = [r for r in rows if r["decides"]]
    count = Counter(r["verdict"] for r in deciding)
    return {
        "verdict": whole(count), "verdict_relaxed": whole(r["verdict_relaxed"] for r in deciding), "items": len(deciding),
        "items_met": count[MET], "items_unmet": count[UNMET], "items_missing": count[NO_DATA],
        "items_not_applicable": count[OUT], "items_met_relaxed": sum(r["verdict_relaxed"] == MET for r in deciding),
        "items_differing": sum(r["differs"] is True for r in rows),
    }  # fmt: skip


def judged(ground: Ground) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of county_item_test, county_item and county_determination of one county and year."""
    tests: list[Row] = []
    items: list[Row] = []
    wholes: list[Row] = []
    for standard, asked in ITEMS.items():
        key = {"year": ground.county.year, "standard_id": standard, "county_code": ground.county.county}
        of_standard = []
        for item in asked:
            found = outcomes(standard, item, ground)
            tests += [key | {"item_id": item.id} | o.row for o in found]
            of_standard.append(key | item_row(item, found, ground.county.cells))
        ranked = sorted(range(len(of_standard)), key=lambda i: of_standard[i]["differs"] is not True)
        for position, i in enumerate(ranked, 1):
            of_standard[i] |= {"position": position, "item_order": i}
        items += of_standard
        wholes.append(key | determination(of_standard))
    return tests, items, wholes

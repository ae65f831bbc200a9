"""County items from their tests, and the whole from its items. An item is met when all its tests that count are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.schema.county import CountyItem, Survey
from pipeline.schema.entry import Label
from pipeline.schema.model import Catalogue, Standard
from pipeline.tables.catalogue_tables import clause_of, polars_schema
from pipeline.verdicts import words
from pipeline.verdicts.ground import judged_standards
from pipeline.verdicts.result import MET, NO_DATA, NOT_APPLICABLE, STATES, UNMET

ITEM, WHOLE = "county_item", "county_determination"
TOLD = 3
"""Tests that the reason of an item tells of; items that the reason of the whole names."""
COUNTY = ["year", "standard_id", "county_code"]
_ORDER = {UNMET: 0, NO_DATA: 1, MET: 2, NOT_APPLICABLE: 3}
Row = Mapping[str, Any]


def county_items(catalogue: Catalogue, tests: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``county_item``: ``tests``, the table ``county_item_test``; ``cells``: what counties reported (``county_return``).

    Of a county's items of a standard, those that differ from what it declares stand first, then by the order of the standard.
    """
    said = {(row["year"], row["county_code"]): row for row in cells.iter_rows(named=True)}
    rows: list[dict[str, Any]] = []
    for standard in judged_standards(catalogue):
        own = tests.filter(pl.col("standard_id") == standard.id)
        for order, item in enumerate(standard.county_items):
            if item.tests:
                mine = own.filter(pl.col("item_id") == item.id)
                rows += _of_item(standard, item, order, _in_order(catalogue, standard, item, mine), said)
    schema = polars_schema(ITEM)
    made = pl.DataFrame(rows, schema={n: t for n, t in schema.items() if n != "position"}, orient="row")
    first = made.sort(*COUNTY, pl.col("differs").fill_null(False), "item_order", descending=[False] * 3 + [True, False])
    placed = first.with_columns((pl.int_range(pl.len()).over(COUNTY) + 1).alias("position"))
    return placed.select(pl.col(c).cast(t) for c, t in schema.items())


def _of_item(
    standard: Standard, item: CountyItem, order: int, ordered: pl.DataFrame, said: Mapping[tuple[int, str], Row]
) -> list[dict[str, Any]]:
    fixed = {
        "standard_id": standard.id, "item_id": item.id, "item_order": order, "item_no": item.item_no, "part": item.part,
        "label_zh": item.label.zh, "label_en": item.label.en, "decides": item.decides,
        "evidence_zh": item.evidence and item.evidence.zh, "evidence_en": item.evidence and item.evidence.en,
        "clause": clause_of(item.source), "grade": item.source.grade,
        "is_computed": any(test.counts and test.kind != "yes" for test in item.tests),
    }  # fmt: skip
    made = []
    for (year, county), group in ordered.group_by(["year", "county_code"], maintain_order=True):
        rows = group.to_dicts()
        told = said.get((year, county), {})
        made.append({"year": year, "county_code": county} | fixed | _judged(item, rows, told))
    return made


def _in_order(catalogue: Catalogue, standard: Standard, item: CountyItem, tests: pl.DataFrame) -> pl.DataFrame:
    """A county's tests of an item: those that count, unmet ones before those without data before met ones; within that, as the
    standard has its tests and the indicators of its gaps, and as the catalogue has its stages."""
    gaps = standard.gap.indicators if standard.gap else ()
    places = {name: n for n, name in enumerate([*(test.id for test in item.tests), *gaps])}
    stages = {stage: n for n, stage in enumerate(catalogue.stages, 1)} | {"": 0}
    return tests.sort(
        "year", "county_code", ~pl.col("counts"),
        pl.col("state").replace_strict(_ORDER, return_dtype=pl.Int64),
        pl.col("test_id").replace_strict(places, return_dtype=pl.Int64),
        pl.col("stage").replace_strict(stages, return_dtype=pl.Int64),
    )  # fmt: skip


def _judged(item: CountyItem, rows: Sequence[Row], told: Row) -> dict[str, Any]:
    """What an item comes to in one county: ``rows``, its tests, those that count first and the deciding one first of all."""
    counting = [row for row in rows if row["counts"]]
    verdict = whole_of([row["state"] for row in counting])
    cell = told.get(item.declared) if item.declared else None
    declared = None if cell is None else bool(cell) == item.declared_met_when
    differs = None if declared is None or verdict not in (MET, UNMET) else declared != (verdict == MET)
    why, first = _reason(verdict, counting), rows[0]
    if differs:
        why = words.joined([why, words.say("declared.differs", said=words.truth(bool(declared)))], "", "")
    other_side = _reported_otherwise(item, rows)
    if other_side:
        differs, why = True, words.joined([why, other_side], "", "")
    given = [str(told[name]).strip() for name in item.evidence_fields if told.get(name) is not None]
    relaxed = [Label.model_construct(zh=r["relaxed_zh"], en=r["relaxed_en"]) for r in counting if r["relaxed_zh"]]
    relaxed_words = words.joined(relaxed) if relaxed else None
    count = [row["state"] for row in counting]
    return {
        "verdict": verdict, "verdict_relaxed": whole_of([row["state_relaxed"] for row in counting]),
        "test_id": first["test_id"], "stage": first["stage"], "value": first["value"], "direction": first["direction"],
        "limit": first["limit"], "unit": first["unit"], "numerator": first["numerator"], "denominator": first["denominator"],
        "tests": len(count), "tests_met": count.count(MET), "tests_unmet": count.count(UNMET), "tests_missing": count.count(NO_DATA),
        "declared": declared, "differs": differs, "evidence_given": "；".join(t for t in given if t) or None,
        "reason_zh": why.zh, "reason_en": why.en, "relaxed_zh": relaxed_words and relaxed_words.zh,
        "relaxed_en": relaxed_words and relaxed_words.en,
    }  # fmt: skip


def _reported_otherwise(item: CountyItem, rows: Sequence[Row]) -> Label | None:
    """Words on a rate that the return reports on the other side of the limit than the register has it; None where it does not."""
    by_id = {row["test_id"]: row for row in rows}
    for test in item.tests:
        if isinstance(test, Survey) and test.id in by_id:
            held, said = by_id[test.id], by_id[test.stands_for]
            if {held["state"], said["state"]} == {MET, UNMET}:
                value = words.number(said["value"], said["limit"])
                return words.say("survey.differs", value=words.with_unit(value, test.unit))
    return None


def whole_of(states: Sequence[str]) -> str:
    """The state of several that must all hold: unmet as soon as one is, no data while one is, met where one applies."""
    return next((state for state in (UNMET, NO_DATA, MET) if state in states), NOT_APPLICABLE)


def _reason(verdict: str, counting: Sequence[Row]) -> Label:
    """Why: the reasons of the tests that decide; where all of several are met, only that."""
    if not counting:
        return words.say("item.untested")
    deciding = [row for row in counting if row["state"] == verdict]
    if verdict == MET and len(deciding) > 1:
        return words.say("item.met.all", n=len(deciding))
    told = [Label.model_construct(zh=row["reason_zh"], en=row["reason_en"]) for row in deciding[:TOLD]]
    rest = [words.say("every.rest")] if len(deciding) > TOLD else []
    return words.joined([words.joined(told), *rest], "", "")


# -- the whole ---------------------------------------------------------------------------------------------------------


def county_determinations(items: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``county_determination``: met only when every item that decides and applies is; unmet as soon as one is."""
    rows = []
    ordered = items.sort(*COUNTY, "item_order")
    for (year, standard, county), group in ordered.group_by(COUNTY, maintain_order=True):
        deciding = group.filter("decides").to_dicts()
        states, relaxed = [r["verdict"] for r in deciding], [r["verdict_relaxed"] for r in deciding]
        counts = {state: states.count(state) for state in STATES}
        why, why_relaxed = _why(deciding, "verdict"), _why(deciding, "verdict_relaxed")
        rows.append(
            {
                "year": year, "standard_id": standard, "county_code": county, "verdict": whole_of(states),
                "verdict_relaxed": whole_of(relaxed), "items": len(states), "items_met": counts[MET], "items_unmet": counts[UNMET],
                "items_missing": counts[NO_DATA], "items_not_applicable": counts[NOT_APPLICABLE],
                "items_met_relaxed": relaxed.count(MET), "items_differing": sum(bool(d) for d in group["differs"]),
                "reason_zh": why.zh, "reason_en": why.en, "reason_relaxed_zh": why_relaxed.zh, "reason_relaxed_en": why_relaxed.en,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema=polars_schema(WHOLE), orient="row")


def _why(items: Sequence[Row], column: str) -> Label:
    verdict = whole_of([row[column] for row in items])
    deciding = [row for row in items if row[column] == verdict]
    names = [
        Label.model_construct(zh=f"{r['item_no']} {r['label_zh']}", en=f"{r['item_no']} {r['label_en']}")
        for r in deciding
    ]
    rest = [words.say("every.rest")] if len(names) > TOLD else []
    named = words.joined([words.joined(names[:TOLD]), *rest], "", "")
    return words.say(f"county.{verdict}", n=len(names), named=named)

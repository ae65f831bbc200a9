"""Verdicts on counties for releases made by hand: one county with every state, relaxations and declarations that differ,
one that meets everything, one of which nothing came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.schema.county import CountyItem
from pipeline.schema.model import Standard
from tests.reports.release_maker import Maker

STATES = ("unmet", "met", "no_data", "not_applicable")
FIELDS = ("items_met", "items_unmet", "items_missing", "items_not_applicable")
COUNTED = dict(zip(("met", "unmet", "no_data", "not_applicable"), FIELDS, strict=True))
EXPIRES = "2027-09-01"
RELAXED = 4
"""The number of the item (in the standard's order) that a relaxation turns from unmet to met."""


def add_verdicts(maker: Maker, year: int, kinds: Mapping[str, str]) -> None:
    """``kinds``: by county mixed (items go through the states in turn), met or no_data."""
    for standard in maker.catalogue.standards.values():
        for county, kind in kinds.items() if standard.county_items else ():
            _county(maker, year, county, standard, kind)


def _county(maker: Maker, year: int, county: str, standard: Standard, kind: str) -> None:
    items = []
    for order, item in enumerate(standard.county_items):
        state = STATES[order % len(STATES)] if kind == "mixed" else kind
        is_turned = kind == "mixed" and order == RELAXED
        row = {"year": year, "standard_id": standard.id, "county_code": county, "item_id": item.id}
        tests = [_test(maker, row, item, n, state, is_turned) for n in range(len(item.tests))]
        items.append(_item(row, item, order, state, is_turned, tests, kind))
    items.sort(key=lambda i: (not i["differs"], i["item_order"]))
    for position, row in enumerate(items, 1):
        maker.add("county_item", **row, position=position)
    _whole(maker, year, county, standard, items)
    if kind == "mixed":
        _relief(maker, year, county, standard)


def _test(maker: Maker, row: dict[str, Any], item: CountyItem, n: int, state: str, is_turned: bool) -> dict[str, Any]:
    test = item.tests[n]
    is_known = state in ("met", "unmet")
    made = {
        **row, "test_id": test.id, "stage": "", "label_zh": test.label.zh, "label_en": test.label.en, "kind": test.kind,
        "counts": test.counts, "state": state, "state_relaxed": "met" if is_turned else state,
        "value": (0.50004 if state == "unmet" else 0.4) if is_known else None, "direction": "<=", "limit": 0.5, "unit": "人 / persons",
        "numerator": 3.0 if is_known else None, "denominator": 7.0 if is_known else None, "reason_zh": f"{test.label.zh}理由",
        "reason_en": f"{test.label.en} reason", "clause": "第七条 / art. 7", "grade": "V2",
    }  # fmt: skip
    if is_turned:
        made |= {"relaxed_zh": f"按放宽口径（{EXPIRES} 到期）", "relaxed_en": f"by a relaxation (expires {EXPIRES})"}
    maker.add("county_item_test", **made)
    return made


def _item(
    row: dict[str, Any],
    item: CountyItem,
    order: int,
    state: str,
    is_turned: bool,
    tests: list[dict[str, Any]],
    kind: str,
) -> dict[str, Any]:
    declared = True if item.declared and kind != "no_data" else None
    differs = None if declared is None or state not in ("met", "unmet") else state == "unmet"
    first = tests[0] if tests else dict.fromkeys(("value", "limit", "unit", "numerator", "denominator"))
    keys = ("value", "limit", "unit", "numerator", "denominator")
    return row | {
        "item_order": order, "item_no": item.item_no, "part": item.part, "label_zh": item.label.zh, "label_en": item.label.en,
        "decides": item.decides, "is_computed": order % 3 > 0, "verdict": state, "verdict_relaxed": "met" if is_turned else state,
        "test_id": first.get("test_id") or "", "stage": "", "direction": "<=", **{k: first[k] for k in keys},
        "tests": len(tests), "tests_met": len(tests) * (state == "met"), "tests_unmet": len(tests) * (state == "unmet"),
        "tests_missing": len(tests) * (state == "no_data"), "declared": declared, "differs": differs,
        "evidence_zh": item.evidence.zh if item.evidence else None, "evidence_en": item.evidence.en if item.evidence else None,
        "evidence_given": "布局图.pdf" if declared and order % 2 else None, "reason_zh": f"{item.label.zh}的理由",
        "reason_en": f"why {item.label.en}", "relaxed_zh": f"按放宽口径（{EXPIRES} 到期）" if is_turned else None,
        "relaxed_en": f"by a relaxation (expires {EXPIRES})" if is_turned else None, "clause": "第七条 / art. 7", "grade": "V2",
    }  # fmt: skip


def _whole(maker: Maker, year: int, county: str, standard: Standard, items: list[dict[str, Any]]) -> None:
    states = [i["verdict"] for i in items if i["decides"]]
    verdict = next((s for s in ("unmet", "no_data", "met") if s in states), "not_applicable")
    maker.add(
        "county_determination", year=year, standard_id=standard.id, county_code=county, verdict=verdict, verdict_relaxed=verdict,
        items=len(states), **{COUNTED[s]: states.count(s) for s in COUNTED},
        items_met_relaxed=sum(i["verdict_relaxed"] == "met" for i in items if i["decides"]),
        items_differing=sum(bool(i["differs"]) for i in items), reason_zh="全县的理由", reason_en="the county’s reason",
        reason_relaxed_zh="放宽后的理由", reason_relaxed_en="reason when relaxed",
    )  # fmt: skip


def _relief(maker: Maker, year: int, county: str, standard: Standard) -> None:
    for relaxation in standard.relaxations[:1]:
        for state, expires in (("in_force", EXPIRES), ("expired", "2024-08-31")):
            maker.add(
                "relaxation", year=year, standard_id=standard.id, relaxation_id=relaxation.id, school_id=f"{county}p0001",
                starts="2022-09-01" if state == "expired" else "2024-09-01", county_code=county, expires=expires, granted_to="school",
                basis="市教发〔2024〕9号", label_zh=relaxation.label.zh, label_en=relaxation.label.en, item_id=relaxation.item,
                state=state, is_needed=state == "in_force", due=expires if state == "in_force" else None, grade="I",
            )  # fmt: skip

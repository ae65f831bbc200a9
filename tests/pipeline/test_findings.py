"""Findings: their shape, their words in two languages, their ids."""

from __future__ import annotations

from string import Formatter

import polars as pl
import pytest

from pipeline import findings
from pipeline.findings import READING_RULES, of_reading

HOLES = {
    "found", "expected", "label_zh", "label_en", "why_zh", "why_en", "pupils", "near_zh", "near_en", "year", "county",
    "expected_code", "expected_schools", "said", "total", "header", "rows",
    "count", "form", "here", "kind_en", "kind_zh", "kinds_en", "kinds_zh", "more_en", "more_zh", "other", "there", "what_en", "what_zh",
}  # fmt: skip
PLACE = {"submission_id": "s", "part": "p", "row": 7, "cell": "C7", "year": 2025}


@pytest.mark.parametrize("rule_id", READING_RULES)
def test_a_finding_of_reading_has_words_in_both_languages_and_no_holes_left(rule_id: str) -> None:
    finding = of_reading(rule_id, PLACE, **dict.fromkeys(HOLES, "{值}"))
    for key in ("message_zh", "message_en", "mend_zh", "mend_en"):
        text = str(finding[key]).replace("{值}", "")
        assert text and "{" not in text
    assert finding["severity"] in ("critical", "warning", "info")
    assert finding | PLACE == finding


@pytest.mark.parametrize("rule_id", READING_RULES)
def test_the_words_of_reading_have_only_known_holes(rule_id: str) -> None:
    rule = READING_RULES[rule_id]
    for text in (rule.zh, rule.en, rule.expected):
        assert {hole for _, hole, _, _ in Formatter().parse(text) if hole} <= HOLES
    assert "{" not in rule.mend_zh + rule.mend_en


def test_braces_in_a_cell_do_no_harm() -> None:
    finding = of_reading("not_a_number", PLACE, found="{0} {x", label_zh="书", label_en="Books", expected="")
    assert finding["message_en"] == "“Books” must be a number but is “{0} {x”"


def test_a_frame_of_findings_has_all_columns_and_nulls_where_nothing_is_said() -> None:
    frame = findings.frame([of_reading("school_id_missing", PLACE)])
    assert frame.schema == findings.SCHEMA
    assert frame["school_id"].to_list() == [None]
    assert findings.frame([]).schema == findings.SCHEMA


def test_ids_are_the_same_in_every_order_and_a_finding_stands_once() -> None:
    rows = [of_reading("row_ragged", PLACE | {"row": n, "cell": f"C{n}"}, found=9, expected=8) for n in (3, 4, 5, 3)]
    one = findings.with_ids(findings.frame(rows))
    other = findings.with_ids(findings.frame(reversed(rows)))
    assert one.equals(other)
    assert one["row"].to_list() == [3, 4, 5]
    assert one["finding_id"].n_unique() == 3


@pytest.mark.parametrize("key", ["submission_id", "part", "row", "cell", "field", "school_id", "found"])
def test_an_id_tells_apart_what_differs_in(key: str) -> None:
    base = {**of_reading("row_ragged", PLACE, found="9", expected=8), "field": "f", "school_id": "1"}
    other = base | {key: 8 if key == "row" else "other"}
    assert findings.with_ids(findings.frame([base, other])).height == 2


def test_findings_without_place_have_ids_too() -> None:
    empty = pl.DataFrame([dict.fromkeys(findings.SCHEMA)], schema=findings.SCHEMA)
    assert findings.with_ids(empty)["finding_id"].null_count() == 0

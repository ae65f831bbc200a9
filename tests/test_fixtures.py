"""Every rule of reading, and every trap that real files hold, on the smallest files that show it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from pipeline.findings import READING_RULES
from pipeline.store.parts import KINDS
from tests.fixtures_home import FixtureHome, Outcome, fixture_folders

READING, TRAPS = fixture_folders("reading"), fixture_folders("traps")


def accounted(outcome: Outcome) -> None:
    """Every row read is accepted, quarantined, filtered or no data."""
    parts = outcome.ledger.submission_part
    assert (
        parts["rows_read"].to_list()
        == parts.select(pl.sum_horizontal(f"rows_{k}" for k in KINDS)).to_series().to_list()
    )
    assert parts["rows_read"].sum() == outcome.rows.height


def test_every_rule_of_reading_has_a_fixture_and_every_fixture_a_rule() -> None:
    assert sorted(READING) == sorted(READING_RULES)


def test_every_rule_of_reading_is_documented() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert [name for name in READING_RULES if f"`{name}`" not in page] == []


@pytest.mark.parametrize("rule_id", READING)
def test_the_smallest_file_makes_its_rule_find_something(rule_id: str, tmp_path: Path) -> None:
    outcome = FixtureHome(READING[rule_id], tmp_path).take_in()
    found = outcome.of(rule_id)
    assert found, outcome.found
    assert {f["severity"] for f in found} == {READING_RULES[rule_id].severity}
    assert all(f["message_zh"] and f["message_en"] and f["mend_zh"] and f["mend_en"] for f in found)
    accounted(outcome)


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_comes_to_what_its_fixture_says(name: str, tmp_path: Path) -> None:
    fixture = FixtureHome(TRAPS[name], tmp_path)
    about, outcome = fixture.about, fixture.take_in()
    assert about["shows"]["zh"] and about["shows"]["en"]
    assert set(about.get("finds", [])) <= outcome.found, outcome.found
    assert outcome.found.isdisjoint(about.get("not", [])), outcome.found
    assert {where: outcome.value(where) for where in about.get("values", {})} == about.get("values", {})
    became = Counter(outcome.rows["disposition"])
    assert {kind: became[kind] for kind in about.get("rows", {})} == about.get("rows", {})
    accounted(outcome)

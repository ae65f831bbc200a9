"""Withdrawals and corrections in whole runs: what changes, what comes back to the bit, and what a strict run refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.schema import load_catalogue
from pipeline.store.home import Home
from pipeline.store.receipts import receive
from tests.homes import junheng, query, run
from tests.pipeline.test_ledger import ONE, A, B, school, schools, stages

FIGURES = "select * exclude (trace_id) from gap_coefficient order by all"
CORRECTION = """
- {id: c1, year: 2025, school: "%s", field: books, old: %s, new: 120, reason: 少写, source: 来函, date: 2026-03-05, author: 王}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county of which the schools came twice: 100 books in the first school, then 300."""
    made = Home(tmp_path_factory.mktemp("changes"))
    made.claim(load_catalogue())
    inbox = made.inbox / "2025"
    inbox.mkdir()
    both = (A, "小学", 90), (B, "小学", 80)
    (inbox / "stages.csv").write_text(stages(*((ONE, *row) for row in both)), encoding="utf-8")
    for books in (100, 300):
        text = schools(school(ONE, A, books=books), school(ONE, B, books=200))
        (inbox / "schools.csv").write_text(text, encoding="utf-8")
        receive(made)
    published(made.path)
    return made.path


def manifest(home: Path) -> dict[str, Any]:
    return dict(json.loads((home / "releases" / "latest" / "manifest.json").read_text(encoding="utf-8")))


def published(home: Path, *options: object) -> None:
    """A run that publishes."""
    result = junheng("run", "--home", home, *options)
    assert result.exit_code == 0, result.output


def books(home: Path) -> list[float]:
    return [row["books"] for row in query(home, "select books from school_total order by school_id")]


def test_a_withdrawal_and_its_reversal_give_the_earlier_content_hash(home: Path) -> None:
    before, figures = manifest(home), query(home, FIGURES)
    assert books(home) == [300, 200]
    assert junheng("withdraw", "--home", home, "2025/schools.csv", "--reason", "填错了").exit_code == 0
    assert manifest(home) == before, "nothing changes until the next run"
    published(home)
    assert books(home) == [100, 200]
    assert manifest(home)["content_hash"] != before["content_hash"]
    assert query(home, FIGURES) != figures
    (said,) = query(home, "select message_en from finding where rule_id = 'withdrawn_for_another'")
    assert "填错了" in said["message_en"] and "2025/schools.csv" in said["message_en"]
    assert run(home).exit_code == 3
    assert junheng("withdraw", "--home", home, "--undo", "2025/schools.csv", "--reason", "核对无误").exit_code == 0
    published(home)
    after = manifest(home)
    assert after["content_hash"] == before["content_hash"]
    assert query(home, FIGURES) == figures
    assert [entry["action"] for entry in after["withdrawals"]] == ["withdraw", "undo"]


def test_a_correction_is_published_with_its_file_and_a_strict_run_refuses_one_that_does_not_hold(home: Path) -> None:
    (home / "corrections").mkdir()
    file = home / "corrections" / "books.yaml"
    file.write_text(CORRECTION % (A, 1), encoding="utf-8")
    before = manifest(home)
    refused = junheng("run", "--home", home, "--strict")
    assert refused.exit_code == 1
    assert "corrections_hold" in refused.output and "c1" in refused.output
    assert manifest(home) == before
    file.write_text(CORRECTION % (A, 300), encoding="utf-8")
    published(home, "--strict")
    assert books(home) == [120, 200]
    (row,) = query(home, "select * from correction")
    assert (row["is_applied"], row["old_value"], row["new_value"], row["reason"]) == (True, "300", "120", "少写")
    after = manifest(home)
    assert set(after["corrections"]) == {"books.yaml"}
    assert "corrections/books.yaml" in after["files"]
    traced = junheng("trace", "--home", home, "--year", 2025, "--school", A, "--indicator", "books_per_pupil")
    assert "300 → 120" in traced.output and "少写" in traced.output and "2026-03-05" in traced.output
    checked = junheng("check", home / "inbox" / "2025" / "schools.csv", "--json")
    assert "correction" not in checked.output, "a file is checked as it was sent"
    file.write_text("- [", encoding="utf-8")
    broken = run(home)
    assert broken.exit_code == 1 and "corrections/books.yaml" in broken.output
    assert manifest(home) == after

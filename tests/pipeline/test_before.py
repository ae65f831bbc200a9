"""The year before: a year is validated anew when what counted before it changed, and what counted is what is read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from expectations.year import validate_year
from pipeline.release.version import code_digest
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.before import facts_before
from pipeline.store.home import Home
from pipeline.store.ingest import fingerprint, ingest_year, is_fresh
from pipeline.store.receipts import receive

HEADER = "县级行政区划代码,学校标识码,学校名称,办学类型,图书（册）\n"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def home(tmp_path: Path, catalogue: Catalogue) -> Home:
    home = Home(tmp_path / "home")
    home.claim(catalogue)
    return home


def sent(home: Home, year: int, name: str, books: int, school: str = "2199010101") -> None:
    folder = home.inbox / str(year)
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"{HEADER}990101,{school},明德小学,211,{books}\n", encoding="utf-8")
    receive(home, [year])


def validated(home: Home, catalogue: Catalogue, year: int) -> list[str]:
    """Names of the rules that fire on a year."""
    ingest_year(home, catalogue, year)
    validate_year(home, catalogue, year)
    return pl.read_parquet(home.rows(year) / "rule_findings.parquet")["rule_id"].to_list()


def test_a_year_is_stale_when_files_of_the_year_before_came_and_not_the_other_way(
    home: Home, catalogue: Catalogue
) -> None:
    sent(home, 2024, "a.csv", 20_000)
    sent(home, 2025, "a.csv", 20_000)
    first, second = (fingerprint(home, catalogue, "code", year) for year in (2024, 2025))
    sent(home, 2025, "b.csv", 21_000)
    assert fingerprint(home, catalogue, "code", 2024) == first
    assert (now := fingerprint(home, catalogue, "code", 2025)) != second
    sent(home, 2024, "b.csv", 21_000)
    assert fingerprint(home, catalogue, "code", 2025) != now


def test_what_counted_the_year_before_is_compared(home: Home, catalogue: Catalogue) -> None:
    sent(home, 2024, "a.csv", 20_000)
    sent(home, 2025, "a.csv", 2_000)
    assert "resources_steady" not in validated(home, catalogue, 2024)
    assert "resources_steady" in validated(home, catalogue, 2025)
    sent(home, 2024, "a.csv", 2_100)
    validated(home, catalogue, 2024)
    assert "resources_steady" not in validated(home, catalogue, 2025)


def test_what_was_quarantined_the_year_before_is_not_compared(home: Home, catalogue: Catalogue) -> None:
    sent(home, 2024, "a.csv", -20_000)
    sent(home, 2025, "a.csv", 2_000)
    assert "counts_of_things_not_negative" in validated(home, catalogue, 2024)
    validated(home, catalogue, 2025)
    assert facts_before(home, catalogue, code_digest(), 2025).school["books"].drop_nulls().to_list() == []


def test_a_year_stays_stale_until_the_year_before_it_is_validated(home: Home, catalogue: Catalogue) -> None:
    sent(home, 2024, "a.csv", 20_000)
    sent(home, 2025, "a.csv", 2_000)
    assert "resources_steady" not in validated(home, catalogue, 2025)
    assert not is_fresh(home, catalogue, code_digest(), 2025)
    validated(home, catalogue, 2024)
    assert "resources_steady" in validated(home, catalogue, 2025)
    assert is_fresh(home, catalogue, code_digest(), 2025)

"""Files of every layout, damaged at random: whatever comes is rows, findings with a place, or a file that says it is unreadable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.account import open_parts
from pipeline.findings import frame
from pipeline.returns.reader import read_file
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year, write_parquet
from pipeline.store.receipts import receive
from pipeline.tables.working import write_ledger
from tests.layouts.good_files import good_files
from tests.mutations import Damage, read

EACH = 25
"""Mutations of each file here; ``python -m tests.bench.mutations`` makes thousands."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_every_layout_has_a_good_file(catalogue: Catalogue) -> None:
    read = {read_file(data, name, year, catalogue).layout_id for name, (data, year) in good_files().items()}
    assert read == set(catalogue.layouts)


@pytest.mark.parametrize("name", good_files())
def test_a_good_file_is_good(catalogue: Catalogue, name: str) -> None:
    data, year = good_files()[name]
    result = read_file(data, name, year, catalogue)
    assert result.status == "accepted"
    assert not [f for f in result.all_findings() if f["severity"] == "critical"]


@pytest.mark.parametrize("name", good_files())
def test_whatever_happens_to_a_file_ends_in_rows_and_findings(catalogue: Catalogue, name: str) -> None:
    data, year = good_files()[name]
    damage, became = Damage(data, 11), Counter[str]()
    for number in range(EACH):
        mutation = damage()
        try:
            became[read(mutation, catalogue, year).status] += 1
        except Exception as error:
            error.add_note(f"{name}, mutation {number}: {mutation.what}")
            raise
    assert became.total() == EACH and became["accepted"] and became["unreadable"], became


def test_damaged_files_of_all_layouts_together_leave_an_account_that_closes(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    home.claim(catalogue)
    for name, (data, year) in good_files().items():
        folder = home.inbox / str(year)
        folder.mkdir(parents=True, exist_ok=True)
        damage = Damage(data, 23)
        for number in range(6):
            (folder / f"{number}-{name}").write_bytes(damage().data)
    receive(home)
    for year in {year for _, year in good_files().values()}:
        ingest_year(home, catalogue, year)
        write_parquet(frame([]), home.rows(year) / "rule_findings.parquet")
    write_ledger(home, catalogue)
    assert open_parts(home) == []

"""Validation of one collection year of a home: reads its typed rows, writes ``rule_findings`` beside them."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import polars as pl

from expectations.validate import validate
from pipeline.release.version import code_digest
from pipeline.schema.model import Catalogue
from pipeline.store.before import facts_before
from pipeline.store.home import Home
from pipeline.store.ingest import RECORDS, compares_years, is_fresh, mark_fresh, write_parquet
from pipeline.store.receipts import all_receipts


def validate_year(home: Home, catalogue: Catalogue, year: int) -> dict[str, int]:
    """Validates the typed rows of a year; returns how many findings of each severity the rules made.

    Rules that compare with the year before see what counted then; years are therefore validated in ascending order, and
    a year stays marked as stale while the one before it is. Suites and results are kept in ``validation/`` beside the rows. Raises FaultError when a rule cannot be evaluated.
    """
    folder = home.rows(year)
    frames = {record: pl.read_parquet(folder / f"{record}.parquet") for record in RECORDS}
    cells = json.loads((folder / "cells.json").read_text(encoding="utf-8"))
    reading = pl.read_parquet(folder / "reading_findings.parquet")
    shutil.rmtree(folder / "validation", ignore_errors=True)
    before = facts_before(home, catalogue, code_digest(), year) if compares_years(catalogue) else None
    found = validate(frames, catalogue, cells, reading, keep=folder / "validation", before=before)
    write_parquet(found, folder / "rule_findings.parquet")
    if before is None or _is_settled(home, catalogue, year - 1):
        mark_fresh(home, catalogue, code_digest(), year)
    return dict(sorted(Counter(found["severity"]).items()))


def _is_settled(home: Home, catalogue: Catalogue, year: int) -> bool:
    """Whether a year is validated as things stand, or nothing of it has come."""
    came = any(receipt.year == year for receipt in all_receipts(home))
    return not came or is_fresh(home, catalogue, code_digest(), year)

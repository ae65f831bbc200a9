"""Validation of one collection year of a home: reads its typed rows, writes ``rule_findings`` beside them."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import polars as pl

from expectations.validate import validate
from pipeline.release.version import code_digest
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import RECORDS, mark_fresh, write_parquet


def validate_year(home: Home, catalogue: Catalogue, year: int) -> dict[str, int]:
    """Validates the typed rows of a year; returns how many findings of each severity the rules made.

    Suites and results are kept in ``validation/`` beside the rows. Raises FaultError when a rule cannot be evaluated.
    """
    folder = home.rows(year)
    frames = {record: pl.read_parquet(folder / f"{record}.parquet") for record in RECORDS}
    cells = json.loads((folder / "cells.json").read_text(encoding="utf-8"))
    reading = pl.read_parquet(folder / "reading_findings.parquet")
    shutil.rmtree(folder / "validation", ignore_errors=True)
    found = validate(frames, catalogue, cells, reading, keep=folder / "validation")
    write_parquet(found, folder / "rule_findings.parquet")
    mark_fresh(home, catalogue, code_digest(), year)
    return dict(sorted(Counter(found["severity"]).items()))

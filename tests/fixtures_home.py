"""Fixtures that are the files of a home: the smallest that shows a rule of reading, or a trap that real files hold.

``tests/fixtures/reading/<rule id>/`` must make that rule find something; ``tests/fixtures/traps/<name>/fixture.yaml`` says what must
come of it. A folder holds files as they would lie in a home (``inbox/2025/…``, ``roster/2025.csv``, …). What is no text is
written as text: ``x.xlsx.yaml`` is a workbook, ``x.csv.hex`` are bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from ruamel.yaml import YAML

from expectations.year import validate_year
from pipeline import findings
from pipeline.schema import Catalogue, load_catalogue
from pipeline.store.home import Home
from pipeline.store.ingest import ingest_year, write_parquet
from pipeline.store.ledger import Ledger, derive
from pipeline.store.receipts import all_receipts, receive
from pipeline.store.roster import with_rosters

FOLDER = Path(__file__).parent / "fixtures"
CATALOGUES = Path(__file__).parent / "catalogues"
ABOUT = "fixture.yaml"


def fixture_folders(kind: str) -> dict[str, Path]:
    """Folders of ``tests/fixtures/<kind>`` by name."""
    folder = FOLDER / kind
    return {path.name: path for path in sorted(folder.iterdir()) if path.is_dir()} if folder.is_dir() else {}


@dataclass(frozen=True)
class Outcome:
    """What came of a fixture: ``finding`` and the other tables of the ledger; ``rows``: every source row read."""

    ledger: Ledger
    rows: pl.DataFrame

    @property
    def found(self) -> set[str]:
        return set(self.ledger.finding["rule_id"])

    def of(self, rule_id: str) -> list[dict[str, Any]]:
        """Findings of one rule."""
        return self.ledger.finding.filter(pl.col("rule_id") == rule_id).to_dicts()

    def value(self, where: str) -> Any:
        """A cell that counts: ``<school>.<field>``, ``<school>.<stage>.<field>`` or ``county.<field>``."""
        school, *stage, field = where.split(".")
        if school == "county":
            return self.ledger.county_return[field].to_list()[0]
        frame = self.ledger.units["stage" if stage else "school"].filter(pl.col("school_id") == school)
        if stage:
            frame = frame.filter(pl.col("stage") == stage[0])
        assert frame.height == 1, f"{where}: {frame.height} rows"
        return frame[field].to_list()[0]


class FixtureHome:
    """One fixture in a home of its own."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder, self.home = folder, Home(target)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What ``fixture.yaml`` says; empty where there is none."""
        path = self.folder / ABOUT
        return dict(YAML(typ="safe").load(path.read_text(encoding="utf-8"))) if path.exists() else {}

    @cached_property
    def catalogue(self) -> Catalogue:
        named = self.about.get("catalogue")
        loaded = load_catalogue(CATALOGUES / named) if named else load_catalogue()
        return with_rosters(loaded, self.home)

    def write(self) -> None:
        """Puts the fixture's files into the home."""
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file() and p.name != ABOUT):
            relative = path.relative_to(self.folder)
            target = self.home.path / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.name.endswith(".xlsx.yaml"):
                spec = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
                write_workbook(target.with_name(path.name.removesuffix(".yaml")), spec)
            elif path.suffix == ".hex":
                data = bytes.fromhex(path.read_text(encoding="ascii"))
                target.with_name(path.name.removesuffix(".hex")).write_bytes(data)
            else:
                shutil.copyfile(path, target)

    def take_in(self) -> Outcome:
        """Receives, reads and (where the fixture asks for rules) validates; then what counts is derived."""
        self.write()
        self.home.claim(self.catalogue)
        receive(self.home)
        years = sorted({receipt.year or 0 for receipt in all_receipts(self.home)})
        for year in years:
            ingest_year(self.home, self.catalogue, year)
            if self.about.get("rules"):
                validate_year(self.home, self.catalogue, year)
            else:
                write_parquet(findings.frame([]), self.home.rows(year) / "rule_findings.parquet")
        rows = [pl.read_parquet(self.home.rows(year) / "rows.parquet") for year in years]
        return Outcome(derive(self.home, self.catalogue), pl.concat(rows))


def write_workbook(path: Path, spec: Mapping[str, Any]) -> None:
    """A workbook from its description: sheets with name, rows, hidden, hidden_rows (1-based), merges, formats by cell."""
    with xlsxwriter.Workbook(path) as workbook:
        for sheet in spec["sheets"]:
            worksheet = workbook.add_worksheet(sheet["name"])
            formats = {
                cell: workbook.add_format({"num_format": text}) for cell, text in sheet.get("formats", {}).items()
            }
            for reference in sheet.get("merges", []):
                worksheet.merge_range(reference, "")
            for row, cells in enumerate(sheet["rows"]):
                for column, value in enumerate(cells):
                    address = xlsxwriter.utility.xl_rowcol_to_cell(row, column)
                    _write(worksheet, row, column, value, formats.get(address))
            for number in sheet.get("hidden_rows", []):
                worksheet.set_row(number - 1, None, None, {"hidden": True})
            if sheet.get("hidden"):
                worksheet.hide()


def _write(worksheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, Mapping):
        worksheet.write_formula(row, column, value["formula"], style, value.get("value", ""))
    elif isinstance(value, str):
        worksheet.write_string(row, column, value, style)
    else:
        worksheet.write(row, column, value, style)

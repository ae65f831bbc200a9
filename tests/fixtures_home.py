"""Fixtures that are the files of a home: the smallest that shows a rule of reading, or a trap that real files hold.

``tests/fixtures/reading/<rule id>/`` must make that rule find something; ``tests/fixtures/traps/<name>/fixture.yaml`` says what must
come of it. A folder holds files as they would lie in a home (``inbox/2025/…``, ``roster/2025.csv``, …). What is no text is
written as text: ``x.xlsx.yaml`` is a workbook, ``x.csv.hex`` are bytes, ``x.zip.yaml`` a container of so many parts, ``x.ods.yaml`` a
table of so many equal cells, ``x.csv.link`` a link to the target that it names.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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
            writer = WRITERS.get("".join(path.suffixes[-2:])) or WRITERS.get(path.suffix)
            if writer is None:
                shutil.copyfile(path, target)
            else:
                writer(target.with_name(path.stem), path.read_text(encoding="utf-8"))

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


def write_workbook(path: Path, text: str) -> None:
    """A workbook from its description: sheets with name, rows, hidden, hidden_rows (1-based), merges, formats by cell."""
    spec = YAML(typ="safe").load(text)
    with xlsxwriter.Workbook(path) as workbook:
        workbook.set_properties({"created": datetime(2025, 9, 1, tzinfo=UTC)})  # the same bytes whenever they are made
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


def _write_container(path: Path, text: str) -> None:
    """A zip container of ``parts`` empty parts, the last of which says that it unpacks to ``declares`` bytes."""
    spec = YAML(typ="safe").load(text)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(spec["parts"]):
            archive.writestr(str(number), b"")
    data = bytearray(target.getvalue())
    size = data.rfind(b"PK\x01\x02") + 24
    data[size : size + 4] = int(spec.get("declares", 0)).to_bytes(4, "little")
    path.write_bytes(bytes(data))


_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)
_TABLE = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{_ODF}:office:1.0" '
    f'xmlns:table="{_ODF}:table:1.0" xmlns:text="{_ODF}:text:1.0" office:version="1.2"><office:body>'
    '<office:spreadsheet><table:table table:name="S"><table:table-row table:number-rows-repeated="ROWS">'
    '<table:table-cell office:value-type="string" table:number-columns-repeated="COLUMNS"><text:p>x</text:p>'
    "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)


def write_repeating(path: Path, text: str) -> None:
    """A few bytes of ODS that say one cell is repeated over ``rows`` and ``columns``."""
    spec = YAML(typ="safe").load(text)
    content = _TABLE.replace("ROWS", str(spec["rows"])).replace("COLUMNS", str(spec["columns"]))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", content)


WRITERS: dict[str, Callable[[Path, str], object]] = {
    ".xlsx.yaml": write_workbook,
    ".zip.yaml": _write_container,
    ".ods.yaml": write_repeating,
    ".hex": lambda path, text: path.write_bytes(bytes.fromhex(text)),
    ".link": lambda path, text: path.symlink_to(text.strip()),
}
"""How a file is made of the text of a fixture, by the ending of the fixture's name."""


def read_findings(home: Home, year: int) -> list[str]:
    """Rules that found something while the files of a year were read."""
    return list(pl.read_parquet(home.rows(year) / "reading_findings.parquet")["rule_id"])

"""Fixtures of the rules: a sound return as a workbook, and for each rule the same return with the least that breaks it.

All fixtures stand in one workbook, each with schools of its own, which is written and read once; then each counts as a file
of its own, so that all are validated in one batch a record type and step. The county's sheet, which has one row, is read
once and changed as typed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import load_workbook
from ruamel.yaml import YAML

from expectations import validate
from pipeline import findings
from pipeline.forms import write_return
from pipeline.forms.columns import columns_of
from pipeline.forms.sheets import first_data_row
from pipeline.returns.reader import FileRows, read_file
from pipeline.returns.table import column_letter
from pipeline.schema import Catalogue
from pipeline.schema.entry import RecordType
from pipeline.schema.layout import Sheet
from pipeline.store.facts import IN_YEAR, Facts, facts_of
from pipeline.store.ingest import frames_of, typed_schema

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "rules"
YEAR = 2025
COUNTY = "990101"
VALUES = "D"
"""Column of the county's sheet in which the figures stand."""
PREFIX = {"P": "21", "N": "31", "T": "21"}

Part = dict[str, dict[str, Any]]
"""Label of a row → its cells."""


def loaded(name: str) -> Any:
    """A fixture file."""
    return YAML(typ="safe", pure=True).load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


BASE = loaded("_base")
NAMES = sorted(path.stem for path in FOLDER.glob("[a-z]*.yaml"))
PARTS = ("schools", "stages", "classes", "rooms", "county")


@dataclass(frozen=True)
class Fixture:
    """One rule's return: its name, its number among all (schools have codes of their own), what it says."""

    name: str
    number: int
    spec: Mapping[str, Any]

    @cached_property
    def codes(self) -> dict[str, str]:
        """Label of a school → its code."""
        own = {label: f"{PREFIX[label]}99{self.number:03d}{i:03d}" for i, label in enumerate(BASE["schools"], 1)}
        return own | self.spec.get("rename", {})

    @cached_property
    def rows(self) -> dict[str, Part]:
        """The base return with what the fixture removes, copies and changes."""
        rows: dict[str, Part] = {part: copy.deepcopy(BASE[part]) for part in PARTS}
        for part, labels in self.spec.get("remove", {}).items():
            for label in labels:
                del rows[part][label]
        for part, copies in self.spec.get("copy", {}).items():
            for label, what in copies.items():
                rows[part][label] = rows[part][what["of"]] | what["with"]
        return _changed(rows, self.spec.get("change", {}))

    @cached_property
    def rows_before(self) -> dict[str, Part]:
        """What counted the year before."""
        rows = {part: copy.deepcopy(BASE[part]) for part in ("schools", "stages")}
        return _changed(_changed(rows, BASE["before"]), self.spec.get("before", {}))

    def cells_of(self, part: str, label: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row's cells with its school's code."""
        school = {"school_id": self.codes[row.get("school", label)]} if part != "county" else {}
        cells = {
            key: self.codes.get(value, value) if key.endswith("school_id") else value for key, value in row.items()
        }
        return school | {key: value for key, value in cells.items() if key != "school"}


def _changed(rows: dict[str, Part], changes: Mapping[str, Part]) -> dict[str, Part]:
    for part, of_rows in changes.items():
        for label, cells in of_rows.items():
            rows[part][label] |= cells
    return rows


def fixtures() -> list[Fixture]:
    """The sound return, then a fixture a rule."""
    return [Fixture("_base", 0, {}), *(Fixture(name, i, loaded(name)) for i, name in enumerate(NAMES, 1))]


@dataclass(frozen=True)
class Together:
    """All fixtures in one workbook: ``owners`` says of each part whose row is which, and which one of them, in order."""

    catalogue: Catalogue
    given: list[Fixture]
    path: Path

    @cached_property
    def owners(self) -> dict[str, list[tuple[str, str]]]:
        parts = [part for part in PARTS if part != "county"]
        return {part: [(f.name, label) for f in self.given for label in f.rows[part]] for part in parts}

    def sheet(self, part: str) -> Sheet:
        return next(s for s in self.catalogue.layouts["own"].sheets if s.part == part)

    def owner(self, part: str, row: int) -> str:
        """Whose row of a sheet it is."""
        return self.owners[part][row - 1 - first_data_row(self.sheet(part))][0]

    def places(self, fixture: Fixture) -> list[str]:
        """Addresses of the cells that a fixture's rule is to blame."""
        at = fixture.spec["at"]
        sheet = self.sheet(at["part"])
        if sheet.vertical is not None:
            return [
                self.cover if name == "county_code" else f"{VALUES}{self.county_rows[name]}" for name in at["fields"]
            ]
        columns = [column.key for column in columns_of(self.catalogue, sheet, YEAR)]
        first = first_data_row(sheet) + 1
        row = first + self.owners[at["part"]].index((fixture.name, at["row"]))
        return [f"{column_letter(columns.index(name))}{row}" for name in at["fields"]]

    @cached_property
    def county_rows(self) -> dict[str, int]:
        """Field → row of the county's sheet, as the workbook has it in its column of codes."""
        sheet = load_workbook(self.path, read_only=True)[str(self.sheet("county").name)]
        return {str(row[0].value): number for number, row in enumerate(sheet.iter_rows(max_col=1), 1) if row[0].value}

    @cached_property
    def cover(self) -> str:
        """Address of the county's code on the cover, right of its label."""
        cell = self.sheet("county").division.cell
        assert cell is not None
        for row in load_workbook(self.path, read_only=True)[cell.sheet].iter_rows():
            filled = [c for c in row if c.value is not None]
            if filled and filled[0].value == cell.label:
                return f"{filled[1].column_letter}{filled[1].row}"
        raise LookupError(cell.label)

    def written(self) -> FileRows:
        """The workbook, written and read back."""
        county = next(d for d in self.catalogue.divisions if d.code == COUNTY)
        by_name = {fixture.name: fixture for fixture in self.given}
        rows = {
            part: [by_name[name].cells_of(part, label, by_name[name].rows[part][label]) for name, label in owned]
            for part, owned in self.owners.items()
        }
        write_return(self.path, self.catalogue, YEAR, county, {**rows, "county": [BASE["county"]["county"]]})
        return read_file(self.path.read_bytes(), self.path.name, YEAR, self.catalogue)

    def findings(self, keep: Path | None = None) -> dict[str, list[dict[str, Any]]]:
        """What reading and rules find in each fixture, by its name. ``keep``: where Great Expectations' results are kept."""
        result = self.written()
        reading = [{**f, "submission_id": self.owner(f["part"], f["row"])} for f in result.all_findings()]
        frames = {r: self._divided(r, f) for r, f in frames_of(result, self.catalogue, "", YEAR).items()}
        cells = {part.part: part.cells for part in result.parts}
        of_each = {fixture.name: cells for fixture in self.given}
        already = findings.frame(reading)
        then = before(self.catalogue, self.given)
        ruled = validate(frames, self.catalogue, of_each, already, keep=keep, before=then)
        by_name: dict[str, list[dict[str, Any]]] = {fixture.name: [] for fixture in self.given}
        for row in pl.concat([already, ruled]).iter_rows(named=True):
            by_name[row["submission_id"]].append(row)
        return by_name

    def _divided(self, record: RecordType, frame: pl.DataFrame) -> pl.DataFrame:
        """Typed rows, each in the file of its fixture."""
        if record != "county":
            owners = [self.owner(part, row) for part, row in frame.select("part", "row").iter_rows()]
            return frame.with_columns(pl.Series("submission_id", owners, dtype=pl.String))
        (row,) = frame.to_dicts()
        rows = [row | fixture.rows["county"]["county"] | {"submission_id": fixture.name} for fixture in self.given]
        return pl.DataFrame([list(r.values()) for r in rows], schema=frame.schema, orient="row", strict=False)


def before(catalogue: Catalogue, given: list[Fixture]) -> Facts:
    """What counted of the fixtures' schools the year before."""
    frames: dict[RecordType, pl.DataFrame] = {}
    for part, record in (("schools", "school"), ("stages", "stage")):
        schema = typed_schema(catalogue, record)  # type: ignore[arg-type]
        lead = {"year": YEAR - 1, "county_code": COUNTY}
        rows = [
            lead | fixture.cells_of(part, label, row)
            for fixture in given
            for label, row in fixture.rows_before[part].items()
        ]
        frames[record] = pl.DataFrame([[row.get(c) for c in schema] for row in rows], schema=schema, orient="row", strict=False)  # type: ignore[index]  # fmt: skip
    schema = typed_schema(catalogue, "county")
    county = BASE["county"]["county"] | {"year": YEAR - 1, "county_code": COUNTY}
    frames["county"] = pl.DataFrame([[county.get(c) for c in schema]], schema=schema, orient="row", strict=False)
    return facts_of(catalogue, frames, IN_YEAR)

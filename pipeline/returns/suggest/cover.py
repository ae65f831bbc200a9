"""Cells outside the tables that speak for a whole workbook: the county and the year, beside a label or by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.returns.headings import normal
from pipeline.returns.suggest.draft import CellDraft, DivisionDraft
from pipeline.returns.suggest.profile import Evidence, Profile
from pipeline.returns.suggest.words import words
from pipeline.returns.table import SourceTable, column_letter

_ROWS_OF_A_COVER = 40


def county_on_cover(tables: Sequence[SourceTable], evidence: Evidence) -> DivisionDraft | None:
    """The cell that names the county of a workbook: right of a label that says so, else a cell that is a county's name."""
    labels = {normal(text).rstrip(":") for text in words()["county_headers"]}
    alone: DivisionDraft | None = None
    for table, row, column, text in _cells(tables):
        by = evidence.county_by(Profile((text,), 1))
        if by is None:
            continue
        before = next((t.strip() for t in reversed(table.rows[row][:column]) if t.strip()), "")
        if normal(before).rstrip(":") in labels:
            return DivisionDraft(by, cell=CellDraft(table.sheet, label=before.rstrip(":：")), score=1.0)
        address = f"{column_letter(column)}{row + 1}"
        alone = alone or DivisionDraft(by, cell=CellDraft(table.sheet, address=address), score=0.8)
    return alone


def school_on_cover(tables: Sequence[SourceTable]) -> CellDraft | None:
    """The cell that names the only school of a workbook, where a label stands left of it."""
    labels = {normal(text) for text in words()["school_headers"]}
    for table, row, column, text in _cells(tables):
        before = next((t.strip() for t in reversed(table.rows[row][:column]) if t.strip()), "")
        if normal(before).rstrip(":") in labels and Profile((text,), 1).is_of_school_codes:
            return CellDraft(table.sheet, label=before.rstrip(":："))
    return None


def year_on_cover(tables: Sequence[SourceTable]) -> CellDraft | None:
    """The cell that names the year of a workbook, where a label stands left of it."""
    labels = {normal(text) for text in words()["year_headers"]}
    for table, row, column, text in _cells(tables):
        if text.isdecimal() and len(text) == 4:
            before = next((t.strip() for t in reversed(table.rows[row][:column]) if t.strip()), "")
            if normal(before).rstrip(":") in labels:
                return CellDraft(table.sheet, label=before.rstrip(":："))
    return None


def _cells(tables: Sequence[SourceTable]) -> Iterator[tuple[SourceTable, int, int, str]]:
    """Filled cells near the top of the sheets of a workbook."""
    for table in tables:
        if table.is_of_workbook:
            for number, row in enumerate(table.rows[:_ROWS_OF_A_COVER]):
                for column, cell in enumerate(row):
                    if cell.strip():
                        yield table, number, column, cell.strip()

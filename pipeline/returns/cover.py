"""Cells of other sheets that speak for a whole workbook: the year and the county on its cover."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline import findings
from pipeline.returns.counties import Counties
from pipeline.returns.headings import normal
from pipeline.returns.table import SourceTable, cell_place, column_letter
from pipeline.returns.workbook import Workbook
from pipeline.schema.layout import CoverCell, DivisionBy
from pipeline.schema.model import Catalogue


@dataclass(frozen=True)
class CoverText:
    """What stands in a cell of the cover: its sheet, row number and column letter, and its text (empty where blank)."""

    sheet: str
    row: int | None
    column: str
    text: str

    @property
    def address(self) -> str:
        return f"{self.column}{self.row}" if self.row is not None else ""


class Cover:
    """The cover of one workbook: what it says is looked up once, and told once where it is wrong."""

    def __init__(self, workbook: Workbook, catalogue: Catalogue, year: int) -> None:
        self.workbook, self.catalogue, self.year = workbook, catalogue, year
        self.found: list[dict[str, object]] = []
        self.lacks_year = False
        self.counties: dict[DivisionBy, tuple[str | None, CoverText]] = {}

    def county(self, by: DivisionBy) -> tuple[str | None, CoverText]:
        """The county's code, None where the cover names none that is known; and the cell that names it."""
        assert by.cell is not None, "asked only where the layout names a cell"
        known = next((found for of, found in self.counties.items() if of.cell == by.cell and of.by == by.by), None)
        if known is None:
            told = cover_text(self.workbook, by.cell)
            code, rule_id = Counties(self.catalogue, by.by, self.year, by.digits).find(told.text or None)
            known = self.counties[by] = (code, told)
            if rule_id:
                self.report("cover_cell_missing" if not told.text else rule_id, told, by.cell, found=told.text)
        return known

    def check_year(self, cell: CoverCell) -> None:
        """A finding where the cover names another year than the inbox folder, or none."""
        told = cover_text(self.workbook, cell)
        if not told.text:
            self.lacks_year = True
            self.report("cover_cell_missing", told, cell)
        elif told.text != str(self.year):
            self.report("year_disagrees", told, cell, found=told.text, expected=self.year)

    def report(self, rule_id: str, told: CoverText, cell: CoverCell, **words: object) -> None:
        place = {"part": "", "sheet": told.sheet, "row": None, "cell": told.address, "year": self.year}
        expected = {"expected": cell.label or cell.address} if rule_id == "cover_cell_missing" else {}
        self.found.append(findings.of_reading(rule_id, place, **expected, **words))


def cover_text(workbook: Workbook, cell: CoverCell) -> CoverText:
    """The cell that a layout means; without an address where the workbook lacks the sheet or the label."""
    name = next((name for name in workbook.names if normal(name) == normal(cell.sheet)), None)
    if name is None:
        return CoverText(cell.sheet, None, "", "")
    table = workbook.table(name)
    place = cell_place(cell.address) if cell.address else _right_of(table, cell.label or "")
    if place is None:
        return CoverText(name, None, "", "")
    text = "" if place in table.faults else table.cell(*place).strip()
    return CoverText(name, place[0] + 1, column_letter(place[1]), text)


def _right_of(table: SourceTable, label: str) -> tuple[int, int] | None:
    """The next filled cell right of a label, or the cell beside it where all are blank.

    A text with a colon is a note: our form explains its cells so, and a blank one must not be read as its explanation.
    """
    wanted = normal(label).rstrip(":")
    for number, row in enumerate(table.rows):
        for column, cell in enumerate(row):
            if cell and normal(cell).rstrip(":") == wanted:
                filled = (c for c in range(column + 1, len(row)) if row[c].strip() and ":" not in normal(row[c]))
                return number, next(filled, column + 1)
    return None

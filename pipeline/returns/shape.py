"""Whether a row has the shape of its header: as many cells, one value in each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from pipeline.returns.headings import Heading, normal
from pipeline.returns.table import SourceTable


@dataclass(frozen=True)
class Misfit:
    """A row that does not fit its header: the reading rule, the column where it shows, what is there and should be."""

    rule_id: str
    column: int | None
    found: int
    expected: int

    @property
    def is_lost(self) -> bool:
        """Whether the row's values cannot be placed under headers."""
        return self.rule_id != "row_short"


@dataclass(frozen=True)
class Shape:
    """The header of a table, as the measure of the rows below it: ``data_from`` is the first of these, 0-based."""

    table: SourceTable
    heading: Heading
    data_from: int

    def is_repeated_by(self, row: list[str]) -> bool:
        """Whether a row is the header once more, or one row of it, or the codes below it."""
        column = self._telling
        if column >= len(row) or normal(row[column]) not in self._told:
            return False
        return any(
            all(normal(cell) == header for cell, header in zip_longest(row, written, fillvalue=""))
            for written in self._written
        )

    @cached_property
    def _telling(self) -> int:
        """A column in which a repeated header would show: most rows need no second look."""
        return next(i for i, cell in enumerate(self.heading.cells) if cell.strip())

    @cached_property
    def _told(self) -> set[str]:
        return {row[self._telling] for row in self._written if self._telling < len(row)}

    @cached_property
    def _written(self) -> list[list[str]]:
        rows = self.table.rows[self.heading.index : self.data_from]
        return [[normal(cell) for cell in row] for row in rows]

    def misfit(self, row: list[str]) -> Misfit | None:
        """What is wrong with the shape of a row of a text file, if anything. (The grid of a workbook is always even.)"""
        width, filled = len(self.heading.cells), self.heading.filled
        beyond = [column for column in range(width, len(row)) if row[column].strip()]
        if beyond:
            return Misfit("row_ragged", beyond[0], beyond[-1] + 1, width)
        for column, cell in enumerate(row):
            if "\n" in cell and cell.count(self.table.delimiter) >= filled - 1 > 0:
                return Misfit("rows_in_a_cell", column, len(cell.splitlines()), 1)
        if len(row) < filled:
            return Misfit("row_short", len(row), len(row), filled)
        return None

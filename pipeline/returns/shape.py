"""Whether a row has the shape of its header: as many cells, one value in each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from pipeline.returns.csv_file import SourceTable
from pipeline.returns.layouts import normal


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
class Header:
    """The header row of a table, as the measure of the rows below it."""

    table: SourceTable
    index: int

    @cached_property
    def cells(self) -> list[str]:
        return self.table.rows[self.index]

    @cached_property
    def filled(self) -> int:
        """Number of columns up to the last that has a header."""
        return max(i for i, cell in enumerate(self.cells) if cell.strip()) + 1

    def is_repeated_by(self, row: list[str]) -> bool:
        """Whether a row is the header once more."""
        return all(normal(cell) == header for cell, header in zip_longest(row, self._compared, fillvalue=""))

    @cached_property
    def _compared(self) -> list[str]:
        return [normal(cell) for cell in self.cells]

    def misfit(self, row: list[str]) -> Misfit | None:
        """What is wrong with the shape of a row, if anything."""
        width = len(self.cells)
        beyond = [column for column in range(width, len(row)) if row[column].strip()]
        if beyond:
            return Misfit("row_ragged", beyond[0], beyond[-1] + 1, width)
        for column, cell in enumerate(row):
            if "\n" in cell and cell.count(self.table.delimiter) >= self.filled - 1 > 0:
                return Misfit("rows_in_a_cell", column, len(cell.splitlines()), 1)
        if len(row) < self.filled:
            return Misfit("row_short", len(row), len(row), self.filled)
        return None

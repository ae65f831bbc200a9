"""The rows of a table that may be its header: tried in turn by whoever knows what it must hold (``layouts``)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pipeline.returns.headings import HEADER_HEIGHT, Heading, heading_at, stacked_at
from pipeline.returns.table import SourceTable, is_blank

HEADER_SEARCH_ROWS = 10
"""How many rows from the top may be the header (titles and notes stand above it), leading blank rows aside."""


class Candidates:
    """One table and the headers that it may have."""

    def __init__(self, table: SourceTable) -> None:
        self.table = table

    def headings(self, in_groups: bool) -> list[Heading]:
        """Headers by their first row; ``in_groups``: also those of several rows that no merged cell holds together."""
        return [*self._merged, *self._stacked] if in_groups else self._merged

    @cached_property
    def _starts(self) -> range:
        rows = self.table.rows
        first = next((i for i, row in enumerate(rows) if not is_blank(row)), 0) if self.table.is_of_workbook else 0
        return range(first, min(first + HEADER_SEARCH_ROWS, len(rows)))

    @cached_property
    def _merged(self) -> list[Heading]:
        return [heading_at(self.table, index) for index in self._starts]

    @cached_property
    def _stacked(self) -> list[Heading]:
        return list(self._of_several_rows())

    def _of_several_rows(self) -> Iterator[Heading]:
        rows = self.table.rows
        for index in self._starts:
            for height in range(2, min(HEADER_HEIGHT, len(rows) - index) + 1):
                if _is_of_numbers(rows[index + height - 1]):
                    break
                yield stacked_at(self.table, index, height)


def _is_of_numbers(row: list[str]) -> bool:
    """Whether half of the cells of a row or more are numbers, as those of a header are not."""
    filled = [cell.strip() for cell in row if cell and not cell.isspace()]
    return 2 * sum(cell.replace(".", "", 1).isdecimal() for cell in filled) >= max(1, len(filled))

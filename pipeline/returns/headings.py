"""Headers of a table: one row, or several joined where merged cells say so (``A > B``), and the code row below."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pipeline.returns.table import SourceTable

JOINED_BY = " > "


@lru_cache(maxsize=16_384)
def normal(header: str) -> str:
    """A header as it is compared: full-width forms and white space do not matter."""
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold()


@dataclass(frozen=True)
class Heading:
    """The header of a table: its first row (0-based), how many rows it takes, and a text a column."""

    index: int
    height: int
    cells: list[str]

    @cached_property
    def positions(self) -> dict[str, int]:
        """Normalised header → 0-based column; the first where one stands twice."""
        return {normal(cell): i for i, cell in reversed(list(enumerate(self.cells))) if normal(cell)}

    @cached_property
    def filled(self) -> int:
        """Number of columns up to the last that has a header."""
        return max((i for i, cell in enumerate(self.cells) if cell.strip()), default=-1) + 1


def heading_at(table: SourceTable, index: int) -> Heading:
    """The header that starts in a row. Merged cells make it higher: down to where one ends, and into the row below a
    range merged over columns, unless that row fills other columns too (then it is data)."""
    last = index
    while (below := _last_row(table, index, last)) > last:
        last = below
    if last == index:
        return Heading(index, 1, table.rows[index])
    width = max(len(row) for row in table.rows[index : last + 1])
    return Heading(index, last - index + 1, [_joined(table, index, last, column) for column in range(width)])


def _last_row(table: SourceTable, first: int, last: int) -> int:
    """The last row of a header that is known to take the rows from ``first`` to ``last``."""
    of_header = [(start, end) for start, end in table.merges if first <= start[0] <= last]
    lowest = min(max((end[0] for _, end in of_header), default=last), len(table.rows) - 1)
    if lowest > last or last + 1 == len(table.rows):
        return max(lowest, last)
    grouped = {
        c for start, end in of_header if end[0] == last for c in range(start[1], end[1] + 1) if end[1] > start[1]
    }
    filled = {column for column, cell in enumerate(table.rows[last + 1]) if cell.strip()}
    return last + 1 if filled and filled <= grouped else last


def _joined(table: SourceTable, first: int, last: int, column: int) -> str:
    """The texts above one another in a column. A merged range speaks for all its columns, but for those at the bottom."""
    holders: dict[tuple[int, int], None] = {}
    for row in range(first, last + 1):
        merged = next(((s, e) for s, e in table.merges if s[0] <= row <= e[0] and s[1] <= column <= e[1]), None)
        if merged is None or merged[1][0] < last or merged[0][1] == column:
            holders[merged[0] if merged else (row, column)] = None
    texts = (table.cell(*holder).strip() for holder in holders)
    return JOINED_BY.join(text for text in texts if text)


def code_row_below(table: SourceTable, heading: Heading, codes: Collection[str]) -> bool:
    """Whether the row below a header holds field ids: more than half of its filled cells are ids."""
    row = heading.index + heading.height
    filled = [cell.strip() for cell in table.rows[row] if cell.strip()] if row < len(table.rows) else []
    return sum(cell in codes for cell in filled) * 2 > len(filled)

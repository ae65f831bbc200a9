"""Headers of a table: one row, or several over one another (``A > B``), and the code row below; which column a header means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pipeline.returns.table import SourceTable

JOINED_BY = " > "
HEADER_HEIGHT = 5
"""How many rows a header may take whose cells are not merged."""

_BETWEEN_LEVELS = re.compile(">")
_BETWEEN_JOINED = re.compile(r"[>\n\r\-–—]")
"""In an export that writes a header with its groups into one cell, these too stand between levels."""
_MARKS = re.compile("^(?:#|其中:?)+")
"""What official forms put before a part of a whole (``#本科``, ``其中：本科``)."""


@lru_cache(maxsize=16_384)
def normal(header: str) -> str:
    """A header as it is compared: full-width forms and white space do not matter."""
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold()


@lru_cache(maxsize=16_384)
def levels(header: str, is_joined: bool = False) -> tuple[str, ...]:
    """The levels of a header from the widest group down, normalised and without marks. ``is_joined``: more signs may part
    them than ``>``."""
    text = unicodedata.normalize("NFKC", header)
    parts = (_BETWEEN_JOINED if is_joined else _BETWEEN_LEVELS).split(text)
    return tuple(level for part in parts if (level := _MARKS.sub("", normal(part))))


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

    @cached_property
    def _by_last_level(self) -> dict[str, list[tuple[int, tuple[str, ...]]]]:
        """Last level → columns that end in it, each with its levels (as two readings, where they differ)."""
        found: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        for column, cell in enumerate(self.cells):
            for parts in dict.fromkeys((levels(cell), levels(cell, is_joined=True))):
                if parts:
                    found.setdefault(parts[-1], []).append((column, parts))
        return found

    @cached_property
    def _meant(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[int, ...]]:
        return {}

    def columns(self, names: tuple[str, ...], narrower: tuple[str, ...] = ()) -> tuple[int, ...]:
        """Columns that a header under any of its spellings means: none, one, or several where it cannot be told which.

        A header as it is written comes first, then one with all its levels and no others; else a column may stand in
        groups that the header leaves out, above the groups that it names or between them, but in none of ``narrower``.
        """
        key = (names, narrower)
        if key not in self._meant:
            self._meant[key] = self._columns(names, {normal(level) for level in narrower})
        return self._meant[key]

    def _columns(self, names: Sequence[str], narrower: set[str]) -> tuple[int, ...]:
        for name in names:
            if (position := self.positions.get(normal(name))) is not None:
                return (position,)
        within: set[int] = set()
        for name in names:
            wanted = levels(name)
            exact: set[int] = set()
            for column, has in self._by_last_level.get(wanted[-1], ()) if wanted else ():
                if has == wanted:
                    exact.add(column)
                elif is_within(wanted, has) and narrower.isdisjoint(set(has) - set(wanted)):
                    within.add(column)
            if exact:
                return tuple(sorted(exact))
        return tuple(sorted(within))


def is_within(wanted: Sequence[str], has: Sequence[str]) -> bool:
    """Whether levels stand in this order among others."""
    rest = iter(has)
    return all(level in rest for level in wanted)


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


def stacked_at(table: SourceTable, index: int, height: int) -> Heading:
    """The header of several rows without merged cells that starts in a row: a blank right of a group is of that group,
    unless a group above begins there. The lowest row names columns, so none of its texts is another's too."""
    rows = table.rows[index : index + height]
    width = max(len(row) for row in rows)
    written = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    filled = [list(row) for row in written]
    for number, row in enumerate(filled[:-1]):
        for column in range(1, width):
            if not any(written[above][column] for above in range(number + 1)):
                row[column] = row[column - 1]
    has_header = [any(row[column] for row in written) for column in range(width)]
    joined = [JOINED_BY.join(row[column] for row in filled if row[column]) for column in range(width)]
    return Heading(index, height, [text if has else "" for text, has in zip(joined, has_header, strict=True)])


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

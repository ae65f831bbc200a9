"""A source table: the cells of one sheet as text, each at the address that a spreadsheet gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

CellFault = Literal["cell_error", "formula_without_value"]
"""Reading rules of a cell that shows no value: an error such as #DIV/0!, or a formula that was never computed."""

Range = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range, 0-based (row, column)."""


class UnreadableError(Exception):
    """The bytes are not a table. The message says why, in both languages; or it is what was found, where a rule of its own
    (``rule_id``) has the words, with what it ``expected``."""

    def __init__(self, found: str, rule_id: str = "file_unreadable", expected: str = "") -> None:
        super().__init__(found)
        self.rule_id, self.expected = rule_id, expected


@dataclass(frozen=True)
class SourceTable:
    """Cells of one table as they stand. ``rows[i]`` is the row that a spreadsheet numbers i + 1; blank rows are kept.

    ``delimiter`` is empty for a sheet of a workbook, whose name ``sheet`` is. ``faults``: 0-based (row, column) of cells
    without a value; their text is the error or the formula. ``merges``: merged ranges, their text in the first cell.
    ``hidden_rows``: numbers of rows that a spreadsheet does not show.
    ``rows_said``: how many rows a sheet says it has, and the last that it holds, where both are told.
    ``has_open_end``: a text that ends without a line break; ``is_torn``: its last character was cut in two.
    """

    sheet: str
    rows: list[list[str]]
    delimiter: str = ""
    encoding: str = ""
    faults: Mapping[tuple[int, int], CellFault] = field(default_factory=dict)
    merges: tuple[Range, ...] = ()
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    rows_said: tuple[int, int] | None = None
    has_open_end: bool = False
    is_torn: bool = False

    @property
    def is_of_workbook(self) -> bool:
        return not self.delimiter

    def cell(self, row: int, column: int) -> str:
        """Text of a cell by its 0-based place; empty beyond the end of its row or of the table."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""


def is_blank(row: Sequence[str]) -> bool:
    """Whether a row holds nothing but white space."""
    return not any(cell and not cell.isspace() for cell in row)


def column_letter(index: int) -> str:
    """Spreadsheet letters of a 0-based column: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_place(address: str) -> tuple[int, int]:
    """0-based row and column of an address such as C4; the name of a sheet before it (``教基3112!C4``) is left out."""
    address = address.rpartition("!")[2]
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(address[len(letters) :]) - 1, column - 1

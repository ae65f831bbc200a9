"""A sheet of a form workbook by the addresses that the form itself counts: with printed column letters and row numbers the
physical place of a cell is another one. Not here: what a cell means (``address_values``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.returns.headings import normal
from pipeline.returns.table import SourceTable, cell_place, column_letter, is_blank
from pipeline.schema.layout import Guard

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How workbooks write a control character inside a text: _x000D_ is the end of a line."""
_CONTINUED = "续"
_BRACKETS = str.maketrans("", "", "()[]")
_COUNTING = frozenset("甲乙丙丁戊己")
"""Forms number their columns 甲 乙 1 2 3: no text that says what a column holds."""
_LEAST_PRINTED = 3
"""How many letters or numbers in a row make a frame of printed letters or numbers."""

Spot = tuple[int, int]
"""Physical place of a cell: 0-based row and column."""


def clean(text: str) -> str:
    """A text of a form as it was meant: escaped control characters and the white space around it are gone."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).strip() if text else ""


def is_not_applicable(text: str) -> bool:
    """Whether a cell says that it does not apply to the school: nothing but asterisks."""
    return bool(text) and not text.strip("*＊ ")


def is_form(sheet: str, form: str) -> bool:
    """Whether the name of a sheet begins with a form's name, and its number ends there."""
    name, wanted = (normal(text).translate(_BRACKETS) for text in (sheet, form))
    return name.startswith(wanted) and not name[len(wanted) :][:1].isdigit()


def is_continued(sheet: str, form: str) -> bool:
    """Whether a sheet of a form is a continuation of it (续, 续表1)."""
    return normal(sheet).translate(_BRACKETS)[len(normal(form).translate(_BRACKETS)) :].startswith(_CONTINUED)


def sheets_of(form: str, names: Sequence[str]) -> list[str]:
    """Sheets of a workbook that are a form, its continuations last."""
    return sorted((name for name in names if is_form(name, form)), key=lambda name: is_continued(name, form))


@dataclass(frozen=True)
class FormSheet:
    """One sheet of a form workbook."""

    form: str
    table: SourceTable

    @cached_property
    def _letters(self) -> tuple[int, dict[str, int]] | None:
        """The row of printed column letters, 0-based, and the physical column of each; None where the sheet has none."""
        first = next((i for i, row in enumerate(self.table.rows) if not is_blank(row)), None)
        if first is None:
            return None
        printed = {clean(text).upper(): column for column, text in enumerate(self.table.rows[first]) if clean(text)}
        wanted = [column_letter(i) for i in range(len(printed))]
        return (first, printed) if list(printed) == wanted and len(printed) >= _LEAST_PRINTED else None

    @cached_property
    def _numbers(self) -> dict[int, int] | None:
        """Printed row number → physical row, where the first column holds nothing but such numbers; else None."""
        start = self._letters[0] + 1 if self._letters else 0
        found: dict[int, int] = {}
        for row in range(start, len(self.table.rows)):
            text = clean(self.table.cell(row, 0))
            if not text and is_blank(self.table.rows[row]):
                continue
            expected = max(found, default=0) + 1
            if not text.isdecimal() or (int(text) != expected if found else int(text) not in (1, start + 1)):
                return None
            found[int(text)] = row
        return found if len(found) >= _LEAST_PRINTED else None

    def spot(self, address: str) -> Spot | None:
        """Where a cell of the form stands in the sheet; None where the printed letters or numbers do not reach it."""
        row, column = cell_place(address)
        at = self._numbers.get(row + 1) if self._numbers else row + (self._letters[0] + 1 if self._letters else 0)
        found = self._column(column)
        return (at, found) if at is not None and found is not None else None

    def _column(self, column: int) -> int | None:
        """Physical column of a column of the form, 0-based both."""
        if self._letters is not None:
            return self._letters[1].get(column_letter(column))
        return column + (1 if self._numbers else 0)

    def text(self, spot: Spot) -> str:
        """The text of a cell, cleaned."""
        return clean(self.table.cell(*spot))

    def filled(self) -> Iterator[tuple[Spot, str]]:
        """Every cell of the form that holds a text, row by row."""
        for row, cells in enumerate(self.table.rows):
            if self._letters is not None and row <= self._letters[0]:
                continue
            for column, raw in enumerate(cells):
                if (text := clean(raw)) and not (column == 0 and self._numbers):
                    yield (row, column), text

    def labelled(self, labels: Sequence[str], letters: str | None, others: Sequence[str] = ()) -> Spot | None:
        """Where the value of the first label stands that the sheet has; None where it has none.

        ``letters``: the column of values; without it, or where the label stands right of it, the next filled cell before one of
        ``others`` (labels again), the number of the row left out. A text such as ``标识码：2199000001`` holds its value itself.
        """
        known = [normal(label) for label in labels]
        held = {spot: normal(text).strip("*:") for spot, text in self.filled()}
        for label in known:
            spot = next((s for s, t in held.items() if t == label or t.startswith(f"{label}:")), None)
            if spot is not None:
                if held[spot] != label:
                    return spot
                return self._beside(spot, letters, {normal(other) for other in others})
        return None

    def _beside(self, spot: Spot, letters: str | None, others: set[str]) -> Spot:
        row, column = spot
        wanted = self._column(cell_place(f"{letters}1")[1]) if letters else None
        if wanted is not None and wanted > column:
            return row, wanted
        filled: list[int] = []
        for at in range(column + 1, len(self.table.rows[row])):
            text = self.text((row, at))
            if normal(text).rstrip(":") in others:
                break
            filled += [at] if text else []
        is_numbered = len(filled) > 1 and len(self.text((row, filled[0]))) <= 2
        return row, (filled[1] if is_numbered else filled[0]) if filled else column + 1

    def holds(self, spot: Spot, guard: Guard) -> bool | None:
        """Whether the guard's text stands in the row left of a cell, or in its column above it; None where nothing is written
        there, so that it cannot be told."""
        wanted = normal(guard.row or guard.column or "")
        texts = list(self._left_of(spot) if guard.row else self._above(spot))
        return any(wanted in normal(text) for text in texts) if texts else None

    def _left_of(self, spot: Spot) -> Iterator[str]:
        return (t for c in range(spot[1]) if _says(t := self.text((spot[0], c))))

    def _above(self, spot: Spot) -> Iterator[str]:
        """Headings above a cell; a range merged over several columns speaks for each, but titles over most of the sheet do not."""
        top = self._letters[0] + 1 if self._letters else 0
        width = max((len(row) for row in self.table.rows), default=0)
        for row in range(top, spot[0]):
            over = ((s, e) for s, e in self.table.merges if s[0] <= row <= e[0] and s[1] <= spot[1] <= e[1])
            start, end = next(over, ((row, spot[1]), (row, spot[1])))
            text = self.text((start[0], start[1]))
            if _says(text) and (end[1] - start[1] + 1) * 2 <= max(width, 2):
                yield text


def _says(text: str) -> bool:
    """Whether a text tells what stands beside or below it: no number, no counting of columns, no empty cell."""
    return bool(text) and text not in _COUNTING and not text.replace(".", "").isdecimal() and bool(text.strip("*＊"))


def printed_value(text: str, labels: Sequence[str]) -> str:
    """The value in a text: what follows the colon where the label stands in the same cell."""
    said = normal(text)
    if any(said.startswith(f"{normal(label)}:") for label in labels):
        return re.split(r"[:：]", text, maxsplit=1)[1].strip()
    return text

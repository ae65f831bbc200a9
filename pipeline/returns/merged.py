"""Cells merged over several rows of data: what they say of each row, and that a number in one belongs to none but the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeline import findings
from pipeline.returns.record import Normalised
from pipeline.returns.table import Range, SourceTable, column_letter
from pipeline.returns.typing import NUMERIC_IDENTITY
from pipeline.schema.entry import IDENTITY_COLUMNS, Label

Place = Callable[[int, int | None], dict[str, object]]


class Merged:
    """The merged ranges over the data of one table.

    ``names``: 0-based column → identity column that it holds; ``labels``: column that something reads → its header.
    """

    def __init__(
        self, table: SourceTable, data_from: int, names: Mapping[int, str], labels: Mapping[int, str], place: Place
    ) -> None:
        self.table, self.place, self.labels = table, place, labels
        self.names = {column: to for column, to in names.items() if to not in NUMERIC_IDENTITY}
        self.ranges = [(s, e) for s, e in table.merges if s[0] >= data_from and e[0] > s[0] and s[1] in labels]
        self.found: list[dict[str, object]] = []

    def filled(self, numbers: list[int], texts: list[list[str]]) -> list[list[str]]:
        """Rows with names and codes of merged ranges in each of their rows; ``found`` then tells of the ranges."""
        rows = dict(zip(numbers, texts, strict=True))
        of_column: dict[int, list[Range]] = {}
        for merged in self.ranges:
            of_column.setdefault(merged[0][1], []).append(merged)
        for column, ranges in of_column.items():
            if column in self.names:
                self._fill(rows, column, ranges)
            else:
                self._refuse(rows, column, ranges)
        return [rows[number] for number in numbers]

    def _fill(self, rows: dict[int, list[str]], column: int, ranges: list[Range]) -> None:
        to = self.names[column]
        normalised = Normalised(to, Label(zh=IDENTITY_COLUMNS[to][0], en=IDENTITY_COLUMNS[to][1]), column, self.place)
        for start, end in ranges:
            text = self.table.cell(*start)
            for number in range(start[0] + 2, min(end[0] + 1, len(self.table.rows)) + 1):
                row = rows.get(number)
                if row is not None and text.strip() and not "".join(row[column : column + 1]).strip():
                    before = row[:column] + [""] * (column - len(row))
                    rows[number] = [*before, text, *row[column + 1 :]]
                    normalised.note(number, _address(start, end), text.strip(), ("merged",))
        self.found += normalised.findings()

    def _refuse(self, rows: dict[int, list[str]], column: int, ranges: list[Range]) -> None:
        label = self.labels[column]
        for start, end in ranges:
            below = range(start[0] + 2, min(end[0] + 1, len(self.table.rows)) + 1)
            if self.table.cell(*start).strip() and any(number in rows for number in below):
                words = {"found": _address(start, end), "label_zh": label, "label_en": label}
                self.found.append(findings.of_reading("number_merged", self.place(start[0] + 1, column), **words))


def _address(start: tuple[int, int], end: tuple[int, int]) -> str:
    return f"{column_letter(start[1])}{start[0] + 1}:{column_letter(end[1])}{end[0] + 1}"

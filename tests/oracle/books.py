"""Editing a county's workbook as a careless office would: cells blanked or changed, rows lost. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import openpyxl
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

SHEETS = ("学校", "学段", "班级", "专用教室")


class Book:
    """A workbook that is saved when its block ends. Cells are found by school, column code and, where given, stage."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.book.save(self.path)

    def cells(self, sheet: str, school: str | None, column: str, stage: str | None = None) -> list[Cell]:
        """Cells of a column in the rows of a school (of every school for None), in order."""
        page, places = self._page(sheet)
        return [
            page.cell(row, places[column])
            for row in self._rows(page)
            if school in (None, str(page.cell(row, places["school_id"]).value))
            and stage in (None, page.cell(row, places.get("stage", 1)).value)
        ]

    def put(self, sheet: str, school: str | None, column: str, value: Any, stage: str | None = None) -> None:
        """Writes a value (None blanks) into every such cell; a function makes it from the value that stood there."""
        found = self.cells(sheet, school, column, stage)
        assert found, (self.path, sheet, school, column, stage)
        for cell in found:
            cell.value = value(cell.value) if callable(value) else value

    def drop(self, school: str | None, sheets: tuple[str, ...] = SHEETS, stage: str | None = None) -> None:
        """Removes the rows of a school from the sheets."""
        for sheet in sheets:
            page, _ = self._page(sheet)
            for cell in reversed(self.cells(sheet, school, "school_id", stage)):
                page.delete_rows(cell.row)

    def _page(self, sheet: str) -> tuple[Worksheet, dict[str, int]]:
        page = self.book[sheet]
        codes = next(row for row in page.iter_rows(max_row=6) if row[0].value == "school_id")
        return page, {str(cell.value): cell.column for cell in codes if cell.value} | {"": codes[0].row}

    def _rows(self, page: Worksheet) -> Iterator[int]:
        header = self._page(page.title)[1][""]
        yield from (row for row in range(header + 1, page.max_row + 1) if page.cell(row, 1).value is not None)


class CountyBook(Book):
    """The workbook with its sheet of the county as well."""

    def county(self, **cells: Any) -> None:
        page = self.book["县级"]
        rows = {page.cell(row, 1).value: row for row in range(1, page.max_row + 1)}
        head = next(row for row in page.iter_rows() if row[0].value == "代码")
        column = next(cell.column for cell in head if cell.value == "填报值")
        for name, value in cells.items():
            page.cell(rows[name], column).value = value


Edit = Callable[[Book], None]

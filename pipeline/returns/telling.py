"""Which of several sheets with the same headers a table is, by what the layout says tells it (``ToldBy``).

A kind of sign (a header of its own, the name of the sheet, a text above the header) speaks where it points to one sheet
only. Signs that contradict each other tell nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.returns.headings import Heading, normal
from pipeline.returns.table import SourceTable
from pipeline.schema.layout import Sheet


def told_apart(
    table: SourceTable, heading: Heading, sheets: Sequence[Sheet], narrower: tuple[str, ...]
) -> tuple[str, str]:
    """The part that a table is, or an empty text; and the signs that were found."""
    above = " ".join(cell.strip() for row in table.rows[: heading.index] for cell in row if cell.strip())
    above = " ".join([above, *_groups_of_all(heading)])
    kinds = [
        _of_headers(heading, sheets, narrower),
        _of_text(table.sheet if table.is_of_workbook else "", sheets),
        _of_text(above, sheets),
    ]
    parts = {next(iter(signs)) for signs in kinds if len(signs) == 1}
    found = list(dict.fromkeys(sign for signs in kinds for sign in signs.values()))
    return (parts.pop() if len(parts) == 1 else ""), "、".join(found) or "—"


def _of_headers(heading: Heading, sheets: Sequence[Sheet], narrower: tuple[str, ...]) -> dict[str, str]:
    """Parts of which a header stands in the table, with that header."""
    found: dict[str, str] = {}
    for sheet in sheets:
        for name in sheet.told_by.headers if sheet.told_by is not None else ():
            for column in heading.columns((name,), narrower):
                found.setdefault(sheet.part, heading.cells[column].strip())
    return found


def _of_text(text: str, sheets: Sequence[Sheet]) -> dict[str, str]:
    """Parts of which a text speaks, with the words that do."""
    found: dict[str, str] = {}
    for sheet in sheets:
        pattern = sheet.told_by.text if sheet.told_by is not None else None
        if pattern and (match := re.search(pattern, normal(text))):
            found[sheet.part] = match.group()
    return found


def _groups_of_all(heading: Heading) -> list[str]:
    """A title that was merged over the table is the first level of every header."""
    first = {cell.split(">")[0].strip() for cell in heading.cells if cell.strip()}
    return list(first) if len(first) == 1 and heading.height > 1 else []

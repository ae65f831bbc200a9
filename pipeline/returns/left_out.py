"""Rows between the data that are none: totals and notes, told by the catalogue's words. A row with a code is never one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.schema.writing import Writing, compared, half_width

FIRST_TEXTS = 4
"""Among how many of its first texts a row of totals says so."""
MOST_ROWS = 24
_CODE = re.compile(r"^['‘’]?(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z.+-]*$")
_NUMBER = re.compile(r"^[+-]?[0-9.,]+%?$")
_KINDS = {"subtotal": ("合计", "totals"), "note": ("说明", "notes")}


@dataclass
class LeftOut:
    """The rows of one table that are totals or notes. ``position``: the 0-based column of the school's code."""

    writing: Writing
    position: int
    rows: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def takes(self, number: int, row: list[str]) -> bool:
        """Whether a row is one; then it is noted."""
        kind, text = self._kind(row)
        if kind:
            self.rows.setdefault(kind, []).append((number, text))
        return bool(kind)

    def _kind(self, row: list[str]) -> tuple[str, str]:
        """What a row is, empty where it is data, and the text that says so."""
        code = row[self.position] if self.position < len(row) else ""
        if code.isdigit() or _CODE.match(half_width(code)):
            return "", ""
        texts = [cell.strip() for cell in row if cell and not cell.isspace() and not _NUMBER.match(half_width(cell))]
        if texts and self.writing.is_note and self.writing.is_note.match(compared(texts[0])):
            return "note", texts[0]
        for text in texts[:FIRST_TEXTS] if self.writing.is_subtotal else ():
            if self.writing.is_subtotal and self.writing.is_subtotal.search(compared(text)):
                return "subtotal", text
        return "", ""

    def told(self) -> Iterator[tuple[int, dict[str, object]]]:
        """The first row of each kind, and the words of its finding."""
        for kind, rows in self.rows.items():
            listed = "、".join(str(number) for number, _ in rows[:MOST_ROWS]) + "…" * (len(rows) > MOST_ROWS)
            first, text = rows[0]
            zh, en = _KINDS[kind]
            shown = text if len(text) <= 40 else text[:40] + "…"
            yield first, {"found": shown, "count": len(rows), "rows": listed, "what_zh": zh, "what_en": en}

"""What reading made of cells that are not plain: noted once a column and way of writing, never cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline import findings
from pipeline.returns.written import KINDS
from pipeline.schema.entry import Label

MOST_ADDRESSES = 12
"""How many further cells a finding names: enough to find them, few enough to read."""


@dataclass
class _Noted:
    text: str
    value: str | None
    rows: list[int] = field(default_factory=list)


class Normalised:
    """The cells of one column that were read as people write them."""

    def __init__(
        self, to: str, label: Label, column: int, place: Callable[[int, int | None], dict[str, object]]
    ) -> None:
        self.to, self.label, self.column, self.place = to, label, column, place
        self.noted: dict[tuple[str, ...], _Noted] = {}

    def note(self, row: int, text: str, value: str | None, kinds: tuple[str, ...]) -> None:
        """Notes a cell: what stood there, what it was read as (None: no value), and the ways of writing."""
        self.noted.setdefault(kinds, _Noted(text, value)).rows.append(row)

    def findings(self) -> list[dict[str, object]]:
        """A finding a way of writing, at the first cell."""
        return [self._finding(kinds, noted) for kinds, noted in self.noted.items()]

    def _finding(self, kinds: tuple[str, ...], noted: _Noted) -> dict[str, object]:
        first, *more = noted.rows
        shown = "、".join(str(self.place(row, self.column)["cell"]) for row in more[:MOST_ADDRESSES])
        dots = "…" if len(more) > MOST_ADDRESSES else ""
        words = {
            "found": f"{noted.text} → {noted.value if noted.value is not None else '（空 blank）'}",
            "label_zh": self.label.zh,
            "label_en": self.label.en,
            "kinds_zh": "、".join(KINDS[kind].zh for kind in kinds),
            "kinds_en": ", ".join(KINDS[kind].en for kind in kinds),
            "count": len(noted.rows),
            "more_zh": f"；另见 {shown}{dots}" if more else "",
            "more_en": f"; also {shown}{dots}" if more else "",
        }
        return findings.of_reading("value_normalised", self.place(first, self.column) | {"field": self.to}, **words)

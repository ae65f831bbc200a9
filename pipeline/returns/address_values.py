"""The cells of a form workbook to typed values: each by its address, with what a blank, an asterisk or a guard makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from pipeline import findings
from pipeline.returns.address import FormSheet, Spot, is_not_applicable, printed_value
from pipeline.returns.headings import normal
from pipeline.returns.table import column_letter
from pipeline.returns.typing import Target, target, typed
from pipeline.schema.layout import Column, FormCell, ZeroIf
from pipeline.schema.model import Catalogue

Value = float | str | None
Forms = Mapping[str, Sequence[FormSheet]]
"""Sheets of each form of a workbook, continuations last."""
Made = tuple[Value, list[dict[str, object]]]
_TOLERANCE = 1e-9
"""By how much, relative to a total, a part may exceed it through the rounding of sums."""


@dataclass
class Read:
    """What became of one entry of the layout: its value, and the cells it was made of (sheet, place)."""

    cell: FormCell
    value: Value = None
    spots: list[tuple[FormSheet, Spot]] = field(default_factory=list)

    def noted(self) -> dict[str, object]:
        """What tracing and the cells of findings need to know (``pipeline.returns.cells``)."""
        addresses = [f"{column_letter(spot[1])}{spot[0] + 1}" for _, spot in self.spots]
        headers = [f"{self.cell.sheet} {printed}" for printed in (self.cell.places or (self.cell.label,))]
        noted: dict[str, object] = {
            "sheet": self.spots[0][0].table.sheet,
            "columns": [column_letter(spot[1]) for _, spot in self.spots],
            "headers": headers,
            "factor": self.cell.factor,
            "places": [[sheet.table.sheet, address] for (sheet, _), address in zip(self.spots, addresses, strict=True)],
        }
        return noted | ({"operation": "+"} if len(self.spots) > 1 else {})


class ValueReader:
    """Reads the entries of one sheet of a layout from the forms of one workbook."""

    def __init__(self, catalogue: Catalogue, part: str, year: int, forms: Forms, labels: Sequence[str]) -> None:
        self.catalogue, self.part, self.year, self.forms, self.labels = catalogue, part, year, forms, labels
        self.found: list[dict[str, object]] = []
        self.used: set[tuple[str, int]] = set()
        """Sheets and 0-based rows that hold a cell which something reads."""

    def place(self, sheet: str, spot: Spot | None) -> dict[str, object]:
        """Where a finding stands: the physical cell, whatever the form prints beside it."""
        row = spot[0] + 1 if spot else None
        cell = f"{column_letter(spot[1])}{row}" if spot else ""
        return {"part": self.part, "sheet": sheet, "row": row, "cell": cell, "year": self.year}

    def report(self, rule_id: str, cell: FormCell, sheet: FormSheet, spot: Spot, **words: object) -> None:
        label = self._target(cell).label
        names = {"label_zh": label.zh, "label_en": label.en}
        place = self.place(sheet.table.sheet, spot) | {"field": cell.to}
        self.found.append(findings.of_reading(rule_id, place, **names, **words))

    def read(self, cell: FormCell) -> Read:
        """One entry: its value, null where the workbook does not give it."""
        chosen = self._chosen(cell)
        if chosen is None:
            return Read(cell)
        sheet, spots, is_guarded = chosen
        read = Read(cell, spots=[(sheet, spot) for spot in spots])
        self.used |= {(sheet.table.sheet, spot[0]) for spot in spots}
        if not is_guarded:
            read.spots = []
            self._tell_guard(cell, sheet, spots[0])
            return read
        total = self._total(cell, sheet)
        parts = [self._part(cell, sheet, spot, total) for spot in spots]
        read.value = self._summed(cell, sheet, spots, parts) if len(spots) > 1 else parts[0][0]
        if total is not None and isinstance(read.value, float):
            self._held_within(cell, sheet, spots[0], read.value, total * cell.factor)
        return read

    def _chosen(self, cell: FormCell) -> tuple[FormSheet, list[Spot], bool] | None:
        """The sheet of the form that holds the entry, where, and whether its guard stands: of several sheets (续) the first in
        which the guard is seen, else the first that has the place."""
        have: list[tuple[FormSheet, list[Spot], bool | None]] = []
        for sheet in self.forms.get(cell.sheet, ()):
            if cell.label is not None:
                at = sheet.labelled((cell.label, *cell.also), cell.column, self.labels)
                spots = [at] if at else []
            else:
                spots = [spot for address in cell.places if (spot := sheet.spot(address))]
            if spots and len(spots) == max(len(cell.places), 1):
                guard = cell.guard
                held = [sheet.holds(spot, guard) for spot in spots] if guard else [True]
                have.append((sheet, spots, False if False in held else None if None in held else True))
        ranked = sorted(have, key=lambda of: (of[2] is not True, of[2] is False))
        return (ranked[0][0], ranked[0][1], ranked[0][2] is not False) if ranked else None

    def _tell_guard(self, cell: FormCell, sheet: FormSheet, spot: Spot) -> None:
        if (text := sheet.text(spot)) and not is_not_applicable(text):
            wanted = cell.guard.row or cell.guard.column if cell.guard else ""
            self.report("form_guard_missing", cell, sheet, spot, found=text, expected=wanted)

    def _total(self, cell: FormCell, sheet: FormSheet) -> float | None:
        """The total of the table that an entry is part of, where the form gives it."""
        spot = sheet.spot(cell.blank.zero_if) if isinstance(cell.blank, ZeroIf) else None
        if spot is None:
            return None
        self.used.add((sheet.table.sheet, spot[0]))
        value, _ = self._typed(sheet, spot, sheet.text(spot), self._target(cell, factor=1.0))
        return value if isinstance(value, float) else None

    def _part(self, cell: FormCell, sheet: FormSheet, spot: Spot, total: float | None) -> tuple[Value, bool]:
        """The value of one cell, and whether it says that it does not apply."""
        if (fault := sheet.table.faults.get(spot)) is not None:
            place = self.place(sheet.table.sheet, spot) | {"field": cell.to}
            self.found.append(findings.of_reading(fault, place, found=sheet.table.cell(*spot)))
            return None, False
        text = sheet.text(spot)
        if is_not_applicable(text):
            return None, True
        if not text:
            return (0.0 if cell.blank == "zero" or total is not None else None), False
        said = printed_value(text, self.labels)
        if cell.is_coded or cell.recode:
            recoded = self._recoded(cell, sheet, spot, said)
            if recoded is None:
                return None, False
            said = recoded
        value, found = self._typed(sheet, spot, said, self._target(cell))
        self.found += found
        return value, False

    def _summed(
        self, cell: FormCell, sheet: FormSheet, spots: list[Spot], parts: list[tuple[Value, bool]]
    ) -> float | None:
        """The sum of the parts that apply; null, and told, where one of them is blank while others are given."""
        apply = [(spot, value) for spot, (value, is_left_out) in zip(spots, parts, strict=True) if not is_left_out]
        given = [value for _, value in apply if isinstance(value, float)]
        if len(given) == len(apply):
            return sum(given) if given else None
        for spot, value in apply if given else ():
            if value is None and not sheet.text(spot):
                self.report("form_sum_incomplete", cell, sheet, spot)
        return None

    def _held_within(self, cell: FormCell, sheet: FormSheet, spot: Spot, value: float, total: float) -> None:
        if value > total * (1 + _TOLERANCE):
            self.report("form_part_over_total", cell, sheet, spot, found=f"{value:g}", expected=f"{total:g}")

    def _recoded(self, cell: FormCell, sheet: FormSheet, spot: Spot, text: str) -> str | None:
        """The code that a text stands for, as the layout's names and the catalogue's list have it; a text of neither is told."""
        listed = self.catalogue.codes[cell.to].codes if cell.is_coded else {}
        names = {normal(name): code for code, label in listed.items() for name in (label.zh, label.en)}
        names |= {normal(name): code for name, code in cell.recode.items()}
        said = normal(text)
        begun = next((code for code in listed if said.startswith(code)), None)
        code = names.get(said) or names.get(said.split("(")[0]) or begun
        if code is None:
            options = [f"{code} {label.zh}" for code, label in listed.items()] or list(cell.recode)
            self.report("form_code_unknown", cell, sheet, spot, found=text, expected="、".join(options))
        return code

    def _typed(self, sheet: FormSheet, spot: Spot, text: str, what: Target) -> Made:
        def place(_row: int, _column: int | None) -> dict[str, object]:
            return self.place(sheet.table.sheet, spot)

        series, found = typed(pl.Series([text or None], dtype=pl.String), [spot[0] + 1], spot[1], what, place)
        return series[0], found

    def _target(self, cell: FormCell, factor: float | None = None) -> Target:
        used = cell.factor if factor is None else factor
        return target(self.catalogue, Column(to=cell.to, header="", stage=cell.stage, factor=used))

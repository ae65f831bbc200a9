"""Which county a cell names: by code or by name, among the divisions valid in the year."""

from __future__ import annotations

from typing import Literal

from pipeline.returns.headings import normal
from pipeline.schema.model import Catalogue


class Counties:
    """The counties of a year by what a return calls them."""

    def __init__(self, catalogue: Catalogue, by: Literal["code", "name"], year: int) -> None:
        self.by = by
        self.known: dict[str, set[str]] = {}
        for division in catalogue.divisions:
            if division.level == "county" and division.valid_from <= year <= division.valid_to:
                names = (division.code,) if by == "code" else (division.name_zh, division.name_en)
                for name in names:
                    self.known.setdefault(self._compared(name), set()).add(division.code)

    def _compared(self, name: str) -> str:
        return name if self.by == "code" else normal(name)

    def find(self, text: str | None) -> tuple[str | None, str | None]:
        """The county's code, or the reading rule that says why there is none."""
        if text is None:
            return None, "county_missing"
        codes = self.known.get(self._compared(text), set())
        if len(codes) == 1:
            return next(iter(codes)), None
        return None, "county_ambiguous" if codes else "county_unknown"

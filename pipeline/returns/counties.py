"""Which county a cell names: by code or by name, among the divisions valid in the year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.returns.headings import normal
from pipeline.returns.written import Refused, read_code
from pipeline.schema.model import Catalogue, Division
from pipeline.schema.writing import Writing


@dataclass(frozen=True, eq=False)
class _Held:
    """Divisions as a key of the cache, by identity: a return after another asks for the same thousands."""

    divisions: tuple[Division, ...]

    def __hash__(self) -> int:
        return id(self.divisions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.divisions is other.divisions


@lru_cache(maxsize=16)
def _known(held: _Held, by: Literal["code", "name"], year: int) -> dict[str, set[str]]:
    """What a return may call a county of a year → the codes of those called so."""
    known: dict[str, set[str]] = {}
    for division in held.divisions:
        if division.level == "county" and division.valid_from <= year <= division.valid_to:
            names = (division.code,) if by == "code" else (division.name_zh, division.name_en)
            for name in names:
                known.setdefault(_compared(name, by), set()).add(division.code)
    return known


def _compared(name: str, by: Literal["code", "name"]) -> str:
    return name if by == "code" else normal(name)


class Counties:
    """The counties of a year by what a return calls them."""

    def __init__(self, catalogue: Catalogue, by: Literal["code", "name"], year: int) -> None:
        self.by = by
        self.known = _known(_Held(catalogue.divisions), by, year)

    def find(self, text: str | None) -> tuple[str | None, str | None]:
        """The county's code, or the reading rule that says why there is none."""
        if text is None:
            return None, "county_missing"
        codes = self.known.get(_compared(text, self.by), set())
        if len(codes) == 1:
            return next(iter(codes)), None
        return None, "county_ambiguous" if codes else "county_unknown"

    def find_written(self, text: str, writing: Writing | None) -> tuple[str | None, tuple[str, ...]]:
        """The county that a code means which a spreadsheet or a hand has changed, and how; None where none is known.

        A lost zero is put back only where exactly one county has the code with it.
        """
        if self.by != "code" or writing is None:
            return None, ()
        said = read_code(text, "county_code", writing)
        if isinstance(said, Refused) or said.text is None:
            return None, ()
        if said.text in self.known:
            return self.find(said.text)[0], said.kinds or ("marks",)
        sound = [full for full in ("0" + said.text, "00" + said.text) if full in self.known]
        return (self.find(sound[0])[0], (*said.kinds, "leading_zero")) if len(sound) == 1 else (None, ())

"""Which county a cell names: by code or by name, among the divisions valid in the year."""

from __future__ import annotations

from collections.abc import Mapping
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


LEVELS_ABOVE = ("prefecture", "province")
CalledBy = Literal["code", "name", "either"]


@lru_cache(maxsize=16)
def _known(held: _Held, by: CalledBy, year: int) -> dict[str, set[str]]:
    """What a return may call a county of a year → the codes of those called so."""
    known: dict[str, set[str]] = {}
    for division in held.divisions:
        if division.level == "county" and division.valid_from <= year <= division.valid_to:
            for name in _names(division, by):
                known.setdefault(_compared(name, by), set()).add(division.code)
    return known


@lru_cache(maxsize=16)
def _above(held: _Held, year: int) -> dict[str, Division]:
    """Code → division of a year, for those in which counties lie."""
    return {d.code: d for d in held.divisions if d.valid_from <= year <= d.valid_to}


def _names(division: Division, by: CalledBy) -> tuple[str, ...]:
    names = (division.name_zh, division.name_en)
    return (division.code,) if by == "code" else names if by == "name" else (division.code, *names)


def _compared(name: str, by: CalledBy) -> str:
    return name if by == "code" else normal(name)


class Counties:
    """The counties of a year by what a return calls them."""

    def __init__(self, catalogue: Catalogue, by: CalledBy, year: int, digits: int | None = None) -> None:
        self.by, self.digits = by, digits
        held = _Held(catalogue.divisions)
        self.known = _known(held, by, year)
        self.above = _above(held, year)

    def find(self, text: str | None, within: Mapping[str, str] | None = None) -> tuple[str | None, str | None]:
        """The county's code, or the reading rule that says why there is none.

        ``within``: level → what the return calls the division of that level in which the county lies. It chooses among
        counties of one name, and a county that lies elsewhere is not the one meant. Of a longer code the first ``digits``
        count.
        """
        if text is None:
            return None, "county_missing"
        codes = self.known.get(_compared(text[: self.digits], self.by), set())
        there = {code for code in codes if self._lies_within(code, within or {})}
        if len(there) == 1:
            return next(iter(there)), None
        if codes and not there:
            return None, "county_not_within"
        return None, "county_ambiguous" if there else "county_unknown"

    def _lies_within(self, code: str, within: Mapping[str, str]) -> bool:
        """Whether no division above a county is another than the return names; levels that our list lacks say nothing."""
        division: Division | None = self.above[code]
        for _ in LEVELS_ABOVE:
            division = self.above.get(division.parent_code) if division is not None else None
            named = within.get(division.level) if division is not None else None
            if (
                division is not None
                and named is not None
                and normal(named) not in map(normal, _names(division, "either"))
            ):
                return False
        return True

    def find_written(self, text: str, writing: Writing | None) -> tuple[str | None, tuple[str, ...]]:
        """The county that a code means which a spreadsheet or a hand has changed, and how; None where none is known.

        A lost zero is put back only where exactly one county has the code with it.
        """
        if self.by == "name" or writing is None:
            return None, ()
        said = read_code(text, "county_code", writing)
        if isinstance(said, Refused) or said.text is None:
            return None, ()
        if said.text in self.known:
            return self.find(said.text)[0], said.kinds or ("marks",)
        sound = [full for full in ("0" + said.text, "00" + said.text) if full in self.known]
        return (self.find(sound[0])[0], (*said.kinds, "leading_zero")) if len(sound) == 1 else (None, ())

"""Which layout and sheet a source table follows, and in which column each header stands."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.returns.csv_file import SourceTable
from pipeline.schema.expressions import columns_of
from pipeline.schema.model import Catalogue, Layout, Sheet

HEADER_SEARCH_ROWS = 10
"""How many rows from the top may be the header (titles and notes stand above it)."""


@dataclass(frozen=True)
class Fit:
    """A table read as a sheet of a layout. ``positions``: normalised header → 0-based column of the file."""

    layout: Layout
    sheet: Sheet
    header_index: int
    positions: dict[str, int]

    def position(self, header: str, also: Iterable[str] = ()) -> int | None:
        """Column of a header under any of its spellings, or None where the file has none."""
        found = (self.positions.get(normal(name)) for name in (header, *also))
        return next((p for p in found if p is not None), None)


@dataclass(frozen=True)
class NoFit:
    """No layout fits: the nearest sheet and the headers it lacks; or a header that stands twice."""

    rule_id: str
    found: str
    expected: str


def normal(header: str) -> str:
    """A header as it is compared: full-width forms and white space do not matter."""
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold()


def header_in(header: str | dict[int, str], year: int) -> str:
    """The header that holds in a year, where it changed over time."""
    if isinstance(header, str):
        return header
    valid = [start for start in header if start <= year]
    return header[max(valid)] if valid else header[min(header)]


def _required(sheet: Sheet, year: int) -> list[tuple[str, tuple[str, ...]]]:
    """Headers that must be there (each with its other spellings) for a table to be this sheet."""
    needed = [(header_in(sheet.division.header, year), sheet.division.also)]
    needed += [(header_in(c.header, year), c.also) for c in sheet.columns if not c.optional]
    needed += [(part, ()) for derived in sheet.derived for part in derived.parts]
    conditions = [f.drop_when for f in sheet.filters] + list(sheet.not_data)
    needed += [(name, ()) for text in conditions for name in columns_of(text)]
    return needed


def _lacking(sheet: Sheet, positions: dict[str, int], year: int) -> list[str]:
    return [h for h, also in _required(sheet, year) if not any(normal(x) in positions for x in (h, *also))]


def fit(table: SourceTable, catalogue: Catalogue, year: int) -> Fit | NoFit:
    """The layout, sheet and header row that explain most of a table's headers; NoFit says what is lacking."""
    best: Fit | None = None
    nearest: tuple[int, Layout, Sheet, list[str]] | None = None
    for index, row in enumerate(table.rows[:HEADER_SEARCH_ROWS]):
        positions = {normal(cell): i for i, cell in reversed(list(enumerate(row))) if cell}
        for layout in catalogue.layouts.values():
            for sheet in layout.sheets:
                lacking = _lacking(sheet, positions, year)
                known = len(_required(sheet, year)) - len(lacking)
                if not lacking and (best is None or known > len(_required(best.sheet, year))):
                    best = Fit(layout, sheet, index, positions)
                if known and (nearest is None or len(lacking) < nearest[0]):
                    nearest = (len(lacking), layout, sheet, lacking)
    if best is None:
        return _no_fit(nearest, catalogue)
    counted = Counter(normal(cell) for cell in table.rows[best.header_index] if cell)
    for header, also in _required(best.sheet, year):
        for spelling in (header, *also):
            if counted[normal(spelling)] > 1:
                return NoFit("header_repeated", spelling, "")
    return best


def _no_fit(nearest: tuple[int, Layout, Sheet, list[str]] | None, catalogue: Catalogue) -> NoFit:
    names = "、".join(layout.id for layout in catalogue.layouts.values())
    if nearest is None:
        return NoFit("layout_unknown", "—", names)
    _, layout, sheet, lacking = nearest
    listed = "、".join(lacking[:8]) + ("…" if len(lacking) > 8 else "")
    return NoFit("layout_unknown", f"{layout.id}/{sheet.part} − {listed}", f"{layout.id}/{sheet.part}")

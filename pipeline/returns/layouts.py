"""Which layout and sheet a source table follows, and in which column each header stands."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.returns.csv_file import SourceTable
from pipeline.schema.expressions import columns_of
from pipeline.schema.layout import Layout, Sheet
from pipeline.schema.model import Catalogue

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
    """No layout fits: the nearest sheet and the headers it lacks; or a header that stands twice, and where."""

    rule_id: str
    found: str
    expected: str
    row: int | None = None
    column: int | None = None


def normal(header: str) -> str:
    """A header as it is compared: full-width forms and white space do not matter."""
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold()


def header_in(header: str | dict[int, str] | None, year: int) -> str:
    """The header that holds in a year, where it changed over time; empty where a sheet has no such column."""
    if header is None or isinstance(header, str):
        return header or ""
    valid = [start for start in header if start <= year]
    return header[max(valid)] if valid else header[min(header)]


def headers_of(layout: Layout, sheet: Sheet, year: int, *, optional: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Headers that a sheet reads, each with its other spellings: those it must have, or with the optional ones too."""
    by = sheet.division
    headers = [(header_in(by.header, year), by.also)] if by.header is not None else []
    headers += [(header_in(c.header, year), c.also) for c in sheet.columns if optional or not c.optional]
    headers += [(part, ()) for derived in sheet.derived for part in derived.parts]
    conditions = [f.drop_when for f in sheet.filters] + list(sheet.not_data)
    headers += [(name, ()) for text in conditions for name in columns_of(text)]
    return headers + ([(layout.year.column, ())] if layout.year.column else [])


def fit(table: SourceTable, catalogue: Catalogue, year: int) -> Fit | NoFit:
    """The layout, sheet and header row that explain most of a table's headers; NoFit says what is lacking."""
    sheets = [(layout, sheet) for layout in catalogue.layouts.values() for sheet in layout.sheets]
    best: Fit | None = None
    explained = 0
    nearest: tuple[int, Layout, Sheet, list[str]] | None = None
    for index, row in enumerate(table.rows[:HEADER_SEARCH_ROWS]):
        positions = {normal(cell): i for i, cell in reversed(list(enumerate(row))) if normal(cell)}
        for layout, sheet in sheets:
            needed = headers_of(layout, sheet, year, optional=False)
            lacking = [h for h, also in needed if not any(normal(x) in positions for x in (h, *also))]
            known = len(needed) - len(lacking)
            if not lacking and known > explained:
                best, explained = Fit(layout, sheet, index, positions), known
            if known and (nearest is None or len(lacking) < nearest[0]):
                nearest = (len(lacking), layout, sheet, lacking)
    if best is None:
        return _no_fit(nearest, catalogue)
    return _header_twice(best, table.rows[best.header_index], year) or best


def _header_twice(fitted: Fit, row: list[str], year: int) -> NoFit | None:
    """The first header in the file that is read and stands in two columns."""
    read = headers_of(fitted.layout, fitted.sheet, year, optional=True)
    spellings = {normal(name) for header, also in read for name in (header, *also)}
    for column, cell in enumerate(row):
        name = normal(cell)
        if name in spellings and fitted.positions[name] != column:
            return NoFit("header_repeated", cell.strip(), "", fitted.header_index + 1, column)
    return None


def _no_fit(nearest: tuple[int, Layout, Sheet, list[str]] | None, catalogue: Catalogue) -> NoFit:
    names = "、".join(layout.id for layout in catalogue.layouts.values())
    if nearest is None:
        return NoFit("layout_unknown", "—", names)
    _, layout, sheet, lacking = nearest
    listed = "、".join(lacking[:8]) + ("…" if len(lacking) > 8 else "")
    return NoFit("layout_unknown", f"{layout.id}/{sheet.part} − {listed}", f"{layout.id}/{sheet.part}")


def perhaps_meant(fitted: Fit, year: int) -> list[tuple[int, str]]:
    """Columns that nothing reads, each with the optional header of the layout that it resembles and the file lacks.

    A slip of the pen there would otherwise null a whole column without a word.
    """
    headers = headers_of(fitted.layout, fitted.sheet, year, optional=True)
    read = {fitted.position(header, also) for header, also in headers}
    unread = {name: position for name, position in fitted.positions.items() if position not in read}
    found = []
    for header, also in headers:
        near = difflib.get_close_matches(normal(header), unread, n=1, cutoff=0.8)
        if near and fitted.position(header, also) is None:
            found.append((unread[near[0]], header))
    return found

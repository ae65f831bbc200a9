"""The layout that a file is nearest to, and which of its tables is which sheet, though headers or names have changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.returns.headings import Heading, heading_at, levels, normal
from pipeline.returns.layouts import header_in
from pipeline.returns.suggest.draft import ACCEPT
from pipeline.returns.suggest.wording import Wording, alike, wording
from pipeline.returns.table import SourceTable, is_blank
from pipeline.returns.tries import Candidates
from pipeline.schema.expressions import columns_of
from pipeline.schema.layout import Layout, Sheet
from pipeline.schema.model import Catalogue

SEARCHED_ROWS = 40
"""Rows in which a header is looked for: far below where reading would find it, to say so."""
LEAST_LIKENESS = 0.35
"""Share of a sheet's headers that a table must have to be of its kind."""
DIVISION, CONDITION = "division", "not_data"
"""What a header gives that becomes no cell: the county, or a row's place among the rows that are no data."""
_NEARLY = 0.9
"""What a header counts that is only nearly the one of the layout."""
_UNTOLD = 0.9
"""What the likeness of a sheet counts where nothing tells it from its sisters with the same headers."""
_FEWEST = 2


@dataclass(frozen=True)
class Expected:
    """A header of a layout: its spellings in the year, what it gives, whether a file must have it."""

    names: tuple[str, ...]
    to: str
    is_required: bool
    factor: float = 1.0

    @property
    def header(self) -> str:
        return self.names[0]

    @property
    def wording(self) -> Wording:
        return wording(self.header)


@dataclass(frozen=True)
class Paired:
    """A table and the sheet that it is; ``likeness``: the share of the sheet's headers that it has, or nearly."""

    table: SourceTable
    sheet: Sheet
    heading: Heading
    likeness: float
    narrower: tuple[str, ...] = ()

    def placed(self, expected: Sequence[Expected]) -> dict[int, int]:
        """Position among the expected → column of the table, as reading finds them; none where it cannot be told."""
        found = {number: self.heading.columns(one.names, self.narrower) for number, one in enumerate(expected)}
        return {number: columns[0] for number, columns in found.items() if len(columns) == 1}


@dataclass(frozen=True)
class Nearest:
    """A layout, its tables in the file, and what is left of both."""

    layout: Layout
    pairs: tuple[Paired, ...]
    lacking: tuple[Sheet, ...]
    extra: tuple[SourceTable, ...]

    @property
    def likeness(self) -> float:
        return sum(pair.likeness for pair in self.pairs) / len(self.pairs) if self.pairs else 0.0


def expected_of(sheet: Sheet, year: int, has_cover: bool = False) -> list[Expected]:
    """The headers of a sheet in a year: the county's first, then its columns in order, then those that only conditions read.

    In a vertical sheet the columns of its frame; ``items_of`` has the rest. ``has_cover``: the file is a workbook, whose
    cover may name the county.
    """
    by = sheet.division
    found = []
    if by.header is not None:
        found.append(Expected((header_in(by.header, year), *by.also), DIVISION, not (has_cover and by.cell)))
    found += [Expected((name,), DIVISION, False) for name in by.within.headers.values()]
    if sheet.vertical is not None:
        frame = [(sheet.vertical.code, False), (sheet.vertical.item, True), (sheet.vertical.value, True)]
        return found + [Expected((header,), "vertical", must) for header, must in frame if header is not None]
    found += [Expected((header_in(c.header, year), *c.also), c.to, not c.optional, c.factor) for c in sheet.columns]
    found += [Expected((part,), derived.to, True) for derived in sheet.derived for part in derived.parts]
    conditions = [f.drop_when for f in sheet.filters] + list(sheet.not_data)
    found += [Expected((name,), CONDITION, True) for text in conditions for name in columns_of(text)]
    first: dict[str, Expected] = {}
    for one in found:
        for name in one.names:
            first.setdefault(normal(name), one)
    return list(dict.fromkeys(first.values()))


def items_of(sheet: Sheet, year: int) -> list[Expected]:
    """The items of a vertical sheet."""
    return [Expected((header_in(c.header, year), *c.also), c.to, False, c.factor) for c in sheet.columns]


def nearest_layout(tables: Sequence[SourceTable], catalogue: Catalogue, year: int) -> Nearest | None:
    """The layout whose sheets the file has most of; None where no table is near any sheet."""
    kind = "xlsx" if any(table.is_of_workbook for table in tables) else "csv"
    layouts = [layout for layout in catalogue.layouts.values() if kind in layout.formats]
    tried = [_paired(tables, layout, year) for layout in layouts]
    near = [found for found in tried if found.pairs]
    return max(near, key=lambda found: sum(_weight(pair, year) for pair in found.pairs), default=None)


def _weight(pair: Paired, year: int) -> float:
    return pair.likeness * len(expected_of(pair.sheet, year))


def _paired(tables: Sequence[SourceTable], layout: Layout, year: int) -> Nearest:
    """Tables as sheets of one layout: those named like a sheet first, the rest by headers, the most alike first."""
    ignored = {normal(name) for name in layout.ignore_sheets}
    open_tables = [t for t in tables if not t.is_of_workbook or normal(t.sheet) not in ignored]
    open_sheets = [sheet for sheet in layout.sheets if sheet.columns]
    pairs: list[Paired] = []
    tried = [_held(table, sheet, layout, year) for table in open_tables for sheet in open_sheets]
    by_name = {id(p): p.sheet.name is not None and normal(p.table.sheet) == normal(p.sheet.name) for p in tried}
    for pair in sorted(tried, key=lambda p: (-by_name[id(p)], -p.likeness)):
        is_open = any(t is pair.table for t in open_tables) and any(s is pair.sheet for s in open_sheets)
        if is_open and pair.likeness >= LEAST_LIKENESS:
            pairs.append(pair)
            open_tables = [t for t in open_tables if t is not pair.table]
            open_sheets = [s for s in open_sheets if s is not pair.sheet]
    if not any(table.is_of_workbook for table in tables):
        open_sheets = []  # a text file holds one sheet
    return Nearest(layout, tuple(pairs), tuple(open_sheets), tuple(open_tables))


def _held(table: SourceTable, sheet: Sheet, layout: Layout, year: int) -> Paired:
    """A table held against a sheet at its best header row. What tells the sheet from its sisters counts beside headers."""
    wanted = expected_of(sheet, year, table.is_of_workbook)
    rows = [i for i, row in enumerate(table.rows[:SEARCHED_ROWS]) if not is_blank(row)]
    headings = [heading_at(table, i) for i in rows if sum(bool(c.strip()) for c in table.rows[i]) >= _FEWEST]
    if any(len(levels(name)) > 1 for one in wanted for name in one.names):
        headings += [heading for heading in Candidates(table).headings(in_groups=True) if heading.filled]
    scored = [(_likeness(h, wanted, layout.narrower), -h.index, -h.height, h) for h in headings]
    likeness, _, _, heading = max(scored, key=lambda of: of[:3], default=(0.0, 0, 0, Heading(0, 1, [])))
    if likeness and sheet.told_by is not None and not _is_told(table, heading, sheet):
        likeness *= _UNTOLD
    return Paired(table, sheet, heading, likeness, layout.narrower)


def _is_told(table: SourceTable, heading: Heading, sheet: Sheet) -> bool:
    """Whether a table shows that it is this sheet of those with the same headers."""
    told_by = sheet.told_by
    assert told_by is not None, "asked of such sheets only"
    above = [table.sheet, *(cell for row in table.rows[: heading.index] for cell in row)]
    has_text = told_by.text is not None and any(re.search(told_by.text, text) for text in above)
    return has_text or any(heading.columns((header,)) for header in told_by.headers)


def _likeness(heading: Heading, wanted: Sequence[Expected], narrower: tuple[str, ...]) -> float:
    """The share of headers that stand there as they are, or nearly. Only a row that has some is worth a second look."""
    exact = [bool(heading.columns(one.names, narrower)) for one in wanted]
    if sum(exact) == 0 and len(wanted) > _FEWEST:
        said = {wording(cell).core for cell in heading.cells if cell.strip()}
        if not any(one.wording.core in said for one in wanted):
            return 0.0
    held = [1.0 if is_there else _NEARLY * _is_near(one, heading) for one, is_there in zip(wanted, exact, strict=True)]
    return sum(held) / len(wanted)


def _is_near(one: Expected, heading: Heading) -> bool:
    said = wording(one.header)
    return any(alike(said, wording(cell)) >= ACCEPT for cell in heading.cells if cell.strip())

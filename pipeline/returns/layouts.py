"""Which layout a file follows, which sheet of it each table is, and in which column each header stands."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.returns.headings import Heading, code_row_below, levels, normal
from pipeline.returns.table import SourceTable, is_blank
from pipeline.returns.telling import told_apart
from pipeline.returns.tries import Candidates
from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.expressions import columns_of
from pipeline.schema.layout import Column, Layout, Sheet
from pipeline.schema.model import Catalogue


@dataclass(frozen=True)
class Fit:
    """A table read as a sheet of a layout: its header, and the 0-based row from which data may stand."""

    layout: Layout
    sheet: Sheet
    heading: Heading
    data_from: int

    def position(self, header: str, also: Iterable[str] = ()) -> int | None:
        """Column of a header under any of its spellings, or None where the file has none."""
        columns = self.heading.columns((header, *also), self.layout.narrower)
        return columns[0] if columns else None


@dataclass(frozen=True)
class NoFit:
    """No layout fits: the nearest sheet and the headers it lacks; or a header that stands twice, and where."""

    rule_id: str
    found: str
    expected: str
    sheet: str = ""
    row: int | None = None
    column: int | None = None


@dataclass
class FileFit:
    """A file read by one layout: its tables with their fits, and the tables that are named like a sheet or should be
    one but are not read (``unfit``)."""

    layout: Layout
    fits: list[tuple[SourceTable, Fit]] = field(default_factory=list)
    unfit: list[NoFit] = field(default_factory=list)
    explained: tuple[int, int] = (0, 0)
    """How many tables and how many of their headers the layout knows."""


def header_in(header: str | dict[int, str] | None, year: int) -> str:
    """The header that holds in a year, where it changed over time; empty where a sheet has no such column."""
    if header is None or isinstance(header, str):
        return header or ""
    valid = [start for start in header if start <= year]
    return header[max(valid)] if valid else header[min(header)]


Headers = list[tuple[str, tuple[str, ...]]]
"""Headers, each with its other spellings."""


def headers_of(layout: Layout, sheet: Sheet, year: int, *, optional: bool, has_cover: bool = False) -> Headers:
    """Headers that a sheet reads: those it must have, or with the optional ones too. In a file that has a cover, the
    column of the county is optional where the cover names it."""
    by = sheet.division
    headers: Headers = []
    if by.header is not None and (optional or not (has_cover and by.cell)):
        headers.append((header_in(by.header, year), by.also))
    headers += [(name, ()) for name in by.within.headers.values() if optional]
    headers += _of_columns(sheet, year, optional)
    headers += [(part, ()) for derived in sheet.derived for part in derived.parts]
    conditions = [f.drop_when for f in sheet.filters] + list(sheet.not_data)
    headers += [(name, spellings(sheet, year, name)) for text in conditions for name in columns_of(text)]
    return headers + ([(layout.year.column, ())] if layout.year.column else [])


def _of_columns(sheet: Sheet, year: int, optional: bool) -> Headers:
    if sheet.vertical is None:
        return [(header_in(c.header, year), c.also) for c in sheet.columns if optional or not c.optional]
    code = [(sheet.vertical.code, ())] if sheet.vertical.code and optional else []
    beside = [c for c in sheet.columns if c.to in IDENTITY_COLUMNS and (optional or _says_whose(c))]
    whose = [(header_in(c.header, year), c.also) for c in beside] if sheet.record != "county" else []
    return [*code, *whose, (sheet.vertical.item, ()), (sheet.vertical.value, ())]


def _says_whose(column: Column) -> bool:
    """Whether a vertical sheet about schools must have a column: the school's code and the stage, unless they are optional."""
    return column.to in ("school_id", "stage") and not column.optional


def spellings(sheet: Sheet, year: int, name: str) -> tuple[str, ...]:
    """Other spellings of a header that a condition names."""
    known = {header_in(column.header, year): column.also for column in sheet.columns}
    known.setdefault(header_in(sheet.division.header, year), sheet.division.also)
    return known.get(name, ())


@dataclass(frozen=True)
class _Try:
    """One table held against one sheet: the best header row, how many headers it has (of those needed; where it fits, of
    all), and those it lacks."""

    fit: Fit | None
    known: int
    lacking: list[str]


def _held_against(candidates: Candidates, layout: Layout, sheet: Sheet, year: int) -> _Try:
    table = candidates.table
    if sheet.division.header is None and not table.is_of_workbook:
        return _Try(None, 0, [])
    needed = headers_of(layout, sheet, year, optional=False, has_cover=table.is_of_workbook)
    every = headers_of(layout, sheet, year, optional=True)
    best = _Try(None, 0, [])
    for heading in candidates.headings(_has_groups(every)):
        lacking = [h for h, also in needed if not heading.columns((h, *also), layout.narrower)]
        known = len(needed) - len(lacking)
        if needed and not lacking:
            known = sum(bool(heading.columns((h, *also), layout.narrower)) for h, also in every)
            if best.fit is None or (known, -heading.height) > (best.known, -best.fit.heading.height):
                best = _Try(Fit(layout, sheet, heading, _data_from(table, heading, sheet)), known, [])
        elif known > best.known and best.fit is None:
            best = _Try(None, known, lacking)
    return best


def _has_groups(headers: Headers) -> bool:
    """Whether headers name groups of columns, so that they may take several rows."""
    return any(len(levels(name)) > 1 for header, also in headers for name in (header, *also))


def _data_from(table: SourceTable, heading: Heading, sheet: Sheet) -> int:
    codes = {*IDENTITY_COLUMNS, *(column.to for column in sheet.columns)}
    has_codes = sheet.code_row and code_row_below(table, heading, codes)
    return heading.index + heading.height + has_codes


def fit(
    tables: Sequence[SourceTable], catalogue: Catalogue, year: int, among: Collection[str] | None = None
) -> FileFit | NoFit:
    """The layout that explains most sheets and headers of a file; NoFit says what the nearest lacks. ``among``: ids of the
    only layouts to try."""
    best: FileFit | None = None
    nearest: _Nearest | None = None
    equal: list[str] = []
    untold: list[NoFit] = []
    candidates = [Candidates(table) for table in tables]
    for layout in catalogue.layouts.values():
        if ("xlsx" if any(table.is_of_workbook for table in tables) else "csv") not in layout.formats:
            continue
        if among is not None and layout.id not in among:
            continue
        found, known, near = _fit_layout(layout, candidates, year)
        found.explained = (len(found.fits), known)
        if found.explained > (best.explained if best is not None else (0, 0)):
            best, equal = found, []
        elif best is not None and found.explained == best.explained:
            equal.append(layout.id)
        untold += [no_fit for no_fit in found.unfit if no_fit.rule_id == "part_untold"]
        if near and (nearest is None or near[0] < nearest[0]):
            nearest = near
    if best is None:
        return untold[0] if untold else _no_fit(nearest, catalogue)
    twice = [(_header_twice(table, fitted, year), table, fitted) for table, fitted in best.fits]
    best.fits = [(table, fitted) for repeated, table, fitted in twice if repeated is None]
    best.unfit += [repeated for repeated, _, _ in twice if repeated is not None]
    if equal and best.fits:
        best.unfit.append(NoFit("layout_tied", "、".join(equal), best.layout.id))
    return best if best.fits else best.unfit[0]


_Nearest = tuple[int, Layout, Sheet, list[str], str]
"""How many headers a table lacks, of which sheet of which layout, and the name of the table."""


def _fit_layout(layout: Layout, tables: Sequence[Candidates], year: int) -> tuple[FileFit, int, _Nearest | None]:
    """Tables of a file as sheets of one layout: by name, the rest by headers; how many headers that explains."""
    found, explained = FileFit(layout), 0
    nearest: list[_Nearest] = []
    named = {normal(sheet.name): sheet for sheet in layout.sheets if sheet.name}
    ignored = {normal(name) for name in layout.ignore_sheets}
    rest: list[Candidates] = []
    for candidates in tables:
        table = candidates.table
        sheet = named.get(normal(table.sheet)) if table.is_of_workbook else None
        if sheet is None:
            rest += [candidates] if normal(table.sheet) not in ignored or not table.is_of_workbook else []
            continue
        tried = _held_against(candidates, layout, sheet, year)
        if tried.fit is not None:
            found.fits.append((table, tried.fit))
            explained += tried.known
        elif not all(is_blank(row) for row in table.rows):
            lacking = tried.lacking or [h for h, _ in headers_of(layout, sheet, year, optional=False, has_cover=True)]
            nearest.append((len(lacking), layout, sheet, lacking, table.sheet))
            found.unfit.append(NoFit("sheet_unfit", _listed(lacking), sheet.name or sheet.part, table.sheet))
    for candidates in rest:
        tries = [(_held_against(candidates, layout, sheet, year), sheet) for sheet in layout.sheets]
        tried, sheet = max(tries, key=lambda of: (of[0].fit is not None, of[0].known))
        name = candidates.table.sheet
        nearest += [(len(t.lacking), layout, s, t.lacking, name) for t, s in tries if t.known and t.fit is None]
        explained += _take(found, candidates.table, *_told(candidates.table, tries, tried, sheet))
    return found, explained, min(nearest, key=lambda near: near[0], default=None)


def _told(table: SourceTable, tries: Sequence[tuple[_Try, Sheet]], best: _Try, sheet: Sheet) -> tuple[_Try, Sheet, str]:
    """Which of several sheets with the same headers a table is, and else what was found of each: then none is taken."""
    if best.fit is None or sheet.told_by is None:
        return best, sheet, ""
    alike = {s.part: (t, s) for t, s in tries if t.fit is not None and s.told_by is not None}
    narrower = best.fit.layout.narrower
    part, signs = told_apart(table, best.fit.heading, [s for _, s in alike.values()], narrower)
    return (*alike[part], "") if part else (best, sheet, signs)


def _take(found: FileFit, table: SourceTable, tried: _Try, sheet: Sheet, untold: str) -> int:
    """Adds a table that no name tells of, or why it is not read; returns how many headers that explains. ``untold``: what
    there is instead of a sign of which sheet it is."""
    if untold:
        among = "、".join(s.label.zh for s in found.layout.sheets if s.told_by is not None)
        found.unfit.append(NoFit("part_untold", untold, among, table.sheet))
        return 0
    taken = {fitted.sheet.part for _, fitted in found.fits} | {no_fit.expected for no_fit in found.unfit}
    if tried.fit is not None and taken.isdisjoint((sheet.part, sheet.name)):
        found.fits.append((table, tried.fit))
        return tried.known
    if tried.fit is not None:
        found.unfit.append(NoFit("sheet_repeated", table.sheet, sheet.name or sheet.part, table.sheet))
    elif not all(is_blank(row) for row in table.rows):
        names = "、".join(sheet.name or sheet.part for sheet in found.layout.sheets)
        found.unfit.append(NoFit("sheet_unread", table.sheet, names, table.sheet))
    return 0


def _header_twice(table: SourceTable, fitted: Fit, year: int) -> NoFit | None:
    """The first header in a table that is read and stands in two columns, or may mean two."""
    read = headers_of(fitted.layout, fitted.sheet, year, optional=True)
    known = {normal(name) for header, also in read for name in (header, *also)}
    heading, part = fitted.heading, fitted.sheet.name or fitted.sheet.part
    for column, cell in enumerate(heading.cells):
        name = normal(cell)
        if name in known and heading.positions[name] != column:
            return NoFit("header_repeated", cell.strip(), part, table.sheet, heading.index + heading.height, column)
    for header, also in read:
        columns = heading.columns((header, *also), fitted.layout.narrower)
        if len(columns) > 1:
            found = "、".join(heading.cells[column].strip() for column in columns)
            return NoFit("header_ambiguous", found, header, table.sheet, heading.index + heading.height, columns[0])
    return None


def _listed(headers: Sequence[str]) -> str:
    return "、".join(headers[:8]) + ("…" if len(headers) > 8 else "")


def _no_fit(nearest: _Nearest | None, catalogue: Catalogue) -> NoFit:
    names = "、".join(layout.id for layout in catalogue.layouts.values())
    if nearest is None:
        return NoFit("layout_unknown", "—", names)
    _, layout, sheet, lacking, name = nearest
    return NoFit("layout_unknown", f"{layout.id}/{sheet.part} − {_listed(lacking)}", f"{layout.id}/{sheet.part}", name)


def perhaps_meant(fitted: Fit, year: int, codes: Sequence[str] = ()) -> list[tuple[int, str]]:
    """Columns that nothing reads, each with the optional header of the layout that it resembles and the file lacks.

    A slip of the pen there would otherwise null a whole column without a word. ``codes``: the row of codes below the
    header, if there is one; a column whose code is known is meant by it, whatever its header has become. It is not read all
    the same: another header may tell of another unit.
    """
    coded = {header_in(c.header, year): codes.index(c.to) for c in fitted.sheet.columns if c.to in codes}
    headers = headers_of(fitted.layout, fitted.sheet, year, optional=True)
    read = {fitted.position(header, also) for header, also in headers}
    unread = {name: position for name, position in fitted.heading.positions.items() if position not in read}
    found = []
    for header, also in headers if unread else ():
        if fitted.position(header, also) is None:
            if coded.get(header) in unread.values():
                found.append((coded[header], header))
                continue
            near = difflib.get_close_matches(normal(header), unread, n=1, cutoff=0.8)
            found += [(unread[name], header) for name in near]
    return found

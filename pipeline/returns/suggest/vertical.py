"""A table with one row an item (``学校代码, 项目, 数值``) to a vertical sheet of a layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.returns.headings import Heading, normal
from pipeline.returns.suggest.draft import ACCEPT, ColumnDraft, DivisionDraft, Near, SheetDraft, VerticalDraft
from pipeline.returns.suggest.match import Match, Source, match
from pipeline.returns.suggest.meanings import COUNTY, SCHOOL, STAGE, Meaning, Meanings
from pipeline.returns.suggest.profile import Profile, profile_of
from pipeline.returns.suggest.sheet import Context, columns_of, part_of
from pipeline.returns.suggest.words import unit_of, words
from pipeline.returns.table import SourceTable, is_blank
from pipeline.returns.tries import Candidates
from pipeline.schema.entry import IDENTITY_COLUMNS, Label

FEWEST_ITEMS = 3
"""Items that a column must name to be taken for the items of a vertical sheet."""
_MOST_ROWS = 2000
_LONGEST_ITEM = 60
_MOST_ITEMS = 500
_SHARE_TOLD = 0.3
"""Least share of the texts of a column of items that are recognised, each as something else."""


@dataclass(frozen=True)
class Frame:
    """The columns of a vertical sheet, 0-based, and its header."""

    heading: Heading
    item: int
    value: int
    code: int | None
    unit: int | None
    year: int | None


def frame_of(table: SourceTable, meanings: Meanings) -> Frame | None:
    """The frame of a vertical sheet; None where no column names items, or where its header names as many fields."""
    rows = table.rows[:_MOST_ROWS]
    width = max((len(row) for row in rows), default=0)
    told = [(_items_told(rows, column, meanings), column) for column in range(width)]
    items, item = max(told, key=lambda of: (of[0], -of[1]), default=(0, 0))
    if items < FEWEST_ITEMS:
        return None
    headings = [heading for heading in Candidates(table).headings(in_groups=False) if heading.filled]
    framed = [(h, f) for h in headings if (f := _framed(h, item, rows)) is not None]
    if not framed:
        return None
    heading, found = max(framed, key=lambda of: (_words_of_a_frame(of[0]), -of[0].index))
    across = sum(meanings.best(cell) >= ACCEPT for cell in heading.cells if cell.strip())
    return found if items > across else None


def _items_told(rows: Sequence[Sequence[str]], column: int, meanings: Meanings) -> int:
    """How many different cells the texts of a column name: none where most texts name nothing, as names of schools do."""
    texts = {row[column].strip() for row in rows if column < len(row)}
    told = [text for text in texts if 1 < len(text) <= _LONGEST_ITEM and not text.replace(".", "").isdigit()]
    if len(told) > _MOST_ITEMS:
        return 0
    named = [meanings.nearest(text) for text in told]
    found = {meaning for meaning, score in named if score >= ACCEPT}
    return len(found) if len(found) >= _SHARE_TOLD * len(told) else 0


def _words_of_a_frame(heading: Heading) -> int:
    listed = ("item_headers", "value_headers", "unit_headers", "number_headers", "code_headers", "school_headers")
    named = {normal(word) for key in listed for word in words()[key]}
    return sum(normal(cell) in named for cell in heading.cells)


def _framed(heading: Heading, item: int, rows: Sequence[Sequence[str]]) -> Frame | None:
    """What a header says of the columns, given which holds the items; None where no column can hold the values."""
    cells = [normal(cell) for cell in heading.cells]
    if item >= len(cells) or not cells[item]:
        return None
    below = [list(row) for row in rows[heading.index + heading.height :] if not is_blank(row)]
    named = {key: _named(cells, key) for key in ("value", "code", "unit", "number", "school", "county", "year")}
    taken = {column for key, column in named.items() if column is not None and key != "value"}
    figures = [
        column
        for column in range(item + 1, len(cells))
        if cells[column] and column not in taken and profile_of(below, column).is_numeric
    ]
    value = named["value"] if named["value"] not in (None, item) else next(iter(figures), None)
    if value is None:
        return None
    code = named["code"] if named["code"] != item else None
    return Frame(heading, item, value, code, named["unit"], named["year"])


def _named(cells: Sequence[str], key: str) -> int | None:
    """The first column whose header is one of the words of a kind, in the order of the words."""
    for word in words()[f"{key}_headers"]:
        if normal(word) in cells:
            return cells.index(normal(word))
    return None


@dataclass(frozen=True)
class _Item:
    """A text of the column of items, the number of its first row, its values and its unit."""

    text: str
    row: int
    profile: Profile
    unit: str
    code: str


def vertical_of(table: SourceTable, frame: Frame, context: Context) -> SheetDraft:
    """A vertical table as a sheet of a layout."""
    items = _items(table, frame)
    beside = _beside(table, frame, context)
    sources = [_source(item, context.meanings) for item in items]
    found = _kind_of_row(sources, beside, context)
    drafts = [_draft(item, column) for item, column in zip(items, columns_of(sources, found, (), context), strict=True)]
    notes: list[Label] = []
    if found.record == "school":
        drafts = [*_whose(beside, context), *drafts]
        if context.school is None and not any(c.is_taken and c.best and c.best.meaning.to == SCHOOL for c in drafts):
            notes.append(Label(zh="没有认出学校标识码，请写明", en="no code of the school was recognised: name it"))
            drafts = [
                _column(
                    Beside(context.meanings.label(Meaning(SCHOOL))[0], Meaning(SCHOOL), 0.0, Profile((), 0)), context
                ),
                *drafts,
            ]
    headers = [cell.strip() for cell in frame.heading.cells]
    code = frame.code if frame.code is not None and any(_is_id(item.code, context) for item in items) else None
    has_column = any(key.meaning.to == SCHOOL for key in beside)
    cell = context.school if found.record == "school" and not has_column else None
    vertical = VerticalDraft(
        headers[frame.item], headers[frame.value], headers[code] if code is not None else None, cell
    )
    name = table.sheet or context.file
    return SheetDraft(
        table.sheet, part_of(found.record), Label(zh=name, en=name), found.record, frame.heading.index + 1,
        frame.heading.height, sum(len(item.profile.texts) for item in items), False, _division(beside, context, notes),
        tuple(drafts), {}, (), vertical, _year_header(table, frame, context), tuple(notes),
    )  # fmt: skip


@dataclass(frozen=True)
class Beside:
    """A column beside the items that says whose value a row holds."""

    header: str
    meaning: Meaning
    score: float
    profile: Profile


def _beside(table: SourceTable, frame: Frame, context: Context) -> list[Beside]:
    """Identity columns of the frame, the best column of each."""
    framing = {frame.item, frame.value, frame.code, frame.unit}
    rows = [row for row in table.rows[frame.heading.index + frame.heading.height :] if not is_blank(row)]
    best: dict[str, Beside] = {}
    for position, cell in enumerate(frame.heading.cells):
        if cell.strip() and position not in framing:
            profile = profile_of(rows, position)
            key = _key_of(cell.strip(), profile, context)
            if key is not None and (key.meaning.to not in best or best[key.meaning.to].score < key.score):
                best[key.meaning.to] = key
    return list(best.values())


def _key_of(header: str, profile: Profile, context: Context) -> Beside | None:
    named = context.meanings.header(header)
    listed = {SCHOOL: words()["school_headers"], COUNTY: words()["county_headers"]}
    found = []
    for to in IDENTITY_COLUMNS:
        is_listed = named.as_said.whole in map(normal, listed.get(to, ()))
        score = 1.0 if is_listed else context.meanings.score(named, Meaning(to))
        found.append(Beside(header, Meaning(to), context.evidence.adjusted(score, Meaning(to), profile), profile))
    best = max(found, key=lambda key: key.score)
    return best if best.score >= ACCEPT else None


def _whose(beside: Sequence[Beside], context: Context) -> list[ColumnDraft]:
    """The columns that say whose value a row holds, but for the county's."""
    return [_column(key, context) for key in beside if key.meaning.to != COUNTY]


def _column(key: Beside, context: Context) -> ColumnDraft:
    zh, en = context.meanings.label(key.meaning)
    near = (Near(key.meaning, round(key.score, 3), Label(zh=zh, en=en)),)
    recode = context.evidence.recode(key.meaning, key.profile)
    return ColumnDraft(key.header, "", near, True, 1.0, recode, key.meaning.to not in (SCHOOL, STAGE))


def _year_header(table: SourceTable, frame: Frame, context: Context) -> str | None:
    """The column that repeats the collection year."""
    position = frame.year
    if position is None:
        return None
    profile = profile_of(table.rows[frame.heading.index + frame.heading.height :], position)
    return frame.heading.cells[position].strip() if profile.distinct == (str(context.evidence.year),) else None


def _items(table: SourceTable, frame: Frame) -> list[_Item]:
    """The different items in order of appearance; those that never have a value are headings of sections."""
    start = frame.heading.index + frame.heading.height
    first: dict[str, int] = {}
    values: dict[str, list[str]] = {}
    for number, row in enumerate(table.rows[start:], start):
        text = row[frame.item].strip() if frame.item < len(row) else ""
        if text:
            first.setdefault(text, number)
            value = row[frame.value].strip() if frame.value < len(row) else ""
            values.setdefault(text, []).extend([value] if value else [])
    found = []
    for text, number in first.items():
        unit = table.cell(number, frame.unit).strip() if frame.unit is not None else ""
        code = table.cell(number, frame.code).strip() if frame.code is not None else ""
        if values[text] or unit or code:
            found.append(_Item(text, number + 1, Profile(tuple(values[text]), len(values[text])), unit, code))
    return found


def _source(item: _Item, meanings: Meanings) -> Source:
    """An item as a header: its unit is in brackets where a column of its own gives it."""
    has_unit = unit_of(normal(item.unit)) is not None and meanings.header(item.text).as_said.unit is None
    said = f"{item.text}（{item.unit}）" if has_unit else item.text
    return Source(item.text, meanings.header(said), item.profile, item.code)


def _kind_of_row(sources: Sequence[Source], beside: Sequence[Beside], context: Context) -> Match:
    """Rows about schools where a column, an item or the cover names the school; else about the county."""
    of_schools = match(sources, "school", context.meanings, context.evidence)
    has_column = any(key.meaning.to == SCHOOL for key in beside)
    told = zip(of_schools.near, of_schools.taken, strict=True)
    if has_column or any(is_taken and near[0].meaning.to == SCHOOL for near, is_taken in told):
        return of_schools
    of_county = match(sources, "county", context.meanings, context.evidence)
    return of_schools if of_schools.weight > of_county.weight else of_county


def _is_id(code: str, context: Context) -> bool:
    return code in context.meanings.catalogue.fields or code in IDENTITY_COLUMNS


def _draft(item: _Item, column: ColumnDraft) -> ColumnDraft:
    return ColumnDraft(
        item.text, str(item.row), column.near, column.is_taken, column.factor, column.recode, True, column.notes
    )


def _division(beside: Sequence[Beside], context: Context, notes: list[Label]) -> DivisionDraft:
    county = next((key for key in beside if key.meaning.to == COUNTY), None)
    if county is not None:
        by = context.evidence.county_by(county.profile) or ("code" if county.profile.is_numeric else "name")
        return DivisionDraft(by, header=county.header, score=county.score)
    if context.county is not None:
        return context.county
    notes.append(Label(zh="没有认出所属区县，请写明 division", en="no county was recognised: complete division"))
    return DivisionDraft("code")

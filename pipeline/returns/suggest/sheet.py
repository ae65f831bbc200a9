"""One table with one row a school, stage, class, room or county to one sheet of a layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.returns.headings import normal
from pipeline.returns.suggest.draft import ACCEPT, SURE, CellDraft, ColumnDraft, DivisionDraft, Near, SheetDraft
from pipeline.returns.suggest.head import Head
from pipeline.returns.suggest.match import Match, Source, match
from pipeline.returns.suggest.meanings import COUNTY, SCHOOL, STAGE, Meanings
from pipeline.returns.suggest.profile import Evidence, Profile, profile_of
from pipeline.returns.suggest.units import Factor, by_magnitude, factor_of
from pipeline.returns.suggest.words import Unit, words
from pipeline.returns.table import SourceTable, column_letter
from pipeline.schema.entry import IDENTITY_COLUMNS, Label, RecordType

RECORDS: tuple[RecordType, ...] = ("school", "stage", "class", "room", "county")
MOST_REQUIRED = 4
"""Columns of figures that a file must have to be known by a suggested layout; the others may be missing."""
_MOSTLY_BY_STAGE = 0.8
"""Share of what a sheet tells of schools that a sheet by stage must tell too."""


def part_of(record: RecordType) -> str:
    """The part that a sheet with one row a record is, as our own layout names it: many of them, but of one county."""
    plural = "es" if record.endswith("s") else "s"
    return record if record == "county" else f"{record}{plural}"


@dataclass(frozen=True)
class Context:
    """What is known of the whole file."""

    meanings: Meanings
    evidence: Evidence
    file: str
    county: DivisionDraft | None
    """The county by the cover, where it names one."""
    school: CellDraft | None = None
    """The cell that names the only school of a workbook."""


def sheet_of(table: SourceTable, head: Head, context: Context) -> SheetDraft | None:
    """A table as a sheet of a layout; None where nothing but keys is recognised."""
    sources = sources_of(head, context.meanings)
    best = _kind_of_row(sources, context)
    if best is None or not any(_is_quantity(near, taken) for near, taken in zip(best.near, best.taken, strict=True)):
        return None
    columns = columns_of(sources, best, head.title_units, context)
    place = [column_letter(i) for i, cell in enumerate(head.heading.cells) if cell.strip()]
    drafts = [replace(column, place=at) for column, at in zip(columns, place, strict=True)]
    notes: list[Label] = []
    year = _year_header(sources, context)
    county = _division(drafts, sources, context, notes)
    kept = tuple(c for c in drafts if c.header != county.header and c.header != year)
    constants = _constants(best.record, kept, table, head, context, notes)
    if STAGE in constants:
        kept = tuple(_said_once(c) if _is_stage_header(c.header) and not c.is_taken else c for c in kept)
    if best.record != "county" and not any(c.best and c.best.meaning.to == SCHOOL for c in kept if c.is_taken):
        notes.append(Label(zh="没有认出学校标识码列，请写明", en="no column of school codes was recognised: name it"))
    name = table.sheet or context.file
    return SheetDraft(
        table.sheet, part_of(best.record), Label(zh=name, en=name), best.record, head.heading.index + 1, head.heading.height,
        len(head.rows), head.code_row, county, kept, constants, not_data(head), None, year, tuple(notes),
    )  # fmt: skip


def sources_of(head: Head, meanings: Meanings) -> list[Source]:
    """The headers of a table with the profiles of their columns."""
    found = []
    for position, text in enumerate(head.heading.cells):
        if text.strip():
            code = head.codes[position] if position < len(head.codes) else ""
            found.append(Source(text.strip(), meanings.header(text), profile_of(head.rows, position), code))
    return found


def _is_figure(near: Near, meanings: Meanings) -> bool:
    """Whether a cell is a count or an amount: what marks a kind of file better than a flag that many forms have."""
    field = meanings.field(near.meaning.to)
    return field is not None and field.unit is not None and field.scope != "identity"


def _is_quantity(near: Sequence[Near], is_taken: bool) -> bool:
    return is_taken and near[0].meaning.to not in IDENTITY_COLUMNS


def _kind_of_row(sources: Sequence[Source], context: Context) -> Match | None:
    """The kind of row that explains most; rows about schools need a code of the school, rows by stage a stage."""
    tried = {record: match(sources, record, context.meanings, context.evidence) for record in RECORDS}
    has_stage = _tells_stages(sources, tried)
    allowed = []
    for record in RECORDS:
        by_school = record == "county" or _source_of(SCHOOL, sources, tried[record]) is not None
        by_stage = has_stage if record == "stage" else not (record == "school" and has_stage)
        if by_school and by_stage:
            allowed.append(record)
    return max((tried[record] for record in allowed or RECORDS), key=lambda of: of.weight, default=None)


def _source_of(to: str, sources: Sequence[Source], found: Match) -> Source | None:
    """The header that is taken for a cell."""
    taken = zip(sources, found.near, found.taken, strict=True)
    return next((source for source, near, is_taken in taken if is_taken and near[0].meaning.to == to), None)


def _tells_stages(sources: Sequence[Source], tried: Mapping[RecordType, Match]) -> bool:
    """Whether each row is of a stage: a column says so, and either it says different things, or the sheet holds little that
    is shared by stages. (A sheet of schools may name the one stage that all of them have.)"""
    found = tried["stage"]
    stage, school = _source_of(STAGE, sources, found), _source_of(SCHOOL, sources, found)
    if stage is None:
        return False
    repeats = school is not None and len(school.profile.distinct) < len(school.profile.texts)
    is_named = normal(IDENTITY_COLUMNS[STAGE][0]) in normal(stage.text)
    if not (repeats or is_named):
        return False
    return len(stage.profile.distinct) > 1 or found.weight >= _MOSTLY_BY_STAGE * tried["school"].weight


# -- columns ------------------------------------------------------------------------------------------------------


def columns_of(
    sources: Sequence[Source], found: Match, title_units: tuple[Unit, ...], context: Context
) -> list[ColumnDraft]:
    """A draft a header, with its factor, its recodes and what a person must look at."""
    pupils = _pupils(sources, found, context.meanings)
    drafts: list[ColumnDraft] = []
    required = 0
    for source, near, is_taken in zip(sources, found.near, found.taken, strict=True):
        notes: list[Label] = []
        if not is_taken:
            other = _of_another_record(source, found.record, context.meanings)
            drafts.append(ColumnDraft(source.text, "", near, False, notes=(other,) if other else ()))
            continue
        factor = factor_for(source, near[0], title_units, pupils, context.meanings)
        if factor.zh:
            notes.append(Label(zh=factor.zh, en=factor.en))
        recode = context.evidence.recode(near[0].meaning, source.profile)
        notes += _unrecoded(source.profile, recode, near[0], context)
        is_key = near[0].meaning.to in (SCHOOL, STAGE)
        is_marked = near[0].score >= SURE and _is_figure(near[0], context.meanings) and source.profile.is_full
        is_required = is_key or (is_marked and required < MOST_REQUIRED)
        required += is_required and not is_key
        drafts.append(ColumnDraft(source.text, "", near, True, factor.value, recode, not is_required, tuple(notes)))
    return drafts


def factor_for(
    source: Source, near: Near, title_units: tuple[Unit, ...], pupils: float | None, meanings: Meanings
) -> Factor:
    """The factor of a column: by the units in words, then held against the size of its figures."""
    field = meanings.field(near.meaning.to)
    by_words = factor_of(source.header.as_said.unit, title_units, field)
    median = source.profile.median
    if field is None or median is None or not by_words.is_sure:
        return by_words
    return by_magnitude(meanings.catalogue, field, median, by_words.value, pupils)


def _pupils(sources: Sequence[Source], found: Match, meanings: Meanings) -> float | None:
    """The median of the pupils of a row, where the sheet gives them; stages added up."""
    fields = {stage.pupils_field for stage in meanings.catalogue.stages.values()}
    medians = [
        source.profile.median
        for source, near, is_taken in zip(sources, found.near, found.taken, strict=True)
        if is_taken and near[0].meaning.to in fields
    ]
    told = [median for median in medians if median is not None]
    return sum(told) if told else None


def _unrecoded(profile: Profile, recode: dict[str, str], near: Near, context: Context) -> list[Label]:
    """Texts of a column of stages that nothing maps."""
    if near.meaning.to != STAGE:
        return []
    known = {*recode, *context.meanings.catalogue.stages}
    lost = [text for text in profile.distinct if text not in known][:5]
    if not lost:
        return []
    listed = "、".join(lost)
    return [Label(zh=f"还有未对应的取值：{listed}", en=f"values that nothing maps yet: {listed}")]


def _of_another_record(source: Source, record: RecordType, meanings: Meanings) -> Label | None:
    """Says that a header is near a cell of another kind of row than the sheet's."""
    scores = meanings.nearness(source.header.as_said)
    to = max(scores, key=lambda name: scores[name], default=None)
    field = meanings.field(to) if to is not None else None
    if to is None or field is None or scores[to] < ACCEPT or field.record == record:
        return None
    if record == "school" and field.scope == "stage":
        return None
    return Label(
        zh=f"像是 {field.record} 记录的“{field.label.zh}”（{to}），本表是 {record} 记录，不能写在这里",
        en=f"near “{field.label.en}” ({to}) of a {field.record} row; this sheet has {record} rows, so not here",
    )


# -- the rest of a sheet ----------------------------------------------------------------------------------------------


def _division(
    drafts: Sequence[ColumnDraft], sources: Sequence[Source], context: Context, notes: list[Label]
) -> DivisionDraft:
    for draft, source in zip(drafts, sources, strict=True):
        if draft.is_taken and draft.best and draft.best.meaning.to == COUNTY:
            by = context.evidence.county_by(source.profile) or ("code" if source.profile.is_numeric else "name")
            return DivisionDraft(by, header=draft.header, score=draft.best.score)
    if context.county is not None:
        return context.county
    notes.append(Label(zh="没有认出所属区县，请写明 division", en="no county was recognised: complete division"))
    return DivisionDraft("code")


def _year_header(sources: Sequence[Source], context: Context) -> str | None:
    """The column that repeats the collection year."""
    named = {normal(text) for text in words()["year_headers"]}
    year = str(context.evidence.year)
    for source in sources:
        if source.header.as_said.whole in named and source.profile.distinct == (year,):
            return source.text
    return None


def _constants(
    record: RecordType,
    columns: Sequence[ColumnDraft],
    table: SourceTable,
    head: Head,
    context: Context,
    notes: list[Label],
) -> dict[str, str]:
    """The stage of a whole sheet, where its columns do not say it: by the name of sheet or file, or by its title."""
    taken = [c.best.meaning for c in columns if c.is_taken and c.best]
    fields = context.meanings.catalogue.fields
    lacks = any(m.stage is None and m.to in fields and fields[m.to].scope == "stage" for m in taken)
    if (
        (record == "school" and not lacks)
        or record not in ("school", "stage", "class")
        or any(m.to == STAGE for m in taken)
    ):
        return {}
    of_rows = {text for i, cell in enumerate(head.heading.cells) if _is_stage_header(cell) for text in _texts(head, i)}
    for text in (*(of_rows if len(of_rows) == 1 else ()), table.sheet, head.title, context.file):
        said = context.meanings.header(text).stage
        if said is not None:
            return {STAGE: said}
    judged = context.meanings.catalogue.judged_stages or list(context.meanings.catalogue.stages.values())
    zh = f"按学段填报的列没有写明学段，暂写 {judged[0].id}"
    notes.append(Label(zh=zh, en=f"columns by stage name no stage; {judged[0].id} stands here until you say"))
    return {STAGE: judged[0].id}


def _said_once(column: ColumnDraft) -> ColumnDraft:
    """The column of the one stage of a whole sheet."""
    note = Label(zh="全表只有一个学段，已写在 constants", en="one stage in all rows, so constants say it")
    return replace(column, near=(), notes=(note,))


def _is_stage_header(cell: str) -> bool:
    return normal(cell) in map(normal, (*IDENTITY_COLUMNS[STAGE], STAGE))


def _texts(head: Head, column: int) -> tuple[str, ...]:
    return profile_of(head.rows, column).distinct


def not_data(head: Head) -> tuple[str, ...]:
    """Conditions for totals, notes and rows that number the columns, as they stand in the file."""
    found = []
    for column, said in [*head.numbering.items(), *head.totals.items()]:
        header = _quoted(head, column)
        if header:
            found.append(f"{header} in ({', '.join(_text(word) for word in sorted(said))})")
    for column, said in head.notes.items():
        header = _quoted(head, column)
        if header:
            found.append(" or ".join(f"{header} like {_text(word + '%')}" for word in sorted(said)))
    return tuple(dict.fromkeys(found))


def _quoted(head: Head, column: int) -> str:
    cells = head.heading.cells
    header = cells[column].strip() if column < len(cells) else ""
    doubled = header.replace('"', '""')
    return f'"{doubled}"' if header else ""


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"

"""What a form says of one column: header, unit, meaning, source, and what may be entered."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.forms.ranges import Range, range_of
from pipeline.returns.layouts import header_in
from pipeline.returns.typing import is_numeric, kind_of
from pipeline.schema.entry import IDENTITY_COLUMNS, Label
from pipeline.schema.form import CodeList
from pipeline.schema.layout import Column, Layout, Sheet
from pipeline.schema.model import Catalogue, FieldDef

TRUTH = {"1": Label(zh="是", en="yes"), "0": Label(zh="否", en="no")}


@dataclass(frozen=True)
class Options:
    """What may be chosen in a column: texts of the form and their meanings, in order."""

    title: Label
    meanings: tuple[tuple[str, Label], ...]
    is_closed: bool
    source: str

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.meanings]


@dataclass(frozen=True)
class FormColumn:
    """One column (or, on a vertical sheet, one row) of a form."""

    column: Column
    header: str
    kind: str
    label: Label
    unit: Label | None
    meaning: Label | None
    form: str
    source: str
    options: Options | None
    range: Range | None

    @property
    def key(self) -> str:
        """The name under which a row gives its value: the field's id, with the stage where the column is of one."""
        return f"{self.column.to}@{self.column.stage}" if self.column.stage else self.column.to

    @property
    def is_text(self) -> bool:
        return not is_numeric(self.kind) or self.options is not None

    def note(self) -> str:
        """What a comment on the header says, in both languages."""
        zh = [self.label.zh + ("" if self.meaning is None else f"：{self.meaning.zh}")]
        en = [self.label.en + ("" if self.meaning is None else f": {self.meaning.en}")]
        if self.range is not None:
            words = self.range.words()
            zh.append(f"填{words[0]}。")
            en.append(f"Enter {words[1]}.")
        return "\n".join([*zh, *([self.form] if self.form else []), *en])


def columns_of(catalogue: Catalogue, sheet: Sheet, year: int) -> list[FormColumn]:
    """Columns of a sheet in the order of the layout."""
    return [_column(catalogue, sheet, column, year) for column in sheet.columns]


def _column(catalogue: Catalogue, sheet: Sheet, column: Column, year: int) -> FormColumn:
    field = catalogue.fields.get(column.to)
    kind = kind_of(catalogue, column.to)
    options = _options(catalogue, column, kind)
    ranged = range_of(catalogue, sheet.record, column) if is_numeric(kind) and options is None else None
    zh, en = IDENTITY_COLUMNS.get(column.to, ("", ""))
    return FormColumn(
        column=column,
        header=header_in(column.header, year),
        kind=kind,
        label=field.label if field is not None else Label(zh=zh, en=en),
        unit=field.unit if field is not None else None,
        meaning=field.meaning if field is not None else None,
        form=_form(field, year),
        source=_source(field),
        options=options,
        range=ranged,
    )


def _form(field: FieldDef | None, year: int) -> str:
    """The statistical form that carries the cell in a year, empty where none does."""
    valid = [start for start in field.form if start <= year] if field is not None else []
    return field.form[max(valid)] if field is not None and valid else ""


def _source(field: FieldDef | None) -> str:
    """Document, clause and grade of a field, in Chinese."""
    if field is None:
        return ""
    source = field.source
    parts = [text.zh for text in (source.document, source.clause) if text is not None]
    return " ".join([*parts, f"[{source.grade}]"])


def _options(catalogue: Catalogue, column: Column, kind: str) -> Options | None:
    listed = catalogue.codes.get(column.to)
    if column.recode:
        known = _meanings(catalogue, column, listed, kind)
        rows = tuple((text, known.get(code, Label(zh=text, en=code))) for text, code in column.recode.items())
        title = Label(zh=column_title(catalogue, column).zh, en=column_title(catalogue, column).en)
        if kind == "boolean" or set(column.recode.values()) == set(TRUTH):
            title = Label(zh="是否", en="Yes or no")
        return Options(title, rows, True, _list_source(listed))
    if listed is not None:
        return Options(listed.label, tuple(listed.codes.items()), listed.is_closed, _list_source(listed))
    if kind == "boolean":
        return Options(Label(zh="是否", en="Yes or no"), tuple(TRUTH.items()), True, "")
    return None


def column_title(catalogue: Catalogue, column: Column) -> Label:
    """The label of a column's field or identity column."""
    if column.to in catalogue.fields:
        return catalogue.fields[column.to].label
    zh, en = IDENTITY_COLUMNS[column.to]
    return Label(zh=zh, en=en)


def _meanings(catalogue: Catalogue, column: Column, listed: CodeList | None, kind: str) -> dict[str, Label]:
    """What the canonical codes of a recoded column mean."""
    if column.to == "stage":
        return {stage.id: stage.label for stage in catalogue.stages.values()}
    if listed is not None:
        return dict(listed.codes)
    return TRUTH if kind in ("boolean", "integer") else {}


def _list_source(listed: CodeList | None) -> str:
    if listed is None:
        return ""
    return " ".join([*([listed.document.zh] if listed.document else []), f"[{listed.grade}]"])


def all_options(catalogue: Catalogue, layout: Layout) -> list[Options]:
    """Every list of choices of a layout, once."""
    found = [
        options
        for sheet in layout.sheets
        for column in sheet.columns
        if (options := _options(catalogue, column, kind_of(catalogue, column.to))) is not None
    ]
    return list(dict.fromkeys(found))

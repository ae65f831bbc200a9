"""What one entry of a home's ``corrections/*.yaml`` may say, and what of it cannot be done.

A correction names a value of a return by school (or county), year, stage and field, what stands there (``old``, the guard)
and what is true (``new``), with reason, source, date and author. Here: the entry and its faults. Not here: files and rows
(``pipeline.store.corrections``, ``corrected``).
"""

from __future__ import annotations

import datetime
import difflib
import math
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pipeline.schema.entry import IDENTITY_COLUMNS, Entry, Label, RecordType, Text
from pipeline.schema.model import Catalogue

Wrong = tuple[tuple[str | int, ...], str, str]
"""Path inside an entry, and what is wrong with it in both languages."""

KEY_COLUMNS = ("school_id", "county_code", "stage")
"""Say whose row it is: a row under a wrong key is sent again, never corrected."""
ATTRIBUTES = tuple(name for name in IDENTITY_COLUMNS if name not in KEY_COLUMNS)
YES_OR_NO = "boolean"


def _quoted(value: Any) -> Any:
    """A code is text: without quotation marks YAML takes it for a number and loses its leading zeros."""
    if isinstance(value, int | float):
        raise ValueError("put the code in quotation marks / 代码请加引号")
    return value


def _said(value: Any) -> Any:
    label = {"zh": value, "en": value} if isinstance(value, str) else value
    if isinstance(label, dict) and not all(isinstance(text, str) and text.strip() for text in label.values()):
        raise ValueError("say something / 不能为空")
    return label


Code = Annotated[str, BeforeValidator(_quoted), Field(min_length=1)]
Said = Annotated[Text, BeforeValidator(_said)]
Value = bool | int | float | str | None


class Correction(Entry):
    """One entry of ``corrections/*.yaml``."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    year: Annotated[int, Field(ge=1000, le=9999)]
    county: Code | None = None
    school: Code | None = None
    """None for a value that the county reports of itself."""
    stage: str | None = None
    row: dict[str, Value] = Field(default_factory=dict)
    """Which class or room: values of other cells of its row."""
    field: str
    old: Value
    """The value that must stand there, as it is read (in the field's unit); null for none."""
    new: Value
    reason: Said
    source: Said
    date: datetime.date
    author: Annotated[str, Field(min_length=1)]
    file: str | None = None
    """Only in this file: its path inside the inbox, or its name."""
    sheet: str | None = None
    cell: Annotated[str, Field(pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")] | None = None

    @property
    def target(self) -> tuple[object, ...]:
        """What it corrects: no two corrections may have the same."""
        row = tuple(sorted((name, str(value)) for name, value in self.row.items()))
        whose = self.school or self.county
        return self.year, whose, self.stage, row, self.field, self.file, self.sheet, self.cell


def record_of(correction: Correction, catalogue: Catalogue) -> RecordType:
    """The kind of row that holds what is corrected."""
    field = catalogue.fields.get(correction.field)
    return field.record if field is not None else "school"


def kind_of_field(name: str, catalogue: Catalogue) -> str:
    """The type of a field or of a column that says what a school is."""
    if name in catalogue.fields:
        return catalogue.fields[name].type
    return YES_OR_NO if name == "is_public" else "code"


def label_of(name: str, catalogue: Catalogue) -> Label:
    """What a field or a column that says what a school is is called."""
    if name in catalogue.fields:
        return catalogue.fields[name].label
    zh, en = IDENTITY_COLUMNS[name]
    return Label(zh=zh, en=en)


def wrong_with(correction: Correction, catalogue: Catalogue) -> Iterator[Wrong]:
    """What of an entry the catalogue cannot do, the first cause first."""
    found = list(_wrong_field(correction, catalogue))
    yield from found
    if found:
        return
    record = record_of(correction, catalogue)
    yield from _wrong_owner(correction, record)
    yield from _wrong_stage(correction, record, catalogue)
    yield from _wrong_row(correction, record, catalogue)
    kind = kind_of_field(correction.field, catalogue)
    for name, value in (("old", correction.old), ("new", correction.new)):
        yield from _wrong_value(name, value, kind)
    if correction.old == correction.new:
        yield ("new",), "新值与原值相同", "the new value is the old one"


def _wrong_field(correction: Correction, catalogue: Catalogue) -> Iterator[Wrong]:
    name = correction.field
    if name in KEY_COLUMNS:
        zh, en = IDENTITY_COLUMNS[name]
        yield (
            ("field",),
            f"{zh}不能更正，请改好后重报该文件",
            f"the {en} cannot be corrected; send the file again instead",
        )
    elif name in catalogue.fields and catalogue.fields[name].is_derived:
        yield (
            ("field",),
            f"“{name}”由其他字段算出，请更正所依据的字段",
            f"“{name}” is computed; correct what it is computed from",
        )
    elif name not in catalogue.fields and name not in ATTRIBUTES:
        known = [*(f.id for f in catalogue.fields.values() if not f.is_derived), *ATTRIBUTES]
        near = difflib.get_close_matches(name, known, n=1)
        zh, en = (f"，是否指“{near[0]}”", f"; did you mean “{near[0]}”?") if near else ("", "")
        yield ("field",), f"没有字段“{name}”{zh}", f"there is no field “{name}”{en}"


def _wrong_owner(correction: Correction, record: RecordType) -> Iterator[Wrong]:
    if record == "county" and (correction.school is not None or correction.county is None):
        yield (
            ("school",),
            "这是县级填报的值：写 county，不写 school",
            "the county reports this value: give county, not school",
        )
    if record != "county" and correction.school is None:
        yield ("school",), "缺少“school”（学校标识码）", "“school” (the school's code) is missing"


def _wrong_stage(correction: Correction, record: RecordType, catalogue: Catalogue) -> Iterator[Wrong]:
    known = ", ".join(catalogue.stages)
    if record == "stage" and correction.stage is None:
        yield (
            ("stage",),
            f"该字段按学段填报，缺少“stage”：{known}",
            f"the field is reported by stage, and “stage” is missing: {known}",
        )
    if correction.stage is not None and record not in ("stage", "class"):
        yield ("stage",), "该字段不分学段", "the field is not reported by stage"
    elif correction.stage is not None and correction.stage not in catalogue.stages:
        yield ("stage",), f"没有学段“{correction.stage}”：{known}", f"there is no stage “{correction.stage}”: {known}"


def _wrong_row(correction: Correction, record: RecordType, catalogue: Catalogue) -> Iterator[Wrong]:
    known = [f.id for f in catalogue.cells_of(record)]
    if record not in ("class", "room"):
        if correction.row:
            yield ("row",), "只有班级和专用教室的行要用“row”指明", "“row” is for the row of a class or a room alone"
        return
    if not correction.row and correction.cell is None:
        yield (
            ("row",),
            f"请用“row”指明是哪一行（{'、'.join(known)}），或写“cell”",
            f"say which row with “row” ({', '.join(known)}) or with “cell”",
        )
    for name in correction.row:
        if name not in known:
            yield (
                ("row", name),
                f"这种行没有“{name}”：{'、'.join(known)}",
                f"such a row has no “{name}”: {', '.join(known)}",
            )
        else:
            yield from _wrong_value(name, correction.row[name], kind_of_field(name, catalogue), ("row", name))


def _wrong_value(name: str, value: Value, kind: str, path: tuple[str, ...] = ()) -> Iterator[Wrong]:
    path = path or (name,)
    if value is None:
        return
    if kind in ("text", "code"):
        if not isinstance(value, str) or not value.strip():
            yield (
                path,
                f"“{name}”应为带引号的文本（{value!r}）",
                f"“{name}” must be text in quotation marks ({value!r})",
            )
    elif isinstance(value, str):
        yield (
            path,
            f"“{name}”应为数字，不加引号（{value!r}）",
            f"“{name}” must be a number without quotation marks ({value!r})",
        )
    elif not math.isfinite(value):
        yield path, f"“{name}”应为有限的数（{value!r}）", f"“{name}” must be finite ({value!r})"
    elif kind == YES_OR_NO and value not in (0, 1):
        yield path, f"“{name}”应为 1 或 0（{value!r}）", f"“{name}” must be 1 or 0 ({value!r})"
    elif kind == "integer" and float(value) != round(value):
        yield path, f"“{name}”应为整数（{value!r}）", f"“{name}” must be a whole number ({value!r})"

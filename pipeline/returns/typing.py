"""Text cells to typed values. What cannot be read becomes null and a finding; nothing is guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipeline import findings
from pipeline.returns.record import Normalised
from pipeline.returns.written import PLAIN, AsNumber, Read, Refused, may_be_date, read_code, read_number
from pipeline.schema.entry import IDENTITY_COLUMNS, Label
from pipeline.schema.layout import Column, DerivedColumn
from pipeline.schema.model import Catalogue, FieldDef
from pipeline.schema.writing import Writing, compared

Place = Callable[[int, int | None], dict[str, object]]
"""Makes the place of a finding from a source row number and a 0-based column."""

Kind = Literal["integer", "number", "text", "code", "boolean"]

NUMERIC_IDENTITY = frozenset({"is_public"})
"""Identity columns that hold 1 or 0 instead of text."""
NAMES = frozenset({"name"})
"""Identity columns that hold words instead of a code."""
WHOLE_WITHIN = 1e-12
"""Relative distance from a whole number that floating-point error of a factor may leave."""


@dataclass(frozen=True)
class Target:
    """What a column of the file is read as: its canonical name, label and type, and how its text is taken.

    ``writing`` is None where the catalogue takes plain values only; ``number`` says what a written unit must agree with.
    """

    to: str
    stage: str | None
    label: Label
    kind: str
    factor: float
    sentinels: Mapping[str, Label]
    recode: Mapping[str, str]
    blank_is_zero: bool
    number: AsNumber
    writing: Writing | None

    @property
    def is_numeric(self) -> bool:
        return is_numeric(self.kind)

    @property
    def is_code(self) -> bool:
        return self.kind == "code" and self.to not in NAMES and not self.recode


def target(catalogue: Catalogue, of: Column | DerivedColumn) -> Target:
    """The target of a layout's column: a field of the catalogue or an identity column."""
    field = catalogue.fields.get(of.to)
    label, kind = (field.label, field.type) if field is not None else _identity(of.to)
    if isinstance(
        of, DerivedColumn
    ):  # its own factor applies to the result; parts of a product have units of their own
        kind, no_unit = "number" if of.product else kind, AsNumber(None, False, 1.0, False)
        return Target(of.to, of.stage, label, kind, 1.0, of.sentinels, {}, False, no_unit, catalogue.writing)
    number = _as_number(field, of.factor)
    zero = of.blank == "zero"
    return Target(
        of.to, of.stage, label, kind, of.factor, of.sentinels, of.recode, zero, number, catalogue.writing
    )  # fmt: skip


def _as_number(field: FieldDef | None, factor: float) -> AsNumber:
    """What the numbers of a column are; a number without a unit is a ratio."""
    unit = field.unit.zh if field is not None and field.unit is not None else None
    return AsNumber(unit, field is not None and unit is None and field.type == "number", factor, True)


def kind_of(catalogue: Catalogue, to: str) -> str:
    """The type of a field of the catalogue or an identity column."""
    return catalogue.fields[to].type if to in catalogue.fields else _identity(to)[1]


def _identity(to: str) -> tuple[Label, Kind]:
    zh, en = IDENTITY_COLUMNS[to]
    return Label(zh=zh, en=en), "boolean" if to in NUMERIC_IDENTITY else "code"


def is_numeric(kind: str) -> bool:
    """Whether a field type is stored as a number (double) rather than text."""
    return kind in ("integer", "number", "boolean")


def typed(
    raw: pl.Series, numbers: Sequence[int], column: int, what: Target, place: Place
) -> tuple[pl.Series, list[dict[str, object]]]:
    """One column of text as values of its type, and the findings of the cells that could not be read or were read as
    people write them.

    ``raw`` holds text as it stands, null where blank; ``numbers`` are its source rows. Numbers are doubles, times the
    factor; text is trimmed. What a cell that is not plain says, ``written`` decides; without words it is not guessed at.
    """
    if not what.sentinels and not what.blank_is_zero:
        sound = _sound(raw, what)
        if sound is not None:
            return sound, []
    return ColumnReader(raw, numbers, column, what, place).read()


def _sound(raw: pl.Series, what: Target) -> pl.Series | None:
    """The values of a column in which every cell is plain, in few operations; None where one is not.

    Most columns are sound, and a workbook has hundreds: what takes its time there is the number of operations.
    """
    if what.recode or not what.is_numeric:
        texts = [text if text is None else text.strip() for text in raw]
        if not what.is_numeric and what.writing is not None and not _are_plain(texts, what):
            return None
        raw = pl.Series([what.recode.get(t, t) if t else t for t in texts], dtype=pl.String)
        if not what.is_numeric:
            return raw
    blanks = raw.null_count()
    number = raw.cast(pl.Int64, strict=False)
    is_whole = number.null_count() == blanks
    if is_whole:
        number = number.cast(pl.Float64)
    else:
        number = raw.cast(pl.Float64, strict=False)
        if number.null_count() != blanks or _has_exponent(raw):
            return None
    number = number * what.factor if what.factor != 1 else number
    return number if _is_of_kind(number, what, is_whole) else None


def _is_of_kind(number: pl.Series, what: Target, is_whole: bool) -> bool:
    """Whether numbers are finite and, where their column says so, whole or 1 and 0. ``is_whole``: so before the factor."""
    if not is_whole and not math.isfinite(number.sum()):
        return False
    is_checked = what.kind == "integer" and not (is_whole and what.factor == 1)
    if is_checked and not number.cast(pl.Int64, strict=False).cast(pl.Float64).equals(number):
        return False
    return what.kind != "boolean" or {0.0, 1.0, None}.issuperset(number.to_list())


def _has_exponent(raw: pl.Series) -> bool:
    """Whether a column that is all numbers writes one with an exponent, which spreadsheets do where they drop digits."""
    return "e" in "".join(filter(None, raw.to_list())).casefold()


def _are_plain(texts: Sequence[str | None], what: Target) -> bool:
    """Whether no text of a column of texts or codes needs a second look."""
    assert what.writing is not None
    if not what.is_code:
        is_text = what.kind == "text"
        return not any("_x00" in text or (is_text and text[:1].isdigit()) for text in texts if text)
    pattern, words = what.writing.code_patterns.get(what.to), what.writing.words_for_none
    if pattern is not None:
        return all(text.isascii() and pattern.match(text) for text in texts if text)
    return not any(_is_odd(text, words) for text in set(texts) if text)


def _is_odd(text: str, words: frozenset[str]) -> bool:
    """Whether a code is neither digits nor a plain word."""
    if text.isdigit():
        return not text.isascii()
    return not text.isalnum() or text[0].isdigit() or text.casefold() in words


class ColumnReader:
    """Reads a column of which some cells are not plain; one instance a column, ``read`` once."""

    def __init__(self, raw: pl.Series, numbers: Sequence[int], column: int, what: Target, place: Place) -> None:
        self.raw, self.numbers, self.column, self.what, self.place = raw, numbers, column, what, place
        self.found: list[dict[str, object]] = []
        self.normalised = Normalised(what.to, what.label, column, place)

    def report(self, rule_id: str, row: int, text: str, expected: str = "", why: Label | None = None) -> None:
        words = {"label_zh": self.what.label.zh, "label_en": self.what.label.en, "expected": expected}
        words |= {"why_zh": why.zh, "why_en": why.en} if why else {}
        where = self.place(row, self.column) | {"field": self.what.to}
        self.found.append(findings.of_reading(rule_id, where, found=text, **words))

    def read(self) -> tuple[pl.Series, list[dict[str, object]]]:
        """The column's values, and what was found in its cells."""
        what = self.what
        one = self._number if what.is_numeric else self._code if what.is_code else self._text
        values: list[float | str | None] = []
        for row, text in zip(self.numbers, self.raw, strict=True):
            text = text.strip() if text and (what.recode or not what.is_numeric) else text
            text = what.recode.get(text, text) if text else text
            if text in what.sentinels:
                self.report("value_rejected_by_source", row, text, why=what.sentinels[text])
                values.append(None)
            elif text is None:
                values.append(0.0 if what.is_numeric and what.blank_is_zero else None)
            else:
                values.append(one(row, text))
        kind = pl.Float64 if what.is_numeric else pl.String
        return pl.Series(what.to, values, dtype=kind), self.found + self.normalised.findings()

    def _text(self, row: int, text: str) -> str:
        """Words stand as they are; one that a spreadsheet took for a date is told."""
        if self.what.writing is None:
            return text
        if self.what.kind == "text" and may_be_date(text):
            self.report("code_became_date", row, text)
        return text.replace("_x000D_", "").strip()

    def _code(self, row: int, text: str) -> str | None:
        if self.what.writing is None:
            return text
        return self._taken(row, text, read_code(text, self.what.to, self.what.writing))

    def _taken(self, row: int, text: str, said: Read | Refused) -> str | None:
        """What a cell says as text; what is wrong with it is told, what was normalised is noted."""
        if isinstance(said, Refused):
            self.report(said.rule_id, row, text, said.expected)
            return None
        if said.kinds:
            self.normalised.note(row, text, said.text, said.kinds)
        return said.text

    def _number(self, row: int, text: str) -> float | None:
        options = list(self.what.recode) or (["1", "0"] if self.what.kind == "boolean" else [])
        said = self._option(text, options) if options else self._said(text)
        plain = self._taken(row, text, said)
        if plain is None:
            return None
        scaled = isinstance(said, Read) and said.in_field_unit
        number = float(plain) * (1.0 if scaled else self.what.factor)
        if not math.isfinite(number):
            self.report("not_a_number", row, text)
            return None
        if self.what.kind != "integer":
            return number
        whole = float(round(number))
        if abs(number - whole) > WHOLE_WITHIN * abs(whole):
            self.report("not_whole", row, text)
            return None
        return whole

    def _said(self, text: str) -> Read | Refused:
        """What a cell of a column of numbers says."""
        if _PLAIN.match(text):
            return Read(text, ())
        return read_number(text, self.what.number, self.what.writing) if self.what.writing else Refused("not_a_number")

    def _option(self, text: str, options: list[str]) -> Read | Refused:
        """What a cell says that must be one of the options; after recoding they are numbers."""
        refused = Refused("not_an_option", "、".join(options))
        if _PLAIN.match(text) and (self.what.kind != "boolean" or float(text) in (0.0, 1.0)):
            return Read(text, ())
        if self.what.writing is None or _PLAIN.match(text):
            return refused
        said = read_code(text, self.what.to, self.what.writing)
        if isinstance(said, Refused) or said.text is None:
            is_open = compared(text) in self.what.writing.ambiguous_words
            return refused if isinstance(said, Refused) or is_open else said
        again = self.what.recode.get(said.text, said.text)
        known = again in ("0", "1") if self.what.kind == "boolean" else again in self.what.recode.values()
        return Read(again, said.kinds or ("marks",)) if known else refused


_PLAIN = re.compile(PLAIN)

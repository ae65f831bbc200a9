"""Text cells to typed values. What cannot be read becomes null and a finding; nothing is guessed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipeline import findings
from pipeline.schema.entry import IDENTITY_COLUMNS, Label
from pipeline.schema.layout import Column, DerivedColumn
from pipeline.schema.model import Catalogue

Place = Callable[[int, int | None], dict[str, object]]
"""Makes the place of a finding from a source row number and a 0-based column."""

Kind = Literal["integer", "number", "text", "code", "boolean"]

NUMERIC_IDENTITY = frozenset({"is_public"})
"""Identity columns that hold 1 or 0 instead of text."""
WHOLE_WITHIN = 1e-12
"""Relative distance from a whole number that floating-point error of a factor may leave."""


@dataclass(frozen=True)
class Target:
    """What a column of the file is read as: its canonical name, label and type, and how its text is taken."""

    to: str
    stage: str | None
    label: Label
    kind: str
    factor: float
    sentinels: Mapping[str, Label]
    recode: Mapping[str, str]
    blank_is_zero: bool

    @property
    def is_numeric(self) -> bool:
        return is_numeric(self.kind)


def target(catalogue: Catalogue, of: Column | DerivedColumn) -> Target:
    """The target of a layout's column: a field of the catalogue or an identity column."""
    field = catalogue.fields.get(of.to)
    label, kind = (field.label, field.type) if field is not None else _identity(of.to)
    if isinstance(
        of, DerivedColumn
    ):  # its own factor applies to the result; parts of a product have units of their own
        return Target(of.to, of.stage, label, "number" if of.product else kind, 1.0, of.sentinels, {}, False)
    return Target(of.to, of.stage, label, kind, of.factor, of.sentinels, of.recode, of.blank == "zero")


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
    """One column of text as values of its type, and the findings of the cells that could not be read.

    ``raw`` holds text as it stands, null where blank; ``numbers`` are its source rows. Numbers are doubles, times the
    factor; text is trimmed. Space or other signs around a number are not guessed away.
    """
    if not what.sentinels and not what.blank_is_zero:
        sound = _sound(raw, what)
        if sound is not None:
            return sound, []
    return _cell_by_cell(raw, pl.Series(numbers, dtype=pl.Int64), column, what, place)


def _sound(raw: pl.Series, what: Target) -> pl.Series | None:
    """The values of a column in which every cell can be read, in few operations; None where one cannot.

    Most columns are sound, and a workbook has hundreds: what takes its time there is the number of operations.
    """
    if what.recode or not what.is_numeric:
        texts = [text if text is None else text.strip() for text in raw]
        raw = pl.Series([what.recode.get(t, t) if t else t for t in texts], dtype=pl.String)
        if not what.is_numeric:
            return raw
    number = raw.cast(pl.Float64, strict=False)
    if number.null_count() != raw.null_count():
        return None
    number = number * what.factor if what.factor != 1 else number
    if not math.isfinite(number.sum()):
        return None
    if what.kind == "integer" and not number.cast(pl.Int64, strict=False).cast(pl.Float64).equals(number):
        return None
    return None if what.kind == "boolean" and not {0.0, 1.0, None}.issuperset(number.to_list()) else number


def _cell_by_cell(
    raw: pl.Series, row_numbers: pl.Series, column: int, what: Target, place: Place
) -> tuple[pl.Series, list[dict[str, object]]]:
    """The same for a column of which some cells may hold no value of its type."""
    found: list[dict[str, object]] = []
    blank = raw.is_null()

    def report(rule_id: str, mask: pl.Series, expected: str = "") -> None:
        for row, text in zip(row_numbers.filter(mask), raw.filter(mask), strict=True):
            where = place(row, column) | {"field": what.to}
            words = {"label_zh": what.label.zh, "label_en": what.label.en, "expected": expected}
            found.append(findings.of_reading(rule_id, where, found=text, **words))

    if what.recode or not what.is_numeric:
        raw = raw.str.strip_chars()
    if what.recode:
        raw = raw.replace(dict(what.recode))
    if what.sentinels:
        raw = _without_sentinels(raw, row_numbers, column, what, place, found)
    if not what.is_numeric:
        return raw.alias(what.to), found
    number = raw.cast(pl.Float64, strict=False) * what.factor
    number = number.set(~number.is_finite(), None)
    if what.kind == "boolean":
        number = number.set(~number.is_in([0.0, 1.0]), None)
    bad = raw.is_not_null() & number.is_null()
    options = list(what.recode) or (["1", "0"] if what.kind == "boolean" else [])
    report("not_an_option" if options else "not_a_number", bad, "、".join(options))
    if what.kind == "integer":
        whole = number.round()
        fractional = ((number - whole).abs() > WHOLE_WITHIN * whole.abs()).fill_null(False)
        report("not_whole", fractional)
        number = whole.set(fractional, None)
    if what.blank_is_zero:
        number = number.set(blank, 0.0)
    return number.alias(what.to), found


def _without_sentinels(
    raw: pl.Series, row_numbers: pl.Series, column: int, what: Target, place: Place, found: list[dict[str, object]]
) -> pl.Series:
    mask = raw.is_in(list(what.sentinels)).fill_null(False)
    for row, text in zip(row_numbers.filter(mask), raw.filter(mask), strict=True):
        why = what.sentinels[text]
        where = place(row, column) | {"field": what.to}
        holes = {
            "found": text,
            "label_zh": what.label.zh,
            "label_en": what.label.en,
            "why_zh": why.zh,
            "why_en": why.en,
        }
        found.append(findings.of_reading("value_rejected_by_source", where, **holes))
    return raw.set(mask, None)

"""Text cells to typed values. What cannot be read becomes null and a finding; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline import findings
from pipeline.schema.model import IDENTITY_COLUMNS, Catalogue, Label

Place = Callable[[int, int | None], dict[str, object]]
"""Makes the place of a finding from a source row number and a 0-based column."""

NUMERIC_IDENTITY = frozenset({"is_public"})
"""Identity columns that hold 1 or 0 instead of text."""


@dataclass(frozen=True)
class Target:
    """What a column of the file is read as: its canonical name, label and type, and how its text is taken."""

    to: str
    stage: str | None
    label: Label
    kind: str
    factor: float
    sentinels: Mapping[str, Label]
    blank_is_zero: bool


def target(
    catalogue: Catalogue, to: str, stage: str | None, factor: float, sentinels: Mapping[str, Label], blank: str = "null"
) -> Target:
    """The target of a column named ``to``: a field of the catalogue or an identity column."""
    field = catalogue.fields.get(to)
    if field is not None:
        return Target(to, stage, field.label, field.type, factor, sentinels, blank == "zero")
    zh, en = IDENTITY_COLUMNS[to]
    kind = "boolean" if to in NUMERIC_IDENTITY else "code"
    return Target(to, stage, Label(zh=zh, en=en), kind, factor, sentinels, blank == "zero")


def is_numeric(kind: str) -> bool:
    """Whether a field type is stored as a number (double) rather than text."""
    return kind in ("integer", "number", "boolean")


def typed(
    raw: pl.Series, row_numbers: pl.Series, column: int, what: Target, place: Place
) -> tuple[pl.Series, list[dict[str, object]]]:
    """One column of text as values of its type, and the findings of the cells that could not be read.

    ``raw`` holds stripped text, null where blank. Numbers are doubles, times the factor; text stays text.
    """
    found: list[dict[str, object]] = []
    if what.sentinels:
        raw = _without_sentinels(raw, row_numbers, column, what, place, found)
    if not is_numeric(what.kind):
        return raw.alias(what.to), found
    number = raw.cast(pl.Float64, strict=False)
    number = number.set(~number.is_finite(), None) if number.len() else number
    bad = raw.is_not_null() & number.is_null()
    fractional = (number != number.floor()).fill_null(False) if what.kind in ("integer", "boolean") else bad & ~bad
    for rule_id, mask in (("not_a_number", bad), ("not_whole", fractional)):
        for row, text in zip(row_numbers.filter(mask), raw.filter(mask), strict=True):
            where = place(row, column) | {"field": what.to}
            holes = {"found": text, "label_zh": what.label.zh, "label_en": what.label.en}
            found.append(findings.of_reading(rule_id, where, **holes))
    number = number.set(fractional, None)
    if what.blank_is_zero:
        number = pl.select(pl.when(raw.is_null()).then(0.0).otherwise(number)).to_series()
    if what.factor != 1.0:
        number = number * what.factor
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

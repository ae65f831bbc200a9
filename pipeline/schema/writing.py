"""What ``writing.yaml`` may say: how people write values in a cell, so that reading need not guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from pydantic import Field

from pipeline.schema.entry import Entry

_NARROW: dict[int, int | None] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NARROW |= dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))  # signs that nobody sees


def half_width(text: str) -> str:
    """A text with full-width ASCII as ASCII and every white space as a plain space.

    Not Unicode's compatibility form: that would make 102 of 10², and 2 of ②.
    """
    return " ".join(text.translate(_NARROW).split())


def compared(word: str) -> str:
    """A word as it is compared with those of the catalogue: width, white space and case do not matter."""
    return half_width(word).replace(" ", "").casefold()


class Writing(Entry):
    """``writing.yaml``: a catalogue without the file reads plain numbers only."""

    no_value: tuple[str, ...] = ()
    """Words that say that no value is known: read as none, and recorded."""
    ambiguous: tuple[str, ...] = ()
    """Words that may mean 0 or unknown: read as none, with a warning."""
    units: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Unit of a field (in Chinese) → how it may be written behind a number in a cell of that unit."""
    multipliers: dict[str, int] = Field(default_factory=dict)
    """Words behind a number that multiply it."""
    numerals: dict[str, dict[str, int]] = Field(default_factory=dict)
    """Unit of a field (in Chinese) → words that stand for a number in a cell of that unit, with or without the unit behind."""
    percent_unit: str = "%"
    """Unit of the fields that hold per cent, so that 95 % is 95 there."""
    approximate: tuple[str, ...] = ()
    """Words that make a number an estimate."""
    between: tuple[str, ...] = ()
    """Words between the two ends of a range, beside dashes."""
    subtotals: tuple[str, ...] = ()
    """Words with which the name of a row of totals ends."""
    notes: tuple[str, ...] = ()
    """Words with which a note below or between the data begins."""
    codes: dict[str, str] = Field(default_factory=dict)
    """Identity column → what a sound code looks like (a regular expression): only then is a lost zero put back."""

    @cached_property
    def no_value_words(self) -> frozenset[str]:
        return frozenset(compared(word) for word in self.no_value)

    @cached_property
    def ambiguous_words(self) -> frozenset[str]:
        return frozenset(compared(word) for word in self.ambiguous)

    @cached_property
    def words_for_none(self) -> frozenset[str]:
        """Words that leave a code blank: there, none and not known come to the same."""
        return self.no_value_words | self.ambiguous_words

    @cached_property
    def unit_words(self) -> dict[str, frozenset[str]]:
        """Unit of a field → its spellings, the unit itself among them."""
        return {unit: frozenset(compared(word) for word in (unit, *words)) for unit, words in self.units.items()}

    @cached_property
    def numeral_words(self) -> dict[str, dict[str, int]]:
        """Unit of a field → spelling of a number → the number; with the unit behind it as well."""
        return {
            unit: {
                f"{compared(word)}{behind}": number
                for word, number in words.items()
                for behind in ("", *self.unit_words.get(unit, (compared(unit),)))
            }
            for unit, words in self.numerals.items()
        }

    @cached_property
    def every_unit(self) -> frozenset[str]:
        """Spellings of any unit."""
        return frozenset[str]().union(*self.unit_words.values())

    @cached_property
    def code_patterns(self) -> dict[str, re.Pattern[str]]:
        return {name: re.compile(pattern) for name, pattern in self.codes.items()}

    @cached_property
    def approximate_words(self) -> re.Pattern[str] | None:
        return _any_of(self.approximate)

    @cached_property
    def is_subtotal(self) -> re.Pattern[str] | None:
        """Finds the name of a row of totals, such as 合计 or 全县合计 (never 总计小学)."""
        words = _any_of(self.subtotals)
        return re.compile(rf"(?:{words.pattern})(?:\([^()]*\))?:?$") if words else None

    @cached_property
    def is_note(self) -> re.Pattern[str] | None:
        """Finds the beginning of a note."""
        words = _any_of(self.notes)
        return re.compile(rf"^(?:{words.pattern})") if words else None


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """Any of some words, the longest first; None where there are none."""
    escaped = sorted((re.escape(compared(word)) for word in words), key=len, reverse=True)
    return re.compile("|".join(escaped)) if escaped else None

"""What is wrong with ``writing.yaml``: words that say two things, units of no field, patterns that are none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pipeline.schema.entry import IDENTITY_COLUMNS
from pipeline.schema.fault import Fault, Path, unknown
from pipeline.schema.model import Catalogue
from pipeline.schema.writing import Writing, compared

SECTION = "writing"
_LISTS = ("no_value", "ambiguous", "approximate", "between", "subtotals", "notes")


def writing_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the words of a catalogue."""
    writing = catalogue.writing
    if writing is None:
        return
    yield from _words(writing)
    yield from _multipliers(writing)
    known = {field.unit.zh for field in catalogue.fields.values() if field.unit}
    for unit in writing.units:
        if unit not in known:
            yield unknown(SECTION, SECTION, ("units", unit), unit, known)
    yield from _numerals(writing, known)
    for name, pattern in writing.codes.items():
        if name not in IDENTITY_COLUMNS:
            yield unknown(SECTION, SECTION, ("codes", name), name, IDENTITY_COLUMNS)
        yield from _pattern(name, pattern)


def _words(writing: Writing) -> Iterator[Fault]:
    for key in _LISTS:
        for i, word in enumerate(getattr(writing, key)):
            if not compared(word):
                yield _fault((key, i), "不能是空白", "must not be blank")
            elif key in ("no_value", "ambiguous") and re.search(r"[0-9]", compared(word)):
                yield _fault((key, i), f"“{word}”含有数字，可能是一个值", f"“{word}” holds a digit: it may be a value")
            elif key == "ambiguous" and compared(word) in writing.no_value_words:
                yield _fault((key, i), f"“{word}”也在 no_value 中", f"“{word}” stands under no_value as well")


def _multipliers(writing: Writing) -> Iterator[Fault]:
    for word, times in writing.multipliers.items():
        if times <= 1:
            yield _fault(("multipliers", word), "须大于 1", "must be above 1")
        if compared(word) in writing.every_unit:
            yield _fault(("multipliers", word), f"“{word}”也是单位", f"“{word}” is a unit as well")


def _numerals(writing: Writing, known: Collection[str]) -> Iterator[Fault]:
    """Words for numbers hold no digit, stand for one number, and belong to a unit that some field has."""
    for unit, words in writing.numerals.items():
        if unit not in known:
            yield unknown(SECTION, SECTION, ("numerals", unit), unit, known)
        said: dict[str, int] = {}
        for word, number in words.items():
            at: Path = ("numerals", unit, word)
            if re.search(r"[0-9]", compared(word)) or not compared(word):
                yield _fault(at, f"“{word}”含有数字或为空白", f"“{word}” holds a digit or is blank")
            elif said.setdefault(compared(word), number) != number:
                yield _fault(at, f"“{word}”代表两个数", f"“{word}” stands for two numbers")
            elif compared(word) in writing.words_for_none:
                yield _fault(at, f"“{word}”也表示没有数值", f"“{word}” says no value as well")


def _pattern(name: str, pattern: str) -> Iterator[Fault]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield _fault(("codes", name), f"正则表达式有误：{error}", f"the regular expression is wrong: {error}")


def _fault(path: Path, zh: str, en: str) -> Fault:
    return Fault(SECTION, SECTION, path, zh, en)

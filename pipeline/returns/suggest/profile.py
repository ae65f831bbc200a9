"""What the cells of a column look like: the evidence beside its header."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.returns.counties import Counties
from pipeline.returns.headings import normal
from pipeline.returns.suggest.meanings import COUNTY, SCHOOL, STAGE, Meaning, Meanings
from pipeline.returns.suggest.words import words
from pipeline.returns.typing import is_numeric, kind_of

MOST_SAMPLES = 400
"""Rows looked at: enough to know a column, few enough for a sheet of thousands."""
_MOSTLY = 0.8
_LEAST_OF_A_CODE = 8
"""Signs of a school's code: shorter ones are counts as well as codes."""


@dataclass(frozen=True)
class Profile:
    """The texts of a column's filled cells, in order."""

    texts: tuple[str, ...]
    rows: int

    @cached_property
    def numbers(self) -> list[float]:
        found = []
        for text in self.texts:
            try:
                number = float(text.replace(",", ""))
            except ValueError:
                continue
            if math.isfinite(number):
                found.append(number)
        return found

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.texts))

    @property
    def is_numeric(self) -> bool:
        return bool(self.texts) and len(self.numbers) >= _MOSTLY * len(self.texts)

    @property
    def median(self) -> float | None:
        """The median of the figures that are not 0: a zero is of every unit."""
        filled = [number for number in self.numbers if number]
        return statistics.median(filled) if filled else None

    @property
    def is_full(self) -> bool:
        return len(self.texts) == self.rows > 0

    @property
    def is_of_school_codes(self) -> bool:
        """Whether the texts look like codes of schools: long, all of a length or two, of digits mostly, hardly repeated."""
        lengths = {len(text) for text in self.texts}
        digits = sum(text[:-1].isalnum() and text[:_LEAST_OF_A_CODE].isascii() for text in self.texts)
        return bool(self.texts) and min(lengths) >= _LEAST_OF_A_CODE and len(lengths) <= 2 and digits == len(self.texts)


def profile_of(rows: Sequence[Sequence[str]], column: int) -> Profile:
    """The profile of a 0-based column of data rows."""
    cells = (row[column].strip() if column < len(row) else "" for row in rows[:MOST_SAMPLES])
    return Profile(tuple(cell for cell in cells if cell), min(len(rows), MOST_SAMPLES))


class Evidence:
    """What profiles say for or against a meaning."""

    def __init__(self, meanings: Meanings, year: int) -> None:
        self.meanings, self.year = meanings, year
        self.catalogue = meanings.catalogue
        self.counties = {"code": Counties(self.catalogue, "code", year), "name": Counties(self.catalogue, "name", year)}

    def adjusted(self, score: float, meaning: Meaning, profile: Profile) -> float:
        """A score by words, corrected by what stands in the cells."""
        if not profile.texts:
            return score
        told = self._by_values(meaning, profile)
        if told is not None:
            return max(score, told) if told >= 0.5 else max(0.0, score - told - 0.25)
        kind = self._kind(meaning)
        if is_numeric(kind) and kind != "boolean":
            return score if profile.is_numeric or score == 1 else max(0.0, score - 0.3)
        if kind == "boolean":
            known = {normal(text) for text in (*words()["yes"], *words()["no"])}
            fits = all(normal(text) in known for text in profile.distinct)
            return score if fits else max(0.0, score - 0.3)
        if kind == "text" and profile.is_numeric:
            return max(0.0, score - 0.2)
        return score

    def _kind(self, meaning: Meaning) -> str:
        return kind_of(self.catalogue, meaning.to)

    def _by_values(self, meaning: Meaning, profile: Profile) -> float | None:
        """A score by values alone for keys that show themselves; below 0.5 where the values deny them; None for others."""
        if meaning.to == COUNTY:
            return 0.96 if self.county_by(profile) else None
        if meaning.to == STAGE:
            return 0.97 if all(normal(text) in self.meanings.stage_words for text in profile.distinct) else 0.1
        if meaning.to == SCHOOL:
            if self.county_by(profile):
                return 0.2
            return 0.76 if profile.is_of_school_codes and len(profile.distinct) > 1 else None
        codes = self.catalogue.codes.get(meaning.to)
        if codes is not None and codes.is_closed and not self.recode(meaning, profile):
            return None if set(profile.distinct) <= set(codes.codes) else 0.1
        return None

    def county_by(self, profile: Profile) -> str | None:
        """``code`` or ``name`` where most texts of a column are codes or names of counties."""
        for by, counties in self.counties.items():
            known = sum(counties.find(text)[0] is not None for text in profile.texts)
            if profile.texts and known >= _MOSTLY * len(profile.texts):
                return by
        return None

    def recode(self, meaning: Meaning, profile: Profile) -> dict[str, str]:
        """What the texts of a column must become, where they are not written as the catalogue has them."""
        if meaning.to == STAGE:
            said = {text: self.meanings.stage_words.get(normal(text), "") for text in profile.distinct}
            return {text: stage for text, stage in said.items() if stage and stage != text}
        if self._kind(meaning) == "boolean":
            return _yes_and_no(profile)
        codes = self.catalogue.codes.get(meaning.to)
        if codes is None or set(profile.distinct) & set(codes.codes):
            return {}
        return _by_labels({code: (label.zh, label.en) for code, label in codes.codes.items()}, profile)


def _yes_and_no(profile: Profile) -> dict[str, str]:
    """``是`` → 1 and its like; both sides, though a sample may show only one. Nothing for columns of 1 and 0."""
    yes, no = ([normal(text) for text in words()[key]] for key in ("yes", "no"))
    for text in profile.distinct:
        for at, names in enumerate((yes, no)):
            if normal(text) in names and text not in ("0", "1"):
                number = names.index(normal(text))
                return {words()["yes"][number]: "1", words()["no"][number]: "0"} if at < 2 else {}
    return {}


def _by_labels(labels: Mapping[str, tuple[str, str]], profile: Profile) -> dict[str, str]:
    """Texts that are labels of codes, or begin one (音乐 of 音乐教室); empty unless all of them are."""
    found = {}
    for text in profile.distinct:
        same = [code for code, names in labels.items() if normal(text) in map(normal, names)]
        near = same or [
            code for code, names in labels.items() if any(normal(name).startswith(normal(text)) for name in names)
        ]
        if len(near) != 1:
            return {}
        found[text] = near[0]
    return found

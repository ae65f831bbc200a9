"""People asked, by the register of surveys: who said what, added up, and how far what is blank could move the share of satisfied ones.

Here: entries in the words of a standard, and sums with their bounds. Not here: which sums a county is told and judged by (``surveys``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isinf

from pipeline.errors import CatalogueError, HomeError
from pipeline.schema.county import Survey, SurveyParty, SurveyWay
from pipeline.schema.load import Place
from pipeline.schema.register import SurveyEntry
from pipeline.store.home import Home
from pipeline.store.registers import read_register


@dataclass(frozen=True)
class Asked:
    """People of one party asked in one way at a school, or ('') outside schools. ``party`` and ``way`` are ids of the survey."""

    year: int
    county: str
    school: str
    party: str
    way: str
    sent: int | None
    valid: int | None
    satisfied: int | None

    @property
    def is_blank(self) -> bool:
        """Whether the share of satisfied people is not known."""
        return self.valid is None or self.satisfied is None

    @property
    def extremes(self) -> tuple[float, float, float, float]:
        """Fewest satisfied and most others that there can be, then most satisfied and fewest others."""
        if self.valid is not None:
            least, most = (0, self.valid) if self.satisfied is None else (self.satisfied, self.satisfied)
            return least, self.valid - least, most, self.valid - most
        all_sent = inf if self.sent is None else float(self.sent)
        if self.satisfied is not None:
            return self.satisfied, all_sent - self.satisfied, self.satisfied, 0.0
        return 0.0, all_sent, all_sent, 0.0


@dataclass(frozen=True)
class Count:
    """A sum of entries; sums are None where a part is blank. ``rate``, ``lowest`` and ``highest`` are in per cent.

    ``lowest``, ``highest``: of all that the blanks may hold; None where it is possible that nobody answered.
    """

    entries: int
    blank: int
    sent: int | None
    valid: int | None
    satisfied: int | None
    rate: float | None
    lowest: float | None
    highest: float | None

    @classmethod
    def of(cls, entries: Sequence[Asked], unasked: int = 0) -> Count:
        """``unasked``: parties that had to be asked and were not; of them nothing is known."""
        sent, valid, satisfied = (_sum(getattr(e, n) for e in entries) for n in ("sent", "valid", "satisfied"))
        few, others, many, rest = (sum(parts) for parts in zip(*(e.extremes for e in entries), strict=True)) if entries else (0, 0, 0, 0)  # fmt: skip
        blank = sum(e.is_blank for e in entries)
        if unasked:
            return cls(len(entries), blank, sent, valid, satisfied, None, 0.0, 100.0)
        rate = share(satisfied, valid) if not blank else None
        lowest = 0.0 if isinf(others) else share(few, few + others)
        highest = 100.0 if isinf(many) else share(many, many + rest)
        return cls(len(entries), blank, sent, valid, satisfied, rate, lowest, highest)


def share(part: float | None, whole: float | None) -> float | None:
    """In per cent; None where a number is not known or the whole is 0."""
    return None if part is None or not whole else 100 * part / whole


def _sum(values: Iterable[int | None]) -> int | None:
    given = list(values)
    return sum(v for v in given if v is not None) if given and None not in given else None


def asked_of(home: Home, survey: Survey) -> list[Asked]:
    """The entries of a home's register in the words of a survey, sorted; none where it keeps none.

    Raises HomeError, one sentence that names file and line, for a word that the survey has not, and for a row that is there already.
    """
    parties, ways = _words(survey.parties), _words(survey.ways)
    lines: dict[tuple[int, str, str, str, str], int] = {}
    found = []
    try:
        for entry, place in read_register(home, SurveyEntry):
            party, way = _known("party", entry.party, parties, place), _known("way", entry.way, ways, place)
            key = (entry.year, entry.county_code, entry.school_id, party, way)
            if key in lines:
                raise _twice(entry, place, lines[key])
            lines[key] = place.line
            found.append(Asked(*key, entry.sent, entry.valid, entry.satisfied))
    except CatalogueError as error:
        raise HomeError(error.zh, error.en) from None
    return sorted(found, key=lambda a: (a.year, a.county, a.school, a.party, a.way))


def _words(entries: Iterable[SurveyParty | SurveyWay]) -> dict[str, str]:
    return {word: entry.id for entry in entries for word in (entry.id, *entry.words)}


def _known(column: str, word: str, words: Mapping[str, str], place: Place) -> str:
    if word not in words:
        listed = ", ".join(words)
        raise place.error((), f"{column}“{word}”不是可用的词（{listed}）", f"{column} “{word}” is none of {listed}")
    return words[word]


def _twice(entry: SurveyEntry, place: Place, line: int) -> CatalogueError:
    said = ", ".join((str(entry.year), entry.county_code, entry.school_id or "—", entry.party, entry.way))
    return place.error((), f"{said} 与第 {line} 行重复", f"{said} stands at line {line} already")

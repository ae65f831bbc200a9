"""What groups and districts are judged by, from the settings of the catalogue; a catalogue without one gets the value here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import ClassVar

from pipeline.schema.limits import FromSettings, day_in


@dataclass(frozen=True)
class GroupRules(FromSettings):
    """Settings ``group_<name>``; what each means stands in ``settings.yaml``. A list is written with blanks between."""

    prefix: ClassVar[str] = "group_"

    collection_day: str = "09-01"
    lead_words: str = "lead"
    member_words: str = "member"
    close_words: str = "close"
    cooperative_words: str = "cooperative"
    new_school_when: str | None = None
    weak_standard: str | None = None
    target: float | None = None
    target_level: str = "prefecture"

    def counts_on(self, year: int) -> datetime.date:
        """The day of a year on which a school is in a group or not: that of the returns."""
        return day_in(year, self.collection_day)

    @property
    def roles(self) -> dict[str, str]:
        """Word → lead or member."""
        return _by_word({"lead": self.lead_words, "member": self.member_words})

    @property
    def forms(self) -> dict[str, str]:
        """Word → close or cooperative."""
        return _by_word({"close": self.close_words, "cooperative": self.cooperative_words})


def _by_word(lists: dict[str, str]) -> dict[str, str]:
    return {word: meaning for meaning, words in lists.items() for word in (*words.split(), meaning)}

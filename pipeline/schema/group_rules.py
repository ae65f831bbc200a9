"""What groups and districts are judged by, from the settings of the catalogue; a catalogue without one gets the value here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, fields

from pipeline.schema.model import Catalogue

PREFIX = "group_"


@dataclass(frozen=True)
class GroupRules:
    """Settings ``group_<name>``; what each means stands in ``settings.yaml``. A list is written with blanks between."""

    collection_day: str = "09-01"
    lead_words: str = "lead"
    member_words: str = "member"
    close_words: str = "close"
    cooperative_words: str = "cooperative"
    new_school_when: str | None = None
    weak_share_pct: float = 10.0
    weak_standard: str | None = None
    target: float | None = None
    target_level: str = "prefecture"

    @classmethod
    def of(cls, catalogue: Catalogue) -> GroupRules:
        """The rules of a catalogue."""
        given = {
            f.name: catalogue.settings[PREFIX + f.name].value
            for f in fields(cls)
            if PREFIX + f.name in catalogue.settings
        }
        return cls(**given)  # type: ignore[arg-type]

    def counts_on(self, year: int) -> datetime.date:
        """The day of a year on which a school is in a group or not: that of the returns."""
        month, day = map(int, self.collection_day.split("-"))
        return datetime.date(year, month, day)

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

"""How a room reads its numbers from the settings of a catalogue; a catalogue without one gets the value that the class gives.

Here: the one way to read them. Not here: which they are (``*_limits.py``, ``group_rules.py``).
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, fields
from typing import ClassVar, Self

from pipeline.schema.model import Catalogue

COMMON_YEAR = 2001
"""A year without 29 February: a day of it is a day of every year."""


@dataclass(frozen=True)
class FromSettings:
    """Base of classes whose field ``name`` is the setting ``<prefix>name``; what each means stands in ``settings.yaml``."""

    prefix: ClassVar[str]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """As a catalogue sets them."""
        keys = {field.name: cls.prefix + field.name for field in fields(cls)}
        return cls(**{name: catalogue.settings[key].value for name, key in keys.items() if key in catalogue.settings})


def day_in(year: int, month_day: str) -> datetime.date:
    """The day of a year that a setting names as month and day, such as 09-01; an error of value where it is none."""
    return datetime.date.fromisoformat(f"{year:04d}-{month_day}")

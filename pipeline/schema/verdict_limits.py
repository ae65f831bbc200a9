"""What verdicts on counties and relaxations take from the settings; a catalogue without one gets the value here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from pipeline.schema.limits import FromSettings


@dataclass(frozen=True)
class VerdictLimits(FromSettings):
    """Settings ``verdict_<name>``; what each means stands in ``settings.yaml``."""

    prefix: ClassVar[str] = "verdict_"

    survey_design_effect: float = 1.5
    survey_way: str = "questionnaire"
    relaxation_years: int = 3
    reference_day: str = "09-01"
    relaxation_by_return: bool = False
    relaxation_granted_in: str | None = None

    def expiry(self, starts: date) -> date:
        """The day on which a grant lapses that does not say so itself; of 29 February the day after."""
        day = date(starts.year + int(self.relaxation_years), starts.month, 1)
        return day.replace(day=starts.day) if (starts.month, starts.day) != (2, 29) else day.replace(month=3)

"""The numbers that the ledger takes from the settings of the catalogue; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.schema.limits import FromSettings


@dataclass(frozen=True)
class LedgerLimits(FromSettings):
    """Settings ``ledger_<name>``; what each means stands in ``settings.yaml``."""

    prefix: ClassVar[str] = "ledger_"

    target_share_pct: float = 80.0
    target_year: int = 2027
    warning_years: int = 2
    warning_fall_points: float = 10.0

    @property
    def target(self) -> float:
        """The share of schools that is to be up to the standard, 0 to 1."""
        return self.target_share_pct / 100

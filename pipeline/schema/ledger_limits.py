"""The numbers that the ledger takes from the settings of the catalogue; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pipeline.schema.model import Catalogue

PREFIX = "ledger_"


@dataclass(frozen=True)
class LedgerLimits:
    """Settings ``ledger_<name>``; what each means stands in ``settings.yaml``."""

    target_share_pct: float = 80.0
    target_year: int = 2027
    warning_years: int = 2
    warning_fall_points: float = 10.0

    @classmethod
    def of(cls, catalogue: Catalogue) -> LedgerLimits:
        """The limits of a catalogue."""
        given = {
            f.name: catalogue.settings[PREFIX + f.name].value
            for f in fields(cls)
            if PREFIX + f.name in catalogue.settings
        }
        return cls(**given)  # type: ignore[arg-type]

    @property
    def target(self) -> float:
        """The share of schools that is to be up to the standard, 0 to 1."""
        return self.target_share_pct / 100

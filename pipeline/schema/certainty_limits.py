"""How the certainty of a rank is asked for, from the settings of the catalogue; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pipeline.schema.model import Catalogue

PREFIX = "certainty_"


@dataclass(frozen=True)
class Certainty:
    """Settings ``certainty_<name>``; what each means stands in ``settings.yaml``."""

    draws: int = 500
    seed: int = 20170426
    tail_pct: float = 5.0
    concentration: float = 10.0
    pupils_pct: float = 1.0
    count_chance_pct: float = 2.0
    amount_pct: float = 2.0
    years: int | None = None
    least_schools: int = 5
    geometric_shift: float = 0.01

    @classmethod
    def of(cls, catalogue: Catalogue) -> Certainty:
        """The settings of a catalogue."""
        given = {
            f.name: catalogue.settings[PREFIX + f.name].value
            for f in fields(cls)
            if PREFIX + f.name in catalogue.settings
        }
        return cls(**given)  # type: ignore[arg-type]

"""The numbers that comparisons over years and with peers take from the settings; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pipeline.schema.model import Catalogue

PREFIX = "years_"


@dataclass(frozen=True)
class YearsLimits:
    """Settings ``years_<name>``; what each means stands in ``settings.yaml``."""

    stayed_pct: float = 80.0
    weak_pct: float = 10.0
    small_pupils: float = 100.0
    tiny_pupils: float = 50.0
    peers: int = 10
    peer_features_pct: float = 60.0

    @classmethod
    def of(cls, catalogue: Catalogue) -> YearsLimits:
        """The limits of a catalogue."""
        given = {
            f.name: catalogue.settings[PREFIX + f.name].value
            for f in fields(cls)
            if PREFIX + f.name in catalogue.settings
        }
        return cls(**given)  # type: ignore[arg-type]

"""The numbers that advice takes from the settings of the catalogue; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pipeline.schema.model import Catalogue

PREFIX = "advice_"


@dataclass(frozen=True)
class AdviceLimits:
    """Settings ``advice_<name>``; what each means stands in ``settings.yaml``."""

    keep_share: float = 0.0
    district_weight: float = 10.0
    node_limit: int = 20000
    time_limit_s: float = 60.0

    @classmethod
    def of(cls, catalogue: Catalogue) -> AdviceLimits:
        """The limits of a catalogue."""
        given = {
            f.name: catalogue.settings[PREFIX + f.name].value
            for f in fields(cls)
            if PREFIX + f.name in catalogue.settings
        }
        return cls(**given)  # type: ignore[arg-type]

"""The numbers that the tests take from the settings of the catalogue; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pipeline.schema.model import Catalogue

PREFIX = "suspicion_"


@dataclass(frozen=True)
class Limits:
    """Settings ``suspicion_<name>``; what each means stands in ``settings.yaml``."""

    window_pct: float = 2.0
    near_pct: float = 5.0
    minimum: int = 10
    minimum_changed: int = 5
    size_classes: str = "100 300 600 1200"
    custom_share: float = 0.5
    prior_trials: float = 20.0
    least_dispersion: float = 0.002
    least_dispersion_cells: float = 0.05
    repeated_share: float = 0.5
    twin_share: float = 0.5
    least_cells: int = 10
    fall_pct: float = 10.0
    growth_pct: float = 10.0
    false_discovery_pct: float = 5.0
    cut: float = 0.003

    @classmethod
    def of(cls, catalogue: Catalogue) -> Limits:
        """The limits of a catalogue."""
        given = {
            f.name: catalogue.settings[PREFIX + f.name].value
            for f in fields(cls)
            if PREFIX + f.name in catalogue.settings
        }
        return cls(**given)  # type: ignore[arg-type]

    @property
    def sizes(self) -> list[float]:
        """Pupils at which a size class begins."""
        return [float(bound) for bound in self.size_classes.split()]

"""The numbers that the tests take from the settings of the catalogue; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.schema.limits import FromSettings


@dataclass(frozen=True)
class Limits(FromSettings):
    """Settings ``suspicion_<name>``; what each means stands in ``settings.yaml``."""

    prefix: ClassVar[str] = "suspicion_"

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

    @property
    def sizes(self) -> list[float]:
        """Pupils at which a size class begins."""
        return [float(bound) for bound in self.size_classes.split()]

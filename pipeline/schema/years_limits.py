"""The numbers that comparisons over years and with peers take from the settings; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.schema.limits import FromSettings


@dataclass(frozen=True)
class YearsLimits(FromSettings):
    """Settings ``years_<name>``; what each means stands in ``settings.yaml``."""

    prefix: ClassVar[str] = "years_"

    stayed_pct: float = 80.0
    weak_pct: float = 10.0
    small_pupils: float = 100.0
    tiny_pupils: float = 50.0
    peers: int = 10
    peer_features_pct: float = 60.0

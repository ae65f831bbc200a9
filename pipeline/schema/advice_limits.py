"""The numbers that advice takes from the settings of the catalogue; a catalogue without one gets the shipped value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pipeline.schema.limits import FromSettings


@dataclass(frozen=True)
class AdviceLimits(FromSettings):
    """Settings ``advice_<name>``; what each means stands in ``settings.yaml``."""

    prefix: ClassVar[str] = "advice_"

    keep_share: float = 0.0
    district_weight: float = 10.0
    node_limit: int = 20000
    time_limit_s: float = 60.0

"""How the certainty of a rank is asked for, from the settings of the catalogue; a catalogue without one gets the shipped value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from pipeline.schema.fault import Fault
from pipeline.schema.limits import FromSettings
from pipeline.schema.model import Setting

PREFIX = "certainty_"


@dataclass(frozen=True)
class Bounds:
    """What a setting may be: from ``low`` to ``high``, a whole number or not."""

    low: float
    high: float = math.inf
    is_whole: bool = False
    may_be_null: bool = False

    def allows(self, value: object) -> bool:
        if value is None:
            return self.may_be_null
        if isinstance(value, bool) or not isinstance(value, int if self.is_whole else int | float):
            return False
        return math.isfinite(value) and self.low <= value <= self.high

    @property
    def zh(self) -> str:
        kind, upto = "整数" if self.is_whole else "有限数", "" if math.isinf(self.high) else f"且不大于 {self.high:g}"
        return f"须是{'空值或' if self.may_be_null else ''}不小于 {self.low:g}{upto}的{kind}"

    @property
    def en(self) -> str:
        kind, upto = "whole" if self.is_whole else "finite", "or more" if math.isinf(self.high) else f"to {self.high:g}"
        return f"must be {'null or ' if self.may_be_null else ''}a {kind} number of {self.low:g} {upto}"


BOUNDS = {
    "draws": Bounds(1, 100_000, is_whole=True), "seed": Bounds(0, is_whole=True), "tail_pct": Bounds(0, 49),
    "concentration": Bounds(0.001), "pupils_pct": Bounds(0, 100), "count_chance_pct": Bounds(0, 100),
    "amount_pct": Bounds(0, 100), "years": Bounds(0, is_whole=True, may_be_null=True),
    "least_schools": Bounds(2, is_whole=True), "geometric_shift": Bounds(1e-9),
}  # fmt: skip


def certainty_fault(setting: Setting) -> Iterator[Fault]:
    """The fault of a setting of certainty, if it has one."""
    bounds = BOUNDS.get(setting.key.removeprefix(PREFIX)) if setting.key.startswith(PREFIX) else None
    if bounds is not None and not bounds.allows(setting.value):
        yield Fault("settings", setting.key, ("value",), bounds.zh, bounds.en)


@dataclass(frozen=True)
class Certainty(FromSettings):
    """Settings ``certainty_<name>``; what each means stands in ``settings.yaml``."""

    prefix: ClassVar[str] = PREFIX

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

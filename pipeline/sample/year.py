"""A county in one year while its quantities are drawn: what is known so far, and what was known before.

Here: the values by name, and the few numbers that many quantities share. Not here: how one is drawn (``quantities``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pipeline.sample.draws import Array, Draws
from pipeline.sample.parameters import parameters
from pipeline.sample.units import Flags, Units


@dataclass
class Year:
    """A county in one year: what is known so far, by name, and what was there in the first year and the year before."""

    units: Units
    year: int
    years_on: int
    progress: float
    """How far the trend has come, from 0 to 1."""
    weights: Array
    """What a pupil of each stage counts when shared things are divided."""
    values: dict[str, Any]
    first: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)

    @property
    def draws(self) -> Draws:
        return self.units.county.draws

    @cached_property
    def is_prepared(self) -> bool:
        return self.units.county.is_prepared(self.progress)

    @cached_property
    def heads(self) -> Array:
        return np.asarray(self.values[parameters("structure")["heads_to"]])

    @cached_property
    def general(self) -> Array:
        """What a school has of everything that no number of the others tells: mostly wealth."""
        own = self.draws.normal("general", size=len(self.units))
        return 0.6 * self.latent("wealth") + 0.4 * self.units.county.wealth + 0.69 * own

    def latent(self, name: str) -> Array:
        """A school's space or wealth, kept over the years."""
        return self.draws.normal("latent", name, size=len(self.units))

    def who(self, word: str) -> Flags:
        """The units that a word names: a kind, or one of the traits."""
        units = self.units
        traits = {
            "private": units.private,
            "branch": units.is_branch,
            "counted": ~units.is_branch,
            "rural": units.place == 2,
        }
        return traits[word] if word in traits else units.is_kind(word)

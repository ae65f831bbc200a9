"""Versions of what a county is ranked by: other weights, an indicator or a school left out, errors drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.certainty.errors import stream
from pipeline.certainty.inputs import Key
from pipeline.certainty.place import (
    Attained,
    Demands,
    Place,
    attained,
    gap_coefficients,
    mean_known,
    meeting,
    scores,
)
from pipeline.ranks import composite
from pipeline.schema.certainty_limits import Certainty
from pipeline.schema.comparison import Comparison
from pipeline.schema.model import Standard

Numbers = NDArray[np.float64]
Named = dict[str, float]
"""What was left out → value of the measure without it."""


@dataclass(frozen=True)
class Judge:
    """A place held against a standard: its measures, and their versions."""

    place: Place
    standard: Standard
    stage: str
    comparison: Comparison

    # -- as returned ---------------------------------------------------------------------------------------------------

    @cached_property
    def cv(self) -> Numbers:
        """The gap coefficients, in the order of the standard."""
        return gap_coefficients(self.place.pupils[None, :], self.place.stacked(self.place.gaps))[0]

    @property
    def demands(self) -> Demands:
        assert self.place.demands is not None, "only standards that ask levels come here"
        return self.place.demands

    @cached_property
    def level(self) -> Attained:
        return attained(self.place.stacked(self.demands.indicators), self.demands, self.comparison)

    def indicators(self, measure: str) -> tuple[str, ...]:
        """What the measure is made of."""
        return self.place.gaps if measure in ("mean_cv", "worst_ratio") else self.demands.indicators

    def schools(self, measure: str) -> int:
        """Schools that the measure is about."""
        return len(self.place.schools) if measure in ("mean_cv", "worst_ratio") else int(self.demands.judged.sum())

    # -- one measure of gaps or levels ---------------------------------------------------------------------------------

    def of_gaps(self, measure: str, cv: Numbers, weight: Numbers | None = None) -> Numbers:
        """The measure of coefficients along the last axis; a weight of 0 leaves an indicator out."""
        w = np.ones(cv.shape[-1]) if weight is None else weight
        mean = composite.arithmetic(cv, w)
        gap = self.standard.gap
        if measure == "mean_cv" or gap is None:
            return mean
        whole = gap.composite_limits.get(self.stage)
        return mean / whole if whole is not None else composite.largest(cv / gap.limits[self.stage], w)

    def of_levels(self, measure: str, found: Attained, weight: Numbers | None = None) -> Numbers:
        """The measure of versions × schools × items."""
        if measure == "mean_score":
            return mean_known(scores(found, self.demands, weight))
        surely = meeting(found, self.demands, self.standard.school_rule) & self.demands.judged
        return surely.sum(axis=-1) / (self.demands.judged.sum() + self.place.absent)

    # -- versions ------------------------------------------------------------------------------------------------------

    def with_weights(self, measure: str, weights: Mapping[str, Numbers]) -> Numbers:
        """The measure with weights drawn (by indicator)."""
        weight = np.stack([weights[name] for name in self.indicators(measure)], axis=-1)
        if measure == "mean_cv":
            return self.of_gaps(measure, self.cv[None, :], weight)
        return self.of_levels(measure, self.level, weight)

    def without_indicators(self, measure: str) -> Named:
        """The measure without each of its indicators; empty with a single one."""
        names = self.indicators(measure)
        if len(names) < 2:
            return {}
        kept = 1.0 - np.eye(len(names))
        if measure in ("mean_cv", "worst_ratio"):
            values = self.of_gaps(measure, self.cv[None, :], kept)
        elif measure == "mean_score":
            values = self.of_levels(measure, self.level, kept * self.demands.weight)
        else:
            values = np.array([self._share_without(self.level, number) for number in range(len(names))])
        return _named(names, values)

    def _share_without(self, level: Attained, number: int) -> float:
        surely = meeting(level, self.demands, self.standard.school_rule, number)[0] & self.demands.judged
        return float(surely.sum() / (self.demands.judged.sum() + self.place.absent))

    def without_schools(self, measure: str) -> Named:
        """The measure without each of the schools that it is about."""
        names = self.place.schools
        out = np.eye(len(names), dtype=bool)
        if measure in ("mean_cv", "worst_ratio"):
            x = np.where(out[:, :, None], np.nan, self.place.stacked(self.place.gaps))
            return _named(names, self.of_gaps(measure, gap_coefficients(self.place.pupils[None, :], x)))
        judged = self.demands.judged
        if measure == "mean_score":
            values = mean_known(np.where(out, np.nan, scores(self.level, self.demands)))
        else:
            surely = meeting(self.level, self.demands, self.standard.school_rule) & judged
            values = (surely & ~out).sum(axis=-1) / ((judged & ~out).sum(axis=-1) + self.place.absent)
        return {name: value for name, value in _named(names, values).items() if judged[names.index(name)]}

    def with_errors(self, measure: str, pupils: Numbers, values: dict[str, Numbers]) -> Numbers:
        """The measure of drawn values (draws × schools of the place); where a draw has none, the one as returned."""
        if measure in ("mean_cv", "worst_ratio"):
            cv = gap_coefficients(pupils, self.place.stacked(self.place.gaps, values))
            return self.of_gaps(measure, np.where(np.isnan(cv), self.cv, cv))
        x = self.place.stacked(self.demands.indicators, values)
        return self.of_levels(measure, attained(x, self.demands, self.comparison))


def _named(names: tuple[str, ...], values: Numbers) -> Named:
    """Versions that have a value (a county may have none without its only school with something)."""
    return {name: float(value) for name, value in zip(names, values, strict=True) if not np.isnan(value)}


def drawn_weights(standard: Standard, names: tuple[str, ...], measure: str, asked: Certainty) -> dict[str, Numbers]:
    """Weights of indicators in every draw, the same for all counties, years and stages: Dirichlet of ``concentration`` times
    the shipped weight over the mean weight, so (10, …, 10) where all count alike. Each indicator has its own stream of gammas."""
    item = {i.indicator: i.weight for i in standard.items}
    shipped = np.array([1.0 if measure == "mean_cv" else item[name] for name in names])
    shape = asked.concentration * shipped / shipped.mean()
    gammas = {
        name: stream(asked.seed, "weights", standard.id, name).standard_gamma(a, asked.draws)
        for name, a in zip(names, shape, strict=True)
    }
    total = np.sum(list(gammas.values()), axis=0)
    return {name: g / total for name, g in gammas.items()}


def judges(places: Mapping[Key, Place], standards: Mapping[str, Standard], comparison: Comparison) -> dict[Key, Judge]:
    """Every place with its standard."""
    return {key: Judge(place, standards[key[1]], key[2], comparison) for key, place in places.items()}


def worse(of_stages: list[Named], as_returned: list[float]) -> Named:
    """A ratio of both stages (the larger) without each of what is left out; a stage that lacks it stays as it is."""
    names = dict.fromkeys(name for stage in of_stages for name in stage)
    pairs = list(zip(of_stages, as_returned, strict=True))
    return {name: max(stage.get(name, value) for stage, value in pairs) for name in names}

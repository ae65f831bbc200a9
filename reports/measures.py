"""How a measure of the ranking is shown: its name, its digits, its direction, and the limit it is drawn against."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.schema.model import Stage, Standard
from reports import numbers
from reports.words import Words

GAP_MEASURES = ("mean_cv", "worst_ratio")
"""Measures of gaps: the least value ranks first. Of the others the largest does."""


@dataclass(frozen=True)
class Scale:
    """A measure as figures draw it: ``factor`` turns the ranked value into what is drawn, ``limit`` is in drawn units.

    ``axis``: the phrase of the axis; ``decimals``: of the drawn value.
    """

    factor: float
    limit: float | None
    axis: str
    decimals: int
    is_lower_better: bool

    def drawn(self, value: float) -> float:
        return value * self.factor

    def text(self, value: float) -> str:
        """A drawn value in words of numbers, never looking equal to a limit that it is not."""
        if self.limit is None:
            return numbers.fixed(self.drawn(value), self.decimals)
        return numbers.cv(self.drawn(value), self.limit)


def scale_of(measure: str, standard: Standard, stage: Stage) -> Scale:
    """How a measure of a standard is drawn for a stage."""
    gap = standard.gap
    composite = gap.composite_limits.get(stage.id) if gap else None
    single = gap.limits.get(stage.id) if gap else None
    if measure == "worst_ratio":
        limit = composite or single
        axis = "axis.composite" if composite else "axis.worst"
        return Scale(limit or 1.0, limit, axis if limit else "axis.ratio", 3, True)
    if measure == "mean_cv":
        return Scale(1.0, composite, "axis.composite" if composite else "axis.mean_cv", 3, True)
    if measure == "share_meeting":
        return Scale(100.0, None, "axis.share", 1, False)
    return Scale(1.0, None, "axis.score", 1, False)


def value_text(measure: str, value: float | None) -> str:
    """A ranked value as tables print it."""
    if value is None:
        return numbers.DASH
    if measure == "worst_ratio":
        return numbers.cv(value, 1.0)
    if measure == "mean_cv":
        return numbers.cv(value)
    return numbers.percent(value, 1) if measure == "share_meeting" else numbers.fixed(value, 1)


def name_of(measure: str, standard: Standard, words: Words) -> str:
    """What a measure is called, by what the standard limits."""
    is_composite = bool(standard.gap and standard.gap.composite_limits)
    return words(f"measure.{measure}.composite" if measure in GAP_MEASURES and is_composite else f"measure.{measure}")


def order_of(measure: str, words: Words) -> str:
    """Which way the order runs."""
    return words("order.low" if measure in GAP_MEASURES else "order.high")


def band_text(low: int | None, high: int | None) -> str:
    """A rank as a band, a single place where the band is one wide."""
    if low is None or high is None:
        return numbers.DASH
    return str(low) if low == high else f"{low}–{high}"

"""What counties are ranked by, once more in NumPy for many versions of a county at a time (method 4 to 7).

A *place* is a county's schools of one stage as a standard counts them in a year. Arrays have versions (draws, schools left out)
along the first axis, then schools, then indicators. Which schools are compared, which items apply and which values are missing are
those of the return in every version: errors change figures, never who takes part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.schema.comparison import Comparison
from pipeline.schema.model import SchoolRule

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Demands:
    """Levels that a standard asks of the schools of a place: schools × items. ``applies``: the item counts for the school;
    ``lost``: it does and has no value; ``judged``: schools of which some level is asked; ``is_higher``: more is better, by item."""

    indicators: tuple[str, ...]
    threshold: Numbers
    floor: Numbers
    applies: Truth
    lost: Truth
    judged: Truth
    is_higher: Truth
    weight: Numbers
    is_veto: Truth


@dataclass(frozen=True)
class Place:
    """``schools``: sorted; ``pupils`` and ``values`` (by indicator) stand in their order, NaN where there is no value; ``gaps``:
    indicators whose gaps are measured, in the order of the standard; ``absent``: schools that count and did not come."""

    schools: tuple[str, ...]
    pupils: Numbers
    values: dict[str, Numbers]
    gaps: tuple[str, ...] = ()
    demands: Demands | None = None
    absent: int = 0

    def stacked(self, indicators: tuple[str, ...], values: dict[str, Numbers] | None = None) -> Numbers:
        """Values as versions × schools × indicators (one version where nothing varies)."""
        columns = [np.atleast_2d((self.values if values is None else values)[name]) for name in indicators]
        versions = max((len(c) for c in columns), default=1)
        return np.stack([np.broadcast_to(c, (versions, len(self.schools))) for c in columns], axis=-1)


def gap_coefficients(pupils: Numbers, x: Numbers) -> Numbers:
    """cv of every version and indicator, NaN without a value or with a mean of 0; 0 where all values are the same double.

    ``pupils``: versions × schools, ``x``: versions × schools × indicators. 教督〔2012〕3号: mean Σ P x / Σ P, divisor Σ P.
    """
    known = ~np.isnan(x)
    p = np.where(known, pupils[..., None], 0.0)
    there = np.where(known, x, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = p.sum(axis=-2)
        mean = (p * there).sum(axis=-2) / total
        squares = (p * (there - mean[..., None, :]) ** 2).sum(axis=-2)
        cv = np.sqrt(squares / total) / mean
    least, most = np.where(known, x, np.inf).min(axis=-2), np.where(known, x, -np.inf).max(axis=-2)
    cv = np.where((least == most) & (most != 0), 0.0, cv)
    return np.where((total > 0) & (mean != 0), cv, np.nan)


@dataclass(frozen=True)
class Attained:
    """Versions × schools × items: attainment (0 to 1, NaN without a value), whether met, whether below the floor."""

    attainment: Numbers
    met: Truth
    below: Truth


def attained(x: Numbers, demands: Demands, comparison: Comparison) -> Attained:
    """Values held against the levels of a place."""
    higher, level, floor = demands.is_higher, demands.threshold, demands.floor
    known = demands.applies & ~demands.lost
    met = np.where(higher, comparison.at_least(x, level), comparison.at_most(x, level)) & known
    above = np.where(higher, comparison.at_least(x, floor), comparison.at_most(x, floor))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(higher, np.where(level == 0, 0.0, x / level), level / x)
    return Attained(
        np.where(known, np.where(met, 1.0, share), np.nan), met.astype(bool), known & ~above & ~np.isnan(floor)
    )


def scores(found: Attained, demands: Demands, weight: Numbers | None = None) -> Numbers:
    """Score of every version and school, 0 to 100; NaN where an applicable item is missing or none applies.

    ``weight``: other weights of the items, or one row of weights a version. A weight of 0 leaves an item out.
    """
    w = demands.weight if weight is None else weight[:, None, :] if weight.ndim == 2 else weight
    applicable = np.where(demands.applies, w, 0.0)
    gained = (applicable * np.where(np.isnan(found.attainment), 0.0, found.attainment)).sum(axis=-1)
    total = applicable.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(total > 0, 100 * gained / total, np.nan)
    return np.where(demands.lost.any(axis=-1), np.nan, score)


def meeting(found: Attained, demands: Demands, rule: SchoolRule | None, without: int | None = None) -> Truth:
    """Whether each school is surely up to the standard: no rule, or something missing that could turn it, is not.

    ``without``: an item that is left out: no school misses it, lacks it or is below its floor, and one item fewer need apply.
    """
    if rule is None:
        return np.zeros(found.met.shape[:-1], dtype=bool)
    asked = np.ones(len(demands.indicators), dtype=bool)
    if without is not None:
        asked[without] = False
    known = demands.applies & ~demands.lost & asked
    unmet = known & ~found.met
    applicable = (demands.applies & asked).sum(axis=-1)
    fails = applicable < rule.min_applicable - (demands.applies & ~asked).sum(axis=-1)
    fails = fails | (demands.lost & asked).any(axis=-1)
    if rule.max_unmet is not None:
        fails = fails | (unmet.sum(axis=-1) > rule.max_unmet)
    if rule.rest_above_floor:
        fails = fails | (found.below & asked).any(axis=-1)
    if rule.veto:
        fails = fails | (unmet & demands.is_veto).any(axis=-1)
    return ~fails


def mean_known(x: Numbers) -> Numbers:
    """Plain mean over schools (the last axis) of what is there; NaN where nothing is."""
    known = ~np.isnan(x)
    count = known.sum(axis=-1)
    total = np.where(known, x, 0.0).sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)

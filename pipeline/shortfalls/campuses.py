"""What a school of several campuses lacks of a thing that its stages share: the least in all, put where it serves best.

A unit put into campus u gives stage s its share of that campus, so: least Σ x_u with Σ x_u · share_us ≥ need_s. Whole things are
put whole into a campus. Not here: shares themselves (``sql/unit_share.sql``).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from pipeline.schema.comparison import Array

SLACK = 1e-12
"""Relative: a constraint that holds but for this is held by rounding."""
SOLVER_SLACK = 4e-6
"""What the solver of whole numbers may leave open; asked for on top where its answer fails the comparison."""


def undominated(shares: Array) -> Array:
    """Campuses (rows) that give some stage (column) more than every other campus does; equal ones once."""
    unique = np.unique(shares, axis=0)
    kept = [row for row in unique if not any((other >= row).all() and (other > row).any() for other in unique)]
    return np.array(kept)


def least_in_all(shares: Array, needs: Array) -> float:
    """The least Σ x with x ≥ 0 and, for every stage, Σ x_u · share_us ≥ need_s. Exact: every vertex is looked at."""
    best = np.inf
    campuses, stages = shares.shape
    for size in range(1, min(campuses, stages) + 1):
        for chosen in combinations(range(campuses), size):
            for tight in combinations(range(stages), size):
                best = min(best, _vertex(shares[list(chosen)], needs, list(tight)))
    return best


def _vertex(shares: Array, needs: Array, tight: list[int]) -> float:
    """Σ x where the tight stages get exactly what they need from the chosen campuses; infinite where that does not do."""
    try:
        amounts = np.linalg.solve(shares[:, tight].T, needs[tight])
    except np.linalg.LinAlgError:
        return np.inf
    gives = shares.T @ amounts
    if (amounts < 0).any() or (gives < needs * (1 - SLACK)).any():
        return np.inf
    return float(amounts.sum())


def least_whole_in_all(shares: Array, needs: Array, is_met: Callable[[Array], bool]) -> float:
    """The same in whole numbers a campus. ``needs``: what the comparison lets pass; ``is_met``: asked with what stages get."""
    for slack in (0.0, SOLVER_SLACK):
        found = milp(
            np.ones(len(shares)), integrality=np.ones(len(shares)), bounds=Bounds(0, np.inf),
            constraints=LinearConstraint(shares.T, needs + slack, np.inf),
        )  # fmt: skip
        amounts = np.round(found.x)
        if is_met(shares.T @ amounts):
            break
    return float(amounts.sum())

"""The least that must be added, by searching for the common level; and what a plan of whole things must hold to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from tests.oracle.moving import KEY, Case, cases
from tests.oracle.released import Tables, cv_of
from tests.oracle.texts import TOLERANCE, WHOLE_UNITS, at_most

Row = dict[str, Any]
PER = {"multimedia_rooms_per_100": 100.0} | dict.fromkeys(WHOLE_UNITS, 100.0)
"""The pupils of whom the indicator is told; else one."""


def scale(case: Case) -> float:
    return PER.get(case.key[4], 1.0)


def values_at(case: Case, level: float) -> np.ndarray:
    """Values in the indicator's unit once all schools reach the level."""
    return np.maximum(case.units / case.pupils * scale(case), level)


def added(case: Case, level: float) -> float:
    return float(((values_at(case, level) / scale(case)) * case.pupils - case.units).sum())


def least_level(case: Case) -> float | None:
    """The lowest common level that brings the gap within its limit; None where the standard's own level does."""

    def over(level: float) -> float:
        cv = cv_of(values_at(case, level), case.pupils)
        return (math.inf if cv is None else cv) - case.limit

    if over(case.level) <= case.limit * TOLERANCE:
        return None
    return float(brentq(over, case.level, float(values_at(case, 0).max()), xtol=1e-9, rtol=1e-14))


def spending_plans(release: Tables) -> pd.DataFrame:
    """Rows and columns of spending_plan that have one answer, whatever way units are rounded."""
    moved = release["rotation_plan"]
    stuck = set(moved[moved.state.isin(["donors", "whole_units"])][KEY].itertuples(index=False, name=None))
    asked = cases(release, of_people=False) + [c for c in cases(release, of_people=True) if c.key in stuck]
    return pd.DataFrame([_plan(case) for case in asked])


def _plan(case: Case) -> Row:
    gap, some = case.gap, len(case.ids) > 0
    row = dict(zip(KEY, case.key, strict=True)) | {
        "schools": len(case.ids),
        "schools_missing": gap.schools_missing,
        "cv": cv_of(case.units / case.pupils, case.pupils) if some else None,
        "cv_limit": case.limit,
        "level": None,
        "units_to_standard": None,
        "units_least": None,
    }
    if gap.schools_missing or not some:
        return row | {"state": "incomplete"}
    if row["cv"] is not None and at_most(row["cv"], case.limit):
        return row | {"state": "within_limit"}
    level = least_level(case)
    return row | {
        "state": "planned",
        "level": level,
        "units_to_standard": added(case, case.level),
        "units_least": added(case, case.level if level is None else level),
    }

"""Counties for tests of advice: made by hand or by hypothesis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from pipeline.advice.county import Case, School
from pipeline.advice.rotation import Wishes

TOLERANCE = 1e-9


def gap_of(units: Sequence[float], pupils: Sequence[float]) -> float:
    """The coefficient by the words of the text: x = R/P, X = ΣR/ΣP, S = √(ΣP(x − X)²/ΣP), CV = S/X."""
    mean = sum(units) / sum(pupils)
    squares = math.fsum(p * (r / p - mean) ** 2 for r, p in zip(units, pupils, strict=True))
    return math.sqrt(squares / sum(pupils)) / mean


def case(units: Sequence[float], pupils: Sequence[float], limit: float, **given: Any) -> Case:
    """A county of schools with these units per 100 pupils; ``threshold``, ``groups``, ``districts`` as wished."""
    threshold = given.pop("threshold", None)
    groups = given.pop("groups", [""] * len(units))
    districts = given.pop("districts", [""] * len(units))
    schools = tuple(
        School(f"s{i:03}", f"学校{i}", float(p), p / 100, float(r), r / (p / 100), threshold, groups[i], districts[i])
        for i, (r, p) in enumerate(zip(units, pupils, strict=True))
    )
    known = {
        "cv": gap_of(units, pupils) if sum(units) else None,
        "cv_high": None,
        "cv_least": None,
        "state": "ok",
    } | given
    return Case(2025, "one", "990101", "first", "things_per_100", ">=", schools, limit=limit, **known)


def wishes(limit: float, **given: Any) -> Wishes:
    return Wishes(limit * (1 + TOLERANCE), TOLERANCE, **given)


@st.composite
def counties(draw: st.DrawFn, most: int = 6, largest: int = 6) -> tuple[list[int], list[int]]:
    """Units and pupils of 2 to ``most`` schools, with something to move."""
    n = draw(st.integers(2, most))
    units = draw(st.lists(st.integers(0, largest), min_size=n, max_size=n).filter(any))
    pupils = draw(st.lists(st.integers(40, 900), min_size=n, max_size=n))
    return units, pupils

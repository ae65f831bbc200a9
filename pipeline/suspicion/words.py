"""The words of the tests and of their evidence, in both languages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from pipeline.schema.entry import Label
from pipeline.schema.suspicion_limits import Limits
from pipeline.schema.worded import words_of

_all = partial(words_of, "pipeline.suspicion")


def tests() -> tuple[str, ...]:
    """The tests in the order in which they are told."""
    return tuple(_all())


def label(test: str) -> Label:
    """What a test is called."""
    return Label(**_all()[test]["label"])


def asks(test: str, limits: Limits) -> Label:
    """What a test asks and what it compares with."""
    return Label(**{language: text.format(**_holes(limits)) for language, text in _all()[test]["asks"].items()})


def found(test: str, row: Mapping[str, Any], limits: Limits) -> Label:
    """The evidence of a county: ``row`` has n, observed, expected (null where none) and p_value."""
    n, observed, expected = row["n"], row["observed"], row["expected"]
    holes = {
        **_holes(limits), "n": n, "observed": observed, "share": _percent(observed / n if n else 0),
        "expected": "" if expected is None else f"{expected:.1f}", "p": _chance(row["p_value"]),
        "expected_share": "" if expected is None else _percent(expected / n if n else 0),
    }  # fmt: skip
    return Label(**{language: text.format(**holes) for language, text in _all()[test]["found"].items()})


def _holes(limits: Limits) -> dict[str, object]:
    return {
        "window": f"{limits.window_pct:g}", "near": f"{limits.near_pct:g}", "fall": f"{limits.fall_pct:g}",
        "growth": f"{limits.growth_pct:g}",
    }  # fmt: skip


LEAST_TOLD = 12
"""Chances are told down to one in 10¹²; what is less likely is told as that."""


def _chance(p: float) -> str:
    """A chance as one reads it: with one digit, or one in a power of ten that is no smaller."""
    if p >= 0.001:
        return f"{p:.1g}"
    power = LEAST_TOLD if p <= 0 else min(LEAST_TOLD, math.floor(-math.log10(p) + 1e-9))
    return f"1/{10**power:,}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.1 else f"{100 * share:.1f}"

"""Holding a number against a level in Python, by the rule of the macros ``at_least`` and ``at_most`` (``method`` 3)."""

from __future__ import annotations

from pipeline.schema.model import Catalogue

TOLERANCE_KEY = "comparison_tolerance"


def tolerance(catalogue: Catalogue) -> float:
    """Relative tolerance of every comparison."""
    return float(catalogue.setting(TOLERANCE_KEY))


def at_least(value: float, level: float, within: float) -> bool:
    """Whether a value reaches a level; ``within`` is the relative tolerance."""
    return value >= level - abs(level) * within


def at_most(value: float, level: float, within: float) -> bool:
    """Whether a value stays within a level; ``within`` is the relative tolerance."""
    return value <= level + abs(level) * within

"""The evidence of a slip of the unit: what a suspected value would be in another unit. It is shown, never mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.schema.rule_columns import BEFORE, MEDIAN, OWN, PER_PUPIL

STEPS = (100, 1000, 10_000)
"""What units are mistaken by: per cent for a ratio, thousands, and 万."""


def scaled(blamed: Sequence[str], row: Mapping[str, Any], labels: Mapping[str, str], language: str) -> str:
    """For each blamed cell that stands beside its value of the year before or its median: the cell divided (or multiplied,
    where it is the smaller one) by each of the steps."""
    said = [_of_cell(name, row, labels[name]) for name in blamed if _is_smaller(name, row) is not None]
    return ("；" if language == "zh" else "; ").join(said)


def _of_cell(name: str, row: Mapping[str, Any], label: str) -> str:
    sign, is_smaller = ("×", True) if _is_smaller(name, row) else ("÷", False)
    values = ((step, row[name] * step if is_smaller else row[name] / step) for step in STEPS)
    return f"{label} " + ", ".join(f"{sign} {step} = {value:.10g}" for step, value in values)


def _is_smaller(name: str, row: Mapping[str, Any]) -> bool | None:
    """Whether a cell is smaller than what it is held against; None where it is held against nothing."""
    per_pupil = row.get(f"{OWN}{name}{PER_PUPIL}"), row.get(f"{MEDIAN}{name}{PER_PUPIL}")
    then = row.get(name), row.get(BEFORE + name)
    for value, reference in (per_pupil, then):
        if isinstance(value, float) and isinstance(reference, float):
            return bool(value < reference)
    return None


def said_per_pupil(name: str, label: str, language: str) -> str:
    """What a column that holds a cell per pupil is called."""
    if name.startswith(MEDIAN):
        return f"本县每生{label}中位数" if language == "zh" else f"the county's median per pupil of {label}"
    return f"每生{label}" if language == "zh" else f"{label} per pupil"

"""What is said of a plan, or of there being none: one sentence in each language."""

from __future__ import annotations

import math
from functools import partial

from pipeline.advice.adding import Spending
from pipeline.advice.county import Case
from pipeline.advice.rotation import PLANNED, Rotation
from pipeline.schema.entry import Label
from pipeline.schema.worded import words_of

NAMED = 6
"""Schools without a value that are named; the rest are counted."""


_all = partial(words_of, "pipeline.advice")


INSIDE = {"group": ("集团", "groups"), "district": ("学区", "districts")}


def rotation(case: Case, made: Rotation, prefer: str = "") -> Label:
    """What comes of asking for a rotation; ``prefer``: what it was to stay inside of, before moving few."""
    holes: dict[str, object] = {
        "moves": made.moved, "groups": made.crossing("group"), "districts": made.crossing("district"),
        "reachable": _ratio(made.cv_reachable), "free": made.moves_without_limits,
    }  # fmt: skip
    if prefer and made.state == PLANNED:
        inside, inside_en = INSIDE[prefer]
        return _said("rotation", "preferred", case, holes | {"inside": inside, "inside_en": inside_en})
    return _said("rotation", made.state, case, holes)


def spending(case: Case, made: Spending) -> Label:
    """What comes of asking for the least spending."""
    holes: dict[str, object] = {
        "units": _amount(made.units),
        "least": _amount(made.units_least),
        "standard": _amount(made.units_to_standard),
        "unit": f" {case.unit[0]}" if case.unit[0] else "",
        "unit_en": f" {case.unit[1]}" if case.unit[1] else "",
    }
    return _said("spending", made.state, case, holes)


def _said(of: str, state: str, case: Case, holes: dict[str, object]) -> Label:
    names = "、".join(case.missing[:NAMED]) + ("…" if len(case.missing) > NAMED else "")
    known = {
        "cv": _ratio(case.cv), "limit": _ratio(case.limit), "cv_least": _ratio(case.cv_least),
        "missing": case.schools_missing, "named": f"（{names}）" if names else "", "named_en": f" ({names})" if names else "",
    }  # fmt: skip
    texts = _all()[of][state]
    return Label(zh=texts["zh"].format(**known, **holes), en=texts["en"].format(**known, **holes))


def _ratio(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"


def _amount(value: float) -> str:
    """A number of units: whole ones as they are, others to one decimal and never below what is needed."""
    return f"{value:,.0f}" if value == round(value) else f"{math.ceil(round(value * 10, 6)) / 10:,.1f}"

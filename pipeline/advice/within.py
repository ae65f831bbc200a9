"""As few of the moves as can be across groups and districts, at the fewest moves: a mixed integer programme (HiGHS).

With m moves fixed, let α be what the m-th removal saves and β what the m-th addition costs. A plan that leaves out an earlier
step, or takes a later one, loses the difference to α or β; it may lose the slack of the fewest moves at most. So steps that lie
further than the slack from the margin are settled, and only those near it are asked (binary). That is the model of ``method`` 9
in another shape: one row for the limit in place of a tangent for every number of units, and the same optimum in a fraction of
the time. Source: ``method`` 9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from pipeline.advice.fewest import Fewest, counts
from pipeline.advice.steps import Step, Steps

TIGHTER = (0.0, 1e-9, 1e-7, 1e-5)
"""By how much, relatively, the saving is asked for above what is needed, should the solver's tolerance have used less."""


@dataclass(frozen=True)
class Aim:
    """One way of dividing the schools (groups, districts): the number of its part a school, and what a move across weighs."""

    parts: tuple[int, ...]
    weight: float

    def across(self, given: Sequence[int], received: Sequence[int]) -> int:
        """Units that must cross between parts."""
        net = [0] * (max(self.parts) + 1)
        for number, out, into in zip(self.parts, given, received, strict=True):
            net[number] += out - into
        return sum(n for n in net if n > 0)


@dataclass(frozen=True)
class Solved:
    """Units given and received by school, and a lower bound of what any such plan weighs."""

    given: tuple[int, ...]
    received: tuple[int, ...]
    bound: float


def weight_of(aims: Sequence[Aim], given: Sequence[int], received: Sequence[int]) -> float:
    """Σ over the aims of the weight of the units that must cross."""
    return sum(aim.weight * aim.across(given, received) for aim in aims)


def kept_within(steps: Steps, fewest: Fewest, aims: Sequence[Aim], options: dict[str, Any]) -> Solved:
    """The plan of the fewest moves that weighs least; where the solver finds none within its limits, the first plan of
    the fewest moves. ``options``: the solver's (``node_limit``, ``time_limit``)."""
    first = Solved(fewest.given, fewest.received, 0.0)
    if weight_of(aims, fewest.given, fewest.received) == 0:
        return first
    model = _Model(steps, fewest, aims)
    bound = 0.0
    for tighter in TIGHTER:
        chosen, bound_now = model.solve(tighter, options)
        # A tighter demand has a higher optimum, so only the first bound holds for all plans.
        bound = bound_now if tighter == 0.0 else bound
        if chosen is not None and steps.saved(*chosen) >= steps.needed:
            return Solved(chosen[0], chosen[1], bound)
    return Solved(fewest.given, fewest.received, bound)


class _Model:
    """The programme: a binary a step near the margin, then the units that cross, a number a part of each aim."""

    def __init__(self, steps: Steps, fewest: Fewest, aims: Sequence[Aim]) -> None:
        self.steps, self.aims, self.moves = steps, aims, fewest.moves
        self.schools = len(fewest.given)
        first = steps.saved(fewest.given, fewest.received)
        slack = first - steps.needed
        self.sure_out, self.out = _near(steps.removals, fewest.moves, slack, 1)
        self.sure_in, self.into = _near(steps.additions, fewest.moves, slack, -1)

    def solve(
        self, tighter: float, options: dict[str, Any]
    ) -> tuple[tuple[tuple[int, ...], tuple[int, ...]] | None, float]:
        """Units given and received (None where none was found), and the lower bound of the weight."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        width = len(self.out) + len(self.into)
        parts = sum(max(aim.parts) + 1 for aim in self.aims)
        cost = np.concatenate([np.zeros(width), *(np.full(max(a.parts) + 1, a.weight) for a in self.aims)])
        rows = [LinearConstraint(m, low, high) for m, low, high in self._rows(width, parts, tighter)]
        found = milp(
            cost, integrality=np.r_[np.ones(width), np.zeros(parts)], constraints=rows, options=options,
            bounds=Bounds(0, np.r_[np.ones(width), np.full(parts, np.inf)]),
        )  # fmt: skip
        bound = float(found.mip_dual_bound) if getattr(found, "mip_dual_bound", None) is not None else 0.0
        if found.x is None:
            return None, max(0.0, bound)
        taken = np.rint(found.x[:width]).astype(bool)
        out = [*self.sure_out, *(s for s, t in zip(self.out, taken[: len(self.out)], strict=True) if t)]
        into = [*self.sure_in, *(s for s, t in zip(self.into, taken[len(self.out) :], strict=True) if t)]
        return (counts(out, self.schools), counts(into, self.schools)), max(0.0, bound)

    def _rows(self, width: int, parts: int, tighter: float) -> Iterator[tuple[Any, Any, Any]]:
        """Rows of the programme: enough is saved, m units go out and come in, what crosses is counted."""
        from scipy.sparse import csr_array, hstack, identity

        unit = self.steps.needed
        worth = [float(s / unit) for s, _ in self.out] + [-float(s / unit) for s, _ in self.into]
        sure = sum(s for s, _ in self.sure_out) - sum(s for s, _ in self.sure_in)
        yield np.array([worth + [0.0] * parts]), 1.0 + tighter - float(sure / unit), np.inf
        ones = np.zeros((2, width + parts))
        ones[0, : len(self.out)] = 1
        ones[1, len(self.out) : width] = 1
        left = [self.moves - len(self.sure_out), self.moves - len(self.sure_in)]
        yield ones, left, left
        start = np.concatenate([[0], np.cumsum([max(aim.parts) + 1 for aim in self.aims])]).astype(int)
        schools = [*(s for _, s in self.out), *(s for _, s in self.into)]
        signs = [-1.0] * len(self.out) + [1.0] * len(self.into)
        numbers = [first + aim.parts[s] for aim, first in zip(self.aims, start, strict=False) for s in schools]
        columns = list(range(width)) * len(self.aims)
        steps = csr_array((signs * len(self.aims), (numbers, columns)), shape=(parts, width))
        sure_net = np.zeros(parts)
        for aim, first in zip(self.aims, start, strict=False):
            for sign, sure_steps in ((1, self.sure_out), (-1, self.sure_in)):
                for _, school in sure_steps:
                    sure_net[first + aim.parts[school]] += sign
        yield hstack([steps, identity(parts)]).tocsr(), sure_net, np.inf


def _near(steps: Sequence[Step], moves: int, slack: Fraction, sign: int) -> tuple[list[Step], list[Step]]:
    """Steps that every plan takes, and those near enough to the margin to be asked."""
    margin = steps[moves - 1][0]
    near = [s for s in steps if -slack <= s[0] - margin <= slack]
    sure = [s for s in steps[:moves] if sign * (s[0] - margin) > slack]
    return sure, near

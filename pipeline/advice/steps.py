"""What moving single units saves: the steps from which every rotation is put together.

Inside a county the mean X stands still when units move. With r_i units, P_i pupils, T = Σ r_i and N = Σ P_i:
CV² = N · Σ r_i²/P_i ÷ T² − 1, so a limit is a bound on Σ r_i²/P_i, separable and convex: f_i(k) − f_i(k − 1) of ``method`` 9
is (2k − 1)/P_i less a constant that every move adds and takes away once. Taking a school's k-th unit saves (2k − 1)/P_i;
giving it a (k + 1)-th costs (2k + 1)/P_i. All numbers are multiplied by a common multiple of the pupils, and of what units that are
not whole are parts of, so that sums are whole numbers and nothing is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

Step = tuple[int, int]
"""What a step saves or costs, and the school."""


@dataclass(frozen=True)
class Steps:
    """``removals``: dearest first; ``additions``: cheapest first; ties by the school's place. Steps that cannot be part of a
    saving move are left out. ``needed``: what must be saved for the limit to hold (0 or less: it holds). ``squares``: Σ r²/P now;
    both in the scale of the steps."""

    removals: tuple[Step, ...]
    additions: tuple[Step, ...]
    needed: Fraction
    squares: int
    even: Fraction
    """T²/N in the scale of the steps: Σ r²/P of schools that are all equal."""

    def coefficient(self, saved: int) -> float:
        """The coefficient after so much is saved."""
        return math.sqrt(max(Fraction(0), (self.squares - saved) / self.even - 1))

    def saved(self, given: Sequence[int], received: Sequence[int]) -> int:
        """What is saved when schools give and receive so many units each (a school does not do both)."""
        saved = 0
        for steps, counts, sign in ((self.removals, given, 1), (self.additions, received, -1)):
            left = list(counts)
            for worth, school in steps:
                if left[school] > 0:
                    left[school] -= 1
                    saved += sign * worth
            if any(left):
                raise ValueError("more units are moved than there are steps")
        return saved


def steps_of(units: Sequence[float], pupils: Sequence[float], can_give: Sequence[int], cv: float) -> Steps:
    """The steps of a county whose coefficient is to be ``cv`` at most. ``can_give``: the most units that each school may
    lose. Pupils are above 0, the total of units is not 0."""
    parts = math.lcm(*(Fraction(r).denominator for r in units))
    held = [int(Fraction(r) * parts) for r in units]
    people = [Fraction(p) for p in pupils]
    scale = math.lcm(*(p.numerator for p in people))
    weight = [scale // p.numerator * p.denominator for p in people]
    most = [min(gives, r // parts) for gives, r in zip(can_give, held, strict=True)]
    squares = sum(w * r * r for w, r in zip(weight, held, strict=True))
    even = Fraction(scale) * sum(held) ** 2 / sum(people)
    of_unit = [w * parts for w in weight]
    lowest = min((2 * r + parts) * w for w, r in zip(of_unit, held, strict=True))
    highest = max(((2 * r - parts) * w for w, r, m in zip(of_unit, held, most, strict=True) if m > 0), default=lowest)
    removals = [step for i in range(len(held)) for step in _down(i, held[i], parts, of_unit[i], most[i], lowest)]
    additions = [step for i in range(len(held)) for step in _up(i, held[i], parts, of_unit[i], highest)]
    return Steps(
        tuple(sorted(removals, key=lambda step: (-step[0], step[1]))), tuple(sorted(additions)),
        squares - (1 + Fraction(cv) ** 2) * even, squares, even,
    )  # fmt: skip


def _down(school: int, held: int, unit: int, weight: int, most: int, above: int) -> Iterator[Step]:
    """Removals of a school that save more than the cheapest addition costs; ``unit``: the parts in one of what is held."""
    for taken in range(most):
        worth = (2 * (held - taken * unit) - unit) * weight
        if worth <= above:
            return
        yield worth, school


def _up(school: int, held: int, unit: int, weight: int, below: int) -> Iterator[Step]:
    """Additions of a school that cost less than the dearest removal saves."""
    while (cost := (2 * held + unit) * weight) < below:
        yield cost, school
        held += unit

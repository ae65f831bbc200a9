"""The fewest moves that bring a gap within its limit: exact, by pairing the dearest removals with the cheapest additions.

Since what is saved is separable and convex (``steps``), the best m moves are the first m removals with the first m additions,
and every further pair saves less. Source: ``method`` 9.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from pipeline.advice.steps import Step, Steps


@dataclass(frozen=True)
class Fewest:
    """By school: units given and received. ``is_reached``: the limit holds after them. ``cv_reachable``: the least
    coefficient that the donors' limits allow, however many units move. Nothing moves where the limit cannot be reached."""

    given: tuple[int, ...]
    received: tuple[int, ...]
    moves: int
    is_reached: bool
    cv_reachable: float


def fewest_moves(steps: Steps, schools: int) -> Fewest:
    """The fewest moves after which the limit holds; among equal steps the school that stands first."""
    saved = 0
    moves = 0 if steps.needed <= 0 else None
    for number, (removal, addition) in enumerate(zip(steps.removals, steps.additions, strict=False), 1):
        if removal[0] <= addition[0]:
            break
        saved += removal[0] - addition[0]
        if moves is None and saved >= steps.needed:
            moves = number
    first = moves or 0
    return Fewest(
        counts(islice(steps.removals, first), schools), counts(islice(steps.additions, first), schools), first,
        moves is not None, steps.coefficient(saved),
    )  # fmt: skip


def counts(steps: Iterable[Step], schools: int) -> tuple[int, ...]:
    """Number of steps by school."""
    found = Counter(school for _, school in steps)
    return tuple(found[school] for school in range(schools))

"""Places marks along a line so that none covers another: greedy, in pixels, without chance.

The same marks in the same order give the same places. Where marks would need more height than a lane may have, they are
gathered into steps, one mark for up to k schools, and k is said on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

GAP = 1.0
"""Pixels between marks."""


@dataclass(frozen=True)
class Lane:
    """Offsets from the lane's middle in pixels, in the order of the marks, and how far they reach to either side."""

    offsets: tuple[float, ...]
    reach: float


def swarm(x: Sequence[float], diameter: Sequence[float]) -> Lane:
    """Offsets of marks at ``x`` (pixels) with these diameters: each as near to the middle as the placed ones allow."""
    return _placed(tuple(x), tuple(diameter))


@lru_cache(maxsize=512)
def _placed(x: tuple[float, ...], diameter: tuple[float, ...]) -> Lane:
    """The lane; remembered, because a page draws the same marks in each language and a province the same for each county."""
    placed: list[tuple[float, float, float]] = []
    offsets = [0.0] * len(x)
    order = sorted(range(len(x)), key=lambda i: (x[i], -diameter[i], i))
    for i in order:
        radius = diameter[i] / 2
        near = [(px, py, pr) for px, py, pr in placed if abs(px - x[i]) < pr + radius + GAP]
        offsets[i] = _nearest_free(x[i], radius, near)
        placed.append((x[i], offsets[i], radius))
    reach = max((abs(o) + d / 2 for o, d in zip(offsets, diameter, strict=True)), default=0.0)
    return Lane(tuple(offsets), reach)


def _nearest_free(x: float, radius: float, near: Sequence[tuple[float, float, float]]) -> float:
    """The offset of least size at which a mark touches none of those near it; above before below."""
    candidates = [0.0]
    for px, py, pr in near:
        room = (pr + radius + GAP) ** 2 - (px - x) ** 2
        candidates += [py + room**0.5, py - room**0.5]
    for candidate in sorted(candidates, key=lambda c: (round(abs(c), 6), -c)):
        if all((px - x) ** 2 + (py - candidate) ** 2 >= (pr + radius + GAP) ** 2 - 1e-6 for px, py, pr in near):
            return round(candidate, 2)
    raise AssertionError("the outermost candidate is always free")


@dataclass(frozen=True)
class Stack:
    """Marks of one step of a binned lane: how many schools of which state each stands for."""

    step: int
    shown: str
    schools: int
    offset: float


def stacks(steps: Sequence[tuple[int, str]], order: Sequence[str], k: int, pitch: float) -> list[Stack]:
    """One mark for up to ``k`` schools of a step and state, piled on the middle; ``steps``: a pair a school."""
    marks: list[Stack] = []
    for step in sorted({s for s, _ in steps}):
        pile: list[tuple[str, int]] = []
        for shown in order:
            count = sum(1 for s, state in steps if s == step and state == shown)
            pile += [(shown, min(k, count - first)) for first in range(0, count, k)]
        middle = (len(pile) - 1) / 2
        marks += [
            Stack(step, shown, n, round((position - middle) * pitch, 2)) for position, (shown, n) in enumerate(pile)
        ]
    return marks


def schools_a_mark(steps: Sequence[tuple[int, str]], tallest: int) -> int:
    """The least k for which no pile holds more than ``tallest`` marks."""
    k = 1
    while True:
        piles: dict[int, int] = {}
        for pair in set(steps):
            piles[pair[0]] = piles.get(pair[0], 0) + -(-steps.count(pair) // k)
        if max(piles.values(), default=0) <= tallest or k > len(steps):
            return k
        k += 1

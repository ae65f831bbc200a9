"""As few moves across parts as can be, then the fewest moves: for ``--prefer``.

Within a part (a group, a district) the pairs of its removals and additions save ever less, so the fewest moves inside parts are the parts'
pairs merged by what they save: exact. Where that is not enough, units must cross. What a part saves at best when c units
leave it (or −c come) is concave in c, so the fewest that must cross are again found by taking the best each time: exact.
How few moves there are in all is exact when nothing crosses; else the number found is held against a lower bound, and the
difference is stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.advice.fewest import Fewest, counts
from pipeline.advice.steps import Step, Steps


@dataclass(frozen=True)
class Inside:
    """Units given and received by school, those that cross, and the least number of moves that any such plan can have."""

    given: tuple[int, ...]
    received: tuple[int, ...]
    moves: int
    across: int
    moves_bound: int


class _Part:
    """One part: its steps, and what it saves at best when ``net`` units leave it in all."""

    def __init__(self, removals: list[Step], additions: list[Step]) -> None:
        self.removals, self.additions = removals, additions
        self.sums_out = _sums(removals)
        self.sums_in = _sums(additions)

    def start(self, net: int) -> tuple[int, int]:
        """Units out and in when no pair moves inside."""
        return max(net, 0), max(-net, 0)

    def can(self, net: int) -> bool:
        out, into = self.start(net)
        return out <= len(self.removals) and into <= len(self.additions)

    def pairs(self, net: int) -> list[int]:
        """What further pairs inside save, each less than the one before; those that save nothing are left out."""
        out, into = self.start(net)
        further = zip(self.removals[out:], self.additions[into:], strict=False)
        saved = [removal[0] - addition[0] for removal, addition in further]
        return [s for s in saved if s > 0]

    def best(self, net: int) -> int:
        """What the part saves at most when ``net`` units leave it."""
        out, into = self.start(net)
        inside = len(self.pairs(net))
        return self.sums_out[out + inside] - self.sums_in[into + inside]


def kept_inside(steps: Steps, fewest: Fewest, parts: Sequence[int]) -> Inside:
    """A plan of as few units across parts as can be, then of few moves. The limit must be within reach."""
    made = [
        _Part([s for s in steps.removals if parts[s[1]] == c], [s for s in steps.additions if parts[s[1]] == c])
        for c in range(max(parts) + 1)
    ]
    nets = _fewest_across(made, steps.needed)
    taken = _fewest_pairs(made, nets, steps.needed)
    schools = len(fewest.given)
    out = [s for c, n, k in zip(made, nets, taken, strict=True) for s in c.removals[: c.start(n)[0] + k]]
    into = [s for c, n, k in zip(made, nets, taken, strict=True) for s in c.additions[: c.start(n)[1] + k]]
    across = sum(n for n in nets if n > 0)
    bound = len(out) if across == 0 else max(fewest.moves, across)
    return Inside(counts(out, schools), counts(into, schools), len(out), across, bound)


def _fewest_across(parts: Sequence[_Part], needed: Fraction) -> list[int]:
    """Units that leave each part, as few as can be, so that enough can be saved."""
    nets = [0] * len(parts)
    best = [c.best(0) for c in parts]
    while sum(best) < needed:
        leaving = [
            (c.best(n + 1) - b, -i) for i, (c, n, b) in enumerate(zip(parts, nets, best, strict=True)) if c.can(n + 1)
        ]
        coming = [
            (c.best(n - 1) - b, -i) for i, (c, n, b) in enumerate(zip(parts, nets, best, strict=True)) if c.can(n - 1)
        ]
        for (_, place), change in ((max(leaving), 1), (max(coming), -1)):
            nets[-place] += change
        best = [c.best(n) for c, n in zip(parts, nets, strict=True)]
    return nets


def _fewest_pairs(parts: Sequence[_Part], nets: Sequence[int], needed: Fraction) -> list[int]:
    """Pairs that move inside each part, as few in all as can be once so many units cross."""
    saved = 0
    for c, net in zip(parts, nets, strict=True):
        out, into = c.start(net)
        saved += c.sums_out[out] - c.sums_in[into]
    offers = sorted(
        ((s, i) for i, (c, n) in enumerate(zip(parts, nets, strict=True)) for s in c.pairs(n)),
        key=lambda offer: (-offer[0], offer[1]),
    )
    taken = [0] * len(parts)
    for worth, place in offers:
        if saved >= needed:
            break
        saved += worth
        taken[place] += 1
    return taken


def _sums(steps: Sequence[Step]) -> list[int]:
    sums: list[int] = [0]
    for worth, _ in steps:
        sums.append(sums[-1] + worth)
    return sums

"""Two lists of headers, one expected and one written: which are the same, renamed, gone, new, or in another order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.returns.headings import normal
from pipeline.returns.suggest.nearest import Expected
from pipeline.returns.suggest.wording import Wording, alike, wording

RENAMED = 0.62
"""Two headers that are left over on both sides are one renamed from here on."""


@dataclass(frozen=True)
class Written:
    """A header as it stands in a file, its cell, and the code below it if there is one."""

    text: str
    cell: str
    code: str = ""

    @property
    def wording(self) -> Wording:
        return wording(self.text)


@dataclass(frozen=True)
class Compared:
    """``moved``: positions, among the written, of headers that left the order of the layout."""

    renamed: tuple[tuple[Expected, Written, float], ...]
    gone: tuple[Expected, ...]
    new: tuple[Written, ...]
    repeated: tuple[Written, ...]
    moved: tuple[int, ...]


def compared(
    expected: Sequence[Expected], written: Sequence[Written], placed: Mapping[int, int] | None = None
) -> Compared:
    """What became of each expected header. A code below a header speaks louder than its words.

    ``placed``: position among the expected → among the written, where reading has found them (headers in groups); else they
    are found by their names.
    """
    first: dict[str, int] = {}
    repeated: list[Written] = []
    for at, one in enumerate(written):
        if first.setdefault(normal(one.text), at) != at:
            repeated.append(one)
    place = dict(placed) if placed is not None else _placed(expected, first)
    taken = set(place.values())
    left = [number for number in range(len(expected)) if number not in place]
    rest = [at for at in range(len(written)) if at not in taken and written[at] not in repeated]
    renamed = _renamed(expected, written, left, rest)
    known = {normal(name) for wanted in expected for name in wanted.names}
    return Compared(
        tuple((expected[n], written[at], round(score, 3)) for n, at, score in renamed),
        tuple(expected[n] for n in left if n not in {n for n, _, _ in renamed}),
        tuple(written[at] for at in rest if at not in {at for _, at, _ in renamed}),
        tuple(one for one in repeated if normal(one.text) in known),
        _moved([place[number] for number in sorted(place)]),
    )


def _placed(expected: Sequence[Expected], first: Mapping[str, int]) -> dict[int, int]:
    place: dict[int, int] = {}
    for number, wanted in enumerate(expected):
        found = next((first[normal(name)] for name in wanted.names if normal(name) in first), None)
        if found is not None:
            place[number] = found
    return place


def _renamed(
    expected: Sequence[Expected], written: Sequence[Written], left: Sequence[int], rest: Sequence[int]
) -> list[tuple[int, int, float]]:
    """Pairs of leftovers on both sides, so that they are most alike together: expected, written, likeness."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    if not left or not rest:
        return []
    scores = np.array([[_score(expected[n], written[at]) for at in rest] for n in left])
    rows, columns = linear_sum_assignment(np.where(scores >= RENAMED, scores**3, 0.0), maximize=True)
    pairs = zip(rows, columns, strict=True)
    return [(left[r], rest[c], float(scores[r, c])) for r, c in pairs if scores[r, c] >= RENAMED]


def _score(wanted: Expected, now: Written) -> float:
    if now.code:
        return 1.0 if now.code == wanted.to else 0.0
    return max(alike(wording(name), now.wording) for name in wanted.names)


def _moved(places: Sequence[int]) -> tuple[int, ...]:
    """The places that must be taken out for the rest to rise: those not in a longest rising run."""
    tails: list[int] = []
    at: list[int] = []
    before: list[int | None] = []
    for number, place in enumerate(places):
        length = bisect_left(tails, place)
        before.append(at[length - 1] if length else None)
        tails[length : length + 1] = [place]
        at[length : length + 1] = [number]
    kept: set[int] = set()
    step = at[-1] if at else None
    while step is not None:
        kept.add(step)
        step = before[step]
    return tuple(sorted(place for number, place in enumerate(places) if number not in kept))

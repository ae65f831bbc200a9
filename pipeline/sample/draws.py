"""Random numbers by name: the same name gives the same numbers, whatever else is drawn and in whatever order.

Here: streams spawned from a seed, a place's path and a name, and draws of fixed shapes from them. Not here: what is drawn.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CUT = 2.5
"""Normal draws are cut here, in standard deviations."""


@dataclass(frozen=True)
class Draws:
    """The random numbers of one place; ``path`` is its position (province, county), ``()`` the whole sample."""

    seed: int
    path: tuple[int, ...] = ()

    def stream(self, *name: object) -> np.random.Generator:
        """A generator of its own for a name."""
        word = zlib.crc32("/".join(map(str, name)).encode())
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(*self.path, word))))

    def uniform(self, *name: object, size: int | tuple[int, ...] = 1) -> Array:
        """Between 0 and 1, never 0."""
        return 1.0 - self.stream(*name).random(size)

    def normal(self, *name: object, size: int | tuple[int, ...] = 1) -> Array:
        """Of mean 0 and deviation 1, cut."""
        return np.clip(self.stream(*name).standard_normal(size), -CUT, CUT)

    def permutation(self, count: int, *name: object) -> NDArray[np.int64]:
        """The numbers 0 to count − 1 in some order."""
        return self.stream(*name).permutation(count)


def shares_to_counts(shares: Array, total: int) -> NDArray[np.int64]:
    """A total over shares by largest remainder; every share above 0 gets one while there is one to give."""
    exact = shares / shares.sum() * total
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: total - int(counts.sum())]] += 1
    for lacking in np.flatnonzero((counts == 0) & (shares > 0)):
        if counts.max() > 1:
            counts[int(np.argmax(counts))] -= 1
            counts[lacking] += 1
    return counts

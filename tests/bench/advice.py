"""How long a rotation of a county of 200 schools takes, from the case to the list of moves; made-up counties.

Groups and districts are drawn independently of each other and of the schools, which is the hardest shape. Run:
``python -m tests.bench.advice``.
"""

from __future__ import annotations

import time

import numpy as np

from pipeline.advice.rotation import Wishes, rotation
from tests.pipeline.advice.cases import TOLERANCE, case

SCHOOLS, COUNTIES, LIMIT = 200, 10, 0.45


def main() -> None:
    for seed in range(COUNTIES):
        rng = np.random.default_rng(seed)
        pupils = [int(p) for p in rng.lognormal(6.3, 0.8, SCHOOLS).clip(30)]
        many = bool(seed % 2)
        spread = rng.gamma(3 if many else 2, 1 / (3 if many else 2), SCHOOLS)
        units = [int(u) for u in rng.poisson(np.array(pupils) / 100 * spread * (4 if many else 1.3))]
        asked = case(
            units, pupils, LIMIT, threshold=3.0 if many else 1.0, groups=[f"g{n}" for n in rng.integers(0, 25, SCHOOLS)],
            districts=[f"d{n}" for n in rng.integers(0, 12, SCHOOLS)],
        )  # fmt: skip
        told = [f"{sum(units):5} people, cv {asked.cv:.3f}"]
        for prefer in ("", "group"):
            begun = time.perf_counter()
            made = rotation.__wrapped__(asked, Wishes(LIMIT * (1 + TOLERANCE), TOLERANCE, prefer=prefer))
            took = time.perf_counter() - begun
            across = f"{made.crossing('group')} between groups, {made.crossing('district')} between districts"
            told.append(
                f"{prefer or 'fewest':6} {made.state} {made.moved} moves, {across}, gap {made.gap:g}: {took:.2f} s"
            )
        print(" · ".join(told))


if __name__ == "__main__":
    main()

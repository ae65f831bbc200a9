"""The sample looks like published counties: 8 seeds × 100 counties, worked out by ``tests.bench.sample`` apart from the pipeline.

``make calibrate`` prints the whole table, with more figures than are asked for here.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from tests.bench.sample import COUNTIES, SEEDS, gather, table

COUNT = 16 + 2 + 6


def one_seed(seed: int) -> dict[str, np.ndarray]:
    return gather(range(seed, seed + 1), COUNTIES)


@pytest.fixture(scope="module")
def claims() -> dict[str, tuple[str, float, bool]]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = list(pool.map(one_seed, range(1, SEEDS + 1)))
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {claim: (wanted, seen, holds) for claim, wanted, seen, holds in table(found)}


def test_every_published_range_and_every_target_holds(claims: dict[str, tuple[str, float, bool]]) -> None:
    assert {claim: said for claim, said in claims.items() if not said[2]} == {}
    assert len(claims) == COUNT


def test_all_sixteen_medians_of_2012_are_asked_for(claims: dict[str, tuple[str, float, bool]]) -> None:
    assert sum(claim.startswith("median 2012 CV") for claim in claims) == 16

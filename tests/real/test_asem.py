"""Real input 3: a published composite indicator (ASEM, 51 countries, made by COINr in R), step by step through ``pipeline.ranks``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from pipeline.ranks import composite, normalise, places, relation
from tests import oracles

FOLDER = "coinr_asem"
TOLERANCE = 1e-9
LEVELS = (1, 2, 3)
Numbers = np.ndarray


@pytest.fixture(scope="module")
def meta() -> pd.DataFrame:
    table = oracles.reference(FOLDER, "ASEM_iMeta.csv")
    return table[table.Level.notna()].set_index("iCode")


@pytest.fixture(scope="module")
def treated(meta: pd.DataFrame) -> Numbers:
    """The indicators before they are put on one scale, turned so that more is better."""
    codes = list(meta[meta.Type == "Indicator"].index)
    data = oracles.reference(FOLDER, "dset_Treated.csv", keys=("uCode",))
    return data[codes].to_numpy(float) * meta.Direction[codes].to_numpy(float)


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return oracles.reference(FOLDER, "aggregated_and_ranks.csv", keys=("uCode",))


def aggregated(
    meta: pd.DataFrame, scores: Numbers, aggregate: Callable[[Numbers, Numbers], Numbers], weight: Mapping[str, float]
) -> dict[str, Numbers]:
    """Every aggregate by code, level by level: indicators to pillars, to sub-indexes, to the index."""
    codes = list(meta[meta.Type == "Indicator"].index)
    found = dict(zip(codes, scores.T, strict=True))
    for level in LEVELS:
        for parent, children in meta[meta.Level == level].groupby("Parent", sort=False):
            x = np.stack([found[code] for code in children.index], axis=-1)
            found[str(parent)] = aggregate(x, np.array([weight[code] for code in children.index]))
    return found


def test_normalisation_agrees(meta: pd.DataFrame, treated: Numbers) -> None:
    codes = list(meta[meta.Type == "Indicator"].index)
    expected = oracles.reference(FOLDER, "dset_Normalised.csv", keys=("uCode",))[codes].to_numpy(float)
    assert np.abs(normalise.min_max(treated, 0, 100) - expected).max() < TOLERANCE


def test_arithmetic_aggregation_and_ranks_agree(meta: pd.DataFrame, treated: Numbers, published: pd.DataFrame) -> None:
    found = aggregated(meta, normalise.min_max(treated, 0, 100), composite.arithmetic, meta.Weight.to_dict())
    names = list(meta[meta.Type == "Aggregate"].index)
    assert len(names) == 11
    for name in names:
        assert np.abs(found[name] - published[name].to_numpy()).max() < TOLERANCE
    ranks = places.places(places.keys(found["Index"], lower_is_better=False))
    assert list(ranks) == list(published.rank_min)


def test_geometric_aggregation_and_its_shift_of_ranks_agree(
    meta: pd.DataFrame, treated: Numbers, published: pd.DataFrame
) -> None:
    """The example takes scores from 1 to 100 there, since a geometric mean of a 0 is 0."""
    weights = meta.Weight.to_dict()
    found = aggregated(meta, normalise.min_max(treated, 1, 100), composite.geometric, weights)["Index"]
    assert np.abs(found - published.Index_geometric.to_numpy()).max() < TOLERANCE
    ranks = places.places(places.keys(found, lower_is_better=False))
    assert list(ranks) == list(published.rank_geometric)
    assert list(published.rank_min - ranks) == list(published.rank_shift)


def test_ranks_without_each_pillar_agree(meta: pd.DataFrame, treated: Numbers) -> None:
    expected = oracles.reference(FOLDER, "remove_pillar_ranks.csv", keys=("uCode",))
    pillars = list(meta[meta.Level == 2].index)
    assert [*expected.columns] == ["Nominal", *pillars]
    scores = normalise.min_max(treated, 0, 100)
    for pillar in pillars:
        weights = {**meta.Weight.to_dict(), pillar: 0.0}
        index = aggregated(meta, scores, composite.arithmetic, weights)["Index"]
        assert list(places.places(places.keys(index, lower_is_better=False))) == list(expected[pillar])


def test_without_each_is_the_composite_with_a_weight_of_nothing(meta: pd.DataFrame, treated: Numbers) -> None:
    """``without_each`` on the pillars of one sub-index, against the published values of its pillars."""
    published = oracles.reference(FOLDER, "aggregated_and_ranks.csv", keys=("uCode",))
    pillars = list(meta[meta.Parent == "Conn"].index)
    x, weight = published[pillars].to_numpy(float), meta.Weight[pillars].to_numpy(float)
    found = composite.without_each(x, weight, composite.arithmetic)
    for out, row in enumerate(found):
        assert np.abs(row - np.delete(x, out, axis=1).mean(axis=1)).max() < TOLERANCE


def test_effective_weights_agree(meta: pd.DataFrame) -> None:
    expected = oracles.reference(FOLDER, "effective_weights.csv", keys=("iCode",))
    parent = {code: above if isinstance(above, str) else None for code, above in meta.Parent.items()}
    found = relation.effective_weights(parent, meta.Weight.to_dict())
    assert set(found) == set(expected.index)
    for code, weight in expected.EffWeight.items():
        assert math.isclose(found[code], weight, rel_tol=TOLERANCE)


def test_correlations_of_pillars_with_the_index_agree(published: pd.DataFrame) -> None:
    """Two cells are blank in the reference: it leaves out what is not significant. Ours is a census and has no p-values."""
    expected = oracles.reference(FOLDER, "corr_pillar_index.csv")
    told = expected[expected.Correlation.notna()]
    assert len(told) == 6
    for row in told.itertuples():
        found = relation.correlation(published[row.Var1].to_numpy(float), published[row.Var2].to_numpy(float))
        assert found is not None and math.isclose(found, row.Correlation, rel_tol=TOLERANCE)

"""Composites, ranks and correlations by their properties; the published example stands in ``tests/real/test_asem.py``."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from pipeline.ranks import composite, normalise, places, relation

NUMBERS = st.floats(0, 1000, allow_nan=False).map(lambda x: round(x, 6))
MATRIX = st.tuples(st.integers(1, 8), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=NUMBERS)
)


@given(MATRIX)
def test_normalised_columns_keep_the_order_and_equal_ones_are_defined(x: np.ndarray) -> None:
    for made in (normalise.min_max(x), normalise.z_score(x)):
        assert np.isfinite(made).all()
        for before, after in zip(x.T, made.T, strict=True):
            order = np.argsort(before, kind="stable")
            assert (np.diff(after[order]) >= -1e-12).all()
            if before.min() == before.max():
                assert (after == 0).all()


@given(MATRIX)
def test_scaling_an_indicator_changes_no_normalised_figure(x: np.ndarray) -> None:
    for scale in (normalise.min_max, normalise.z_score):
        assert np.allclose(scale(x), scale(x * 8 + 16), atol=1e-6)


def test_z_scores_are_those_of_scipy() -> None:
    x = np.array([[1.0, 5.0], [2.0, 5.0], [4.0, 6.0]])
    assert np.allclose(normalise.z_score(x), stats.zscore(x, ddof=1), rtol=1e-12)


@given(MATRIX)
def test_means_lie_within_their_parts_and_the_geometric_is_no_larger(x: np.ndarray) -> None:
    weight = np.arange(1.0, x.shape[1] + 1)
    mean, root = composite.arithmetic(x, weight), composite.geometric(x + 0.01, weight) - 0.01
    assert (mean <= x.max(axis=1) + 1e-9).all() and (mean >= x.min(axis=1) - 1e-9).all()
    assert (root <= mean + 1e-9).all()
    assert (composite.largest(x, weight) == x.max(axis=1)).all()


def test_distance_to_the_limit_is_nothing_within_it() -> None:
    ratio = np.array([[0.2, 1.0], [1.0, 1.3], [1.4, 1.3]])
    assert composite.excess(ratio, np.ones(2)) == pytest.approx([0, 0.3 / math.sqrt(2), math.sqrt((0.16 + 0.09) / 2)])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_ties_share_the_smaller_rank_and_the_next_are_skipped(values: list[int]) -> None:
    key = np.array(values, dtype=float)
    assert list(places.places(key)) == [1 + sum(v < own for v in values) for own in values]
    assert places.tied(places.places(key)) == sum(values.count(v) > 1 for v in values)


def test_the_last_bits_of_a_sum_decide_no_rank() -> None:
    values = np.array([0.1 + 0.2, 0.3, 0.4])
    assert list(places.places(places.keys(values, lower_is_better=True))) == [1, 1, 3]
    assert list(places.places(places.keys(values, lower_is_better=False))) == [2, 2, 1]


def test_a_percentile_is_one_of_the_draws() -> None:
    draws = np.arange(1.0, 501.0)[::-1, None]
    assert (places.quantile(draws, 5)[0], places.quantile(draws, 95)[0]) == (25, 475)
    assert (places.quantile(draws, 0)[0], places.quantile(draws, 100)[0]) == (1, 500)
    assert places.quantile(np.array([[7.0]]), 5)[0] == 7


@given(MATRIX)
def test_correlations_are_those_of_scipy_where_they_are_defined(x: np.ndarray) -> None:
    a, b = x[:, 0], x[:, -1]
    found, ranked = relation.correlation(a, b), relation.rank_correlation(a, b)
    assert (found is None) == (len(x) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0)
    if found is not None and np.ptp(a) > 1e-3 and np.ptp(b) > 1e-3:
        assert math.isclose(found, stats.pearsonr(a, b).statistic, abs_tol=1e-9)
    if ranked is not None:
        assert math.isclose(ranked, stats.spearmanr(a, b).statistic, abs_tol=1e-12)
        assert math.isclose(relation.rank_correlations(a, b[None, :])[0], ranked, abs_tol=1e-12)


@given(MATRIX)
def test_shares_of_the_variance_add_up_to_one(x: np.ndarray) -> None:
    shares = relation.variance_shares(x)
    if shares is not None and np.ptp(x.sum(axis=1)) > 1e-3:
        assert math.isclose(shares.sum(), 1, abs_tol=1e-9)
        total = x.sum(axis=1)
        for column, share in zip(x.T, shares, strict=True):
            assert math.isclose(share, np.cov(column, total, ddof=0)[0, 1] / total.var(), abs_tol=1e-6)


def test_effective_weights_of_a_level_add_up_to_one() -> None:
    parent = {"a": "x", "b": "x", "c": "y", "x": "top", "y": "top", "top": None}
    weight = {"a": 1.0, "b": 3.0, "c": 2.0, "x": 1.0, "y": 1.0, "top": 1.0}
    found = relation.effective_weights(parent, weight)
    assert found == {"a": 0.125, "b": 0.375, "c": 0.5, "x": 0.5, "y": 0.5, "top": 1.0}

"""Least spending: the common level, the cone programme and an independent optimiser agree; whole units keep the limit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from pipeline.advice.spending import Problem, _cone, coefficient, least_spending
from pipeline.advice.whole import whole_units
from tests.pipeline.advice.cases import TOLERANCE, gap_of

VALUES = st.floats(0.05, 20)


@st.composite
def problems(draw: st.DrawFn, same_cost: bool) -> Problem:
    n = draw(st.integers(2, 8))

    def numbers(of: st.SearchStrategy[float]) -> tuple[float, ...]:
        return tuple(draw(st.lists(of, min_size=n, max_size=n)))

    values, pupils = numbers(VALUES), numbers(st.integers(40, 2000).map(float))
    level = draw(st.sampled_from([0.0, 1.0, 3.0]))
    costs = (draw(st.floats(0.5, 5)),) * n if same_cost else numbers(st.floats(0.5, 5))
    least = tuple(max(v, level) for v in values)
    return Problem(values, least, pupils, tuple(p / 100 for p in pupils), costs, draw(st.sampled_from([0.1, 0.3, 0.5])))


def cost(problem: Problem, values: np.ndarray) -> float:
    return float(
        np.asarray(problem.costs) * np.asarray(problem.units_per_value) @ (values - np.asarray(problem.values))
    )


def by_fine_steps(problem: Problem) -> float:
    """The least cost of a common level, by solving for it on each stretch between two schools: a quadratic."""
    start, p = np.maximum(problem.values, problem.least), np.asarray(problem.pupils)
    order = np.argsort(start, kind="stable")
    bound = (1 + problem.largest**2) / p.sum()
    for k in range(1, len(start) + 1):
        low, rest = order[:k], order[k:]
        a = p[low].sum() - bound * p[low].sum() ** 2
        b = -2 * bound * p[low].sum() * (p[rest] @ start[rest])
        c = p[rest] @ start[rest] ** 2 - bound * (p[rest] @ start[rest]) ** 2
        roots = np.roots([a, b, c])
        top = start[order[k]] if k < len(start) else np.inf
        fit = [r.real for r in roots if abs(r.imag) < 1e-9 and start[order[k - 1]] - 1e-9 <= r.real <= top + 1e-9]
        if fit:
            return cost(problem, np.maximum(start, min(fit)))
    raise AssertionError("no level")


@settings(max_examples=200, deadline=None)
@given(problems(same_cost=True))
def test_the_common_level_is_the_one_that_a_closed_formula_gives(problem: Problem) -> None:
    start = np.maximum(problem.values, problem.least)
    assume(coefficient(start, problem.pupils) > problem.largest)
    made = least_spending(problem)
    assert made.level is not None and made.gap == 0
    assert made.cost == pytest.approx(by_fine_steps(problem), rel=1e-6, abs=1e-9)
    assert gap_of(
        [v * p for v, p in zip(made.values, problem.pupils, strict=True)], problem.pupils
    ) <= problem.largest * (1 + 1e-9)


@settings(max_examples=150, deadline=None)
@given(problems(same_cost=True))
def test_with_one_cost_the_cone_programme_spends_what_the_common_level_spends(problem: Problem) -> None:
    start = np.maximum(problem.values, problem.least)
    assume(coefficient(start, problem.pupils) > problem.largest * 1.001)
    level, cone = least_spending(problem), _cone(problem, start)
    assert cone.cost == pytest.approx(level.cost, rel=1e-5, abs=1e-6)
    assert cone.gap <= 1e-5 * max(1.0, cone.cost)


@settings(max_examples=60, deadline=None)
@given(problems(same_cost=False))
def test_with_many_costs_no_other_optimiser_spends_less(problem: Problem) -> None:
    start = np.maximum(problem.values, problem.least)
    assume(coefficient(start, problem.pupils) > problem.largest * 1.001)
    made = least_spending(problem)
    assert coefficient(made.values, problem.pupils) <= problem.largest
    assert all(v >= s - 1e-12 for v, s in zip(made.values, start, strict=True))
    p = np.asarray(problem.pupils) / sum(problem.pupils)
    kappa = np.sqrt(1 + problem.largest**2)
    level = np.maximum(start, least_spending(Problem(**{**vars(problem), "costs": (1.0,) * len(start)})).values)
    found = minimize(
        lambda x: cost(problem, x), level, method="SLSQP", bounds=[(s, None) for s in start],
        constraints={"type": "ineq", "fun": lambda x: kappa * (p @ x) - np.sqrt(p @ x**2)}, options={"maxiter": 500, "ftol": 1e-12},
    )  # fmt: skip
    assume(found.success and kappa * (p @ found.x) - np.sqrt(p @ found.x**2) > -1e-9)
    assert made.cost <= found.fun * (1 + 1e-5) + 1e-6
    assert made.cost - made.gap <= found.fun * (1 + 1e-5) + 1e-6


def test_a_county_within_its_limit_is_only_raised_to_the_standard() -> None:
    made = least_spending(Problem((1.0, 2.0), (2.0, 2.0), (100.0, 100.0), (1.0, 1.0), (1.0, 1.0), 0.5))
    assert (made.values, made.cost, made.level) == ((2.0, 2.0), 1.0, None)


@settings(max_examples=150, deadline=None)
@given(problems(same_cost=True), st.data())
def test_whole_units_keep_the_limit_and_the_standard_and_none_is_surplus(problem: Problem, data: st.DataObject) -> None:
    made = least_spending(problem)
    n = len(problem.values)
    shares = tuple(data.draw(st.lists(st.sampled_from([1.0, 0.5, 0.37]), min_size=n, max_size=n)))
    bought = whole_units(problem, made.values, shares, TOLERANCE)
    assert coefficient(bought.values, problem.pupils) <= problem.largest
    assert all(v >= t * (1 - 1e-9) for v, t in zip(bought.values, problem.least, strict=True))
    for place in np.flatnonzero(bought.units):
        less = np.array(bought.values)
        less[place] -= shares[place] / problem.units_per_value[place]
        below = less[place] < problem.least[place] * (1 - 1e-9)
        assert below or coefficient(less, problem.pupils) > problem.largest
    if set(shares) == {1.0}:
        assert sum(bought.units) * problem.costs[0] >= made.cost * (1 - 1e-9) - 1e-6

"""Independent reference calculations for tests, in NumPy, and readers of the shared reference files.

Here: the formulas, written from their definitions, and where the files stand. Not here: anything of the product; this
module imports nothing of ``pipeline``, so that a fault there cannot hide in both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike, NDArray

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = "JUNHENG_EXTERNAL_DATA"
CODE_COLUMNS = ("co_municipio", "uCode")
"""Columns of reference files that hold codes: read as text."""


@dataclass(frozen=True)
class WeightedCV:
    """A gap coefficient and what it is made of: ``mean`` is X, ``sd`` is S (over the weights, not n - 1)."""

    n: int
    weight: float
    mean: float
    sd: float
    cv: float


def _pairs(values: ArrayLike, weights: ArrayLike | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values and weights as floats without the rows in which either is null; weight 1 where none are given."""
    x = np.asarray(pd.to_numeric(pd.Series(np.ravel(np.asarray(values, dtype=object)), dtype=object)), dtype=float)
    if weights is None:
        w = np.ones_like(x)
    else:
        w = np.asarray(pd.to_numeric(pd.Series(np.ravel(np.asarray(weights, dtype=object)), dtype=object)), dtype=float)
    if x.shape != w.shape:
        raise ValueError(f"{x.size} values but {w.size} weights")
    if (w < 0).any():
        raise ValueError("a weight is negative")
    known = ~(np.isnan(x) | np.isnan(w))
    return x[known], w[known]


def weighted_cv(values: ArrayLike, weights: ArrayLike) -> WeightedCV:
    """X, S and CV = S / X of per-pupil values weighted by pupils, nulls left out; NaN without weight or with X = 0."""
    x, w = _pairs(values, weights)
    total = float(w.sum())
    if total == 0:
        return WeightedCV(x.size, total, np.nan, np.nan, np.nan)
    mean = float((w * x).sum() / total)
    sd = float(np.sqrt((w * (x - mean) ** 2).sum() / total))
    return WeightedCV(x.size, total, mean, sd, sd / mean if mean != 0 else np.nan)


def theil_t(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Theil's T of per-pupil values weighted by pupils, nulls left out and 0 ln 0 = 0; NaN when the mean is 0."""
    x, w = _pairs(values, weights)
    if (x < 0).any():
        raise ValueError("Theil's T is not defined for negative values")
    total = float(w.sum())
    mean = float((w * x).sum() / total) if total else 0.0
    if mean == 0:
        return float("nan")
    share = x / mean
    terms = np.zeros_like(share)
    above = share > 0
    terms[above] = share[above] * np.log(share[above])
    return float((w * terms).sum() / total)


def external_root() -> Path:
    """The folder of shared data and references: the environment's, else ``../shared``, from the repository's root."""
    return (REPOSITORY / os.environ.get(ENVIRONMENT, "../shared")).resolve()


def external(*parts: str) -> Path:
    """A shared file, such as ``external("data", "caschools", "CASchools.csv")``; skips the test if it is absent."""
    path = external_root().joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"{path} is absent (set {ENVIRONMENT} to the folder that holds {'/'.join(parts)})")
    return path


def caschools_file() -> Path:
    """The California districts as published."""
    return external("data", "caschools", "CASchools.csv")


def alagoas_file() -> Path:
    """The school census of Alagoas as published."""
    return external("data", "alagoas", "microdados_ed_basica_2022_alagoas.csv")


def reference(*parts: str, keys: Sequence[str] = ()) -> pd.DataFrame:
    """A reference table, codes as text, indexed by ``keys`` if given (which must be unique)."""
    path = external("reference", *parts)
    header = pd.read_csv(path, nrows=0).columns
    frame = pd.read_csv(path, dtype={name: str for name in CODE_COLUMNS if name in header})
    if not keys:
        return frame
    indexed = frame.set_index(list(keys))
    assert indexed.index.is_unique
    return indexed


def caschools_cv() -> pd.DataFrame:
    """n, P, X, mean, S, CV by (county, indicator); ``_STATE_`` is all counties. X is the amount: X / P = mean."""
    return reference("caschools", "caschools_weighted_cv.csv", keys=("county", "indicator"))


def caschools_rank() -> pd.DataFrame:
    """The mean of the three CVs and its rank by county; counties of one district are ranked there too, with CV 0."""
    return reference("caschools", "caschools_composite_rank.csv", keys=("county",))


def caschools_theil() -> pd.DataFrame:
    """Theil T, L, GE(2) and their parts between and within counties, by indicator."""
    return reference("caschools", "caschools_theil_by_county.csv", keys=("indicator",))


def alagoas_cv() -> pd.DataFrame:
    """dropped, n, P, X, mean, S, CV by (co_municipio, indicator); P and n without the dropped schools."""
    return reference("alagoas_2022_weighted_cv.csv", keys=("co_municipio", "indicator"))


def vectors() -> Any:
    """Published worked examples and county values, recomputed."""
    return json.loads(external("reference", "vectors.json").read_text(encoding="utf-8"))

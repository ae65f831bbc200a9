"""How far missing values could move a county's gap, and the least gap whole units allow, recomputed (method 6).

Here: cv_low and cv_high by searching the missing schools' common value, cv_least by the divisor method. SQL has the minimum in
closed form and moves single units instead. Not here: gaps of what is known.
"""

from __future__ import annotations

import numpy as np
import polars as pl

STEPS = 200
"""Steps of each search: more than doubles can tell apart."""

GOLDEN = (5**0.5 - 1) / 2

Numbers = np.ndarray


def spread(v: Numbers, known: dict[str, Numbers]) -> Numbers:
    """cv of a county when the schools without a value all take ``v``: mean and standard deviation of the two parts."""
    all_pupils = known["pupils"] + known["pupils_missing"]
    mean = (known["pupils"] * known["mean"] + known["pupils_missing"] * v) / all_pupils
    inside = known["pupils"] * (known["sd"] ** 2 + (known["mean"] - mean) ** 2)
    variance = (inside + known["pupils_missing"] * (v - mean) ** 2) / all_pupils
    return np.sqrt(variance) / mean


def bounds(frame: pl.DataFrame) -> pl.DataFrame:
    """cv_low and cv_high, a row a row of ``frame`` (pupils, pupils_missing, schools_missing, mean, sd, cv, __high, __can_bound).

    The cv falls to one least value and rises after it, so golden sections find the least; the largest stands at an end.
    """
    can = frame["__can_bound"].to_numpy()
    lost = can & (frame["schools_missing"] > 0).to_numpy()
    names = ("pupils", "pupils_missing", "mean", "sd")
    known = {name: frame[name].to_numpy()[lost] for name in names}
    high = frame["__high"].to_numpy()[lost]
    low_end, high_end = np.zeros_like(high), high.copy()
    for _ in range(STEPS):
        left, right = high_end - GOLDEN * (high_end - low_end), low_end + GOLDEN * (high_end - low_end)
        falls = spread(left, known) > spread(right, known)
        low_end, high_end = np.where(falls, left, low_end), np.where(falls, high_end, right)
    zero = np.zeros_like(high)
    ends = [spread(zero, known), spread(high, known)]
    least = np.minimum.reduce([*ends, spread((low_end + high_end) / 2, known)])
    result = {}
    for name, found in (("cv_low", least), ("cv_high", np.maximum(*ends))):
        values = np.full(frame.height, np.nan)
        values[can] = frame["cv"].to_numpy()[can]
        values[lost] = found
        result[name] = pl.Series(name, values).fill_nan(None)
    return pl.DataFrame(result)


def least_gaps(units: pl.DataFrame, group: list[str]) -> pl.DataFrame:
    """A row a group: cv_least, the least coefficient that whole units allow at their present total.

    ``units``: a row a school with ``pupils`` and ``units``. Webster's divisor: every school gets round(pupils ÷ d) for the d at
    which these add up to the total; where several schools stand on a half at that d, any of them gives the same cv.
    """
    if not units.height:
        return units.select(group).with_columns(cv_least=pl.lit(None, pl.Float64))
    ordered = units.sort(group)
    groups = ordered.group_by(group, maintain_order=True).agg(pl.len(), pl.sum("units"), pl.sum("pupils"))
    starts = np.concatenate([[0], np.cumsum(groups["len"].to_numpy())[:-1]]).astype(np.int64)
    of_row = np.repeat(np.arange(groups.height), groups["len"].to_numpy())
    pupils, total, everyone = (
        ordered["pupils"].to_numpy(), groups["units"].to_numpy().astype(float), groups["pupils"].to_numpy()
    )  # fmt: skip

    def rounded(divisor: Numbers) -> Numbers:
        return np.floor(pupils / divisor[of_row] + 0.5)

    many = everyone / (total + groups["len"].to_numpy())
    few = 2 * everyone + 1
    for _ in range(STEPS):
        middle = (many + few) / 2
        enough = np.add.reduceat(rounded(middle), starts) >= total
        many, few = np.where(enough, middle, many), np.where(enough, few, middle)
    most, given = rounded(many), rounded(few)
    lacking = total - np.add.reduceat(given, starts)
    tied = most - given
    before = np.cumsum(tied) - tied - (np.cumsum(tied) - tied)[starts][of_row]
    given += np.clip(lacking[of_row] - before, 0, tied)
    fair = total[of_row] * pupils / everyone[of_row]
    squares = np.add.reduceat((given - fair) ** 2 / pupils, starts)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.sqrt(squares / everyone) / (total / everyone)
    return groups.select(group).with_columns(pl.Series("cv_least", cv).fill_nan(None))

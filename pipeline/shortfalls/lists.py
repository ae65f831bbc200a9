"""Counties of merit and of warning, with the years in which they entered and left; derived over all years, never kept by hand.

On merit from the year in which the target share is reached to the year in which it no longer is. On warning once slow for some years
running, or when the share fell by some points in a year, until on track or there. A year without data changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.schema.comparison import Comparison
from pipeline.schema.ledger_limits import LedgerLimits
from pipeline.shortfalls.held import ALL
from pipeline.shortfalls.progress import ON_TRACK, REACHED, SLOW

MERIT, WARNING = "merit", "warning"
SCHEMA = {
    "standard_id": pl.String, "list": pl.String, "county_code": pl.String, "entered_year": pl.Int64, "left_year": pl.Int64,
    "reason_zh": pl.String, "reason_en": pl.String, "left_reason_zh": pl.String, "left_reason_en": pl.String,
}  # fmt: skip

Row = Mapping[str, Any]
"""A row of county_progress, of all stages together."""
Words = tuple[str, str]


@dataclass
class Stay:
    """A county on a list: since when and why; ``left`` once it is off."""

    entered: int
    why: Words
    left: int | None = None
    why_left: Words | None = None


def lists(
    progress: pl.DataFrame, broken: set[tuple[int, str]], limits: LedgerLimits, comparison: Comparison
) -> pl.DataFrame:
    """Rows of ``county_list``. ``broken``: years and counties that are another county than the year before."""
    counties = progress.filter(pl.col("stage") == ALL).sort("standard_id", "county_code", "year")
    rows: list[tuple[Any, ...]] = []
    for (standard, county), found in counties.partition_by(
        "standard_id", "county_code", as_dict=True, maintain_order=True
    ).items():
        years = list(found.iter_rows(named=True))
        breaks = {year for year, code in broken if code == county}
        for name, stays in (
            (MERIT, _merit(years, breaks, comparison)),
            (WARNING, _warning(years, breaks, limits, comparison)),
        ):
            for s in stays:
                rows.append((standard, name, county, s.entered, s.left, *s.why, *(s.why_left or (None, None))))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(*list(SCHEMA)[:4])


def _merit(years: Iterable[Row], breaks: set[int], comparison: Comparison) -> list[Stay]:
    """Off the list once the share is below the target whatever the unknown schools are, with a year before or without."""
    stays: list[Stay] = []
    for row in years:
        _leave_broken(stays, row, breaks)
        if row["state"] == REACHED:
            if not _is_on(stays):
                stays.append(Stay(row["year"], _told(row, ("达到目标", "the target is reached"))))
        elif _is_on(stays) and _is_below(row, comparison):
            _leave(stays, row, ("不再达到目标", "the target is no longer reached"))
    return stays


def _is_below(row: Row, comparison: Comparison) -> bool:
    return row["share_high"] is not None and not bool(comparison.at_least(row["share_high"], row["target_share"]))


def _warning(years: Iterable[Row], breaks: set[int], limits: LedgerLimits, comparison: Comparison) -> list[Stay]:
    stays: list[Stay] = []
    slow_since: int | None = None
    last_slow, unknown_before = 0, 0
    for row in years:
        if row["year"] in breaks:
            slow_since = None
        _leave_broken(stays, row, breaks)
        if row["state"] == SLOW:
            slow_since = slow_since if slow_since is not None and last_slow == row["year"] - 1 else row["year"]
            last_slow = row["year"]
        why = _why_warned(row, slow_since, limits, comparison, is_exact=not (row["schools_unknown"] or unknown_before))
        unknown_before = row["schools_unknown"]
        if why is not None and not _is_on(stays):
            stays.append(Stay(row["year"], _told(row, why)))
        elif why is None and row["state"] in (ON_TRACK, REACHED) and _is_on(stays):
            _leave(stays, row, ("达到目标或按期推进", "the target is reached or within reach in time"))
    return stays


def _why_warned(
    row: Row, slow_since: int | None, limits: LedgerLimits, comparison: Comparison, *, is_exact: bool
) -> Words | None:
    """The rule that puts a county on the list this year; None where none does. ``is_exact``: no school is unknown in both years."""
    if row["state"] == SLOW and slow_since is not None and row["year"] - slow_since + 1 >= limits.warning_years:
        return f"自 {slow_since} 年起连续进展偏慢", f"slow every year since {slow_since}"
    if row["share_before"] is None or row["share"] is None:
        return None
    # What fell for certain: from the least that last year's share was to the most that this year's can be.
    fell = 100 * (row["share_before"] - row["share_high"])
    if limits.warning_fall_points > 0 and bool(comparison.at_least(fell, limits.warning_fall_points)):
        least, least_en = ("", "") if is_exact else ("至少", "at least ")
        return f"比上年{least}下降 {fell:.1f} 个百分点", f"fell by {least_en}{fell:.1f} points since the year before"
    return None


def _told(row: Row, why: Words) -> Words:
    """A reason with the figures of its year."""
    zh, en = why
    known = f"，另有 {row['schools_unknown']} 所未知" if row["schools_unknown"] else ""
    known_en = f" ({row['schools_unknown']} unknown)" if row["schools_unknown"] else ""
    met, schools, target, year = row["schools_meeting"], row["schools"], 100 * row["target_share"], row["year"]
    return (
        f"{year} 年 {schools} 所学校中 {met} 所达标{known}，目标 {target:g} %：{zh}",
        f"{met} of {schools} schools{known_en} up to the standard in {year}, target {target:g} %: {en}",
    )


def _is_on(stays: list[Stay]) -> bool:
    return bool(stays) and stays[-1].left is None


def _leave(stays: list[Stay], row: Row, why: Words) -> None:
    """The county leaves the list that it is on."""
    stays[-1].left, stays[-1].why_left = row["year"], _told(row, why)


def _leave_broken(stays: list[Stay], row: Row, breaks: set[int]) -> None:
    """A county that is another one now starts anew."""
    if row["year"] in breaks and _is_on(stays):
        stays[-1].left = row["year"]
        stays[-1].why_left = "区划有变，重新起算", "boundaries or code changed: counted anew"

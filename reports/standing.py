"""Facts of a county's place in its province: the value it is ranked by, the band of places, and the other counties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue, Indicator, Standard
from reports.reader import Groups

DEFAULT_MEASURE = "worst_ratio"
"""The order key of every page where the standard has it (method.md 7)."""


@dataclass(frozen=True)
class Standing:
    """``value`` and places are null unless ``state`` is ok. ``change``: places gained since the year before.

    ``has_errors``: the band of places is that of errors in the returns, else the ranking's own tolerance.
    ``peers``: (county, value) of the province's counties that are compared, smallest value first, this one included.
    """

    standard: Standard
    measure: str
    value: float | None
    rank_low: int | None
    rank_high: int | None
    compared: int
    change: int | None
    cause: Indicator | None
    state: str
    peers: tuple[tuple[str, float], ...]
    has_errors: bool = False


def is_over(standing: Standing) -> bool:
    """Whether the county exceeds a limit, where the measure is a share of one."""
    return standing.measure == DEFAULT_MEASURE and standing.value is not None and standing.value > 1 + 1e-9


def measure_of(standard: Standard) -> str | None:
    """The measure by which pages order counties: the default one, else the standard's first."""
    return DEFAULT_MEASURE if DEFAULT_MEASURE in standard.measures else next(iter(standard.measures), None)


def standing(
    catalogue: Catalogue, standard: Standard, rows: Sequence[dict[str, Any]], peers: Groups, stage: str, province: str
) -> Standing | None:
    """The county's standing; none where the standard ranks nothing or the table has no row for it."""
    measure = measure_of(standard)
    row = next((r for r in rows if r["standard_id"] == standard.id and r["measure"] == measure), None)
    if row is None or measure is None:
        return None
    others = peers.get((standard.id, measure, stage, province))
    return Standing(
        standard, measure, row["value"] if row["state"] == "ok" else None, row["rank_low"], row["rank_high"],
        int(row["compared_province"] or 0), row["rank_change"], catalogue.indicators.get(row["cause_indicator"] or ""),
        row["state"], tuple((r["county_code"], float(r["value"])) for r in others), bool(row["has_errors"]),
    )  # fmt: skip

"""Where an axis ends when one value stands far beyond all others, and the words at the edge that say what lies outside.

A slip of a unit in one county's return must not squash the rows of all the others; nor may its value vanish.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from reports import numbers
from reports.figures import GREY, INK, note

FARTHEST = 3.0
"""Values up to this many times the limit, or the median where that is larger, stand inside the figure."""

RING = "○"
"""Last year's mark, as texts print it."""

PALE = "#ffffff"


def axis_end(values: Sequence[float], limit: float | None) -> float:
    """The largest value that the axis must reach, the limit included; what is larger lies beyond the figure."""
    known = [*values, *([limit] if limit is not None else [])]
    near = FARTHEST * max(limit or 0.0, median(values) if values else 0.0)
    return max((v for v in known if v <= near), default=0.0) or max(known, default=0.0)


def edge_right(row: int, value: float, limit: float | None, mark: str = RING, color: str = GREY) -> dict[str, Any]:
    """A row's value that lies beyond the right end."""
    return note(
        f"{mark} {_text(value, limit)} →", x=1, xref="paper", xanchor="right", y=row, yref="y", bgcolor=PALE,
        font={"size": 13, "color": color},
    )  # fmt: skip


def edge_top(values: Sequence[float], limit: float | None, **where: Any) -> list[dict[str, Any]]:
    """The values of one place on the horizontal axis that lie beyond the top, in one text; none where there are none."""
    if not values:
        return []
    text = f"↑ {_text(max(values), limit)}" + (f" (+{len(values) - 1})" if len(values) > 1 else "")
    return [note(text, yanchor="top", bgcolor=PALE, **({"font": {"size": 13, "color": INK}} | where))]


def _text(value: float, limit: float | None) -> str:
    return numbers.fixed(value, 3) if limit is None else numbers.cv(value, limit)

"""Figure 4: the counties of the province along the measure they are ranked by, this one as a diamond."""

from __future__ import annotations

from reports import numbers
from reports.figures import NAVY, RUST, Figure, ticks_to
from reports.measures import name_of, value_text
from reports.standing import DEFAULT_MEASURE, Standing, is_over
from reports.strip import Axis, Point, strip_figure
from reports.words import Words

PEER = "#7A828C"
FEWEST = 3
"""Counties from which a comparison is worth a figure."""


def standing_figure(standing: Standing, code: str, name: str, words: Words) -> Figure | None:
    """The strip; none where fewer than three counties can be compared or this one cannot."""
    codes = [county for county, _ in standing.peers]
    if len(codes) < FEWEST or code not in codes:
        return None
    own = codes.index(code)
    values = [value for _, value in standing.peers]
    is_ratio = standing.measure == DEFAULT_MEASURE
    ink = RUST if is_over(standing) else NAVY
    points = [Point(v, "circle", ink if i == own else PEER) for i, v in enumerate(values)]
    end = max(*values, 1.0) if is_ratio else max(values)
    end = round(end * 1.06, 4) or 1.0
    start = round(-0.02 * end, 4)
    ticks, narrow = (_ticks(end, most, standing.measure) for most in (9, 5))
    lines = ((1.0, words("fig4.limit"), "dash"),) if is_ratio else ()
    title = name_of(standing.measure, standing.standard, words)
    label = f"{name} {value_text(standing.measure, values[own])}"
    return strip_figure("fig4", points, Axis(start, end, ticks, narrow, title, lines), words, (own, label))


def _ticks(end: float, most: int, measure: str) -> tuple[tuple[float, ...], tuple[str, ...]]:
    values, texts = ticks_to(end, most)
    if measure == "share_meeting":
        decimals = 0 if len(values) < 2 or values[1] >= 0.01 else 1
        texts = [numbers.percent(v, decimals) for v in values]
    return tuple(values), tuple(texts)

"""Figure 6: the schools along their score, by shape whether they are up to the standard."""

from __future__ import annotations

import math
from statistics import fmean

from reports import numbers
from reports.figure_text import figure_text
from reports.figures import MARKS, Figure, ticks_to
from reports.scorecard import Scorecard
from reports.strip import Axis, Point, strip_figure
from reports.words import Words

SCORE_DECIMALS = 1
MANY = 80
"""Schools above which a mark says nothing under the pointer, to keep the page small: the table has it all."""


def score_figure(card: Scorecard, words: Words) -> Figure | None:
    """The strip of scores from the lowest ten to 100; none where fewer than two schools have a score."""
    scored = [r for r in card.results if r.score is not None]
    if len(scored) < 2:
        return None
    is_many = len(scored) > MANY
    points = [
        Point(
            r.score or 0.0, *MARKS[r.state],
            text=figure_text(r.name) if is_many else words(
                "fig6.hover", name=figure_text(r.name), score=numbers.fixed(r.score, SCORE_DECIMALS), met=r.met, of=r.applicable
            ),
        )
        for r in scored
    ]  # fmt: skip
    low = 10 * math.floor(min(p.x for p in points) / 10)
    low = min(low, 90)
    ticks, narrow = (_ticks(low, most) for most in (9, 6))
    mean = fmean(p.x for p in points)
    line = (round(mean, 4), words("fig6.mean", mean=numbers.fixed(mean, SCORE_DECIMALS)), "dot")
    room = (100 - low) * 0.015
    return strip_figure("fig6", points, Axis(low - room, 100 + room, ticks, narrow, words("fig6.axis"), (line,)), words)


def _ticks(low: int, most: int) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Ticks from the lowest ten to 100, the last included."""
    steps, _ = ticks_to(100 - low, most)
    step = next((s for s in (1, 2, 5, 10, 20, 25, 50) if s >= steps[1] and (100 - low) % s == 0), 100 - low)
    values = tuple(float(v) for v in range(low, 101, int(step)))
    return values, tuple(numbers.fixed(v, 0) for v in values)

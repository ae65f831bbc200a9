"""A dot histogram: one lane a group, equal steps along the axis, a mark for up to k things piled on the lane's floor.

It shows four counties as well as four thousand: k is the least number for which no pile is too high. Same lanes, same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.figures import GREY, INK, MARKS, TINT, Figure, base_layout, note, x_axis
from reports.words import Words

TALLEST = 14
"""Marks of the highest pile."""

PITCH, SIZE, HEAD, FOOT = 11, 9, 42, 6
"""Pixels: between marks, of a mark, above a lane for its words, below it."""

LINE = "#C9D0D8"


@dataclass(frozen=True)
class DotLane:
    """A lane: its words at the left and right, counts by (step, state), where its line stands (null for none), and
    whether what lies below the line is what misses it (tinted)."""

    label: str
    note: str
    counts: dict[tuple[int, str], int]
    line: float | None
    line_text: str
    is_floor: bool = False

    def tallest(self, k: int) -> int:
        """The highest pile when a mark stands for up to ``k``."""
        piles: dict[int, int] = {}
        for (step, _), count in self.counts.items():
            piles[step] = piles.get(step, 0) + -(-count // k)
        return max(piles.values(), default=0)


@dataclass(frozen=True)
class DotAxis:
    """The axis: width of a step, number of steps (the last takes all beyond), title, ticks for wide and narrow screens."""

    step: float
    steps: int
    title: str
    ticks: Sequence[float]
    texts: Sequence[str]


def things_a_mark(lanes: Sequence[DotLane]) -> int:
    """The least k for which no pile of any lane is higher than ``TALLEST``."""
    k = 1
    while max((lane.tallest(k) for lane in lanes), default=0) > TALLEST:
        k += 1
    return k


def dot_figure(
    name: str, lanes: Sequence[DotLane], axis: DotAxis, order: Sequence[str], words: Words
) -> tuple[Figure, int]:
    """The figure and k, how many a mark stands for."""
    k = things_a_mark(lanes)
    heights = [HEAD + FOOT + PITCH * max(1, lane.tallest(k)) for lane in lanes]
    floors = [sum(heights[: i + 1]) - FOOT for i in range(len(lanes))]
    total = sum(heights)
    end = axis.step * axis.steps
    data: list[dict[str, Any]] = [_floors(floors, end)]
    data += [_line(lane, top, floor) for lane, top, floor in _with_line(lanes, heights, floors)]
    data += _dots(lanes, floors, axis, order, k)
    notes = [
        n
        for lane, floor, height in zip(lanes, floors, heights, strict=True)
        for n in _notes(lane, floor - height + FOOT)
    ]
    shapes = [_missed(lane, end, top, floor) for lane, top, floor in _with_line(lanes, heights, floors)]
    y = {"range": [total, 0], "fixedrange": True, "visible": False}
    every = [max(1, -(-len(axis.ticks) // most)) for most in (13, 6)]
    layouts = [
        base_layout(words, total + 62, l=12, r=12, t=4) | {
            "xaxis": x_axis(axis.title, end * 1.005, -0.01 * end, axis.ticks[::n], axis.texts[::n]), "yaxis": y,
            "annotations": notes, "shapes": shapes,
        }
        for n in every
    ]  # fmt: skip
    return Figure(name, data, layouts[0], {"layout": layouts[1]}), k


def _with_line(
    lanes: Sequence[DotLane], heights: Sequence[int], floors: Sequence[int]
) -> list[tuple[DotLane, int, int]]:
    """Lanes that have a line, with the top and the floor of their marks."""
    places = zip(lanes, heights, floors, strict=True)
    return [(lane, floor - height + FOOT + HEAD - 14, floor) for lane, height, floor in places if lane.line is not None]


def _floors(floors: Sequence[int], end: float) -> dict[str, Any]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for floor in floors:
        xs += [0, round(end, 4), None]
        ys += [floor, floor, None]
    line = {"color": LINE, "width": 1}
    return {"type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": line, "hoverinfo": "skip"}


def _line(lane: DotLane, top: int, floor: int) -> dict[str, Any]:
    line = {"color": "#000000", "width": 2, "dash": "dash"}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [lane.line] * 2,
        "y": [top, floor],
        "line": line,
        "hoverinfo": "skip",
    }


def _missed(lane: DotLane, end: float, top: int, floor: int) -> dict[str, Any]:
    """The zone that misses the line."""
    x0, x1 = (0.0, lane.line) if lane.is_floor else (lane.line, round(end, 4))
    rect = {"type": "rect", "x0": x0, "x1": x1, "y0": top, "y1": floor, "fillcolor": TINT}
    return rect | {"line": {"width": 0}, "layer": "below"}


def _dots(
    lanes: Sequence[DotLane], floors: Sequence[int], axis: DotAxis, order: Sequence[str], k: int
) -> list[dict[str, Any]]:
    """One trace a state: marks in the middle of their step, the states piled in order."""
    xs: dict[str, list[float]] = {state: [] for state in order}
    ys: dict[str, list[float]] = {state: [] for state in order}
    for lane, floor in zip(lanes, floors, strict=True):
        high: dict[int, int] = {}
        for state in order:
            for step in sorted({s for s, name in lane.counts if name == state}):
                for _ in range(-(-lane.counts[step, state] // k)):
                    xs[state].append(round((step + 0.5) * axis.step, 4))
                    ys[state].append(floor - PITCH / 2 - PITCH * high.get(step, 0))
                    high[step] = high.get(step, 0) + 1
    return [
        {
            "type": "scatter", "mode": "markers", "x": xs[state], "y": ys[state], "hoverinfo": "skip",
            "marker": {"symbol": MARKS[state][0], "color": MARKS[state][1], "size": SIZE, "opacity": 1, "line": {"width": 1}},
        }
        for state in order if xs[state]
    ]  # fmt: skip


def _notes(lane: DotLane, top: float) -> list[dict[str, Any]]:
    """The lane's name at the left, what it comes to at the right, and the line's value at the line."""
    label = note(lane.label, xref="paper", x=0, xanchor="left", y=top + 9, font={"size": 14, "color": INK})
    result = note(lane.note, xref="paper", x=1, xanchor="right", y=top + 9, font={"size": 13, "color": GREY})
    if lane.line is None:
        return [label, result]
    return [
        label,
        result,
        note(lane.line_text, x=lane.line, xanchor="center", y=top + HEAD - 20, font={"size": 12, "color": INK}),
    ]

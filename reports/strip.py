"""A strip: marks along one axis, none covering another, one of them pointed out. For scores and for counties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reports.figures import GREY, Figure, base_layout, note, vertical, x_axis
from reports.swarm import Lane, swarm
from reports.words import Words

WIDE, NARROW = 860, 330
TALLEST = 190
SIZES = (11.0, 9.0, 7.0, 6.0, 5.0)


@dataclass(frozen=True)
class Point:
    """A mark: ``x`` in the axis' unit, shape, ink, and what it says under the pointer (nothing where empty)."""

    x: float
    symbol: str
    color: str
    text: str = ""


@dataclass(frozen=True)
class Axis:
    """The axis of a strip: its ends, ticks and title. ``lines``: (place, words, dash) of vertical lines."""

    start: float
    end: float
    ticks: tuple[tuple[float, ...], tuple[str, ...]]
    ticks_narrow: tuple[tuple[float, ...], tuple[str, ...]]
    title: str
    lines: tuple[tuple[float, str, str], ...] = ()


@lru_cache(maxsize=256)
def _laid(xs: tuple[float, ...], start: float, end: float, width: int) -> tuple[float, Lane]:
    """Size of the marks and their places for a width: the largest size with which the pile is not too high."""
    scale = width / (end - start)
    for size in SIZES:
        lane = swarm([x * scale for x in xs], [size] * len(xs))
        if 2 * lane.reach <= TALLEST or size == SIZES[-1]:
            return size, lane
    raise AssertionError("the last size always fits")


def strip_figure(
    name: str, points: Sequence[Point], axis: Axis, words: Words, own: tuple[int, str] | None = None
) -> Figure:
    """The figure. ``own``: number of the mark that is pointed out, drawn larger and as a diamond, and its label."""
    xs = tuple(round(p.x, 4) for p in points)
    laid = [_laid(xs, axis.start, axis.end, width) for width in (WIDE, NARROW)]
    reaches = [max(lane.reach, 9.0) for _, lane in laid]
    data = [
        vertical(x, 4000, dash=dash, width=2 if dash == "dash" else 1.5) | {"y": [-4000, 4000]}
        for x, _, dash in axis.lines
    ]
    narrow_data: dict[str, Any] = {}
    for trace, other in _traces(points, xs, laid, own):
        if other:
            narrow_data[str(len(data))] = other
        data.append(trace)
    top = 62 if own is not None else 30
    layouts = [
        base_layout(words, round(2 * reach + top + 62), t=top, l=14, r=14) | {
            "xaxis": x_axis(axis.title, axis.end, axis.start, *ticks),
            "yaxis": {"range": [-reach - 6, reach + 6], "visible": False, "fixedrange": True},
            "shapes": [], "annotations": _notes(axis, points, own, reach),
        }
        for reach, ticks in zip(reaches, (axis.ticks, axis.ticks_narrow), strict=True)
    ]  # fmt: skip
    return Figure(name, data, layouts[0], {"layout": layouts[1], "data": narrow_data}, 0.9)


def _traces(
    points: Sequence[Point], xs: Sequence[float], laid: Sequence[tuple[float, Lane]], own: tuple[int, str] | None
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """One trace a shape, then the mark that is pointed out; each with what replaces it on narrow screens."""
    groups: dict[tuple[str, str], list[int]] = {}
    for i, point in enumerate(points):
        if own is None or i != own[0]:
            groups.setdefault((point.symbol, point.color), []).append(i)
    made = []
    for (symbol, color), members in sorted(groups.items()):
        marker = {
            "symbol": symbol,
            "color": color,
            "size": laid[0][0],
            "opacity": 0.9,
            "line": {"width": 0.5, "color": "#ffffff"},
        }
        if symbol.endswith("-open"):
            marker["line"] = {"width": 1.5}
        trace = {
            "type": "scatter", "mode": "markers", "x": [xs[i] for i in members], "y": [laid[0][1].offsets[i] for i in members],
            "marker": marker,
        }  # fmt: skip
        said = [points[i].text for i in members]
        trace |= {"text": said, "hovertemplate": "%{text}<extra></extra>"} if any(said) else {"hoverinfo": "skip"}
        made.append((trace, {"y": [laid[1][1].offsets[i] for i in members], "size": laid[1][0]}))
    if own is not None:
        point = points[own[0]]
        marker = {
            "symbol": "diamond",
            "color": point.color,
            "size": 17,
            "opacity": 1,
            "line": {"width": 1.5, "color": "#ffffff"},
        }
        made.append(({
            "type": "scatter", "mode": "markers", "x": [xs[own[0]]], "y": [0], "marker": marker, "hoverinfo": "skip",
        }, {}))  # fmt: skip
    return made


def _notes(axis: Axis, points: Sequence[Point], own: tuple[int, str] | None, reach: float) -> list[dict[str, Any]]:
    """Words of the lines above the marks, and above these the leader of the mark that is pointed out."""
    notes = [
        note(text, x=x, xanchor="left", xshift=4, y=1, yref="paper", yanchor="bottom") for x, text, _ in axis.lines
    ]
    if own is None:
        return notes
    x = points[own[0]].x
    leader = {
        "text": f"<b>{own[1]}</b>", "x": round(x, 4), "y": 0, "showarrow": True, "arrowhead": 0, "arrowwidth": 1.2,
        "arrowcolor": GREY, "ax": 0, "ay": -round(reach + 38), "standoff": 9, "bgcolor": "rgba(255,255,255,0.85)",
        "xanchor": "left" if x < (axis.start + axis.end) / 2 else "right", "font": {"size": 14},
    }  # fmt: skip
    return [*notes, leader]

"""Figures of all gaps of a province's counties: swarms by indicator, and means against gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.schema.model import Indicator
from reports import numbers
from reports.area_facts import AreaFacts, CountyGap, Line
from reports.figure_text import figure_text
from reports.figures import (
    AMBER,
    INK,
    NAVY,
    PALE,
    RUST,
    TINT,
    Figure,
    above,
    band,
    base_layout,
    column,
    note,
    text_width,
    ticks_to,
    vertical,
    x_axis,
    y_axis,
)
from reports.rank_figures import limit_note
from reports.swarm import swarm
from reports.words import Words


def swarm_figure(facts: AreaFacts, order: Sequence[Indicator], words: Words) -> Figure | None:
    """A lane an indicator, a mark a county: which indicator is the province's problem."""
    lanes = [
        [(line, g) for line in facts.lines if (g := line.gaps.get(i.id)) is not None and g.is_shown] for i in order
    ]
    lanes_of = [(i, lane) for i, lane in zip(order, lanes, strict=True) if lane]
    if not lanes_of or max(len(lane) for _, lane in lanes_of) < 3:
        return None
    values = [g.cv or 0.0 for _, lane in lanes_of for _, g in lane]
    top = round(max(1.06 * max(values), 1.15 * (facts.limit or 0)), 4) or 1.0  # all counties without any gap
    wide, narrow = (_places(lanes_of, top, width, size) for width, size in ((620, 8.0), (300, 6.0)))
    lines = [] if facts.limit is None else [vertical(facts.limit, len(lanes_of))]
    traces = _swarm_traces(lanes_of, wide, words)
    texts = [_lane_text(facts, i, words) for i, _ in lanes_of]
    colors = [RUST if facts.tally(i.id).beyond else INK for i, _ in lanes_of]
    labels = [words.short(i) for i, _ in lanes_of]
    shapes = [] if facts.limit is None else [band(facts.limit, top, TINT)]
    limit = [] if facts.limit is None else [limit_note(facts.limit, words)]
    axis = [x_axis(words("fig1.axis"), top, -0.02 * top, *ticks_to(top, most)) for most in (10, 5)]
    layout = base_layout(words, 96 + wide[1] * len(lanes_of), r=max(map(text_width, texts)) + 22) | {
        "xaxis": axis[0], "yaxis": y_axis(len(lanes_of), labels), "shapes": shapes, "annotations": limit + column(texts, colors),
    }  # fmt: skip
    small = base_layout(words, 96 + (narrow[1] + 24) * len(lanes_of), l=4, r=6) | {
        "xaxis": axis[1], "yaxis": y_axis(len(lanes_of), None) | {"range": [len(lanes_of) - 0.5, -0.75]}, "shapes": shapes,
        "annotations": limit + above(labels, texts, colors, round(narrow[1] / 2 + 8)),
    }  # fmt: skip
    other = _swarm_traces(lanes_of, (narrow[0], narrow[1] + 24, narrow[2]), words)
    data = {str(n): {"y": t["y"], "size": t["marker"]["size"]} for n, t in enumerate(other, len(lines))}
    return Figure("fig-swarm", lines + traces, layout, {"layout": small, "data": data}, 0.8)


Lanes = Sequence[tuple[Indicator, Sequence[tuple[Line, CountyGap]]]]


def _places(lanes: Lanes, top: float, width: int, size: float) -> tuple[list[tuple[float, ...]], int, float]:
    """Offsets by lane, the pitch from lane to lane and the size of marks, shrunk where lanes would be too high."""
    while True:
        made = [swarm([(g.cv or 0.0) / top * width for _, g in lane], [size] * len(lane)) for _, lane in lanes]
        height = max(34, round(2 * max(lane.reach for lane in made)) + 12)
        if height <= 120 or size <= 4:
            return [lane.offsets for lane in made], height, size
        size -= 1


def _swarm_traces(
    lanes: Lanes, places: tuple[list[tuple[float, ...]], int, float], words: Words
) -> list[dict[str, Any]]:
    """One trace a state, in the order of the lanes."""
    offsets, pitch, size = places
    marks = [
        (row, g.cv or 0.0, offset, g.verdict, figure_text(words.place(line.county.name)))
        for row, ((_, lane), of) in enumerate(zip(lanes, offsets, strict=True))
        for (line, g), offset in zip(lane, of, strict=True)
    ]
    traces = []
    for verdicts, symbol, color in (
        (("met", "measured"), "circle", NAVY),
        (("undecided", "incomplete"), "square-open", "#8A5A00"),
        (("unmet",), "diamond", RUST),
    ):
        mine = [m for m in marks if m[3] in verdicts]
        traces.append({
            "type": "scatter", "mode": "markers", "x": [_round(m[1]) for m in mine], "y": [round(m[0] + m[2] / pitch, 4) for m in mine],
            "marker": {"symbol": symbol, "color": color, "size": size, "opacity": 0.85}, "text": [m[4] for m in mine],
            "hovertemplate": "%{text}<br>%{x:.3f}<extra></extra>",
        })  # fmt: skip
    return traces


def _lane_text(facts: AreaFacts, indicator: Indicator, words: Words) -> str:
    t = facts.tally(indicator.id)
    if facts.limit is None:
        return words("lane.median", cv=numbers.cv(t.quantile(0.5)))
    return words("lane.over", n=t.beyond, symbol=words.symbol("unmet") if t.beyond else words.symbol("met"))


def quadrant_counts(facts: AreaFacts) -> dict[str, int]:
    """Pairs of county and indicator by mean (below the level or not) and gap (beyond the limit or not)."""
    counts = dict.fromkeys(("low_even", "low_uneven", "high_even", "high_uneven"), 0)
    for _, gap in _pairs(facts):
        counts[f"{'high' if gap.mean_is_up else 'low'}_{'uneven' if gap.verdict == 'unmet' else 'even'}"] += 1
    return counts


def _pairs(facts: AreaFacts) -> list[tuple[tuple[Line, Indicator], CountyGap]]:
    return [
        ((line, i), g)
        for line in facts.lines
        for i in facts.indicators
        if (g := line.gaps.get(i.id)) is not None and g.ratio is not None and g.mean_is_up is not None and g.verdict in ("met", "unmet")
    ]  # fmt: skip


MOST_RATIO = 3.0

PEER = "#7A828C"


def scatter_figure(facts: AreaFacts, words: Words) -> Figure | None:
    """County means over the level against gaps, a mark a county and indicator; the corner of the evenly poor named."""
    pairs = _pairs(facts)
    if facts.limit is None or len(pairs) < 5:
        return None
    right = min(MOST_RATIO, 1.05 * max(g.ratio or 0.0 for _, g in pairs))
    right = max(right, 1.25)
    top = round(max(1.16 * max(g.cv or 0.0 for _, g in pairs), 1.3 * facts.limit), 4)
    bottom = round(-0.1 * top, 4)
    least = min(g.ratio or 0.0 for _, g in pairs)
    left = max(0.0, min(0.8, least - 0.06))
    counts = quadrant_counts(facts)
    ticks = [t / 100 for t in range(0, round(right * 100) + 1, 25 if right < 2 else 50) if t / 100 >= left]
    axis = x_axis(words("scatter.x"), right, left, ticks, [numbers.percent(t) for t in ticks])
    ticks_y, texts_y = ticks_to(top, 7)
    rows = {
        "range": [bottom, top], "tickvals": ticks_y, "ticktext": texts_y, "fixedrange": True, "gridcolor": "#E9ECEF",
        "zeroline": False, "tickfont": {"size": 13}, "title": {"text": words("fig1.axis"), "font": {"size": 13}, "standoff": 6},
    }  # fmt: skip
    poor = {
        "type": "rect",
        "x0": left,
        "x1": 1,
        "y0": 0,
        "y1": facts.limit,
        "fillcolor": PALE,
        "line": {"width": 0},
        "layer": "below",
    }
    over = {
        "type": "rect",
        "x0": 0,
        "x1": 1,
        "xref": "paper",
        "y0": facts.limit,
        "y1": top,
        "fillcolor": TINT,
        "line": {"width": 0},
        "layer": "below",
    }
    notes = [
        note(words("scatter.low_even", n=counts["low_even"]), x=0.005, xref="paper", xanchor="left", y=0, yref="paper", yanchor="bottom", font={"size": 13, "color": "#8A5A00"}),
        note(words("scatter.high_even", n=counts["high_even"]), x=0.995, xref="paper", xanchor="right", y=0, yref="paper", yanchor="bottom"),
        note(words("scatter.low_uneven", n=counts["low_uneven"]), x=0.005, xref="paper", xanchor="left", y=1, yref="paper", yanchor="top", font={"size": 13, "color": RUST}),
        note(words("scatter.high_uneven", n=counts["high_uneven"]), x=0.995, xref="paper", xanchor="right", y=1, yref="paper", yanchor="top", font={"size": 13, "color": RUST}),
    ]  # fmt: skip
    height = 460
    layout = base_layout(words, height, l=64, t=14) | {
        "xaxis": axis,
        "yaxis": rows,
        "shapes": [poor, over],
        "annotations": notes,
    }
    narrow = base_layout(words, height, l=40, t=14, r=6) | {
        "xaxis": axis | {"tickvals": ticks[::2], "ticktext": [numbers.percent(t) for t in ticks[::2]]},
        "yaxis": rows | {"title": {"text": ""}}, "shapes": [poor, over], "annotations": notes,
    }  # fmt: skip
    lines = [
        {"type": "scatter", "mode": "lines", "x": [1, 1], "y": [bottom, top], "line": {"color": "#000000", "width": 1.5, "dash": "dot"}, "hoverinfo": "skip"},
        {"type": "scatter", "mode": "lines", "x": [left, right], "y": [facts.limit, facts.limit], "line": {"color": "#000000", "width": 2, "dash": "dash"}, "hoverinfo": "skip"},
    ]  # fmt: skip
    return Figure("fig-scatter", lines + _scatter_traces(pairs, right, words), layout, {"layout": narrow}, 0.8)


def _scatter_traces(
    pairs: Sequence[tuple[tuple[Line, Indicator], CountyGap]], right: float, words: Words
) -> list[dict[str, Any]]:
    traces = []
    kinds = (("circle", PEER, 6, False), ("square", AMBER, 7, True))
    for symbol, color, size, is_poor in kinds:
        mine = [(who, g) for who, g in pairs if g.is_evenly_poor == is_poor and g.verdict != "unmet"]
        traces.append(_scatter(mine, right, symbol, color, size, words))
    traces.append(_scatter([(who, g) for who, g in pairs if g.verdict == "unmet"], right, "diamond", RUST, 7, words))
    return traces


def _scatter(
    pairs: Sequence[tuple[tuple[Line, Indicator], CountyGap]], right: float, symbol: str, color: str, size: int, words: Words
) -> dict[str, Any]:  # fmt: skip
    return {
        "type": "scatter", "mode": "markers", "x": [_round(min(g.ratio or 0.0, right)) for _, g in pairs],
        "y": [_round(g.cv) for _, g in pairs], "marker": {"symbol": symbol, "color": color, "size": size, "opacity": 0.8},
        "text": [_who(line, i, len(pairs), words) for (line, i), _ in pairs], "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


MOST_NAMED = 700
"""Marks of which every one still says its indicator."""


def _who(line: Line, indicator: Indicator, marks: int, words: Words) -> str:
    """Whose mark it is; without the indicator where marks are very many, to keep the page small (the table has it all)."""
    name = words.place(line.county.name)
    return name if marks > MOST_NAMED else f"{name} {words.short(indicator)}"


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

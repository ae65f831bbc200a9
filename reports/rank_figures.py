"""Figures of a province's counties by rank: a dot a county, and slopes of those who crossed the limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports import numbers
from reports.area_facts import AreaFacts, Line, Rank
from reports.axis_end import axis_end, edge_right, edge_top
from reports.figure_text import figure_text
from reports.figures import (
    GREY,
    INK,
    KEY_SYMBOLS,
    NAVY,
    RUST,
    TINT,
    Figure,
    band,
    base_layout,
    beside,
    column,
    note,
    text_width,
    ticks_to,
    vertical,
    x_axis,
    y_axis,
)
from reports.measures import Scale, scale_of
from reports.words import Words

ALL_UP_TO, WORST = 60, 30
"""All counties are drawn up to this many; of more, the worst."""

ROW = 22

MOST_LABELS = 12

PEER = "#7A828C"

MARKS: dict[str, tuple[str, str]] = {
    "beyond": ("diamond", RUST), "within": ("circle", NAVY), "open": ("square-open", "#8A5A00"), "measured": ("circle", NAVY),
    "single": ("circle-open", GREY), "none": ("circle-open", GREY), "absent": ("circle-open", GREY),
}  # fmt: skip


def drawn(facts: AreaFacts) -> list[tuple[Line, Rank]]:
    """The counties of figure 1, worst first."""
    if facts.measure is None:
        return []
    pairs = facts.ranked(facts.measure)[::-1]
    return pairs if len(pairs) <= ALL_UP_TO else pairs[:WORST]


def rank_figure(facts: AreaFacts, words: Words) -> Figure | None:
    """A dot a county by the measure of the page, worst at the top, last year's as a ring; none where nothing is ranked."""
    pairs = drawn(facts)
    if not pairs or facts.measure is None:
        return None
    scale = scale_of(facts.measure, facts.standard, facts.stage)
    values = [scale.drawn(r.value or 0.0) for _, r in pairs]
    lasts = [None if r.before is None else scale.drawn(r.before) for _, r in pairs]
    low, top = _ends([*values, *(v for v in lasts if v is not None)], scale)
    outside = _outside(pairs, values, lasts, top, scale)
    labels = [figure_text(words.place(line.county.name)) for line, _ in pairs]
    texts = [_rank_text(facts, line, r, scale, words) for line, r in pairs]
    short = [scale.text(r.value or 0.0) for _, r in pairs]
    colors = [RUST if line.verdict == "beyond" else INK for line, _ in pairs]
    shapes = [] if scale.limit is None else [band(scale.limit, top, TINT)]
    lines = [] if scale.limit is None else [vertical(scale.limit, len(pairs))]
    limit = [] if scale.limit is None else [limit_note(scale.limit, words)]
    axis = [x_axis(words(scale.axis), top, low, *_ticks(low, top, most)) for most in (10, 5)]
    height = 92 + ROW * len(pairs)
    rows = _rows(len(pairs), labels)
    layout = base_layout(words, height, r=max(map(text_width, texts)) + 18) | {
        "xaxis": axis[0], "yaxis": rows, "shapes": shapes, "annotations": limit + outside + column(texts, colors),
    }  # fmt: skip
    narrow = base_layout(words, height, l=4, r=max(map(text_width, short)) + 14) | {
        "xaxis": axis[1], "yaxis": rows, "shapes": shapes, "annotations": limit + outside + column(short, colors),
    }  # fmt: skip
    return Figure(
        "fig-rank", lines + _dots(pairs, values, lasts, words, facts), layout, {"layout": narrow}, 0.8, beyond=len(outside)
    )  # fmt: skip


def _outside(
    pairs: Sequence[tuple[Line, Rank]], values: Sequence[float], lasts: Sequence[float | None], top: float, scale: Scale
) -> list[dict[str, Any]]:
    """Words at the right end for values beyond it. This year's stand first: the edge has room for one, the table has both."""
    made = []
    for row, ((line, _), now, last) in enumerate(zip(pairs, values, lasts, strict=True)):
        symbol, color = MARKS[line.verdict]
        if now > top:
            made.append(edge_right(row, now, scale.limit, KEY_SYMBOLS.get(symbol, "○"), color))
        elif last is not None and last > top:
            made.append(edge_right(row, last, scale.limit))
    return made


def _rows(count: int, labels: Sequence[str]) -> dict[str, Any]:
    return y_axis(count, labels) | {"tickfont": {"size": 13}, "ticklen": 4}


def _ends(values: Sequence[float], scale: Scale) -> tuple[float, float]:
    """Where the axis starts and ends: at 0 for gaps, near the least for scores that stand close together."""
    if scale.is_lower_better:
        top = round(1.06 * axis_end(values, scale.limit), 4) or 1.0
        return -0.02 * top, top
    low, high = min(values), max(values)
    room = max(1.0, 0.08 * (high - low))
    return max(0.0, low - room), min(101.0, high + room)


def _ticks(low: float, top: float, most: int) -> tuple[list[float], list[str]]:
    """Ticks inside the axis: from 0, or from the first round number where the axis starts later."""
    if low <= 0:
        return ticks_to(top, most)
    for step in (1, 2, 5, 10, 20, 50):
        values = [float(v) for v in range(0, 101, step) if low <= v <= top]
        if len(values) <= most:
            return values, [numbers.fixed(v, 0) for v in values]
    return [], []


def _rank_text(facts: AreaFacts, line: Line, rank: Rank, scale: Scale, words: Words) -> str:
    """Value, symbol, and the indicator of the largest gap."""
    parts = [scale.text(rank.value or 0.0)]
    if line.verdict == "beyond":
        parts.append(words.symbol("unmet"))
    worst = next((i for i in facts.indicators if i.id == line.worst), None)
    if worst is not None and facts.limit is not None:
        parts.append(words.short(worst))
    return " ".join(parts)


def limit_note(limit: float, words: Words) -> dict[str, Any]:
    """The limit named above its line."""
    text = words("fig1.limit", limit=numbers.limit_text(limit))
    return note(text, x=limit, xanchor="center", y=1, yref="paper", yanchor="bottom", yshift=2)


def _dots(
    pairs: Sequence[tuple[Line, Rank]], values: Sequence[float], lasts: Sequence[float | None], words: Words, facts: AreaFacts
) -> list[dict[str, Any]]:  # fmt: skip
    """Lines to last year, last year's rings, this year's marks."""
    traces: list[dict[str, Any]] = []
    with_last = [
        (row, last, now) for row, (last, now) in enumerate(zip(lasts, values, strict=True)) if last is not None
    ]
    if with_last:
        xs: list[float | None] = []
        ys: list[float | None] = []
        for row, last, now in with_last:
            xs += [_round(last), _round(now), None]
            ys += [row, row, None]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": xs,
                "y": ys,
                "line": {"color": PEER, "width": 1.5},
                "hoverinfo": "skip",
            }
        )
        ring = {"symbol": "circle-open", "size": 8, "color": GREY, "opacity": 1, "line": {"width": 1.5}}
        traces.append({
            "type": "scatter", "mode": "markers", "x": [_round(last) for _, last, _ in with_last],
            "y": [row for row, _, _ in with_last], "marker": ring, "hoverinfo": "skip",
        })  # fmt: skip
    marks = [MARKS[line.verdict] for line, _ in pairs]
    marker = {"symbol": [m[0] for m in marks], "color": [m[1] for m in marks], "size": 11, "opacity": 1}
    hover = [
        f"{figure_text(words.place(line.county.name))}<br>{numbers.fixed(v, 4)}"
        for (line, _), v in zip(pairs, values, strict=True)
    ]
    traces.append({
        "type": "scatter", "mode": "markers", "x": [_round(v) for v in values], "y": list(range(len(pairs))), "marker": marker,
        "text": hover, "hovertemplate": "%{text}<extra></extra>",
    })  # fmt: skip
    return traces


def slope_figure(facts: AreaFacts, words: Words) -> Figure | None:
    """Last year to this: those that crossed the limit coloured, up to twelve of them labelled, the others grey."""
    if facts.measure is None or facts.previous is None:
        return None
    scale = scale_of(facts.measure, facts.standard, facts.stage)
    pairs = [(line, r) for line, r in facts.ranked(facts.measure) if r.before is not None]
    if not pairs or scale.limit is None:
        return None
    peers = [(scale.drawn(r.before or 0), scale.drawn(r.value or 0)) for line, r in pairs if not line.crossed]
    crossed = [(line, scale.drawn(r.before or 0), scale.drawn(r.value or 0)) for line, r in pairs if line.crossed]
    values = [v for pair in peers for v in pair] + [v for _, a, b in crossed for v in (a, b)]
    top = round(1.06 * axis_end(values, scale.limit), 4) or 1.0
    befores, nows = [[pair[i] for pair in (*peers, *(c[1:] for c in crossed)) if pair[i] > top] for i in (0, 1)]
    outside = [
        *edge_top(befores, scale.limit, x=0, xanchor="left", xshift=4, y=1, yref="paper"),
        *edge_top(nows, scale.limit, x=1, xanchor="right", xshift=-4, y=1, yref="paper"),
    ]
    height = 440
    shapes = [
        {"type": "rect", "x0": 0, "x1": 1, "xref": "paper", "y0": scale.limit, "y1": top, "fillcolor": TINT, "line": {"width": 0}, "layer": "below"},
    ]  # fmt: skip
    labelled = sorted(crossed, key=lambda c: -abs(c[2] - c[1]))[:MOST_LABELS]
    notes = _slope_notes(labelled, top, height, scale, words)
    right = max((text_width(n["text"], 13) for n in notes), default=40) + 24
    axis = {
        "range": [-0.08, 1.04], "tickvals": [0, 1], "ticktext": [str(facts.previous), str(facts.year)], "tickangle": 0,
        "fixedrange": True, "showgrid": False, "zeroline": False, "showline": False, "tickfont": {"size": 14},
    }  # fmt: skip
    ticks, texts = ticks_to(top, 8)
    rows = {
        "range": [-0.02 * top, top], "tickvals": ticks, "ticktext": texts, "fixedrange": True, "gridcolor": "#E9ECEF", "zeroline": False,
        "title": {"text": words(scale.axis), "font": {"size": 13}, "standoff": 6}, "tickfont": {"size": 13},
    }  # fmt: skip
    limit = note(
        limit_note(scale.limit, words)["text"],
        x=0.5, xanchor="center", y=scale.limit, yref="y", yanchor="bottom", bgcolor="rgba(255,255,255,0.85)",
    )  # fmt: skip
    layout = base_layout(words, height, l=64, r=right, t=16) | {
        "xaxis": axis,
        "yaxis": rows,
        "shapes": shapes,
        "annotations": [limit, *outside, *notes],
    }
    short = _short_notes(notes)
    near_right = max((text_width(n["text"], 13) for n in short), default=20) + 22
    narrow = base_layout(words, height, l=40, r=near_right, t=16) | {
        "xaxis": axis, "yaxis": rows | {"title": {"text": ""}}, "shapes": shapes, "annotations": [limit, *outside, *short],
    }  # fmt: skip
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [-0.08, 1.04],
        "y": [scale.limit, scale.limit],
        "line": {"color": "#000000", "width": 2, "dash": "dash"},
        "hoverinfo": "skip",
    }
    traces = [_slopes(peers, "#B4BAC2", 1.2), line]
    for way, color, symbol in (("out", RUST, "diamond"), ("in", NAVY, "circle")):
        mine = [(a, b) for c, a, b in crossed if c.crossed == way]
        if mine:
            traces += [_slopes(mine, color, 2.2), _ends_of(mine, color, symbol)]
    return Figure("fig-slope", traces, layout, {"layout": narrow}, 0.8, beyond=len(befores) + len(nows))


def _slopes(pairs: Sequence[tuple[float, float]], color: str, width: float) -> dict[str, Any]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for a, b in pairs:
        xs += [0, 1, None]
        ys += [_round(a), _round(b), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": {"color": color, "width": width},
        "hoverinfo": "skip",
    }


def _ends_of(pairs: Sequence[tuple[float, float]], color: str, symbol: str) -> dict[str, Any]:
    xs = [x for _ in pairs for x in (0, 1)]
    ys = [_round(v) for pair in pairs for v in pair]
    marker = {"symbol": symbol, "color": color, "size": 10, "opacity": 1}
    return {"type": "scatter", "mode": "markers", "x": xs, "y": ys, "marker": marker, "hoverinfo": "skip"}


def _slope_notes(
    crossed: Sequence[tuple[Line, float, float]], top: float, height: int, scale: Scale, words: Words
) -> list[dict[str, Any]]:
    """Labels at the right end, moved apart by at least their height."""
    step = 18 * 1.02 * top / (height - 62)
    placed: list[float] = []
    made = []
    for line, before, now in sorted(crossed, key=lambda c: (c[2], c[0].county.code)):
        y = max(now, placed[-1] + step) if placed else now
        placed.append(y)
        color = RUST if line.crossed == "out" else NAVY
        symbol = "◆" if line.crossed == "out" else "●"
        digits = 3
        text = (
            f"{symbol} {words.place(line.county.name)} {numbers.fixed(before, digits)} → {numbers.cv(now, scale.limit)}"
        )
        made.append(beside(text, 0, y=round(y, 4), yref="y", align="left", font={"size": 13, "color": color}))
    overflow = (placed[-1] - top) if placed else 0.0
    for item in made if overflow > 0 else ():
        item["y"] = round(item["y"] - overflow, 4)
    return made


def _short_notes(notes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The labels for narrow screens: symbol and name, without the numbers, which the table has."""
    return [n | {"text": n["text"].rsplit(" ", 3)[0]} for n in notes]


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

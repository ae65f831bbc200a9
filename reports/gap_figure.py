"""Figure 1 of a county: a dot plot of its gaps, this year's marks, last year's rings, the limit, and the ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports import numbers
from reports.axis_end import axis_end, edge_right
from reports.facts import Gap, PageFacts
from reports.figures import (
    INK,
    KEY_SYMBOLS,
    MARKS,
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
from reports.words import Words

ROW, ROW_NARROW = 40, 58


def gap_value_text(gap: Gap, words: Words) -> str:
    """What the right-hand column says of a gap: value, symbol, word where it matters, direction of change."""
    parts = [numbers.cv(gap.cv, gap.limit, near=gap.is_near)]
    if gap.verdict != "measured":
        parts.append(words.symbol(gap.verdict))
    if gap.verdict == "unmet":
        parts.append(words.state(gap.verdict, "gap"))
    parts.append(change_arrow(gap))
    text = " ".join(part for part in parts if part)
    return f"<b>{text}</b>" if gap.verdict == "unmet" else text


def change_arrow(gap: Gap) -> str:
    """Wider, narrower or the same as last year, by the digits that are shown; empty without last year."""
    if gap.cv is None or gap.last is None:
        return ""
    now, last = numbers.fixed(gap.cv, numbers.CV_DECIMALS), numbers.fixed(gap.last, numbers.CV_DECIMALS)
    return "→" if now == last else "↑" if gap.cv > gap.last else "↓"


def gap_figure(facts: PageFacts, words: Words) -> Figure | None:
    """Figure 1: a dot plot of the gaps, largest first; none where no gap may be drawn."""
    gaps = [gap for gap in facts.gaps if gap.is_shown]
    if not gaps:
        return None
    known = [v for g in gaps for v in (g.cv, g.last, g.high if g.is_open else None, g.least) if v is not None]
    top = round(max(0.65, 1.08 * axis_end(known, facts.limit), 1.15 * (facts.limit or 0)), 4)
    outside = _outside(gaps, top)
    labels = [words.short(g.indicator) for g in gaps]
    texts = [gap_value_text(g, words) for g in gaps]
    colors = [RUST if g.verdict == "unmet" else INK for g in gaps]
    right = max(text_width(t) for t in texts) + 22
    shapes = [] if facts.limit is None else [band(facts.limit, top, TINT)]
    lines = [] if facts.limit is None else [vertical(facts.limit, len(gaps))]
    limit = [] if facts.limit is None else [_limit_note(facts.limit, words)]
    axis = [x_axis(words("fig1.axis"), top, -0.02 * top, *ticks_to(top, most)) for most in (10, 6)]
    layout = base_layout(words, 96 + ROW * len(gaps), r=right) | {
        "xaxis": axis[0], "yaxis": y_axis(len(gaps), labels), "shapes": shapes,
        "annotations": limit + outside + column(texts, colors),
    }  # fmt: skip
    narrow = base_layout(words, 96 + ROW_NARROW * len(gaps), l=4, r=6) | {
        "xaxis": axis[1], "yaxis": y_axis(len(gaps), None) | {"range": [len(gaps) - 0.5, -0.75]}, "shapes": shapes,
        "annotations": limit + outside + above(labels, texts, colors),
    }  # fmt: skip
    return Figure(
        "fig1", lines + _gap_traces(facts, gaps, words), layout, {"layout": narrow}, beyond=len(outside)
    )  # fmt: skip


def _outside(gaps: Sequence[Gap], top: float) -> list[dict[str, Any]]:
    """Words at the right end for values beyond it: this year's, else the end of the range, else last year's."""
    made = []
    for row, gap in enumerate(gaps):
        if gap.cv is not None and gap.cv > top:
            symbol, color = MARKS[gap.verdict]
            made.append(edge_right(row, gap.cv, gap.limit, KEY_SYMBOLS[symbol], color))
        elif gap.is_open and gap.high is not None and gap.high > top:
            made.append(edge_right(row, gap.high, gap.limit, "├─", MARKS["undecided"][1]))
        elif gap.last is not None and gap.last > top:
            made.append(edge_right(row, gap.last, gap.limit))
    return made


def _limit_note(limit: float, words: Words) -> dict[str, Any]:
    text = words("fig1.limit", limit=numbers.limit_text(limit))
    return note(text, x=limit, xanchor="center", y=1, yref="paper", yanchor="bottom", yshift=2)


def _gap_traces(facts: PageFacts, gaps: Sequence[Gap], words: Words) -> list[dict[str, Any]]:
    """Line to last year, last year's ring, this year's mark."""
    with_last = [(i, g) for i, g in enumerate(gaps) if g.last is not None]
    traces: list[dict[str, Any]] = []
    if with_last:
        xs: list[float | None] = []
        ys: list[float | None] = []
        for i, g in with_last:
            xs += [_round(g.last), _round(g.cv), None]
            ys += [i, i, None]
        line = {"color": "#7A828C", "width": 2}
        traces.append({"type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": line, "hoverinfo": "skip"})
        ring = {"symbol": "circle-open", "size": 11, "color": "#5B6470", "opacity": 1, "line": {"width": 2}}
        traces.append({
            "type": "scatter", "mode": "markers", "x": [_round(g.last) for _, g in with_last], "y": [i for i, _ in with_last],
            "marker": ring, "hoverinfo": "skip",
        })  # fmt: skip
    traces += _range_traces(gaps)
    marker = {
        "symbol": [MARKS[g.verdict][0] for g in gaps], "color": [MARKS[g.verdict][1] for g in gaps],
        "size": [15 if g.verdict == "unmet" else 13 for g in gaps], "opacity": 1, "line": {"width": 1.5},
    }  # fmt: skip
    traces.append({
        "type": "scatter", "mode": "markers", "x": [_round(g.cv) for g in gaps], "y": list(range(len(gaps))),
        "marker": marker, "text": [_hover(facts, g, words) for g in gaps], "hovertemplate": "%{text}<extra></extra>",
    })  # fmt: skip
    return traces


def _range_traces(gaps: Sequence[Gap]) -> list[dict[str, Any]]:
    """A bracket for the range that missing values leave, a triangle for the least that whole units allow."""
    traces: list[dict[str, Any]] = []
    ranged = [(i, g) for i, g in enumerate(gaps) if g.is_open]
    if ranged:
        xs: list[float | None] = []
        ys: list[float | None] = []
        for i, g in ranged:
            xs += [_round(g.low), _round(g.high), None]
            ys += [i, i, None]
        bar = {
            "symbol": "line-ns",
            "size": 14,
            "color": "#8A5A00",
            "opacity": 1,
            "line": {"width": 2, "color": "#8A5A00"},
        }
        traces.append({
            "type": "scatter", "mode": "lines+markers", "x": xs, "y": ys, "line": {"color": "#8A5A00", "width": 1.5},
            "marker": bar, "hoverinfo": "skip",
        })  # fmt: skip
    least = [(i, g) for i, g in enumerate(gaps) if g.least is not None]
    if least:
        mark = {"symbol": "triangle-up-open", "size": 11, "color": INK, "opacity": 1, "line": {"width": 1.5}}
        traces.append({
            "type": "scatter", "mode": "markers", "x": [_round(g.least) for _, g in least],
            "y": [round(i + 0.26, 2) for i, _ in least], "marker": mark, "hoverinfo": "skip",
        })  # fmt: skip
    return traces


def _hover(facts: PageFacts, gap: Gap, words: Words) -> str:
    last = "" if gap.last is None else words("fig1.hover.last", year=facts.previous, cv=numbers.fixed(gap.last, 4))
    digits = gap.indicator.decimals
    return words(
        "fig1.hover", name=words.short(gap.indicator), cv=numbers.fixed(gap.cv, 4), mean=numbers.fixed(gap.mean, digits),
        unit=words.label(gap.indicator.unit), sd=numbers.fixed(gap.sd, digits), n=gap.schools, last=last,
    )  # fmt: skip


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

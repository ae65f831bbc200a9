"""Figures as plain dictionaries for Plotly.js: data, layout, and a second layout for narrow screens.

A figure function takes facts and words and returns a ``Figure``; numbers do not depend on the language. Lists are rounded,
ids fixed, no template: the same facts give the same bytes. Only trace types in ``TRACE_TYPES`` are used.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reports import numbers
from reports.facts import Gap, PageFacts
from reports.words import FONTS, Words

TRACE_TYPES = frozenset({"scatter", "bar"})
NAVY, RUST, AMBER, GREY, INK, TINT = "#12436D", "#C2410C", "#B7791F", "#5B6470", "#1b1f24", "#FBEEE6"
PALE = "#FFF8E1"
GRID = "#E9ECEF"

MARKS: dict[str, tuple[str, str]] = {
    "met": ("circle", NAVY), "measured": ("circle", NAVY), "below": ("square", AMBER), "unmet": ("diamond", RUST),
    "undecided": ("square-open", "#8A5A00"), "incomplete": ("square-open", "#8A5A00"),
}  # fmt: skip
"""Shape and ink of a state: the shape alone must tell them apart."""

KEY_SYMBOLS = {"circle": "●", "square": "■", "diamond": "◆", "square-open": "□"}
"""The shapes as keys print them."""

CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "responsive": True, "doubleClick": False}
ROW, ROW_NARROW = 40, 58


@dataclass(frozen=True)
class Figure:
    """``names``, ``who``: by trace number, which of the names each mark stands for, where the marks carry no text themselves.

    ``print_share``: height on paper over height on a screen. ``narrow``: what replaces the layout, and by trace number what replaces parts of the data, below 600 px."""

    id: str
    data: list[dict[str, Any]]
    layout: dict[str, Any]
    narrow: dict[str, Any]
    print_share: float = 0.74
    names: tuple[str, ...] = ()
    who: dict[str, list[int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        named = {"names": list(self.names), "who": self.who} if self.who else {}
        return named | {
            "data": self.data,
            "layout": self.layout,
            "narrow": self.narrow,
            "print": round(self.print_share * self.layout["height"]),
            "config": CONFIG,
        }


def text_width(text: str, size: float = 14) -> int:
    """About how wide a text is in pixels: full-width characters are as wide as high."""
    text = text.replace("<b>", "").replace("</b>", "")
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return round(size * (wide + 0.58 * (len(text) - wide)))


def base_layout(words: Words, height: int, **margin: int) -> dict[str, Any]:
    """What all figures share: fonts, no zoom, no legend, plain background."""
    font = {"family": FONTS[words.language], "size": 14}
    return {
        "height": height, "autosize": True, "margin": {"l": 10, "r": 10, "t": 30, "b": 46} | margin,
        "font": font | {"color": INK}, "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)", "showlegend": False, "dragmode": False, "hovermode": "closest",
        "hoverlabel": {"font": font, "bgcolor": "#ffffff", "bordercolor": GREY, "align": "left"},
    }  # fmt: skip


def x_axis(title: str, top: float, bottom: float, ticks: Sequence[float], texts: Sequence[str]) -> dict[str, Any]:
    """A horizontal axis whose tick texts say exactly where the ticks are."""
    return {
        "range": [bottom, top], "tickvals": list(ticks), "ticktext": list(texts), "tickangle": 0, "fixedrange": True,
        "gridcolor": GRID, "zeroline": False, "showline": False, "title": {"text": title, "font": {"size": 13}, "standoff": 8},
        "tickfont": {"size": 13},
    }  # fmt: skip


def y_axis(rows: int, labels: Sequence[str] | None) -> dict[str, Any]:
    """A vertical axis of rows, the first at the top; without labels for narrow screens."""
    axis = {"range": [rows - 0.4, -0.6], "fixedrange": True, "zeroline": False, "showgrid": False, "showline": False}
    if labels is None:
        return axis | {"showticklabels": False}
    return axis | {
        "tickvals": list(range(rows)),
        "ticktext": list(labels),
        "automargin": True,
        "ticklen": 6,
        "tickcolor": "#ffffff",
    }


def vertical(x: float, rows: int, *, dash: str = "dash", width: float = 2, color: str = "#000000") -> dict[str, Any]:
    """A line over all rows, as a trace: a shape would be drawn under the grid line at the same place."""
    line = {"color": color, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": [x, x], "y": [-1, rows], "line": line, "hoverinfo": "skip"}


def band(x0: float, x1: float, color: str) -> dict[str, Any]:
    """A tinted zone over the whole height."""
    rect = {"type": "rect", "x0": x0, "x1": x1, "y0": 0, "y1": 1, "yref": "paper", "fillcolor": color}
    return rect | {"line": {"width": 0}, "layer": "below"}


def note(text: str, **where: Any) -> dict[str, Any]:
    """A text without an arrow."""
    return {"text": text, "showarrow": False, "font": {"size": 13, "color": INK}} | where


def beside(text: str, row: int, **where: Any) -> dict[str, Any]:
    """A text in the fixed column right of the plot, at a row."""
    return note(text, **({"xref": "paper", "x": 1, "xanchor": "left", "xshift": 10, "y": row, "yref": "y"} | where))


def column(texts: Sequence[str], colors: Sequence[str]) -> list[dict[str, Any]]:
    """Texts in a fixed column right of the plot, one a row: never beside the marks, where they would collide."""
    return [
        beside(text, row, align="left", font={"size": 14, "color": color})
        for row, (text, color) in enumerate(zip(texts, colors, strict=True))
    ]


def above(labels: Sequence[str], texts: Sequence[str], colors: Sequence[str], shift: int = 17) -> list[dict[str, Any]]:
    """For narrow screens: the row's name at the left and its value at the right, both above the row's line."""
    pale = {"bgcolor": "rgba(255,255,255,0.7)", "borderpad": 0}
    left = [
        note(t, xref="paper", x=0, xanchor="left", y=i, yref="y", yshift=shift, **pale) for i, t in enumerate(labels)
    ]
    right = [
        note(t, xref="paper", x=1, xanchor="right", y=i, yref="y", yshift=shift, font={"size": 13, "color": c}, **pale)
        for i, (t, c) in enumerate(zip(texts, colors, strict=True))
    ]
    return left + right


def ticks_to(top: float, most: int) -> tuple[list[float], list[str]]:
    """Ticks from 0 to ``top`` in steps of 1, 2 or 5, at most ``most`` of them, and their exact texts."""
    for exponent in range(-2, 9):
        for digit in (1, 2, 5):
            step = digit * 10.0**exponent
            count = int(top / step + 1e-9)
            if count + 1 <= most:
                values = [round(i * step, 6) for i in range(count + 1)]
                return values, [numbers.fixed(v, max(0, -exponent)) for v in values]
    raise ValueError(f"no ticks for {top}")


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
    largest = max(max(g.cv or 0, g.last or 0, (g.high or 0) if g.is_open else 0, g.least or 0) for g in gaps)
    top = round(max(0.65, 1.08 * largest, 1.15 * (facts.limit or 0)), 4)
    labels = [words.short(g.indicator) for g in gaps]
    texts = [gap_value_text(g, words) for g in gaps]
    colors = [RUST if g.verdict == "unmet" else INK for g in gaps]
    right = max(text_width(t) for t in texts) + 22
    shapes = [] if facts.limit is None else [band(facts.limit, top, TINT)]
    lines = [] if facts.limit is None else [vertical(facts.limit, len(gaps))]
    limit = [] if facts.limit is None else [_limit_note(facts.limit, words)]
    axis = [x_axis(words("fig1.axis"), top, -0.02 * top, *ticks_to(top, most)) for most in (10, 6)]
    layout = base_layout(words, 96 + ROW * len(gaps), r=right) | {
        "xaxis": axis[0], "yaxis": y_axis(len(gaps), labels), "shapes": shapes, "annotations": limit + column(texts, colors),
    }  # fmt: skip
    narrow = base_layout(words, 96 + ROW_NARROW * len(gaps), l=4, r=6) | {
        "xaxis": axis[1], "yaxis": y_axis(len(gaps), None) | {"range": [len(gaps) - 0.5, -0.75]}, "shapes": shapes,
        "annotations": limit + above(labels, texts, colors),
    }  # fmt: skip
    return Figure("fig1", lines + _gap_traces(facts, gaps, words), layout, {"layout": narrow})


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

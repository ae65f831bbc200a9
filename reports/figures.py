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


@dataclass(frozen=True)
class Figure:
    """``beyond``: how many values lie outside the axis and are written at the edge.
    ``names``, ``who``: by trace number, which of the names each mark stands for, where the marks carry no text themselves.

    ``print_share``: height on paper over height on a screen. ``narrow``: what replaces the layout, and by trace number what replaces parts of the data, below 600 px."""

    id: str
    data: list[dict[str, Any]]
    layout: dict[str, Any]
    narrow: dict[str, Any]
    print_share: float = 0.74
    names: tuple[str, ...] = ()
    who: dict[str, list[int]] = field(default_factory=dict)
    beyond: int = 0

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

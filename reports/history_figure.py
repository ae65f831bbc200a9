"""Figure 3: a small line chart for each gap, the last years, one scale; broken where years may not be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports import numbers
from reports.figures import GRID, INK, NAVY, RUST, Figure, base_layout, note
from reports.past import Line, Past
from reports.words import Words

COLUMNS, COLUMNS_NARROW = 4, 2
PANEL, PANEL_NARROW = 150, 140
HEAD = 0.24
"""Part of a panel's height that its title takes."""


def history_figure(past: Past, words: Words) -> Figure | None:
    """Small multiples in the page's order; none where fewer than two years can be drawn."""
    if not past.has_points:
        return None
    lines = [line for line in past.lines if any(p is not None for p in line.points)]
    limits = [line.gap.limit for line in lines if line.gap.limit is not None]
    top = max([p for line in lines for p in line.points if p is not None] + limits)
    top = round(max(1.0, 1.1 * top), 2)
    data = [trace for number, line in enumerate(lines, 1) for trace in _panel(past, line, number)]
    wide, narrow = (
        _layout(past, lines, columns, height, top, words)
        for columns, height in ((COLUMNS, PANEL), (COLUMNS_NARROW, PANEL_NARROW))
    )
    return Figure("fig3", data, wide, {"layout": narrow}, 0.85)


def segments(past: Past, line: Line) -> tuple[list[float | None], list[float | None]]:
    """Years and values with a null wherever the line must break: a year without a value, a year that starts anew."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for year, point in zip(past.years, line.points, strict=True):
        if year in past.breaks and xs:
            xs.append(None)
            ys.append(None)
        xs.append(year)
        ys.append(None if point is None else round(point, 4))
    return xs, ys


def _panel(past: Past, line: Line, number: int) -> list[dict[str, Any]]:
    """The limit, the breaks, the line, and the last point in the state's shape."""
    axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"} if number > 1 else {}
    xs, ys = segments(past, line)
    made: list[dict[str, Any]] = []
    first, last = past.years[0] - 0.35, past.years[-1] + 0.35
    if line.gap.limit is not None:
        made.append({
            "type": "scatter", "mode": "lines", "x": [first, last], "y": [line.gap.limit] * 2, "hoverinfo": "skip",
            "line": {"color": "#000000", "width": 1.5, "dash": "dash"},
        })  # fmt: skip
    made += [
        {
            "type": "scatter", "mode": "lines", "x": [b - 0.5] * 2, "y": [0, 10], "hoverinfo": "skip",
            "line": {"color": "#5B6470", "width": 1, "dash": "dot"},
        }
        for b in past.breaks
    ]  # fmt: skip
    made.append({
        "type": "scatter", "mode": "lines+markers", "x": xs, "y": ys, "line": {"color": NAVY, "width": 2},
        "marker": {"symbol": "circle", "size": 5, "color": NAVY, "opacity": 1}, "hovertemplate": "%{x}: %{y:.3f}<extra></extra>",
    })  # fmt: skip
    if line.points[-1] is not None:
        is_over = line.gap.verdict == "unmet"
        made.append({
            "type": "scatter", "mode": "markers", "x": [past.years[-1]], "y": [round(line.points[-1], 4)], "hoverinfo": "skip",
            "marker": {"symbol": "diamond" if is_over else "circle", "size": 11 if is_over else 9, "color": RUST if is_over else NAVY,
                       "opacity": 1},
        })  # fmt: skip
    return [trace | axes for trace in made]


def _layout(past: Past, lines: Sequence[Line], columns: int, height: int, top: float, words: Words) -> dict[str, Any]:
    rows = -(-len(lines) // columns)
    layout = base_layout(words, rows * height + 40, t=6, l=34, r=14, b=34) | {"shapes": []}
    notes = []
    for i, line in enumerate(lines):
        row, column = divmod(i, columns)
        x = [column / columns + (0.012 if column else 0), (column + 1) / columns - 0.025]
        high = 1 - row / rows
        y = [1 - (row + 1) / rows + (0.13 / rows if row < rows - 1 else 0), high - HEAD / rows]
        layout |= _axes(i + 1, x, y, past, top, has_years=i + columns >= len(lines), has_values=column == 0)
        notes += _notes(line, x, y, past, i + 1, words)
    return layout | {"annotations": notes}


def _axes(
    number: int, x: Sequence[float], y: Sequence[float], past: Past, top: float, *, has_years: bool, has_values: bool
) -> dict[str, Any]:
    name = "" if number == 1 else str(number)
    ends = [past.years[0], past.years[-1]]
    common = {"fixedrange": True, "zeroline": False, "gridcolor": GRID, "tickfont": {"size": 12}, "tickangle": 0}
    return {
        f"xaxis{name}": common | {
            "domain": [round(v, 4) for v in x], "anchor": f"y{name}", "range": [ends[0] - 0.4, ends[1] + 0.4],
            "tickvals": ends, "ticktext": [str(e) for e in ends], "showgrid": False, "showticklabels": has_years,
        },
        f"yaxis{name}": common | {
            "domain": [round(v, 4) for v in y], "anchor": f"x{name}", "range": [0, top], "tickvals": [0, 0.5, 1],
            "ticktext": ["0", "0.5", "1"], "showticklabels": has_values,
        },
    }  # fmt: skip


def _notes(
    line: Line, x: Sequence[float], y: Sequence[float], past: Past, number: int, words: Words
) -> list[dict[str, Any]]:
    """The panel's title, and the last value beside its point."""
    title = note(
        words.short(line.gap.indicator), x=round(x[0], 4), xref="paper", xanchor="left", y=round(y[1], 4), yref="paper",
        yanchor="bottom", font={"size": 13, "color": INK},
    )  # fmt: skip
    last = line.points[-1]
    if last is None:
        return [title]
    is_over = line.gap.verdict == "unmet"
    name = "" if number == 1 else str(number)
    text = numbers.cv(last, line.gap.limit, near=line.gap.is_near)
    value = note(
        f"<b>{text}</b>" if is_over else text, x=past.years[-1], xref=f"x{name}", xanchor="right", y=round(last, 4), yref=f"y{name}",
        yanchor="bottom", yshift=5, bgcolor="rgba(255,255,255,0.85)", borderpad=1, font={"size": 13, "color": RUST if is_over else INK},
    )  # fmt: skip
    return [title, value]

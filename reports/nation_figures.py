"""The figures of the nation's page: bars by indicator, the trend, strips of quantiles by province."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.schema.model import Indicator, Stage
from reports import numbers
from reports.figures import (
    INK,
    NAVY,
    TINT,
    Figure,
    band,
    base_layout,
    note,
    text_width,
    ticks_to,
    vertical,
    x_axis,
    y_axis,
)
from reports.nation_facts import NationFacts, Quantiles, quantiles
from reports.words import Words

INKS = (NAVY, "#1D7A73", "#801650", "#8A5A00")
"""Inks of stages, each on white at 4.5 or more; the shape tells them apart too."""

SYMBOLS = ("circle", "square", "diamond", "triangle-up")


def by_over(facts: NationFacts) -> list[Indicator]:
    """Indicators by counties over the limit in all stages, most first."""
    return sorted(facts.indicators, key=lambda i: -sum(facts.over(i, s) for s in facts.stages))


def bar_figure(facts: NationFacts, words: Words) -> Figure | None:
    """Counties over the limit by indicator, a bar a stage; none without limits."""
    order = by_over(facts)
    if not order or not facts.has_limits or all(f.limit is None for _, x in facts.provinces for f in x.stages):
        return None
    counts = {s.id: [facts.over(i, s) for i in order] for s in facts.stages}
    top = max(1.0, 1.3 * max(max(v) for v in counts.values()))
    labels = [words.short(i) for i in order]
    row = 20 * len(facts.stages) + 14
    traces = [_bars(counts[s.id], n, len(facts.stages), words.label(s.label)) for n, s in enumerate(facts.stages)]
    axis = [x_axis(words("bars.x"), top, 0, *_whole_ticks(top, most)) for most in (9, 5)]
    height = 80 + row * len(order)
    wide = base_layout(words, height, t=8) | {
        "xaxis": axis[0],
        "yaxis": y_axis(len(order), labels),
        "shapes": [],
        "annotations": [],
        "bargap": 0.3,
    }
    narrow = base_layout(words, height, t=8, r=6) | {
        "xaxis": axis[1],
        "yaxis": y_axis(len(order), labels),
        "shapes": [],
        "annotations": [],
        "bargap": 0.3,
    }
    return Figure("fig-bars", traces, wide, {"layout": narrow}, 0.8)


def _whole_ticks(top: float, most: int) -> tuple[list[float], list[str]]:
    """Ticks at whole numbers alone."""
    values, _ = ticks_to(top, most)
    values = sorted({float(round(v)) for v in values})
    return values, [numbers.whole(v) for v in values]


def _bars(counts: Sequence[int], n: int, stages: int, name: str) -> dict[str, Any]:
    """Bars of one stage; each says its stage and its number, so that ink is not needed to tell them apart."""
    width = round(0.74 / stages, 4)
    return {
        "type": "bar", "orientation": "h", "x": list(counts), "y": list(range(len(counts))), "width": round(width - 0.03, 4),
        "offset": round(-0.37 + n * width, 4), "marker": {"color": INKS[n % 4]}, "text": [f"{name} {numbers.whole(c)}" for c in counts],
        "textposition": "outside", "textfont": {"size": 13, "color": INK}, "cliponaxis": False, "hoverinfo": "skip",
    }  # fmt: skip


def trend_figure(facts: NationFacts, words: Words) -> Figure | None:
    """The share of judged counties within all limits, a line a stage; none of fewer than two years."""
    years = sorted({year for year, _, _, _ in facts.trend})
    if len(years) < 2 or not facts.has_limits:
        return None
    traces: list[dict[str, Any]] = []
    notes = []
    for n, stage in enumerate(facts.stages):
        points = [(y, within / judged) for y, s, within, judged in facts.trend if s == stage.id]
        if not points:
            continue
        ink = INKS[n % 4]
        traces.append({
            "type": "scatter", "mode": "lines+markers", "x": [y for y, _ in points], "y": [round(v, 4) for _, v in points],
            "line": {"color": ink, "width": 2.2}, "marker": {"symbol": SYMBOLS[n % 4], "size": 9, "color": ink, "opacity": 1}, "hoverinfo": "skip",
        })  # fmt: skip
        text = f"{words.label(stage.label)} {numbers.percent(points[-1][1], 1)}"
        notes.append(
            note(
                text,
                x=points[-1][0],
                y=round(points[-1][1], 4),
                xanchor="left",
                xshift=10,
                font={"size": 13, "color": ink},
            )
        )
    _apart(notes)
    right = max(text_width(n["text"], 13) for n in notes) + 24
    x = {
        "range": [years[0] - 0.15, years[-1] + 0.08], "tickvals": years, "ticktext": [str(y) for y in years], "tickangle": 0, "fixedrange": True,
        "showgrid": False, "zeroline": False, "tickfont": {"size": 13},
    }  # fmt: skip
    ticks = [0, 0.25, 0.5, 0.75, 1]
    y = {
        "range": [-0.03, 1.03], "tickvals": ticks, "ticktext": [numbers.percent(t) for t in ticks], "fixedrange": True, "gridcolor": "#E9ECEF",
        "zeroline": False, "tickfont": {"size": 13},
    }  # fmt: skip
    wide = base_layout(words, 290, l=52, r=right, t=12, b=30) | {
        "xaxis": x,
        "yaxis": y,
        "shapes": [],
        "annotations": notes,
    }
    narrow = base_layout(words, 270, l=44, r=right, t=12, b=30) | {
        "xaxis": x,
        "yaxis": y,
        "shapes": [],
        "annotations": notes,
    }
    return Figure("fig-trend", traces, wide, {"layout": narrow}, 0.8)


def _apart(notes: list[dict[str, Any]], least: float = 0.075) -> None:
    """Moves labels at the right end apart, lowest first."""
    placed: float | None = None
    for item in sorted(notes, key=lambda n: n["y"]):
        if placed is not None and item["y"] < placed + least:
            item["y"] = round(placed + least, 4)
        placed = item["y"]


def strip_figure(facts: NationFacts, words: Words) -> Figure | None:
    """p10, median and p90 of the counties of each province, a strip a stage, by the median of the first stage."""
    scale = facts.scale(facts.stages[0]) if facts.stages else None
    rows = _strip_rows(facts, words)
    if scale is None or len(rows) < 2:
        return None
    limits = {s.limit for stage in facts.stages if (s := facts.scale(stage)) is not None}
    limit = next(iter(limits)) if len(limits) == 1 else None
    known = [q for _, of in rows for q in of if q is not None]
    top = round(1.08 * max([q.high for q in known] + [x or 0.0 for x in limits]), 4)
    low = 0.0 if scale.is_lower_better else max(0.0, min(q.low for q in known) - 2)
    labels = [name for name, _ in rows]
    height = 96 + max(30, 18 * len(facts.stages) + 8) * len(rows)
    lines = _limits(facts, rows, limit)
    ticks = [ticks_to(top, most) for most in (10, 5)]
    shapes = [] if limit is None else [band(limit, top, TINT)]
    notes = _limit_notes(facts, limit, words)
    layouts = [
        base_layout(words, height, r=12) | {"xaxis": x_axis(words(scale.axis), top, low - 0.02 * top, *t), "yaxis": y_axis(len(rows), labels), "shapes": shapes, "annotations": notes}
        for t in ticks
    ]  # fmt: skip
    traces = [t for n, _ in enumerate(facts.stages) for t in _strips(rows, n, len(facts.stages))]
    return Figure("fig-strips", lines + traces, layouts[0], {"layout": layouts[1]}, 0.8)


def _limit_notes(facts: NationFacts, limit: float | None, words: Words) -> list[dict[str, Any]]:
    """The limits named above their lines: in the middle where there is one, else outwards, each with its stage."""
    top: dict[str, Any] = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 2}
    if limit is not None:
        return [note(words("fig1.limit", limit=numbers.limit_text(limit)), x=limit, xanchor="center", **top)]
    found = [
        (s.limit, n, stage)
        for n, stage in enumerate(facts.stages)
        if (s := facts.scale(stage)) is not None and s.limit is not None
    ]
    made = []
    for place, (value, n, stage) in enumerate(sorted(found, key=lambda f: (f[0], f[1]))):
        text = f"{words.label(stage.label)} {words('fig1.limit', limit=numbers.limit_text(value))}"
        made.append(
            note(text, x=value, xanchor="left" if place else "right", font={"size": 13, "color": INKS[n % 4]}, **top)
        )
    return made


Strips = Sequence[tuple[str, list[Quantiles | None]]]


def _strip_rows(facts: NationFacts, words: Words) -> list[tuple[str, list[Quantiles | None]]]:
    """Provinces with the spread of their counties in every stage, least median first."""
    rows = [(words.place(p.name), [quantiles(f) for f in family.stages]) for p, family in facts.provinces]
    rows = [(name, of) for name, of in rows if any(of)]
    return sorted(rows, key=lambda r: (next((q.middle for q in r[1] if q is not None), 0.0), r[0]))


def _limits(facts: NationFacts, rows: Strips, limit: float | None) -> list[dict[str, Any]]:
    """One line where all stages share a limit, else a dotted one in each stage's ink."""
    if limit is not None:
        return [vertical(limit, len(rows))]
    scales = [(n, facts.scale(stage)) for n, stage in enumerate(facts.stages)]
    return [
        vertical(s.limit, len(rows), dash="dot", color=INKS[n % 4])
        for n, s in scales
        if s is not None and s.limit is not None
    ]


def _strips(rows: Strips, n: int, stages: int) -> list[dict[str, Any]]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    marks: list[tuple[float, float]] = []
    for row, (_, of) in enumerate(rows):
        q = of[n]
        if q is None:
            continue
        y = round(row + (n - (stages - 1) / 2) * 0.34, 4)
        xs += [round(q.low, 4), round(q.high, 4), None]
        ys += [y, y, None]
        marks.append((round(q.middle, 4), y))
    ink = INKS[n % 4]
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": {"color": ink, "width": 4},
        "opacity": 0.45,
        "hoverinfo": "skip",
    }
    dot = {
        "type": "scatter", "mode": "markers", "x": [x for x, _ in marks], "y": [y for _, y in marks],
        "marker": {"symbol": SYMBOLS[n % 4], "size": 11, "color": ink, "opacity": 1}, "hoverinfo": "skip",
    }  # fmt: skip
    return [line, dot]


def stage_key(stages: Sequence[Stage], words: Words) -> list[dict[str, str]]:
    """Symbols of the stages in words."""
    marks = ("●", "■", "◆", "▲")
    return [{"mark": marks[n % 4], "state": f"ink-{n % 4}", "text": words.label(s.label)} for n, s in enumerate(stages)]

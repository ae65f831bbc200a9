"""Figure 2: every school as a mark, one lane an indicator, value over the standard's level so that all lanes share an axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports import numbers
from reports.facts import Gap, PageFacts, School, Shown, Value
from reports.figure_text import figure_text
from reports.figures import (
    INK,
    MARKS,
    PALE,
    RUST,
    TINT,
    Figure,
    above,
    band,
    base_layout,
    beside,
    column,
    note,
    text_width,
    vertical,
    x_axis,
    y_axis,
)  # fmt: skip
from reports.swarm import Lane, schools_a_mark, stacks, swarm
from reports.words import Words

CAPS = (1.5, 2.0, 2.5)
"""Where the axis may end; marks beyond the last stand at the edge, counted."""

START = -0.06
"""The axis starts left of 0, so that a mark at 0 is whole."""

EDGE = 0.07
LABEL = 26
"""Pixels above a lane for its name, on narrow screens."""

STEP = 0.05
TALLEST = 16
SHRINK = (1.0, 0.75, 0.5)
AREA_UP_TO, SINGLE_UP_TO = 80, 200
ORDER: tuple[Shown, ...] = ("met", "below", "unmet")


@dataclass(frozen=True)
class Mark:
    """A mark of a lane: ``x`` as a ratio, ``offset`` in pixels from the lane's middle. ``who``: number of the school, where the
    mark is one school and says only its name."""

    x: float
    offset: float
    size: float
    shown: Shown
    text: str
    who: int = -1


@dataclass(frozen=True)
class Plan:
    """All lanes of a figure for one width of plot, in pixels: ``height`` of the marks, ``pitch`` from lane to lane.

    ``a_mark``: schools a mark stands for.
    """

    lanes: tuple[tuple[Mark, ...], ...]
    height: int
    pitch: int
    a_mark: int


@dataclass(frozen=True)
class SchoolFigure:
    """The figure, and what its caption must say: schools a mark stands for, whether area means pupils, the axis' end."""

    figure: Figure
    a_mark: int
    is_area: bool
    cap: float
    beyond: int


def school_figure(facts: PageFacts, words: Words) -> SchoolFigure | None:
    """Figure 2; none where the standard sets no levels or fewer than two schools are counted."""
    gaps = [g for g in facts.gaps if any(_value(s, g).ratio is not None for s in facts.schools)]
    if not gaps or facts.counts.counted < 2:
        return None
    ratios = [v.ratio for s in facts.schools for v in s.values if v.ratio is not None]
    cap = next((c for c in CAPS if max(ratios) < c), CAPS[-1])
    wide, narrow = _plans(facts, gaps, cap, words)
    lines = _lines(gaps)
    is_named = wide.a_mark == 1 and facts.counts.counted > AREA_UP_TO
    figure = Figure(
        "fig2", lines + _traces(facts, gaps, wide, cap), *_layouts(facts, gaps, (wide, narrow), cap, words), 0.78,
        tuple(figure_text(s.name) for s in facts.schools) if is_named else (), _who(wide, len(lines) + 1) if is_named else {},
    )  # fmt: skip
    figure.narrow["data"] = {str(i): _restyle(t) for i, t in enumerate(_traces(facts, gaps, narrow, cap), len(lines))}
    beyond = sum(r >= cap for r in ratios)
    return SchoolFigure(figure, wide.a_mark, facts.counts.counted <= AREA_UP_TO, cap, beyond)


def _who(plan: Plan, first: int) -> dict[str, list[int]]:
    """Which school each mark is, by the number of its trace."""
    return {
        str(first + i): [mark.who for lane in plan.lanes for mark in lane if mark.shown == shown]
        for i, shown in enumerate(ORDER)
    }


def _value(school: School, gap: Gap) -> Value:
    return next(v for v in school.values if v.indicator_id == gap.indicator.id)


def _plans(facts: PageFacts, gaps: Sequence[Gap], cap: float, words: Words) -> tuple[Plan, Plan]:
    """For wide and narrow screens: one mark a school while they fit both, smaller if need be, else one for k schools."""
    if facts.counts.counted <= SINGLE_UP_TO:
        wide = _fitting(facts, gaps, cap, words, width=560, tallest=TALLEST * 9, extra=0)
        narrow = _fitting(facts, gaps, cap, words, width=320, tallest=TALLEST * 12, extra=LABEL)
        if wide is not None and narrow is not None:
            return wide, narrow
    return _binned(facts, gaps, cap, 7.0, 0, words), _binned(facts, gaps, cap, 6.0, LABEL, words)


def _fitting(
    facts: PageFacts, gaps: Sequence[Gap], cap: float, words: Words, *, width: int, tallest: int, extra: int
) -> Plan | None:
    """Lanes of one mark a school, marks shrunk until no lane is higher than ``tallest``; none if even that is too high."""
    for shrink in SHRINK:
        lanes = [_single(facts, gap, cap, width, shrink, words) for gap in gaps]
        height = max(34, 2 * math.ceil(max(lane.reach for _, lane in lanes)))
        if height <= tallest:
            return Plan(tuple(marks for marks, _ in lanes), height, height + 10 + extra, 1)
    return None


def _position(ratio: float, cap: float) -> float:
    return round(cap + EDGE * cap / 2.5 if ratio >= cap else ratio, 4)


def _single(
    facts: PageFacts, gap: Gap, cap: float, width: int, shrink: float, words: Words
) -> tuple[tuple[Mark, ...], Lane]:
    numbered = [(i, s, _value(s, gap)) for i, s in enumerate(facts.schools)]
    numbered = [(i, s, v) for i, s, v in numbered if v.ratio is not None]
    pairs = [(s, v) for _, s, v in numbered]
    largest = max((s.pupils for s in facts.schools), default=1.0)
    sizes = [_size(s.pupils, largest, facts.counts.counted, width, shrink) for s, _ in pairs]
    scale = width / (cap + EDGE - START)
    digits = 4 if facts.counts.counted <= AREA_UP_TO else 3
    xs = [round(_position(v.ratio or 0.0, cap), digits) for _, v in pairs]
    lane = swarm([x * scale for x in xs], sizes)
    marks = tuple(
        Mark(x, offset, size, v.shown, _hover(facts, s, v, gap, words), i)
        for x, offset, size, (i, s, v) in zip(xs, lane.offsets, sizes, numbered, strict=True)
    )
    return marks, lane


def _size(pupils: float, largest: float, schools: int, width: int, shrink: float) -> float:
    """Area in proportion to pupils up to 80 schools, one size beyond; smaller on narrow screens."""
    least, most = (7.0, 22.0) if width > 400 else (6.0, 14.0)
    if schools > AREA_UP_TO:
        return round(6.0 * max(shrink, 0.75), 1)
    return round(max(least, shrink * most * math.sqrt(pupils / largest)), 1) if largest else least


def _binned(facts: PageFacts, gaps: Sequence[Gap], cap: float, size: float, extra: int, words: Words) -> Plan:
    lanes = [[_step(s, g, cap) for s in facts.schools if _value(s, g).ratio is not None] for g in gaps]
    k = max(schools_a_mark(lane, TALLEST) for lane in lanes)
    made = []
    for lane in lanes:
        piles = stacks(lane, ORDER, k, size + 1)
        made.append(tuple(
            Mark(_middle(p.step, cap), p.offset, size, _shown(p.shown), _bin_text(p.step, p.schools, cap, words)) for p in piles
        ))  # fmt: skip
    height = round(TALLEST * (size + 1))
    return Plan(tuple(made), height, height + 10 + extra, k)


def _shown(text: str) -> Shown:
    return next(state for state in ORDER if state == text)


def _step(school: School, gap: Gap, cap: float) -> tuple[int, str]:
    value = _value(school, gap)
    ratio = value.ratio or 0.0
    return (round(cap / STEP) if ratio >= cap else math.floor(ratio / STEP + 1e-9), value.shown)


def _middle(step: int, cap: float) -> float:
    return _position(cap, cap) if step >= round(cap / STEP) else round((step + 0.5) * STEP, 4)


def _bin_text(step: int, schools: int, cap: float, words: Words) -> str:
    low = numbers.percent(step * STEP)
    ratio = f"≥{low}" if step >= round(cap / STEP) else f"{low}–{numbers.percent((step + 1) * STEP)}"
    return words("fig2.hover.bin", ratio=ratio, n=schools)


def _hover(facts: PageFacts, school: School, value: Value, gap: Gap, words: Words) -> str:
    """What a mark says under the pointer; only the school's name where there are many (the table has it all)."""
    if facts.counts.counted > AREA_UP_TO:
        return ""
    return words(
        "fig2.hover", name=figure_text(school.name), value=numbers.fixed(value.value, gap.indicator.decimals), unit=words.label(gap.indicator.unit),
        ratio=numbers.percent(value.ratio), pupils=numbers.whole(school.pupils),
    )  # fmt: skip


def _traces(facts: PageFacts, gaps: Sequence[Gap], plan: Plan, cap: float) -> list[dict[str, Any]]:
    """The bars of the means, then one trace a state."""
    bars = [(_mean_ratio(facts, g), row) for row, g in enumerate(gaps)]
    bars = [(x, row) for x, row in bars if x is not None]
    size = min(34, plan.height)
    traces: list[dict[str, Any]] = [{
        "type": "scatter", "mode": "markers", "x": [_position(x or 0.0, cap) for x, _ in bars], "y": [row for _, row in bars],
        "marker": {"symbol": "line-ns", "size": size, "opacity": 1, "color": INK, "line": {"width": 3, "color": INK}}, "hoverinfo": "skip",
    }]  # fmt: skip
    for shown in ORDER:
        marks = [(row, m) for row, lane in enumerate(plan.lanes) for m in lane if m.shown == shown]
        symbol, color = MARKS[shown]
        traces.append({
            "type": "scatter", "mode": "markers", "x": [m.x for _, m in marks],
            "y": [round(row + m.offset / plan.pitch, 4 if facts.counts.counted <= AREA_UP_TO else 3) for row, m in marks],
            "marker": {"symbol": symbol, "color": color, "size": _one_or_all([m.size for _, m in marks]), "opacity": 0.85,
                       "line": {"width": 0.5, "color": "#ffffff"}},
            **({"text": [m.text for _, m in marks]} if any(m.text for _, m in marks) else {}),
            "hovertemplate": "%{text}<extra></extra>",
        })  # fmt: skip
    return traces


def _one_or_all(sizes: list[float]) -> float | list[float]:
    """One number where all sizes are the same."""
    return sizes[0] if sizes and len(set(sizes)) == 1 else sizes


def _restyle(trace: dict[str, Any]) -> dict[str, Any]:
    """What differs on narrow screens: places across the lane, and sizes. Marks are the same, in the same order."""
    return {"y": trace["y"], "size": trace["marker"]["size"]}


def _mean_ratio(facts: PageFacts, gap: Gap) -> float | None:
    """The pupil-weighted mean over the level; where levels differ by school type, the weighted mean of the ratios."""
    if gap.mean and gap.level:
        return gap.mean / gap.level if gap.indicator.direction == ">=" else gap.level / gap.mean
    pairs = [(s.pupils, _value(s, gap).ratio) for s in facts.schools]
    known = [(p, r) for p, r in pairs if r is not None]
    total = sum(p for p, _ in known)
    return sum(p * r for p, r in known) / total if total else None


def _layouts(
    facts: PageFacts, gaps: Sequence[Gap], plans: tuple[Plan, Plan], cap: float, words: Words
) -> tuple[dict[str, Any], dict[str, Any]]:
    labels = [words.short(g.indicator) for g in gaps]
    texts = [_lane_text(facts, g, words) for g in gaps]
    colors = [RUST if any(_value(s, g).shown == "unmet" for s in facts.schools) else INK for g in gaps]
    shapes, notes = _zones(gaps, words)
    beyond = [_beyond(facts, g, row, cap, words) for row, g in enumerate(gaps)]
    edge_mark = _position(cap, cap)
    ticks = [t / 100 for t in range(0, round(cap * 100) + 1, 50)]
    edge = "≥" if any(beyond) else ""
    tick_texts = [numbers.percent(t) if t < cap else edge + numbers.percent(t) for t in ticks]
    right = max(max(text_width(t) for t in texts), *(text_width(b["text"], 12) for b in beyond if b), 0) + 22
    axis, axis_narrow = (
        x_axis(words("fig2.axis"), edge_mark + room, START, ticks, tick_texts) for room in (EDGE / 2, EDGE)
    )
    wide = base_layout(words, 104 + plans[0].pitch * len(gaps), r=right, t=36) | {
        "xaxis": axis, "yaxis": y_axis(len(gaps), labels), "shapes": shapes,
        "annotations": notes + column(texts, colors) + [b for b in beyond if b],
    }  # fmt: skip
    narrow = base_layout(words, 104 + plans[1].pitch * len(gaps), l=4, r=6, t=36) | {
        "xaxis": axis_narrow, "yaxis": y_axis(len(gaps), None) | {"range": [len(gaps) - 0.5, -0.75]}, "shapes": shapes,
        "annotations": notes + above(labels, texts, colors, round(plans[1].height / 2 + 10)),
    }  # fmt: skip
    return wide, {"layout": narrow}


def _floor(gaps: Sequence[Gap]) -> float | None:
    """The floor as a share of the level, where all lanes have the same."""
    shares = {_share(g.level, g.floor, g.indicator.direction) for g in gaps}
    return next(iter(shares)) if len(shares) == 1 else None


def _share(level: float | None, floor: float | None, direction: str) -> float | None:
    if not level or not floor:
        return None
    return round(floor / level if direction == ">=" else level / floor, 6)


def _lines(gaps: Sequence[Gap]) -> list[dict[str, Any]]:
    """The level at 100 %, and the floor."""
    floor = _floor(gaps)
    lines = [] if floor is None else [vertical(floor, len(gaps), dash="dot", width=1, color="#8A5A00")]
    return [*lines, vertical(1.0, len(gaps))]


def _zones(gaps: Sequence[Gap], words: Words) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Tints below the floor and between floor and level, and the names of both lines."""
    top: dict[str, Any] = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 2}
    floor = _floor(gaps)
    shapes = [band(START, floor or 1.0, TINT)]
    notes = [note(words("fig2.level"), x=1, xanchor="left", **top)]
    if floor is not None:
        shapes.append(band(floor, 1.0, PALE))
        notes.append(note(words("fig2.floor", floor=numbers.percent(floor)), x=floor, xanchor="right", **top))
    return shapes, notes


def _lane_text(facts: PageFacts, gap: Gap, words: Words) -> str:
    """Counts of a lane by state, zeros left out."""
    shown = [_value(s, gap).shown for s in facts.schools]
    counts = [(state, shown.count(state)) for state in ("met", "below", "unmet")]
    missing = shown.count("missing") + shown.count("not_collected")
    return "  ".join(f"{words.symbol(state)}{n}" for state, n in [*counts, ("missing", missing)] if n)


def _beyond(facts: PageFacts, gap: Gap, row: int, cap: float, words: Words) -> dict[str, Any] | None:
    n = sum((_value(s, gap).ratio or 0.0) >= cap for s in facts.schools)
    if not n:
        return None
    text = words("fig2.beyond", cap=numbers.percent(cap), n=n)
    return beside(text, row, yshift=-17, font={"size": 12, "color": "#5B6470"})

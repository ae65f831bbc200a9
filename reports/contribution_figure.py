"""Figure 5: the schools that carry the widest gap, as bars to the side of the mean on which they stand."""

from __future__ import annotations

from typing import Any

from reports import numbers
from reports.contributions import Contribution, Share
from reports.figure_text import figure_text
from reports.figures import INK, NAVY, RUST, Figure, above, base_layout, column, text_width, ticks_to, x_axis, y_axis
from reports.words import Words

ROW, ROW_NARROW = 30, 46
SMALL = 0.01
"""Shares below it are told with a decimal."""

LONGEST = 22
"""Characters of a school's name beside the plot; the table has the whole name."""


def contribution_figure(contribution: Contribution, words: Words) -> Figure:
    """Bars left for schools under the mean, right for those over it; the last row gathers the others, both ways."""
    rows = _rows(contribution, words)
    reach = 1.12 * max(max(-low, high) for _, low, high, _, _ in rows)
    labels = [label for label, *_ in rows]
    texts = [text for *_, text, _ in rows]
    colors = [INK] * len(rows)
    data: list[dict[str, Any]] = [
        _bars([(i, low, hover) for i, (_, low, _, _, hover) in enumerate(rows) if low], RUST),
        _bars([(i, high, hover) for i, (_, _, high, _, hover) in enumerate(rows) if high], NAVY),
    ]
    axes = []
    for most in (5, 3):
        ticks, _ = ticks_to(reach, most)
        both = sorted({-t for t in ticks if t} | set(ticks))
        step = ticks[1] if len(ticks) > 1 else reach
        decimals = 0 if round(step * 100, 6) == round(step * 100) else 1
        axes.append(x_axis(words("fig5.axis"), reach, -reach, both, [numbers.percent(abs(t), decimals) for t in both]))
    right = max(text_width(t) for t in texts) + 22
    zero = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": INK, "width": 1.5}}
    wide = base_layout(words, 84 + ROW * len(rows), r=right, t=14) | {
        "xaxis": axes[0], "yaxis": y_axis(len(rows), labels), "shapes": [zero], "annotations": column(texts, colors),
        "bargap": 0.35, "barmode": "overlay",
    }  # fmt: skip
    narrow = base_layout(words, 84 + ROW_NARROW * len(rows), l=4, r=6, t=24) | {
        "xaxis": axes[1], "yaxis": y_axis(len(rows), None) | {"range": [len(rows) - 0.6, -0.7]}, "shapes": [zero],
        "annotations": above(labels, texts, colors, 15), "bargap": 0.7, "barmode": "overlay",
    }  # fmt: skip
    return Figure("fig5", data, wide, {"layout": narrow}, 0.8)


def _rows(contribution: Contribution, words: Words) -> list[tuple[str, float, float, str, str]]:
    """(label, part to the left, part to the right, text at the side, hover) of each bar."""
    rows = [
        (figure_text(clipped(s.school.name)), -s.share if s.is_low else 0.0, 0.0 if s.is_low else s.share, _beside(contribution, s), _hover(contribution, s, words))
        for s in contribution.top
    ]  # fmt: skip
    others = len(contribution.shares) - len(rows)
    if others:
        low, high = contribution.rest(is_low=True), contribution.rest(is_low=False)
        label, share = words("fig5.rest", n=others), numbers.percent(low + high)
        rows.append((label, -low, high, share, f"{label}<br>{share}"))
    return [(a, round(b, 5), round(c, 5), d, e) for a, b, c, d, e in rows]


def _bars(bars: list[tuple[int, float, str]], color: str) -> dict[str, Any]:
    return {
        "type": "bar", "orientation": "h", "x": [x for _, x, _ in bars], "y": [row for row, *_ in bars],
        "marker": {"color": color, "opacity": 1}, "text": [text for *_, text in bars], "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def _beside(contribution: Contribution, share: Share) -> str:
    return f"{numbers.percent(share.share, int(share.share < SMALL))}　{numbers.fixed(share.value, contribution.gap.indicator.decimals)}"


def _hover(contribution: Contribution, share: Share, words: Words) -> str:
    return words(
        "fig5.hover", name=figure_text(share.school.name), share=numbers.percent(share.share, 1),
        value=numbers.fixed(share.value, contribution.gap.indicator.decimals), pupils=numbers.whole(share.school.pupils),
    )  # fmt: skip


def clipped(name: str) -> str:
    """A name short enough to stand beside a plot."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"

"""Figures: valid for Plotly, the same numbers in both languages, each with words and a table; marks that do not collide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reports.figures import TRACE_TYPES, ticks_to
from reports.gap_figure import gap_figure
from reports.school_figure import school_figure
from reports.swarm import schools_a_mark, stacks, swarm
from reports.words import Words
from tests.reports.conftest import Site
from tests.reports.pages import Page


def all_pages(*sites: Site) -> list[tuple[Path, Page]]:
    return [(f, Page.of(f.read_text(encoding="utf-8"))) for site in sites for f in site.county_files]


def test_every_figure_is_valid_and_uses_only_listed_traces(shipped: Site, foreign: Site) -> None:
    import plotly.graph_objects as go

    checked = 0
    for _, page in all_pages(shipped, foreign):
        for figure in page.json.values():
            go.Figure(data=figure["data"], layout=figure["layout"])
            go.Figure(layout=figure["narrow"]["layout"])
            assert {trace["type"] for trace in figure["data"]} <= TRACE_TYPES
            assert "template" not in figure["layout"]
            checked += 1
    assert checked > 10


def test_every_figure_has_words_a_caption_a_key_and_a_table(shipped: Site, foreign: Site) -> None:
    for file, page in all_pages(shipped, foreign):
        plots = page.all("div", role="img")
        assert len(plots) == len(page.json) == len(page.all("figure")) == len(page.all("figcaption"))
        for plot in plots:
            assert len(plot["aria-label"]) > 40, file
        assert len(page.all("ul", **{"class": "fig-key"})) == len(plots)
        assert ("gaps-table" in page.ids) >= ("fig1" in page.ids) and ("schools-table" in page.ids) >= (
            "fig2" in page.ids
        )


def numbers_of(figure: Any) -> Any:
    """A figure's numbers without its words."""
    traces = [
        [t.get("x"), t.get("y"), t.get("marker", {}).get("size"), t.get("marker", {}).get("symbol")]
        for t in figure["data"]
    ]
    return (
        traces,
        figure["layout"]["height"],
        [[s["x0"], s["x1"]] for s in figure["layout"]["shapes"]],
        figure["narrow"].get("data"),
    )


def test_both_languages_draw_the_same_numbers(shipped: Site, foreign: Site) -> None:
    for site in (shipped, foreign):
        for facts in site.pages.values():
            for make in (gap_figure, lambda f, w: getattr(school_figure(f, w), "figure", None)):
                zh, en = (make(facts, Words(language)) for language in ("zh", "en"))
                assert (zh is None) == (en is None)
                if zh is not None and en is not None:
                    a, b = (numbers_of(figure.as_json()) for figure in (zh, en))
                    assert json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def test_every_counted_school_with_a_value_is_a_mark(shipped: Site) -> None:
    facts = next(f for f in shipped.pages.values() if f.counts.counted == 190)
    made = school_figure(facts, Words("zh"))
    assert made is not None and made.a_mark == 1 and not made.is_area
    who = made.figure.who
    marks = [made.figure.data[int(number)] for number in who]
    assert sum(len(t["x"]) for t in marks) == sum(v.ratio is not None for s in facts.schools for v in s.values)
    for number, schools in who.items():
        trace = made.figure.data[int(number)]
        assert len(schools) == len(trace["x"])
        for school, x, lane in zip(schools, trace["x"], trace["y"], strict=True):
            ratio = facts.schools[school].values[round(lane)].ratio
            assert ratio is not None and abs(min(ratio, made.cap) - min(x, made.cap)) < 1e-3


def test_with_very_many_schools_a_mark_stands_for_several_and_the_page_says_so(shipped: Site) -> None:
    facts = next(f for f in shipped.pages.values() if f.counts.counted == 230)
    made = school_figure(facts, Words("en"))
    assert made is not None and made.a_mark > 1
    stage = facts.stage.id
    assert (
        f"stands for up to {made.a_mark}"
        in Page.of(shipped.html(f"en/county/99/{facts.county.code}-{stage}.html")).text
    )


def test_marks_never_overlap_and_places_do_not_depend_on_chance() -> None:
    x = [(i * 37 % 101) * 1.7 for i in range(80)]
    sizes = [8.0 + i % 13 for i in range(80)]
    lane = swarm(x, sizes)
    assert lane == swarm(x, sizes)
    points = list(zip(x, lane.offsets, sizes, strict=True))
    for i, (x1, y1, d1) in enumerate(points):
        for x2, y2, d2 in points[:i]:
            assert ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5 >= (d1 + d2) / 2 - 1e-3


def test_piles_hold_every_school_once() -> None:
    steps = [(i % 3, "met" if i % 2 else "unmet") for i in range(100)]
    k = schools_a_mark(steps, 8)
    marks = stacks(steps, ("met", "unmet"), k, 7.0)
    assert sum(m.schools for m in marks) == 100
    assert max(sum(m.step == s for m in marks) for s in range(3)) <= 8


@pytest.mark.parametrize("top", [0.65, 0.7, 1.2, 2.8, 13.0, 450.0])
def test_tick_texts_say_exactly_where_the_ticks_are(top: float) -> None:
    values, texts = ticks_to(top, 10)
    assert [float(t.replace(",", "")) for t in texts] == values and values[-1] <= top
    assert 3 <= len(values) <= 10

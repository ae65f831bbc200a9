"""An axis ends where this year's values and the limit need it; what lies beyond is said at the edge, never dropped."""

from __future__ import annotations

from dataclasses import replace

from reports.axis_end import axis_end, edge_top
from reports.county_figures import figure_one
from reports.gap_figure import gap_figure
from reports.words import LANGUAGES, Words
from tests.reports.conftest import Site


def test_one_far_value_does_not_set_the_end() -> None:
    assert axis_end([0.3, 0.4, 0.8, 7.25], 0.5) == 0.8
    assert axis_end([0.3, 0.4, 7.25], 0.5) == 0.5


def test_values_that_stand_together_are_all_inside_however_large() -> None:
    assert axis_end([4.0, 5.0, 6.0], 0.5) == 6.0
    assert axis_end([1.2, 1.4, 1.5], 0.5) == 1.5


def test_without_limit_the_median_decides_and_zeros_hide_nothing() -> None:
    assert axis_end([0.2, 0.3, 9.0], None) == 0.3
    assert axis_end([0.0, 0.0, 0.4], None) == 0.4
    assert axis_end([], 0.5) == 0.5 and axis_end([], None) == 0.0


def test_several_values_at_one_place_are_counted() -> None:
    assert edge_top([], 0.5, x=0) == []
    (made,) = edge_top([7.25, 3.0, 2.0], 0.5, x=0)
    assert made["text"] == "↑ 7.250 (+2)"


def test_a_county_gap_of_last_year_beyond_the_figure_is_written_at_its_edge(shipped: Site) -> None:
    facts = next(f for f in shipped.pages.values() if f.limit is not None and any(g.last is not None for g in f.gaps))
    far = next(g for g in facts.gaps if g.last is not None and g.is_shown)
    slip = replace(facts, gaps=tuple(replace(g, last=7.2514) if g is far else g for g in facts.gaps))
    for language in LANGUAGES:
        words = Words(language)
        made = gap_figure(slip, words)
        assert made is not None and made.beyond == 1 and made.layout["xaxis"]["range"][1] < 3
        for layout in (made.layout, made.narrow["layout"]):
            assert sum("7.251 →" in n["text"] for n in layout["annotations"]) == 1
        shown = figure_one(slip, shipped.catalogue, words)
        assert shown is not None and words("fig.beyond", n=1) in shown["caption"]
    kept = gap_figure(facts, Words("zh"))
    assert kept is not None and kept.beyond == 0

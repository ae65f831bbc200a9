"""County pages: the finding is true, every variant is said, and all numbers of a page are those of its facts."""

from __future__ import annotations

import re

import pytest

from reports.county_page import county_context
from reports.county_tables import gap_table
from reports.facts import PageFacts
from reports.headline import title
from reports.notices import notices
from reports.words import LANGUAGES, Language, Words
from tests.reports.conftest import Site
from tests.reports.pages import Page, digits

SITES = ("shipped", "foreign")
FIRST, SECOND = 0, 1


def page(site: Site, county: str, stage: int) -> PageFacts:
    return site.pages[county, site.catalogue.judged_stages[stage].id]


def codes(site: Site, facts: PageFacts) -> set[str]:
    return {notice.code for notice in notices(facts, site.catalogue)}


def test_the_headline_counts_what_the_table_counts(shipped: Site) -> None:
    for facts in shipped.pages.values():
        if not facts.of("unmet"):
            continue
        over, n = len(facts.of("unmet")), len(facts.gaps)
        rows = gap_table(facts, Words("en")).rows
        assert sum(row.state == "unmet" for row in rows) == over
        assert f"{over} of {n} gap" in title(facts, Words("en"))
        assert f"{n} 项差异系数中 {over} 项超过上限" in title(facts, Words("zh"))


def test_a_county_over_the_limit_names_its_gaps_with_numbers(shipped: Site) -> None:
    facts = page(shipped, "990101", FIRST)
    context = county_context(facts, shipped.catalogue, Words("zh"))
    assert facts.of("unmet")
    for gap in facts.of("unmet"):
        assert gap.cv is not None and gap.limit is not None and gap.cv > gap.limit
        assert f"{Words('zh').short(gap.indicator)}（{gap.cv:.3f}）" in context["lead"]


def test_a_county_within_all_limits_says_all(shipped: Site) -> None:
    facts = page(shipped, "990102", FIRST)
    assert {g.verdict for g in facts.gaps} == {"met"}
    assert "全部不超过上限" in title(facts, Words("zh")) and "all 7 gap" in title(facts, Words("en"))


def test_one_school_is_not_compared(shipped: Site) -> None:
    facts = page(shipped, "990102", SECOND)
    assert "不可比" in title(facts, Words("zh")) and "1 school only" in title(facts, Words("en"))
    assert "W1" in codes(shipped, facts)
    context = county_context(facts, shipped.catalogue, Words("zh"))
    assert context["fig1"] is None and context["fig2"] is None
    assert all(row.cells[1].text == "—" for row in context["gaps"].rows), "a gap of 0 is not shown as a result"


def test_a_county_without_a_return_is_not_judged(shipped: Site) -> None:
    facts = page(shipped, "990202", FIRST)
    assert "没有可用的报表" in title(facts, Words("zh"))
    assert codes(shipped, facts) == {"W3.none"}
    context = county_context(facts, shipped.catalogue, Words("en"))
    assert context["gaps"] is None and context["boxes"] == [] and context["schools"] is None


def test_a_lost_school_leaves_every_gap_undecided(shipped: Site) -> None:
    facts = page(shipped, "990101", SECOND)
    assert facts.counts.lost == 1 and {g.verdict for g in facts.gaps} == {"undecided"}
    assert "W3" in codes(shipped, facts)
    assert "暂不判定" in title(facts, Words("zh")) and "9 of 10" in title(facts, Words("en"))
    assert [unit.school_id for unit in facts.left_out if unit.kind == "lost"] == ["990101x9999"]


def test_missing_values_are_named_and_only_their_gap_is_undecided(shipped: Site) -> None:
    facts = page(shipped, "990101", FIRST)
    lacking = [g for g in facts.gaps if g.lacking]
    assert lacking and all(len(g.lacking) == 2 and g.verdict == "undecided" for g in lacking)
    assert {"W4", "W8", "W9"} <= codes(shipped, facts)
    assert facts.shown()["missing"] == 2 * len(lacking)


def test_a_catalogue_without_limits_states_the_largest_gap(foreign: Site) -> None:
    facts = next(f for f in foreign.pages.values() if f.counts.counted == 6)
    worst = facts.worst
    assert worst is not None and worst.limit is None and worst.cv == max(g.cv or 0 for g in facts.gaps)
    assert f"({worst.cv:.3f})" in title(facts, Words("en")) and "largest gap" in title(facts, Words("en"))
    context = county_context(facts, foreign.catalogue, Words("en"))
    assert context["fig2"] is None and "no limit" in context["lead"]
    assert "exceed" not in str(context["lead"]) and context["fig1"]["json"]["layout"]["shapes"] == []


def test_few_schools_and_a_dominant_one_are_flagged(foreign: Site) -> None:
    facts = next(f for f in foreign.pages.values() if f.counts.counted == 3)
    assert {"W2", "W13", "W4"} <= codes(foreign, facts)


@pytest.mark.parametrize("site_name", SITES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_tiles_and_labels_hold_only_numbers_of_the_facts(
    site_name: str, language: Language, request: pytest.FixtureRequest
) -> None:
    site: Site = request.getfixturevalue(site_name)
    for facts in site.pages.values():
        tiles = county_context(facts, site.catalogue, Words(language))["tiles"]
        verdicts, shown, found = facts.verdicts(), facts.shown(), facts.severities()
        assert len(tiles) <= 4
        by_title = {tile["title"]: tile for tile in tiles}
        words = Words(language)
        first = tiles[0]
        expected = verdicts["met"] if facts.has_limits else verdicts["measured"]
        assert digits(first["value"]) == [expected, len(facts.gaps)]
        schools = by_title[words("tile.schools")]
        assert digits(schools["value"]) == [facts.counts.counted, facts.counts.pupils]
        total, *parts = digits(schools["sub"])
        assert total == facts.counts.units == sum(parts)
        if tile := by_title.get(words("tile.findings")):
            assert digits(tile["value"]) == [sum(found.values())] == [sum(digits(tile["sub"]))]
        if facts.card is not None:
            c = facts.card.counts
            rule = by_title[words("tile.rule")]
            assert digits(rule["value"]) == [c["met"], len(facts.card.results)]
            spread = digits(rule["sub"])
            assert sum(spread[0::2]) == facts.counts.counted
        elif facts.has_levels:
            tile = by_title[words("tile.values")]
            assert digits(tile["value"]) == [shown["met"], sum(shown.values())]


def test_a_level_is_compared_unrounded_by_the_database(shipped: Site) -> None:
    for facts in shipped.pages.values():
        for value in (v for school in facts.schools for v in school.values if v.ratio is not None):
            assert (value.shown == "met") == (value.ratio >= 1 - 1e-9)


def test_last_year_is_shown_where_there_is_one(shipped: Site, foreign: Site) -> None:
    facts = page(shipped, "990102", FIRST)
    assert facts.previous == 2024 and all(g.last is not None for g in facts.gaps)
    assert all(f.previous is None for f in foreign.pages.values())


def test_every_gap_has_a_trace_box_that_its_table_links(shipped: Site) -> None:
    stage = shipped.catalogue.judged_stages[FIRST].id
    html = Page.of(shipped.html(f"zh/county/99/990101-{stage}.html"))
    for gap in page(shipped, "990101", FIRST).gaps:
        assert gap.trace_id in html.ids and f"#{gap.trace_id}" in html.links


def test_tables_say_states_in_words_and_symbols_not_by_colour_alone(shipped: Site) -> None:
    for file in shipped.county_files[:6]:
        for cell in re.findall(
            r"<td[^>]*class=\"[^\"]*s-(?:unmet|below|missing)[^>]*>(.*?)</td>", file.read_text(encoding="utf-8")
        ):
            assert 'class="sym"' in cell and ('class="vh"' in cell or re.search(r"</span> ?\S", cell)), cell


def test_other_standards_say_that_single_gaps_have_no_limit(shipped: Site) -> None:
    facts = page(shipped, "990102", FIRST)
    others = county_context(facts, shipped.catalogue, Words("zh"))["others"]
    assert len(others) == 1 and "不限制单项差异系数" in others[0]["text"]
    assert all(gap.limit is None for _, gaps in facts.others for gap in gaps)

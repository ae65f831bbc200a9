"""The school rule, items, the past, the place in the province and who makes a gap: true to the tables, said in words."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from pipeline.schema.load import load_catalogue
from pipeline.schema.model import Catalogue, DivisionChange
from reports.county_figures import figure_five, figure_one
from reports.county_page import county_context
from reports.facts import PageFacts
from reports.gather import page_facts
from reports.headline import rule_sentence, title
from reports.history_figure import segments
from reports.item_table import item_table
from reports.past import breaks_of
from reports.reasons import item_text, reason
from reports.release import read_release
from reports.scorecard import ItemValue, Result
from reports.standing_figure import standing_figure
from reports.words import LANGUAGES, Words
from tests.oracles import weighted_cv
from tests.reports.conftest import Site
from tests.reports.pages import Page, digits
from tests.reports.release_maker import Maker, Place, even, uneven, with_counties

ZH, EN = Words("zh"), Words("en")


def first_page(site: Site, county: str = "990101") -> PageFacts:
    return site.pages[county, site.catalogue.judged_stages[0].id]


def page_of(catalogue: Catalogue, folder: Path, place: Place) -> PageFacts:
    """The facts of a made county under a catalogue."""
    maker = Maker(with_counties(catalogue, [place.county]))
    maker.year(2025, [place]).submission(2025, place.county)
    release = read_release(maker.write(folder), maker.catalogue)
    return page_facts(release, maker.catalogue, release.counties[0], maker.catalogue.stages[place.stage])


# --- the school rule and its reasons ----------------------------------------------------------------------------------


def rooms(site: Site, value: float | None, shown: str) -> ItemValue:
    """The item whose level is 4.5 and whose floor is 3.825 in the first stage."""
    facts = first_page(site)
    assert facts.card is not None
    items = (i for r in facts.card.results for i in r.items if i is not None)
    item = next(i for i in items if i.level == 4.5 and i.floor == 3.825)
    return dataclasses.replace(item, value=value, shown=shown)


def test_a_reason_names_the_value_and_the_bound_it_fails(shipped: Site) -> None:
    assert item_text(rooms(shipped, 2.2, "unmet"), ZH) == "教学用房 2.20 < 85% 底线 3.825"
    assert item_text(rooms(shipped, 2.2, "unmet"), EN) == "Teaching rooms 2.20 < 85% floor 3.825"
    assert item_text(rooms(shipped, 4.2, "below"), ZH) == "教学用房 4.20 < 4.5"


def test_a_value_never_looks_equal_to_the_bound_that_it_fails(shipped: Site) -> None:
    assert item_text(rooms(shipped, 4.4996, "below"), ZH) == "教学用房 4.4996 < 4.5"
    assert item_text(rooms(shipped, 3.82499, "unmet"), ZH).startswith("教学用房 3.82 <")


def result(items: list[ItemValue], *, meets: bool | None) -> Result:
    met, missing = sum(i.shown == "met" for i in items), sum(i.is_missing for i in items)
    return Result("x", "某校", 100.0, len(items), met, missing, None, None, None, False, meets, tuple(items))


def test_each_way_to_a_result_has_its_reason(shipped: Site) -> None:
    card = first_page(shipped).card
    assert card is not None and card.rule.max_unmet == 1
    good, low, bad = rooms(shipped, 5.0, "met"), rooms(shipped, 4.2, "below"), rooms(shipped, 2.2, "unmet")
    lost = rooms(shipped, None, "missing")
    said = {
        "全部达标": result([good] * 7, meets=True), "在允许之内": result([good] * 6 + [low], meets=True),
        "低于底线": result([good] * 6 + [bad], meets=False), "2 项未达标（至多 1 项）": result([good] * 5 + [low] * 2, meets=False),
        "可能改变结论": result([good] * 6 + [lost], meets=None), "适用 5 项，少于 7 项": result([good] * 5, meets=False),
    }  # fmt: skip
    for words, of in said.items():
        assert words in reason(of, card.rule, ZH), words
        assert reason(of, card.rule, EN) and not re.search("[\u4e00-\u9fff]", reason(of, card.rule, EN))


def test_every_school_that_is_not_up_to_the_rule_says_why(shipped: Site) -> None:
    for facts in shipped.pages.values():
        for card in facts.cards:
            for of in card.results:
                for language in LANGUAGES:
                    assert reason(of, card.rule, Words(language)), (card.standard.id, of.school_id)


def test_the_lead_counts_the_schools_as_the_table_does(shipped: Site) -> None:
    for facts in shipped.pages.values():
        if facts.card is None:
            continue
        context = county_context(facts, shipped.catalogue, ZH)
        states = [row.state for row in context["schools"].rows]
        counts = [len(states), states.count("met"), states.count("unmet"), states.count("undecided")]
        said = rule_sentence(facts.card, ZH)
        assert said in context["lead"]
        assert [float(n) for n in re.findall(r"(\d+) 所", said)[:4]] == counts
        spread = re.findall(r"(\d+) 所达 (\d+) 项", said.split("；")[-1])
        assert spread and all(int(n) == dict(facts.card.distribution)[int(k)] for n, k in spread)


# --- the items of a standard ------------------------------------------------------------------------------------------


def test_the_items_stand_school_by_school_the_lowest_score_first(shipped: Site) -> None:
    facts = first_page(shipped)
    card = next(c for c in facts.cards if c.has_scores)
    table = item_table(card, "x", ZH)
    assert len(table.rows) == facts.counts.counted and len(table.heads) == 20
    scores = [float(row.score_raw) for row in table.rows]
    assert scores == sorted(scores)
    for row, of in zip(table.rows, card.results, strict=True):
        symbols = [square.symbol for square in row.squares]
        assert symbols.count("✓") == of.met and symbols.count("缺") == of.missing
        assert all(square.value for square in row.squares if square.symbol in ("✕", "△"))
        assert of.score is not None or re.fullmatch(r"\d+–\d+", row.score)


def test_the_table_of_items_is_whole_without_end_tags(shipped: Site) -> None:
    stage = shipped.catalogue.judged_stages[0].id
    html = shipped.html(f"zh/county/99/990101-{stage}.html")
    table = re.search(r'<table id="items-.*?</table>', html, re.S)
    assert table is not None
    body = table.group(0).split("<tbody>")[1]
    assert {row.count("<td") for row in body.split("<tr>")[1:]} == {20 + 3}


def test_a_standard_of_ones_own_appears_with_its_items(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    ours = catalogue.standards[catalogue.about.default_standard]
    own = ours.model_copy(update={"id": "own-1", "gap": None, "items": ours.items[:3], "measures": ()})
    assert own.school_rule is not None
    own = own.model_copy(update={"school_rule": own.school_rule.model_copy(update={"min_applicable": 3})})
    changed = catalogue.model_copy(update={"standards": catalogue.standards | {own.id: own}})
    facts = page_of(changed, tmp_path, Place("990101", changed.judged_stages[0].id, 6, uneven))
    items = county_context(facts, changed, ZH)["items"]
    assert [item["id"] for item in items] == [c.standard.id for c in facts.cards if c.standard.id != ours.id]
    table = next(item["table"] for item in items if item["id"] == own.id)
    assert len(table.heads) == 3 and not table.has_scores


# --- gaps: what missing values leave, what whole units allow, composites ----------------------------------------------


def test_a_gap_with_missing_values_shows_its_range(shipped: Site) -> None:
    facts = first_page(shipped)
    gap = next(g for g in facts.gaps if g.is_open)
    figure = figure_one(facts, shipped.catalogue, ZH)
    assert figure is not None
    assert any(f"在 {gap.low:.3f} 至 {gap.high:.3f} 之间" in note and "暂不判定" in note for note in figure["notes"])
    ranges = [t for t in figure["json"]["data"] if t.get("mode") == "lines+markers"]
    assert ranges and ranges[0]["x"][:2] == [round(gap.low or 0, 4), round(gap.high or 0, 4)]


def test_where_whole_units_cannot_do_better_the_page_says_that_no_rotation_can(shipped: Site) -> None:
    facts = first_page(shipped)
    gap = next(g for g in facts.gaps if g.least is not None)
    assert gap.is_out_of_reach
    for words, said in ((ZH, "任何轮岗都不能达标"), (EN, "no rotation can meet the rule")):
        figure = figure_one(facts, shipped.catalogue, words)
        assert figure is not None and any(said in note and "0.52" in note for note in figure["notes"])
    reachable = dataclasses.replace(gap, least=0.49)
    other = dataclasses.replace(facts, gaps=tuple(reachable if g is gap else g for g in facts.gaps))
    figure = figure_one(other, shipped.catalogue, ZH)
    assert figure is not None and not any("轮岗" in note for note in figure["notes"])


def test_composites_are_set_apart_one_with_its_limit_one_without(shipped: Site) -> None:
    facts = first_page(shipped, "990102")
    context = county_context(facts, shipped.catalogue, ZH)
    row = context["gaps"].rows[-1]
    assert row.is_apart and "无上限" in row.cells[3].word
    other = context["others"][0]["table"].rows[-1]
    limited = next(c for c in facts.composites if c.limit is not None)
    assert other.is_apart and other.cells[2].text == f"{limited.limit:.2f}" and other.state == "met"


def test_a_page_of_a_standard_that_limits_the_composite_says_so_first(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    limited = next(s for s in catalogue.standards.values() if s.gap and s.gap.composite_limits)
    about = catalogue.about.model_copy(update={"default_standard": limited.id})
    stage = catalogue.judged_stages[0].id
    facts = page_of(catalogue.model_copy(update={"about": about}), tmp_path, Place("990101", stage, 8, even))
    composite = facts.composite
    assert composite is not None and composite.verdict == "met"
    assert f"综合值 {composite.value:.3f} 不超过上限 0.65" in title(facts, ZH)
    context = county_context(facts, catalogue, EN)
    assert (
        digits(context["tiles"][0]["value"]) == [round(composite.value or 0, 3)]
        and "sets no limit" not in context["lead"]
    )


# --- the past ---------------------------------------------------------------------------------------------------------


def test_the_past_breaks_where_a_county_was_split_or_merged(shipped: Site) -> None:
    facts = first_page(shipped)
    assert facts.past.years == (2024, 2025) and facts.past.has_points
    line = facts.past.lines[0]
    assert segments(facts.past, line)[0] == [2024, 2025]
    broken = dataclasses.replace(facts.past, breaks=(2025,))
    assert segments(broken, line)[0] == [2024, None, 2025]
    change = DivisionChange(year=2025, kind="merge", old_code="990109", new_code="990101")
    renamed = change.model_copy(update={"kind": "rename", "new_code": "990102"})
    changed = shipped.catalogue.model_copy(update={"division_changes": (change, renamed)})
    for code, years in (("990101", (2025,)), ("990109", (2025,)), ("990102", ()), ("990201", ())):
        assert breaks_of(changed, code, range(2020, 2026)) == years
    again = page_facts(shipped.release, changed, facts.county, facts.stage)
    assert again.previous is None and all(g.last is None for g in again.gaps), "last year is not shown beside this one"
    assert "不可直接比较" in str(county_context(again, changed, ZH)["notices"])


# --- the province -----------------------------------------------------------------------------------------------------


def test_the_place_is_that_of_the_ranking_and_every_county_is_a_mark(shipped: Site) -> None:
    for (code, _), facts in shipped.pages.items():
        standing = facts.standing
        assert standing is not None
        tile = (
            next(t for t in county_context(facts, shipped.catalogue, ZH)["tiles"] if "位次" in t["title"])
            if facts.has_come
            else None
        )
        if standing.rank_low is None:
            assert standing.value is None and (tile is None or "不排名" in tile["sub"])
            continue
        assert tile is not None and digits(tile["value"])[0] == standing.rank_low
        figure = standing_figure(standing, code, "本县", ZH)
        if figure is None:
            assert len(standing.peers) < 3
            continue
        marks = [t for t in figure.data if t["mode"] == "markers"]
        assert sum(len(t["x"]) for t in marks) == len(standing.peers) == standing.compared
        own = [t for t in marks if t["marker"]["symbol"] == "diamond"]
        assert len(own) == 1 and own[0]["x"] == [pytest.approx(standing.value, abs=1e-4)]


# --- who makes a gap --------------------------------------------------------------------------------------------------


def test_shares_of_a_gap_add_up_and_lie_on_their_side(shipped: Site) -> None:
    facts = first_page(shipped)
    for contribution in facts.contributions:
        assert sum(s.share for s in contribution.shares) == pytest.approx(1)
        named = sum(s.share for s in contribution.top)
        rest = contribution.rest(is_low=True) + contribution.rest(is_low=False)
        assert named + rest == pytest.approx(1)
        for share in contribution.shares:
            assert share.is_low == (share.value < (contribution.gap.mean or 0))


def test_the_coefficient_after_raising_schools_is_computed_with_a_new_mean(shipped: Site) -> None:
    contribution = first_page(shipped).contributions[0]
    assert contribution.if_raised is not None
    n, then = contribution.if_raised
    low = {s.school.school_id for s in contribution.top if s.level is not None and s.value < s.level}
    assert n == len(low)
    values = [s.level if s.school.school_id in low else s.value for s in contribution.shares]
    assert then == pytest.approx(weighted_cv(values, [s.school.pupils for s in contribution.shares]).cv)
    figure = figure_five(first_page(shipped), EN)
    assert figure is not None and f"{then:.3f}" in figure["notes"][0]


# --- the page ---------------------------------------------------------------------------------------------------------


def test_figures_are_numbered_in_the_order_in_which_they_stand(shipped: Site, foreign: Site) -> None:
    for site in (shipped, foreign):
        for file in site.county_files:
            html = file.read_text(encoding="utf-8")
            numbers = [int(n) for n in re.findall(r'<span class="no">\D+(\d+)</span>', html)]
            assert numbers == list(range(1, len(numbers) + 1)), file
            assert len(Page.of(html).all("div", role="img")) == len(numbers) <= 6


def test_of_many_findings_a_page_shows_the_gravest_and_says_where_the_others_are(shipped: Site) -> None:
    facts = first_page(shipped)
    many = dataclasses.replace(facts, findings=facts.findings[:1] * 300)
    table = county_context(many, shipped.catalogue, ZH)["findings"]
    assert len(table.rows) == 100 and "300 条" in table.caption and "工作簿" in table.caption

"""A county page tells whether the county meets each standard, item by item, in symbols, words and numbers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reports import numbers
from reports.verdict_facts import check_verdicts
from reports.verdict_part import verdict_parts
from reports.verdict_tables import item_table, shown
from reports.whole_facts import WholeFacts
from reports.words import LANGUAGES, Words
from tests.reports.conftest import Site
from tests.reports.pages import Page, digits
from tests.reports.verdict_maker import EXPIRES

ZH, EN = Words("zh"), Words("en")


def stage(site: Site) -> str:
    return site.catalogue.judged_stages[0].id


def whole(site: Site, county: str) -> WholeFacts:
    facts = site.pages[county, stage(site)].whole
    assert facts is not None
    return facts


def parts(site: Site, county: str, words: Words = ZH) -> list[dict]:  # type: ignore[type-arg]
    return verdict_parts(whole(site, county), site.catalogue, words)


def test_every_standard_with_demands_on_counties_is_told_that_of_the_pages_first(shipped: Site) -> None:
    asked = [s.id for s in shipped.catalogue.standards.values() if s.county_items]
    told = [part["id"] for part in parts(shipped, "990101")]
    assert sorted(told) == sorted(asked) and told[0] == shipped.catalogue.about.default_standard


def test_counts_of_the_sentence_are_those_of_the_list(shipped: Site) -> None:
    facts = whole(shipped, "990101")
    for one in facts.verdicts:
        deciding = [i for i in one.items if i["decides"]]
        said = next(p["text"] for p in verdict_parts(facts, shipped.catalogue, EN) if p["id"] == one.standard.id)
        states = [sum(i["verdict"] == s for i in deciding) for s in ("met", "unmet", "no_data", "not_applicable")]
        assert digits(said)[:5] == [len(deciding), *states]


def test_items_that_differ_from_what_the_county_declares_come_first_and_are_marked(shipped: Site) -> None:
    first = parts(shipped, "990101")[0]
    marked = [any("≠" in (c.symbol or "") for c in row.cells) for row in first["table"].rows]
    assert any(marked) and marked == sorted(marked, reverse=True)
    n = sum(marked)
    assert f"与县级申报不同的有 {n} 项" in first["text"] and "列在表首" in first["text"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_stands_as_symbol_and_word(shipped: Site, language: str) -> None:
    words = ZH if language == "zh" else EN
    table = parts(shipped, "990101", words)[0]["table"]
    states = {(row.state, row.cells[1].symbol, row.cells[1].word) for row in table.rows}
    wanted = {(s, words.symbol(s), words.state(s, "verdict")) for s in ("met", "unmet", "no_data", "not_applicable")}
    assert states == wanted and len({(symbol, word) for _, symbol, word in states}) == 4


def test_a_row_has_value_limit_reason_evidence_asked_and_given_clause_and_grade(shipped: Site) -> None:
    facts = whole(shipped, "990101")
    one = facts.verdicts[0]
    for item, row in zip(one.items, item_table(facts, one, ZH).rows, strict=True):
        texts = " ".join(f"{cell.text} {cell.badge}" for cell in row.cells)
        assert item["reason_zh"] in texts and f"第七条 · {item['grade']}" in texts
        if item["evidence_zh"]:
            assert f"应提供：{item['evidence_zh']}" in texts and (item["evidence_given"] or "已提供：无") in texts
        if item["value"] is not None:
            assert any(cell.raw == numbers.raw(item["value"]) for cell in row.cells)


def test_a_value_never_looks_equal_to_a_limit_that_it_is_not() -> None:
    assert shown(85.0, 85.0, "ratio") == "85"
    assert shown(84.999, 85.0, "ratio") == "84.999" and shown(84.99999, 85.0, "ratio") == "84.99999"
    assert shown(0.50004, 0.5, "gaps") == "0.50004" and shown(0.4, 0.5, "gaps") == "0.400"


def test_the_verdict_stands_without_and_with_relaxations_named_with_their_expiry(shipped: Site) -> None:
    facts = whole(shipped, "990101")
    first = parts(shipped, "990101")[0]
    row = facts.verdicts[0].row
    assert f"按有效的放宽口径：✕ 未达到（达到 {row['items_met_relaxed']} 项）" in first["text"]
    assert row["items_met_relaxed"] == row["items_met"] + 1
    turned = [r for r in first["table"].rows if EXPIRES in str(r.cells[2].badge)]
    assert len(turned) == 1 and turned[0].cells[1].state == "unmet" and turned[0].cells[2].state == "met"
    assert first["reliefs"] is not None
    states = [(r.cells[2].symbol, r.cells[2].word, r.cells[4].text) for r in first["reliefs"].rows]
    assert states == [("✓", "有效", EXPIRES), ("✕", "已到期", "2024-08-31")], "those that are needed first"
    assert "结论相同" in parts(shipped, "990102")[0]["text"], "without relaxations the page says so"


def test_a_county_that_sent_nothing_is_told_to_lack_data_never_to_meet(shipped: Site) -> None:
    for part in parts(shipped, "990202"):
        assert part["state"] == "no_data" and part["symbol"] == "缺"
        assert {row.state for row in part["table"].rows} == {"no_data"}


def test_both_stage_pages_carry_the_same_verdict_and_link_its_list(shipped: Site) -> None:
    for language in LANGUAGES:
        target = Page.of(shipped.html(f"{language}/verdict/99/990101.html"))
        found = []
        for one in shipped.catalogue.judged_stages:
            html = shipped.html(f"{language}/county/99/990101-{one.id}.html")
            section = re.search(r'<section id="verdict">.*?</section>', html, re.DOTALL)
            assert section is not None
            found.append(section.group(0))
            anchors = [link.partition("#")[2] for link in Page.of(html).links if "#verdict-of-" in link]
            assert len(anchors) == len(parts(shipped, "990101")) and set(anchors) <= set(target.ids)
        assert found[0] == found[1]


def test_tests_that_are_met_stand_in_the_workbook_only_and_are_counted(shipped: Site) -> None:
    facts = whole(shipped, "990101")
    one, table = facts.verdicts[0], parts(shipped, "990101")[0]["tests"]
    met = [t for t in one.tests if t["state"] in ("met", "not_applicable") and t["counts"]]
    assert len(table.rows) + len(met) == len(one.tests) and f"其余 {len(met)} 条" in table.caption
    assert any(EXPIRES in cell.badge for row in table.rows for cell in row.cells), "a test met by a relaxation is told"


def test_a_catalogue_that_asks_nothing_of_counties_has_no_verdict(foreign: Site) -> None:
    for file in foreign.county_files:
        assert 'id="verdict"' not in file.read_text(encoding="utf-8")


def test_counts_that_are_not_those_of_the_items_stop_the_page(shipped: Site) -> None:
    one = whole(shipped, "990101").verdicts[0]
    with pytest.raises(AssertionError):
        check_verdicts([replace(one, row=one.row | {"items_met": one.row["items_met"] + 1})])

"""What schools lack stands in sentences that count what the table lists, with amounts, states in words, and plans with their command."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from reports.ledger_facts import OPEN, WHOLE, Ledger, check_ledgers
from reports.ledger_tables import MOST, LedgerTable, ledger_table, progress_text, short
from reports.plans import plan_texts
from reports.whole_facts import WholeFacts, whole_facts
from reports.whole_page import title
from reports.words import LANGUAGES, Words
from tests.reports.conftest import Site
from tests.reports.pages import Page, digits

ZH, EN = Words("zh"), Words("en")


def whole(site: Site, code: str) -> WholeFacts:
    county = next(c for c in site.release.counties if c.code == code)
    return whole_facts(site.release, site.catalogue, county)


def table(site: Site, code: str, words: Words = ZH) -> tuple[Ledger, LedgerTable]:
    facts = whole(site, code)
    made = ledger_table(facts, facts.ledgers[0], site.catalogue, words)
    assert made is not None
    return facts.ledgers[0], made


def stage(site: Site) -> str:
    return site.catalogue.judged_stages[0].id


def test_the_sentence_counts_what_the_ledger_lists(shipped: Site) -> None:
    ledger = whole(shipped, "990101").ledgers[0]
    states = Counter(row["state"] for row in ledger.rows)
    text = progress_text(ledger.progress[WHOLE], EN)
    opened = sum(states[s] for s in OPEN)
    numbers = [opened, *(states[s] for s in ("new", "persisting", "unknown", "closed", "ended", "missing"))]
    found = digits(text[text.index("). ") + 3 :])
    assert found[:7] == numbers and "△ slow" in text and "target is 80% by 2027" in text


def test_a_county_that_lacks_nothing_says_so(shipped: Site) -> None:
    facts = whole(shipped, "990102")
    assert ledger_table(facts, facts.ledgers[0], shipped.catalogue, ZH) is None
    assert ZH("ledger.none") in shipped.html("zh/verdict/99/990102.html")


def test_every_state_has_a_mark_and_its_word_in_the_legend(shipped: Site) -> None:
    for words in (ZH, EN):
        ledger, made = table(shipped, "990101", words)
        assert len({mark for _, mark, _ in made.legend}) == len({row["state"] for row in ledger.rows}) == 6
        shown = " ".join(line for row in made.rows for square in row.squares for line in square.lines)
        assert all(mark in shown and word for _, mark, word in made.legend)


def test_amounts_of_the_table_are_those_of_the_rows_and_only_open_ones_are_shown(shipped: Site) -> None:
    ledger, made = table(shipped, "990101")
    lines = Counter(line for row in made.rows for square in row.squares for line in square.lines)
    for row in ledger.rows:
        mark = ZH(f"ledger.mark.{row['state']}")
        text = f"{mark} {short(row['shortfall'])}" if row["state"] in OPEN else mark
        assert any(text in line for line in lines) or row["change"] == "remove"
    assert sum(lines.values()) == len(ledger.rows)


def test_what_must_go_is_said_to_be_removed() -> None:
    from reports.ledger_tables import amount

    assert amount({"shortfall": 3.0, "change": "remove"}, EN) == "remove 3"
    assert amount({"shortfall": 3.0, "change": "add"}, EN) == "3"


def test_an_item_that_a_school_lacks_in_two_stages_names_them(shipped: Site) -> None:
    _, made = table(shipped, "990101")
    both = [square.lines for row in made.rows for square in row.squares if len(square.lines) > 1]
    labels = [s.label.zh for s in shipped.catalogue.judged_stages]
    assert both and all(any(line.startswith(label) for label in labels) for lines in both for line in lines)


def test_costs_are_added_where_known_and_are_never_0_where_not(shipped: Site) -> None:
    ledger, made = table(shipped, "990101")
    rows = {r.name: r for r in made.rows}
    for lacking in ledger.schools.values():
        costs = [r["cost_yuan"] for r in lacking if r["state"] in OPEN and r["cost_yuan"] is not None]
        assert digits(rows[lacking[0]["name"]].cost) == ([sum(costs)] if costs else [])


def test_schools_with_most_open_items_come_first_and_a_long_list_is_cut_with_word_of_it(shipped: Site) -> None:
    _, made = table(shipped, "990201")
    opened = [int(row.open) for row in made.rows]
    assert opened == sorted(opened, reverse=True) and len(opened) == MOST and "工作簿“台账”" in made.caption


@pytest.mark.parametrize(
    ("value", "shown"), [(33400.0000001, "33,400"), (2.5, "2.5"), (0.04, "0.04"), (11.0, "11"), (None, "—")]
)
def test_an_amount_is_short_and_never_looks_like_nothing(value: float | None, shown: str) -> None:
    assert short(value) == shown


def test_an_account_that_is_not_that_of_the_rows_stops_the_page(shipped: Site) -> None:
    ledger = whole(shipped, "990101").ledgers[0]
    wrong = ledger.progress | {WHOLE: ledger.progress[WHOLE] | {"shortfalls": 1}}
    with pytest.raises(AssertionError):
        check_ledgers([replace(ledger, progress=wrong)])


def test_pages_of_stages_link_the_page_of_the_whole_county_and_back(shipped: Site) -> None:
    for language in LANGUAGES:
        for one in shipped.catalogue.judged_stages:
            page = Page.of(shipped.html(f"{language}/county/99/990101-{one.id}.html"))
            assert any(link.endswith("/verdict/99/990101.html") for link in page.links)
        back = Page.of(shipped.html(f"{language}/verdict/99/990101.html")).links
        assert all(
            any(link.endswith(f"990101-{one.id}.html") for link in back) for one in shipped.catalogue.judged_stages
        )


def test_the_headline_of_the_whole_is_the_verdict_with_its_numbers(shipped: Site) -> None:
    for code in ("990101", "990102", "990202"):
        facts = whole(shipped, code)
        row = facts.verdicts[0].row
        k = {"unmet": row["items_unmet"], "no_data": row["items_missing"]}.get(row["verdict"])
        assert digits(title(facts, EN))[:2] == ([k, row["items"]] if k is not None else [row["items"], 2017])


# -- plans -------------------------------------------------------------------------------------------------------------


def plan(indicator: str, state: str, kind: str = "rotation_plan") -> dict[str, Any]:
    order = int(kind != "rotation_plan")
    return {
        "plan": kind, "plan_order": order, "indicator_id": indicator, "state": state, "reason_zh": f"{state}的理由", "reason_en": state,
    }  # fmt: skip


def test_gaps_over_their_limit_tell_their_plans_with_the_command(shipped: Site) -> None:
    facts = shipped.pages["990101", stage(shipped)]
    gap, within = facts.of("unmet")[0].indicator, facts.of("met")[0].indicator
    rows = (
        plan(gap.id, "donors"), plan(gap.id, "planned", "spending_plan"), plan(within.id, "planned"), plan(gap.id, "within_limit"),
    )  # fmt: skip
    (told,) = plan_texts(replace(facts, plans=rows), ZH)
    assert told["text"] == f"{ZH.short(gap)}：donors的理由；planned的理由。"
    assert told["command"] == f"junheng advise --county 990101 --indicator {gap.id} --stage {stage(shipped)}"


def test_a_gap_that_no_move_can_mend_says_why(shipped: Site) -> None:
    facts = shipped.pages["990101", stage(shipped)]
    gap = facts.of("unmet")[0].indicator
    (told,) = plan_texts(replace(facts, plans=(plan(gap.id, "whole_units"),)), EN)
    assert "whole_units" in told["text"]


def test_plans_of_the_release_stand_on_the_page_of_their_stage(shipped: Site) -> None:
    facts = shipped.pages["990101", stage(shipped)]
    told = plan_texts(facts, EN)
    assert len(told) == len(facts.of("unmet", "undecided")) > 0
    assert all("at the present total no rotation does" in one["text"] for one in told)
    for language in LANGUAGES:
        html = shipped.html(f"{language}/county/99/990101-{stage(shipped)}.html")
        assert all(one["command"] in html for one in told)
    other = shipped.catalogue.judged_stages[-1].id
    assert "junheng advise" not in shipped.html(f"zh/county/99/990101-{other}.html")


def test_a_stage_tells_its_own_progress(shipped: Site) -> None:
    html = shipped.html(f"zh/county/99/990101-{stage(shipped)}.html")
    found = re.search(r'<section id="lacking">.*?</section>', html, re.DOTALL)
    row = whole(shipped, "990101").ledgers[0].progress[stage(shipped)]
    assert found is not None and progress_text(row, ZH) in found.group(0)


def test_a_catalogue_without_demands_has_no_page_of_the_whole(foreign: Site) -> None:
    assert not [f for f in foreign.files if "verdict" in f.parts]
    assert 'id="lacking"' not in "".join(f.read_text(encoding="utf-8") for f in foreign.county_files)

"""Counties alike, groups and what explains a gap: what a county page tells is what the tables hold, in both languages."""

from __future__ import annotations

import dataclasses
import math

import duckdb
import pytest

from reports.around import EMPTY
from reports.around_tables import MOST_CLASSES, apart, around, inside, peers
from reports.facts import PageFacts
from reports.words import LANGUAGES, Words
from tests.reports.conftest import Site
from tests.reports.pages import Page, digits

ZH, EN = Words("zh"), Words("en")


def first_page(site: Site, county: str = "990101") -> PageFacts:
    return site.pages[county, site.catalogue.judged_stages[0].id]


def test_the_place_among_peers_is_counted_over_those_that_compare(shipped: Site) -> None:
    facts = first_page(shipped)
    made = peers(facts, EN)
    assert made is not None and facts.around.among is not None
    table, among = made["table"], facts.around.among
    values = [float(row.cells[2].raw) for row in table.rows if row.cells[2].raw]
    assert len(values) == among["peers_compared"] < len(table.rows), "a peer without a value is listed and not compared"
    assert among["place"] == 1 + sum(v < among["value"] for v in values)
    assert {float(among["place"]), float(len(values))} <= set(digits(made["lead"]))
    assert [row.cells[0].text for row in table.rows] == [str(n + 1) for n in range(len(table.rows))]
    assert all(row.cells[1].href.endswith(f"{row.code}-{facts.stage.id}.html") for row in table.rows)


def test_a_county_without_a_value_lists_its_peers_and_says_why_it_is_not_placed(shipped: Site) -> None:
    made = peers(first_page(shipped, "990202"), ZH)
    assert made is not None and made["lead"].startswith("望榆县没有可以比较的数值") and len(made["table"].rows) == 3


def test_the_gap_of_lead_and_members_that_is_told_is_the_widest_of_all(shipped: Site) -> None:
    facts = first_page(shipped)
    made = inside(facts, shipped.catalogue, ZH)
    assert made is not None
    with duckdb.connect(str(shipped.database), read_only=True) as connection:
        wanted = connection.execute(
            "select group_name, lead_value, members_mean, ratio from group_gap where county_code = ? and stage = ? and standard_id = ? "
            "and lead_state = 'ok'", [facts.county.code, facts.stage.id, facts.standard.id],
        ).fetchall()  # fmt: skip
    name, lead, members, _ = max(wanted, key=lambda row: abs(math.log(row[3])))
    assert f"最多的是{name}的" in made["lead"] and f"牵头 {lead:.2f}，成员平均 {members:.2f}" in made["lead"]
    rows = made["leads"].rows
    ratios = [abs(math.log(float(row.cells[5].raw))) for row in rows if row.cells[5].raw.replace(".", "").isdigit()]
    assert ratios == sorted(ratios, reverse=True) and len(ratios) == len(wanted)


def test_a_group_of_one_school_is_not_comparable_and_a_silent_kind_is_unknown_not_none(shipped: Site) -> None:
    facts = first_page(shipped)
    made = inside(facts, shipped.catalogue, ZH)
    assert made is not None
    alone = [row for row in made["gaps"].rows if row.cells[2].text == "1"]
    assert alone and all(cell.symbol == "⊘" and cell.word for cell in alone[0].cells[3:])
    row = dict(facts.around.coverage[0], kind="group", groups=None, state="not_reported")
    silent = dataclasses.replace(facts, around=dataclasses.replace(facts.around, coverage=(row,)))
    told = inside(silent, shipped.catalogue, ZH)
    assert told is not None and "情况不明，不是没有" in told["lead"]


def test_shares_of_classes_add_up_to_the_gap_and_one_class_explains_nothing(shipped: Site) -> None:
    facts = first_page(shipped)
    made = apart(facts, shipped.catalogue, EN)
    assert made is not None and facts.worst is not None
    classes = [row for row in made["classes"].rows if row.group == "urban_rural"]
    assert 1 < len(classes) <= MOST_CLASSES
    assert sum(float(row.cells[7].raw) for row in classes) == pytest.approx(1)
    between = sum(float(row.cells[8].raw) for row in classes)
    worst = next(row for row in made["table"].rows if row.trace == facts.worst.trace_id)
    assert float(worst.cells[2].raw) == pytest.approx(between) and worst.cells[3].text == "—"
    assert f"by city, town and rural, {round(100 * between)}% lies between" in made["lead"]
    assert "public and private there is one class only" in made["lead"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_hold_the_same_numbers(language: str, shipped: Site) -> None:
    words = Words("zh" if language == "zh" else "en")
    for facts in shipped.pages.values():
        mine, other = (around(facts, shipped.catalogue, w) for w in (words, Words(words.other())))
        for name in mine:
            assert (mine[name] is None) == (other[name] is None)
            for part in ("table", "gaps", "leads", "classes"):
                a, b = (of[name].get(part) if of[name] else None for of in (mine, other))
                if a and b:
                    assert [[c.raw for c in r.cells if c.text.replace(".", "").isdigit()] for r in a.rows] == [
                        [c.raw for c in r.cells if c.text.replace(".", "").isdigit()] for r in b.rows
                    ]


def test_a_release_that_tells_nothing_has_pages_without_these_sections(shipped: Site, foreign: Site) -> None:
    facts = dataclasses.replace(first_page(shipped), around=EMPTY)
    assert not any(around(facts, shipped.catalogue, ZH).values())
    for file in foreign.county_files:
        assert not {"peers", "inside", "apart"} & set(Page.of(file.read_text(encoding="utf-8")).ids)


def test_a_page_with_many_schools_says_less_and_points_to_the_workbook(shipped: Site) -> None:
    made = inside(first_page(shipped, "990201"), shipped.catalogue, ZH)
    assert made is not None and made["leads"] is None and made["gaps"] is not None and "工作簿" in made["lead"]

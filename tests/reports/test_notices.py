"""The box above the numbers: every notice can be said in both languages with what its maker yields."""

from __future__ import annotations

import dataclasses

import pytest

from reports.county_page import county_context
from reports.facts import NEAR_LIMIT, PageFacts
from reports.headline import notice_text
from reports.notices import Notice, notices
from reports.phrases_notices import NOTICES
from reports.words import LANGUAGES, Language, Words
from tests.reports.conftest import Site


def near_the_limit(site: Site) -> PageFacts:
    """A page whose first gap lies just within its limit."""
    facts = site.pages["990102", site.catalogue.judged_stages[0].id]
    first = facts.gaps[0]
    assert first.limit is not None
    gap = dataclasses.replace(first, cv=first.limit - NEAR_LIMIT / 2)
    return dataclasses.replace(facts, gaps=(gap, *facts.gaps[1:]))


def variants(site: Site) -> list[PageFacts]:
    """The pages of the site, and made ones for notices that none of them has."""
    near = near_the_limit(site)
    first = near.schools[0]
    large = dataclasses.replace(first, pupils=near.counts.pupils)
    nothing = [dataclasses.replace(near.gaps[0], verdict="zero", schools=n) for n in (0, 5)]
    low = dataclasses.replace(near.gaps[0], mean_is_up=False)
    rule = next(rule for rule in site.catalogue.rules.values() if rule.step == 3)
    doubted = {"severity": "warning", "rule_id": rule.id, "name": "第1学校", "school_id": "x", "sheet": ""}
    broken = dataclasses.replace(near.past, breaks=(near.year,))
    return [
        dataclasses.replace(near, findings=(doubted,)),
        dataclasses.replace(near, past=broken),
        dataclasses.replace(near, new_levels=(near.gaps[0].indicator,)),
        *site.pages.values(),
        near,
        dataclasses.replace(near, schools=(large, *near.schools[1:])),
        dataclasses.replace(near, counts=dataclasses.replace(near.counts, counted=3)),
        *(dataclasses.replace(near, gaps=(gap, *near.gaps[1:])) for gap in [*nothing, low]),
    ]


def test_every_notice_is_said_with_what_its_maker_yields(shipped: Site) -> None:
    made: dict[str, Notice] = {}
    for facts in variants(shipped):
        made |= {notice.code: notice for notice in notices(facts, shipped.catalogue)}
    parts = {"notices", "W8.reason", "W9.weight"}
    assert set(made) == {key for key in NOTICES if not key.endswith(".text")} - parts
    for notice in made.values():
        for language in LANGUAGES:
            said = notice_text(notice, Words(language))
            assert said["title"] and said["text"] and "{" not in said["title"] + said["text"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_gap_close_to_its_limit_is_named_with_one_more_digit(shipped: Site, language: Language) -> None:
    facts, words = near_the_limit(shipped), Words(language)
    county_context(facts, shipped.catalogue, words)
    notice = next(n for n in notices(facts, shipped.catalogue) if n.code == "W7")
    cv = facts.gaps[0].cv
    assert cv is not None
    assert f"{cv:.4f}" in notice_text(notice, words)["text"]
    assert words.short(facts.gaps[0].indicator) in notice_text(notice, words)["text"]

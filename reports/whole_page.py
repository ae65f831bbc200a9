"""The maker of the page of a whole county: the verdict item by item, and what its schools lack."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pipeline.schema.model import Catalogue
from reports.county_pages import page_path
from reports.ledger_facts import WHOLE, Ledger
from reports.ledger_tables import ledger_table, progress_text, share_text, stage_table
from reports.paths import overview_path, whole_path
from reports.render import Page, Source
from reports.verdict_part import verdict_parts
from reports.whole_facts import WholeFacts, whole_facts
from reports.words import Words


def whole_pages(source: Source) -> Iterator[Page]:
    """A page a county of which there is a verdict or a ledger. Raises AssertionError when counts do not add up."""
    for county in source.release.counties:
        facts = whole_facts(source.release, source.catalogue, county)
        if facts.has_page:
            yield Page(
                whole_path(county),
                "whole.html.j2",
                partial(whole_context, facts, source.catalogue),
                county.is_fictional,
            )


def whole_context(facts: WholeFacts, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    """What ``whole.html.j2`` shows, in one language."""
    county = facts.county
    crumbs = [
        (words.place(place), path)
        for place, path in ((county.province, overview_path(county.province_code)), (county.prefecture, ""))
        if place is not None
    ]
    return {
        "title": title(facts, words), "lead": _lead(facts, words), "crumbs": crumbs, "county": words.place(county.name),
        "code": county.code, "year": facts.year, "verdicts": verdict_parts(facts, catalogue, words),
        "stages": [(words.label(stage.label), page_path(county, stage)) for stage in catalogue.judged_stages],
        "ledgers": [_ledger(facts, ledger, catalogue, words) for ledger in facts.ledgers],
    }  # fmt: skip


_COUNTS = {"unmet": "items_unmet", "no_data": "items_missing"}


def title(facts: WholeFacts, words: Words) -> str:
    """The finding with a number: of the first verdict, else of the first ledger."""
    if facts.verdicts:
        one = facts.verdicts[0]
        verdict, name = str(one.row["verdict"]), words.label(one.standard.short or one.standard.label)
        k = one.row[_COUNTS.get(verdict, "items_met")]
        finding = words(f"whole.h1.{verdict}", standard=name, n=one.row["items"], k=k)
    else:
        ledger = facts.ledgers[0]
        name = words.label(ledger.standard.short or ledger.standard.label)
        n = sum(row["shortfalls"] for stage, row in ledger.progress.items() if stage == WHOLE)
        finding = words("whole.h1.ledger", standard=name, n=n)
    return words("whole.h1", county=words.place(facts.county.name), finding=finding)


def _lead(facts: WholeFacts, words: Words) -> str:
    """What the other standards come to, and the progress of the first ledger."""
    said = [
        words(
            "whole.lead.other", standard=words.label(v.standard.label), verdict=words.state(v.row["verdict"], "verdict")
        )
        for v in facts.verdicts[1:]
    ]
    first = facts.ledgers[0] if facts.ledgers else None
    if first is not None and WHOLE in first.progress:
        name = words.label(first.standard.label)
        said.append(words("ledger.told", standard=name, text=share_text(first.progress[WHOLE], words)))
    return words.sentences(said)


def _ledger(facts: WholeFacts, ledger: Ledger, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    whole = ledger.progress.get(WHOLE)
    return {
        "id": ledger.standard.id, "title": words("ledger.title", standard=words.label(ledger.standard.label)),
        "text": progress_text(whole, words) if whole else "",
        "stages": stage_table(facts, ledger, catalogue, words), "table": ledger_table(facts, ledger, catalogue, words),
    }  # fmt: skip

"""The maker of county pages: one a county and judged stage."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pipeline.schema.model import Catalogue, Stage
from reports.county_page import county_context
from reports.facts import PageFacts
from reports.gather import page_facts
from reports.paths import overview_path
from reports.release import County
from reports.render import Page, Source
from reports.words import Words


def county_pages(source: Source) -> Iterator[Page]:
    """Pages in the order of counties and stages. Raises AssertionError when the counts of a page do not add up."""
    for county in source.release.counties:
        for stage in source.catalogue.judged_stages:
            facts = page_facts(source.release, source.catalogue, county, stage)
            yield Page(
                page_path(county, stage),
                "county.html.j2",
                partial(_context, facts, source.catalogue),
                county.is_fictional,
            )


def page_path(county: County, stage: Stage) -> str:
    """Where a county page stands inside a language's folder."""
    return f"county/{county.province_code}/{county.code}-{stage.id}.html"


def _context(facts: PageFacts, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    stages = [
        {
            "name": words.label(stage.label),
            "href": f"{facts.county.code}-{stage.id}.html",
            "is_here": stage.id == facts.stage.id,
        }
        for stage in catalogue.judged_stages
    ]
    county = facts.county
    crumbs = [
        (words.place(place), path)
        for place, path in ((county.province, overview_path(county.province_code)), (county.prefecture, ""))
        if place is not None
    ]
    return county_context(facts, catalogue, words) | {
        "stages": stages, "crumbs": crumbs, "county": words.place(facts.county.name), "code": facts.county.code,
    }  # fmt: skip

"""Corrections on a county page: a sign at what follows from a corrected value, and the list with who, when and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.schema import load_catalogue
from reports.county_page import county_context
from reports.words import LANGUAGES, Words
from tests.reports.conftest import Site, _site
from tests.reports.release_maker import Maker, Place, even, with_counties

COUNTY, FIELD, NAME = "990101", "books", "<b>第一&小学"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One county; a value of its first school is corrected, one of its second is not, the third's name is."""
    catalogue = with_counties(load_catalogue(), [COUNTY])
    maker = Maker(catalogue)
    stages = [stage.id for stage in catalogue.judged_stages]
    maker.year(2025, [Place(COUNTY, stage, 4, even) for stage in stages])
    maker.submission(2025, COUNTY)
    schools = [f"{COUNTY}{stages[0][0]}{i:04d}" for i in range(3)]
    common = {
        "year": 2025,
        "county_code": COUNTY,
        "reason": "笔误 / slip",
        "source": "来函",
        "corrected_on": "2026-03-05",
        "author": "李",
    }
    maker.add(
        "correction",
        correction_id="c1",
        school_id=schools[0],
        field=FIELD,
        old_value="7",
        new_value="700",
        is_applied=True,
        **common,
    )
    maker.add(
        "correction",
        correction_id="c2",
        school_id=schools[1],
        field=FIELD,
        old_value=None,
        new_value="9",
        is_applied=False,
        **common,
    )
    maker.add(
        "correction",
        correction_id="c3",
        school_id=schools[2],
        field="name",
        old_value="甲",
        new_value=NAME,
        is_applied=True,
        **common,
    )
    maker.add(
        "correction", correction_id="c4", school_id=schools[0], field="pupils", stage=stages[1], old_value="1", new_value="2",
        is_applied=True, **common,
    )  # fmt: skip
    return _site(maker, tmp_path_factory.mktemp("corrections"))


def test_only_values_that_follow_from_an_applied_correction_have_the_sign(site: Site) -> None:
    stage = site.catalogue.judged_stages[0].id
    facts = site.pages[COUNTY, stage]
    for language in LANGUAGES:
        table = county_context(facts, site.catalogue, Words(language))["schools"]
        signed = [
            (row.find[-1], table.columns[i].title, cell.badge_title)
            for row in table.rows
            for i, cell in enumerate(row.cells)
            if cell.badge == "✎"
        ]
        assert {school for school, _, _ in signed} <= {"0", "2"}
        assert all("7 → 700" in said for school, _, said in signed if school == "0")
        assert [said for school, _, said in signed if school == "2"], "what the school is, is signed at its name"


def test_the_list_at_the_foot_says_old_new_reason_author_and_what_was_not_applied(site: Site) -> None:
    stage = site.catalogue.judged_stages[0].id
    facts = site.pages[COUNTY, stage]
    table = county_context(facts, site.catalogue, Words("en"))["corrections"]
    assert [row.find for row in table.rows] == ["c1", "c2", "c3"], (
        "a correction of another stage stands on its own page"
    )
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    assert texts[0][2:] == ["7", "700", "slip", "来函", "李 2026-03-05", "applied"]
    assert texts[1][2] == "blank" and texts[1][-1].startswith("not applied")
    assert "2 applied" in table.caption


def test_texts_of_corrections_are_escaped_on_the_page(site: Site) -> None:
    pages = [path for path in site.county_files if path.name.startswith(COUNTY)]
    assert pages
    shown = [Path(path).read_text(encoding="utf-8") for path in pages]
    assert any('id="corrections"' in text for text in shown)
    assert not any("<b>第一&小学" in text for text in shown)


def test_a_county_without_corrections_has_no_such_section(shipped: Site) -> None:
    for facts in shipped.pages.values():
        assert county_context(facts, shipped.catalogue, Words("zh"))["corrections"] is None

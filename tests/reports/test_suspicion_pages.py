"""A county page lists what is worth a look, with schools and values, and only where there is something."""

from __future__ import annotations

import re

from reports.words import LANGUAGES, Words
from tests.reports.conftest import EVIL, Site

STAGE = "primary"


def section(html: str) -> str:
    found = re.search(r'<section id="worth-a-look">.*?</section>', html, re.DOTALL)
    return found.group(0) if found else ""


def test_only_a_county_with_something_worth_a_look_has_the_list(shipped: Site) -> None:
    for language in LANGUAGES:
        assert section(shipped.html(f"{language}/county/99/990101-{STAGE}.html"))
        assert not section(shipped.html(f"{language}/county/99/990201-{STAGE}.html"))


def test_the_list_shows_schools_values_levels_and_what_was_expected(shipped: Site) -> None:
    html = section(shipped.html(f"en/county/99/990101-{STAGE}.html"))
    assert "12 (40 %) exceed it by less than 2 %" in html
    assert "expect about 4.5 (15 %)" in html
    assert html.count("<tr") >= 12 + 2
    assert "31 / 34" in html
    assert EVIL not in html
    assert "A&lt;/script&gt;" in html


def test_nothing_is_called_more_than_worth_a_look(shipped: Site) -> None:
    for language, bad in (("zh", ("造假", "弄虚", "作弊")), ("en", ("falsif", "fraud", "cheat"))):
        html = section(shipped.html(f"{language}/county/99/990101-{STAGE}.html")).lower()
        assert not any(word in html for word in bad)


def test_the_data_page_tells_what_is_tested_and_how_many_are_named(shipped: Site) -> None:
    for language in LANGUAGES:
        html = shipped.html(f"{language}/data/index.html")
        found = re.search(r'<section id="suspicion">.*?</section>', html, re.DOTALL)
        assert found is not None
        assert Words(language)("look.tests") in found.group(0)
        assert found.group(0).count("<tr") == 7


def test_no_other_page_and_no_score_reads_what_is_suspected(shipped: Site) -> None:
    for file in shipped.files:
        if file.suffix == ".html" and "county" not in file.parts and "data" not in file.parts:
            assert "worth-a-look" not in file.read_text(encoding="utf-8")

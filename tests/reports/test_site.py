"""The site as a whole: offline, linked, reproducible, small, in two languages, free of catalogue ids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.schema.load import load_catalogue
from pipeline.tables.names import AFTER_TABLES, SQL_TABLES
from pipeline.tables.registry import public_tables
from reports.county_pages import page_path
from reports.figure_text import figure_text
from reports.render import inline_json, page_file
from reports.site import build
from reports.words import LANGUAGES
from tests.oracles import REPOSITORY
from tests.reports.conftest import EVIL, Site
from tests.reports.pages import Page

SITES = ("shipped", "foreign", "areas")
OUTSIDE = {
    "junheng.duckdb",
    "tables",
    "manifest.json",
    "tables/datapackage.json",
    *(f"tables/{name}.parquet" for name in public_tables()),
    *(f"sql/{name}.sql" for name in (*SQL_TABLES, *AFTER_TABLES)),
}
"""Files of the release beside its site that pages may link."""

BINARY = ("plotly.min.js", "dictionary.xlsx")


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest) -> Site:
    return request.getfixturevalue(request.param)


def test_there_is_a_page_for_every_county_and_stage_in_both_languages(site: Site) -> None:
    wanted = {
        site.out / page_file(page_path(facts.county, facts.stage), lang)
        for facts in site.pages.values()
        for lang in LANGUAGES
    }
    assert wanted == set(site.county_files)
    assert {site.out / "index.html", site.out / "en" / "index.html"} <= set(site.files)


def test_every_file_that_is_reported_exists_and_no_other(site: Site) -> None:
    assert sorted(p for p in site.out.rglob("*") if p.is_file()) == site.files


def test_links_resolve_and_none_leaves_the_release(site: Site) -> None:
    pages = {f: Page.of(f.read_text(encoding="utf-8")) for f in site.files if f.suffix == ".html"}
    for file, page in pages.items():
        for link in page.links:
            assert not re.match(r"[a-z]+:|//", link), f"{file.name} links to {link}"
            path, _, anchor = link.partition("#")
            target = (file.parent / path).resolve() if path else file
            if not target.is_relative_to(site.out):
                outside = target.relative_to(site.out.parent).as_posix()
                assert outside in OUTSIDE or re.fullmatch(r"workbooks(/[\w-]+\.xlsx)?", outside), f"{file.name}: {link}"
                continue
            assert target.is_file(), f"{file.name}: {link}"
            if anchor:
                assert anchor in pages[target].ids, f"{file.name}: {link}"


def test_no_page_asks_another_host_for_anything(site: Site) -> None:
    for file in site.files:
        if file.name not in BINARY:
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"(?:src|href|url|import|fetch)\s*[=(]\s*[\"']?(?:https?:)?//", text), file.name


def test_ids_of_a_page_are_unique(site: Site) -> None:
    for file in site.county_files:
        ids = Page.of(file.read_text(encoding="utf-8")).ids
        assert len(ids) == len(set(ids)), file.name


def test_two_builds_give_the_same_bytes(foreign: Site, tmp_path: Path) -> None:
    again = build(foreign.database, foreign.catalogue, tmp_path)
    assert [f.relative_to(tmp_path) for f in again] == [f.relative_to(foreign.out) for f in foreign.files]
    for one, other in zip(foreign.files, again, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_the_release_number_stands_only_on_home_and_data_pages_and_in_the_script(site: Site) -> None:
    holding = {
        f for f in site.files if f.name not in BINARY and site.release.release_id in f.read_text(encoding="utf-8")
    }
    names = ("index.html", "en/index.html", "zh/data/index.html", "en/data/index.html", "assets/site.js")
    assert holding == {site.out / name for name in names}


def test_a_page_with_190_schools_stays_within_its_budget(shipped: Site) -> None:
    sizes = {f.name: f.stat().st_size for f in shipped.county_files}
    assert max(sizes.values()) <= 350_000, sizes


def test_each_page_links_its_twin_and_says_its_language(site: Site) -> None:
    for file in (f for f in site.files if f.suffix == ".html"):
        page = Page.of(file.read_text(encoding="utf-8"))
        twins = page.all("link", rel="alternate")
        language = page.all("html")[0]["lang"]
        assert {t["hreflang"] for t in twins} == {"zh-Hans", "en"}
        assert language == ("en" if "en" in file.relative_to(site.out).parts else "zh-Hans")


def test_pages_of_invented_places_say_so_and_others_do_not(shipped: Site, foreign: Site) -> None:
    assert all('class="fictional"' in f.read_text(encoding="utf-8") for f in shipped.county_files)
    assert not any('class="fictional"' in f.read_text(encoding="utf-8") for f in foreign.county_files)


def test_the_notice_of_a_catalogue_is_on_every_page(foreign: Site) -> None:
    notice = foreign.catalogue.about.notice
    assert notice is not None
    for file in foreign.county_files:
        text = Page.of(file.read_text(encoding="utf-8")).text
        assert (notice.en if "en" in file.relative_to(foreign.out).parts else notice.zh) in text


def test_what_a_return_says_cannot_break_out_of_the_page(shipped: Site) -> None:
    htmls = [f.read_text(encoding="utf-8") for f in shipped.county_files if f.name.startswith("990101")]
    htmls = [html for html in htmls if EVIL in Page.of(html).text]
    assert htmls
    assert not [html for html in htmls if '<b>"&amp;' in html or "A</script>" in html]
    figures = [str(figure) for html in htmls for figure in Page.of(html).json.values()]
    assert any(figure_text(EVIL) in figure for figure in figures)
    assert not any(EVIL in figure for figure in figures), "Plotly would read the tag in the name"


def test_inline_json_cannot_end_its_script() -> None:
    assert "</" not in inline_json({"a": "</script><!-- x"}) and "<!--" not in inline_json({"a": "<!--"})


def test_no_id_of_any_catalogue_stands_in_code_templates_style_or_script() -> None:
    """Names of public columns are allowed: they are the contract, whatever a catalogue calls its fields."""
    catalogues = [
        load_catalogue(),
        *(load_catalogue(REPOSITORY / "tests" / "catalogues" / n) for n in ("alagoas", "caschools")),
    ]
    columns = {column.name for table in public_tables().values() for column in table.own_columns}
    ids = {
        name for c in catalogues for group in (c.fields, c.indicators, c.stages, c.standards) for name in group
    } - columns
    files = [p for p in (REPOSITORY / "reports").rglob("*") if p.suffix in (".py", ".j2", ".css", ".js")]
    assert len(files) > 15
    for file in files:
        text = file.read_text(encoding="utf-8")
        quoted = set(re.findall(r"[\"'.#\[]([a-z][a-z0-9_-]*)[\"'\] ]", text))
        underscored = set(re.findall(r"\b[a-z0-9]+(?:[_-][a-z0-9]+)+\b", text))
        assert not (quoted | underscored) & ids, f"{file.name} names {(quoted | underscored) & ids}"

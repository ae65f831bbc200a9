"""Builds the static site: pages in two languages, one style sheet, one script, the drawing library. No clock, no chance.

The same database and catalogue give the same bytes. Only the home pages and the shared script name the release, so that
pages whose facts did not change keep their bytes from release to release.
"""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from pipeline.errors import FaultError
from pipeline.schema.model import Catalogue
from reports.county_page import county_context
from reports.facts import PageFacts
from reports.gather import page_facts
from reports.home_page import home_context, page_path, summary
from reports.release import Release, read_release
from reports.words import HTML_LANG, LANGUAGES, Language, Words


def build(database: Path, catalogue: Catalogue, out: Path) -> list[Path]:
    """Writes the site of a finished release database into ``out``; returns every file written, sorted.

    Raises FaultError when the database holds no gaps or the drawing library is not installed, AssertionError when the
    counts of a page do not add up.
    """
    release = read_release(database, catalogue)
    written = _assets(release, out)
    pages = [
        page_facts(release, catalogue, county, stage)
        for county in release.counties
        for stage in catalogue.judged_stages
    ]
    for language in LANGUAGES:
        words = Words(language)
        for facts in pages:
            written.append(_write(out / county_path(facts, language), _county(facts, catalogue, words)))
        written.append(_write(out / home_path(language), _home(release, catalogue, pages, words)))
    return sorted(written)


def home_path(language: Language) -> str:
    """The home page of a language; the Chinese one is the door."""
    return "index.html" if language == "zh" else f"{language}/index.html"


def county_path(facts: PageFacts, language: Language) -> str:
    """A county page's place in the site."""
    return f"{language}/{page_path(facts.county, facts.stage)}"


def _county(facts: PageFacts, catalogue: Catalogue, words: Words) -> str:
    up = "../../../"
    stages = [
        {
            "name": words.label(stage.label),
            "href": f"{facts.county.code}-{stage.id}.html",
            "is_here": stage.id == facts.stage.id,
        }
        for stage in catalogue.judged_stages
    ]
    crumbs = [words.place(place) for place in (facts.county.province, facts.county.prefecture) if place is not None]
    context = county_context(facts, catalogue, words) | _frame(catalogue, words, up) | {
        "twin": f"{up}{county_path(facts, words.other())}", "is_fictional": facts.county.is_fictional, "stages": stages,
        "crumbs": crumbs, "county": words.place(facts.county.name), "code": facts.county.code,
    }  # fmt: skip
    return _environment().get_template("county.html.j2").render(context)


def _home(release: Release, catalogue: Catalogue, pages: list[PageFacts], words: Words) -> str:
    up = "" if words.language == "zh" else "../"
    context = home_context(release, catalogue, [summary(facts) for facts in pages], words) | _frame(catalogue, words, up) | {
        "twin": f"{up}{home_path(words.other())}", "is_fictional": any(c.is_fictional for c in release.counties),
        "pages": "zh/" if words.language == "zh" else "", "release_root": f"{up}../",
    }  # fmt: skip
    return _environment().get_template("home.html.j2").render(context)


def _frame(catalogue: Catalogue, words: Words, up: str) -> dict[str, Any]:
    """What every page needs: language, root, words."""
    return {
        "w": words, "lang": HTML_LANG[words.language], "twin_lang": HTML_LANG[words.other()], "up": up,
        "home": f"{up}{home_path(words.language)}", "notice": words.label(catalogue.about.notice), "pages": "",
    }  # fmt: skip


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports", "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters.update(inline_json=inline_json, tagged=tagged, lang_of=lang_of)
    return environment


def inline_json(value: Any) -> Any:
    """A value as JSON that may stand inside a script element: no ``</`` and no ``<!--`` can end or open anything."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return markupsafe.Markup(text.replace("</", "<\\/").replace("<!--", "<\\u0021--"))


_HAN = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+(?:[、，（）：；·]*[\u3400-\u9fff0-9]+)*")


def tagged(text: str, words: Words) -> markupsafe.Markup:
    """Text in which, on English pages, Chinese runs say that they are Chinese (WCAG 3.1.2)."""
    if words.language == "zh":
        return markupsafe.escape(text)
    wrapped = '<span lang="{}">{}</span>'
    parts: list[markupsafe.Markup] = []
    end = 0
    for match in _HAN.finditer(text):
        parts += [
            markupsafe.escape(text[end : match.start()]),
            markupsafe.Markup(wrapped).format(HTML_LANG["zh"], match.group(0)),
        ]
        end = match.end()
    return markupsafe.Markup("").join([*parts, markupsafe.escape(text[end:])])


def lang_of(text: str, words: Words) -> markupsafe.Markup:
    """A ``lang`` attribute for a cell of an English page that holds Chinese; else nothing."""
    if words.language == "zh" or not _HAN.search(text):
        return markupsafe.Markup("")
    return markupsafe.Markup(' lang="{}"').format(HTML_LANG["zh"])


def _assets(release: Release, out: Path) -> list[Path]:
    """The library, the style sheet, and the script with the release at its head."""
    folder = resources.files("reports").joinpath("assets")
    head = f"window.JUNHENG = {json.dumps({'release': release.release_id}, ensure_ascii=False)};\n"
    library = out / "assets" / "plotly.min.js"
    library.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(plotly_library(), library)
    return [
        library,
        _write(out / "assets" / "site.css", folder.joinpath("site.css").read_text(encoding="utf-8")),
        _write(out / "assets" / "site.js", head + folder.joinpath("site.js").read_text(encoding="utf-8")),
    ]


def plotly_library() -> Path:
    """``plotly.min.js`` of the installed plotly package, found without importing it."""
    spec = find_spec("plotly")
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        path = Path(place) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path
    raise FaultError("没有安装 plotly，找不到 plotly.min.js", "plotly is not installed: plotly.min.js was not found")


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path

"""What turns facts into files: a page or a file as its maker yields it, the frame that all pages share, and the templates.

Here: paths, the frame, filters of templates, writing. Not here: what a page says (its own module), which pages there are
(``site``).
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from pipeline.schema.model import Catalogue
from reports.areas import Areas, read_areas
from reports.release import Release
from reports.words import HTML_LANG, LANGUAGES, Language, Words

HOME = "index.html"


@dataclass(frozen=True)
class Source:
    """What makers of pages read: the finished database, the catalogue, and what was read of the database once."""

    database: Path
    catalogue: Catalogue
    release: Release

    @cached_property
    def areas(self) -> Areas:
        """What pages of areas read, read once."""
        return read_areas(self.database, self.catalogue, self.release)


@dataclass(frozen=True)
class Page:
    """A page in both languages. ``path``: inside the language's folder; ``context``: what the template shows, in one language.

    ``is_fictional``: whether the page shows invented places.
    """

    path: str
    template: str
    context: Callable[[Words], dict[str, Any]]
    is_fictional: bool = False


@dataclass(frozen=True)
class File:
    """A file that pages share or link, such as a script or a workbook; ``path`` from the root of the site."""

    path: str
    content: str | bytes


Made = Page | File
Maker = Callable[[Source], Iterable[Made]]
"""Yields pages and files one after another, so that a nation's pages never stand in memory together."""


def page_file(path: str, language: Language) -> str:
    """Where a page stands in the site; the Chinese home page is the door."""
    return path if path == HOME and language == "zh" else f"{language}/{path}"


def write(made: Made, source: Source, nav: Iterable[tuple[str, str]], out: Path) -> list[Path]:
    """Writes what a maker yielded: a file, or a page in each language."""
    if isinstance(made, File):
        return [write_file(out / made.path, made.content)]
    template = environment().get_template(made.template)
    written = []
    for language in LANGUAGES:
        words = Words(language)
        context = frame(made, source.catalogue, nav, words) | made.context(words)
        written.append(write_text(out / page_file(made.path, language), template.render(context)))
    return written


def frame(page: Page, catalogue: Catalogue, nav: Iterable[tuple[str, str]], words: Words) -> dict[str, Any]:
    """What every page needs: language, root, words, the twin, and the links of its head.

    ``pages``: prefix of a link to a page of this language given from the language's folder.
    """
    here = page_file(page.path, words.language)
    up = "../" * here.count("/")
    pages = f"{words.language}/" if "/" not in here else "../" * page.path.count("/")
    links = [(words(key), f"{pages}{path}", path == page.path) for key, path in nav]
    return {
        "w": words, "lang": HTML_LANG[words.language], "twin_lang": HTML_LANG[words.other()], "up": up,
        "home": f"{up}{page_file(HOME, words.language)}", "notice": words.label(catalogue.about.notice), "pages": pages,
        "self_name": posixpath.basename(here), "twin": f"{up}{page_file(page.path, words.other())}", "nav": links,
        "is_fictional": page.is_fictional, "release_root": f"{up}../",
    }  # fmt: skip


@cache
def environment() -> jinja2.Environment:
    """The templates, strict about names that are not there."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("reports", "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters.update(inline_json=inline_json, tagged=tagged, lang_of=lang_of, json=as_json)
    return made


def as_json(value: Any) -> str:
    """A value as JSON for an attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def inline_json(value: Any) -> Any:
    """A value as JSON that may stand inside a script element: no ``</`` and no ``<!--`` can end or open anything."""
    return markupsafe.Markup(as_json(value).replace("</", "<\\/").replace("<!--", "<\\u0021--"))


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


def write_file(path: Path, content: str | bytes) -> Path:
    """Writes a text, or bytes as they are, making the folder."""
    if isinstance(content, str):
        return write_text(path, content)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_text(path: Path, text: str) -> Path:
    """Writes a text with line feeds, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path

"""Reads pages as a browser would, with the standard library: elements, links, figures."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Page(HTMLParser):
    """``tags``: (name, attributes) in order; ``text``: visible words; ``titles``: text of h1; ``json``: inline data by id."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    json: dict[str, Any] = field(default_factory=dict)
    h1: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._inside: list[str] = []
        self._script = ""

    @classmethod
    def of(cls, html: str) -> Page:
        page = cls()
        page.feed(html)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag in ("h1", "script", "style"):
            self._inside.append(tag)
            self._script = given.get("id", "") if given.get("type") == "application/json" else ""

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if "script" in self._inside:
            if self._script:
                self.json[self._script] = json.loads(data)
            return
        self.text += data
        if "h1" in self._inside:
            self.h1 += data

    def all(self, name: str, **attributes: str) -> list[dict[str, str]]:
        wanted = {key.replace("_", "-"): value for key, value in attributes.items()}
        return [a for tag, a in self.tags if tag == name and all(a.get(k) == v for k, v in wanted.items())]

    @property
    def ids(self) -> list[str]:
        return [a["id"] for _, a in self.tags if "id" in a]

    @property
    def links(self) -> list[str]:
        return [a[key] for tag, a in self.tags for key in ("href", "src") if key in a]


def digits(text: str) -> list[float]:
    """The numbers of a text, thousands separators taken out."""
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]

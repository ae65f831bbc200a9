"""Counties from A to Z: the way to a county without a script."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.schema.model import Stage
from reports.county_pages import page_path
from reports.pinyin import initial
from reports.release import County
from reports.words import Words


def letters(counties: Sequence[County], stage: Stage, words: Words) -> list[tuple[str, list[tuple[str, str]]]]:
    """Counties by the first letter of their name as it is typed: (letter, (name, page))."""
    found: dict[str, list[tuple[str, str]]] = {}
    for county in sorted(counties, key=lambda c: (initial(c.name), c.name.en, c.code)):
        found.setdefault(initial(county.name), []).append((words.place(county.name), page_path(county, stage)))
    return sorted(found.items())

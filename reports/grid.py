"""The grid of squares: a province each, standing roughly by direction. It is no map."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from reports import numbers
from reports.areas import Province
from reports.nation_facts import NationFacts
from reports.paths import overview_path
from reports.words import Words

CLASSES = (0.25, 0.5, 0.75)
"""Shares at which the ink of a square changes."""

WRAP = 6
"""Squares in a row where no place on the grid is known."""


@cache
def _places() -> dict[tuple[str, str], tuple[int, int]]:
    """Row and column of provinces on the grid, by code and the first characters of the name."""
    text = resources.files("reports").joinpath("tiles.csv").read_text(encoding="utf-8")
    return {(r["code"], r["name_zh"]): (int(r["row"]), int(r["column"])) for r in csv.DictReader(text.splitlines())}


def _place_of(province: Province) -> tuple[int, int] | None:
    """Where the country's grid has a province of this code and name."""
    of = (at for (code, name), at in _places().items() if province.code == code and province.name.zh.startswith(name))
    return next(of, None)


def grid_places(provinces: Sequence[Province]) -> list[tuple[int, int]]:
    """Row and column of every province: where the country's grid has it by code and name, else in rows below, by code."""
    found = [_place_of(p) for p in provinces]
    below = max((at[0] for at in found if at), default=0)
    places, extra = [], 0
    for at in found:
        if at is None:
            at = (below + 1 + extra // WRAP, extra % WRAP + 1)
            extra += 1
        places.append(at)
    return places


def grid(facts: NationFacts, words: Words) -> dict[str, Any] | None:
    """Squares, a province each: the share of its counties within the limits in every stage, in four inks."""
    if len(facts.provinces) < 2 or not facts.has_limits:
        return None
    squares = []
    for (province, family), (row, column) in zip(
        facts.provinces, grid_places([p for p, _ in facts.provinces]), strict=True
    ):
        share = family.within_all() / len(province.counties)
        name = words.place(province.name)
        squares.append({
            "row": row, "column": column, "name": _short(name), "href": overview_path(province.code), "value": numbers.percent(share),
            "ink": sum(share >= edge for edge in CLASSES), "title": words("grid.square", name=name, within=family.within_all(), n=len(province.counties)),
        })  # fmt: skip
    edges = ["0", *(numbers.percent(c) for c in CLASSES), numbers.percent(1)]
    key = [(n, f"{low}–{high}") for n, (low, high) in enumerate(pairwise(edges))]
    return {
        "squares": squares,
        "key": key,
        "label": words("fig", n=1),
        "title": words("grid.title"),
        "caption": words(
            "grid.caption.placed" if any(_place_of(p) for p, _ in facts.provinces) else "grid.caption", year=facts.year
        ),
    }


def _short(name: str) -> str:
    """A province's name as it fits a square: without what is in parentheses and the word province."""
    name = name.split("（")[0].split(" (")[0]
    for tail in ("省", "市", " Province"):
        name = name.removesuffix(tail)
    return name

"""The words of ``words.yaml`` in the shapes that the modules beside it compare with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Unit:
    """A unit as a header names it: what it measures and its size in the plain unit of that measure."""

    text: str
    measure: str
    size: float


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The lists as they stand in the file."""
    text = (files("pipeline.returns.suggest") / "words.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe").load(text))


@lru_cache(maxsize=1)
def _units() -> dict[str, tuple[str, float]]:
    return {word: (str(u["measure"]), float(u["per"])) for u in words()["units"] for word in u["words"]}


@lru_cache(maxsize=1024)
def unit_of(text: str) -> Unit | None:
    """The unit that a text is, with its multiple (``万元``); None where it is none. ``text``: a normalised header."""
    for mark in ("单位:", "单位", "unit:"):
        text = text.removeprefix(mark)
    known = _units()
    if text in known:
        return Unit(text, *known[text])
    for multiple, times in sorted(words()["multiples"].items(), key=lambda of: -len(of[0])):
        rest = text.removeprefix(multiple)
        if rest != text and rest in known:
            measure, size = known[rest]
            return Unit(text, measure, size * times)
    return None


@lru_cache(maxsize=1)
def all_units() -> tuple[Unit, ...]:
    """Every plain unit and its usual multiples, for those who look for one that fits a magnitude."""
    plain = [Unit(u["words"][0], str(u["measure"]), float(u["per"])) for u in words()["units"]]
    many = [
        Unit(multiple + unit.text, unit.measure, unit.size * times)
        for unit in plain
        for multiple, times in words()["multiples"].items()
        if unit.size == 1 and multiple in ("千", "万", "亿")
    ]
    return (*plain, *many)

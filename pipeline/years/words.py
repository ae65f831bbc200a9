"""The words of ``words.yaml``: whether two years compare and why, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from pipeline.schema.entry import Label


@cache
def _all() -> dict[str, dict[str, str]]:
    text = resources.files("pipeline.years").joinpath("words.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe").load(text))


def reason(name: str, row: Mapping[str, Any]) -> Label | None:
    """The sentence of a reason, its holes filled from a row; None where there is nothing to say (no such words)."""
    words = _all().get(name)
    return None if words is None else Label(**{language: text.format(**row) for language, text in words.items()})

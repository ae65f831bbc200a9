"""The words of ``words.yaml``: whether two years compare and why, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pipeline.schema.entry import Label
from pipeline.schema.worded import words_of

_all = partial(words_of, "pipeline.years")


def reason(name: str, row: Mapping[str, Any]) -> Label | None:
    """The sentence of a reason, its holes filled from a row; None where there is nothing to say (no such words)."""
    words = _all().get(name)
    return None if words is None else Label(**{language: text.format(**row) for language, text in words.items()})

"""The sentences that a room says, kept in ``words.yaml`` beside its code.

Here: reading them, once. Not here: any sentence, and what fills its holes.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML


@cache
def words_of(package: str) -> dict[str, Any]:
    """The ``words.yaml`` of a package, by key."""
    text = resources.files(package).joinpath("words.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))

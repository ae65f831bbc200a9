"""The prose of the method: read from ``method.yaml``, cut to what a catalogue has, holes filled with its settings.

Here: which sections and blocks apply. Not here: their tables (``method_tables``) and the page (``method_page``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from pipeline.schema.model import Catalogue
from reports import numbers
from reports.words import Words


@dataclass(frozen=True)
class Block:
    """A paragraph (``p``), list (``list``), formula, table or sql; ``content``: texts by language, or a text or name."""

    kind: str
    content: Any
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A question of the method and its answer."""

    id: str
    title: dict[str, str]
    needs: tuple[str, ...]
    blocks: tuple[Block, ...]


@cache
def sections() -> tuple[Section, ...]:
    """All sections, whatever the catalogue."""
    text = resources.files("reports").joinpath("method.yaml").read_text(encoding="utf-8")
    return tuple(
        Section(entry["id"], entry["title"], tuple(entry["needs"]), tuple(_block(b) for b in entry["blocks"]))
        for entry in YAML(typ="safe").load(text)
    )


def _block(entry: dict[str, Any]) -> Block:
    kinds = [name for name in entry if name != "needs"]
    assert len(kinds) == 1, f"a block of method.yaml is of one kind, not {kinds}"
    texts = {"p": [entry.get("p")], "list": entry.get("list", [])}.get(kinds[0], [])
    assert all(set(text) == {"zh", "en"} for text in texts), f"a text of method.yaml is not in two languages: {texts}"
    return Block(kinds[0], entry[kinds[0]], tuple(entry.get("needs", ())))


def features(catalogue: Catalogue) -> set[str]:
    """What a catalogue has, for ``needs``: keys of settings, and features that the words speak of."""
    standards = catalogue.standards.values()
    levels = [t for s in standards for item in s.items for t in item.thresholds]
    present = {
        "gap": any(s.gap for s in standards),
        "limits": any(s.gap and s.gap.limits for s in standards),
        "composite": any(s.gap and s.gap.composite_limits for s in standards),
        "levels": bool(levels),
        "floors": any(t.floor is not None for t in levels),
        "split": bool(catalogue.fields_of("split")) and len(catalogue.stages) > 1,
        "whole": bool(catalogue.fields_of("whole")) and len(catalogue.stages) > 1,
        "split_published": [s.split_weight for s in catalogue.stages.values()][:2] == [1.0, 1.1],
        "branches": catalogue.about.branch_when is not None,
        "school_rule": any(s.school_rule for s in standards),
        "measures": any(s.measures for s in standards),
        "county_items": any(s.county_items for s in standards),
    }
    return {name for name, is_there in present.items() if is_there} | set(catalogue.settings)


def applying(catalogue: Catalogue) -> list[tuple[Section, tuple[Block, ...]]]:
    """Sections with those blocks whose needs the catalogue fulfils."""
    has = features(catalogue)
    kept = ((s, tuple(b for b in s.blocks if has.issuperset(b.needs))) for s in sections() if has.issuperset(s.needs))
    return [(section, blocks) for section, blocks in kept if blocks]


def setting_text(value: float | int | bool | str | None, words: Words) -> str:
    """A setting's value as the pages write it."""
    if value is None:
        return words("setting.off")
    if isinstance(value, bool):
        return words("setting.yes" if value else "setting.no")
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def holes(catalogue: Catalogue, words: Words) -> dict[str, str]:
    """What fills the holes of the prose: every setting by its key, the weights, the merge condition."""
    weights = [numbers.level_text(stage.split_weight) for stage in catalogue.stages.values()]
    named = [f"{words.label(s.label)} {w}" for s, w in zip(catalogue.stages.values(), weights, strict=True)]
    known = {key: setting_text(s.value, words) for key, s in catalogue.settings.items()}
    return known | {
        "weights": f"{' : '.join(weights)} ({words.several(named)})",
        "branch_when": catalogue.about.branch_when or "",
    }


def filled(texts: Mapping[str, str], values: Mapping[str, str], words: Words) -> str:
    """A text of one language with its holes filled. Raises KeyError for a hole that nothing fills."""
    return texts[words.language].format_map(values)

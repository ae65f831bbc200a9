"""All words of the pages, in one place, in Chinese and English; and how lists, plurals and names are said.

A phrase is a pair (zh, en) with holes as in ``str.format``. ``{n:school|schools}`` prints the singular or the plural that
fits n. Names of indicators, stages and standards come from the catalogue as labels, never from here.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any, Literal

from pipeline.schema.entry import Label
from pipeline.schema.model import Indicator, Stage
from reports.phrases import PHRASES

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_CJK = '"Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","SimHei",sans-serif'
FONTS: dict[Language, str] = {"zh": _CJK, "en": f'"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",{_CJK}'}
"""Fonts of figures; ``site.css`` has the same. English starts with Latin fonts, else quotation marks are full width."""

HTML_LANG: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}

SYMBOLS: dict[str, tuple[str, str]] = {
    "met": ("✓", "✓"), "below": ("△", "△"), "unmet": ("✕", "✕"), "not_applicable": ("—", "—"), "none": ("—", "—"),
    "missing": ("缺", "?"), "no_data": ("缺", "?"), "not_collected": ("缺", "?"), "undecided": ("缺", "?"), "incomplete": ("缺", "?"),
    "single": ("⊘", "⊘"), "zero": ("⊘", "⊘"), "measured": ("", ""),
    "critical": ("✕", "✕"), "warning": ("△", "△"), "info": ("i", "i"),
}  # fmt: skip
"""The symbol of each state of a gap, a value or a finding, by language."""


class _Formatter(string.Formatter):
    """``str.format`` with ``{n:one|many}``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return one if str(value) == "1" else many
        return str(super().format_field(value, format_spec))


class Words:
    """The words of one language. Raises KeyError for a phrase or a hole that is not there."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._formatter = _Formatter()

    def __call__(self, key: str, **values: Any) -> str:
        zh, en = PHRASES[key]
        text = zh if self.language == "zh" else en
        return self._formatter.vformat(text, (), values)

    def label(self, label: Label | None) -> str:
        """A catalogue text in this language; empty for none."""
        return "" if label is None else (label.zh if self.language == "zh" else label.en)

    def of(self, row: dict[str, Any], column: str) -> str:
        """A text column that a table keeps in two languages, such as ``message``."""
        return str(row.get(f"{column}_{self.language}") or "")

    def place(self, label: Label | None, *, once: bool = False) -> str:
        """A division's name; with ``once`` the Chinese name follows the English in parentheses."""
        if label is None:
            return ""
        text = self.label(label)
        return f"{text} ({label.zh})" if once and self.language == "en" and label.zh != label.en else text

    def short(self, indicator: Indicator) -> str:
        """An indicator's short name, else its name."""
        return self.label(indicator.short or indicator.label)

    def stage(self, stage: Stage) -> str:
        """A stage's name as it stands inside a sentence."""
        text = self.label(stage.label)
        return text[:1].lower() + text[1:] if text[1:2].islower() else text

    def several(self, names: Sequence[str], limit: int = 0) -> str:
        """Names in a row; beyond ``limit`` (0 for all) only how many more there are."""
        shown = list(names[:limit] if limit else names)
        rest = len(names) - len(shown)
        if self.language == "zh":
            return "、".join(shown) + (f"等 {len(names)} 项" if rest else "")
        if rest:
            return ", ".join(shown) + f" and {rest} more"
        return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1] if shown else ""

    def sentences(self, parts: Sequence[str]) -> str:
        """Sentences one after another, with a space where the language has one."""
        return ("" if self.language == "zh" else " ").join(part for part in parts if part)

    def symbol(self, state: str) -> str:
        return SYMBOLS[state][0 if self.language == "zh" else 1]

    def state(self, state: str, kind: str) -> str:
        """The word of a state; ``kind`` is ``gap``, ``value``, ``finding``, ``verdict`` and the like."""
        return self(f"{kind}.{state}")

    def other(self) -> Language:
        return "en" if self.language == "zh" else "zh"

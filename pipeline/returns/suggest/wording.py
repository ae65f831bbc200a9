"""A header taken apart: its text without filler, its unit, its path; and how alike two of them are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from pipeline.returns.headings import JOINED_BY, normal
from pipeline.returns.suggest.words import Unit, unit_of, words

_BRACKETS = re.compile(r"[(\[【{〔〈<]([^()\[\]【】{}〔〕〈〉<>]*)[)\]】}〕〉>]")
_INSIDE = re.compile(r"(?<=.)[(（][^()（）]*[)）](?=.)")
"""A bracket in the middle of a header only explains: 学校（机构）标识码. At the end it may tell a part: 问卷（其中家长）."""
_SIGNS = re.compile(r"[\s:;,.，。：；、·_\-—/\\#*()\[\]【】]+")
_DIGITS = re.compile(r"\d+")
_SPLIT_BY = normal(JOINED_BY)
_NUMBERED = re.compile(r"^(?:\d{1,2}[.、)]|[(]\d{1,2}[)]|[一二三四五六七八九十]{1,2}[、.])")

SAME_WITHOUT_FILLER = 0.97
SAME_BY_OTHER_WORDS = 0.95
_SUMS_AGREE, _ALIKE = 0.05, 0.8
"""Added where two headers are alike and both say that they sum up."""
_ORDER_COUNTS = 0.7
"""How much of the likeness hangs on the order of signs; the rest counts signs in any order (本科教师, 教师本科)."""


@dataclass(frozen=True)
class Wording:
    """``whole``: the header as it is compared; ``cores``: ways of saying its quantity, the plainest first; ``is_sum``: whether
    it says that it sums up its group (``艺术 > 计``)."""

    whole: str
    cores: tuple[str, ...]
    unit: Unit | None
    is_sum: bool = False

    @property
    def core(self) -> str:
        return self.cores[0]


@lru_cache(maxsize=16_384)
def wording(header: str) -> Wording:
    """A header taken apart. A path (``专任教师 > 按学历分 > 本科``) may be said in several ways."""
    whole = normal(header)
    steps = [step for step in whole.split(_SPLIT_BY) if step.lstrip("#") not in words()["splits"]]
    unit, plain = None, []
    for step in steps or [whole]:
        text, found = _without_unit(_NUMBERED.sub("", step))
        unit = found or unit
        plain.append(text)
    cores = ["".join(plain), *(_INSIDE.sub("", text) for text in ["".join(plain)] if _INSIDE.search(text))]
    is_of_some = any(step.lstrip("#").removeprefix("其中:") in words()["narrower"] for step in steps)
    if len(plain) > 1 and not is_of_some:
        filled = [text for text in plain if _core(text)]
        if len(filled) > 1:
            cores += [filled[-1] + filled[0], filled[0] + filled[-1], filled[-1]]
        elif filled:
            cores += filled
    is_sum = any(whole.endswith((f"{_SPLIT_BY}{word}", f"({word})")) for word in words()["sums"])
    return Wording(whole, tuple(dict.fromkeys(_core(text) for text in cores)), unit, is_sum)


def _without_unit(text: str) -> tuple[str, Unit | None]:
    """A step of a header without the unit in its brackets or after its slash."""
    unit: Unit | None = None
    for match in _BRACKETS.finditer(text):
        inner = re.split(r"[:,，]", match.group(1))
        found = unit_of(match.group(1)) or unit_of(inner[-1])
        if found is not None:
            unit, text = found, text.replace(match.group(0), "")
    if unit is None:
        for sign in ("/", "_", ",", "-"):
            before, _, after = text.rpartition(sign)
            if before and unit_of(after) is not None:
                return before, unit_of(after)
    return text, unit


@lru_cache(maxsize=16_384)
def _core(text: str) -> str:
    """A text without signs and filler at its ends; empty where it is filler only."""
    text = _SIGNS.sub("", text)
    if text in words()["endings"]:
        return ""
    changed = True
    while changed:
        changed = False
        for word in words()["endings"]:
            if text.endswith(word) and len(text) > len(word):
                text, changed = text.removesuffix(word), True
        for word in words()["beginnings"]:
            if text.startswith(word) and len(text) > len(word) + 1:
                text, changed = text.removeprefix(word), True
    return text


@lru_cache(maxsize=16_384)
def _in_plain_words(core: str) -> str:
    """A core with every word of a group of synonyms as the first of them, and without the words left out."""
    for first, *others in words()["same"]:
        for other in sorted(others, key=len, reverse=True):
            core = core.replace(other, first)
    for word in words()["left_out"]:
        core = core.replace(word, "")
    return core


@lru_cache(maxsize=16_384)
def bag(core: str) -> str:
    """The signs of a core in plain words, sorted: what it shares with another whatever the order."""
    return "".join(sorted(_in_plain_words(core)))


@lru_cache(maxsize=262_144)
def alike(one: Wording, other: Wording) -> float:
    """How alike two headers are, 0 to 1: 1 where they are written the same but for width and white space."""
    if one.whole == other.whole:
        return 1.0
    best = 0.0
    for number, core in enumerate(one.cores):
        for number_of_other, core_of_other in enumerate(other.cores):
            as_said = _alike(core, core_of_other)
            is_whole = number == 0 and number_of_other == 0
            best = max(best, as_said if is_whole else 0.97 * as_said)
    return min(SAME_WITHOUT_FILLER, best + _SUMS_AGREE) if one.is_sum and other.is_sum and best > _ALIKE else best


@lru_cache(maxsize=262_144)
def _alike(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    if one == other:
        return SAME_WITHOUT_FILLER
    plain, plain_of_other = _in_plain_words(one), _in_plain_words(other)
    if plain == plain_of_other:
        return SAME_BY_OTHER_WORDS
    penalty = _contradictions(plain, plain_of_other)
    return max(0.0, max(_likeness(one, other), _likeness(plain, plain_of_other)) - penalty)


def _likeness(one: str, other: str) -> float:
    ordered = fuzz.ratio(one, other) / 100
    unordered = fuzz.ratio("".join(sorted(one)), "".join(sorted(other))) / 100
    best = _ORDER_COUNTS * ordered + (1 - _ORDER_COUNTS) * unordered
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and short in long:
        best = max(best, 0.55 + 0.4 * len(short) / len(long))
    return min(best, 0.94)


def _contradictions(one: str, other: str) -> float:
    """What is taken off where one says what the other does not: an opposite, or other figures."""
    off = 0.2 * sum((word in one) != (word in other) for word in words()["opposites"])
    return off + 0.15 * (_DIGITS.findall(one) != _DIGITS.findall(other))

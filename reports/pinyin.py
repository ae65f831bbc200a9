"""How a Chinese name is typed: its pinyin without tones, and its initials."""

from __future__ import annotations

from functools import cache

from pipeline.schema.entry import Label


@cache
def spellings(name: str) -> str:
    """Pinyin in one word and the initials, such as ``chengxixian cxx``; of a name without Chinese the name itself."""
    from pypinyin import lazy_pinyin

    syllables = [s.strip().lower() for s in lazy_pinyin(name)]
    syllables = [s for s in syllables if s]
    whole = "".join(syllables)
    initials = "".join(s[0] for s in syllables)
    return whole if len(syllables) < 2 else f"{whole} {initials}"


def initial(name: Label) -> str:
    """The letter under which a name stands in a list from A to Z: of its English form, where the reading of the characters
    is decided, else of the pinyin; ``#`` where it has none."""
    for text in (name.en, spellings(name.zh)):
        first = text[:1].upper()
        if "A" <= first <= "Z":
            return first
    return "#"

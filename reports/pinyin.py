"""How a Chinese name is typed: its pinyin without tones, and its initials."""

from __future__ import annotations

from functools import cache


@cache
def spellings(name: str) -> str:
    """Pinyin in one word and the initials, such as ``chengxixian cxx``; of a name without Chinese the name itself."""
    from pypinyin import lazy_pinyin

    syllables = [s.strip().lower() for s in lazy_pinyin(name)]
    syllables = [s for s in syllables if s]
    whole = "".join(syllables)
    initials = "".join(s[0] for s in syllables)
    return whole if len(syllables) < 2 else f"{whole} {initials}"

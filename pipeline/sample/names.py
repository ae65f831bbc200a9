"""Names of a county's units, its groups and its school districts, in Chinese and English.

Here: putting words together. Not here: the words (``names.yaml``). No two units of a county share a name.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.sample.parameters import parameters
from pipeline.sample.units import Units


@dataclass(frozen=True)
class Names:
    """Names by unit, in order; of the group and the school district, empty where there is none."""

    zh: list[str]
    en: list[str]
    group: list[str]
    district: list[str]


def names_of(units: Units) -> Names:
    """The names of a county's units."""
    words = parameters("names")
    stems = _stems(units)
    zh, en = [], []
    for i, (stem, sound) in enumerate(stems):
        suffix_zh, suffix_en = words["suffixes"][units.kind[i]["id"]][int(units.place[i])]
        if units.is_branch[i]:
            suffix_zh, suffix_en = suffix_zh + words["branch_word"][0], f"{suffix_en} {words['branch_word'][1]}"
        zh.append(stem + suffix_zh)
        en.append(f"{sound} {suffix_en}")
    place = units.county.place.name_zh[:-1]
    leads = {int(units.group[i]): stems[i][0] for i in range(len(units)) if units.leads[i]}
    group = [place + leads[int(g)] + words["group_word"][0] if g >= 0 else "" for g in units.group]
    district = [place + words["district_word"][0].format(number=_numeral(int(d))) for d in units.district]
    return Names(zh, en, group, district)


def _stems(units: Units) -> list[tuple[str, str]]:
    """A word for each unit; when the words run out they come again with a number."""
    words = parameters("names")
    taken = set(words["taken"])
    pairs = [
        (a[0] + b[0], a[1] + b[1])
        for a in words["stem_first"]
        for b in words["stem_second"]
        if a[0] + b[0] not in taken
    ]
    order = units.county.draws.permutation(len(pairs), "stems")
    made = []
    for i in range(len(units)):
        zh, en = pairs[order[i % len(pairs)]]
        again = i // len(pairs)
        made.append((f"{zh}{_numeral(again)}", f"{en} No. {again + 1}") if again else (zh, en))
    return made


def _numeral(index: int) -> str:
    numerals = parameters("names")["numerals"]
    return numerals[index] if index < len(numerals) else str(index + 1)

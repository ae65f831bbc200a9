"""Why a school is or is not up to a standard, in words with numbers."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.schema.model import SchoolRule
from reports import numbers
from reports.scorecard import ItemValue, Result
from reports.words import Words

MOST, FEW = 3, 2
"""Items that a reason names, and where there are many schools; of more it says how many."""


def reason(result: Result, rule: SchoolRule, words: Words, most: int = MOST) -> str:
    """One or two clauses: what decides the school's result. A school without any item says nothing."""
    failed = result.of()
    if result.meets is None:
        return _join([_missing(result, words, most), *_allowed(failed, words, most)], words)
    if result.meets:
        return words("reason.all", n=result.applicable) if not failed else _join(_allowed(failed, words, most), words)
    vetoes = [item for item in failed if item.is_veto]
    parts = [words("reason.veto", items=items_text(vetoes, words, most))] if rule.veto and vetoes else []
    under = [item for item in failed if item.is_under_floor]
    if rule.max_unmet is not None and len(failed) > rule.max_unmet:
        parts.append(words("reason.many", n=len(failed), most=rule.max_unmet, items=items_text(failed, words, most)))
    elif rule.rest_above_floor and under:
        parts.append(words("reason.under", items=items_text(under, words, most)))
    if result.applicable < rule.min_applicable:
        parts.append(words("reason.few", n=result.applicable, least=rule.min_applicable))
    return _join(parts, words)


def _missing(result: Result, words: Words, most: int) -> str:
    return words(
        "reason.missing", items=words.several([words.short(i.indicator) for i in result.of(missing=True)], most)
    )


def _allowed(failed: Sequence[ItemValue], words: Words, most: int) -> list[str]:
    return [words("reason.allowed", n=len(failed), items=items_text(failed, words, most))] if failed else []


def items_text(items: Sequence[ItemValue], words: Words, most: int = MOST) -> str:
    """Items with value and the bound that each fails, those under their floor first."""
    ordered = sorted(items, key=lambda item: not item.is_under_floor)
    return words.several([item_text(item, words) for item in ordered], most)


def item_text(item: ItemValue, words: Words) -> str:
    """An item with its value and the bound that it fails: the floor where it is under that, else the level."""
    sign = "<" if item.indicator.direction == ">=" else ">"
    bound = item.floor if item.is_under_floor else item.level
    name, value = words.short(item.indicator), value_text(item)
    if not item.is_under_floor or not item.level or not item.floor:
        return words("reason.item", name=name, value=value, sign=sign, bound=numbers.level_text(bound))
    share = item.floor / item.level if item.indicator.direction == ">=" else item.level / item.floor
    said = words("reason.share", share=numbers.percent(share))
    return words("reason.floor", name=name, value=value, sign=sign, share=said, bound=numbers.bound_text(bound))


def value_text(item: ItemValue) -> str:
    """The value as shown: with more digits while it would look equal to the bound that it fails."""
    bound = item.floor if item.is_under_floor else item.level
    return numbers.apart(item.value, item.indicator.decimals, bound if item.is_failed else None)


def _join(parts: Sequence[str], words: Words) -> str:
    return ("；" if words.language == "zh" else "; ").join(part for part in parts if part)

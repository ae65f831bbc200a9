"""The items of a standard, school by school: a table of symbols that prints, is read aloud and needs no script."""

from __future__ import annotations

from dataclasses import dataclass

from reports import numbers
from reports.reasons import value_text
from reports.score_figure import SCORE_DECIMALS
from reports.scorecard import ItemValue, Result, Scorecard
from reports.words import Words

CLASSES = {
    "below": "hb", "unmet": "hu", "missing": "hm", "not_collected": "hm", "not_applicable": "hn", "undecided": "hm",
}  # fmt: skip
"""Short class names: a page may hold 190 schools × 20 items."""

MANY = 100
"""Schools above which a cell says its state by symbol and value only, to keep the page small."""


@dataclass(frozen=True)
class Square:
    """A cell of the table: class, symbol, the word for readers that do not see it, and the school's value below it."""

    kind: str
    symbol: str
    word: str = ""
    value: str = ""


@dataclass(frozen=True)
class ItemRow:
    """A school: its result, score as shown and as sorted, and a square an item."""

    name: str
    school_id: str
    pupils: str
    result: Square
    score: str
    score_raw: str
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class ItemTable:
    """``heads``: (item number, short name, level or empty where it differs by school) of each column."""

    id: str
    caption: str
    heads: tuple[tuple[str, str, str], ...]
    rows: tuple[ItemRow, ...]
    has_scores: bool
    file: str
    is_tall: bool


def item_table(card: Scorecard, stem: str, words: Words) -> ItemTable:
    """The table of a scorecard, the lowest score (else the fewest items met) first."""
    order = words("items.order.score" if card.has_scores else "items.order.met")
    results = card.results if card.has_scores else sorted(card.results, key=lambda r: (r.met, r.school_id))
    rows = tuple(_row(result, words, has_words=len(results) <= MANY) for result in results)
    caption = words("items.caption", n=len(rows), k=len(card.columns), order=order)
    heads = tuple(
        (item.item_no, words.short(indicator), _level(card, i)) for i, (item, indicator) in enumerate(card.columns)
    )
    name = card.standard.id
    return ItemTable(
        f"items-{name}", caption, heads, rows, card.has_scores, f"{stem}-{name}-items.csv", len(rows) > 150
    )


def _level(card: Scorecard, position: int) -> str:
    """The level of a column with its direction; empty where schools have different ones."""
    items = [r.items[position] for r in card.results]
    levels = {item.level for item in items if item is not None}
    if len(levels) != 1:
        return ""
    sign = "≥" if card.columns[position][1].direction == ">=" else "≤"
    return sign + numbers.level_text(next(iter(levels)))


def _row(result: Result, words: Words, *, has_words: bool) -> ItemRow:
    state = result.state
    square = Square(CLASSES.get(state, ""), words.symbol(state), words.state(state, "school"))
    return ItemRow(
        result.name, result.school_id, numbers.whole(result.pupils), square, score_text(result),
        numbers.raw(result.score if result.score is not None else result.score_min), tuple(_square(i, words, has_words=has_words) for i in result.items),
    )  # fmt: skip


def score_text(result: Result) -> str:
    """The score, or the range that missing items leave."""
    if result.score is not None:
        return numbers.fixed(result.score, SCORE_DECIMALS)
    if result.score_min is None:
        return numbers.DASH
    return f"{numbers.fixed(result.score_min, 0)}–{numbers.fixed(result.score_max, 0)}"


def _square(item: ItemValue | None, words: Words, *, has_words: bool) -> Square:
    """A cell. Without words where there are many schools: the legend above the table has them."""
    if item is None:
        return Square("hn", "")
    if item.shown == "met":
        return Square("", words.symbol("met"))
    value = value_text(item) if item.is_failed else ""
    if not has_words:
        return Square(CLASSES[item.shown], words.symbol(item.shown), "", value)
    word = words("value.below.short") if item.shown == "below" else words.state(item.shown, "value")
    return Square(CLASSES[item.shown], words.symbol(item.shown), word, value)

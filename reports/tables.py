"""Tables of a page: plain records that one template prints, and that sort, filter and CSV read from ``data-v``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.words import Words


@dataclass(frozen=True)
class Column:
    """``note`` stands under the title (such as the level); ``unit`` goes to the unit row of the CSV too.

    ``is_narrow``: the title may break; ``is_hidden``: for the CSV alone; ``trace``: the trace id after the row's code, which
    the CSV writes in a column of its own.
    """

    title: str
    numeric: bool = False
    unit: str = ""
    note: str = ""
    wrap: bool = False
    is_wide: bool = False
    is_narrow: bool = False
    is_hidden: bool = False
    trace: str = ""


@dataclass(frozen=True)
class Cell:
    """``raw``: the value as CSV and sorting take it (the text where null); ``state`` colours, ``symbol`` and ``word`` say it.

    ``bar``: a share in per cent, drawn as a bar behind the text.
    """

    text: str
    raw: str | None = None
    state: str = ""
    symbol: str = ""
    word: str = ""
    show_word: bool = False
    href: str = ""
    badge: str = ""
    badge_title: str = ""
    bar: str = ""
    is_light: bool = False
    """A value that is as it should be: the style sheet draws the symbol, which keeps pages with many schools small."""


@dataclass(frozen=True)
class Row:
    """The cell after the table's lead is the row's header. ``state``: what the state filter picks; ``find``: more text that
    the filter box finds. ``group``: what the second filter picks; ``code``: of the area. ``is_apart``: a row that is not one
    of the others, such as a composite; it stands set apart. ``anchor``: the id by which other pages link to the row.
    """

    cells: Sequence[Cell]
    state: str = ""
    find: str = ""
    trace: str = ""
    is_apart: bool = False
    group: str = ""
    code: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Table:
    """``states``: (state, word) for the filter; ``filter_key``: the phrase that labels the filter box.

    ``trace``: what stands before each row's ``find`` in its trace id, where rows have none of their own.
    ``lead``: columns before the row's header; ``groups``: (group, word) for a second filter, labelled by ``group_key``;
    ``constants``: (column, value) that the CSV writes in every row. ``is_plain``: a table to be read whole, which needs no filter.
    """

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    file: str
    states: Sequence[tuple[str, str]] = ()
    is_tall: bool = False
    filter_key: str = "filter"
    trace: str = ""
    lead: int = 0
    groups: Sequence[tuple[str, str]] = ()
    group_key: str = "filter.state"
    constants: Sequence[tuple[str, str]] = ()
    is_plain: bool = False

    @property
    def has_tools(self) -> bool:
        return len(self.rows) > 3 and not self.is_plain


def state_cell(
    text: str, state: str, words: Words, kind: str, *, raw: str = "", show_word: bool = False, href: str = ""
) -> Cell:
    """A cell with its state as symbol and word; the word is for screen readers unless ``show_word``."""
    return Cell(text, raw, state, words.symbol(state), words.state(state, kind), show_word, href)


def states_of(rows: Sequence[Row], order: Sequence[str], words: Words, kind: str) -> list[tuple[str, str]]:
    """The states that rows have, in order, with symbol and word, for the filter of a table."""
    present = {row.state for row in rows}
    return [(s, f"{words.symbol(s)} {words.state(s, kind)}".strip()) for s in order if s in present]

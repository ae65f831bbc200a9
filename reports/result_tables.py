"""Cells and sentences of a ranking on how sure a place is, and on the verdict that a county comes to by the standard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.schema.model import Catalogue
from reports import numbers
from reports.area_facts import Line, Rank
from reports.measures import band_text
from reports.sureness import ERRORS, band_words
from reports.tables import Cell
from reports.words import Words

STATE_OF = {"met": "met", "unmet": "unmet", "no_data": "missing", "not_applicable": "not_applicable"}
"""The state whose symbol and colour a verdict takes."""


def sure_words(
    catalogue: Catalogue, ranks: Sequence[tuple[Line, Rank]], width: str, words: Words, *, has_column: bool
) -> str:
    """What the bands of a ranking mean, and whose place is the least settled by other choices, of which a column may tell."""
    has_errors = any(rank.sure.band for _, rank in ranks)
    said = [band_words(catalogue, words)] if has_errors else [words("rank.key.band", width=width)] if width else []
    wide = [(line, rank.sure.widest) for line, rank in ranks if rank.sure.widest is not None]
    if wide:
        line, widest = max(wide, key=lambda pair: pair[1].width)
        cause, band = words(f"cause.{widest.cause}"), band_text(widest.low, widest.high)
        said.append(words("sure.widest", county=words.place(line.county.name), cause=cause, band=band))
        said += [words("sure.column")] if has_column else []
    return words.sentences(said)


def widest_cell(rank: Rank, words: Words) -> Cell:
    """The widest of the other ranges, with its cause."""
    widest = rank.sure.widest
    if widest is None:
        return Cell(numbers.DASH, "")
    return Cell(f"{band_text(widest.low, widest.high)} {words(f'cause.{widest.cause}')}")


def band_cause(pairs: Sequence[tuple[Line, Rank]]) -> list[tuple[str, str]]:
    """A column for the download that says what the bands are of; none where they differ or nothing is ranked."""
    causes = {ERRORS if rank.sure.band else "tolerance" for _, rank in pairs}
    return [("band_cause", causes.pop())] if len(causes) == 1 else []


def determination_cell(row: dict[str, Any] | None, words: Words) -> Cell:
    """The verdict on a county; beside it the one with relaxations where that is another."""
    if row is None:
        return Cell(numbers.DASH, "")
    badge = ""
    if row["verdict_relaxed"] != row["verdict"]:
        state = STATE_OF[row["verdict_relaxed"]]
        badge = words(
            "badge.relaxed", symbol=words.symbol(state), word=words(f"determination.{row['verdict_relaxed']}")
        )
    # The style sheet draws the symbol, which keeps the pages of large provinces small.
    word, state = words(f"determination.{row['verdict']}"), STATE_OF[row["verdict"]]
    return Cell(word, None, state, words.symbol(state), word, badge=badge, is_light=True)


def verdict_cell(verdict: str, words: Words, badge: str = "") -> Cell:
    """A verdict on a county as symbol and word."""
    word, state = words(f"determination.{verdict}"), STATE_OF[verdict]
    return Cell("", word, state, words.symbol(state), word, True, badge=badge)

"""Where a table's header stands, and which rows below it are data: what is known before any column is."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.returns.headings import Heading, code_row_below, normal
from pipeline.returns.suggest.meanings import Meanings
from pipeline.returns.suggest.words import Unit, unit_of, words
from pipeline.returns.table import SourceTable, is_blank
from pipeline.returns.tries import Candidates
from pipeline.schema.entry import IDENTITY_COLUMNS

_RECOGNISED = 0.6
_LONGEST_HEADER = 60
_FEWEST_HEADERS = 2
_CUT = 0.9
"""What a header weighs that seems to be cut off before its last row."""
KEY_COLUMNS = 4
"""Totals and notes say so in one of the first columns."""


@dataclass(frozen=True)
class Head:
    """A table's header, whether a row of codes follows, its data rows (texts), and the rows that are none.

    ``totals``, ``notes``, ``numbering``: 0-based column → the words that stand there in rows that are no data.
    ``title_units``: units that stand above the header.
    """

    heading: Heading
    code_row: bool
    codes: tuple[str, ...]
    rows: list[list[str]]
    totals: dict[int, set[str]]
    notes: dict[int, set[str]]
    numbering: dict[int, set[str]]
    title: str
    title_units: tuple[Unit, ...]


def head_of(table: SourceTable, meanings: Meanings) -> Head | None:
    """The header that is recognised best among the first rows; None where no row looks like one."""
    weighed = [
        (_weight(heading, table, meanings), -heading.index - heading.height, heading)
        for heading in Candidates(table).headings(in_groups=True)
    ]
    weight, _, heading = max(weighed, key=lambda of: of[:2], default=(0.0, 0, None))
    return with_heading(table, heading, meanings) if heading is not None and weight > 0 else None


def _weight(heading: Heading, table: SourceTable, meanings: Meanings) -> float:
    """How many headers are recognised. Cells that are figures, or texts too long to be headers, are none; of several rows
    all must hold headers."""
    below = table.rows[heading.index + 1 : heading.index + heading.height]
    if any(_is_figure(cell.strip()) for row in below for cell in row if cell.strip()):
        return 0.0
    texts = [cell.strip() for cell in heading.cells if cell.strip()]
    if len(texts) < _FEWEST_HEADERS:
        return 0.0
    told = [text for text in texts if not _is_figure(text) and len(text) <= _LONGEST_HEADER]
    scores = [meanings.best(text) for text in told]
    weight = sum(score**2 for score in scores if score >= _RECOGNISED) + 0.01 * len(set(told))
    return weight * (_CUT if _goes_on(heading, table) else 1.0)


def _goes_on(heading: Heading, table: SourceTable) -> bool:
    """Whether the row below a header looks like its last row rather than like data: no figure, and most cells blank."""
    at = heading.index + heading.height
    filled = [cell.strip() for cell in table.rows[at] if cell.strip()] if at < len(table.rows) else []
    few = len(filled) * 2 < sum(bool(cell.strip()) for cell in heading.cells)
    return bool(filled) and few and not any(_is_figure(cell) or cell in words()["totals"] for cell in filled)


def _is_figure(text: str) -> bool:
    return text.replace(".", "").replace(",", "").replace("-", "").replace("%", "").isdigit()


def with_heading(table: SourceTable, heading: Heading, meanings: Meanings) -> Head:
    """The rest of a head whose header is known."""
    ids = {*IDENTITY_COLUMNS, *meanings.catalogue.fields}
    start = heading.index + heading.height
    code_row = code_row_below(table, heading, ids)
    codes = tuple(cell.strip() for cell in table.rows[start]) if code_row else ()
    rows, totals, notes, numbering = [], {}, {}, {}  # type: ignore[var-annotated]
    for number, row in enumerate(table.rows[start + code_row :]):
        if is_blank(row):
            continue
        if number == 0 and (column := _numbering(row)) is not None:
            numbering.setdefault(column, set()).add(row[column].strip())
        elif (found := _apart(row)) is not None:
            kind, column, word = found
            (totals if kind == "total" else notes).setdefault(column, set()).add(word)
        else:
            rows.append(row)
    above = [cell.strip() for row in table.rows[: heading.index] for cell in row if cell.strip()]
    return Head(heading, code_row, codes, rows, totals, notes, numbering, " ".join(above), _units(above))


def _numbering(row: list[str]) -> int | None:
    """The first filled column of a row that only numbers the columns (甲 乙 1 2 3); None for other rows."""
    filled = [(column, cell.strip()) for column, cell in enumerate(row) if cell.strip()]
    figures = [text for _, text in filled if text not in words()["numbering"]]
    counts = [str(first + i) for first in (1, 2) for i in range(len(figures))]
    in_order = figures in (counts[: len(figures)], counts[len(figures) :])
    return filled[0][0] if len(filled) > _FEWEST_HEADERS and in_order else None


def _apart(row: list[str]) -> tuple[str, int, str] | None:
    """Whether a row is a total or a note: the kind, the column that says so and the word."""
    for column, cell in enumerate(row[:KEY_COLUMNS]):
        text = cell.strip()
        if text in words()["totals"]:
            return "total", column, text
        word = next((word for word in words()["notes"] if text.startswith(word)), None)
        if word is not None:
            return "note", column, word
    return None


def _units(above: list[str]) -> tuple[Unit, ...]:
    """Units named over a table, such as ``单位：万元、平方米``."""
    found: dict[Unit, None] = {}
    for text in above:
        _, mark, after = normal(text).partition("单位:")
        for word in after.rstrip(")").replace("、", ",").replace("，", ",").split(",") if mark else ():
            unit = unit_of(word)
            if unit is not None:
                found[unit] = None
    return tuple(found)

"""Texts of a return as they may be written into files of ours: never as a formula, never as more than a text.

A spreadsheet program takes a text of a CSV file that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return for
a formula. Such texts get an apostrophe before them, plain numbers excepted. In workbooks every text is stored as a text,
so that nothing needs to be put before it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LONGEST = 32_000
"""A cell of a workbook holds 32,767 characters."""


def for_csv(value: object) -> str:
    """A value as the cell of a CSV file."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(STARTS) and not NUMBER.fullmatch(text.strip()) else text


def for_cell(value: object) -> str:
    """A value as the text of a workbook's cell: no control characters, no longer than a cell may be."""
    text = CONTROL.sub("\ufffd", "" if value is None else str(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def for_markdown(value: object) -> str:
    """A value within a line or a table of Markdown: no mark-up, no HTML, one line."""
    text = " ".join(for_cell(value).split())
    return re.sub(r"([\\`*_{}\[\]<>|#!~&])", r"\\\1", text)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV file: UTF-8 with a byte order mark, so that spreadsheet programs show Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        if header:
            writer.writerow(header)
        writer.writerows([[for_csv(value) for value in row] for row in rows])

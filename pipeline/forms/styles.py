"""How a form looks: one set of formats for a workbook."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

FONT = "Microsoft YaHei"
INK, GREY, LINE = "#1F2933", "#7B8794", "#CBD2D9"
DARK, LIGHT, PALE = "#2F5D8A", "#E4ECF4", "#F5F7FA"


@dataclass(frozen=True)
class Styles:
    """Formats by what they are for."""

    title: Format
    subtitle: Format
    label: Format
    fill_in: Format
    year: Format
    aside: Format
    required: Format
    header: Format
    code: Format
    text: Format
    whole: Format
    number: Format
    section: Format
    words: Format
    small: Format

    def of(self, *, is_text: bool, is_whole: bool) -> Format:
        """The format of a cell to fill: text keeps leading zeros."""
        if is_text:
            return self.text
        return self.whole if is_whole else self.number


def styles_of(book: Workbook) -> Styles:
    """The formats of a new workbook."""
    cell = {"border": 1, "border_color": LINE, "valign": "vcenter"}
    head = {**cell, "bold": True, "text_wrap": True, "align": "center"}
    words = {**cell, "text_wrap": True}

    def made(**properties: object) -> Format:
        return book.add_format({"font_name": FONT, "font_size": 10, "font_color": INK, **properties})

    return Styles(
        title=made(font_size=18, bold=True),
        subtitle=made(font_size=11, font_color=GREY),
        label=made(**cell, bg_color=LIGHT),
        fill_in=made(**cell, num_format="@", align="left"),
        year=made(**cell, num_format="0", align="left"),
        aside=made(font_color=GREY, valign="vcenter", font_size=9),
        required=made(**head, bg_color=DARK, font_color="#FFFFFF"),
        header=made(**head, bg_color=LIGHT),
        code=made(**cell, font_size=7, font_color=GREY, bg_color=PALE, text_wrap=True, align="center"),
        text=made(**cell, num_format="@", text_wrap=True),
        whole=made(**cell, num_format="0"),
        number=made(**cell, num_format="0.00##"),
        section=made(bold=True, valign="vcenter"),
        words=made(**words),
        small=made(**words, font_size=9, font_color=GREY),
    )


def width(text: str) -> int:
    """Columns that a text takes: East Asian characters are two wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def lines(text: str, columns: float) -> int:
    """Lines that a wrapped text takes in a column of that width."""
    return sum(max(1, math.ceil(width(part) / max(1.0, columns - 1))) for part in text.split("\n"))

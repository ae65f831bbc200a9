"""What the XML of a workbook says of its cells beside their values: which are shown as per cent, which rows are hidden.

Only xlsx is looked into, and only where a quick look at the bytes finds a mark of either: most workbooks have none.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from pipeline.returns.table import cell_place

_BUILT_IN = (9, 10)
"""Number formats 0% and 0.00%, which a workbook need not define (ECMA-376 part 1, 18.8.30)."""
_MAY_BE_PERCENT = re.compile(rb"%|numFmtId=[\"'](?:9|10)[\"']")
_LITERAL = re.compile(r'"[^"]*"|\\.')
"""Parts of a number format that are shown as they stand: only a bare % multiplies by a hundred."""


def percent_styles(xml: bytes) -> frozenset[int]:
    """Indexes of the cell formats (attribute ``s`` of a cell) that show a number as per cent. Takes ``xl/styles.xml``."""
    if not _MAY_BE_PERCENT.search(xml):
        return frozenset()
    root = ElementTree.fromstring(xml)
    own = {int(f.get("numFmtId", 0)): f.get("formatCode", "") for f in root.iterfind("{*}numFmts/{*}numFmt")}
    percent = {*_BUILT_IN, *(number for number, code in own.items() if "%" in _LITERAL.sub("", code))}
    percent -= {number for number in _BUILT_IN if number in own and "%" not in own[number]}
    formats = root.iterfind("{*}cellXfs/{*}xf")
    return frozenset(i for i, xf in enumerate(formats) if int(xf.get("numFmtId", 0)) in percent)


def percent_cells(xml: bytes, styles: frozenset[int]) -> Iterator[tuple[int, int]]:
    """0-based places of the cells of a sheet that hold a number in one of the styles."""
    if not any(b's="%d"' % style in xml or b"s='%d'" % style in xml for style in styles):
        return
    row, column = -1, -1
    for event, node in ElementTree.iterparse(io.BytesIO(xml), ("start", "end")):
        tag = node.tag.rpartition("}")[2]
        if event == "start" and tag == "row":
            row, column = int(node.get("r", row + 2)) - 1, -1
        elif event == "end" and tag == "c":
            address = node.get("r")
            row, column = cell_place(address) if address else (row, column + 1)
            is_number = node.get("t", "n") == "n" and node.findtext("{*}v")
            if is_number and int(node.get("s", 0)) in styles:
                yield row, column
        elif event == "end" and tag == "row":
            node.clear()


def as_percent(text: str) -> str:
    """A number as it is shown in per cent, with all its digits: 0.955 → 95.5%."""
    try:
        number = Decimal(text) * 100
    except InvalidOperation:
        return text
    shown = format(number, "f")
    return f"{shown.rstrip('0').rstrip('.') if '.' in shown else shown}%"


def hidden_rows(xml: bytes) -> frozenset[int]:
    """Numbers of the rows that a sheet hides, by hand or by a filter."""
    if b" hidden=" not in xml:
        return frozenset()
    found, number = [], 0
    for _, node in ElementTree.iterparse(io.BytesIO(xml), ("start",)):
        if node.tag.rpartition("}")[2] == "row":
            number = int(node.get("r", number + 1))
            found += [number] if node.get("hidden") in ("1", "true") else []
    return frozenset(found)

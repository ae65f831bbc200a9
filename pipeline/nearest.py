"""What was most likely meant: of the values that are allowed, the one nearest to what stands in a cell.

A finding says it (column ``nearest``) so that whoever mends the return need not look it up; nothing is ever mended by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence

from pipeline.returns.counties import Counties
from pipeline.returns.headings import JOINED_BY, normal
from pipeline.returns.table import SourceTable, is_blank
from pipeline.schema.model import Catalogue

LIKE_ENOUGH = 60.0
"""Least likeness of two words, 0–100: below it, the nearest word is too far to be worth saying."""
SEARCHED_ROWS = 12
"""Rows at the top of a sheet in which a header may stand that was meant."""
SHORTEST_CODE = 3
"""Codes shorter than this differ from one another in one character by nature: nothing is near them."""
LISTED_BY = "、"

Finding = MutableMapping[str, object]


def nearest(found: str, allowed: Iterable[str]) -> str | None:
    """The one of ``allowed`` nearest to ``found``: among codes one that differs in one character or two neighbours swapped,
    among words the one most alike. None where nothing is near, or where two are equally so."""
    options = [option for option in dict.fromkeys(allowed) if option and option != found]
    text = normal(found)
    if not text or not options:
        return None
    same = [option for option in options if normal(option) == text]
    if same:
        return same[0]
    return _code_near(text, options) if _is_code(text) else _word_near(text, options)


def _is_code(text: str) -> bool:
    return text.isascii() and text.isalnum() and any(c.isdigit() for c in text)


def _code_near(text: str, options: Sequence[str]) -> str | None:
    from rapidfuzz.distance import OSA

    if len(text) < SHORTEST_CODE:
        return None
    near = [option for option in options if OSA.distance(text, normal(option), score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else None


def _word_near(text: str, options: Sequence[str]) -> str | None:
    from rapidfuzz import fuzz, process

    held = process.extract(text, options, scorer=fuzz.WRatio, processor=normal, score_cutoff=LIKE_ENOUGH, limit=2)
    is_one = len(held) == 1 or (len(held) == 2 and held[0][1] > held[1][1])
    return str(held[0][0]) if is_one else None


def with_nearest(
    found: Iterable[Finding], catalogue: Catalogue, year: int | None, tables: Sequence[SourceTable] = ()
) -> None:
    """Adds ``nearest`` to the findings of reading whose rule chooses among values; ``tables`` are the file's."""
    for finding in found:
        among = _AMONG.get(str(finding["rule_id"]))
        if among == "listed":
            finding["nearest"] = nearest(str(finding["found"]), str(finding["expected"]).split(LISTED_BY))
        elif among == "counties" and year is not None:
            finding["nearest"] = _county_near(str(finding["found"]), catalogue, year)
        elif among == "headers":
            finding["nearest"] = _headers_near(finding, tables)


def code_near(column: str, found: object, catalogue: Catalogue) -> str | None:
    """Of the codes that the catalogue lists for a column, the one most likely meant by a text that is none of them: by the
    code or by what it means, as ``code meaning``. None for columns without a list."""
    listed = catalogue.codes.get(column)
    text = normal(str(found if found is not None else ""))
    if listed is None or not text or text in listed.codes:
        return None
    by_word = {word: code for code, meaning in listed.codes.items() for word in (meaning.zh, meaning.en)}
    near = nearest(text, listed.codes) if _is_code(text) else by_word.get(nearest(text, by_word) or "")
    return f"{near} {listed.codes[near].zh}" if near else None


_AMONG: Mapping[str, str] = {
    "not_an_option": "listed",
    "stage_unknown": "listed",
    "sheet_unread": "listed",
    "header_perhaps_meant": "listed",
    "county_unknown": "counties",
    "sheet_unfit": "headers",
    "layout_unknown": "headers",
}
"""Reading rules that choose among values, and where those stand: in what is expected, among the year's counties, or among
the headers that a sheet lacks."""


def _county_near(found: str, catalogue: Catalogue, year: int) -> str | None:
    """The county most likely meant by a code or a name, as ``code name``."""
    by_code, by_name = (Counties(catalogue, by, year).known for by in ("code", "name"))
    named = {code: name for name, codes in by_name.items() for code in codes if not name.isascii()}
    near = nearest(found, by_code) if _is_code(normal(found)) else nearest(found, by_name)
    codes = by_code.get(near or "") or by_name.get(near or "", set())
    if near is None or len(codes) != 1:
        return None
    code = next(iter(codes))
    return f"{code} {named.get(code, '')}".strip()


def _headers_near(finding: Finding, tables: Sequence[SourceTable]) -> str | None:
    """Of the headers that a sheet lacks, those of which a cell near its top holds something alike: ``cell → header``."""
    table = next((t for t in tables if t.sheet == finding["sheet"]), tables[0] if len(tables) == 1 else None)
    if table is None:
        return None
    _, _, lacking = str(finding["found"]).rpartition(" − ")
    wanted = [header.removesuffix("…") for header in lacking.split(LISTED_BY) if header.strip()]
    filled = [row for row in table.rows if not is_blank(row)][:SEARCHED_ROWS]
    written = {cell.strip() for row in filled for cell in row if cell.strip()}
    pairs = ((nearest(header.rpartition(JOINED_BY)[2], written), header) for header in wanted)
    return LISTED_BY.join(f"{cell} → {header}" for cell, header in pairs if cell is not None) or None

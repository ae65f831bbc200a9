"""The verdict on a county in words: a paragraph a standard and the list of its items.

Numbers are compared nowhere here: a value is shown with as many digits as tell it from a limit that it is not.
"""

from __future__ import annotations

from typing import Any

from reports import numbers
from reports.county_tables import one_language
from reports.tables import Cell, Column, Row, Table
from reports.verdict_facts import CountyVerdict
from reports.whole_facts import WholeFacts
from reports.words import Words

Fact = dict[str, Any]
ORDER = ("unmet", "no_data", "met", "not_applicable")
DECIMALS = 2
FEW_NAMES = 4
"""Items that the paragraph names; of more it says how many."""
SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}


def said_of(one: CountyVerdict, words: Words) -> list[str]:
    """Counts, reason, the verdict with relaxations, and what differs from the county's own declaration."""
    row = one.row
    said = [
        words(
            "verdict.counts", n=row["items"], met=row["items_met"], unmet=row["items_unmet"], open=row["items_missing"],
            na=row["items_not_applicable"],
        ),
        words("verdict.reason", reason=words.of(row, "reason")),
    ]  # fmt: skip
    if one.is_relaxed:
        told = {"met": row["items_met_relaxed"], "reason": words.of(row, "reason_relaxed")}
        said.append(words("verdict.relaxed", verdict=marked(row["verdict_relaxed"], words), **told))
    else:
        said.append(words("verdict.relaxed.none"))
    return [*said, _differing(one, words)]


def _differing(one: CountyVerdict, words: Words) -> str:
    if not any(item["declared"] is not None for item in one.items):
        return ""
    if not one.differing:
        return words("verdict.differ.none")
    names = [f"{number_of(item)}{words.of(item, 'label')}" for item in one.differing]
    return words("verdict.differ", n=len(names), names=words.several(names, FEW_NAMES))


def marked(state: str, words: Words) -> str:
    """A state as symbol and word."""
    return f"{words.symbol(state)} {words.state(state, 'verdict')}"


def number_of(item: Fact) -> str:
    """The number of an item in its document with a space; nothing where it has none."""
    text = str(item["item_no"])
    return f"{text} " if text[:1].isdigit() else ""


def item_table(facts: WholeFacts, one: CountyVerdict, words: Words) -> Table:
    """The status list: a row an item."""
    columns = [Column(words("verdict.col.item")), Column(words("verdict.col.verdict"), wrap=True)]
    if one.is_relaxed:
        columns.append(Column(words("verdict.col.relaxed"), wrap=True))
    columns += [
        Column(words("verdict.col.declared")), Column(words("verdict.col.value"), True), Column(words("verdict.col.limit"), True),
        Column(words("col.reason"), wrap=True, is_wide=True), Column(words("verdict.col.evidence"), wrap=True, is_wide=True),
        Column(words("col.clause"), is_hidden=True),
    ]  # fmt: skip
    kinds = {(t["item_id"], t["test_id"]): str(t["kind"]) for t in one.tests}
    rows = [_item_row(item, kinds.get((item["item_id"], item["test_id"]), ""), one, words) for item in one.items]
    caption = words(
        "verdict.caption", county=words.place(facts.county.name), year=facts.year, n=len(rows),
        document=words.label(one.standard.document),
    )  # fmt: skip
    present = {row.state for row in rows}
    parts = dict.fromkeys(str(item["part"]) for item in one.items)
    return Table(
        f"verdict-{one.standard.id}", caption, columns, rows, f"{facts.stem}-{one.standard.id}-verdict.csv",
        [(s, marked(s, words)) for s in ORDER if s in present],
        groups=[(part, words(f"verdict.part.{part}")) for part in parts], group_key="verdict.part",
    )  # fmt: skip


def _item_row(item: Fact, kind: str, one: CountyVerdict, words: Words) -> Row:
    cells = [
        Cell(
            number_of(item) + words.of(item, "label"),
            badge=" · ".join([part_of(item, words), clause_text(item, words)]),
        ),
        verdict_cell(item["verdict"], words, "" if item["is_computed"] else words("verdict.by_papers")),
    ]
    if one.is_relaxed:
        cells.append(verdict_cell(item["verdict_relaxed"], words, words.of(item, "relaxed")))
    return Row(
        [
            *cells, _declared_cell(item, words), *value_cells(item, kind, words), Cell(words.of(item, "reason")),
            _evidence_cell(item, words), Cell("", clause_text(item, words)),
        ],
        str(item["verdict"]), group=str(item["part"]),
    )  # fmt: skip


def part_of(item: Fact, words: Words) -> str:
    """The part of the standard that an item stands in."""
    return words(f"verdict.part.{item['part']}")


def verdict_cell(state: str, words: Words, badge: str = "") -> Cell:
    """A verdict as symbol and word."""
    word = words.state(state, "verdict")
    return Cell("", word, state, words.symbol(state), word, True, badge=badge)


def _declared_cell(item: Fact, words: Words) -> Cell:
    if item["declared"] is None:
        return Cell(numbers.DASH, "")
    text = words("verdict.declared.yes" if item["declared"] else "verdict.declared.no")
    if not item["differs"]:
        return Cell(text)
    return Cell(text, words("verdict.differs", said=text), "below", "≠", words("verdict.differs.word"))


def _evidence_cell(item: Fact, words: Words) -> Cell:
    asked = words.of(item, "evidence")
    if not asked:
        return Cell(numbers.DASH, "")
    given = item["evidence_given"] or words("verdict.evidence.none")
    return Cell(words("verdict.evidence", asked=asked, given=given))


def clause_text(row: Fact, words: Words) -> str:
    """Clause and grade of a rule."""
    return f"{one_language(row['clause'], words)} · {row['grade']}"


# -- values ------------------------------------------------------------------------------------------------------------


def value_cells(row: Fact, kind: str, words: Words) -> list[Cell]:
    """Value and limit with their unit; what is asked of a yes or no as that word."""
    value, limit = row["value"], row["limit"]
    if kind == "yes":
        return [_yes(value, words), _yes(limit, words)]
    sign = SIGNS.get(row["direction"], "")
    bound = Cell(numbers.DASH, "") if limit is None else Cell(
        words("verdict.limit", sign=sign, limit=_with_unit(shown(limit, None, kind), row, kind, words)), numbers.raw(limit)
    )  # fmt: skip
    return [
        Cell(_with_unit(shown(value, limit, kind), row, kind, words), numbers.raw(value), badge=_division(row)),
        bound,
    ]


def _division(row: Fact) -> str:
    """What was divided by what; nothing where the value is no share."""
    parts = row["numerator"], row["denominator"]
    if None in parts or parts[1] == 1:
        return ""
    return " ÷ ".join(shown(part, None, "") for part in parts)


def _yes(value: float | None, words: Words) -> Cell:
    if value is None:
        return Cell(numbers.DASH, "")
    return Cell(words("verdict.value.yes" if value else "verdict.value.no"), numbers.raw(value))


def shown(value: float | None, limit: float | None, kind: str) -> str:
    """A number as the list shows it: gaps with the digits of gaps, others with two decimals where they are not whole."""
    if kind in ("gaps", "composite"):
        return numbers.limit_text(value) if limit is None else numbers.cv(value, limit)
    text = numbers.apart(value, DECIMALS, limit)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_unit(text: str, row: Fact, kind: str, words: Words) -> str:
    """A number with its unit: per cent without a space, a bare ratio without a word."""
    unit = one_language(row["unit"], words) if row["unit"] else ""
    if text == numbers.DASH or not unit or kind in ("gaps", "composite"):
        return text
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}"

"""What schools lack, in words: a county's progress in sentences and by stage, and the ledger as a table school × item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue
from reports import numbers
from reports.county_tables import one_language
from reports.ledger_facts import OPEN, WHOLE, Ledger
from reports.tables import Cell, Column, Row, Table
from reports.whole_facts import WholeFacts
from reports.words import Words

Fact = dict[str, Any]
MOST = 60
"""Schools that the page lists; the county's workbook has them all."""

STATES = ("new", "persisting", "unknown", "closed", "ended", "missing")
CLASSES = {"new": "hu", "persisting": "hu", "unknown": "hu", "closed": "", "ended": "hn", "missing": "hm"}
CHIPS = {
    "new": "unmet",
    "persisting": "unmet",
    "unknown": "unmet",
    "closed": "met",
    "ended": "not_applicable",
    "missing": "missing",
}


# -- sentences ---------------------------------------------------------------------------------------------------------


def progress_text(row: Fact, words: Words) -> str:
    """A row of ``county_progress`` in sentences: share against target, what came and went, pace, cost."""
    return words.sentences([share_text(row, words), _open(row, words), _pace(row, words), _cost(row, words)])


def share_text(row: Fact, words: Words) -> str:
    """The share of schools up to the standard, against the target and the year before."""
    unknown, before = row["schools_unknown"], row["share_before"]
    high = words("ledger.share.high", n=unknown, share=numbers.percent(row["share_high"], 1)) if unknown else ""
    return words(
        "ledger.share", n=row["schools"], k=row["schools_meeting"], share=numbers.percent(row["share"], 1), high=high,
        year=row["target_year"], target=numbers.percent(row["target_share"]), state=words(f"progress.{row['state']}"),
        before=words("ledger.before", share=numbers.percent(before, 1)) if before is not None else "",
    )  # fmt: skip


def _open(row: Fact, words: Words) -> str:
    if not any(row[f"shortfalls{name}"] for name in ("", "_closed", "_ended", "_missing")):
        return ""
    return words(
        "ledger.open", n=row["shortfalls"], new=row["shortfalls_new"], old=row["shortfalls_persisting"],
        unknown=row["shortfalls_unknown"], closed=row["shortfalls_closed"], ended=row["shortfalls_ended"],
        missing=row["shortfalls_missing"],
    )  # fmt: skip


def _pace(row: Fact, words: Words) -> str:
    state = row["pace_state"]
    if state != "falling":
        return words(f"ledger.pace.{state}")
    return words("ledger.pace.falling", pace=numbers.level_text(row["pace"]), years=short(row["years_to_go"]))


def _cost(row: Fact, words: Words) -> str:
    if not row["shortfalls"]:
        return ""
    if row["cost_yuan"] is None:
        return words("ledger.cost.none")
    n = row["shortfalls_unpriced"]
    rest = words("ledger.cost.unpriced", n=n) if n else ""
    return words(
        "ledger.cost", floor=numbers.whole(row["cost_floor_yuan"]), full=numbers.whole(row["cost_yuan"]), unpriced=rest
    )


def short(value: float | None) -> str:
    """A number with one decimal where that is not 0, and more while it would look like nothing."""
    text = numbers.apart(value, 1, 0.0)
    return text.rstrip("0").rstrip(".") if "." in text else text


# -- by stage ----------------------------------------------------------------------------------------------------------


def stage_table(facts: WholeFacts, ledger: Ledger, catalogue: Catalogue, words: Words) -> Table:
    """A row a stage, all schools first."""
    keys = ("schools", "meeting", "unknown", "share", "before", "state", "open", "closed", "rate", "cost")
    columns = [Column(words("ledger.col.stage")), *(Column(words(f"ledger.col.{key}"), key != "state") for key in keys)]
    stages = [WHOLE, *(stage.id for stage in catalogue.judged_stages)]
    rows = [Row(_stage_cells(ledger.progress[s], catalogue, words)) for s in stages if s in ledger.progress]
    caption = words("ledger.stages.caption", county=words.place(facts.county.name), year=facts.year)
    name = f"progress-{ledger.standard.id}"
    return Table(name, caption, columns, rows, f"{facts.stem}-{name}.csv", is_plain=True)


def _stage_cells(row: Fact, catalogue: Catalogue, words: Words) -> list[Cell]:
    stage = catalogue.stages.get(row["stage"])
    shares = [Cell(numbers.percent(row[name], 1), numbers.raw(row[name])) for name in ("share", "share_before")]
    counts = [
        Cell(numbers.whole(row[name]), numbers.raw(row[name]))
        for name in ("schools", "schools_meeting", "schools_unknown")
    ]
    return [
        Cell(words.label(stage.label) if stage else words("ledger.all")), *counts, *shares, Cell(words(f"progress.{row['state']}")),
        *(Cell(numbers.whole(row[name]), numbers.raw(row[name])) for name in ("shortfalls", "shortfalls_closed")),
        Cell(numbers.percent(row["closing_rate"], 1), numbers.raw(row["closing_rate"])),
        Cell(numbers.whole(row["cost_yuan"]), numbers.raw(row["cost_yuan"])),
    ]  # fmt: skip


# -- school by item ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Square:
    """What a school lacks of an item: class, marks (symbol and amount) one under the other."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class LedgerRow:
    """A school: open items, cost (and as sorted), a square an item."""

    name: str
    open: str
    cost: str
    cost_raw: str
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class LedgerTable:
    """``heads``: (item number and short name, unit) of each column; ``legend``: (state of a chip, mark, word)."""

    id: str
    caption: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[LedgerRow, ...]
    legend: tuple[tuple[str, str, str], ...]
    file: str
    has_costs: bool


def ledger_table(facts: WholeFacts, ledger: Ledger, catalogue: Catalogue, words: Words) -> LedgerTable | None:
    """The ledger of a standard; None where no school lacks anything."""
    if not ledger.rows:
        return None
    schools = sorted(ledger.schools.items(), key=_need)
    present = {row["indicator_id"] for row in ledger.rows}
    items = [item for item in ledger.standard.items if item.indicator in present]
    heads = [
        (f"{i.item_no} {words.short(catalogue.indicators[i.indicator])}", _unit(ledger, i.indicator, words))
        for i in items
    ]
    names = [item.indicator for item in items]
    caption = words("ledger.caption", n=len(schools), k=len(items))
    if len(schools) > MOST:
        caption = words.sentences([caption, words("ledger.more", n=MOST)])
    states = {row["state"] for row in ledger.rows}
    legend = [(CHIPS[s], words(f"ledger.mark.{s}"), words(f"ledger.word.{s}")) for s in STATES if s in states]
    name = f"ledger-{ledger.standard.id}"
    return LedgerTable(
        name, caption, tuple(heads), tuple(_row(rows, names, catalogue, words) for _, rows in schools[:MOST]), tuple(legend),
        f"{facts.stem}-{name}.csv", any(row["cost_yuan"] is not None for row in ledger.rows),
    )  # fmt: skip


def _need(school: tuple[str, list[Fact]]) -> tuple[int, float, str]:
    """Schools with most open items first, then the dearest."""
    code, rows = school
    return (-_open_items(rows), -sum(row["cost_yuan"] or 0.0 for row in rows), code)


def _open_items(rows: list[Fact]) -> int:
    return sum(row["state"] in OPEN for row in rows)


def _unit(ledger: Ledger, indicator: str, words: Words) -> str:
    """The unit of an item's field; empty where no row knows one."""
    units = [row["unit"] for row in ledger.rows if row["indicator_id"] == indicator and row["unit"]]
    return one_language(units[0], words) if units else ""


def _row(rows: list[Fact], names: list[str], catalogue: Catalogue, words: Words) -> LedgerRow:
    costs = [row["cost_yuan"] for row in rows if row["state"] in OPEN and row["cost_yuan"] is not None]
    cost = sum(costs) if costs else None
    squares = (_square([row for row in rows if row["indicator_id"] == name], catalogue, words) for name in names)
    return LedgerRow(rows[0]["name"], str(_open_items(rows)), numbers.whole(cost), numbers.raw(cost), tuple(squares))


def _square(rows: list[Fact], catalogue: Catalogue, words: Words) -> Square:
    if not rows:
        return Square("", ())
    worst = min(rows, key=lambda row: STATES.index(row["state"]))
    return Square(CLASSES[worst["state"]], tuple(_line(row, len(rows) > 1, catalogue, words) for row in rows))


def _line(row: Fact, has_others: bool, catalogue: Catalogue, words: Words) -> str:
    """The mark and the amount; the stage where the school has the item in several."""
    stage = catalogue.stages.get(row["stage"])
    mark = words(f"ledger.mark.{row['state']}")
    parts = [
        words.label(stage.label) if has_others and stage else "",
        mark,
        amount(row, words) if row["state"] in OPEN else "",
    ]
    return " ".join(part for part in parts if part)


def amount(row: Fact, words: Words) -> str:
    """What is lacking in the field's unit, with one decimal where it is not whole; what must go says so."""
    text = short(row["shortfall"]) if row["shortfall"] is not None else ""
    return words("ledger.remove", amount=text) if text and row["change"] == "remove" else text

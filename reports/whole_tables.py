"""What a province's overview tells of whole counties, a standard at a time: verdicts, lists of merit and of warning, awards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue, Stage, Standard
from reports import numbers
from reports.area_results import VERDICTS, Whole, current
from reports.areas import Areas, Province
from reports.county_pages import page_path
from reports.pinyin import spellings
from reports.release import County
from reports.result_tables import STATE_OF, verdict_cell
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

AWARD_STATE = {"ok": "met", "over_budget": "below", "too_small": "not_applicable", "no_step": "not_applicable"}

ORDER = ("unmet", "no_data", "met", "not_applicable")
"""The order of verdicts in the table."""

Made = dict[str, Any]


@dataclass(frozen=True)
class _Asked:
    """What the tables of one province and standard are made from."""

    province: Province
    standard: Standard
    stage: Stage
    year: int
    whole: Whole

    @property
    def file(self) -> str:
        return f"{self.province.code}-{self.standard.id}-{self.year}.csv"

    def county(self, code: str, words: Words) -> Cell:
        """The county's name, leading to its page."""
        county = self.counties[code]
        return Cell(words.place(county.name), href=page_path(county, self.stage))

    @property
    def counties(self) -> Mapping[str, County]:
        return {county.code: county for county in self.province.counties}


def results(
    areas: Areas, catalogue: Catalogue, province: Province, standards: Sequence[Standard], words: Words
) -> list[Made]:
    """A section a standard that has anything to tell: its name with ``determinations``, ``lists`` and ``awards`` (or null)."""
    made = []
    for standard in standards:
        stage = catalogue.judged_stages[0]
        asked = _Asked(province, standard, stage, areas.year, areas.results.whole(province.code, standard.id))
        section = {
            "determinations": determinations(asked, words), "lists": lists(asked, words), "awards": awards(asked, words)
        }  # fmt: skip
        if any(section.values()):
            made.append({"id": standard.id, "name": words.label(standard.label)} | section)
    return made


def lead(whole: Whole, standard: Standard, words: Words) -> str:
    """How many counties meet the standard, in sentences; empty where no verdict is known."""
    rows = list(whole.determinations.values())
    if not rows:
        return ""
    counts = Counter(row["verdict"] for row in rows)
    relaxed = sum(row["verdict_relaxed"] == "met" for row in rows)
    differing = sum(bool(row["items_differing"]) for row in rows)
    name = words.label(standard.label)
    said = [words("determinations.lead", n=len(rows), standard=name, **{v: counts[v] for v in VERDICTS})]
    if counts["not_applicable"]:
        said.append(words("determinations.none", n=counts["not_applicable"]))
    if relaxed != counts["met"]:
        said.append(words("determinations.relaxed", met=relaxed))
    if differing:
        said.append(words("determinations.differ", n=differing))
    return words.sentences(said)


def determinations(asked: _Asked, words: Words) -> Made | None:
    """The verdicts on the counties in words and as a table, unmet first; null where there are none."""
    found = [(code, asked.whole.determinations[code]) for code in asked.counties if code in asked.whole.determinations]
    if not found:
        return None
    columns = [Column(words("col.county")), Column(words("col.determination")), Column(words("col.relaxed"))]
    counted = ("items_met", "items_unmet", "items_missing", "items_not_applicable", "items_differing")
    titles = ("col.items_met", "col.items_unmet", "col.items_missing", "col.items_na", "col.items_differing")
    columns += [Column(words(title), True, is_narrow=True) for title in titles]
    columns += [Column(words("col.reason"), wrap=True, is_wide=True), Column(words("col.area_code"))]
    rows = [
        Row(
            [
                asked.county(code, words), verdict_cell(row["verdict"], words), verdict_cell(row["verdict_relaxed"], words),
                *(Cell(numbers.whole(row[name])) for name in counted), Cell(words.of(row, "reason")), Cell(code),
            ],
            STATE_OF[row["verdict"]], find=_find(asked.counties[code]), group=asked.counties[code].prefecture_code, code=code,
        )
        for code, row in sorted(found, key=lambda p: (ORDER.index(p[1]["verdict"]), -p[1]["items_unmet"], p[0]))
    ]  # fmt: skip
    assert sum(row["items"] for _, row in found) == sum(row[n] for _, row in found for n in counted[:4])
    present = {row["verdict"] for _, row in found}
    states = [
        (STATE_OF[v], f"{words.symbol(STATE_OF[v])} {words(f'determination.{v}')}") for v in ORDER if v in present
    ]
    caption = words("determinations.caption", n=len(rows), standard=words.label(asked.standard.label))
    table = Table(
        f"determinations-{asked.standard.id}", caption, columns, rows, f"verdicts-{asked.file}", states, filter_key="filter.county",
        constants=(("year", str(asked.year)), ("standard_id", asked.standard.id)), is_tall=len(rows) > TALL,
    )  # fmt: skip
    return {"lead": lead(asked.whole, asked.standard, words), "table": table}


TALL = 150


def _find(county: County) -> str:
    return f"{county.name.zh} {county.name.en} {spellings(county.name.zh)}".lower()


def lists(asked: _Asked, words: Words) -> Made | None:
    """Counties on the lists of merit and of warning, and those that left one this year; null where there are none."""
    listed = [row for row in asked.whole.listed if row["county_code"] in asked.counties]
    if not listed:
        return None
    columns = [
        Column(words("col.county")), Column(words("col.list")), Column(words("col.entered"), True),
        Column(words("col.entered.why"), wrap=True, is_wide=True), Column(words("col.left"), True),
        Column(words("col.left.why"), wrap=True, is_wide=True), Column(words("col.area_code")),
    ]  # fmt: skip
    rows = [
        Row([
            asked.county(row["county_code"], words), list_cell(row["list"], words), Cell(str(row["entered_year"])),
            Cell(words.of(row, "reason")), Cell(numbers.DASH, "") if row["left_year"] is None else Cell(str(row["left_year"])),
            Cell(words.of(row, "left_reason") or numbers.DASH), Cell(row["county_code"]),
        ], code=row["county_code"])
        for row in listed
    ]  # fmt: skip
    table = Table(
        f"lists-{asked.standard.id}", words("lists.caption"), columns, rows, f"lists-{asked.file}",
        constants=(("year", str(asked.year)), ("standard_id", asked.standard.id)),
    )  # fmt: skip
    return {"lead": list_lead(asked.whole, asked.standard, words), "table": table}


def list_lead(whole: Whole, standard: Standard, words: Words) -> str:
    """How many counties stand on each list; empty where none does and none left."""
    if not whole.listed:
        return ""
    merit, warning = len(current(whole.listed, "merit")), len(current(whole.listed, "warning"))
    left = len(whole.listed) - merit - warning
    return words("lists.lead", standard=words.label(standard.label), merit=merit, warning=warning, left=left)


def list_cell(name: str, words: Words) -> Cell:
    """A list as symbol and word."""
    word, state = words(f"list.{name}"), "met" if name == "merit" else "warning"
    return Cell("", word, state, words.symbol(state), word, True)


def awards(asked: _Asked, words: Words) -> Made | None:
    """The award of groups in words and as a table, best first; null where none was ranked by the standard."""
    ranked = [row for row in asked.whole.awards if row["state"] != "not_ranked"]
    if not ranked:
        return None
    paid, due = (sum(row[name] or 0.0 for row in ranked) for name in ("paid_yuan", "amount_yuan"))
    ok = sum(row["state"] == "ok" for row in ranked)
    said = [words("awards.lead", n=len(ranked), ok=ok, due=numbers.whole(due), paid=numbers.whole(paid))]
    if len(asked.whole.awards) > len(ranked):
        said.append(words("awards.not_ranked", n=len(asked.whole.awards) - len(ranked)))
    measure = words(f"group.measure.{ranked[0]['measure']}")
    columns = [
        Column(words("col.rank"), True), Column(words("col.group")), Column(words("col.area")),
        Column(words("col.group_size"), True), Column(measure, True, is_narrow=True), Column(words("col.step")),
        Column(words("col.due"), True), Column(words("col.paid"), True), Column(words("col.award")),
    ]  # fmt: skip
    caption = words("awards.caption", measure=measure, standard=words.label(asked.standard.label))
    rows = [_award_row(row, words) for row in ranked]
    table = Table(f"awards-{asked.standard.id}", caption, columns, rows, f"awards-{asked.file}", lead=1)
    return {"lead": words.sentences(said), "table": table}


def _award_row(row: dict[str, Any], words: Words) -> Row:
    state, word = AWARD_STATE[row["state"]], words(f"award.{row['state']}")
    return Row([
        Cell(numbers.whole(row["rank"])), Cell(row["group_name"]), Cell(words.of(row, "name")),
        Cell(numbers.whole(row["group_size"])), Cell(numbers.fixed(row["value"], 2), numbers.raw(row["value"])),
        Cell(row["step"] or numbers.DASH), Cell(numbers.whole(row["amount_yuan"]), numbers.raw(row["amount_yuan"])),
        Cell(numbers.whole(row["paid_yuan"]), numbers.raw(row["paid_yuan"])),
        Cell("", word, state, words.symbol(state), word, True),
    ], state, code=row["group_id"])  # fmt: skip

"""T1, the schools of a county's stage: values on every gap, the result under the school rule, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reports import numbers
from reports.corrections import SIGN, WHOLE
from reports.county_tables import MANY, file_stem, level_text
from reports.facts import Gap, PageFacts, School, Value
from reports.reasons import FEW, MOST, reason
from reports.scorecard import Result
from reports.tables import Cell, Column, Row, Table, states_of
from reports.words import Words

Signs = Mapping[tuple[str, str], str]
"""(school, indicator) → what the sign at its value says."""

VALUE_ORDER = ("unmet", "below", "missing", "not_collected", "not_applicable", "met", "measured")
RULE_ORDER = ("unmet", "undecided", "met")
VALUE_DIGITS = 7
"""Significant digits of a school's value in the page's CSV; the workbook has them all."""


def school_table(facts: PageFacts, signs: Signs, words: Words) -> Table:
    """T1: one row a counted school: pupils, result under the school rule, a column a gap's indicator, and the reason.

    ``signs``: what the sign at a corrected value says.
    """
    card = facts.card
    columns = [Column(words("col.school")), Column(words("col.pupils"), True)]
    if facts.has_levels:
        columns.append(Column(words("col.rule" if card else "col.result"), True))
    columns += [
        Column(
            words.short(g.indicator), True, unit=words.label(g.indicator.unit),
            note=" ".join(t for t in (g.item.item_no if g.item else "", level_text(g) if g.level is not None else "") if t),
        )
        for g in facts.gaps
    ]  # fmt: skip
    columns += [Column(words("t1.why"), wrap=True, is_wide=True)] if card else []
    results = {result.school_id: result for result in card.results} if card else {}
    rows = [_school_row(facts, school, results.get(school.school_id), signs, words) for school in facts.schools]
    name = file_stem(facts)
    if card is not None:
        states = states_of(rows, RULE_ORDER, words, "school")
        caption = words("t1.caption.rule", n=len(rows), rule=words.label(card.rule.label))
    else:
        states = states_of(rows, VALUE_ORDER, words, "value") if facts.has_levels else []
        caption = words("t1.caption" if facts.has_levels else "t1.caption.free", n=len(rows))
    return Table(
        "schools-table",
        caption,
        columns,
        rows,
        f"{name}-schools.csv",
        states,
        is_tall=len(rows) > 150,
        trace=f"{facts.county.code}.{facts.stage.id}.*.{facts.year}.",
    )


def _school_row(facts: PageFacts, school: School, result: Result | None, signs: Signs, words: Words) -> Row:
    fixed = signs.get((school.school_id, WHOLE), "")
    badge = " ".join(text for text in (words("split") if school.is_split else "", SIGN if fixed else "") if text)
    said = "; ".join(text for text in (words("split.long") if school.is_split else "", fixed) if text)
    cells = [
        Cell(school.name, school.name, badge=badge, badge_title=said),
        Cell(numbers.whole(school.pupils), numbers.raw(school.pupils)),
        *([_result_cell(school, result, words)] if facts.has_levels else []),
        *(
            _signed(
                _value_cell(value, gap, words, has_raw=len(facts.schools) <= MANY),
                signs.get((school.school_id, gap.indicator.id), ""),
            )
            for value, gap in zip(school.values, facts.gaps, strict=True)
        ),
    ]
    card = facts.card
    if card is not None:
        cells.append(
            Cell(reason(result, card.rule, words, FEW if len(facts.schools) > MANY else MOST) if result else "")
        )
    worst = min((v.shown for v in school.values), key=VALUE_ORDER.index, default="measured")
    return Row(cells, result.state if result else worst, find=school.school_id)


def _result_cell(school: School, result: Result | None, words: Words) -> Cell:
    """Items met of those that apply, with the result under the school rule where there is one."""
    if result is None:
        met = school.count("met")
        return Cell(f"{met} / {len(school.values) - school.count('not_applicable')}", numbers.raw(met))
    state = result.state
    text = f"{result.met} / {result.applicable}"
    return Cell(text, words.state(state, "school"), state, words.symbol(state), words.state(state, "school"))


def _signed(cell: Cell, said: str) -> Cell:
    """A value's cell with the sign of a correction, where there is one."""
    return replace(cell, badge=SIGN, badge_title=said) if said else cell


def _value_cell(value: Value, gap: Gap, words: Words, *, has_raw: bool) -> Cell:
    """A school's value; where there are many schools without the digits behind it (the workbook has them), and with its
    symbol drawn by the style sheet; the legend above the table says the words."""
    bound = None
    if value.shown in ("below", "unmet"):
        bound = gap.floor if value.shown == "unmet" and gap.floor is not None else value.level
    text = "" if value.value is None else numbers.apart(value.value, gap.indicator.decimals, bound)
    raw = numbers.raw(value.value, VALUE_DIGITS) if has_raw else None
    if value.shown == "measured":
        return Cell(text, raw)
    if value.shown == "met":
        return Cell(text, raw, "met", is_light=True)
    return Cell(
        text,
        raw,
        value.shown,
        words.symbol(value.shown),
        words("value.below.short") if value.shown == "below" else words.state(value.shown, "value"),
        is_light=not has_raw and value.shown in ("below", "unmet"),
    )

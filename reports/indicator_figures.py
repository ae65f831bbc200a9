"""The two spreads of an indicator page: gaps of counties against limits, school values against levels; each with its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports import numbers
from reports.county_pages import page_path
from reports.dot_figure import DotAxis, DotLane, dot_figure
from reports.figures import KEY_SYMBOLS, MARKS
from reports.indicator_facts import GAP_STEP, GAP_STEPS, VALUE_STEP, VALUE_STEPS, IndicatorFacts, Spread
from reports.method_tables import columns
from reports.render import Source
from reports.tables import Cell, Column, Row, Table, state_cell
from reports.words import Words

GAP_ORDER = ("met", "measured", "undecided", "incomplete", "unmet")
VALUE_ORDER = ("met", "below", "unmet")


def gap_section(facts: IndicatorFacts, source: Source, words: Words) -> dict[str, Any] | None:
    """Coefficients of all counties: figure, its data, what they come to, the widest; none where no gap is measured."""
    spreads = facts.gaps
    if not spreads:
        return None
    lanes = [
        DotLane(_name(s, words), _gap_note(s, words), s.counts, s.limit, words("fig1.limit", limit=numbers.limit_text(s.limit)))
        for s in spreads
    ]  # fmt: skip
    ticks = [round(i * GAP_STEP * 2, 2) for i in range(GAP_STEPS // 2 + 1)]
    axis = DotAxis(GAP_STEP, GAP_STEPS, words("fig1.axis"), ticks, [numbers.fixed(t, 1) for t in ticks])
    figure, k = dot_figure("gaps", lanes, axis, GAP_ORDER, words)
    title = words("ind.gaps.question")
    message = words.sentences([words("ind.lane", name=lane.label, text=lane.note) for lane in lanes])
    caption = words(
        "ind.gaps.caption",
        year=facts.year,
        mark=_mark(k, "county", words),
        top=numbers.fixed(GAP_STEP * (GAP_STEPS - 1), 2),
    )
    table = words("fig.data", n=1)
    return {
        "figure": {
            "id": figure.id, "label": words("fig", n=1), "title": title, "caption": caption, "table": table,
            "aria": words("ind.aria", title=title, message=message, table=table), "key": _key(spreads, GAP_ORDER, "gap", words),
            "height": figure.layout["height"], "narrow": figure.narrow["layout"]["height"], "json": figure.as_json(),
        },
        "data": _steps_table("gap-steps", spreads, GAP_STEP, GAP_STEPS, 2, facts, words),
        "sums": _gap_sums(facts, words),
        "widest": _widest(facts, source, words),
    }  # fmt: skip


def _name(spread: Spread, words: Words) -> str:
    return f"{words.label(spread.standard.short or spread.standard.label)} · {words.label(spread.stage.label)}"


def _gap_note(spread: Spread, words: Words) -> str:
    n = numbers.whole(spread.sums["n"])
    if spread.limit is None:
        return words("ind.gaps.free", n=n, p50=numbers.cv(spread.sums["p50"]))
    return words("ind.gaps.over", n=n, over=numbers.whole(spread.sums["unmet"]))


def _mark(k: int, thing: str, words: Words) -> str:
    return words(f"ind.mark.{thing}") if k == 1 else words(f"ind.marks.{thing}", k=k)


def _key(spreads: Sequence[Spread], order: Sequence[str], kind: str, words: Words) -> list[dict[str, str]]:
    """The states that are drawn, and the line where there is one."""
    present = {state for s in spreads for _, state in s.counts}
    key = [
        {"mark": KEY_SYMBOLS[MARKS[state][0]], "state": state, "text": words.state(state, kind)}
        for state in order if state in present
    ]  # fmt: skip
    if kind == "value":
        return [*key, {"mark": "┆", "state": "line", "text": words("ind.key.level")}]
    if any(s.limit is not None for s in spreads):
        key.append({"mark": "┆", "state": "line", "text": words("fig1.key.limit")})
    return key


def _steps_table(
    name: str, spreads: Sequence[Spread], step: float, steps: int, digits: int, facts: IndicatorFacts, words: Words
) -> Table:
    """The figure's data: a row a step that holds anything, a column a lane."""
    used = sorted({n for s in spreads for n, _ in s.counts})
    rows = []
    for n in used:
        low, high = numbers.fixed(n * step, digits), numbers.fixed((n + 1) * step, digits)
        label = words("ind.step.last", low=low) if n == steps - 1 else words("ind.step", low=low, high=high)
        counts = [sum(v for (at, _), v in s.counts.items() if at == n) for s in spreads]
        rows.append(Row([Cell(label), *(Cell(numbers.whole(c), numbers.raw(c)) for c in counts)]))
    heads = [Column(words("ind.col.step"))] + [Column(_name(s, words), True) for s in spreads]
    file = f"{facts.indicator.id}-{name}.csv"
    return Table(name, words("ind.steps.caption"), heads, rows, file, is_plain=True)


def _gap_sums(facts: IndicatorFacts, words: Words) -> Table:
    """What the coefficients of each standard and stage come to."""
    keys = (
        "method.col.standard", "method.col.stage", "ind.col.counties", "ind.col.limit", "gap.met", "gap.unmet",
        "ind.col.p10", "ind.col.p50", "ind.col.p90", "ind.col.most",
    )  # fmt: skip
    rows = []
    for s in facts.gaps:
        sums = s.sums
        cvs = [Cell(numbers.cv(sums[key]), numbers.raw(sums[key])) for key in ("p10", "p50", "p90", "most")]
        held = [Cell(numbers.whole(sums[key]) if s.limit is not None else numbers.DASH) for key in ("met", "unmet")]
        rows.append(Row([
            Cell(words.label(s.standard.short or s.standard.label)), Cell(words.label(s.stage.label)),
            Cell(numbers.whole(sums["n"]), numbers.raw(sums["n"])), Cell(numbers.limit_text(s.limit), numbers.raw(s.limit)),
            *held, *cvs,
        ]))  # fmt: skip
    made = columns(words, *keys, numeric=keys[2:])
    caption = words("ind.gap_sums.caption", year=facts.year)
    return Table("gap-sums", caption, made, rows, f"{facts.indicator.id}-gaps.csv", is_plain=True)


def _widest(facts: IndicatorFacts, source: Source, words: Words) -> Table:
    """The counties with the largest coefficients of each standard and stage, linked to their pages."""
    counties = {c.code: c for c in source.release.counties}
    stages = source.catalogue.stages
    keys = (
        "ind.col.county", "col.area_code", "method.col.standard", "method.col.stage", "col.cv", "ind.col.limit", "col.verdict", "col.mean",
        "col.n",
    )  # fmt: skip
    rows = []
    for r in facts.widest:
        county, stage = counties.get(r["area_code"]), stages[r["stage"]]
        name = words.place(county.name) if county else r["area_code"]
        href = f"../{page_path(county, stage)}" if county else ""
        rows.append(Row([
            Cell(name, name, href=href), Cell(r["area_code"]), Cell(words.label(r["standard"].short or r["standard"].label)),
            Cell(words.label(stage.label)), Cell(numbers.cv(r["cv"], r["cv_limit"]), numbers.raw(r["cv"])),
            Cell(numbers.limit_text(r["cv_limit"]), numbers.raw(r["cv_limit"])),
            state_cell("", r["shown"], words, "gap", raw=words.state(r["shown"], "gap"), show_word=True),
            Cell(numbers.fixed(r["mean"], facts.indicator.decimals), numbers.raw(r["mean"])),
            Cell(numbers.whole(r["schools"]), numbers.raw(r["schools"])),
        ], r["shown"], trace=r["trace_id"]))  # fmt: skip
    made = columns(words, *keys, numeric=(keys[4], keys[5], keys[7], keys[8]))
    return Table(
        "widest-table",
        words("ind.widest.caption", n=len(rows), year=facts.year),
        made,
        rows,
        f"{facts.indicator.id}-widest.csv",
    )


# --- school values ----------------------------------------------------------------------------------------------------


def value_section(facts: IndicatorFacts, source: Source, words: Words) -> dict[str, Any] | None:
    """School values over the level: figure for the standard that pages show first, table for all; none without a level."""
    if not facts.values:
        return None
    default = source.catalogue.about.default_standard
    first = next((s.standard.id for s in facts.values if s.standard.id == default), facts.values[0].standard.id)
    drawn = [s for s in facts.values if s.standard.id == first and s.counts]
    section: dict[str, Any] = {"figure": None, "data": None, "sums": _value_sums(facts, words)}
    if not drawn:
        return section
    is_more = facts.indicator.direction == ">="
    lanes = [
        DotLane(_name(s, words), _value_note(s, words), s.counts, 1.0, words("fig2.level"), is_more) for s in drawn
    ]
    ticks = [round(i * 0.5, 1) for i in range(6)]
    axis = DotAxis(VALUE_STEP, VALUE_STEPS, words("fig2.axis"), ticks, [numbers.percent(t) for t in ticks])
    figure, k = dot_figure("values", lanes, axis, VALUE_ORDER, words)
    number = 2 if facts.gaps else 1
    title, table = words("ind.values.question"), words("fig.data", n=number)
    message = words.sentences([words("ind.lane", name=lane.label, text=lane.note) for lane in lanes])
    caption = words(
        "ind.values.caption" if is_more else "ind.values.caption.less", year=facts.year, mark=_mark(k, "school", words),
        top=numbers.percent(VALUE_STEP * (VALUE_STEPS - 1)),
    )  # fmt: skip
    section["figure"] = {
        "id": figure.id, "label": words("fig", n=number), "title": title, "caption": caption, "table": table,
        "aria": words("ind.aria", title=title, message=message, table=table), "key": _key(drawn, VALUE_ORDER, "value", words),
        "height": figure.layout["height"], "narrow": figure.narrow["layout"]["height"], "json": figure.as_json(),
    }  # fmt: skip
    section["data"] = _steps_table("value-steps", drawn, VALUE_STEP, VALUE_STEPS, 1, facts, words)
    return section


def _value_note(spread: Spread, words: Words) -> str:
    return words("ind.values.met", met=numbers.whole(spread.sums["met"]), n=numbers.whole(spread.sums["n"]))


def _value_sums(facts: IndicatorFacts, words: Words) -> Table:
    """What school values come to against each standard's levels."""
    keys = (
        "method.col.standard", "method.col.stage", "ind.col.schools", "value.met", "value.below", "value.unmet", "value.missing",
        "ind.col.p10", "ind.col.p50", "ind.col.p90",
    )  # fmt: skip
    digits = facts.indicator.decimals
    rows = [
        Row([
            Cell(words.label(s.standard.short or s.standard.label)), Cell(words.label(s.stage.label)),
            *(Cell(numbers.whole(s.sums[k]), numbers.raw(s.sums[k])) for k in ("n", "met", "below", "unmet", "missing")),
            *(Cell(numbers.fixed(s.sums[k], digits), numbers.raw(s.sums[k])) for k in ("p10", "p50", "p90")),
        ])
        for s in facts.values
    ]  # fmt: skip
    made = columns(words, *keys, numeric=keys[2:])
    caption = words("ind.value_sums.caption", year=facts.year, unit=words.label(facts.indicator.unit))
    return Table("value-sums", caption, made, rows, f"{facts.indicator.id}-values.csv", is_plain=True)

"""The indicator pages: a list, and for each its definition, cells, levels, edge cases, a query that recomputes it, its spread.

Paths: ``indicator/index.html``, ``indicator/<id>.html``. Nothing here knows an indicator's id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.schema.model import Catalogue, Indicator, Item, Standard, Threshold
from reports import numbers
from reports.ask import asking
from reports.dictionary import field_facts
from reports.dictionary_page import fields_table
from reports.indicator_facts import IndicatorFacts, indicator_facts, used_fields
from reports.indicator_figures import gap_section, value_section
from reports.method_page import ANY, level_cell, stage_name, type_name, year_name
from reports.method_tables import clause, columns
from reports.render import Page, Source
from reports.tables import Cell, Row, Table
from reports.trace import formula
from reports.words import Words

_CASE = re.compile(r"\bcase\b", re.IGNORECASE)


def indicator_pages(source: Source) -> Iterator[Page]:
    """The list of indicators and a page for each."""
    catalogue, year = source.catalogue, source.release.year
    fictional = any(c.is_fictional for c in source.release.counties)
    with asking(source.database) as ask:
        known = [indicator_facts(ask, indicator, catalogue, year) for indicator in catalogue.indicators.values()]
    yield Page("indicator/index.html", "tables.html.j2", lambda words: _index(known, catalogue, words), fictional)
    for facts in known:
        yield _page(facts, source, fictional)


def _page(facts: IndicatorFacts, source: Source, fictional: bool) -> Page:
    path = f"indicator/{facts.indicator.id}.html"
    return Page(path, "indicator.html.j2", lambda words: _context(facts, source, words), fictional)


# --- the list ---------------------------------------------------------------------------------------------------------


def _index(known: list[IndicatorFacts], catalogue: Catalogue, words: Words) -> dict[str, Any]:
    keys = (
        "standard.col.indicator",
        "ind.col.formula",
        "standard.col.unit",
        "ind.col.direction",
        "ind.col.used",
        "ind.col.present",
    )
    rows = [_index_row(facts, catalogue, words) for facts in known]
    table = Table(
        "indicators-table", words("ind.index.caption", n=len(rows), year=known[0].year if known else ""),
        columns(words, *keys, numeric=keys[5:], wrap=(keys[1], keys[4])), rows, "indicators.csv",
    )  # fmt: skip
    return {
        "title": words("ind.index.title", n=len(rows), standards=len(catalogue.standards)),
        "lead": words("ind.index.lead"),
        "crumbs": [("", words("nav.indicators"))],
        "meta": [],
        "sections": [{"id": "indicators", "title": words("ind.index.question"), "text": "", "tables": [table]}],
    }


def _index_row(facts: IndicatorFacts, catalogue: Catalogue, words: Words) -> Row:
    i = facts.indicator
    used = [f"{words.label(s.short or s.label)} · {item.item_no}" for s, item in users(i, catalogue)]
    ok = sum(row["ok"] for row in facts.states)
    owed = sum(row["ok"] + row["missing"] + row["not_collected"] for row in facts.states)
    share = ok / owed if owed else None
    return Row([
        Cell(words.label(i.label), words.label(i.label), href=f"{i.id}.html", badge=i.id),
        Cell(formula_text(i, catalogue, words)), Cell(words.label(i.unit)), Cell("≥" if i.direction == ">=" else "≤"),
        Cell(("；" if words.language == "zh" else "; ").join(used) or numbers.DASH), Cell(numbers.percent(share, 1), numbers.raw(share)),
    ])  # fmt: skip


def formula_text(indicator: Indicator, catalogue: Catalogue, words: Words) -> str:
    """The formula with the fields' names; as SQL where it holds cases, whose names would not read as a sentence."""
    if any(_CASE.search(text) for text in (indicator.numerator, indicator.denominator)):
        return f"({_one_line(indicator.numerator)}) / ({_one_line(indicator.denominator)})"
    text = formula(indicator, catalogue, words)
    return text.removesuffix(" ÷ 1")


def _one_line(expression: str) -> str:
    return " ".join(expression.split())


def users(indicator: Indicator, catalogue: Catalogue) -> list[tuple[Standard, Item]]:
    """The standards that name an indicator, with their item."""
    return [(s, item) for s in catalogue.standards.values() for item in s.items if item.indicator == indicator.id]


# --- an indicator -----------------------------------------------------------------------------------------------------


def _context(facts: IndicatorFacts, source: Source, words: Words) -> dict[str, Any]:
    i, catalogue = facts.indicator, source.catalogue
    fields = tuple(field_facts(f, catalogue) for f in used_fields(i, catalogue))
    document = words.label(i.source.document)
    sep = "，" if words.language == "zh" else ", "
    cited = sep.join(t for t in (document, words.label(i.source.clause)) if t)
    meta = [(words("method.col.clause"), cited)] if cited else []
    return {
        "title": _title(facts, words),
        "lead": words.label(i.meaning),
        "crumbs": [("index.html", words("nav.indicators")), ("", words.short(i))],
        "meta": [
            (words("standard.id"), i.id), (words("standard.col.unit"), words.label(i.unit)), *meta,
            (words("method.col.grade"), i.source.grade),
        ],
        "formula": f"x = {formula_text(i, catalogue, words)}",
        "formula_sql": f"({_one_line(i.numerator)}) / ({_one_line(i.denominator)})",
        "edges": edge_cases(i, fields, words),
        "fields": fields_table(fields, words, "used") if fields else None,
        "levels": levels_table(i, catalogue, words),
        "states": _states_table(facts, catalogue, words),
        "gap": gap_section(facts, source, words),
        "value": value_section(facts, source, words),
        "sql": value_query(i, facts.year),
        "gap_sql": gap_query(facts) if facts.gaps else "",
    }  # fmt: skip


def _title(facts: IndicatorFacts, words: Words) -> str:
    """The name with what it comes to: how many counties exceed a limit, or the largest gap, or how many values there are."""
    name = words.label(facts.indicator.label)
    limited = [s for s in facts.gaps if s.limit is not None]
    if limited:
        over, all_ = (sum(int(s.sums[k] or 0) for s in limited) for k in ("unmet", "n"))
        return words("ind.title.over" if over else "ind.title.within", name=name, over=over, n=all_)
    held = [s for s in facts.values if s.sums["n"]]
    if held:
        met, n = (sum(int(s.sums[k] or 0) for s in held[: len(_stages_of(held))]) for k in ("met", "n"))
        return words("ind.title.met", name=name, met=numbers.whole(met), n=numbers.whole(n))
    if facts.gaps:
        return words("ind.title.free", name=name, cv=numbers.cv(max(float(s.sums["most"] or 0) for s in facts.gaps)))
    return name


def _stages_of(spreads: list[Any]) -> set[str]:
    """Stages of the first standard, so that schools are not counted once a standard."""
    return {s.stage.id for s in spreads if s.standard is spreads[0].standard}


def edge_cases(indicator: Indicator, fields: tuple[Any, ...], words: Words) -> list[str]:
    """What missing, zero, scope, splitting and units mean for this indicator, as sentences made from its definition."""
    cases = [words(f"ind.missing.{indicator.missing}"), words("ind.zero")]
    if indicator.applies_when:
        cases.append(words("ind.applies", when=indicator.applies_when))
    cases.append(words("ind.scope.school" if indicator.scope == "school" else "ind.scope.stage"))
    shared = [words.label(f.field.label) for f in fields if f.field.scope == "split" and not f.derivation]
    if shared and indicator.scope == "stage":
        cases.append(words("ind.split", fields=words.several(shared)))
    if indicator.whole_units:
        cases.append(words("ind.whole_units"))
    for f in fields:
        for factor in sorted({p.factor for p in f.places if p.factor != 1}):
            text = numbers.level_text(factor)
            cases.append(
                words("ind.factor", name=words.label(f.field.label), unit=words.label(f.field.unit), factor=text)
            )
    return cases


def levels_table(indicator: Indicator, catalogue: Catalogue, words: Words) -> Table | None:
    """Every level, floor and gap limit that a standard sets for the indicator; none where no standard names it."""
    keys = (
        "method.col.standard", "standard.col.item", "method.col.stage", "standard.col.type", "standard.col.from",
        "standard.col.level", "standard.col.floor", "ind.col.limit", "method.col.clause", "method.col.grade",
    )  # fmt: skip
    rows = []
    for standard, item in users(indicator, catalogue):
        levels: list[tuple[str, Threshold | None]] = [(t.stage, t) for t in item.thresholds]
        named = {stage for stage, _ in levels}
        if ANY not in named:
            levels += [(s.id, None) for s in catalogue.judged_stages if s.id not in named]
        rows += [_level_row(standard, item, stage, level, catalogue, words) for stage, level in levels]
    if not rows:
        return None
    made = columns(words, *keys, numeric=keys[5:8], wrap=(keys[0], keys[8]))
    return Table("levels-table", words("ind.levels.caption"), made, rows, f"{indicator.id}-levels.csv", is_plain=True)


def _level_row(
    standard: Standard, item: Item, stage: str, level: Threshold | None, catalogue: Catalogue, words: Words
) -> Row:
    direction = catalogue.indicators[item.indicator].direction
    measured = standard.gap is not None and item.indicator in standard.gap.indicators
    limits = standard.gap.limits if standard.gap is not None and measured else {}
    texts = list(dict.fromkeys(numbers.limit_text(v) for k, v in limits.items() if stage in (k, ANY)))
    source = level.source if level is not None and level.source is not None else item.source
    cited = source if source.clause is not None else item.source
    name = words.label(standard.short or standard.label)
    badge = words("standard.veto") if item.is_veto else ""
    return Row([
        Cell(name, name, href=f"../standard/{standard.id}.html"), Cell(item.item_no, badge=badge),
        Cell(stage_name(stage, catalogue, words)), Cell(type_name(level.school_type if level else ANY, words)),
        Cell(year_name(level.year_from if level else 0, words)), level_cell(level.value if level else None, direction),
        level_cell(level.floor if level else None, direction),
        Cell("≤" + " / ".join(texts) if texts else words("ind.no_limit") if measured else numbers.DASH),
        Cell(clause(cited, standard, words)), Cell(source.grade),
    ])  # fmt: skip


def _states_table(facts: IndicatorFacts, catalogue: Catalogue, words: Words) -> Table | None:
    if not facts.states:
        return None
    keys = ("method.col.stage", "ind.col.ok", "value.missing", "value.not_collected", "value.not_applicable")
    rows = [
        Row([
            Cell(stage_name(r["stage"], catalogue, words)),
            *(Cell(numbers.whole(r[k]), numbers.raw(r[k])) for k in ("ok", "missing", "not_collected", "not_applicable")),
        ])
        for r in sorted(facts.states, key=lambda r: list(catalogue.stages).index(r["stage"]))
    ]  # fmt: skip
    made = columns(words, *keys, numeric=keys[1:])
    return Table("states-table", words("ind.states.caption", year=facts.year), made, rows, "states.csv", is_plain=True)


# --- queries ----------------------------------------------------------------------------------------------------------


def value_query(indicator: Indicator, year: int) -> str:
    """A query that recomputes the indicator from the fields and puts it beside the table's value."""
    numerator, denominator = _one_line(indicator.numerator), _one_line(indicator.denominator)
    if indicator.missing == "zero":
        numerator = f"coalesce({numerator}, 0)"
    where = f"\n        and ({_one_line(indicator.applies_when)})" if indicator.applies_when else ""
    by_school = indicator.scope == "school"
    key = "year, school_id" if by_school else "year, school_id, stage"
    table = "school_total" if by_school else "school_stage"
    return (
        f"with again as (\n    select {key}, ({numerator})\n        / nullif(cast({denominator} as double), 0) as value"
        f"\n    from {table}\n    where year = {year}{where}\n)\n"
        f"select v.school_id, v.stage, v.value, again.value as again\nfrom indicator_value as v\ninner join again using ({key})\n"
        f"where v.indicator_id = '{indicator.id}' and v.state = 'ok'\norder by v.school_id, v.stage;"
    )


def gap_query(facts: IndicatorFacts) -> str:
    """A query that recomputes the gaps of all counties for the first standard that measures them."""
    standard = facts.gaps[0].standard
    return (
        "select v.county_code, v.stage, gap_coefficient_of(v.value, v.pupils) as cv, any_value(g.cv) as published\n"
        "from indicator_value as v\ninner join school_scope as s using (year, school_id, stage)\n"
        "inner join gap_coefficient as g\n    on g.year = v.year and g.standard_id = s.standard_id and g.area_code = v.county_code\n"
        "        and g.stage = v.stage and g.indicator_id = v.indicator_id and g.area_level = 'county'\n"
        f"where v.year = {facts.year} and v.indicator_id = '{facts.indicator.id}'\n"
        f"    and s.standard_id = '{standard.id}' and s.is_counted\n"
        "group by v.county_code, v.stage\norder by cv desc nulls last, v.county_code, v.stage;"
    )

"""The method pages: how every number is made, the settings, and a page per standard. All from the catalogue and the release.

Paths: ``method/index.html``, ``method/settings.html``, ``standard/<id>.html``. Nothing here knows a catalogue's ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.schema.model import Catalogue, Item, Standard, Threshold
from reports import method_tables, numbers
from reports.ask import Ask, asking
from reports.method_tables import MethodFacts, clause, columns, method_facts
from reports.method_text import Block, applying, filled, holes, setting_text
from reports.render import Page, Source
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

ANY = "*"
Counts = dict[str, dict[str, int]]


def method_pages(source: Source) -> Iterator[Page]:
    """The method page, the settings, and a page per standard."""
    catalogue = source.catalogue
    with asking(source.database) as ask:
        facts = method_facts(ask)
        counts = {s.id: _counts(ask, s, facts.year) for s in catalogue.standards.values()}
    yield Page("method/index.html", "method.html.j2", lambda words: _index(facts, catalogue, words))
    yield Page("method/settings.html", "tables.html.j2", lambda words: _settings(catalogue, words))
    for standard in catalogue.standards.values():
        yield _standard_page(standard, catalogue, facts, counts[standard.id])


def _standard_page(standard: Standard, catalogue: Catalogue, facts: MethodFacts, counts: Counts) -> Page:
    return Page(
        f"standard/{standard.id}.html",
        "tables.html.j2",
        lambda words: _standard(standard, catalogue, facts, counts, words),
    )


# --- the method page --------------------------------------------------------------------------------------------------


def _index(facts: MethodFacts, catalogue: Catalogue, words: Words) -> dict[str, Any]:
    values = holes(catalogue, words) | {
        "example_mean": numbers.fixed(facts.example["mean"], 4), "example_sd": numbers.fixed(facts.example["sd"], 4),
        "example_cv": numbers.fixed(facts.example["cv"], 4),
    }  # fmt: skip
    sections = [
        {"id": s.id, "title": s.title[words.language], "blocks": [_block(b, facts, catalogue, values, words) for b in blocks]}
        for s, blocks in applying(catalogue)
    ]  # fmt: skip
    count = {
        "indicators": len(catalogue.indicators), "standards": len(catalogue.standards), "settings": len(catalogue.settings),
    }  # fmt: skip
    return {
        "title": words("method.title", **count),
        "lead": words("method.lead"),
        "crumbs": [("", words("nav.method"))],
        "meta": [(words("method.catalogue"), f"{words.label(catalogue.about.title)} {catalogue.about.version}")],
        "sections": sections,
        "standards": [
            (f"../standard/{s.id}.html", words.label(s.label), words.label(s.document))
            for s in catalogue.standards.values()
        ],
        "links": [
            ("settings.html", words("method.to_settings", n=len(catalogue.settings))),
            ("../indicator/index.html", words("method.to_indicators", n=len(catalogue.indicators))),
            ("../data/index.html", words("method.to_data")),
        ],
    }


def _block(
    block: Block, facts: MethodFacts, catalogue: Catalogue, values: dict[str, str], words: Words
) -> dict[str, Any]:
    """A block as the template takes it: its kind and its content in one language."""
    if block.kind == "p":
        return {"kind": "p", "content": filled(block.content, values, words)}
    if block.kind == "list":
        return {"kind": "list", "content": [filled(text, values, words) for text in block.content]}
    if block.kind == "formula":
        return {"kind": "formula", "content": block.content.format_map(values)}
    if block.kind == "table":
        return {"kind": "table", "content": method_tables.TABLES[block.content](facts, catalogue, words)}
    return {"kind": "sql", "content": block.content}


# --- settings ---------------------------------------------------------------------------------------------------------


def _settings(catalogue: Catalogue, words: Words) -> dict[str, Any]:
    table = settings_table(catalogue, words)
    return {
        "title": words("settings.title", n=len(table.rows)),
        "lead": words("settings.lead"),
        "crumbs": [("index.html", words("nav.method")), ("", words("settings.name"))],
        "meta": [],
        "sections": [{"id": "settings", "title": words("settings.question"), "text": "", "tables": [table]}],
    }


def settings_table(catalogue: Catalogue, words: Words) -> Table:
    """Every setting: value, meaning, source, grade."""
    keys = ("setting.col.key", "setting.col.value", "setting.col.meaning", "setting.col.source", "setting.col.grade")
    rows = [
        Row(
            [
                Cell(s.key), Cell(setting_text(s.value, words)), Cell(words.label(s.meaning)), Cell(words.label(s.source)),
                Cell(s.grade),
            ], anchor=s.key,
        )
        for s in catalogue.settings.values()
    ]  # fmt: skip
    made = columns(words, *keys, wrap=keys[2:4])
    return Table("settings-table", words("settings.caption"), made, rows, "settings.csv")


# --- a standard -------------------------------------------------------------------------------------------------------


def _counts(ask: Ask, standard: Standard, year: int | None) -> Counts:
    """By stage of the latest year: school stages counted and left out, and what the school rule says of them."""
    found: Counts = {}
    for sql in (_STAGES, _MEETING):
        for row in ask.rows(sql, standard=standard.id, year=year) if year is not None else []:
            found.setdefault(row["stage"], {}).update({k: int(v) for k, v in row.items() if k != "stage"})
    return found


_STAGES = """
select c.stage, count(*) filter (where c.is_counted) as counted, count(*) filter (where not c.is_counted) as left_out
from school_scope as c where c.year = $year and c.standard_id = $standard
group by c.stage order by c.stage
"""

_MEETING = """
select stage, count(*) filter (where meets_standard) as yes, count(*) filter (where not meets_standard) as no,
    count(*) filter (where meets_standard is null) as unknown
from school_score where year = $year and standard_id = $standard group by stage order by stage
"""


def _standard(
    standard: Standard, catalogue: Catalogue, facts: MethodFacts, counts: Counts, words: Words
) -> dict[str, Any]:
    """A standard: whom it counts, what it demands of schools and of the county, how counties are ranked by it."""
    limits = standard.gap.limits if standard.gap else {}
    sections: list[dict[str, Any]] = [
        _section("scope", words, [method_tables.scope_table(facts, [standard], words), *_counted(counts, catalogue, facts, words)]),
        _section("items", words, [items_table(standard, catalogue, words)]),
    ]  # fmt: skip
    if standard.gap is not None:
        text = words("standard.gaps.none") if not limits and not standard.gap.composite_limits else ""
        sections.append(_section("gaps", words, [_gap_table(standard, catalogue, words)], text))
    if standard.school_rule is not None:
        rule = standard.school_rule
        text = words(
            "standard.rule.text",
            rule=words.label(rule.label),
            clause=clause(rule.source, standard, words),
            grade=rule.source.grade,
        )
        sections.append(_section("rule", words, _meeting(counts, catalogue, facts, words), text))
    if standard.measures:
        only = catalogue.model_copy(update={"standards": {standard.id: standard}})
        sections.append(_section("measures", words, [method_tables.measures(facts, only, words)]))
    if standard.county_items:
        sections.append(_section("county", words, [_county_table(standard, words)], words("standard.county.text")))
    return {
        "title": _standard_title(standard, words),
        "lead": words.label(standard.document),
        "crumbs": [("../method/index.html", words("nav.method")), ("", words.label(standard.short or standard.label))],
        "meta": [(words("standard.id"), standard.id), (words("method.col.grade"), standard.source.grade)],
        "sections": sections,
    }  # fmt: skip


def _standard_title(standard: Standard, words: Words) -> str:
    """The name and how many demands of each kind there are."""
    counts = {
        "standard.title.items": len(standard.items), "standard.title.county": len(standard.county_items),
        "standard.title.gaps": len(standard.gap.indicators) if standard.gap else 0,
    }  # fmt: skip
    order = ("standard.title.items", "standard.title.gaps", "standard.title.county")
    said = words.several([words(key, n=counts[key]) for key in order if counts[key]])
    return words("standard.title", name=words.label(standard.label), said=said)


def _section(name: str, words: Words, tables: list[Table], text: str = "") -> dict[str, Any]:
    return {"id": name, "title": words(f"standard.{name}"), "text": text, "tables": tables}


def _counted(counts: Counts, catalogue: Catalogue, facts: MethodFacts, words: Words) -> list[Table]:
    """How many school stages of the latest year the standard counts; nothing without a year."""
    if not counts:
        return []
    keys = ("method.col.stage", "standard.col.counted", "method.col.left")
    rows = [
        Row([Cell(words.label(s.label)), *(Cell(numbers.whole(counts[s.id][k])) for k in ("counted", "left_out"))])
        for s in catalogue.judged_stages if "counted" in counts.get(s.id, {})
    ]  # fmt: skip
    caption = words("standard.counted.caption", year=facts.year)
    return [Table("counted", caption, columns(words, *keys, numeric=keys[1:]), rows, "counted.csv", is_plain=True)]


def _meeting(counts: Counts, catalogue: Catalogue, facts: MethodFacts, words: Words) -> list[Table]:
    """How many schools of the latest year the rule answers yes, no and unknown; nothing where none is judged."""
    judged = [s for s in catalogue.judged_stages if "yes" in counts.get(s.id, {})]
    if not judged:
        return []
    keys = ("method.col.stage", "standard.col.yes", "standard.col.no", "standard.col.unknown")
    rows = [
        Row([Cell(words.label(s.label)), *(Cell(numbers.whole(counts[s.id][k])) for k in ("yes", "no", "unknown"))])
        for s in judged
    ]
    caption = words("standard.meeting.caption", year=facts.year)
    return [Table("meeting", caption, columns(words, *keys, numeric=keys[1:]), rows, "meeting.csv", is_plain=True)]


def items_table(standard: Standard, catalogue: Catalogue, words: Words) -> Table:
    """Every item with each of its levels: stage, school type, first year, level, floor, clause, grade."""
    keys = (
        "standard.col.item", "standard.col.indicator", "method.col.stage", "standard.col.type", "standard.col.from",
        "standard.col.level", "standard.col.floor", "standard.col.unit", "method.col.clause", "method.col.grade",
    )  # fmt: skip
    rows = []
    for item in standard.items:
        for threshold in item.thresholds or (None,):
            rows.append(_item_row(standard, item, threshold, catalogue, words))
    caption = words("standard.items.caption", n=len(standard.items))
    made = columns(words, *keys, numeric=keys[5:7], wrap=(keys[1], keys[8]), wide=keys[1:2])
    return Table("items-table", caption, made, rows, f"{standard.id}-items.csv")


def _item_row(standard: Standard, item: Item, threshold: Threshold | None, catalogue: Catalogue, words: Words) -> Row:
    indicator = catalogue.indicators[item.indicator]
    source = threshold.source if threshold is not None and threshold.source is not None else item.source
    cited = source if source.clause is not None else item.source
    badge = words("standard.veto") if item.is_veto else ""
    return Row([
        Cell(item.item_no), Cell(words.label(indicator.label), href=f"../indicator/{indicator.id}.html", badge=badge),
        Cell(stage_name(threshold.stage if threshold else ANY, catalogue, words)),
        Cell(type_name(threshold.school_type if threshold else ANY, words)),
        Cell(year_name(threshold.year_from if threshold else 0, words)),
        level_cell(threshold.value if threshold else None, indicator.direction),
        level_cell(threshold.floor if threshold else None, indicator.direction), Cell(words.label(indicator.unit)),
        Cell(clause(cited, standard, words)), Cell(source.grade),
    ])  # fmt: skip


def level_cell(value: float | None, direction: str) -> Cell:
    """A level or floor with its direction; a dash for none."""
    if value is None:
        return Cell(numbers.DASH, "")
    sign = "≥" if direction == ">=" else "≤"
    return Cell(f"{sign}{numbers.level_text(round(value, 4))}", numbers.raw(value))


def stage_name(stage: str, catalogue: Catalogue, words: Words) -> str:
    """A stage's name; any stage for ``*``."""
    return words.label(catalogue.stages[stage].label) if stage in catalogue.stages else words("any.stage")


def type_name(school_type: str, words: Words) -> str:
    """A school type's code; any type for ``*``."""
    return words("any.type") if school_type == ANY else school_type


def year_name(year: int, words: Words) -> str:
    """The first year of a level; always for 0."""
    return str(year) if year else words("any.year")


def _gap_table(standard: Standard, catalogue: Catalogue, words: Words) -> Table:
    """Whose gaps the standard measures, with the limit of each stage and of the composite."""
    assert standard.gap is not None
    gap, stages = standard.gap, catalogue.judged_stages
    made = columns(words, "standard.col.indicator")
    made += [_limit_column(words.label(stage.label), words) for stage in stages]
    rows = [
        Row([
            Cell(words.label(catalogue.indicators[name].label), href=f"../indicator/{name}.html"),
            *(_limit_cell(gap.limits.get(stage.id)) for stage in stages),
        ])
        for name in gap.indicators
    ]  # fmt: skip
    if gap.composite_limits:
        cells = [_limit_cell(gap.composite_limits.get(stage.id)) for stage in stages]
        rows.append(Row([Cell(words("standard.composite")), *cells]))
    caption = words("standard.gaps.caption", clause=clause(gap.source, standard, words), grade=gap.source.grade)
    return Table("gap-limits", caption, made, rows, f"{standard.id}-limits.csv", is_plain=True)


def _limit_column(stage: str, words: Words) -> Column:
    return Column(words("standard.col.limit", stage=stage), True)


def _limit_cell(limit: float | None) -> Cell:
    return Cell(numbers.DASH, "") if limit is None else Cell(f"≤{numbers.limit_text(limit)}", numbers.raw(limit))


def _county_table(standard: Standard, words: Words) -> Table:
    keys = ("standard.col.item", "standard.col.demand", "method.col.clause", "method.col.grade")
    rows = [
        Row([
            Cell(c.item_no), Cell(words.label(c.label)), Cell(clause(c.source, standard, words)), Cell(c.source.grade),
        ], anchor=c.id)
        for c in standard.county_items
    ]  # fmt: skip
    caption = words("standard.county.caption", n=len(rows))
    return Table("county-items", caption, columns(words, *keys, wrap=keys[1:3]), rows, f"{standard.id}-county.csv")

"""The tables of the method page: worked examples, computed by the release's own macros when the page is made, and what the catalogue says.

Nothing here knows a catalogue's ids: examples are published numbers, everything else is read from the catalogue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.schema.model import Catalogue, Source, Standard
from reports import numbers
from reports.ask import Ask, Rows
from reports.tables import Cell, Column, Row, Table
from reports.trace import named_clause
from reports.words import Words

EXAMPLE_SCHOOLS = ((45, 279), (37, 137), (89, 935), (76, 160), (55, 402))
"""Pupils and things of the published example of five schools (China's 2012 rules, secondary copies)."""

SPLIT_PUPILS, SPLIT_THINGS = (166, 210), 23226
"""Pupils of the first two stages and things of the published example of a combined school."""

BOUNDARY = (("at_least", 4.5, 4.5), ("at_least", 0.1 + 0.2, 0.3), ("at_least", 4.4999, 4.5), ("at_most", 0.501787, 0.5))
"""Macro, value, level. 0.1 + 0.2 is 0.30000000000000004 in a machine; 0.501787 is a county's published coefficient."""

GRADES = ("V1", "V2", "I", "U")
GAP_STATES = ("ok", "single_school", "zero_mean", "no_schools", "incomplete")
VALUE_STATES = ("ok", "missing", "not_collected", "not_applicable")
MEASURES = ("worst_ratio", "mean_cv", "share_meeting", "mean_score")


@dataclass(frozen=True)
class MethodFacts:
    """What the page computes once for both languages. ``schools``: rows of the example; ``left_out``: units by (standard, rule)."""

    schools: Rows
    example: dict[str, float]
    boundary: tuple[bool, ...]
    left_out: dict[tuple[str, str], int]
    year: int | None


def method_facts(ask: Ask) -> MethodFacts:
    """Computes the examples with the database's macros, and counts what scopes leave out in the latest year."""
    values = ", ".join(f"({n}, {p}.0, {r}.0)" for n, (p, r) in enumerate(EXAMPLE_SCHOOLS, start=1))
    schools = ask.rows(_SCHOOLS.format(values=values))
    example = ask.one(_EXAMPLE.format(values=values))
    tests = ", ".join(f"{macro}({value!r}, {level!r}) as t{i}" for i, (macro, value, level) in enumerate(BOUNDARY))
    boundary = tuple(bool(v) for v in ask.one(f"select {tests}").values())
    year = ask.one("select max(year) as year from school_scope")["year"]
    rows = ask.rows(_LEFT_OUT, year=year) if year is not None else []
    left_out = {(r["standard_id"], r["rule_id"]): int(r["n"]) for r in rows}
    return MethodFacts(schools, {k: float(v) for k, v in example.items()}, boundary, left_out, year)


_SCHOOLS = """
with school (n, p, r) as (values {values}), mean as (select weighted_mean(r / p, p) as x, sum(p) as p from school)
select school.n, school.p, school.r, school.r / school.p as x, school.p * pow(school.r / school.p - mean.x, 2) / mean.p as term
from school cross join mean order by school.n
"""

_EXAMPLE = """
with school (n, p, r) as (values {values})
select sum(p) as pupils, sum(r) as things, weighted_mean(r / p, p) as mean, gap_coefficient_of(r / p, p) as cv,
    gap_coefficient_of(r / p, p) * weighted_mean(r / p, p) as sd
from school
"""

_LEFT_OUT = """
select standard_id, rule_id, count(*) as n from school_scope
where year = $year and not is_counted and rule_id is not null group by standard_id, rule_id
"""


def columns(
    words: Words, *keys: str, numeric: Iterable[str] = (), wrap: Iterable[str] = (), wide: Iterable[str] = ()
) -> list[Column]:
    """Columns by their phrases; which hold numbers, which wrap, which are wide."""
    return [Column(words(key), key in numeric, wrap=key in wrap, is_wide=key in wide) for key in keys]


def five_schools(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """The worked example of the coefficient: a row a school and the county."""
    keys = ("method.col.school", "method.col.p", "method.col.r", "method.col.x", "method.col.term")
    rows = [
        Row([
            Cell(words("method.school", n=int(r["n"]))), Cell(numbers.whole(r["p"]), numbers.raw(r["p"])),
            Cell(numbers.whole(r["r"]), numbers.raw(r["r"])), Cell(numbers.fixed(r["x"], 2), numbers.raw(r["x"])),
            Cell(numbers.fixed(r["term"], 2), numbers.raw(r["term"])),
        ])
        for r in facts.schools
    ]  # fmt: skip
    e = facts.example
    rows.append(Row([
        Cell(words("method.county")), Cell(numbers.whole(e["pupils"]), numbers.raw(e["pupils"])),
        Cell(numbers.whole(e["things"]), numbers.raw(e["things"])), Cell(numbers.fixed(e["mean"], 2), numbers.raw(e["mean"])),
        Cell(numbers.fixed(e["sd"] ** 2, 2), numbers.raw(e["sd"] ** 2)),
    ]))  # fmt: skip
    caption = words("method.five.caption", sd=numbers.fixed(e["sd"], 4), cv=numbers.fixed(e["cv"], 4))
    made = columns(words, *keys, numeric=keys[1:])
    return Table("five-schools", caption, made, rows, "worked-example.csv", is_plain=True)


def split_example(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """The worked example of splitting, with the catalogue's first two stages and their weights."""
    stages = list(catalogue.stages.values())[:2]
    weighted = [p * s.split_weight for p, s in zip(SPLIT_PUPILS, stages, strict=False)]
    keys = (
        "method.col.stage", "method.col.p", "method.col.weight", "method.col.share", "method.col.gets", "method.col.x",
    )  # fmt: skip
    rows = []
    for stage, pupils, part in zip(stages, SPLIT_PUPILS, weighted, strict=False):
        gets = SPLIT_THINGS * part / sum(weighted)
        rows.append(Row([
            Cell(words.label(stage.label)), Cell(str(pupils)), Cell(numbers.level_text(stage.split_weight)),
            Cell(numbers.percent(part / sum(weighted), 2), numbers.raw(part / sum(weighted))),
            Cell(numbers.fixed(gets, 3), numbers.raw(gets)), Cell(numbers.fixed(gets / pupils, 4), numbers.raw(gets / pupils)),
        ]))  # fmt: skip
    caption = words(
        "method.split.caption", things=numbers.whole(SPLIT_THINGS), whole=numbers.fixed(sum(weighted), 1),
    )  # fmt: skip
    return Table(
        "split-example", caption, columns(words, *keys, numeric=keys[1:]), rows, "split-example.csv", is_plain=True
    )


def boundary(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """Comparisons at the boundary, as the macros answer them."""
    keys = ("method.col.query", "method.col.answer", "method.col.why")
    rows = [
        Row([
            Cell(f"{macro}({value!r}, {level!r})"), Cell(words("setting.yes" if held else "setting.no")),
            Cell(words(f"method.boundary.{i}")),
        ])
        for i, ((macro, value, level), held) in enumerate(zip(BOUNDARY, facts.boundary, strict=True))
    ]  # fmt: skip
    caption = words("method.boundary.caption")
    return Table("boundary", caption, columns(words, *keys, wrap=keys[2:]), rows, "boundary.csv", is_plain=True)


def scope(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """Every rule that leaves a school's stage out of a standard, with clause, grade and how many it left out."""
    return scope_table(facts, catalogue.standards.values(), words)


def scope_table(facts: MethodFacts, standards: Iterable[Standard], words: Words) -> Table:
    """The scope rules of standards; a standard without rules counts every school. One standard is not named in every row."""
    chosen = list(standards)
    keys = (
        "method.col.standard", "method.col.reason", "method.col.when", "method.col.clause", "method.col.grade", "method.col.left",
    )  # fmt: skip
    rows = [cells for s in chosen for cells in _scope_rows(facts, s, words)]
    first = 0 if len(chosen) > 1 else 1
    made = columns(words, *keys[first:], numeric=keys[-1:], wrap=keys[:4])
    caption = words("method.scope.caption", year=facts.year or numbers.DASH)
    return Table("scope-table", caption, made, [Row(cells[first:]) for cells in rows], "scope.csv", is_plain=True)


def _scope_rows(facts: MethodFacts, s: Standard, words: Words) -> list[list[Cell]]:
    name = words.label(s.short or s.label)
    if not s.scope:
        return [[Cell(name), Cell(words("method.scope.all")), *[Cell(numbers.DASH, "")] * 4]]
    left = [facts.left_out.get((s.id, rule.id), 0) for rule in s.scope]
    return [
        [
            Cell(name), Cell(words.label(rule.reason)), Cell(rule.when), Cell(clause(rule.source, s, words)),
            Cell(rule.source.grade), Cell(numbers.whole(n), numbers.raw(n)),
        ]
        for rule, n in zip(s.scope, left, strict=True)
    ]  # fmt: skip


def clause(source: Source, standard: Standard, words: Words) -> str:
    """The clause of an entry of a standard, with its document where that is not the standard's own."""
    text = words.label(source.clause)
    if source.document is not None:
        return named_clause(source.document, text, words)
    return text or words.label(standard.document)


def school_rules(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """The school rule of each standard that has one."""
    keys = ("method.col.standard", "method.col.rule", "method.col.clause", "method.col.grade")
    rows = [
        Row([
            Cell(words.label(s.short or s.label)), Cell(words.label(s.school_rule.label)),
            Cell(clause(s.school_rule.source, s, words)), Cell(s.school_rule.source.grade),
        ])
        for s in catalogue.standards.values() if s.school_rule
    ]  # fmt: skip
    made = columns(words, *keys, wrap=keys[:3])
    return Table("school-rules", words("method.rules.caption"), made, rows, "school-rules.csv", is_plain=True)


def measures(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """The measures by which counties are ranked, and which standards use them."""
    keys = ("method.col.measure", "method.col.meaning", "method.col.better", "method.col.standards")
    rows = []
    for name in MEASURES:
        users = [words.label(s.short or s.label) for s in catalogue.standards.values() if name in s.measures]
        if users:
            better = words("method.better.high" if name in ("share_meeting", "mean_score") else "method.better.low")
            rows.append(
                Row([Cell(name), Cell(words(f"method.measure.{name}")), Cell(better), Cell(words.several(users))])
            )
    made = columns(words, *keys, wrap=keys[1:])
    return Table("measures-table", words("method.measures.caption"), made, rows, "measures.csv", is_plain=True)


def gap_states(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """What a gap's state means for verdict and rank."""
    keys = ("method.col.state", "method.col.meaning", "method.col.effect")
    rows = [Row([Cell(s), Cell(words(f"method.gap.{s}")), Cell(words(f"method.gap.{s}.effect"))]) for s in GAP_STATES]
    made = columns(words, *keys, wrap=keys[1:])
    return Table("gap-states", words("method.gap_states.caption"), made, rows, "gap-states.csv", is_plain=True)


def value_states(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """What a value's state means."""
    keys = ("method.col.state", "method.col.meaning")
    rows = [Row([Cell(s), Cell(words(f"method.value.{s}"))]) for s in VALUE_STATES]
    made = columns(words, *keys, wrap=keys[1:])
    return Table("value-states", words("method.value_states.caption"), made, rows, "value-states.csv", is_plain=True)


def grade_counts(facts: MethodFacts, catalogue: Catalogue, words: Words) -> Table:
    """How well entries are known, and how many entries of the catalogue carry each."""
    counts = Counter(grade_list(catalogue))
    keys = ("method.col.grade", "method.col.meaning", "method.col.entries")
    rows = [Row([Cell(g), Cell(words(f"method.grade.{g}")), Cell(str(counts[g]))]) for g in GRADES]
    made = columns(words, *keys, numeric=keys[2:], wrap=keys[1:2])
    caption = words("method.proof.caption", n=sum(counts.values()))
    return Table("proof-table", caption, made, rows, "levels-of-proof.csv", is_plain=True)


def grade_list(catalogue: Catalogue) -> list[str]:
    """The grade of every entry that has one: settings, fields, stages, indicators, rules, and all parts of standards."""
    found = [s.grade for s in catalogue.settings.values()]
    groups = (catalogue.fields, catalogue.stages, catalogue.indicators, catalogue.rules, catalogue.standards)
    found += [entry.source.grade for group in groups for entry in group.values()]
    for s in catalogue.standards.values():
        parts: list[Any] = [*s.scope, *s.items, *s.county_items, *s.relaxations, s.gap, s.school_rule]
        found += [part.source.grade for part in parts if part is not None]
        found += [t.source.grade for item in s.items for t in item.thresholds if t.source is not None]
    return [str(grade) for grade in found]


TABLES: dict[str, Callable[[MethodFacts, Catalogue, Words], Table]] = {
    "five_schools": five_schools, "split_example": split_example, "boundary": boundary, "scope": scope,
    "school_rules": school_rules, "measures": measures, "gap_states": gap_states, "value_states": value_states, "grade_counts": grade_counts,
}  # fmt: skip
"""The tables that ``method.yaml`` may name."""

"""The trace boxes: each gap coefficient with its formula, what was put in, the clause, and the cells of the return."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.schema.entry import Label
from pipeline.schema.expressions import columns_of
from pipeline.schema.layout import Sheet
from pipeline.schema.model import Catalogue, Indicator, Source, Standard
from reports import numbers
from reports.facts import Gap, PageFacts
from reports.words import Words

_NAME = re.compile(r"'[^']*'|[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Box:
    """A box: its anchor, title, the coefficient as shown, and lines of (label, text)."""

    trace_id: str
    title: str
    value: str
    state: str
    lines: tuple[tuple[str, str], ...]


def boxes(facts: PageFacts, catalogue: Catalogue, words: Words) -> list[Box]:
    """A box for each gap of the page, in the page's order."""
    layouts = sorted({part["layout_id"] for part in facts.parts})
    return [_box(facts, gap, catalogue, layouts, words) for gap in facts.gaps]


def _box(facts: PageFacts, gap: Gap, catalogue: Catalogue, layouts: list[str], words: Words) -> Box:
    value = numbers.cv(gap.cv, gap.limit, near=gap.is_near)
    cells = cells_of(gap.indicator, catalogue, layouts, facts.year, words)
    lines = [
        (words("trace.value"), f"{formula(gap.indicator, catalogue, words)} ({words.label(gap.indicator.unit)})"),
        *_numbers(gap, value, words),
        (words("trace.used"), _used(gap, words)),
        (words("trace.limit"), _held(gap, value, words)),
        (words("trace.clause"), clause(facts.standard, gap, words)),
        (words("trace.cells"), cells),
        (words("trace.meaning"), words.label(gap.indicator.meaning)),
    ]
    shown = value if gap.is_shown else f"{words.symbol(gap.verdict)} {words.state(gap.verdict, 'gap')}"
    return Box(gap.trace_id, words.label(gap.indicator.label), shown, gap.verdict, tuple((k, v) for k, v in lines if v))


def _numbers(gap: Gap, value: str, words: Words) -> Iterable[tuple[str, str]]:
    if gap.mean is None:
        return
    digits = gap.indicator.decimals + 2
    mean, sd = numbers.fixed(gap.mean, digits), numbers.fixed(gap.sd, digits)
    total = numbers.whole(gap.pupils)
    yield words("trace.mean"), f"X = Σ(P·x) ÷ ΣP = {numbers.fixed(gap.mean * gap.pupils, 1)} ÷ {total} = {mean}"
    if gap.sd is not None:
        squares = numbers.fixed(gap.sd**2 * gap.pupils, 1)
        yield words("trace.sd"), f"S = √( Σ P·(x − X)² ÷ ΣP ) = √( {squares} ÷ {total} ) = {sd}"
        yield words("trace.formula"), f"CV = S ÷ X = {sd} ÷ {mean} = {value}"


def _used(gap: Gap, words: Words) -> str:
    return words(
        "trace.used.text", n=gap.schools, pupils=numbers.whole(gap.pupils), missing=gap.schools_missing,
        lost=numbers.whole(gap.pupils_missing),
    )  # fmt: skip


def _held(gap: Gap, value: str, words: Words) -> str:
    if gap.limit is None:
        return words("trace.limit.none")
    verdict = f"{words.symbol(gap.verdict)} {words.state(gap.verdict, 'gap')}".strip()
    if gap.verdict not in ("met", "unmet"):
        return verdict
    sign = "≤" if gap.verdict == "met" else ">"
    return words("trace.limit.text", cv=value, sign=sign, limit=numbers.limit_text(gap.limit), verdict=verdict)


def clause(standard: Standard, gap: Gap, words: Words) -> str:
    """Document and clause of the gap limit, and of the item where it has its own."""
    of_gap = standard.gap.source if standard.gap else None
    of_item = gap.item.source if gap.item else None
    texts = [words.label(s.clause) for s in (of_item, of_gap) if s is not None and s.clause is not None]
    return named_clause(standard.document, texts[0] if texts else "", words)


def named_clause(document: Label, text: str, words: Words) -> str:
    """A clause after its document's name."""
    return words("meta.clause", document=words.label(document), clause=text) if text else words.label(document)


def source_clause(source: Source, standard: Standard, words: Words) -> str:
    """The clause that a scope rule cites."""
    return named_clause(source.document or standard.document, words.label(source.clause), words)


def formula(indicator: Indicator, catalogue: Catalogue, words: Words) -> str:
    """The indicator's formula with the fields' names for their ids."""
    parts = [_named(text, catalogue, words) for text in (indicator.numerator, indicator.denominator)]
    return " ÷ ".join(f"({part})" if re.search(r" [-+×÷−] ", part) else part for part in parts)


def _named(expression: str, catalogue: Catalogue, words: Words) -> str:
    def name(match: re.Match[str]) -> str:
        field = catalogue.fields.get(match.group(0))
        if field is not None:
            return words.label(field.label)
        return words("col.pupils") if match.group(0) in columns_of(expression) else match.group(0)

    return _NAME.sub(name, expression).replace("*", "×").replace(" / ", " ÷ ").replace(" - ", " − ")


def cells_of(indicator: Indicator, catalogue: Catalogue, layouts: Iterable[str], year: int, words: Words) -> str:
    """Where the indicator's cells stand: form number, sheet and header, for the layouts that this county's files follow."""
    wanted = fields_read(indicator, catalogue)
    found: list[str] = []
    for layout_id in layouts:
        layout = catalogue.layouts.get(layout_id)
        for sheet in layout.sheets if layout else ():
            headers = list(dict.fromkeys(_headers(sheet, wanted, year)))
            if headers:
                found.append(f"{words.label(sheet.label)} › {words.several(headers)}")
    forms = forms_of(indicator, catalogue, year)
    return ("；" if words.language == "zh" else "; ").join(([words.several(forms)] if forms else []) + found)


def files_of(indicator: Indicator, catalogue: Catalogue, parts: Iterable[Mapping[str, Any]], year: int) -> str:
    """The files of a county that hold any of the indicator's cells, as paths in the inbox; empty where none does."""
    wanted = fields_read(indicator, catalogue)
    found = []
    for part in parts:
        layout = catalogue.layouts.get(part["layout_id"])
        sheet = next((s for s in layout.sheets if s.part == part["part"]), None) if layout else None
        if sheet is not None and any(True for _ in _headers(sheet, wanted, year)):
            found.append(part["inbox_path"])
    return "; ".join(dict.fromkeys(found))


def forms_of(indicator: Indicator, catalogue: Catalogue, year: int) -> list[str]:
    """Numbers of the statistical forms that carry the indicator's cells in a year."""
    wanted = fields_read(indicator, catalogue)
    forms = []
    for name in sorted(wanted):
        form = catalogue.fields[name].form
        years = [y for y in form if y <= year]
        if years:
            forms.append(form[max(years)])
    return sorted(set(forms))


def fields_read(indicator: Indicator, catalogue: Catalogue) -> set[str]:
    """Fields that are cells of a return and that the indicator is made from."""
    return _cells(indicator.numerator, catalogue) | _cells(indicator.denominator, catalogue)


def _cells(expression: str, catalogue: Catalogue) -> set[str]:
    """Fields that are cells of a return and that an expression reads, through derived fields too."""
    found: set[str] = set()
    queue = list(columns_of(expression))
    seen: set[str] = set()
    pupils = {stage.pupils_field for stage in catalogue.stages.values()}
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        field = catalogue.fields.get(name)
        if field is None:
            queue += [p for p in pupils if name not in catalogue.fields]
        elif field.expression:
            queue += columns_of(field.expression)
        elif field.aggregate:
            queue += [c for text in (field.aggregate.sum, field.aggregate.max) if text for c in columns_of(text)]
        else:
            found.add(name)
    return found


def _headers(sheet: Sheet, wanted: set[str], year: int) -> Iterable[str]:
    """Headers of the sheet's columns that become the wanted fields in a year."""
    for column in sheet.columns:
        if column.to in wanted:
            yield _header(column.header, year)
    for derived in sheet.derived:
        if derived.to in wanted:
            yield from derived.parts
    for cell in sheet.cells:
        if cell.to in wanted:
            yield f"{cell.sheet} {cell.where}"


def _header(header: str | dict[int, str], year: int) -> str:
    if isinstance(header, str):
        return header
    years = [y for y in header if y <= year]
    return header[max(years)] if years else next(iter(header.values()))

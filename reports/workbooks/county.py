"""A workbook a county: its gaps, schools and items of both stages, the verdicts on it, what its
schools lack, what was left out, the findings, and every value's origin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from pipeline.schema.model import Catalogue
from reports.facts import PageFacts
from reports.gather import page_facts
from reports.reader import Groups, Reader
from reports.release import County
from reports.render import Source
from reports.whole_facts import whole_facts
from reports.workbooks.book import Book
from reports.workbooks.county_around import around_sheets
from reports.workbooks.county_notes import notes_sheet
from reports.workbooks.county_sheets import finding_sheet, gap_sheet, item_sheet, left_out_sheet, school_sheet
from reports.workbooks.county_trace import trace_sheet
from reports.workbooks.county_whole import whole_sheets


def county_workbooks(source: Source, out: Path) -> list[Path]:
    """Writes ``<county>.xlsx`` for every county of the release's latest year; a county of which nothing came has one too."""
    by_province: dict[str, list[County]] = defaultdict(list)
    for county in source.release.counties:
        by_province[county.province_code].append(county)
    standard = source.catalogue.standards[source.catalogue.about.default_standard]
    written = []
    with duckdb.connect(str(source.database), read_only=True) as connection:
        reader = Reader(connection, source.release.year, standard)
        for counties in by_province.values():
            # A province at a time: the values of a whole country do not fit into memory as rows.
            values = reader.groups(_VALUES, ["county_code"], year=reader.year, codes=[c.code for c in counties])
            written += [_write(source, county, values, out) for county in counties]
    return written


def _write(source: Source, county: County, values: Groups, out: Path) -> Path:
    catalogue = source.catalogue
    pages = [page_facts(source.release, catalogue, county, stage) for stage in catalogue.judged_stages]
    path = out / f"{county.code}.xlsx"
    title = f"{county.name.zh} {county.name.en} {county.code} · {source.release.year}"
    with Book(path, title, source.release.year) as book:
        notes_sheet(book, source.release, catalogue, county, pages)
        gap_sheet(book, catalogue, pages)
        for number, standard_id in enumerate(_ruled(catalogue, pages)):
            make = school_sheet if number == 0 else item_sheet
            make(book, catalogue, standard_id, pages)
        whole_sheets(book, catalogue, whole_facts(source.release, catalogue, county))
        left_out_sheet(book, pages)
        finding_sheet(book, catalogue, pages)
        around_sheets(book, catalogue, pages)
        trace_sheet(book, catalogue, pages, values.get((county.code,)))
    return path


def _ruled(catalogue: Catalogue, pages: Sequence[PageFacts]) -> Iterator[str]:
    """Standards with a school rule under which any school of the county stands, the page's own first."""
    first = catalogue.about.default_standard
    present = {card.standard.id for facts in pages for card in facts.cards}
    yield from (name for name in (first, *(s for s in catalogue.standards if s != first)) if name in present)


_VALUES = """
select v.county_code, v.stage, v.school_id, s.name, v.pupils, v.indicator_id, v.numerator, v.denominator, v.value, v.state,
    v.trace_id
from indicator_value as v
inner join school as s on s.year = v.year and s.school_id = v.school_id
where v.year = $year and list_contains($codes, v.county_code)
order by v.county_code, v.stage, v.school_id, v.indicator_id
"""

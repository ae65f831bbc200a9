"""The statistician's page: what the release is, what to download, which tables and macros there are, queries, quality, citation.

Path: ``data/index.html``. Figures come from the database; the files that it links stand in the release folder around the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline.schema.model import Catalogue
from reports import numbers
from reports.ask import Ask, Rows, asking
from reports.dictionary import Dictionary, dictionary
from reports.dictionary_book import BOOK, dictionary_book
from reports.dictionary_page import meaning, said
from reports.method_tables import columns
from reports.release import County, Release
from reports.render import File, Page, Source
from reports.suspicion_sql import TESTS
from reports.suspicion_tables import tests_table
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

MACROS = ("weighted_mean(x, p)", "gap_coefficient_of(x, p)", "at_least(x, t)", "at_most(x, t)")
DATABASE, PACKAGE, MANIFEST = "junheng.duckdb", "tables/datapackage.json", "manifest.json"


@dataclass(frozen=True)
class DataFacts:
    """What the page says of the release. ``lacking``: owed and missing values by county and indicator of the latest year."""

    info: dict[str, Any]
    years: tuple[int, ...]
    counties: tuple[int, int]
    schools: int
    files: tuple[int, int]
    lacking: Rows
    tests: Rows
    known: Dictionary
    sizes: dict[str, int]


@dataclass(frozen=True)
class Query:
    """A query with the question it answers."""

    id: str
    title: dict[str, str]
    sql: str


@cache
def queries() -> tuple[Query, ...]:
    """The queries that the page shows, from ``queries.yaml``."""
    text = resources.files("reports").joinpath("queries.yaml").read_text(encoding="utf-8")
    return tuple(Query(**entry) for entry in YAML(typ="safe").load(text))


def data_pages(source: Source) -> Iterator[Page | File]:
    """The statistician's page and the dictionary as a workbook."""
    catalogue, release = source.catalogue, source.release
    with asking(source.database) as ask:
        facts = _facts(ask, source)
    fictional = any(c.is_fictional for c in release.counties)
    yield Page("data/index.html", "data.html.j2", lambda words: _context(facts, catalogue, release, words), fictional)
    yield File(BOOK, dictionary_book(facts.known, catalogue, str(facts.info["release_id"])))


def _facts(ask: Ask, source: Source) -> DataFacts:
    year = source.release.year
    came = ask.one(_CAME, year=year)
    files = ask.one("select count(*) as n, count(*) filter (where status = 'accepted') as accepted from submission")
    return DataFacts(
        ask.one("select * from release_info limit 1"),
        tuple(row["year"] for row in ask.rows("select distinct year from gap_coefficient order by year")),
        (int(came["came"] or 0), int(came["expected"] or 0)),
        int(ask.one("select count(*) as n from school where year = $year", year=year)["n"]),
        (int(files["n"]), int(files["accepted"])), ask.rows(_LACKING, year=year), ask.rows(TESTS, year=year), dictionary(ask, source.catalogue),
        _sizes(source.database),
    )  # fmt: skip


_CAME = """
select sum(came) as came, sum(expected) as expected from (
    select max(counties_came) as came, max(counties_expected) as expected from gap_coefficient
    where year = $year and area_level = 'county' group by area_code)
"""

_LACKING = """
select county_code, indicator_id, count(*) filter (where state <> 'not_applicable') as owed,
    count(*) filter (where state in ('missing', 'not_collected')) as lacking
from indicator_value where year = $year group by county_code, indicator_id order by county_code, indicator_id
"""


def _sizes(database: Path) -> dict[str, int]:
    """Bytes of the files that the release already holds while its pages are made."""
    tables = sorted((database.parent / "tables").glob("*.parquet"))
    return {
        path.relative_to(database.parent).as_posix(): path.stat().st_size
        for path in (database, *tables)
        if path.is_file()
    }


def _context(facts: DataFacts, catalogue: Catalogue, release: Release, words: Words) -> dict[str, Any]:
    info = facts.info
    cited = words(
        "data.cite.text", release=info["release_id"], catalogue=words.label(catalogue.about.title),
        version=info["catalogue_version"], built=str(info["built_at"])[:10],
    )  # fmt: skip
    return {
        "title": words(
            "data.title", release=info["release_id"], years=_years(facts), counties=numbers.whole(facts.counties[0]),
            schools=numbers.whole(facts.schools),
        ),
        "lead": words("data.lead"),
        "crumbs": [("", words("nav.data"))],
        "meta": [],
        "know": [words(f"data.know.{n}") for n in range(1, 6)],
        "card": _card(facts, catalogue, release, words),
        "downloads": _downloads(facts, words),
        "tables": _tables(facts.known, words),
        "macros": _macros(words),
        "queries": [(q.id, q.title[words.language], q.sql) for q in queries()],
        "quality": _quality(facts.known, words),
        "tests": tests_table(facts.tests, catalogue, release.year, words),
        "lacking": _lacking(facts, catalogue, release, words),
        "cite": [cited, words("data.licence")],
        "links": [
            ("fields.html", words("data.to_fields", n=len(facts.known.fields))),
            ("rules.html", words("data.to_rules", n=len(facts.known.rules))),
            ("../method/index.html", words("data.to_method")),
            ("../indicator/index.html", words("data.to_indicators")),
        ],
    }  # fmt: skip


def _years(facts: DataFacts) -> str:
    return f"{facts.years[0]}–{facts.years[-1]}" if len(facts.years) > 1 else str(facts.years[0])


def _card(facts: DataFacts, catalogue: Catalogue, release: Release, words: Words) -> Table:
    """The release card: a row a fact."""
    info = facts.info
    digest = str(info["catalogue_digest"] or "")[:12]
    catalogue_text = (
        f"{words.label(catalogue.about.title)} · {info['catalogue_id']} {info['catalogue_version']} · {digest}"
    )
    standards = [words.label(s.label) for s in catalogue.standards.values()]
    entries = [
        ("data.card.release", str(info["release_id"])), ("data.card.built", str(info["built_at"])),
        ("data.card.years", words.several([str(y) for y in facts.years])),
        ("data.card.counties", f"{facts.counties[0]} / {facts.counties[1]}"),
        ("data.card.schools", numbers.whole(facts.schools)),
        ("data.card.files", f"{facts.files[0]} / {facts.files[1]}"), ("data.card.standards", words.several(standards)),
        ("data.card.catalogue", catalogue_text), ("data.card.code", str(info["code_version"])),
    ]  # fmt: skip
    rows = [Row([Cell(words(key, year=release.year)), Cell(text)]) for key, text in entries]
    made = columns(words, "data.card.item", "data.card.value", wrap=("data.card.value",))
    return Table("release-card", words("data.card.caption"), made, rows, "release.csv", is_plain=True)


def _downloads(facts: DataFacts, words: Words) -> Table:
    """Every file to download, with rows and size; links lead out of the site into the release folder."""
    out = "../../../"
    files: list[tuple[str, str, str, int | None]] = [
        (f"{out}{DATABASE}", DATABASE, words("data.file.database"), None),
        (f"../../{BOOK}", BOOK, words("data.file.dictionary"), None),
        (f"{out}{PACKAGE}", PACKAGE, words("data.file.package"), None),
        (f"{out}{MANIFEST}", MANIFEST, words("data.file.manifest"), None),
    ]
    files += [
        (f"{out}tables/{t.table.name}.parquet", f"tables/{t.table.name}.parquet", meaning(t, words), t.rows)
        for t in facts.known.tables
    ]
    rows = [
        Row([
            Cell(name, name, href=href), Cell(text), Cell(numbers.whole(n), numbers.raw(n)), _size(facts.sizes.get(name)),
        ])
        for href, name, text, n in files
    ]  # fmt: skip
    keys = ("data.col.file", "data.col.what", "data.col.rows", "data.col.size")
    made = columns(words, *keys, numeric=keys[2:], wrap=keys[1:2])
    return Table("downloads-table", words("data.downloads.caption"), made, rows, "files.csv", is_plain=True)


def _size(size: int | None) -> Cell:
    """Kilobytes; a dash where the file is not made yet while pages are."""
    return (
        Cell(numbers.DASH, "") if size is None else Cell(f"{numbers.whole(max(1, round(size / 1024)))} KB", str(size))
    )


def _tables(known: Dictionary, words: Words) -> Table:
    keys = ("data.col.table", "data.col.holds", "dict.key", "data.col.rows", "data.col.columns")
    rows = [
        Row([
            Cell(t.table.name, t.table.name, href=f"{t.table.name}.html"), Cell(meaning(t, words)),
            Cell(", ".join(t.table.key)), Cell(numbers.whole(t.rows), numbers.raw(t.rows)), Cell(str(len(t.columns))),
        ])
        for t in known.tables
    ]  # fmt: skip
    made = columns(words, *keys, numeric=keys[3:], wrap=keys[1:3])
    return Table("tables-table", words("data.tables.caption", n=len(rows)), made, rows, "tables.csv", is_plain=True)


def _macros(words: Words) -> Table:
    rows = [Row([Cell(m), Cell(words(f"data.macro.{m.split('(')[0]}"))]) for m in MACROS]
    made = columns(words, "data.col.macro", "data.col.what", wrap=("data.col.what",))
    return Table("macros-table", words("data.macros.caption"), made, rows, "macros.csv", is_plain=True)


def _quality(known: Dictionary, words: Words) -> Table | None:
    """The rules that found something; none where nothing was found."""
    found = sorted((r for r in known.rules if r.findings), key=lambda r: (-r.findings, r.id))
    if not found:
        return None
    keys = (
        "rules.col.rule",
        "rules.col.severity",
        "rules.col.message",
        "rules.col.found",
        "rules.col.counties",
        "rules.col.schools",
    )
    rows = [
        Row([
            Cell(r.id, r.id, href=f"rules.html#{r.id}"), Cell(words.state(r.severity, "finding")), Cell(said(r.message, words)),
            *(Cell(numbers.whole(n), numbers.raw(n)) for n in (r.findings, r.counties, r.schools)),
        ], r.severity)
        for r in found
    ]  # fmt: skip
    total = numbers.whole(sum(r.findings for r in found))
    made = columns(words, *keys, numeric=keys[3:], wrap=keys[2:3])
    return Table("quality-table", words("data.quality.caption", n=len(rows), found=total), made, rows, "quality.csv")


def _lacking(facts: DataFacts, catalogue: Catalogue, release: Release, words: Words) -> Table | None:
    """The share of values missing: a row an indicator, a column a province and one for all; none without values."""
    if not facts.lacking:
        return None
    provinces = _provinces(release.counties)
    of_county = {c.code: c.province_code for c in release.counties}
    sums: dict[tuple[str, str], list[int]] = {}
    for row in facts.lacking:
        for area in {"", of_county.get(row["county_code"], "")}:
            pair = sums.setdefault((row["indicator_id"], area), [0, 0])
            pair[0] += row["lacking"]
            pair[1] += row["owed"]
    areas = ["", *provinces] if len(provinces) > 1 else [""]
    heads = [Column(words("standard.col.indicator"))]
    heads += [Column(words.place(provinces[a]) if a else words("data.lacking.all"), True) for a in areas]
    rows = [
        Row([
            Cell(words.label(i.label), words.label(i.label), href=f"../indicator/{i.id}.html"),
            *(_share(sums.get((i.id, area), [0, 0])) for area in areas),
        ])
        for i in catalogue.indicators.values()
    ]  # fmt: skip
    caption = words("data.lacking.caption", year=release.year)
    return Table("lacking-table", caption, heads, rows, f"missing-{release.year}.csv")


def _provinces(counties: tuple[County, ...]) -> dict[str, Any]:
    return {c.province_code: c.province for c in counties if c.province is not None}


def _share(pair: list[int]) -> Cell:
    lacking, owed = pair
    if not owed:
        return Cell(numbers.DASH, "")
    return Cell(numbers.percent(lacking / owed, 1), numbers.raw(lacking / owed), "missing" if lacking else "")

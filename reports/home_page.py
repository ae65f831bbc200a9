"""The home page: what this is, the nation's headline, search, the provinces, the release and how its numbers are made."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pipeline.schema.model import Catalogue
from reports import numbers
from reports.areas import NO_PROVINCE
from reports.county_list import letters
from reports.missing_counties import counties_missing
from reports.nation_facts import NationFacts, nation_facts
from reports.nation_page import lead, tiles, title
from reports.nation_tables import province_table
from reports.paths import NATION
from reports.province_words import tile
from reports.release import Release
from reports.render import HOME, Page, Source
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

STATES = ("met", "below", "unmet", "not_applicable", "missing", "single")


def home_pages(source: Source) -> Iterator[Page]:
    """The home page."""
    facts = nation_facts(source.areas, source.catalogue)
    is_fictional = any(c.is_fictional for c in source.release.counties)
    yield Page(HOME, "home.html.j2", partial(home_context, source.release, source.catalogue, facts), is_fictional)


def home_context(release: Release, catalogue: Catalogue, facts: NationFacts, words: Words) -> dict[str, Any]:
    """What ``home.html.j2`` shows, in one language."""
    alone = [c for c in release.counties if c.province_code == NO_PROVINCE]
    standard = catalogue.standards[catalogue.about.default_standard]
    return {
        "title": title(facts, words) if facts.provinces else words("home.h1.counties", n=numbers.whole(len(release.counties))),
        "lead": lead(facts, words) if facts.provinces else "",
        "tiles": [*tiles(facts, words)[:3], _file_tile(release, words)],
        "nation": NATION if facts.provinces else "",
        "provinces": province_table(facts, catalogue, words) if facts.provinces else None,
        "letters": letters(alone, catalogue.judged_stages[0], words),
        "refused": _refused(release, words),
        "missing": counties_missing(release.missing, release.counties, catalogue.judged_stages, words),
        "release": words("home.release", release=release.release_id, built=release.built_at[:10]),
        "catalogue": words("home.catalogue", title=words.label(catalogue.about.title), version=release.catalogue_version),
        "standard": words.label(standard.document),
        "year": str(release.year),
        "states": [(s, words.symbol(s), words.state(s, "value")) for s in STATES],
        "settings": _settings(catalogue, words),
        "tolerance": f"{float(catalogue.setting('comparison_tolerance')):g}",
    }  # fmt: skip


def _file_tile(release: Release, words: Words) -> dict[str, str]:
    """Files that count and what became of their rows."""
    a = release.account
    counts = {
        "read": "rows_read", "accepted": "rows_accepted", "quarantined": "rows_quarantined", "filtered": "rows_filtered",
        "other": "rows_not_data",
    }  # fmt: skip
    sub = words("home.tile.files.sub", **{name: numbers.whole(a[column]) for name, column in counts.items()})
    return tile("plain", words("home.tile.files"), numbers.whole(a["files"]), sub)


def _refused(release: Release, words: Words) -> Table | None:
    if not release.refused:
        return None
    columns = [
        Column(words(key), wrap=key in ("col.message", "col.mend"))
        for key in ("col.file", "home.col.status", "col.message", "col.mend", "col.sha")
    ]
    rows = [
        Row([
            Cell(row["inbox_path"]), Cell(words(f"home.status.{row['status']}")), Cell(words.of(row, "message") or numbers.DASH),
            Cell(words.of(row, "mend") or numbers.DASH), Cell(row["sha256"][:8], row["sha256"]),
        ])
        for row in release.refused
    ]  # fmt: skip
    return Table(
        "refused-table", words("home.refused.caption", n=len(rows)), columns, rows, f"refused-{release.year}.csv"
    )


def _settings(catalogue: Catalogue, words: Words) -> Table:
    columns = [
        Column(words("home.col.setting")), Column(words("home.col.value")), Column(words("home.col.meaning"), wrap=True),
        Column(words("home.col.source"), wrap=True), Column(words("home.col.grade")),
    ]  # fmt: skip
    rows = [
        Row([
            Cell(s.key), Cell(words("home.setting.off") if s.value is None else str(s.value)), Cell(words.label(s.meaning)),
            Cell(words.label(s.source)), Cell(s.grade),
        ])
        for s in catalogue.settings.values()
    ]  # fmt: skip
    return Table("settings-table", words("home.settings.caption"), columns, rows, "settings.csv")

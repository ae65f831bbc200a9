"""The home page: how many county stages are within the limits, and the way to each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.schema.model import Catalogue, Stage
from reports import numbers
from reports.county_pages import page_path
from reports.facts import PageFacts
from reports.gather import page_facts
from reports.release import County, Release
from reports.render import HOME, Page, Source
from reports.tables import Cell, Column, Row, Table, states_of
from reports.words import Words

Result = Literal["over", "met", "partly", "measured", "incomplete", "single", "zero", "none", "absent"]
STATE_OF: dict[Result, str] = {
    "over": "unmet", "met": "met", "partly": "undecided", "measured": "measured", "incomplete": "incomplete",
    "single": "single", "zero": "zero", "none": "none", "absent": "undecided",
}  # fmt: skip
ROW_ORDER = ("unmet", "undecided", "incomplete", "single", "zero", "none", "met", "measured")


@dataclass(frozen=True)
class Summary:
    """What the home page says of a county's stage: a few numbers of its facts."""

    county: County
    stage: Stage
    result: Result
    gaps: int
    over: int
    open: int
    worst_name: Any
    worst: float | None
    limit: float | None


def home_pages(source: Source) -> Iterator[Page]:
    """The home page."""
    release, catalogue = source.release, source.catalogue
    summaries = [
        summary(page_facts(release, catalogue, county, stage))
        for county in release.counties
        for stage in catalogue.judged_stages
    ]
    yield Page(
        HOME, "home.html.j2", lambda words: home_context(release, catalogue, summaries, words),
        any(c.is_fictional for c in release.counties),
    )  # fmt: skip


def summary(facts: PageFacts) -> Summary:
    """The result of a page. over: any gap exceeds its limit; partly: none does, but some are not decided."""
    verdicts, worst = facts.verdicts(), facts.worst
    open_count = verdicts["undecided"] + verdicts["incomplete"]
    return Summary(
        facts.county, facts.stage, _result(facts, verdicts), len(facts.gaps), verdicts["unmet"], open_count,
        worst.indicator if worst else None, worst.cv if worst else None, worst.limit if worst else None,
    )  # fmt: skip


def _result(facts: PageFacts, verdicts: Counter[str]) -> Result:
    n = len(facts.gaps)
    if not facts.has_come:
        return "absent"
    if verdicts["unmet"]:
        return "over"
    whole: tuple[tuple[str, Result], ...] = (
        ("none", "none"),
        ("single", "single"),
        ("met", "met"),
        ("measured", "measured"),
    )
    for verdict, result in whole:
        if verdicts[verdict] == n:
            return result
    if verdicts["undecided"]:
        return "partly"
    if verdicts["incomplete"]:
        return "incomplete"
    return "zero"


def home_context(release: Release, catalogue: Catalogue, summaries: Sequence[Summary], words: Words) -> dict[str, Any]:
    """What ``home.html.j2`` shows, in one language."""
    results = Counter(s.result for s in summaries)
    assert sum(results.values()) == len(summaries) == len(release.counties) * len(catalogue.judged_stages)
    has_limits = any(s.limit is not None for s in summaries) or not results["measured"]
    standard = catalogue.standards[catalogue.about.default_standard]
    return {
        "title": _title(summaries, results, has_limits, words),
        "lead": _lead(summaries, results, has_limits, words),
        "tiles": _tiles(release, summaries, results, has_limits, words),
        "table": _table(release, catalogue, summaries, words),
        "refused": _refused(release, words),
        "release": words("home.release", release=release.release_id, built=release.built_at[:10]),
        "catalogue": words(
            "home.catalogue", title=words.label(catalogue.about.title), version=release.catalogue_version
        ),
        "standard": words.label(standard.document),
        "states": _states(words),
        "settings": _settings(catalogue, words),
        "tolerance": f"{float(catalogue.setting('comparison_tolerance')):g}",
    }


def _title(summaries: Sequence[Summary], results: Counter[Result], has_limits: bool, words: Words) -> str:
    judged = results["over"] + results["met"]
    if has_limits:
        key = "home.h1.over" if results["over"] else "home.h1.within" if judged else "home.h1.none"
        return words(key, n=judged, over=results["over"])
    measured = [s for s in summaries if s.worst is not None and s.result == "measured"]
    if not measured:
        return words("home.h1.none")
    top = max(measured, key=lambda s: s.worst or 0.0)
    county = words.place(top.county.name, once=True)
    return words(
        "home.h1.free", n=len(measured), counties=county, name=words.short(top.worst_name), cv=numbers.cv(top.worst)
    )


def _lead(summaries: Sequence[Summary], results: Counter[Result], has_limits: bool, words: Words) -> str:
    total = len(summaries)
    if has_limits:
        open_count = total - results["met"] - results["over"]
        return words("home.lead", within=results["met"], over=results["over"], open=open_count, all=total)
    return words("home.lead.free", measured=results["measured"], open=total - results["measured"], all=total)


def _tiles(
    release: Release, summaries: Sequence[Summary], results: Counter[Result], has_limits: bool, words: Words
) -> list[dict[str, str]]:
    total = len(summaries)
    sub = words("home.tile.sub", all=total)
    if has_limits:
        rest = total - results["met"] - results["over"]
        chosen = [
            ("met", "home.tile.within", results["met"]),
            ("unmet", "home.tile.over", results["over"]),
            ("undecided", "home.tile.open", rest),
        ]
    else:
        chosen = [
            ("plain", "home.tile.measured", results["measured"]),
            ("undecided", "home.tile.open", total - results["measured"]),
        ]
    tiles = [
        {
            "state": state,
            "symbol": words.symbol(state) if state in ("met", "unmet") else "",
            "title": words(key),
            "value": numbers.whole(n),
            "sub": sub,
        }
        for state, key, n in chosen
    ]
    a = release.account
    counts = {
        "read": "rows_read",
        "accepted": "rows_accepted",
        "quarantined": "rows_quarantined",
        "filtered": "rows_filtered",
        "other": "rows_not_data",
    }
    files = words("home.tile.files.sub", **{name: numbers.whole(a[column]) for name, column in counts.items()})
    return [
        *tiles,
        {
            "state": "plain",
            "symbol": "",
            "title": words("home.tile.files"),
            "value": numbers.whole(a["files"]),
            "sub": files,
        },
    ]


def _table(release: Release, catalogue: Catalogue, summaries: Sequence[Summary], words: Words) -> Table:
    """One row a county by province, prefecture and code; for each stage the result and the largest gap."""
    has_prefecture = any(c.prefecture for c in release.counties)
    columns = [Column(words("home.col.county")), Column(words("col.code"))]
    columns += [Column(words("home.col.prefecture"))] if has_prefecture else []
    columns += [Column(words("home.col.province"))]
    for stage in catalogue.judged_stages:
        name = words.label(stage.label)
        columns += [Column(words("home.col.result", stage=name)), Column(words("home.col.worst", stage=name), True)]
    by_county: dict[str, list[Summary]] = {}
    for s in summaries:
        by_county.setdefault(s.county.code, []).append(s)
    rows = [_row(county, by_county[county.code], has_prefecture, words) for county in release.counties]
    standard = catalogue.standards[catalogue.about.default_standard]
    caption = words("home.table.caption", n=len(rows), year=release.year, standard=words.label(standard.label))
    return Table(
        "counties-table", caption, columns, rows, f"counties-{release.year}.csv", states_of(rows, ROW_ORDER, words, "gap"),
        is_tall=len(rows) > 150, filter_key="home.search",
    )  # fmt: skip


def _row(county: County, summaries: Sequence[Summary], has_prefecture: bool, words: Words) -> Row:
    cells = [Cell(words.place(county.name), words.place(county.name)), Cell(county.code)]
    cells += [Cell(words.place(county.prefecture))] if has_prefecture else []
    cells += [Cell(words.place(county.province))]
    for s in summaries:
        cells += [_result_cell(s, words), _worst_cell(s, words)]
    worst = min((STATE_OF[s.result] for s in summaries), key=ROW_ORDER.index, default="none")
    return Row(cells, worst, find=f"{county.name.zh} {county.name.en}")


def _result_cell(s: Summary, words: Words) -> Cell:
    count = s.over if s.result == "over" else s.open
    text = words(f"home.cell.{s.result}", n=count, all=s.gaps)
    state = STATE_OF[s.result]
    symbol = words.symbol(state)
    return Cell(text, text, state, symbol, href=page_path(s.county, s.stage))


def _worst_cell(s: Summary, words: Words) -> Cell:
    if s.worst is None:
        return Cell(numbers.DASH, "")
    return Cell(numbers.cv(s.worst, s.limit), numbers.raw(s.worst), badge=words.short(s.worst_name))


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


def _states(words: Words) -> list[tuple[str, str, str]]:
    """The six states with symbol and word."""
    return [
        (s, words.symbol(s), words.state(s, "value"))
        for s in ("met", "below", "unmet", "not_applicable", "missing", "single")
    ]


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

"""What is missing of an area: its counties by name, and the schools of those that came in part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.schema.model import Catalogue, Stage
from reports import numbers
from reports.county_pages import page_path
from reports.missing_schools import Missing
from reports.release import County
from reports.tables import Cell, Column, Row, Table
from reports.words import Words

MOST_ROWS = 300
"""More rows than this stand in the database alone."""
FEW_ROWS = 10
MOST_NAMES = 12
"""So many counties are named in a sentence; the rest are counted."""


def area_missing(
    missing: Missing, area: tuple[str, str], counties: Iterable[County], stages: Sequence[Stage], catalogue: Catalogue,
    words: Words, year: int,
) -> dict[str, Any] | None:  # fmt: skip
    """What the page of an area says of missing counties and schools; None where nothing is missing. ``area``: level and
    code. ``is_open``: whether the list stands open: where it decides, or is short."""
    named = {county.code: county for county in counties}
    rows = [row for row in missing.places if row["county_code"] in named and row["stage"] in {s.id for s in stages}]
    if not rows:
        return None
    limit = float(catalogue.setting("expected_counties_limit_pct"))
    said, is_short = [], False
    for stage in stages:
        expected, came = missing.counts.get((*area, stage.id), (0, 0))
        few = came * 100 < limit * expected
        is_short |= few
        said.append(
            words(
                "missing.area",
                stage=words.label(stage.label),
                expected=numbers.whole(expected),
                came=numbers.whole(came),
            )
        )
        said.append(words("missing.area.short", limit=f"{limit:g}") if few else "")
    key = "missing.area.caption.first" if len(rows) > MOST_ROWS else "missing.area.caption"
    table = Table(
        "missing-table", words(key, n=len(rows), shown=MOST_ROWS), _columns(area, stages, words),
        [_row(row, named, area, stages, words) for row in rows[:MOST_ROWS]], f"missing-{area[1]}-{year}.csv", filter_key="filter",
    )  # fmt: skip
    return {"lead": words.sentences(said), "table": table, "is_open": is_short or len(rows) <= FEW_ROWS}


def _columns(area: tuple[str, str], stages: Sequence[Stage], words: Words) -> list[Column]:
    return [
        Column(words("col.county")), *([Column(words("col.province"))] if area[0] == "nation" else []),
        *([Column(words("meta.stage"))] if len(stages) > 1 else []), Column(words("col.missing.what"), wrap=True, is_wide=True),
        Column(words("col.missing.schools"), True), Column(words("col.pupils"), True),
        Column(words("col.area_code")),
    ]  # fmt: skip


def _row(
    row: dict[str, Any], named: dict[str, County], area: tuple[str, str], stages: Sequence[Stage],
    words: Words,
) -> Row:  # fmt: skip
    code = row["county_code"]
    county = named[code]
    stage = next(s for s in stages if s.id == row["stage"])
    names = words.several([*row["names"]])
    more = "…" if row["schools"] > len(row["names"]) else ""
    what = words("missing.none_came") if row["is_whole"] else words("missing.some", names=f"{names}{more}")
    pupils = row["pupils"]
    return Row([
        Cell(words.place(county.name), href=page_path(county, stage)),
        *([Cell(words.place(county.province))] if area[0] == "nation" else []),
        *([Cell(words.label(stage.label))] if len(stages) > 1 else []), Cell(what),
        Cell(numbers.whole(row["schools"]) if row["schools"] else numbers.DASH, str(row["schools"] or "")),
        Cell(numbers.whole(pupils) if pupils is not None else numbers.DASH, numbers.raw(pupils)), Cell(code),
    ], find=f"{county.name.zh} {county.name.en}".lower(), code=code)  # fmt: skip


def counties_missing(missing: Missing, counties: Iterable[County], stages: Sequence[Stage], words: Words) -> str:
    """The counties of which nothing came, a sentence a stage; empty where all came."""
    named = {county.code: county.name for county in counties}
    said = []
    for stage in stages:
        whole = sorted(r["county_code"] for r in missing.places if r["is_whole"] and r["stage"] == stage.id)
        names = [words.place(named[code]) for code in whole if code in named]
        if names:
            listed = words.several(names, MOST_NAMES)
            said.append(words("missing.counties", stage=words.stage(stage), n=len(names), names=listed))
    return words.sentences(said)

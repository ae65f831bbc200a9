"""Makes the facts of a province's page from what ``areas`` read: choosing and counting, nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.schema.model import Catalogue, Stage, Standard
from reports.area_facts import AreaFacts, CountyGap, Line, Rank, Share, Verdict, check
from reports.areas import Areas, Province
from reports.reader import Rows
from reports.sureness import UNKNOWN, Sure, sure_of


def area_facts(areas: Areas, catalogue: Catalogue, province: Province, stage: Stage, standard: Standard) -> AreaFacts:
    """The facts of one page. Raises AssertionError when counts do not add up."""
    key = (province.code, standard.id, stage.id)
    names = standard.gap.indicators if standard.gap else ()
    verdicts = _verdicts(areas, key)
    gaps = _gaps(areas.rows(areas.gaps, *key), names, areas)
    ranks = ranks_of(areas, key)
    shares = _shares(areas.rows(areas.shares, *key))
    schools = {row["county_code"]: row for row in areas.rows(areas.schools, *key)}
    lines = []
    for county in province.counties:
        counted = schools.get(county.code, {})
        verdict = verdicts.get((areas.year, county.code)) or _without_gaps(ranks.get(county.code, {}), bool(counted))
        lines.append(
            Line(
                county, verdict, verdicts.get((areas.previous, county.code)), gaps.get(county.code, {}),
                ranks.get(county.code, {}), shares.get(county.code, {}), int(counted.get("schools", 0)),
                float(counted.get("pupils") or 0.0), int(counted.get("meeting", 0)), int(counted.get("judged", 0)),
            )
        )  # fmt: skip
    asked = {name for line in lines for name in line.shares}
    facts = AreaFacts(
        province=province, stage=stage, standard=standard, year=areas.year, previous=_previous(areas, lines),
        indicators=tuple(catalogue.indicators[name] for name in names),
        items=tuple((item, catalogue.indicators[item.indicator]) for item in standard.items if item.indicator in asked),
        lines=tuple(lines), prefectures=areas.rows(areas.prefectures, *key),
        whole=areas.results.whole(province.code, standard.id),
    )  # fmt: skip
    check(facts)
    return facts


def _previous(areas: Areas, lines: Iterable[Line]) -> int | None:
    """Last year, where any county of the page can be compared with it."""
    has_last = any(
        line.before in ("within", "beyond", "measured") or any(r.before is not None for r in line.ranks.values())
        for line in lines
    )
    return areas.previous if has_last else None


def _verdicts(areas: Areas, key: tuple[str, str, str]) -> dict[tuple[int | None, str], Verdict]:
    frame = areas.verdicts
    mine = frame.filter(
        (frame["province_code"] == key[0]) & (frame["standard_id"] == key[1]) & (frame["stage"] == key[2])
    )
    return {(row["year"], row["county_code"]): row["verdict"] for row in mine.to_dicts()}


def _without_gaps(ranks: dict[str, Rank], has_schools: bool) -> Verdict:
    """What a county comes to by a standard that measures no gaps: by its states in the rankings."""
    states = {rank.state for rank in ranks.values()}
    if "ok" in states:
        return "measured"
    if states == {"no_schools"}:
        return "none"
    return "open" if states and has_schools else "absent"


def _gaps(rows: Rows, names: Sequence[str], areas: Areas) -> dict[str, dict[str, CountyGap]]:
    """By county and indicator, in the order of the standard."""
    now = {(r["county_code"], r["indicator_id"]): r for r in rows if r["year"] == areas.year}
    last = {(r["county_code"], r["indicator_id"]): r for r in rows if r["year"] == areas.previous}
    found: dict[str, dict[str, CountyGap]] = {}
    for code in sorted({code for code, _ in now}):
        found[code] = {name: _gap(now[code, name], last.get((code, name), {})) for name in names if (code, name) in now}
    return found


def _gap(row: dict[str, Any], last: dict[str, Any]) -> CountyGap:
    return CountyGap(
        verdict=row["verdict"], cv=row["cv"], limit=row["cv_limit"], last=last["cv"] if last.get("state") == "ok" else None,
        last_verdict=last.get("verdict"), mean=row["mean"], ratio=row["ratio"], mean_is_up=row["mean_is_up"],
        schools_missing=int(row["schools_missing"] or 0), trace_id=row["trace_id"],
    )  # fmt: skip


def ranks_of(areas: Areas, key: tuple[str, str, str]) -> dict[str, dict[str, Rank]]:
    """The ranks of a province, standard and stage (``both`` too), by county and measure."""
    sure = sure_of(areas.rows(areas.ranges, *key))
    found: dict[str, dict[str, Rank]] = {}
    for row in areas.rows(areas.ranks, *key):
        county, measure = row["county_code"], row["measure"]
        found.setdefault(county, {})[measure] = _rank(row, sure.get((county, measure), UNKNOWN))
    return found


def _rank(row: dict[str, Any], sure: Sure) -> Rank:
    """A rank from a row of the ranking: the band is that of reporting errors where there is one."""
    band = sure.band if row["rank_province"] is not None else None
    return Rank(
        value=row["value"], place=row["rank_province"], low=band.low if band else row["rank_low"],
        high=band.high if band else row["rank_high"], sure=sure,
        compared=row["compared_province"], nation=row["rank_nation"], compared_nation=row["compared_nation"],
        before=row["value_before"], change=row["rank_change"], cause=row["cause_indicator"], state=row["state"],
    )  # fmt: skip


def _shares(rows: Rows) -> dict[str, dict[str, Share]]:
    found: dict[str, dict[str, Share]] = {}
    for row in rows:
        found.setdefault(row["county_code"], {})[row["indicator_id"]] = Share(
            row["met"], row["unmet"], row["missing"], row["not_applicable"]
        )
    return found

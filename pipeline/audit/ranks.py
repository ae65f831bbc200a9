"""Rankings recomputed, county by county in plain Python (method 7): what each county is ranked by, its rank, band, change, cause.

Here: county_ranking. Not here: gaps and scores, which come from the audit's own tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from pipeline.audit.measures import BOTH, Measured, measures
from pipeline.schema.model import Catalogue

RANK_KEY = ["year", "standard_id", "measure", "stage", "county_code"]
COLUMNS: dict[str, pl.DataType] = {
    "year": pl.Int64(), "standard_id": pl.String(), "measure": pl.String(), "stage": pl.String(), "county_code": pl.String(),
    "province_code": pl.String(), "value": pl.Float64(), "rank_province": pl.Int64(), "rank_nation": pl.Int64(),
    "rank_low": pl.Int64(), "rank_high": pl.Int64(), "compared_province": pl.Int64(), "compared_nation": pl.Int64(),
    "value_before": pl.Float64(), "rank_change": pl.Int64(), "cause_indicator": pl.String(), "state": pl.String(),
}  # fmt: skip

LEVEL_MEASURES = ("mean_score", "share_meeting")


@dataclass
class Ranked:
    """A county in one list: what it is ranked by, and what came of it."""

    measured: Measured
    key: float
    said: dict[str, object] = field(default_factory=dict)


def build_ranking(
    gaps: pl.DataFrame, scores: pl.DataFrame, attainment: pl.DataFrame, absent: pl.DataFrame, areas: pl.DataFrame,
    expected: pl.DataFrame, catalogue: Catalogue,
) -> pl.DataFrame:  # fmt: skip
    """county_ranking, sorted by key.

    ``gaps``, ``scores``, ``attainment``: the audit's tables; ``absent``: a row a year, standard, county, stage and absent
    school it would count (pupils); ``areas``, ``expected``: as in ``gaps.Parts``.
    """
    found = list(measures(gaps, scores, attainment, absent, areas, expected, catalogue))
    enough = _enough(expected, catalogue)
    lists: dict[tuple[object, ...], list[Ranked]] = defaultdict(list)
    rows: dict[tuple[object, ...], Ranked] = {}
    for one in found:
        ranked = Ranked(one, round(one.value, 12) * (1 if one.is_lower_better else -1) if one.state == "ok" else 0.0)  # type: ignore[arg-type]
        rows[one.key] = ranked
        if one.state == "ok":
            if one.province is not None and (one.year, "province", one.province, one.stage) in enough:
                lists["province", one.year, one.standard, one.measure, one.stage, one.province].append(ranked)
            if (one.year, "nation", "0", one.stage) in enough:
                lists["nation", one.year, one.standard, one.measure, one.stage].append(ranked)
    for name, members in lists.items():
        _rank(str(name[0]), members, float(catalogue.setting("rank_band_width")))
    _compare_years(rows, catalogue)
    return pl.DataFrame([_row(r) for r in rows.values()], schema=COLUMNS).sort(RANK_KEY)


def _enough(expected: pl.DataFrame, catalogue: Catalogue) -> set[tuple[int, str, str, str]]:
    """Areas, with stage, of which enough of the expected counties came; for both stages together when for each."""
    share = catalogue.setting("expected_counties_limit_pct")
    held: dict[tuple[int, str, str], list[tuple[str, bool]]] = defaultdict(list)
    for row in expected.iter_rows(named=True):
        came = row["counties_came"] > 0 and row["counties_came"] * 100 >= share * row["counties_expected"]
        held[row["year"], row["area_level"], row["area_code"]].append((row["stage"], came))
    result = {(*area, stage) for area, stages in held.items() for stage, came in stages if came}
    return result | {(*area, BOTH) for area, stages in held.items() if all(came for _, came in stages)}


def _places(keys: Iterable[float]) -> dict[float, int]:
    """Rank of each key: one more than the number of smaller ones."""
    places: dict[float, int] = {}
    for number, key in enumerate(sorted(keys), 1):
        places.setdefault(key, number)
    return places


def _rank(area: str, members: list[Ranked], width: float) -> None:
    places = _places(m.key for m in members)
    ordered = sorted(places)
    for member in members:
        member.said[f"rank_{area}"] = places[member.key]
        member.said[f"compared_{area}"] = len(members)
        if area == "province":
            near = [places[k] for k in _near(ordered, member.key, width + 1e-12)]
            member.said |= {"rank_low": min(near), "rank_high": max(near)}


def _near(ordered: list[float], key: float, width: float) -> Iterator[float]:
    from bisect import bisect_left, bisect_right

    yield from ordered[bisect_left(ordered, key - width) : bisect_right(ordered, key + width)]


def _compare_years(rows: dict[tuple[object, ...], Ranked], catalogue: Catalogue) -> None:
    """Value of the year before, places gained, and the cause, among counties ok and comparable in both years."""
    broken = {(c.year, x) for c in catalogue.division_changes if c.kind != "rename" for x in (c.old_code, c.new_code)}
    changed = {(t.year_from, s.id) for s in catalogue.standards.values() for i in s.items for t in i.thresholds}
    pairs: dict[tuple[object, ...], list[tuple[Ranked, Ranked]]] = defaultdict(list)
    for ranked in rows.values():
        one = ranked.measured
        before = rows.get(replace(one, year=one.year - 1).key)
        if one.state != "ok" or before is None or before.measured.state != "ok":
            continue
        if one.province != before.measured.province or (one.year, one.county) in broken:
            continue
        if one.measure in LEVEL_MEASURES and (one.year, one.standard) in changed:
            continue
        ranked.said["value_before"] = before.measured.value
        ranked.said["cause_indicator"] = _cause(ranked, before, rows, catalogue)
        if "rank_province" in ranked.said and "rank_province" in before.said:
            pairs[one.year, one.standard, one.measure, one.stage, one.province].append((ranked, before))
    for members in pairs.values():
        now, then = (_places(pair[side].key for pair in members) for side in (0, 1))
        for ranked, before in members:
            ranked.said["rank_change"] = then[before.key] - now[ranked.key]


def _cause(now: Ranked, before: Ranked, rows: dict[tuple[object, ...], Ranked], catalogue: Catalogue) -> str | None:
    """The indicator whose part moved most the way the value moved; for a largest part, the part that is the value."""
    if now.key == before.key:
        return None
    rose = now.measured.value > before.measured.value  # type: ignore[operator]
    if now.measured.stage == BOTH:
        side = now if rose else before
        stages = [s.id for s in catalogue.judged_stages]
        there = {s: rows[replace(side.measured, stage=s).key] for s in stages}
        stage = max(stages, key=lambda s: (there[s].key, -stages.index(s)))
        now, before = (rows[replace(x.measured, stage=stage).key] for x in (now, before))
    parts, parts_before = now.measured.parts, before.measured.parts
    if now.measured.is_largest:
        moved = dict(parts if rose else parts_before)
    else:
        moved = {k: (1 if rose else -1) * (parts[k] - parts_before[k]) for k in parts if k in parts_before}
    positions = list(catalogue.indicators)
    best = min(moved, key=lambda k: (-round(moved[k], 12), positions.index(k)), default=None)
    return best if best is not None and round(moved[best], 12) > 0 else None


def _row(ranked: Ranked) -> dict[str, object]:
    one = ranked.measured
    own = {
        "year": one.year, "standard_id": one.standard, "measure": one.measure, "stage": one.stage, "county_code": one.county,
        "province_code": one.province, "value": one.value, "state": one.state,
    }  # fmt: skip
    return {name: {**own, **ranked.said}.get(name) for name in COLUMNS}

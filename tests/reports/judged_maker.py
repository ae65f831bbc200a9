"""Attainment, scores and rankings for the made release, written from the method's words and not from the product's SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from statistics import fmean
from typing import TYPE_CHECKING, Any

from pipeline.schema.model import Item, Standard, Threshold

if TYPE_CHECKING:
    from tests.reports.release_maker import Maker

BAND = 0.005
NEAR = 1e-9


def add_judgements(maker: Maker) -> None:
    """Fills ``indicator_attainment``, ``school_score`` and, where the maker has none, ``county_ranking`` from its rows."""
    counted = {
        (r["year"], r["school_id"], r["stage"], r["standard_id"])
        for r in _rows(maker, "school_scope")
        if r["is_counted"]
    }
    values = {(r["year"], r["school_id"], r["stage"], r["indicator_id"]): r for r in _rows(maker, "indicator_value")}
    for year, school, stage, standard_id in sorted(counted):
        standard = maker.catalogue.standards[standard_id]
        rows = [
            _attainment(standard, item, level, values[year, school, stage, item.indicator])
            for item in standard.items
            if (level := _level(item, stage)) is not None and (year, school, stage, item.indicator) in values
        ]
        for row in rows:
            maker.add("indicator_attainment", **row)
        if rows:
            maker.add("school_score", **_score(standard, rows))
    for row in [] if _rows(maker, "county_ranking") else list(_ranking(maker)):
        maker.add("county_ranking", **row)


def _rows(maker: Maker, table: str) -> list[dict[str, Any]]:
    return maker.rows.get(table, [])


def _level(item: Item, stage: str) -> Threshold | None:
    fitting = [t for t in item.thresholds if t.stage in (stage, "*") and t.school_type in ("211", "*")]
    return fitting[0] if fitting else None


def _attainment(standard: Standard, item: Item, level: Threshold, row: dict[str, Any]) -> dict[str, Any]:
    x, direction = row["value"], ">="
    if (level.floor is not None and level.floor > level.value) or item.is_veto:
        direction = "<="
    met, above, share = None, None, None
    if x is not None:
        met = x >= level.value * (1 - NEAR) if direction == ">=" else x <= level.value * (1 + NEAR)
        if level.floor is not None:
            above = x >= level.floor * (1 - NEAR) if direction == ">=" else x <= level.floor * (1 + NEAR)
        share = 1.0 if met else x / level.value if direction == ">=" else level.value / x if x else 0.0
    keys = ("year", "school_id", "stage", "county_code", "pupils", "value", "state", "trace_id")
    return {k: row[k] for k in keys} | {
        "standard_id": standard.id, "indicator_id": item.indicator, "item_no": item.item_no, "threshold": level.value,
        "floor": level.floor, "weight": item.weight, "attainment": share, "is_met": met, "is_above_floor": above,
        "is_veto": item.is_veto,
    }  # fmt: skip


def _score(standard: Standard, rows: list[dict[str, Any]]) -> dict[str, Any]:
    applicable = [r for r in rows if r["state"] != "not_applicable"]
    missing = [r for r in applicable if r["is_met"] is None]
    unmet = [r for r in applicable if r["is_met"] is False]
    below = [r for r in unmet if r["is_above_floor"] is False]
    veto = any(r["is_veto"] for r in unmet)
    low = 100 * fmean(r["attainment"] or 0.0 for r in applicable)
    high = 100 * fmean(1.0 if r["attainment"] is None else r["attainment"] for r in applicable)
    rule = standard.school_rule
    meets: bool | None = None
    if rule is not None:
        fails = len(unmet) > (rule.max_unmet or 0) or (rule.rest_above_floor and below) or (rule.veto and veto)
        fails = fails or len(applicable) < rule.min_applicable
        meets = False if fails else None if missing else True
    keys = ("year", "school_id", "stage", "county_code", "pupils", "standard_id")
    return {k: rows[0][k] for k in keys} | {
        "indicators_applicable": len(applicable), "indicators_met": len(applicable) - len(unmet) - len(missing),
        "indicators_below_floor": len(below), "indicators_missing": len(missing), "score": None if missing else low,
        "score_min": low, "score_max": high, "has_veto": True if veto else None if any(r["is_veto"] for r in missing) else False,
        "meets_standard": meets,
    }  # fmt: skip


def _ranking(maker: Maker) -> Iterator[dict[str, Any]]:
    """A row a county, stage and measure; bands are places among values within 0.005; one province."""
    provinces = {d.code: d.parent_code for d in maker.catalogue.divisions}
    top = {d.code for d in maker.catalogue.divisions if d.level == "province"}
    gaps: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in (r for r in _rows(maker, "gap_coefficient") if r["area_level"] == "county"):
        gaps[row["year"], row["standard_id"], row["stage"], row["area_code"]].append(row)
    scores: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(maker, "school_score"):
        scores[row["year"], row["standard_id"], row["stage"], row["county_code"]].append(row)
    places = sorted(
        {
            (r["year"], r["stage"], r["area_code"])
            for r in _rows(maker, "gap_coefficient")
            if r["area_level"] == "county"
        }
    )
    for standard in maker.catalogue.standards.values():
        for measure in standard.measures:
            found = {}
            for year, stage, county in places:
                key = (year, standard.id, stage, county)
                found[year, stage, county] = _value(measure, standard, stage, gaps.get(key, []), scores.get(key, []))
            for (year, stage, county), (value, state) in found.items():
                province = county
                while province not in top and province in provinces:
                    province = provinces[province]
                peers = [
                    v for (y, s, _), (v, t) in found.items() if (y, s) == (year, stage) and t == "ok" and v is not None
                ]
                yield {
                    "year": year, "standard_id": standard.id, "measure": measure, "stage": stage, "county_code": county,
                    "province_code": province, "value": value, "state": state,
                } | (_rank(measure, value, peers) if state == "ok" and value is not None else {})  # fmt: skip


def _value(
    measure: str, standard: Standard, stage: str, gaps: list[dict[str, Any]], scores: list[dict[str, Any]]
) -> tuple[float | None, str]:
    states = {row["state"] for row in gaps} - {"ok"}
    if measure in ("mean_cv", "worst_ratio"):
        if states or not gaps:
            return None, next(
                (s for s in ("no_schools", "incomplete", "single_school", "zero_mean") if s in states), "no_schools"
            )
        mean = fmean(row["cv"] for row in gaps)
        assert standard.gap is not None
        if measure == "mean_cv":
            return mean, "ok"
        limit = standard.gap.composite_limits.get(stage)
        return (mean / limit if limit else max(row["cv"] / row["cv_limit"] for row in gaps)), "ok"
    if not scores:
        return None, "no_schools"
    if measure == "share_meeting":
        return sum(bool(row["meets_standard"]) for row in scores) / len(scores), "ok"
    known = [row["score"] for row in scores if row["score"] is not None]
    return (fmean(known), "ok") if len(known) == len(scores) else (None, "incomplete")


def _rank(measure: str, value: float, peers: list[float]) -> dict[str, int]:
    sign = 1 if measure in ("mean_cv", "worst_ratio") else -1
    rank = {x: 1 + sum(sign * y < sign * x for y in peers) for x in peers}
    near = [rank[x] for x in peers if abs(x - value) <= BAND]
    own = rank[value]
    return {
        "rank_province": own, "rank_nation": own, "rank_low": min(near), "rank_high": max(near),
        "compared_province": len(peers), "compared_nation": len(peers),
    }  # fmt: skip

"""How the sample compares with what is published: ``python -m tests.bench.sample`` prints the whole table.

Every figure is worked out here with NumPy from the truth of the sample, on its own: nothing of the pipeline's SQL or audit.
Published ranges: the single gap coefficients of eleven and twelve counties under the 2012 rules; the others are targets.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.sample.county import CountyYear, county_years
from pipeline.sample.places import provinces
from pipeline.schema import load_catalogue

SEEDS, COUNTIES = 8, 100
NAMES_2012 = ("rooms", "sports", "equipment", "computers", "books", "teachers", "degree", "rank")
PUBLISHED = {  # lowest and highest CV of the published counties, primary and junior
    "rooms": ((0.25, 0.88), (0.29, 0.81)),
    "sports": ((0.42, 1.30), (0.30, 0.78)),
    "equipment": ((0.20, 0.98), (0.15, 0.64)),
    "computers": ((0.19, 0.58), (0.21, 0.49)),
    "books": ((0.10, 0.45), (0.04, 0.54)),
    "teachers": ((0.26, 0.48), (0.23, 0.72)),
    "degree": ((0.25, 0.48), (0.22, 0.45)),
    "rank": ((0.37, 0.54), (0.25, 1.02)),
}
COMPOSITE_LIMITS, GAP_LIMITS = (0.65, 0.55), (0.50, 0.45)
LEVELS_2017 = {  # primary, junior
    "degree": (4.2, 5.3),
    "backbone": (1.0, 1.0),
    "pe_arts": (0.9, 0.9),
    "rooms": (4.5, 5.8),
    "sports": (7.5, 10.2),
    "equipment": (2000.0, 2500.0),
    "multimedia": (2.3, 2.4),
}
WEIGHTS = np.array([1.0, 1.1, 1.32])


@dataclass(frozen=True)
class Merged:
    """A county with branches merged: amounts by unit and stage, and of the whole school."""

    heads: np.ndarray
    per_pupil: Mapping[str, np.ndarray]
    items: np.ndarray
    """Attainment of the twenty items by unit, stage and item; NaN where an item does not apply."""
    in_2012: np.ndarray
    in_2017: np.ndarray
    place: np.ndarray


def cv(x: np.ndarray, p: np.ndarray) -> float:
    """Weighted by pupils, divisor P."""
    mean = (x * p).sum() / p.sum()
    return float(np.sqrt((p * (x - mean) ** 2).sum() / p.sum()) / mean) if mean else np.nan


def merged(made: CountyYear) -> Merged:
    """A county as the rules look at it."""
    units, v = made.units, made.values
    to = np.where(units.is_branch, units.parent, np.arange(len(units)))

    def add(amount: np.ndarray) -> np.ndarray:
        total = np.zeros_like(amount, dtype=float)
        np.add.at(total, to, amount)
        return total

    weighted = made.heads * WEIGHTS
    share = weighted / np.maximum(1, weighted.sum(axis=1, keepdims=True))
    split = {
        "rooms": v["teaching_rooms_sqm"] - v["indoor_sports_sqm"],
        "sports": v["sports_field_sqm"] + v["indoor_sports_sqm"],
        "equipment": v["equipment_yuan"],
        "computers": v["computers"] * 100,
        "books": v["books"],
        "multimedia": v["multimedia_rooms"] * 100,
    }
    by_stage = {
        "teachers": v["full_time_teachers"] * 100,
        "degree": (v["doctor_teachers"] + v["master_teachers"] + v["bachelor_teachers"]) * 100
        + v["college_teachers"] * np.array([100, 0, 0]),
        "rank": (v["senior_rank_teachers"] + v["associate_rank_teachers"] + v["intermediate_rank_teachers"]) * 100,
        "backbone": v["backbone_teachers"] * 100,
        "pe_arts": (v["pe_teachers"] + v["music_teachers"] + v["art_teachers"] + v["arts_teachers"]) * 100,
    }
    amounts = {name: add(value[:, None] * share) for name, value in split.items()}
    amounts |= {name: add(value) for name, value in by_stage.items()}
    heads = add(made.heads)
    with np.errstate(invalid="ignore", divide="ignore"):
        per_pupil = {name: amount / heads for name, amount in amounts.items()}
    types = np.array([kind["school_type"] for kind in units.kind])
    out = np.array([t.startswith(("5", "32", "36")) for t in types]) | units.is_branch
    own = made.heads.sum(axis=1)
    in_2017 = ~out & ~((types == "218") & (own < 50))
    in_2012 = ~out & (types != "218") & ~units.private & ~units.prefecture_run
    return Merged(heads, per_pupil, _items(made, add, per_pupil, heads), in_2012, in_2017, units.place)


def _items(made: CountyYear, add, per_pupil, heads: np.ndarray) -> np.ndarray:
    units, v = made.units, made.values
    n = len(units)
    compulsory = made.heads[:, :2].sum(axis=1)
    largest = np.zeros(n)
    np.maximum.at(largest, np.where(units.is_branch, units.parent, np.arange(n)), compulsory)
    both = add(heads[:, 0] * 0 + made.heads.sum(axis=1))
    need = add(np.ceil((v["classes"][:, :2].sum(axis=1)) / 12))
    quota = made.heads[:, 0] * (720 if made.year >= 2023 else 650) + made.heads[:, 1] * (
        940 if made.year >= 2023 else 850
    )
    types = np.array([kind["school_type"] for kind in units.kind])
    small = (compulsory < 100) & (compulsory > 0) & ((units.place == 2) | (types == "218"))
    required = add(np.where(small, quota * 100 / np.maximum(compulsory, 1), quota))
    staff_need = add(made.heads @ np.array([1 / 19, 1 / 13.5, 1 / 12.5]))
    boarders, beds = add(v["boarders"]), add(v["beds"])
    limit = np.isin(types, ["312", "345"]) * 500 + 2000.0
    within, listed = _within(made)
    items = np.full((n, 3, 20), np.nan)
    stage_items = [(name, np.array([*LEVELS_2017[name], 1.0])) for name in LEVELS_2017]
    with np.errstate(invalid="ignore", divide="ignore"):
        for i, (name, level) in enumerate(stage_items):
            items[:, :, i] = np.minimum(1, per_pupil[name] / level)
        kinds = [kind["kind"] for kind in ROOM_KINDS]
        for i, kind in enumerate(kinds):
            standard = ROOM_KINDS[i]["standard"]
            items[:, :, 7 + i] = np.minimum(1, add(v[standard]) / need)[:, None]
            assert kind in ("music", "art")
        items[:, :, 9] = np.where(largest <= limit, 1, limit / largest)[:, None]
        items[:, :, 10] = add(within) / add(listed)
        items[:, :, 11] = np.minimum(1, add(v["public_funds_yuan"]) / required)[:, None]
        items[:, :, 12] = add(v["teachers_trained_360h"]) / add(v["teachers_training_due"])
        items[:, :, 13] = add(v["certified_teachers"]) / add(v["full_time_teachers"])
        items[:, :, 14] = np.minimum(1, add(v["training_budget_yuan"]) / add(v["public_funds_budget_yuan"]) / 0.05)[
            :, None
        ]
        items[:, :, 15] = np.minimum(1, per_pupil["books"] / np.array([25, 35, 1]))
        staffed = np.minimum(1, add(v["staff"]) / staff_need)
        items[:, :, 16] = np.where((both < 200) & (units.place == 2), np.nan, staffed)[:, None]
        items[:, :, 17] = (add(v["d_grade_area_sqm"]) <= 0)[:, None]
        items[:, :, 18] = np.where(boarders > 0, np.minimum(1, beds / boarders), np.nan)[:, None]
        health = np.minimum(1, add(v["health_staff"]) / np.maximum(1, both // 600))
        items[:, :, 19] = np.where((both >= 600) | (boarders > 0), health, np.nan)[:, None]
    return items


def _within(made: CountyYear) -> tuple[np.ndarray, np.ndarray]:
    """Classes within the size limit and all classes, by unit and stage."""
    shape = made.heads.shape
    within, listed = np.zeros(shape), np.zeros(shape)
    c = made.sets
    np.add.at(listed, (c.unit, c.stage), 1)
    np.add.at(within, (c.unit, c.stage), c.size <= np.array([45, 50, 999])[c.stage])
    return within, listed


def _room_kinds():
    from pipeline.sample.parameters import parameters

    return parameters("structure")["room_rows"]["kinds"]


ROOM_KINDS = _room_kinds()


def gather(seeds: range, counties: int, year: int = 2021, on: int = 0) -> dict[str, np.ndarray]:
    """Every figure for every county (or school) of one province for each seed, in the first year or ``on`` years later."""
    catalogue = load_catalogue()
    found: dict[str, list[float]] = defaultdict(list)
    for seed in seeds:
        for county in provinces(1, counties, seed)[0].each_county():
            *_, made = county_years(county, 57.5, range(year, year + on + 1), catalogue)
            _add_county(found, made, merged(made))
    return {name: np.array(values) for name, values in found.items()}


def _add_county(found: dict[str, list[float]], made: CountyYear, county: Merged) -> None:
    passes = True
    for s, stage in enumerate(("primary", "junior")):
        old = county.in_2012 & (county.heads[:, s] > 0)
        new = county.in_2017 & (county.heads[:, s] > 0)
        p_old, p_new = county.heads[old, s], county.heads[new, s]
        gaps = [cv(county.per_pupil[name][old, s], p_old) for name in NAMES_2012]
        for name, gap in zip(NAMES_2012, gaps, strict=True):
            found[f"cv {stage} {name}"].append(gap)
            found[f"mean {stage} {name}"].append(np.average(county.per_pupil[name][old, s], weights=p_old))
        found[f"composite {stage}"].append(np.mean(gaps))
        limits = [cv(county.per_pupil[name][new, s], p_new) for name in LEVELS_2017]
        for name, gap in zip(LEVELS_2017, limits, strict=True):
            found[f"cv17 {stage} {name}"].append(gap)
            found[f"below {stage} {name}"] += list(county.per_pupil[name][new, s] < LEVELS_2017[name][s])
        passed = max(limits) <= GAP_LIMITS[s]
        found[f"passes {stage}"].append(passed)
        passes = passes and passed
        found[f"pupils {stage}"].append(made.heads[:, s].sum())
        found[f"teachers {stage}"].append(made.values["full_time_teachers"][:, s].sum())
        items = county.items[new, s, :]
        found["score"] += list(np.nanmean(items, axis=1) * 100)
        for i in range(20):
            found[f"item {i + 1}"] += list(items[~np.isnan(items[:, i]), i])
    found["passes"].append(passes)


def table(found: Mapping[str, np.ndarray]) -> list[tuple[str, str, float, bool]]:
    """What is asked of the sample: claim, range, what was seen, whether it lies inside."""
    rows: list[tuple[str, str, float, bool]] = []

    def ask(claim: str, low: float, high: float, seen: float) -> None:
        rows.append((claim, f"{low:g} to {high:g}", float(seen), bool(low <= seen <= high)))

    for s, stage in enumerate(("primary", "junior")):
        for name in NAMES_2012:
            ask(f"median 2012 CV, {stage}, {name}", *PUBLISHED[name][s], np.median(found[f"cv {stage} {name}"]))
        ask(
            f"2012 composite within {COMPOSITE_LIMITS[s]}, {stage}, share of counties",
            0.97,
            1.0,
            np.mean(found[f"composite {stage}"] <= COMPOSITE_LIMITS[s]),
        )
    ask("share of primary schools below the rooms level", 0.30, 0.60, found["below primary rooms"].mean())
    for stage, low, high in (("primary", 15.5, 17.0), ("junior", 12.0, 13.5)):
        ask(
            f"pupils per teacher, {stage}", low, high, found[f"pupils {stage}"].sum() / found[f"teachers {stage}"].sum()
        )
    ask("share of counties within all 2017 limits", 0.06, 0.16, found["passes"].mean())
    ask("20-item score, p10", 71, 79, np.percentile(found["score"], 10))
    ask("20-item score, p90", 92, 100, np.percentile(found["score"], 90))
    return rows


def more(found: Mapping[str, np.ndarray]) -> list[str]:
    """Figures beside the claims, for whoever changes a parameter."""
    lines = []
    for stage in ("primary", "junior"):
        for name in LEVELS_2017:
            gaps = found[f"cv17 {stage} {name}"]
            p10, p50, p90 = np.percentile(gaps, [10, 50, 90])
            lines.append(
                f"2017 CV {stage} {name}: {p10:.2f} {p50:.3f} {p90:.2f}, schools below {found[f'below {stage} {name}'].mean():.0%}"
            )
        lines.append(
            f"composite {stage}: median {np.median(found[f'composite {stage}']):.3f}, passes {found[f'passes {stage}'].mean():.0%}"
        )
        lines += [f"mean {stage} {name}: {np.mean(found[f'mean {stage} {name}']):.3f}" for name in NAMES_2012]
    lines.append(
        "score p5 10 50 90 95: " + " ".join(f"{x:.1f}" for x in np.percentile(found["score"], [5, 10, 50, 90, 95]))
    )
    lines.append(
        "mean attainment by item: " + " ".join(f"{i + 1}:{found[f'item {i + 1}'].mean():.2f}" for i in range(20))
    )
    return lines


def main(seeds: int = SEEDS, counties: int = COUNTIES, on: int = 0) -> None:
    """Prints the table, and what it does not ask."""
    found = gather(range(1, seeds + 1), counties, on=on)
    rows = table(found)
    for claim, wanted, seen, holds in rows:
        print(f"{'ok ' if holds else 'OUT'} {claim}: {seen:.4g} (wanted {wanted})")
    print("\n".join(more(found)))
    print(f"{sum(row[3] for row in rows)} of {len(rows)} hold, {seeds} seeds x {counties} counties")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))

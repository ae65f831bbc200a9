"""Rows of what stands around a county for made releases: counties alike, groups, gaps taken apart by plain formulas of our own."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import TYPE_CHECKING, Any

from pipeline.schema.model import Standard
from tests.oracles import weighted_cv

if TYPE_CHECKING:
    from tests.reports.release_maker import Maker

WAYS = {"urban_rural": 3, "ownership": 1}
"""Ways to divide and how many classes the made schools fall into, by turns."""


def add_peers(maker: Maker, year: int, counties: list[str]) -> None:
    """Every county's peers are all the others, in their order; one feature, in which each differs most."""
    for county in counties:
        key = {"year": year, "county_code": county}
        maker.add(
            "county_feature",
            **key,
            feature_id="pupils",
            name_zh="义务教育在校生",
            name_en="Compulsory pupils",
            weight=1.0,
        )
        others = [c for c in counties if c != county]
        for number, peer in enumerate(others, 1):
            maker.add(
                "county_peer", **key, peer_no=number, peer_code=peer, is_same_province=True, distance=0.1 * number,
                features_compared=5, features=8, differs_most_in="pupils", differs_most_pct=60.0, peers_found=len(others),
            )  # fmt: skip


def add_among(maker: Maker, year: int) -> None:
    """The place of every ranked county among its peers, counted from the made ranking; call when that has been made."""
    rows = [r for r in maker.rows["county_ranking"] if r["year"] == year]
    for row in rows:
        mine = [p["peer_code"] for p in maker.rows["county_peer"] if p["county_code"] == row["county_code"]]
        same = ("standard_id", "measure", "stage")
        values = [
            r["value"]
            for r in rows
            if r["county_code"] in mine and r["state"] == "ok" and all(r[k] == row[k] for k in same)
        ]
        is_ok = row["state"] == "ok" and bool(values)
        sign = -1 if row["measure"] in ("share_meeting", "mean_score") else 1
        keys = ("year", "standard_id", "measure", "stage", "county_code", "value", "state")
        maker.add(
            "county_among_peers", **{k: row[k] for k in keys}, peers=len(mine), peers_compared=len(values),
            place=1 + sum(sign * v < sign * row["value"] for v in values) if is_ok else None,
            peers_median=median(values) if is_ok else None, peers_least=min(values) if is_ok else None, peers_most=max(values) if is_ok else None,
        )  # fmt: skip


def add_groups(maker: Maker, year: int, county: str, size: int) -> None:
    """Groups of ``size`` schools in the order of their codes, the first the lead; the last school lies in none."""
    values = [
        r
        for r in maker.rows["indicator_value"]
        if r["year"] == year and r["county_code"] == county and r["value"] is not None
    ]
    schools = sorted(
        {r["school_id"] for r in maker.rows["school"] if r["year"] == year and r["county_code"] == county}
    )[:-1]
    groups = [schools[i : i + size] for i in range(0, len(schools), size)]
    for standard in maker.standards:
        for stage in maker.catalogue.judged_stages:
            for number, group in enumerate(groups):
                _group(maker, year, county, standard, stage.id, number, group, values)
    maker.add(
        "group_coverage", year=year, area_level="county", area_code=county, kind="group", counties=1, counties_told=1,
        groups=len(groups), groups_close=1, groups_cooperative=len(groups) - 1, groups_mixed=0, groups_unknown=0,
        schools=len(schools) + 1, schools_told=len(schools) + 1, schools_in=len(schools), share_schools=len(schools) / (len(schools) + 1),
        share_pupils=0.9, weak_schools=3, weak_schools_in=2, schools_absent=0, state="ok",
    )  # fmt: skip
    maker.add(
        "group_coverage", year=year, area_level="county", area_code=county, kind="district", counties=1, counties_told=0,
        schools=len(schools) + 1, schools_told=0, schools_absent=0, state="not_reported",
    )  # fmt: skip


def _group(
    maker: Maker, year: int, county: str, standard: Standard, stage: str, number: int, group: list[str], values: list[dict[str, Any]]
) -> None:  # fmt: skip
    assert standard.gap is not None
    for indicator in standard.gap.indicators:
        found = {
            r["school_id"]: r
            for r in values
            if r["stage"] == stage and r["indicator_id"] == indicator and r["school_id"] in group
        }
        if not found:
            continue
        gap = weighted_cv([r["value"] for r in found.values()], [r["pupils"] for r in found.values()])
        lead, others = found.get(group[0]), [r for s, r in found.items() if s != group[0]]
        mean = weighted_cv([r["value"] for r in others], [r["pupils"] for r in others]).mean if others else None
        state = "lead_missing" if lead is None else "no_members" if mean is None else "ok"
        apart = lead["value"] - mean if lead and mean is not None else None
        maker.add(
            "group_gap", year=year, standard_id=standard.id, kind="group", group_id=f"{county}:{number}", stage=stage,
            indicator_id=indicator, group_name=f"第{number + 1}教育集团", county_code=county, schools=len(found), schools_missing=0,
            mean=gap.mean, cv=gap.cv, state="ok" if len(found) > 1 else "single_member", lead_school_id=group[0],
            lead_value=lead["value"] if lead else None, members=len(others), members_missing=0, members_mean=mean,
            difference=apart, ratio=lead["value"] / mean if lead and mean else None, lead_state=state, members_followed=len(others),
            difference_before=None if apart is None else 1.2 * apart, difference_followed=apart,
            narrowed_by=None if apart is None else 0.2 * abs(apart), before_state="ok",
        )  # fmt: skip


def add_apart(maker: Maker, year: int, counties: list[str]) -> None:
    """The gaps of counties between and within classes that schools fall into by turns, in the order of their codes."""
    values = [r for r in maker.rows["indicator_value"] if r["year"] == year and r["value"] is not None]
    counted = {(r["school_id"], r["stage"], r["standard_id"]) for r in maker.rows["school_scope"] if r["is_counted"]}
    for gap in [r for r in maker.rows["gap_coefficient"] if r["year"] == year and r["area_code"] in counties]:
        same = ("stage", "indicator_id")
        rows = [
            r for r in values
            if r["county_code"] == gap["area_code"] and all(r[k] == gap[k] for k in same)
            and (r["school_id"], r["stage"], gap["standard_id"]) in counted
        ]  # fmt: skip
        for way, classes in WAYS.items() if rows else ():
            _apart(maker, gap, way, classes, rows)


def _apart(maker: Maker, gap: dict[str, Any], way: str, classes: int, rows: list[dict[str, Any]]) -> None:
    whole = weighted_cv([r["value"] for r in rows], [r["pupils"] for r in rows])
    key = {k: gap[k] for k in ("year", "standard_id", "area_level", "area_code", "stage", "indicator_id")} | {
        "divided_by": way
    }
    fallen: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for n, row in enumerate(sorted(rows, key=lambda r: r["school_id"])):
        fallen[n % classes].append(row)
    between = within = 0.0
    for n, mine in fallen.items():
        part = weighted_cv([r["value"] for r in mine], [r["pupils"] for r in mine])
        f, r = part.weight / whole.weight, part.mean / whole.mean
        one, other = f * (r - 1) ** 2, f * r**2 * part.cv**2
        between, within = between + one, within + other
        maker.add(
            "gap_decomposition_class", **key, class_code=f"c{n}", class_zh=f"第{n + 1}类", class_en=f"class {n + 1}", schools=len(mine),
            pupils=part.weight, pupils_share=f, mean=part.mean, mean_ratio=r, cv=part.cv, cv2_between=one, cv2_within=other,
        )  # fmt: skip
    cv2 = whole.cv**2
    maker.add(
        "gap_decomposition", **key, classes=len(fallen), schools=len(rows), pupils=whole.weight, schools_missing=0, cv=whole.cv, cv2=cv2,
        cv2_between=between, cv2_within=within, share_between=between / cv2 if cv2 else None, theil_l_state="ok", state=gap["state"],
        trace_id=gap["trace_id"],
    )  # fmt: skip

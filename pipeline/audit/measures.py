"""What counties are ranked by, recomputed, with the part that each indicator has in it (method 7).

Here: values, states and parts of the four measures. Not here: ranks.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipeline.schema.model import Catalogue, Standard

BOTH = "both"
BEFORE_OK = ("no_schools", "incomplete", "single_school", "zero_mean")
"""States in the order in which the first that applies is told."""

Row = dict[str, Any]
Place = tuple[int, str, str]
"""year, county, stage"""


@dataclass(frozen=True)
class Measured:
    """A county's measure in a year and stage. ``parts``: by indicator; ``is_largest``: the value is the largest of them."""

    year: int
    standard: str
    measure: str
    stage: str
    county: str
    province: str | None
    value: float | None
    state: str
    is_lower_better: bool
    parts: dict[str, float] = field(default_factory=dict, compare=False)
    is_largest: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        return (self.year, self.standard, self.measure, self.stage, self.county)


def measures(
    gaps: pl.DataFrame, scores: pl.DataFrame, attainment: pl.DataFrame, absent: pl.DataFrame, areas: pl.DataFrame,
    expected: pl.DataFrame, catalogue: Catalogue,
) -> Iterator[Measured]:  # fmt: skip
    """Every expected county's measures of every standard and judged stage."""
    of_county = expected.filter(pl.col("area_level") == "county")
    counties = of_county.select("year", "area_code").unique().sort("year", "area_code")
    provinces = {(y, c): p for y, c, _, p in areas.filter(pl.col("area_level") == "province").iter_rows()}
    is_told = {
        (r["year"], r["area_code"], r["stage"]): r["counties_came"] > 0 or r["counties_expected"] == 0
        for r in of_county.iter_rows(named=True)
    }
    stages = [s.id for s in catalogue.judged_stages]
    for standard in catalogue.standards.values():
        of_gap, of_score = _of_gaps(gaps, standard), _Scores(standard, scores, attainment, absent, catalogue)
        for year, county in counties.iter_rows():
            found: list[Measured] = []
            for stage in stages:
                place = (year, county, stage)
                found += _gap_measures(standard, place, of_gap.get(place, []))
                found += of_score.measures(place, is_told.get(place, False))
            found += _both([m for m in found if m.measure == "worst_ratio"])
            for m in found:
                if m.measure in standard.measures:
                    yield Measured(
                        m.year, m.standard, m.measure, m.stage, m.county, provinces.get((year, county)), m.value, m.state,
                        m.is_lower_better, m.parts, m.is_largest,
                    )  # fmt: skip


def _of_gaps(gaps: pl.DataFrame, standard: Standard) -> dict[Place, list[Row]]:
    found: dict[Place, list[Row]] = defaultdict(list)
    if "area_level" in gaps.columns and standard.gap is not None:
        here = gaps.filter((pl.col("standard_id") == standard.id) & (pl.col("area_level") == "county"))
        for row in here.iter_rows(named=True):
            found[row["year"], row["area_code"], row["stage"]].append(row)
    return found


def first_of(states: Sequence[str]) -> str:
    """The state of several together: the first that applies, else ok."""
    return next((state for state in BEFORE_OK if state in states), "ok")


def _gap_measures(standard: Standard, place: Place, rows: list[Row]) -> Iterator[Measured]:
    if not rows or standard.gap is None:
        return
    year, county, stage = place
    state = first_of([row["state"] for row in rows])
    cvs = {row["indicator_id"]: row["cv"] for row in rows}
    whole = all(cv is not None for cv in cvs.values())
    mean = math.fsum(cvs.values()) / len(cvs) if whole else None
    shares = {name: cv / len(cvs) for name, cv in cvs.items()} if whole else {}
    yield Measured(year, standard.id, "mean_cv", stage, county, None, mean, state, True, shares)
    composite, limit = standard.gap.composite_limits.get(stage), standard.gap.limits.get(stage)
    if composite is not None:
        value = mean / composite if mean is not None else None
        parts = {name: share / composite for name, share in shares.items()}
        yield Measured(year, standard.id, "worst_ratio", stage, county, None, value, state, True, parts)
    elif limit is not None:
        ratios = {name: cv / limit for name, cv in cvs.items()} if whole else {}
        value = max(ratios.values(), default=None)
        yield Measured(year, standard.id, "worst_ratio", stage, county, None, value, state, True, ratios, True)


def _both(of_stages: list[Measured]) -> Iterator[Measured]:
    if not of_stages:
        return
    one = of_stages[0]
    state = first_of([m.state for m in of_stages])
    value = max(m.value for m in of_stages if m.value is not None) if state == "ok" else None
    yield Measured(one.year, one.standard, one.measure, BOTH, one.county, None, value, state, True)


class _Scores:
    """Schools of a standard by place: their scores, verdicts and attainment, and schools that are absent."""

    def __init__(
        self, standard: Standard, scores: pl.DataFrame, attainment: pl.DataFrame, absent: pl.DataFrame, catalogue: Catalogue
    ) -> None:  # fmt: skip
        self.standard, self.limit = standard, catalogue.setting("missing_pupils_limit_pct")
        self.schools: dict[Place, list[Row]] = defaultdict(list)
        self.items: dict[tuple[int, str, str], list[Row]] = defaultdict(list)
        self.absent: dict[Place, list[float | None]] = defaultdict(list)
        mine = pl.col("standard_id") == standard.id
        if "score" in scores.columns:
            for row in scores.filter(mine).iter_rows(named=True):
                self.schools[row["year"], row["county_code"], row["stage"]].append(row)
            for row in attainment.filter(mine).iter_rows(named=True):
                self.items[row["year"], row["school_id"], row["stage"]].append(row)
        for row in absent.filter(mine).iter_rows(named=True):
            self.absent[row["year"], row["county_code"], row["stage"]].append(row["pupils"])

    def measures(self, place: Place, is_told: bool) -> Iterator[Measured]:
        if not {"mean_score", "share_meeting"} & set(self.standard.measures):
            return
        schools, absent = self.schools.get(place, []), self.absent.get(place, [])
        scored = [s for s in schools if s["score"] is not None]
        score = math.fsum(s["score"] for s in scored) / len(scored) if scored else None
        count = len(schools) + len(absent)
        share = sum(s["meets_standard"] is True for s in schools) / count if schools else None
        for name, value, key in (("mean_score", score, "score"), ("share_meeting", share, "meets_standard")):
            state = self._state(is_told, schools, absent, key)
            yield Measured(
                place[0],
                self.standard.id,
                name,
                place[2],
                place[1],
                None,
                value,
                state,
                False,
                self._parts(name, schools, len(absent)),
            )

    def _state(self, is_told: bool, schools: list[Row], absent: list[float | None], key: str) -> str:
        if not is_told:  # a stage that a county was to tell of and did not
            return "incomplete"
        if not schools and not absent:
            return "no_schools"
        if not schools or None in absent:
            return "incomplete"
        gone = math.fsum(p for p in absent if p is not None)
        everyone = math.fsum(s["pupils"] for s in schools) + gone
        unknown = math.fsum(s["pupils"] for s in schools if s[key] is None) + gone
        return "incomplete" if unknown * 100 > self.limit * everyone else "ok"

    def _parts(self, name: str, schools: list[Row], absent: int) -> dict[str, float]:
        """Mean over schools of what an item adds to the score, or share of schools, absent ones too, that do not miss it."""
        given: dict[str, list[float]] = defaultdict(list)
        for school in schools:
            items = self.items[school["year"], school["school_id"], school["stage"]]
            weight = math.fsum(i["weight"] for i in items if i["state"] != "not_applicable")
            for item in items:
                if name == "share_meeting":
                    given[item["indicator_id"]].append(0.0 if item["is_met"] is False else 1.0)
                elif school["score"] is not None:
                    added = item["weight"] * item["attainment"] / weight if item["attainment"] is not None else 0.0
                    given[item["indicator_id"]].append(100 * added)
        others = [1.0] * absent if name == "share_meeting" else []
        return {indicator: math.fsum(parts + others) / len(parts + others) for indicator, parts in given.items()}

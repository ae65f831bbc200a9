"""The ledger of a sample, recomputed from the tables of schools without the product's code: formulas by hand, exact fractions.

Campuses that serve different stages are left to a linear programme; everything else is one line an item.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from math import ceil
from typing import Any

import polars as pl
import pytest
from scipy.optimize import linprog

from pipeline.store.home import Home
from tests.pipeline.chain import table
from tests.pipeline.shortfall_sample import YEARS, sample_home

WEIGHT = {"primary": Fraction(1), "junior": Fraction(11, 10), "senior": Fraction(132, 100)}
SHARED = {
    "teaching_rooms_sqm_per_pupil": 1, "sports_sqm_per_pupil": 1, "equipment_yuan_per_pupil": 1, "books_per_pupil": 1,
    "multimedia_rooms_per_100": 100,
}  # fmt: skip
"""Indicator of a shared thing → pupils to which its level refers."""
OF_STAGE = {
    "above_degree_teachers_per_100": ("above_degree_teachers", "pupils", 100),
    "backbone_teachers_per_100": ("backbone_teachers", "pupils", 100),
    "pe_arts_teachers_per_100": ("pe_arts_teachers", "pupils", 100),
    "training_360h_pct": ("teachers_trained_360h", "teachers_training_due", 100),
    "certified_teachers_pct": ("certified_teachers", "full_time_teachers", 100),
    "classes_within_limit_pct": ("classes_in_limit", "classes_of_known_size", 100),
}  # fmt: skip
OF_SCHOOL = {
    "music_rooms_ratio": ("music_rooms_standard", "music_rooms_needed", 1),
    "art_rooms_ratio": ("art_rooms_standard", "art_rooms_needed", 1),
    "public_funds_ratio": ("public_funds_yuan", "required_funds_yuan", 1),
    "training_funds_pct": ("training_budget_yuan", "public_funds_budget_yuan", 100),
    "staff_ratio": ("staff", "staff_required", 1),
    "beds_per_boarder": ("beds", "boarders", 1),
}  # fmt: skip
WHOLE = {
    *OF_STAGE, "music_rooms_ratio", "art_rooms_ratio", "staff_ratio", "beds_per_boarder", "health_staff_ratio", "school_size",
    "books_per_pupil", "multimedia_rooms_per_100",
}  # fmt: skip
ABOVE = {"school_size": "largest_campus_pupils", "d_grade_area_sqm": "d_grade_area_sqm"}
NEARLY = Fraction(1, 10**9)
IS_OPEN = pl.col("state").is_in(["new", "persisting", "unknown"])

Rows = dict[Any, dict[str, Any]]


def exact(x: float) -> Fraction:
    """The decimal that was meant."""
    return Fraction(repr(float(x)))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return sample_home(tmp_path_factory.mktemp("oracle"))


def by(home: Home, name: str, *key: str) -> Rows:
    return {tuple(row[k] for k in key): row for row in table(home, name).iter_rows(named=True)}


class Schools:
    """What the tables say of schools, by year and code."""

    def __init__(self, home: Home) -> None:
        self.stage = by(home, "school_stage", "year", "school_id", "stage")
        self.total = by(home, "school_total", "year", "school_id")
        parent = {key: row["merged_into"] for key, row in by(home, "unit_total", "year", "school_id").items()}
        heads: dict[Any, dict[str, dict[str, Fraction]]] = defaultdict(lambda: defaultdict(dict))
        for (year, unit, stage), row in by(home, "unit_stage", "year", "school_id", "stage").items():
            heads[year, parent[year, unit]][unit][stage] = exact(row["pupils"])
        self.campuses = {key: list(units.values()) for key, units in heads.items()}

    def lacking(self, row: dict[str, Any], stages: dict[str, float]) -> float:
        """What is lacking of an item to levels by stage (those unmet)."""
        year, school, name = row["year"], row["school_id"], row["indicator_id"]
        total = self.total[year, school]
        if name in SHARED:
            return self._shared(year, school, stages, name)
        if name in ABOVE:
            return float(exact(total[ABOVE[name]]) - exact(min(stages.values())))
        if name == "health_staff_ratio":
            return float(max(1, total["pupils_all"] // 600) - total["health_staff"])
        if name in OF_SCHOOL:
            has, of, per = OF_SCHOOL[name]
            needs = exact(max(stages.values())) * exact(total[of]) / per - exact(total[has])
        else:
            has, of, per = OF_STAGE[name]
            (stage,) = stages
            own = self.stage[year, school, stage]
            needs = exact(stages[stage]) * exact(own[of]) / per - exact(own[has])
        return float(ceil(needs - NEARLY)) if name in WHOLE else float(needs)

    def _shared(self, year: int, school: str, stages: dict[str, float], name: str) -> float:
        """Least in all over campuses, each of which splits what it gets by weighted pupils."""
        shares, needs = [], []
        for campus in self.campuses[year, school]:
            whole = sum(WEIGHT[s] * p for s, p in campus.items())
            shares.append([WEIGHT[s] * campus.get(s, Fraction(0)) / whole for s in stages])
        for stage, level in stages.items():
            own = self.stage[year, school, stage]
            has = {
                "teaching_rooms_sqm_per_pupil": own["teaching_rooms_sqm"] - own["indoor_sports_sqm"],
                "sports_sqm_per_pupil": own["sports_field_sqm"] + own["indoor_sports_sqm"],
                "equipment_yuan_per_pupil": own["equipment_yuan"],
                "books_per_pupil": own["books"], "multimedia_rooms_per_100": own["multimedia_rooms"],
            }[name]  # fmt: skip
            needs.append(float(exact(level) * exact(own["pupils"]) / SHARED[name]) - has)
        least = linprog(
            [1] * len(shares),
            A_ub=[[-float(s[n]) for s in shares] for n in range(len(stages))],
            b_ub=[-n for n in needs],
        )
        return float(ceil(least.fun - 1e-6)) if name in WHOLE else float(least.fun)


def unmet_stages(home: Home, level: str) -> dict[Any, dict[str, float]]:
    """(year, standard, school, told stage, indicator) → levels of the stages whose value misses them."""
    found: dict[Any, dict[str, float]] = defaultdict(dict)
    for row in table(home, "indicator_attainment", state="ok").iter_rows(named=True):
        misses = not row["is_met"] if level == "threshold" else row["is_above_floor"] is False
        if misses:
            told = row["stage"] if row["indicator_id"] in OF_STAGE else "all"
            found[row["year"], row["standard_id"], row["school_id"], told, row["indicator_id"]][row["stage"]] = row[
                level
            ]
    return found


@pytest.mark.parametrize(("amount", "level"), [("shortfall", "threshold"), ("shortfall_floor", "floor")])
def test_every_amount_is_what_the_formula_by_hand_gives(home: Home, amount: str, level: str) -> None:
    schools, compared = Schools(home), Counter[str]()
    unmet = unmet_stages(home, level)
    for row in table(home, "school_shortfall").filter(IS_OPEN).iter_rows(named=True):
        key = tuple(row[k] for k in ("year", "standard_id", "school_id", "stage", "indicator_id"))
        if row[level] is None:
            assert row[amount] is None
            continue
        expected = schools.lacking(row, unmet[key]) if key in unmet else 0.0
        assert row[amount] == pytest.approx(expected, rel=1e-9, abs=1e-6), row
        compared[row["indicator_id"]] += 1
    assert compared.total() > 300
    assert len(compared) >= 15


def test_every_state_is_what_the_two_years_say(home: Home) -> None:
    unmet = unmet_stages(home, "threshold")
    rows = {
        (r["year"], r["standard_id"], r["school_id"], r["stage"], r["indicator_id"]): r["state"]
        for r in table(home, "school_shortfall").iter_rows(named=True)
    }
    for key in unmet:
        year, rest = key[0], key[1:]
        expected = "unknown" if year == YEARS[0] else "persisting" if (year - 1, *rest) in unmet else "new"
        assert rows.pop(key) == expected
    for (year, *rest), state in rows.items():
        assert state == "missing" or (state in ("closed", "ended") and (year - 1, *rest) in unmet)


def test_every_county_is_what_its_schools_add_up_to(home: Home) -> None:
    progress = by(home, "county_progress", "year", "standard_id", "county_code", "stage")
    meets: dict[Any, dict[str, list[bool | None]]] = defaultdict(lambda: defaultdict(list))
    for row in table(home, "school_score").iter_rows(named=True):
        place = (row["year"], row["standard_id"], row["county_code"])
        meets[(*place, row["stage"])][row["school_id"]].append(row["meets_standard"])
        meets[(*place, "all")][row["school_id"]].append(row["meets_standard"])
    states: dict[Any, Counter[str]] = defaultdict(Counter)
    for row in table(home, "school_shortfall").iter_rows(named=True):
        place = (row["year"], row["standard_id"], row["county_code"])
        for stage in {"all", row["binding_stage"] or row["stage"]}:
            states[(*place, stage)][row["state"]] += 1
    asked = {key: found for key, found in meets.items() if key[1] in {k[1] for k in progress}}
    for key, schools in asked.items():
        row, count = progress[key], states[key]
        met = sum(all(own) for own in schools.values())
        unknown = sum(None in own and False not in own for own in schools.values())
        assert (row["schools"], row["schools_meeting"], row["schools_unknown"]) == (len(schools), met, unknown)
        assert row["shortfalls"] == count["new"] + count["persisting"] + count["unknown"]
        assert all(
            row[f"shortfalls_{name}"] == count[name] for name in ("new", "persisting", "closed", "ended", "missing")
        )
        known = count["closed"] + count["persisting"]
        assert row["closing_rate"] == (count["closed"] / known if known else None)
        assert row["state"] == standing(row, progress.get((key[0] - 1, *key[1:])))
    assert len(asked) > 20


def standing(row: dict[str, Any], before: dict[str, Any] | None) -> str:
    """Where a county stands, by asking every way the unknown schools could turn out."""
    target, left = Fraction(8, 10), max(2027 - row["year"], 0)
    told = set()
    for now in range(row["schools_meeting"], row["schools_meeting"] + row["schools_unknown"] + 1):
        share = Fraction(now, row["schools"])
        if share >= target:
            told.add("reached")
        elif left == 0:
            told.add("slow")
        elif before is None:
            told.add("no_data")
        else:
            for then in range(before["schools_meeting"], before["schools_meeting"] + before["schools_unknown"] + 1):
                rise = share - Fraction(then, before["schools"])
                told.add("on_track" if rise * left >= target - share else "slow")
    return told.pop() if len(told) == 1 else "no_data"

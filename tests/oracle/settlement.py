"""Schools and pupils of town and country, and what counties are compared by, from stage rows, rosters and counties' cells."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from tests.oracle.campuses import county_cells
from tests.oracle.cells import read_roster
from tests.oracle.released import Key, Tables, group_of

Row = dict[str, Any]
CLASSES = (("city", "11"), ("town", "12"), ("country", "2"))
SIZED_BY, SIZE = "school-20", "school_size"
SMALL, TINY = 100, 50
BEFORE = ("schools", "pupils", "pupils_per_school", "pupils_per_class", "over_limit_pct")


def settlement_of(place: Any) -> str:
    return next((name for name, begins in CLASSES if isinstance(place, str) and place.startswith(begins)), "unknown")


def pressures(release: Tables, home: Path) -> pd.DataFrame:
    """settlement_pressure, without names and reasons: every class in which the county has or had schools, or lacks some."""
    stages = _stages(release)
    missing = _missing(release, home)
    by_class = group_of(stages, "year", "county_code", "stage", "settlement")
    years = set(stages.year)
    places = set(by_class) | set(missing)
    now = {key[:3] for key in places}
    shown = places | {(y + 1, *rest) for y, *rest in places if (y + 1, *rest[:2]) in now}
    nobody = stages.iloc[:0]
    figures = {key: _figures(by_class.get(key, nobody)) for key in shown | {(k[0] - 1, *k[1:]) for k in shown}}
    county_pupils: dict[Key, list[float | None]] = defaultdict(list)
    for key in shown:
        county_pupils[key[:3]].append(figures[key]["pupils"])
    made = []
    for key in sorted(shown, key=str):
        row = figures[key]
        share = _ratio(row["pupils"], _total(county_pupils[key[:3]]), 100)
        made.append(
            dict(zip(("year", "county_code", "stage", "settlement"), key, strict=True))
            | row
            | {"schools_missing": missing.get(key, 0), "pupils_share_pct": share}
            | _since(key, figures, missing, years, now)
        )
    return pd.DataFrame(made)


def _stages(release: Tables) -> pd.DataFrame:
    """Stage rows with the settlement, the size against its level, and the pupils of the whole school."""
    stages = release["school_stage"].copy()
    stages["settlement"] = [settlement_of(place) for place in stages.urban_rural]
    sizes = release["indicator_attainment"].query(
        "standard_id == @SIZED_BY and indicator_id == @SIZE and state == 'ok'"
    )
    key = ["year", "school_id", "stage"]
    stages = stages.merge(sizes[[*key, "is_met"]], on=key, how="left")
    whole = stages.groupby(["year", "school_id"]).pupils.agg(lambda p: p.sum(skipna=False)).rename("whole_pupils")
    return stages.merge(whole, on=["year", "school_id"])


def _missing(release: Tables, home: Path) -> dict[Key, int]:
    """Schools that cannot be used, by the class that the roster names."""
    rosters = {int(p.stem): read_roster(p).schools for p in (home / "roster").glob("*.csv")}
    found: dict[Key, int] = defaultdict(int)
    for lost in release["missing_school"].itertuples():
        place = rosters[lost.year].get(lost.school_id, {}).get("urban_rural")
        found[lost.year, lost.county_code, lost.stage, settlement_of(place)] += 1
    return found


def _figures(rows: pd.DataFrame) -> Row:
    pupils = _total(rows.pupils)
    classed = rows[rows.classes.notna()]
    told = rows.dropna(
        subset=["classes_of_known_size", "classes_in_limit"]
    )  # a class without a size leaves its school out
    known, inside = told.classes_of_known_size.sum(), told.classes_in_limit.sum()
    sized = rows[rows.is_met.notna()]
    over = sized[~sized.is_met.astype(bool)]
    return {
        "schools": len(rows),
        "pupils": pupils,
        "pupils_per_school": _ratio(pupils, len(rows)),
        "classes": float(classed.classes.sum()),
        "schools_without_classes": len(rows) - len(classed),
        "pupils_per_class": _ratio(_total(classed.pupils), float(classed.classes.sum())),
        "classes_of_known_size": float(known),
        "classes_over_limit": float(known - inside),
        "over_limit_pct": _ratio(float(known - inside), float(known), 100),
        "schools_of_known_size": len(sized),
        "schools_over_size": len(over),
        "pupils_of_known_size": float(sized.pupils.sum()),
        "pupils_over_size": float(over.pupils.sum()),
        "over_size_pct": _ratio(float(over.pupils.sum()), float(sized.pupils.sum()), 100),
        "schools_small": int((rows.whole_pupils < SMALL).sum()),
        "schools_tiny": int((rows.whole_pupils < TINY).sum()),
    }


def _since(key: Key, figures: dict[Key, Row], missing: dict[Key, int], years: set[int], there: set[Key]) -> Row:
    year, *rest = key
    last = (year - 1, *rest)
    state = "comparable"
    if year - 1 not in years:
        state = "no_year_before"
    elif last[:3] not in there or missing.get(key) or missing.get(last):
        state = "not_measured"
    now, then = figures[key], figures[last]
    before = {f"{name}_before": then[name] if state == "comparable" else None for name in BEFORE}
    grown = None
    if None not in (now["pupils"], before["pupils_before"]):
        grown = _ratio(now["pupils"] - before["pupils_before"], before["pupils_before"], 100)
    return {"state": state, "kind": "same", **before, "pupils_change_pct": grown}


def _total(numbers: Iterable[Any]) -> float | None:
    """Missing in one, missing in the sum."""
    told = list(numbers)
    return None if any(n is None or pd.isna(n) for n in told) else math.fsum(told)


def _ratio(part: float | None, of: float | None, times: float = 1) -> float | None:
    return None if part is None or not of else times * part / of


# -- what counties are compared by --------------------------------------------------------------------------------------


def features(release: Tables, home: Path) -> pd.DataFrame:
    """county_feature with its weight and value."""
    stages = release["school_stage"]
    made: list[Row] = []
    for (year, county), rows in stages.groupby(["year", "county_code"]):
        cells = county_cells(home / "inbox" / str(year) / f"{county}.xlsx")
        for name, value in _features(rows, cells).items():
            made.append({"year": year, "county_code": county, "feature_id": name, "weight": 1.0, "value": value})
    return pd.DataFrame(made)


def _features(rows: pd.DataFrame, cells: Row) -> Row:
    schools = rows.school_id.nunique()
    pupils = _total(rows.pupils)
    placed = rows[rows.urban_rural.notna()]
    rural = placed[placed.urban_rural.str.startswith("2")]
    return {
        "pupils": pupils,
        "schools": schools,
        "pupils_per_school": _ratio(pupils, schools),
        "rural_share": _ratio(_total(rural.pupils), _total(placed.pupils)),
        "farming_share": _ratio(cells["farming_population"], cells["resident_population"]),
        "gdp_per_head": cells["gdp_per_head_yuan"],
        "revenue_per_pupil": _ratio(cells["local_revenue_yuan"], pupils),
        "rural_income": cells["rural_income_yuan"],
    }

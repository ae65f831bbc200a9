"""Progress of counties and their lists a second time: every way is asked in which schools of unknown result could turn out."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from tests.oracle.released import Tables

Row = dict[str, Any]
Key = tuple[Any, ...]
KEY = ["year", "standard_id", "county_code", "stage"]
LIST_KEY = ["standard_id", "list", "county_code", "entered_year"]
TARGET, TARGET_YEAR = Fraction(80, 100), 2027
SLOW_YEARS, FALL = 2, Fraction(10, 100)
"""After so many slow years running, or such a fall of the share in one, a county is warned."""
OPEN = ("new", "persisting", "unknown")
FATES = ("new", "persisting", "unknown", "closed", "ended", "missing")


def county_progress(release: Tables) -> pd.DataFrame:
    """Every row and column of county_progress."""
    verdicts, ledger = _verdicts(release), _ledger(release)
    away = {(r.year, r.county_code) for r in release["missing_county"].itertuples()}
    made: dict[Key, Row] = {}
    for key in sorted({*verdicts, *ledger}):
        schools, before = verdicts.get(key, {}), made.get((key[0] - 1, *key[1:]))
        if (key[0] - 1, key[2]) in away:
            before = None  # nothing came the year before
        made[key] = dict(zip(KEY, key, strict=True)) | _schools(schools, key[0], before)
        made[key] |= _shortfalls(ledger.get(key, []), made[key], before, is_away=(key[0], key[2]) in away)
    return pd.DataFrame(made.values())


def _verdicts(release: Tables) -> dict[Key, dict[str, list[bool | None]]]:
    """What is known of each school, stage by stage, for each stage and for all: by key, school."""
    found: dict[Key, dict[str, list[bool | None]]] = defaultdict(lambda: defaultdict(list))

    def add(year: int, standard: str, county: str, school: str, stage: str, meets: bool | None) -> None:
        for told in (stage, "all"):
            found[year, standard, county, told][school].append(meets)

    ruled = {t.standard_id for t in release["standard"].itertuples() if not pd.isna(t.school_rule)}
    for r in release["school_score"].itertuples():
        if r.standard_id in ruled:
            add(
                r.year,
                r.standard_id,
                r.county_code,
                r.school_id,
                r.stage,
                None if pd.isna(r.meets_standard) else bool(r.meets_standard),
            )
    for r in release["missing_school"].itertuples():
        for standard in ruled & set(str(r.counted_by).split(", ")):
            add(r.year, standard, r.county_code, r.school_id, r.stage, None)
    return found


def _ledger(release: Tables) -> dict[Key, list[Row]]:
    """Rows of the ledger by county for all, and for the stage that decides them where it is known."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in release["school_shortfall"].to_dict("records"):
        stage = row["stage"] if pd.isna(row["binding_stage"]) else row["binding_stage"]
        for told in {"all", stage}:
            found[row["year"], row["standard_id"], row["county_code"], told].append({str(k): v for k, v in row.items()})
    return found


def _schools(schools: Mapping[str, list[bool | None]], year: int, before: Row | None) -> Row:
    meeting = sum(all(v is True for v in own) for own in schools.values())
    unknown = sum(None in own and False not in own for own in schools.values())
    n = len(schools)
    row = {
        "schools": n,
        "schools_meeting": meeting,
        "schools_unknown": unknown,
        "share": meeting / n if n else None,
        "share_high": (meeting + unknown) / n if n else None,
        "share_before": before["share"] if before else None,
        "target_share": float(TARGET),
        "target_year": TARGET_YEAR,
    }
    told = {_standing(now, year, then) for now in _shares(row) for then in (_shares(before) if before else [None])}
    return row | {"state": told.pop() if len(told) == 1 else "no_data"}


def _shares(row: Row) -> list[Fraction]:
    """Every share that there may be, the unknown meeting the standard or not."""
    low = row["schools_meeting"]
    return [Fraction(n, row["schools"]) for n in range(low, low + row["schools_unknown"] + 1)] if row["schools"] else []


def _standing(now: Fraction, year: int, then: Fraction | None) -> str:
    left = TARGET_YEAR - year
    if now >= TARGET:
        return "reached"
    if left <= 0:
        return "slow"
    if then is None:
        return "no_data"
    return "on_track" if now + (now - then) * left >= TARGET else "slow"


def _shortfalls(rows: list[Row], schools: Row, before: Row | None, *, is_away: bool) -> Row:
    """A county of which nothing came has no pace; none are left where nothing is open and no school unknown."""
    count = Counter(row["state"] for row in rows)
    still = [row for row in rows if row["state"] in OPEN]
    asked = count["closed"] + count["persisting"]
    pace = None if before is None or is_away or not schools["schools"] else count["closed"] - count["new"]
    if not still:
        unsure = count["missing"] or schools["schools_unknown"] or not schools["schools"]
        state = "no_data" if unsure else "none_left"
    elif pace is None:
        state = "no_year_before"
    else:
        state = "falling" if pace > 0 else "not_falling"
    years = {"none_left": 0.0, "falling": len(still) / pace if pace else None}
    priced = [row for row in still if not pd.isna(row["cost_yuan"])]
    return {
        "shortfalls": len(still),
        **{f"shortfalls_{fate}": count[fate] for fate in FATES},
        "closing_rate": count["closed"] / asked if asked else None,
        "pace": pace,
        "pace_state": state,
        "years_to_go": years.get(state),
        # What has a price and no floor costs nothing to the floor.
        "cost_floor_yuan": math.fsum(np.nan_to_num(r["cost_floor_yuan"]) for r in priced) if priced else None,
        "cost_yuan": math.fsum(row["cost_yuan"] for row in priced) if priced else None,
        "shortfalls_unpriced": len(still) - len(priced),
    }


# -- lists --------------------------------------------------------------------------------------------------------------


def county_lists(progress: pd.DataFrame) -> pd.DataFrame:
    """Who entered a list and left it when, from county_progress of all years."""
    made: list[Row] = []
    for (standard, county), part in progress.query("stage == 'all'").groupby(["standard_id", "county_code"]):
        years = {row["year"]: row for row in part.to_dict("records")}
        for name, enters, leaves in (("merit", _is_reached, _is_lost), ("warning", _is_warned, _is_cleared)):
            entry: Row | None = None
            for year in sorted(years):
                if entry is None and enters(years, year):
                    entry = dict(zip(LIST_KEY, (standard, name, county, year), strict=True)) | {"left_year": None}
                    made.append(entry)
                elif entry is not None and leaves(years, year):
                    entry["left_year"] = year
                    entry = None
    return pd.DataFrame(made)


def _is_reached(years: Mapping[int, Row], year: int) -> bool:
    return bool(years[year]["state"] == "reached")


def _is_lost(years: Mapping[int, Row], year: int) -> bool:
    shares = _shares(years[year])
    return bool(shares) and max(shares) < TARGET


def _is_warned(years: Mapping[int, Row], year: int) -> bool:
    """Slow for years running, or a fall that is as large whatever the unknown schools are."""
    running = range(year - SLOW_YEARS + 1, year + 1)
    if all(y in years and years[y]["state"] == "slow" for y in running):
        return True
    told, now = not pd.isna(years[year]["share_before"]), _shares(years[year])
    return told and bool(now) and min(_shares(years[year - 1])) - max(now) >= FALL


def _is_cleared(years: Mapping[int, Row], year: int) -> bool:
    return not _is_warned(years, year) and years[year]["state"] in ("on_track", "reached")

"""The four tables of verdicts of a home: from its workbooks, rosters and register, and three tables that are oracled already."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tests.oracle.campuses import Campus, CountyYear, Number, campuses_of, county_cells
from tests.oracle.cells import Expected, Return, read_returns, read_roster
from tests.oracle.county_tests import Every
from tests.oracle.county_texts import QUALITY_2017
from tests.oracle.grants import OF, Grant, in_force, read_grants, state_for
from tests.oracle.ground import Ground, holds
from tests.oracle.owed import owed_stages
from tests.oracle.scores import _score
from tests.oracle.texts import STANDARDS, at_least, is_special_or_vocational
from tests.oracle.units import Quarantined, total
from tests.oracle.verdicts import judged

Row = dict[str, Any]
Tables = Mapping[str, pd.DataFrame]


def verdict_tables(home: Path, quarantined: Quarantined, release: Tables) -> dict[str, pd.DataFrame]:
    """county_item_test, county_item, county_determination, relaxation."""
    returns = read_returns(home / "inbox")
    rosters = {int(p.stem): read_roster(p) for p in sorted((home / "roster").glob("*.csv"))}
    owed = owed_stages(returns, rosters, quarantined)
    grants = read_grants(home)
    made: dict[str, list[Row]] = defaultdict(list)
    for year, roster in rosters.items():
        came = {r.county: r for r in returns if r.year == year}
        for code in roster.counties:
            county = _county(home, year, code, came.get(code), roster, quarantined)
            mine = [o for o in owed if (o.year, o.county) == (year, code)]
            county.owed = [(o.school_id, o.stage, o.identity) for o in mine if not is_special_or_vocational(o.identity)]
            attained = _attained(release, year, code)
            ground = Ground(
                county, _gaps(release, year, code), _schools(attained, county, grants), _owed_counts(mine),
                lambda item, test, campus, c=county: _milder(grants, c, item, test, campus),
            )  # fmt: skip
            for name, rows in zip(
                ("county_item_test", "county_item", "county_determination"), judged(ground), strict=True
            ):
                made[name] += rows
            made["relaxation"] += list(_relaxation_rows(grants, county, attained))
    return {name: pd.DataFrame(rows) for name, rows in made.items()}


def _county(
    home: Path, year: int, code: str, returned: Return | None, roster: Expected, aside: Quarantined
) -> CountyYear:
    if returned is None:
        return CountyYear(year, code)
    cells = county_cells(home / "inbox" / str(year) / f"{code}.xlsx")
    return CountyYear(year, code, cells, list(campuses_of(returned, aside, roster)))


def _gaps(release: Tables, year: int, code: str) -> dict[tuple[str, str, str], Row]:
    gaps = release["gap_coefficient"]
    mine = gaps[(gaps.year == year) & (gaps.area_level == "county") & (gaps.area_code == code)]
    return {
        (r["standard_id"], r["stage"], r["indicator_id"]): {k: None if pd.isna(v) else v for k, v in r.items()}
        for r in mine.to_dict("records")
    }


def _owed_counts(owed: list[Any]) -> dict[tuple[str, str], int]:
    return dict(Counter((s.id, o.stage) for o in owed for s in STANDARDS if s.counts(o.identity, o.pupils_all)))


# -- the school rule, plain and relaxed ---------------------------------------------------------------------------------


def _attained(release: Tables, year: int, code: str) -> dict[tuple[str, str, str], list[Row]]:
    """Items of each counted school's stage: by standard, stage and school."""
    table = release["indicator_attainment"]
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for r in table[(table.year == year) & (table.county_code == code)].to_dict("records"):
        found[r["standard_id"], r["stage"], r["school_id"]].append({k: None if pd.isna(v) else v for k, v in r.items()})
    return found


def _schools(
    attained: Mapping[tuple[str, str, str], list[Row]], county: CountyYear, grants: list[Grant]
) -> dict[Any, Any]:
    found: dict[tuple[str, str], list[tuple[Any, Any]]] = defaultdict(list)
    for (standard, stage, school), items in attained.items():
        rule = next(s for s in STANDARDS if s.id == standard)
        plain = _score(rule, items)["meets_standard"] if rule.levels else None
        milder = plain
        if standard == "quality-2017":
            relaxed = [_relaxed_item(county, grants, stage, school, item) for item in items]
            milder = _score(rule, relaxed)["meets_standard"]
        found[standard, stage].append((plain, True if plain else milder))
    return found


def _relaxed_item(
    county: CountyYear, grants: list[Grant], stage: str, school: str, item: Row, only: str | None = None
) -> Row:
    """The item with what its school may count as well, campus by campus; ``only`` one relaxation where it is named."""
    added = 0.0
    mine = [u for u in county.campuses if u.host == school and stage in u.stages]
    for campus in mine:
        for name in {g.relaxation for g in in_force(grants, county, campus)}:
            if OF[name].indicator == item["indicator_id"] and only in (None, name):
                extra = _extra(campus, stage, OF[name].extra)
                if extra is None:
                    return item
                added += extra
    if not added or item["value"] is None:
        return item
    pupils = total(u.stages[stage]["pupils"] for u in mine)
    value = item["value"] + added / (pupils or 1) * (100 if item["indicator_id"].endswith("per_100") else 1)
    met = at_least(value, item["threshold"])
    return item | {
        "value": value, "is_met": met, "is_above_floor": at_least(value, item["floor"]),
        "attainment": min(1.0, value / item["threshold"]),
    }  # fmt: skip


def _extra(campus: Campus, stage: str, fields: tuple[str, ...]) -> Number:
    """Fields of the stage as they stand; those of the whole campus by the share of the stage, 1 : 1.1 : 1.32."""
    if all(f in campus.stages[stage] for f in fields):
        return total(campus.stages[stage][f] for f in fields)
    weights = {"primary": 1.0, "junior": 1.1, "senior": 1.32}
    if campus.unheard:
        return None
    weight = sum(weights[s] * r["pupils"] for s, r in campus.stages.items())
    amount = total(campus.told(f) for f in fields)
    return None if amount is None else amount * weights[stage] * campus.stages[stage]["pupils"] / weight


# -- relaxations --------------------------------------------------------------------------------------------------------


def _milder(
    grants: list[Grant], county: CountyYear, item: str, test: str, campus: Campus
) -> tuple[Number, Number] | None:
    """The mildest of the demands that hold for the campus: one that it meets, where there is one."""
    demands = [
        OF[g.relaxation].demands[test](campus)  # type: ignore[index]
        for g in in_force(grants, county, campus)
        if OF[g.relaxation].item == item and test in (OF[g.relaxation].demands or {})
    ]
    way = "<=" if item == "school_size" else ">="
    return next((d for d in demands if holds(d[0], way, d[1])), demands[0] if demands else None)


def _relaxation_rows(
    grants: list[Grant], county: CountyYear, attained: Mapping[tuple[str, str, str], list[Row]]
) -> Any:
    """Who is named, and of a county's grant those who need it; the grant to the county itself has no school."""
    by_id = {u.school_id: u for u in county.campuses}
    for grant in (g for g in grants if g.county == county.county):
        needing = {
            i
            for i, u in by_id.items()
            if _needs(grant, county, u, attained) and state_for(grant, u, county.year) == "in_force"
        }
        if grant.school:
            campus = by_id.get(grant.school)
            yield _row(grant, county, grant.school, state_for(grant, campus, county.year), grant.school in needing)
            continue
        yield _row(grant, county, "", grant.state_in(county.year), False)
        for school in sorted(needing):
            yield _row(grant, county, school, "in_force", True)


def _row(grant: Grant, county: CountyYear, school: str, state: str, needed: bool) -> Row:
    due = grant.expires if needed and state == "in_force" else None
    of = OF[grant.relaxation]
    return {
        "year": county.year, "standard_id": "quality-2017", "relaxation_id": grant.relaxation, "county_code": county.county,
        "school_id": school, "starts": grant.starts, "expires": grant.expires, "basis": grant.basis,
        "granted_to": "school" if grant.school else "county", "item_id": of.item, "indicator_id": of.indicator,
        "state": state, "is_needed": needed, "due": due,
    }  # fmt: skip


def _needs(
    grant: Grant, county: CountyYear, campus: Campus, attained: Mapping[tuple[str, str, str], list[Row]]
) -> bool:
    """It meets a demand by this relaxation that it does not meet in full."""
    of = OF[grant.relaxation]
    if of.indicator:
        return any(_helps(grant, county, campus, stage, items) for (s, stage, school), items in attained.items()
                   if s == "quality-2017" and school == campus.host)  # fmt: skip
    tests = [t for i in QUALITY_2017 if i.id == of.item for t in i.tests if isinstance(t, Every)]
    for test in tests:
        value, limit = (of.demands or {})[test.id](campus)
        full = holds(test.value(campus), test.way, test.limit(campus))
        if full is not True and holds(value, test.way, limit):
            return True
    return False


def _helps(grant: Grant, county: CountyYear, campus: Campus, stage: str, items: list[Row]) -> bool:
    item = next(i for i in items if i["indicator_id"] == OF[grant.relaxation].indicator)
    if stage not in campus.stages:
        return False
    relaxed = _relaxed_item(county, [grant], stage, campus.host, item, grant.relaxation)
    return any(item[demand] is False and relaxed[demand] is True for demand in ("is_met", "is_above_floor"))

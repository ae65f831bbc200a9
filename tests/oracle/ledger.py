"""The ledger of schools a second time: what each lacks, in things and in yuan, and what became of last year's shortfalls.

An item stands once a school where the stages share the thing or the whole school has it. What a school of several campuses
must add is the least that a linear programme finds: every campus divides what it gets by its own pupils.
"""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
from scipy.optimize import linprog

from tests.oracle.campuses import campuses_of
from tests.oracle.cells import read_returns, read_roster
from tests.oracle.prices import price, read_prices
from tests.oracle.released import Tables
from tests.oracle.texts import JUDGED, TOLERANCE
from tests.oracle.things import THINGS

Row = dict[str, Any]
Key = tuple[Any, ...]
KEY = ["year", "standard_id", "school_id", "stage", "indicator_id"]
OPEN = ("new", "persisting", "unknown")
WEIGHT = {"primary": Fraction(1), "junior": Fraction(11, 10), "senior": Fraction(132, 100)}
SLACK = Fraction(repr(TOLERANCE))


class Ledger:
    """What the tables say of schools, and of their campuses the pupils by stage."""

    def __init__(self, release: Tables, home: Path) -> None:
        self.stage = _by(release["school_stage"], "year", "school_id", "stage")
        self.total = _by(release["school_total"], "year", "school_id")
        self.heads = campus_pupils(release, home)
        self.prices = read_prices(home)
        self.items: dict[Key, dict[str, Row]] = defaultdict(dict)
        for row in _rows(release["indicator_attainment"]):
            self.items[_told(row)][row["stage"]] = row
        self.county = {key[2]: next(iter(found.values()))["county_code"] for key, found in self.items.items()}
        self.absent = {(r["year"], r["county_code"]) for r in _rows(release["missing_county"])}
        self.silent = {
            (r["year"], standard, r["school_id"], r["stage"])
            for r in _rows(release["missing_school"])
            for standard in str(r["counted_by"] or "").split(", ")
        }

    def lacking(self, key: Key, level: str) -> Fraction | None:
        """What brings the stages with a value to ``threshold`` or ``floor``: 0 where they are there, None without a level."""
        asked = {s: r[level] for s, r in self.items[key].items() if r["state"] == "ok"}
        if not asked or None in asked.values():
            return None
        short = {s: self._short(key, s, _exact(x)) for s, x in asked.items()}
        short = {s: amount for s, amount in short.items() if amount > 0}
        if not short:
            return Fraction(0)
        thing = THINGS[key[4]]
        amount = self._over_campuses(key, short) if thing.shared else max(short.values())
        return Fraction(math.ceil(amount)) if thing.whole else amount

    def _short(self, key: Key, stage: str, level: Fraction) -> Fraction:
        """What the stage's own part lacks; what the tolerance of comparisons forgives is not lacking. Above 0 where unmet."""
        year, _, school, _, name = key
        thing = THINGS[name]
        row = self.total[year, school] if thing.of_school else self.stage[year, school, stage]
        has = sum((_exact(row[n]) for n in thing.has), Fraction(0)) - (_exact(row[thing.less]) if thing.less else 0)
        if thing.of is None:
            over, forgiven = has - level, level * SLACK
            return over - (forgiven if thing.whole else 0) if over > forgiven else Fraction(0)
        need = level * (_health_staff(row) if thing.of == "health" else _exact(row[thing.of])) / thing.per
        forgiven = need * SLACK
        return need - has - (forgiven if thing.whole else 0) if need - has > forgiven else Fraction(0)

    def _over_campuses(self, key: Key, short: dict[str, Fraction]) -> Fraction:
        """The least that all campuses together must be given, each of which divides it 1 : 1.1 : 1.32 by its pupils."""
        parts = []
        for pupils in self.heads[key[0], key[2]]:
            everything = sum((WEIGHT[s] * n for s, n in pupils.items()), Fraction(0))
            parts.append({s: WEIGHT[s] * pupils.get(s, Fraction(0)) / everything for s in short})
        if all(part == parts[0] for part in parts):
            return max(amount / parts[0][s] for s, amount in short.items())
        answer = linprog(
            [1.0] * len(parts),
            A_ub=[[-float(part[s]) for part in parts] for s in short],
            b_ub=[-float(amount) for amount in short.values()],
            integrality=int(THINGS[key[4]].whole),
        )
        return Fraction(answer.fun).limit_denominator(10**6)

    def binding(self, key: Key) -> str | None:
        """The stage that alone would ask for most, the lower one of equals; of a missing item the only stage there is."""
        found = self.items.get(key, {})
        if self.standing(key) == "missing":
            return next(iter(found)) if len(found) == 1 else None
        amounts = {}
        for stage in (s for s in JUDGED if s in found and found[s]["state"] == "ok"):
            short = self._short(key, stage, _exact(found[stage]["threshold"]))
            amounts[stage] = self._over_campuses(key, {stage: short}) if THINGS[key[4]].shared and short > 0 else short
        return max(amounts, key=lambda s: amounts[s]) if amounts else None

    def standing(self, key: Key) -> str:
        """open, missing, met or not asked, of the stages together."""
        found = [r for r in self.items.get(key, {}).values() if r["state"] != "not_applicable"]
        if any(r["state"] != "ok" for r in found):
            return "missing"
        if any(r["is_met"] is False for r in found):
            return "open"
        return "met" if found else "silent" if self._is_silent(key) else "not asked"

    def _is_silent(self, key: Key) -> bool:
        """Its row was set aside or never came; or its county sent nothing, and nobody knows whether it is still there."""
        stages = JUDGED if key[3] == "all" else (key[3],)
        return any((*key[:3], s) in self.silent for s in stages) or (key[0], self.county[key[2]]) in self.absent

    def rows(self) -> pd.DataFrame:
        """school_shortfall."""
        first = min(key[0] for key in self.items)
        last = max(key[0] for key in self.items)
        keys = set(self.items) | {(key[0] + 1, *key[1:]) for key in self.items if key[0] < last}
        found = (self._row(key, first) for key in sorted(keys))
        return pd.DataFrame([row for row in found if row is not None])

    def _first(self, key: Key) -> Row:
        """Whose trace is told where no stage decides: the lowest that lacks its value."""
        found = self.items[key]
        return found[min(found, key=lambda s: (found[s]["state"] in ("ok", "not_applicable"), JUDGED.index(s)))]

    def _row(self, key: Key, first: int) -> Row | None:
        before: Key = (key[0] - 1, *key[1:])
        now, then = self.standing(key), self.standing(before)
        state = _state(now, then, key[0] == first)
        if state is None:
            return None
        stage = self.binding(key) if state in (*OPEN, "missing") and now != "silent" else self.binding(before)
        item = self.items.get(key, {}).get(str(stage))
        told = item if item is not None and state != "ended" else {}
        some = self._first(key if key in self.items else before)
        amounts = {
            amount: None if state in ("missing", "ended") else _float(self.lacking(key, level))
            for amount, level in (("shortfall", "threshold"), ("shortfall_floor", "floor"))
        }
        thing, yuan = THINGS[key[4]], price(self.prices, THINGS[key[4]].field, key[0])
        return dict(zip(KEY, key, strict=True)) | amounts | {
            "county_code": some["county_code"],
            "item_no": some["item_no"],
            "state": state,
            "change": "remove" if thing.of is None else "add",
            "field": thing.field,
            "binding_stage": stage,
            "value": told.get("value"),
            "threshold": told.get("threshold"),
            "floor": told.get("floor"),
            "shortfall_before": _float(self.lacking(before, "threshold")) if then == "open" else None,
            "cost_floor_yuan": _times(amounts["shortfall_floor"], yuan),
            "cost_yuan": _times(amounts["shortfall"], yuan),
            "trace_id": (item or self.items[before if before in self.items else key].get(str(stage), some))["trace_id"],
        }  # fmt: skip


def _state(now: str, then: str, is_first: bool) -> str | None:
    """None where the ledger has nothing to say."""
    if now == "open":
        return "unknown" if is_first or then in ("missing", "silent") else "persisting" if then == "open" else "new"
    if now == "missing" or (now == "silent" and then == "open"):
        return "missing"
    return None if then != "open" else "closed" if now == "met" else "ended"


def _told(row: Row) -> Key:
    thing = THINGS[row["indicator_id"]]
    stage = "all" if thing.shared or thing.of_school else row["stage"]
    return row["year"], row["standard_id"], row["school_id"], stage, row["indicator_id"]


def _health_staff(row: Row) -> Fraction:
    """One for every full 600 pupils, one at least."""
    return Fraction(max(1, int(row["pupils_all"] // 600)))


def campus_pupils(release: Tables, home: Path) -> dict[tuple[int, str], list[dict[str, Fraction]]]:
    """Pupils by stage of every campus of a school, from the workbooks; rows set aside do not count."""
    critical = release["finding"].query("severity == 'critical'")
    rows = critical[["year", "county_code", "part", "school_id"]].itertuples(index=False, name=None)
    aside = {(int(year), county, part, school) for year, county, part, school in rows}
    found = defaultdict(list)
    rosters = {int(p.stem): read_roster(p) for p in sorted((home / "roster").glob("*.csv"))}
    for one in read_returns(home / "inbox"):
        for campus in campuses_of(one, aside, rosters[one.year]):
            found[one.year, campus.host].append({s: _exact(r["pupils"]) for s, r in campus.stages.items()})
    return found


def _rows(table: pd.DataFrame) -> list[Row]:
    return [{str(k): None if pd.isna(v) else v for k, v in r.items()} for r in table.to_dict("records")]


def _by(table: pd.DataFrame, *key: str) -> dict[Key, Row]:
    return {tuple(row[k] for k in key): row for row in _rows(table)}


def _exact(x: float) -> Fraction:
    """The decimal that was meant."""
    return Fraction(repr(float(x)))


def _float(x: Fraction | None) -> float | None:
    return None if x is None else float(x)


def _times(amount: float | None, yuan: float | None) -> float | None:
    return None if amount is None or yuan is None else amount * yuan

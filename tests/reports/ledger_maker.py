"""What schools lack, for releases made by hand: a row in every state, stages of one school apart, costs known and not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pipeline.schema.model import Standard
from tests.reports.release_maker import Maker

STATES = ("new", "persisting", "unknown", "closed", "ended", "missing")
OPEN = STATES[:3]
PRICE = 1000.0


def add_ledger(maker: Maker, year: int, schools: Mapping[str, int]) -> None:
    """``schools``: by county how many of the first stage have rows; each lacks one item more than the one before, up to all."""
    for standard in maker.catalogue.standards.values():
        for county, n in schools.items() if standard.school_rule is not None else ():
            _county(maker, year, county, standard, n)


def _county(maker: Maker, year: int, county: str, standard: Standard, n: int) -> None:
    stage = maker.catalogue.judged_stages[0].id
    states: list[str] = []
    for i in range(n):
        for j, item in enumerate(standard.items[: 1 + i % len(standard.items)]):
            states.append(
                _row(maker, year, county, standard.id, f"{county}{stage[0]}{i:04d}", stage, item.indicator, j, i)
            )
    if n:
        # A school of several stages lacks the same item in both.
        other = maker.catalogue.judged_stages[-1].id
        code = f"{county}{stage[0]}0000"
        states.append(_row(maker, year, county, standard.id, code, other, standard.items[0].indicator, 0, 0))
    for name in ("all", *(s.id for s in maker.catalogue.judged_stages)):
        _progress(maker, year, county, standard.id, name, n, states)


def _row(
    maker: Maker, year: int, county: str, standard: str, school: str, stage: str, indicator: str, j: int, i: int
) -> str:  # fmt: skip
    state = STATES[(i + j) % len(STATES)]
    amount = {"closed": 0.0, "ended": None, "missing": None}.get(state, 2.5 + j)
    maker.add(
        "school_shortfall", year=year, standard_id=standard, school_id=school, stage=stage, indicator_id=indicator, county_code=county,
        item_no=f"6({j + 1})", state=state, change="remove" if j == 5 else "add", field="x", unit="间 / rooms", what_zh="教室",
        what_en="rooms", binding_stage=stage, value=1.0, threshold=2.0, floor=1.7, shortfall_floor=None if amount is None else amount / 2,
        shortfall=amount, shortfall_before=3.0, cost_floor_yuan=None, cost_yuan=amount * PRICE if amount is not None and j % 2 else None,
        trace_id=f"{county}.{stage}.{indicator}.{year}.{school}",
    )  # fmt: skip
    return state


def _progress(maker: Maker, year: int, county: str, standard: str, stage: str, n: int, states: list[str]) -> None:
    count = Counter(states)
    opened = sum(count[s] for s in OPEN)
    priced = [
        r["cost_yuan"] for r in maker.rows.get("school_shortfall", [])
        if (r["county_code"], r["standard_id"]) == (county, standard) and r["state"] in OPEN and r["cost_yuan"] is not None
    ]  # fmt: skip
    maker.add(
        "county_progress", year=year, standard_id=standard, county_code=county, stage=stage, schools=n + 4, schools_meeting=3,
        schools_unknown=1, share=3 / (n + 4), share_high=4 / (n + 4), share_before=0.125, target_share=0.8, target_year=2027,
        state="slow", shortfalls=opened, shortfalls_new=count["new"], shortfalls_persisting=count["persisting"],
        shortfalls_unknown=count["unknown"], shortfalls_closed=count["closed"], shortfalls_ended=count["ended"],
        shortfalls_missing=count["missing"], closing_rate=0.25, pace=2.0, pace_state="falling", years_to_go=opened / 2,
        cost_floor_yuan=sum(priced) / 2 if priced else None, cost_yuan=sum(priced) if priced else None,
        shortfalls_unpriced=opened - len(priced),
    )  # fmt: skip


def add_plan(maker: Maker, year: int, county: str) -> None:
    """Rotations that cannot be, for every gap of the first stage: pages tell those of gaps over their limit."""
    standard = maker.catalogue.standards[maker.catalogue.about.default_standard]
    assert standard.gap is not None
    for indicator in standard.gap.indicators:
        maker.add(
            "rotation_plan", year=year, standard_id=standard.id, county_code=county, stage=maker.catalogue.judged_stages[0].id,
            indicator_id=indicator, schools=24, schools_missing=0, units=90.0, cv=0.7, cv_limit=0.5, cv_least=0.52,
            state="whole_units", reason_zh="现有总数下任何交流都做不到", reason_en="at the present total no rotation does",
        )  # fmt: skip

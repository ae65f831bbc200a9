"""The plans that the public tables tell: for the latest year, every county over a limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pipeline.advice.adding import Spending, spending
from pipeline.advice.costs import unit_cost
from pipeline.advice.county import Case
from pipeline.advice.judge import Judge
from pipeline.advice.reading import cases, county_gaps, of_home
from pipeline.advice.rotation import DONORS, NO_SCHOOLS, PLANNED, SINGLE, WHOLE_UNITS, Rotation, Wishes, rotation
from pipeline.errors import FaultError
from pipeline.schema.advice_limits import AdviceLimits
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home

NOT_BY_MOVING = (WHOLE_UNITS, DONORS)
"""States of a rotation in which only more units help."""


@dataclass(frozen=True)
class Planned:
    """A case with what was planned for it and the coefficient that the pipeline's function finds afterwards (null where there is no
    plan)."""

    case: Case
    rotation: Rotation | None
    spending: Spending | None
    cv_after: float | None
    yuan_per_unit: float | None = None

    @property
    def key(self) -> dict[str, object]:
        """Columns that say whose row it is."""
        names = ("year", "standard_id", "county_code", "stage", "indicator_id")
        return {name: getattr(self.case, name) for name in names}


def over_limits(gaps: pl.DataFrame) -> pl.DataFrame:
    """Of county gaps, those of the latest year that are not known to be within their limit and could be planned for."""
    asked = gaps.filter(pl.col("cv_limit").is_not_null(), pl.col("year") == pl.col("year").max())
    return asked.filter(~pl.col("is_met").fill_null(False), ~pl.col("state").is_in([SINGLE, NO_SCHOOLS]))


def wishes_of(catalogue: Catalogue, judge: Judge, limit: float) -> Wishes:
    """How a rotation is made where nothing else is asked for: settings, and no clock."""
    limits = AdviceLimits.of(catalogue)
    return Wishes(
        judge.largest(limit), judge.tolerance, keep=limits.keep_share, district_weight=limits.district_weight,
        node_limit=limits.node_limit,
    )  # fmt: skip


def planned_rotations(home: Home, catalogue: Catalogue, judge: Judge) -> Iterator[Planned]:
    """The rotation, or why there is none, for every county over a limit on an indicator that counts people."""
    tables = of_home(home)
    for case in cases(tables, catalogue, over_limits(county_gaps(tables))):
        if case.can_move:
            made = rotation(case, wishes_of(catalogue, judge, case.limit))
            yield Planned(case, made, None, held(case, case.values(made.units_after), judge) if made.moves else None)


def planned_spending(home: Home, catalogue: Catalogue, judge: Judge) -> Iterator[Planned]:
    """The least spending, or why there is none, for every county over a limit that moves cannot mend."""
    tables = of_home(home)
    for case in cases(tables, catalogue, over_limits(county_gaps(tables))):
        largest = judge.largest(case.limit)
        if case.can_move and rotation(case, wishes_of(catalogue, judge, case.limit)).state not in NOT_BY_MOVING:
            continue
        made = spending(case, largest, judge.tolerance, (1.0,) * len(case.schools))
        price = unit_cost(home, catalogue, case.indicator_id, case.year)
        yield Planned(case, None, made, held(case, made.values, judge) if made.state == PLANNED else None, price)


def held(case: Case, values: list[float], judge: Judge) -> float:
    """The coefficient after a plan, by the pipeline's function. Raises FaultError for a plan that does not keep the limit."""
    cv = judge.cv(values, [s.pupils for s in case.schools])
    if not judge.within(cv, case.limit):
        where = f"{case.county_code} {case.stage} {case.indicator_id} {case.year}"
        raise FaultError(
            f"{where} 的方案执行后差异系数为 {cv!r}，仍超过 {case.limit}；这是程序错误，请报告",
            f"the plan for {where} leaves a coefficient of {cv!r}, above {case.limit}: an error of the program, please report it",
        )
    return cv

"""The step award of school groups: rank and size give a step, a step an amount, and the budget says how far it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from pipeline.errors import CatalogueError, HomeError
from pipeline.schema.group_award import AwardStep, GroupAwards
from pipeline.schema.register import GroupBudget
from pipeline.store.home import Home
from pipeline.store.registers import read_register

NO_STEP, TOO_SMALL, OVER_BUDGET, AWARDED = "no_step", "too_small", "over_budget", "ok"


@dataclass(frozen=True)
class Award:
    """A ranked group of an area: its size and rank, how many share the rank, and what follows. Amounts in yuan."""

    group_id: str
    schools: int
    rank: int
    tied: int = 1
    step: str | None = None
    amount: float = 0.0
    paid: float = 0.0
    state: str = NO_STEP


def awarded(ranked: Iterable[Award], rules: GroupAwards, budget: float | None) -> list[Award]:
    """The awards of one area and year, in the order of the ranks; ``ranked`` has group, size and rank. No budget: all are paid.

    Those who share a rank are all paid or none; after the first that cannot be paid nobody is.
    """
    given = [_with_amount(award, rules) for award in _tied(ranked)]
    left, is_over, made = budget, False, []
    for _, block in groupby(given, key=lambda a: a.rank):
        same = list(block)
        due = sum(award.amount for award in same)
        is_over = is_over or (left is not None and due > left + abs(left) * 1e-9)
        made += [_paid(award, is_over) for award in same]
        left = left - due if left is not None and not is_over else left
    return made


def _tied(ranked: Iterable[Award]) -> list[Award]:
    ordered = sorted(ranked, key=lambda a: (a.rank, a.group_id))
    share = {rank: len(list(same)) for rank, same in groupby(ordered, key=lambda a: a.rank)}
    return [replace(award, tied=share[award.rank]) for award in ordered]


def _with_amount(award: Award, rules: GroupAwards) -> Award:
    """The award by the table, before the budget."""
    places = [award.rank] if rules.ties == "same_step" else range(award.rank, award.rank + award.tied)
    steps = [_step(rules.steps, place, award.schools) for place in places]
    amount = sum(step.amount_yuan if step else 0.0 for step in steps) / len(steps)
    reached = next((step for step in steps if step), None)
    if reached is None:
        is_small = award.rank <= rules.steps[-1].rank_to
        return replace(award, state=TOO_SMALL if is_small else NO_STEP)
    return replace(award, step=reached.id, amount=amount, state=AWARDED)


def _step(steps: Iterable[AwardStep], rank: int, schools: int) -> AwardStep | None:
    return next((step for step in steps if rank <= step.rank_to and schools >= step.schools_from), None)


def _paid(award: Award, is_over: bool) -> Award:
    if award.state != AWARDED:
        return award
    return replace(award, state=OVER_BUDGET) if is_over else replace(award, paid=award.amount)


def read_budgets(home: Home) -> Mapping[tuple[int, str], float]:
    """Year and area → yuan, of the register of budgets. Raises HomeError, with file and line, for an area and year named twice."""
    found: dict[tuple[int, str], tuple[float, int]] = {}
    try:
        for entry, place in read_register(home, GroupBudget):
            key = (entry.year, entry.area_code)
            if key in found:
                first = found[key][1]
                raise place.error(
                    (),
                    f"{entry.year} 年 {entry.area_code} 的预算与第 {first} 行重复",
                    f"the budget of {entry.area_code} in {entry.year} stands at line {first} already",
                )
            found[key] = (entry.budget_yuan, place.line)
    except CatalogueError as error:
        raise HomeError(error.zh, error.en) from None
    return {key: budget for key, (budget, _) in found.items()}

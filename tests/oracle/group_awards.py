"""What school groups are awarded: rank and size give a step, and the budget says how far it reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tests.oracle.group_known import Group
from tests.oracle.group_ranks import only, parents, places
from tests.oracle.grouped import rows_of
from tests.oracle.released import Tables

Row = dict[str, Any]
STEPS = (("first", 1, 4, 1_000_000), ("second", 3, 3, 500_000), ("third", 6, 2, 300_000))
"""Catalogue file group_awards.yaml: step, last rank, least number of schools, yuan."""


def awards(groups: list[Group], ranking: pd.DataFrame, release: Tables, home: Path) -> pd.DataFrame:
    """group_award: mean_score of school-20 among the groups of a prefecture, tied groups in the step of the rank they share."""
    above = parents(release, set(ranking.year))
    areas = {
        (g.year, g.id): only(above.get((g.year, r["county_code"])) for r in g.all if r["county_code"])
        for g in groups
        if g.kind == "group"
    }
    budgets = {
        (int(r["year"]), r["area_code"]): float(r["budget_yuan"])
        for r in rows_of(home / "registers" / "group_budgets.csv")
    }
    measured = ranking.query("kind == 'group' and standard_id == 'school-20' and measure == 'mean_score'")
    made: list[Row] = []
    for r in measured.to_dict("records"):
        if areas[r["year"], r["group_id"]] is None:
            continue
        made.append(
            {k: r[k] for k in ("year", "group_id", "group_name", "standard_id", "measure", "value", "group_size")}
            | {
                "area_level": "prefecture",
                "area_code": areas[r["year"], r["group_id"]],
                "measure_state": r["state"],
            }
        )
    sets: dict[Any, list[Row]] = {}
    for row in made:
        row |= dict.fromkeys(("rank", "tied", "compared", "step", "amount_yuan", "budget_yuan", "paid_yuan"))
        row["state"] = "not_ranked"
        if row["measure_state"] == "ok":
            sets.setdefault((row["year"], row["area_code"]), []).append(row)
    for key, rows in sets.items():
        _award(rows, budgets.get(key))
    return pd.DataFrame(made)


def _award(rows: list[Row], budget: float | None) -> None:
    """Steps for the groups of one area and year, then the budget, rank by rank until it does not reach."""
    for row, (rank, tied) in zip(rows, places([r["value"] for r in rows], False), strict=True):
        due = [s for s in STEPS if rank <= s[1]]
        reached = [s for s in due if row["group_size"] >= s[2]]
        row |= {"rank": rank, "tied": tied, "compared": len(rows), "budget_yuan": budget}
        row |= {"step": reached[0][0] if reached else None, "amount_yuan": float(reached[0][3]) if reached else 0.0}
        row["state"] = "ok" if reached else "too_small" if due else "no_step"
    spent, reaches = 0.0, True
    for rank in sorted({r["rank"] for r in rows}):
        sharing = [r for r in rows if r["rank"] == rank]
        asked = sum(r["amount_yuan"] for r in sharing)
        reaches = reaches and (budget is None or spent + asked <= budget)
        spent += asked
        for row in sharing:
            row["paid_yuan"] = row["amount_yuan"] if reaches else 0.0
            if not reaches and row["step"]:
                row["state"] = "over_budget"

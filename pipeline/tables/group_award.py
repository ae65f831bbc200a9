"""group_award: one row a year and school group that lies in one area of the level that awards. Key: year, group_id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from pipeline.groups.awards import Award, awarded, read_budgets
from pipeline.groups.members import GROUP
from pipeline.groups.ranking import group_areas, with_rank
from pipeline.groups.table import named_of
from pipeline.schema.group_award import GroupAwards
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import area, polars_schema

PLACE = ["year", "area_code"]
MADE = {
    "year": pl.Int64(), "group_id": pl.String(), "tied": pl.Int64(), "step": pl.String(), "amount_yuan": pl.Float64(),
    "budget_yuan": pl.Float64(), "paid_yuan": pl.Float64(), "state": pl.String(),
}  # fmt: skip


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """The step awards by ``group_awards.yaml`` and the budgets of the home; no rows where the catalogue awards nothing.

    Raises HomeError for a budget that stands twice.
    """
    rules = catalogue.group_awards
    if rules is None:
        return pl.DataFrame(schema=polars_schema("group_award"))
    asked = (pl.col("kind") == GROUP) & (pl.col("standard_id") == rules.standard) & (pl.col("measure") == rules.measure)
    ranking = pl.read_parquet(home.table("group_ranking")).filter(asked)
    places = group_areas(named_of(home, catalogue), area(catalogue), rules.area_level)
    rows = with_rank(ranking.join(places, on=["year", "kind", "group_id"]), "area_code", "rank", "compared")
    rows = rows.rename({"state": "measure_state"}).sort("year", "group_id")
    given = pl.DataFrame(list(_awards(rows, rules, home)), schema=MADE, orient="row")
    told = rows.join(given, on=["year", "group_id"], how="left")
    return told.with_columns(pl.col("state").fill_null("not_ranked"))


def _awards(rows: pl.DataFrame, rules: GroupAwards, home: Home) -> Iterator[tuple[Any, ...]]:
    budgets = read_budgets(home)
    for (year, code), found in rows.filter(pl.col("rank").is_not_null()).group_by(PLACE, maintain_order=True):
        budget = budgets.get((int(str(year)), str(code)))
        ranked = (Award(*row) for row in found.select("group_id", "group_size", "rank").iter_rows())
        for award in awarded(ranked, rules, budget):
            yield year, award.group_id, award.tied, award.step, award.amount, budget, award.paid, award.state

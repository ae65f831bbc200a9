"""school_shortfall: what each school lacks of each item. Key: year, standard_id, school_id, stage, indicator_id."""

from __future__ import annotations

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.schema.shortfall import effect_of
from pipeline.shortfalls.fate import with_fate
from pipeline.shortfalls.held import held
from pipeline.shortfalls.prices import prices
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import both

WORDS = ("field", "unit", "change", "what_zh", "what_en")


def make(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Items not met, missing, or no longer lacking since the year before; with their cost where the register has a price."""
    rows = with_fate(home, held(home, catalogue)).join(_told(catalogue), on="indicator_id", how="left")
    priced = rows.join(prices(home, catalogue, sorted(rows["year"].unique())), on=["year", "field"], how="left")
    cost = pl.col("yuan_per_unit")
    return priced.with_columns(
        (pl.col("shortfall") * cost).alias("cost_yuan"), (pl.col("shortfall_floor") * cost).alias("cost_floor_yuan")
    )


def _told(catalogue: Catalogue) -> pl.DataFrame:
    """One row an indicator: the field, its unit, what mends and in which words; null where it names no field."""
    rows = []
    for indicator in catalogue.indicators.values():
        effect = effect_of(indicator, catalogue)
        if effect is not None and indicator.ledger is not None:
            what = indicator.ledger.what or effect.field.label
            rows.append((indicator.id, effect.field.id, both(effect.field.unit), effect.change, what.zh, what.en))
    return pl.DataFrame(rows, schema=dict.fromkeys(("indicator_id", *WORDS), pl.String), orient="row")

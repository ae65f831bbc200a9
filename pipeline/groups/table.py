"""Reads what the tables of groups and districts are made from."""

from __future__ import annotations

import polars as pl

from pipeline.groups.members import Named, named
from pipeline.groups.spells import read_spells
from pipeline.schema.expressions import for_polars
from pipeline.schema.group_rules import GroupRules
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home


def named_of(home: Home, catalogue: Catalogue) -> Named:
    """The members of a home's groups and districts, and what is named and no member."""
    rules = GroupRules.of(catalogue)
    units, schools, absent = (pl.read_parquet(home.table(name)) for name in ("unit", "school_total", "absent"))
    return named(read_spells(home, rules), units, schools, absent, rules)


def with_newness(members: pl.DataFrame, home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Adds ``is_new_school`` by the condition of the settings; null where there is none, or a cell it reads is blank."""
    schools = pl.read_parquet(home.table("school_total"))
    return members.join(newness(schools, catalogue), on=["year", "school_id"], how="left")


def newness(schools: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """year, school_id, is_new_school of every school."""
    condition = GroupRules.of(catalogue).new_school_when
    is_new = pl.lit(None, pl.Boolean) if condition is None else pl.sql_expr(for_polars(condition))
    return schools.select("year", "school_id", is_new.cast(pl.Boolean).alias("is_new_school"))

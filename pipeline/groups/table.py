"""Reads what the tables of groups and districts are made from."""

from __future__ import annotations

import polars as pl

from pipeline.groups.coverage import Schools
from pipeline.groups.gaps import Measured
from pipeline.groups.members import Named, named
from pipeline.groups.ranking import Scored
from pipeline.groups.spells import read_spells
from pipeline.schema.expressions import for_polars
from pipeline.schema.group_rules import GroupRules
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import area, gap_indicator


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


def measured_of(home: Home, catalogue: Catalogue) -> Measured:
    """The values of the schools that count, by standard and indicator of its gap, and the schools that are missing."""
    value = pl.scan_parquet(home.table("indicator_value"))
    scope = pl.scan_parquet(home.table("school_scope")).filter("is_counted")
    asked = gap_indicator(catalogue).select("standard_id", "stage", "indicator_id")
    counted = value.join(scope.select("year", "standard_id", "school_id", "stage"), on=["year", "school_id", "stage"])
    values = counted.join(asked.lazy(), on=["standard_id", "stage", "indicator_id"]).select(
        "year", "standard_id", "stage", "indicator_id", "school_id", "pupils", "value", "state"
    )
    absent = pl.read_parquet(home.table("absent_scope")).filter("is_counted")
    return Measured(
        values.collect(),
        asked,
        absent.select("year", "standard_id", "school_id", "stage", "pupils"),
        float(catalogue.setting("missing_pupils_limit_pct")),
    )


def scored_of(home: Home, catalogue: Catalogue) -> Scored:
    """The scores of the schools that count, and the schools that are missing."""
    score = pl.read_parquet(home.table("school_score"))
    absent = pl.read_parquet(home.table("absent_scope")).filter("is_counted")
    by_school = absent.group_by("year", "standard_id", "school_id").agg(
        pl.when(pl.col("pupils").is_not_null().all()).then(pl.col("pupils").sum())
    )
    return Scored(
        score.select("year", "standard_id", "school_id", "stage", "pupils", "score"),
        by_school.sort("year", "standard_id", "school_id"),
        area(catalogue),
        float(catalogue.setting("missing_pupils_limit_pct")),
    )


def schools_of(home: Home, catalogue: Catalogue) -> Schools:
    """All schools with compulsory pupils: which are new, and which are in some stage weak in their province (as
    ``weak_school``) by the standard of the settings, else the default."""
    rules = GroupRules.of(catalogue)
    schools = pl.read_parquet(home.table("school_total"))
    place = pl.read_parquet(home.table("school_place")).filter(
        pl.col("standard_id") == (rules.weak_standard or catalogue.about.default_standard),
        pl.col("area_level") == "province",
    )
    weak = place.group_by("year", "school_id").agg(pl.col("is_weak").any())
    gone = pl.read_parquet(home.table("absent")).filter(pl.col("county_code").is_not_null())
    absent = gone.unique(["year", "school_id"]).join(schools, on=["year", "school_id"], how="anti")
    return Schools(
        schools.select("year", "school_id", "county_code", "pupils").join(
            newness(schools, catalogue), on=["year", "school_id"], how="left", maintain_order="left"
        ),
        weak,
        absent.select("year", "school_id", "county_code"),
        area(catalogue),
    )

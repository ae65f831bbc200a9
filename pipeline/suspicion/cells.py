"""The figures as they were reported: one row a year, school or campus, stage and cell, before anything is split or merged."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.schema.model import Catalogue, FieldDef
from pipeline.store.home import Home
from pipeline.store.units import pupils_given
from pipeline.tables.catalogue_tables import area

UNIT = ["year", "county_code", "school_id"]
NATION = "0"
"""Stands for the province of a county that lies in none: its figures are held against all the others."""
COUNTED = ("integer", "number")


@dataclass(frozen=True)
class Reported:
    """What the tests read. ``cells``: province_code, year, county_code, school_id, stage ('' for the whole school), field,
    value. ``pupils``: year, county_code, school_id, pupils of all stages. ``counties``: year, county_code, province_code.
    ``resources``: cells that the stages of a school share; empty where a catalogue has none. ``built``: those of them that
    grow by building only, as the catalogue says (``is_built``); all of them where it says nothing."""

    cells: pl.DataFrame
    pupils: pl.DataFrame
    counties: pl.DataFrame
    resources: tuple[str, ...]
    built: tuple[str, ...]


def reported(home: Home, catalogue: Catalogue) -> Reported:
    """The cells of the units that count, in a fixed order."""
    unit, stage = (pl.read_parquet(home.table(name)) for name in ("unit", "unit_stage"))
    counties = county_provinces(unit, catalogue)
    of_stage = _long(stage, "stage", [f for f in catalogue.cells_of("stage") if f.type in COUNTED])
    whole = [f for f in catalogue.cells_of("school") if f.type in COUNTED and f.scope != "identity"]
    of_school = _long(unit.with_columns(pl.lit("").alias("stage")), "stage", whole)
    cells = pl.concat([of_school, of_stage]).join(counties, on=["year", "county_code"])
    pupils = (
        stage.select(*UNIT, pupils_given(catalogue).alias("pupils"))
        .group_by(UNIT)
        .agg(pl.when(pl.col("pupils").is_not_null().all()).then(pl.col("pupils").sum()))
    )
    resources = tuple(f.id for f in whole if f.scope == "split")
    built = tuple(f.id for f in whole if f.is_built) or resources
    return Reported(cells.sort(*UNIT, "stage", "field"), pupils.sort(UNIT), counties, resources, built)


def county_provinces(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """One row a year and county of ``rows``: the province it lies in, '0' for none."""
    places = area(catalogue).filter(pl.col("area_level") == "province")
    found = rows.select("year", "county_code").unique().join(places, on="county_code", how="left")
    inside = (pl.col("valid_from") <= pl.col("year")) & (pl.col("year") <= pl.col("valid_to"))
    province = pl.col("area_code").filter(inside.fill_null(False)).first().fill_null(NATION)
    return found.group_by("year", "county_code").agg(province.alias("province_code")).sort("year", "county_code")


def _long(rows: pl.DataFrame, stage: str, fields: list[FieldDef]) -> pl.DataFrame:
    names = [f.id for f in fields if f.id in rows.columns]
    floats = rows.select(*UNIT, stage, *(pl.col(n).cast(pl.Float64) for n in names))
    long = floats.unpivot(names, index=[*UNIT, stage], variable_name="field", value_name="value")
    long = long.with_columns(pl.col("field").cast(pl.String), pl.col("value").cast(pl.Float64))
    return long.filter(pl.col("value").is_not_null() & pl.col("county_code").is_not_null())


def with_year_before(rows: pl.DataFrame, key: list[str], value: str = "value") -> pl.DataFrame:
    """Rows of which the same ``key`` stood in the year before, with that year's value as ``before``."""
    earlier = rows.select((pl.col("year") + 1).alias("year"), *key, pl.col(value).alias("before"))
    return rows.join(earlier, on=["year", *key])

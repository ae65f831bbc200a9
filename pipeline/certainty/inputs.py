"""Reads what is ranked, and the places behind it, from the tables of a home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.certainty.place import Demands, Place
from pipeline.schema.model import Catalogue, Standard
from pipeline.store.home import Home

Key = tuple[int, str, str, str]
"""year, standard_id, stage, county_code"""

BOTH = "both"
PLACE = ["year", "county_code", "stage"]
SCHOOL = [*PLACE, "school_id"]
GAP_MEASURES, LEVEL_MEASURES = ("mean_cv", "worst_ratio"), ("mean_score", "share_meeting")
MEANS = ("mean_cv", "mean_score")
"""Measures that are means over indicators, so that weights mean something."""
LOST = ("missing", "not_collected")

READ = ("county_ranking", "indicator_value", "indicator_attainment", "school_scope", "absent_scope")
"""Tables that this module reads."""


@dataclass(frozen=True)
class Ranked:
    """Counties of a province that are ranked against each other by a measure, in order of code: rank and value as published."""

    year: int
    standard: Standard
    measure: str
    stage: str
    province: str
    counties: tuple[str, ...]
    rank: NDArray[np.int64]
    value: NDArray[np.float64]

    @property
    def lower_is_better(self) -> bool:
        return self.measure in GAP_MEASURES

    def keys(self, stage: str) -> list[Key]:
        return [(self.year, self.standard.id, stage, county) for county in self.counties]


def ranking(home: Home) -> pl.DataFrame:
    """county_ranking."""
    return pl.read_parquet(home.table("county_ranking"))


def lists(rows: pl.DataFrame, catalogue: Catalogue) -> Iterator[Ranked]:
    """The lists inside provinces, in a fixed order."""
    key = ["year", "standard_id", "measure", "stage", "province_code"]
    known = rows.filter(pl.col("rank_province").is_not_null()).sort(*key, "county_code")
    for (year, standard, measure, stage, province), part in known.partition_by(
        key, as_dict=True, maintain_order=True
    ).items():
        yield Ranked(
            int(year), catalogue.standards[str(standard)], str(measure), str(stage), str(province),
            tuple(part["county_code"]), part["rank_province"].to_numpy(), part["value"].to_numpy(),
        )  # fmt: skip


def places(home: Home, catalogue: Catalogue, rows: pl.DataFrame) -> dict[Key, Place]:
    """The places of every county that is ranked by some measure of a standard."""
    ranked = rows.filter(pl.col("rank_province").is_not_null())
    values = _wide(pl.read_parquet(home.table("indicator_value")), "value")
    counted = pl.read_parquet(home.table("school_scope")).filter("is_counted")
    level = pl.read_parquet(home.table("indicator_attainment"))
    absent = pl.read_parquet(home.table("absent_scope")).filter("is_counted")
    found: dict[Key, Place] = {}
    for standard in catalogue.standards.values():
        mine = pl.col("standard_id") == standard.id
        here = ranked.filter(mine).select("year", "county_code").unique()
        of_standard = values.join(here, on=["year", "county_code"], how="semi").join(
            counted.filter(mine), on=["year", "school_id", "stage"], how="semi"
        )
        asked = _demands(level.filter(mine), of_standard, standard, catalogue)
        gone = {k: p.height for k, p in absent.filter(mine).partition_by(PLACE, as_dict=True).items()}
        for key, part in of_standard.sort(SCHOOL).partition_by(PLACE, as_dict=True, maintain_order=True).items():
            year, county, stage = key
            gaps = standard.gap.indicators if standard.gap else ()
            found[int(year), standard.id, str(stage), str(county)] = Place(
                tuple(part["school_id"]), part["pupils"].to_numpy(), _columns(part, catalogue), gaps, asked.get(key),
                gone.get(key, 0),
            )  # fmt: skip
    return found


def _wide(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    """A row a school's stage, a column an indicator."""
    index = [*SCHOOL, "pupils"] if "pupils" in rows.columns else SCHOOL
    return rows.pivot(on="indicator_id", index=index, values=value)


def _columns(part: pl.DataFrame, catalogue: Catalogue) -> dict[str, NDArray[np.float64]]:
    """Values by indicator; null as NaN."""
    return {name: part[name].to_numpy() for name in catalogue.indicators if name in part.columns}


def _demands(
    level: pl.DataFrame, schools: pl.DataFrame, standard: Standard, catalogue: Catalogue
) -> dict[tuple[object, ...], Demands]:
    """Demands by place, rows in order of school."""
    if not level.height or not set(LEVEL_MEASURES) & set(standard.measures):
        return {}
    items = [name for name in catalogue.indicators if any(i.indicator == name for i in standard.items)]
    item = {i.indicator: i for i in standard.items}
    named = schools.select(SCHOOL).sort(SCHOOL)
    frames = {
        what: named.join(_wide(level.drop("pupils"), what), on=SCHOOL, how="left", maintain_order="left")
        for what in ("threshold", "floor", "state")
    }
    parts = {w: f.partition_by(PLACE, as_dict=True, maintain_order=True) for w, f in frames.items()}
    found = {}
    for place, state in parts["state"].items():
        asked = [name for name in items if name in state.columns and state[name].null_count() < state.height]
        states = state.select(asked).to_numpy()
        told = state.select(pl.col(asked).is_not_null()).to_numpy()
        value, floor = (parts[w][place].select(asked).to_numpy() for w in ("threshold", "floor"))
        found[place] = Demands(
            tuple(asked), value, floor,
            told & (states != "not_applicable"), state.select(pl.col(asked).is_in(LOST).fill_null(False)).to_numpy(), np.asarray(told.any(axis=1)),
            np.array([catalogue.indicators[name].direction == ">=" for name in asked]),
            np.array([item[name].weight for name in asked]), np.array([item[name].is_veto for name in asked]),
        )  # fmt: skip
    return found

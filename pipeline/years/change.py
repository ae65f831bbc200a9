"""A county's measures and gaps against the year before: ``county_change`` and ``county_gap_change``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.schema.years_limits import YearsLimits
from pipeline.store.home import Home
from pipeline.tables.catalogue_tables import standard_change
from pipeline.years import effects
from pipeline.years.before import Before, before
from pipeline.years.boundaries import Boundaries, boundaries, codes_since
from pipeline.years.causes import KEY, causes
from pipeline.years.comparing import COMPARABLE, OK, compared
from pipeline.years.standing import crossing, standings

LEVEL_MEASURES = ["mean_score", "share_meeting"]
"""Measures that follow from the levels of a standard; a year in which levels change compares with none before."""
GAP_KEY = ["year", "standard_id", "stage", "county_code", "indicator_id"]


@dataclass(frozen=True)
class Years:
    """What both tables start from."""

    made: Boundaries
    past: Before
    limits: YearsLimits

    @classmethod
    def of(cls, home: Home, catalogue: Catalogue) -> Years:
        made = boundaries(home, catalogue)
        return cls(made, before(home, catalogue, made), YearsLimits.of(catalogue))


def county_change(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """One row a year, standard, measure, stage and county that county_ranking has."""
    years = Years.of(home, catalogue)
    now = pl.read_parquet(home.table("county_measure"))
    rows = _measured(home, catalogue, years, now)
    told = rows.filter(pl.col("state") == COMPARABLE)
    parts = pl.read_parquet(home.table("measure_part"))
    rows = rows.join(causes(told, parts, years.past.part, catalogue), on=KEY, how="left")
    rows = rows.join(_effects(home, catalogue, years.made), on=KEY, how="left")
    rows = rows.join(_first(now, years.made, catalogue), on=KEY, how="left")
    return _as_told(rows)


def _measured(home: Home, catalogue: Catalogue, years: Years, now: pl.DataFrame) -> pl.DataFrame:
    """The values of both years with their states, limits and standings, and whether they compare."""
    past = years.past.measure.select(*KEY, pl.col("value").alias("value_before"), pl.col("state").alias("state_before"))
    changed = standard_change(catalogue).with_columns(is_changed=pl.lit(True))
    gap = pl.read_parquet(home.table("gap_coefficient")).filter(pl.col("area_level") == "county")
    limits = standings(gap.rename({"area_code": "county_code"}), catalogue)
    were = standings(years.past.gap, catalogue).select(*KEY, pl.col("is_within").alias("was_within"))
    rows = (
        now.rename({"state": "state_now"}).join(past, on=KEY, how="left")
        .join(changed, on=["year", "standard_id"], how="left").join(limits, on=KEY, how="left").join(were, on=KEY, how="left")
        .join(_rosters(home, years.made), on=[c for c in KEY if c != "measure"], how="left")
    )  # fmt: skip
    level = pl.col("measure").is_in(LEVEL_MEASURES)
    rows = rows.with_columns((pl.col("is_changed").fill_null(False) & level).alias("is_level_changed"))
    return compared(rows, years.made, years.limits.stayed_pct)


def _rosters(home: Home, made: Boundaries) -> pl.DataFrame:
    """Schools of both years and of one by place; of all stages together (``both``) added up, the share the lesser of the stages', null
    where that of one is."""
    found = effects.rosters(home, made)
    counts = ["schools_stayed", "schools_joined", "schools_left"]
    county = [c for c in effects.PLACE if c != "stage"]
    share = pl.col("pupils_stayed_pct")
    least = pl.when(share.is_not_null().all()).then(share.min()).alias("pupils_stayed_pct")
    every = found.group_by(county, maintain_order=True).agg(pl.col(counts).sum(), least)
    return pl.concat([found, every.with_columns(stage=pl.lit("both")).select(found.columns)])


def _effects(home: Home, catalogue: Catalogue, made: Boundaries) -> pl.DataFrame:
    """The parts of the change by KEY: of measures made of gaps roster, pupils and resources; of levels the schools that stayed."""
    gaps = effects.measure_corners(effects.corners(home, catalogue, made), catalogue)
    parts = effects.with_effects(gaps).select(*KEY, *effects.EFFECTS)
    level = effects.level_effects(home, made).select(*KEY, "change_stayed")
    return pl.concat([parts, level], how="diagonal")


def _first(now: pl.DataFrame, made: Boundaries, catalogue: Catalogue) -> pl.DataFrame:
    """KEY, ``first_year`` and ``value_first``: the earliest earlier year in which the same county, a name or code apart, was ok, with
    no break and no missing year between."""
    known = {
        (standard, measure, stage, year, county): value
        for year, standard, measure, stage, county, value, state in now.select(*KEY, "value", "state").iter_rows()
        if state == OK
    }
    codes = codes_since(made)
    changed = set(standard_change(catalogue).iter_rows())
    rows = []
    for year, standard, measure, stage, county in now.select(KEY).iter_rows():
        stops = {y for y, of in changed if of == standard and measure in LEVEL_MEASURES}
        found = [
            (at, known[standard, measure, stage, at, code])
            for at, code in _earlier(codes, year, county, stops)
            if (standard, measure, stage, at, code) in known
        ]
        if found:
            rows.append((year, standard, measure, stage, county, *found[-1]))
    schema = {name: now.schema[name] for name in KEY} | {"first_year": pl.Int64(), "value_first": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _earlier(
    codes: Mapping[tuple[int, str], tuple[str, bool]], year: int, county: str, stops: Collection[int]
) -> Iterator[tuple[int, str]]:
    """The years before and the county's code in each, as long as nothing breaks the row. ``stops``: years not to be gone behind."""
    while (year, county) in codes:
        code, is_same = codes[year, county]
        if not is_same or year in stops or (year - 1, code) not in codes:
            return
        year, county = year - 1, code
        yield year, county


def _as_told(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of the table: what only comparable years may say is null elsewhere."""
    can, ok = pl.col("state") == COMPARABLE, pl.col("state_now") == OK
    change = pl.col("value") - pl.col("value_before")
    moved = change.round(12)
    better = pl.when(moved != 0).then((moved < 0) == pl.col("is_lower_better"))
    level = pl.col("measure").is_in(LEVEL_MEASURES)
    roster = pl.when(level).then(change - pl.col("change_stayed")).otherwise("change_roster")
    stayed = pl.when(level).then("change_stayed").otherwise(pl.col("change_pupils") + pl.col("change_resources"))
    only = ["value_before", "cause_indicator", "change_pupils", "change_resources"]
    return rows.with_columns(
        crossing("value_limit", "is_within", "was_within").alias("crossing"),
        pl.when(can).then(change).alias("change"), pl.when(can).then(better).alias("is_better"),
        pl.when(can).then(roster).alias("change_roster"), pl.when(can).then(stayed).alias("change_stayed"),
        *(pl.when(can).then(c).alias(c) for c in only),
        *(pl.when(ok).then(c).alias(c) for c in ("first_year", "value_first")),
        pl.when(ok).then(pl.col("value") - pl.col("value_first")).alias("change_first"),
        pl.col("schools_stayed", "schools_joined", "schools_left").fill_null(0),
    )  # fmt: skip


def county_gap_change(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """One row a year, standard, stage, county and indicator whose gap the standard measures."""
    years = Years.of(home, catalogue)
    columns = [*GAP_KEY, "mean", "cv", "cv_limit", "is_met", "state"]
    gap = pl.read_parquet(home.table("gap_coefficient")).filter(pl.col("area_level") == "county")
    now = gap.rename({"area_code": "county_code"}).select(columns).rename({"state": "state_now", "is_met": "is_within"})
    past = years.past.gap.select(
        *GAP_KEY, pl.col("mean").alias("mean_before"), pl.col("cv").alias("cv_before"),
        pl.col("is_met").alias("was_within"), pl.col("state").alias("state_before"),
    )  # fmt: skip
    rows = now.join(past, on=GAP_KEY, how="left").join(effects.rosters(home, years.made), on=effects.PLACE, how="left")
    rows = compared(rows.with_columns(is_level_changed=pl.lit(False)), years.made, years.limits.stayed_pct)
    parts = effects.with_effects(effects.corners(home, catalogue, years.made)).select(*GAP_KEY, *effects.EFFECTS)
    can = pl.col("state") == COMPARABLE
    return rows.join(parts, on=GAP_KEY, how="left").with_columns(
        crossing("cv_limit", "is_within", "was_within").alias("crossing"),
        pl.when(can).then(pl.col("cv") - pl.col("cv_before")).alias("change"),
        *(pl.when(can).then(c).alias(c) for c in ("mean_before", "cv_before", *effects.EFFECTS)),
    )

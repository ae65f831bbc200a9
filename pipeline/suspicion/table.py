"""The two tables of suspicion: a row a county and test, and the schools behind what is flagged."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from pipeline.schema.model import Catalogue
from pipeline.schema.suspicion_limits import Limits
from pipeline.store.home import Home
from pipeline.store.ingest import write_parquet
from pipeline.suspicion import endings, growth, heaping, repeats, twins, words
from pipeline.suspicion.cells import NATION, Reported, reported
from pipeline.suspicion.judge import judged
from pipeline.suspicion.tested import Tested
from pipeline.tables.catalogue_tables import polars_schema
from pipeline.tables.registry import public_tables

SUSPICION, EVIDENCE = "suspicion", "suspicion_evidence"
TESTED, TOO_FEW, NO_YEAR_BEFORE, NOTHING = "tested", "too_few", "no_year_before", "nothing_to_test"
KEY = ["year", "county_code"]


def make(home: Home, catalogue: Catalogue) -> dict[str, int]:
    """Writes both tables of a home whose units and attainments are made; returns rows by table."""
    frames = tables(home, catalogue)
    for name, frame in frames.items():
        write_parquet(frame, home.table(name))
    return {name: frame.height for name, frame in frames.items()}


def tables(home: Home, catalogue: Catalogue) -> dict[str, pl.DataFrame]:
    """Both tables by name, sorted by their keys."""
    limits, given = Limits.of(catalogue), reported(home, catalogue)
    tested = run_tests(home, catalogue, given, limits)
    rows = judged(_every_county(tested, given), limits)
    return {SUSPICION: _worded(rows, limits), EVIDENCE: _evidence(tested, rows)}


def run_tests(home: Home, catalogue: Catalogue, given: Reported, limits: Limits) -> Mapping[str, Tested]:
    """Test → what it found, in the order of the words."""
    values = heaping.measured(home, catalogue, given)
    made: dict[str, Callable[[], Tested]] = {
        "just_above": lambda: heaping.just_above(values, catalogue, limits),
        "just_risen": lambda: heaping.just_risen(values, given, catalogue, limits),
        "as_last_year": lambda: repeats.as_last_year(given, limits),
        "twins": lambda: twins.same_figures(given, limits),
        "round_figures": lambda: endings.round_figures(given, limits),
        "growing": lambda: growth.growing(given, limits),
    }
    return {test: made[test]() for test in words.tests()}


LOOKING_BACK = ("just_risen", "as_last_year", "growing")
"""Tests that need the year before."""


def _every_county(tested: Mapping[str, Tested], given: Reported) -> pl.DataFrame:
    """A row a year, county and test, with the state that says what became of it."""
    had = given.counties.select((pl.col("year") + 1).alias("year"), "county_code", pl.lit(True).alias("had"))
    counties = given.counties.join(had, on=KEY, how="left")
    parts = []
    for test, found in tested.items():
        rows = counties.join(found.counties.drop("province_code"), on=KEY, how="left")
        without = pl.col("had").is_null() if test in LOOKING_BACK else pl.lit(False)
        state = (
            pl.when(pl.col("p_value").is_not_null()).then(pl.lit(TESTED)).when(without).then(pl.lit(NO_YEAR_BEFORE))
            .when(pl.col("n").fill_null(0) > 0).then(pl.lit(TOO_FEW)).otherwise(pl.lit(NOTHING))
        )  # fmt: skip
        parts.append(rows.with_columns(pl.lit(test).alias("test_id"), state.alias("state")).drop("had"))
    return pl.concat(parts)


def _worded(rows: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The public table: counts are 0 where nothing was tested, words stand where a p does."""
    told = [
        words.found(row["test_id"], row, limits) if row["p_value"] is not None else None
        for row in rows.iter_rows(named=True)
    ]
    made = rows.with_columns(
        pl.col("n").fill_null(0), pl.col("observed").fill_null(0),
        pl.when(pl.col("province_code") != NATION).then(pl.col("province_code")).alias("province_code"),
        (pl.col("observed") / pl.col("n")).fill_nan(None).alias("statistic"),
        pl.Series("evidence_zh", [t and t.zh for t in told], dtype=pl.String),
        pl.Series("evidence_en", [t and t.en for t in told], dtype=pl.String),
    )  # fmt: skip
    return _shaped(SUSPICION, made)


def _evidence(tested: Mapping[str, Tested], rows: pl.DataFrame) -> pl.DataFrame:
    """The schools behind every flagged row, numbered."""
    flagged = rows.filter("is_flagged").select(*KEY, "test_id")
    order = ["school_id", "stage", "item", "other_school_id", "threshold"]
    parts = [
        found.evidence.with_columns(pl.lit(test).alias("test_id"))
        .join(flagged, on=[*KEY, "test_id"], how="semi")
        .sort(*KEY, *order)
        for test, found in tested.items()
    ]
    every = pl.concat(parts)
    number = (pl.int_range(pl.len()).over([*KEY, "test_id"]) + 1).alias("evidence_no")
    return _shaped(EVIDENCE, every.with_columns(number, pl.col("stage").replace({"": None}).alias("stage")))


def _shaped(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    wanted = polars_schema(name)
    return rows.select(pl.col(c).cast(t) for c, t in wanted.items()).sort(public_tables()[name].key)

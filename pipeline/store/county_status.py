"""The table ``county_status``: what became of every county's return: expected, come, counting, in doubt, missing.

Counts alone, from the ledger's own tables, without dates. Not here: who was expected (``expected``), which part counts
(``parts``).
"""

from __future__ import annotations

import polars as pl

from pipeline.store.parts import KINDS

COUNTY = ["year", "county_code"]
SHOWN = ("accepted", "rejected")
"""Parts whose findings still ask for something: superseded and withdrawn ones do not."""
STATUSES = ("accepted", "superseded", "withdrawn", "rejected")
SEVERITIES = ("critical", "warning")


def county_status(parts: pl.DataFrame, found: pl.DataFrame, expected: pl.DataFrame, came: pl.DataFrame) -> pl.DataFrame:
    """One row a year and county that was expected or sent something.

    ``parts``: as ``submission_part``. ``found``: findings. ``expected``: as ``expected_county``; ``came``: year, county and
    stage of which counting parts tell.
    """
    named = parts.filter(pl.col("county_code") != "")
    keys = pl.concat([expected.select(COUNTY), named.select(COUNTY)]).unique().sort(COUNTY)
    rows = keys
    for frame in (_stages(expected, came), _parts(named), _findings(found, named)):
        rows = rows.join(frame, on=COUNTY, how="left", maintain_order="left")
    counts = [c for c, kind in rows.schema.items() if kind.is_integer() and c != "year"]
    filled = rows.with_columns(pl.col(counts).fill_null(0).cast(pl.Int64))
    return filled.with_columns(
        is_expected=pl.col("stages_expected") > 0,
        is_received=pl.sum_horizontal(f"parts_{status}" for status in STATUSES) > 0,
    )


def _stages(expected: pl.DataFrame, came: pl.DataFrame) -> pl.DataFrame:
    """Stages expected of a county, those of which it told, and the ids of those that are missing."""
    asked = expected.filter("is_expected").select(*COUNTY, "stage")
    told = came.select(*COUNTY, "stage").with_columns(told=pl.lit(True))
    joined = asked.join(told, on=[*COUNTY, "stage"], how="left", maintain_order="left")
    is_told = pl.col("told").fill_null(False)
    missing = pl.col("stage").filter(~is_told).sort().str.join("、")
    return joined.group_by(COUNTY).agg(
        pl.len().alias("stages_expected"), is_told.sum().alias("stages_received"),
        pl.when(~is_told.all()).then(missing).alias("stages_missing"),
    )  # fmt: skip


def _parts(named: pl.DataFrame) -> pl.DataFrame:
    """Files and parts by status, and the account of rows of the parts that count."""
    live = pl.col("status") == "accepted"
    rows = [f"rows_{kind}" for kind in ("read", *KINDS)]
    return named.group_by(COUNTY).agg(
        pl.col("submission_id").filter(live).n_unique().alias("submissions"),
        *((pl.col("status") == status).sum().alias(f"parts_{status}") for status in STATUSES),
        *(pl.col(name).filter(live).sum() for name in rows),
    )


def _findings(found: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Critical findings and warnings of what counts or was rejected; a finding about a whole file is of the county that it
    names, else of the file's, where that has one and anything of it is left."""
    alone = named.group_by("submission_id").agg(pl.col("county_code").unique().alias("of"))
    alone = alone.filter(pl.col("of").list.len() == 1).with_columns(pl.col("of").list.first())
    placed = found.join(alone, on="submission_id", how="left")
    own = pl.when(pl.col("county_code") != "").then("county_code")
    placed = placed.with_columns(pl.coalesce(own, "of").alias("county_code"), own.is_not_null().alias("is_told"))
    placed = placed.filter(pl.col("county_code").is_not_null())
    states = named.select("submission_id", "part", "county_code", pl.col("status").alias("of_part"))
    shown = named.filter(pl.col("status").is_in(SHOWN)).select("submission_id", "county_code").unique()
    whole = shown.with_columns(is_shown=pl.lit(True))
    placed = placed.join(states, on=["submission_id", "part", "county_code"], how="left")
    placed = placed.join(whole, on=["submission_id", "county_code"], how="left")
    of_file = pl.col("submission_id").is_null() | pl.col("is_told") | pl.col("is_shown").fill_null(False)
    counts = pl.when(pl.col("of_part").is_null()).then(of_file).otherwise(pl.col("of_part").is_in(SHOWN))
    kept = placed.filter(counts)
    return kept.group_by(COUNTY).agg(
        (pl.col("severity") == severity).sum().alias(f"findings_{severity}") for severity in SEVERITIES
    )

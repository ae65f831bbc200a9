"""Which part of which submission counts: the newest accepted one that was not withdrawn, and what that leaves to say.

A part's key is year, county, layout and part; where a file of its layout is about one school, the school too.
Here: status and account of rows of every part, and the findings of withdrawals. Not here: who is quarantined (``ledger``).
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from pipeline import findings
from pipeline.schema.model import Catalogue

PART = ["submission_id", "part", "county_code"]
KINDS = ("accepted", "quarantined", "filtered", "not_data")
"""What can become of a source row; their counts add up to the rows read."""
KEY = ["year", "county_code", "layout_id", "part", "about"]
"""Of the parts that share these, one counts. ``about``: the school of a file about one school, else ''."""
COLUMNS = [*PART, "year", "layout_id", "status", "rows_read", *(f"rows_{kind}" for kind in KINDS)]


def one_school_layouts(catalogue: Catalogue) -> set[str]:
    """Layouts of which one file tells of one school."""
    return {layout.id for layout in catalogue.layouts.values() if layout.one_school}


def keyed_parts(
    rows: pl.DataFrame, submission: pl.DataFrame, withdrawn: pl.DataFrame, one_school: Collection[str]
) -> pl.DataFrame:
    """One row a submission, part and county: KEY, ``status``, its account of rows, ``received_seq``, and ``reason`` of its
    withdrawal (null where it is none). ``withdrawn``: as ``withdrawals.withdrawn_scopes`` has it."""
    counts = [(pl.col("disposition") == kind).sum().cast(pl.Int64).alias(f"rows_{kind}") for kind in KINDS]
    school = pl.col("school_id").drop_nulls().sort().first().alias("school")
    account = rows.group_by(PART).agg(pl.len().cast(pl.Int64).alias("rows_read"), *counts, school)
    of_file = ["submission_id", "year", "received_seq", "layout_id", "inbox_path", pl.col("status").alias("of_file")]
    parts = account.join(submission.select(of_file), on="submission_id")
    about = pl.when(pl.col("layout_id").is_in(list(one_school))).then(pl.coalesce("school", "inbox_path"))
    parts = _with_reasons(parts.with_columns(about.otherwise(pl.lit("")).alias("about")), withdrawn)
    may_count = (pl.col("of_file") == "accepted") & pl.col("reason").is_null()
    newest = parts.filter(may_count).group_by(KEY).agg(pl.col("received_seq").max().alias("newest"))
    status = (
        pl.when(pl.col("of_file") == "rejected").then(pl.lit("rejected"))
        .when(pl.col("reason").is_not_null()).then(pl.lit("withdrawn"))
        .when(pl.col("received_seq") == pl.col("newest")).then(pl.lit("accepted"))
        .otherwise(pl.lit("superseded"))
    )  # fmt: skip
    return parts.join(newest, on=KEY, how="left", nulls_equal=True).with_columns(status=status)


def kept_of(rows: pl.DataFrame, withdrawn: pl.DataFrame) -> pl.DataFrame:
    """Rows of submissions, parts and counties that are not withdrawn."""
    named = _with_reasons(rows.select(PART).unique(), withdrawn).filter(pl.col("reason").is_null())
    return rows.join(named, on=PART, how="semi")


def _with_reasons(parts: pl.DataFrame, withdrawn: pl.DataFrame) -> pl.DataFrame:
    """Parts with the reason of the first withdrawal that holds them, null where none does."""
    scopes = withdrawn.rename({"part": "of_part", "county_code": "of_county"}).with_row_index("__order")
    met = parts.select(PART).join(scopes, on="submission_id")
    whole_part = pl.col("of_part").is_null() | (pl.col("of_part") == pl.col("part"))
    whole_county = pl.col("of_county").is_null() | (pl.col("of_county") == pl.col("county_code"))
    held = met.filter(whole_part & whole_county).sort("__order").unique(PART, keep="first", maintain_order=True)
    return parts.join(held.select(*PART, "reason"), on=PART, how="left", maintain_order="left")


def of_withdrawals(keyed: pl.DataFrame, submission: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """A finding for each submission, county and file that now counts in its place: which counts and why."""
    taken = keyed.filter(pl.col("status") == "withdrawn")
    if taken.is_empty():
        return findings.frame([])
    paths = submission.select("submission_id", "inbox_path", "received_seq")
    counting = keyed.filter(pl.col("status") == "accepted").select(*KEY, pl.col("submission_id").alias("now"))
    named = taken.drop("inbox_path", "received_seq").join(counting, on=KEY, how="left", nulls_equal=True)
    named = named.join(paths, on="submission_id", how="left")
    named = named.join(
        paths.rename({"submission_id": "now", "inbox_path": "now_path", "received_seq": "now_seq"}),
        on="now",
        how="left",
    )
    group = [
        "submission_id",
        "county_code",
        "year",
        "inbox_path",
        "received_seq",
        "reason",
        "now",
        "now_path",
        "now_seq",
    ]
    told = named.group_by(group).agg(pl.col("part").sort(), pl.col("layout_id").first())
    rows = told.sort("year", "county_code", "received_seq", "now_seq", nulls_last=True).iter_rows(named=True)
    return findings.frame(_of_withdrawal(row, catalogue) for row in rows)


def _of_withdrawal(row: dict[str, object], catalogue: Catalogue) -> dict[str, object]:
    place = {key: row[key] for key in ("submission_id", "year", "county_code")} | {"sheet": "", "cell": "", "field": ""}
    layout = catalogue.layouts.get(str(row["layout_id"]))
    labels = {sheet.part: sheet.label for sheet in layout.sheets} if layout else {}
    parts = [str(part) for part in row["part"]]  # type: ignore[attr-defined]
    label_zh = "、".join(labels[part].zh if part in labels else part for part in parts)
    label_en = ", ".join(labels[part].en if part in labels else part for part in parts)
    words = {"label_zh": label_zh, "label_en": label_en, "why_zh": row["reason"], "why_en": row["reason"]}
    found = " ".join(t for t in (f"{row['inbox_path']} #{row['received_seq']}", str(row["county_code"])) if t)
    if row["now"] is None:
        return findings.of_reading("withdrawn_without_another", place, found=found, expected="", **words)
    now = f"{row['now_path']} #{row['now_seq']}"
    return findings.of_reading("withdrawn_for_another", place, found=found, expected=now, **words)

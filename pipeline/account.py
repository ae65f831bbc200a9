"""The accounts that must close: source rows of every part, and units of every stage. Faults come as sentences."""

from __future__ import annotations

import polars as pl

from pipeline import findings
from pipeline.schema.model import Catalogue
from pipeline.store.corrected import NOT_APPLIED
from pipeline.store.expected import roster_schools
from pipeline.store.home import Home
from pipeline.store.ingest import ROW_SCHEMA, SUBMISSION_SCHEMA, read_years
from pipeline.store.parts import KINDS, kept_of
from pipeline.store.roster import pupil_columns
from pipeline.store.units import is_branch
from pipeline.store.withdrawals import withdrawn_scopes

ALL_WITHDRAWN = (
    "收到的文件全部已撤回（请补报，或用 junheng withdraw --undo 恢复）",
    "every file that came is withdrawn (send another, or put one back with junheng withdraw --undo)",
)


def why_nothing_counts(home: Home) -> tuple[str, str] | None:
    """Where no file of a home could be accepted, no row of one names a known county, or all are withdrawn: the first finding
    that says why and how to mend it, in both languages; else None."""
    years = home.years()
    accepted = read_years(home, "submissions", years, SUBMISSION_SCHEMA).filter(pl.col("status") == "accepted")
    rows = read_years(home, "rows", years, ROW_SCHEMA).join(accepted, on="submission_id", how="semi")
    named = rows.filter(pl.col("county_code") != "")
    if named.height:
        return None if kept_of(named, withdrawn_scopes(home)).height else ALL_WITHDRAWN
    found = read_years(home, "reading_findings", years, findings.SCHEMA).filter(pl.col("severity") == "critical")
    of_rows = found.join(accepted, on="submission_id", how="semi") if accepted.height else found
    first = of_rows.sort("submission_id", "row", nulls_last=True).row(0, named=True)
    return f"{first['message_zh']}（{first['mend_zh']}）", f"{first['message_en']} ({first['mend_en']})"


def open_parts(home: Home) -> list[str]:
    """Parts in which read is not accepted + quarantined + filtered + not data, and files with no account at all."""
    parts = pl.read_parquet(home.table("submission_part"))
    total = pl.sum_horizontal(f"rows_{kind}" for kind in KINDS)
    wrong = parts.filter(pl.col("rows_read") != total)
    faults = [
        f"{r['submission_id']}/{r['part']}/{r['county_code']}: 读到 {r['rows_read']} 行，账上不符 / {r['rows_read']} rows read, the account differs"
        for r in wrong.iter_rows(named=True)
    ]
    submissions = pl.read_parquet(home.table("submission"))
    lost = submissions.filter(pl.col("status") != "unreadable").join(parts, on="submission_id", how="anti")
    faults += [f"{name}: 没有行数账 / no account of rows" for name in lost["inbox_path"]]
    received = {year: pl.read_parquet(home.rows(year) / "rows.parquet").height for year in home.years()}
    accounted = dict(parts.group_by("year").agg(pl.col("rows_read").sum()).iter_rows())
    faults += [
        f"{year}: 读到 {rows} 行，账上 {accounted.get(year, 0)} 行 / {rows} rows read, {accounted.get(year, 0)} accounted for"
        for year, rows in received.items()
        if rows != accounted.get(year, 0)
    ]
    return faults


def open_counties(home: Home) -> list[str]:
    """Years in which the counties' statuses do not add up to the parts that count, part by part and row by row."""
    parts = pl.read_parquet(home.table("submission_part")).filter(pl.col("county_code") != "")
    live = parts.filter(pl.col("status") == "accepted")
    rows = [f"rows_{kind}" for kind in ("read", *KINDS)]
    owed = live.group_by("year").agg(
        pl.len().cast(pl.Int64).alias("parts_accepted"), *(pl.col(name).sum() for name in rows)
    )
    status = pl.read_parquet(home.table("county_status"))
    told = status.group_by("year").agg(pl.col("parts_accepted").sum(), *(pl.col(name).sum() for name in rows))
    both = owed.join(told, on="year", how="left", suffix="_told")
    return [
        f"{row['year']}: {name} {row[name]} ≠ 各区县合计 {row[f'{name}_told']} / the counties add up to {row[f'{name}_told']}"
        for row in both.iter_rows(named=True)
        for name in ("parts_accepted", *rows)
        if row[name] != row[f"{name}_told"]
    ]


def open_corrections(home: Home) -> list[str]:
    """Corrections that were not applied to the value that counts, as their findings say it."""
    applied = pl.read_parquet(home.table("correction"))
    if applied["is_applied"].all():
        return []
    found = pl.read_parquet(home.table("finding")).filter(pl.col("rule_id").is_in(NOT_APPLIED))
    return [f"{row['message_zh']} / {row['message_en']}" for row in found.iter_rows(named=True)]


def open_roster(home: Home, catalogue: Catalogue) -> list[str]:
    """Stages of schools that a year's roster expects and that are neither there nor absent: they would be lost unsaid.

    A branch may stand in its parent's row, and a school of which a layout's filter left rows out is not owed.
    """
    key = ["year", "school_id", "stage"]
    there = pl.concat([pl.read_parquet(home.table(name)).select(key) for name in ("unit_stage", "absent")])
    schools = roster_schools(home, catalogue, pl.read_parquet(home.table("expected_county"))["year"].unique())
    silent = schools.filter(~is_branch(catalogue, schools))
    filtered = [pl.read_parquet(home.rows(year) / "rows.parquet") for year in home.years()]
    left_out = {i for rows in filtered for i in rows.filter(pl.col("disposition") == "filtered")["school_id"]}
    faults = []
    columns = pupil_columns(catalogue)
    for stage in (s.id for s in catalogue.judged_stages):
        owed = silent.filter(pl.col(columns[stage]) > 0).with_columns(pl.lit(stage).alias("stage"))
        for year, school in owed.join(there, on=key, how="anti")["year", "school_id"].rows():
            if school not in left_out:
                faults.append(
                    f"{year}/{stage}: 名册中的 {school} 既无数据也未计为缺报 / {school} of the roster neither came nor counts as missing"
                )
    return faults


def open_units(home: Home, catalogue: Catalogue) -> list[str]:
    """Years, stages and standards in which units with pupils are not counted + out of scope + merged into a parent."""
    units = pl.read_parquet(home.table("unit")).select("year", "school_id", "merged_into")
    stages = pl.read_parquet(home.table("unit_stage"))
    scope = pl.read_parquet(home.table("school_scope"))
    absent = pl.read_parquet(home.table("absent"))
    judged = [(s.id, s.pupils_field) for s in catalogue.judged_stages]
    faults = []
    for stage, pupils in judged:
        unknown = stages.filter((pl.col("stage") == stage) & pl.col(pupils).is_null())
        for year, school in unknown.join(absent, on=["year", "school_id", "stage"], how="anti")[
            "year", "school_id"
        ].rows():
            faults.append(
                f"{year}/{stage}: {school} 学生数不明，未计为缺报 / its pupils are unknown, and it is not counted as missing"
            )
        rows = stages.filter((pl.col("stage") == stage) & (pl.col(pupils) > 0)).join(units, on=["year", "school_id"])
        expected = rows.group_by("year").agg(units=pl.len(), merged=(pl.len() - pl.col("merged_into").n_unique()))
        for standard in catalogue.standards:
            judged_rows = scope.filter((pl.col("standard_id") == standard) & (pl.col("stage") == stage))
            reasoned = pl.col("is_counted") | pl.col("reason").is_not_null()
            found = judged_rows.group_by("year").agg(rows=reasoned.sum())
            for year, count, merged, seen in (
                expected.join(found, on="year", how="full", coalesce=True).fill_null(0).iter_rows()
            ):
                if count != merged + seen:
                    faults.append(
                        f"{year}/{standard}/{stage}: {count} 个单位 ≠ {merged} 合并 + {seen} / {count} units, {merged} merged + {seen}"
                    )
    return faults

"""Which part of which submission counts, and the units that take part in the computation.

Derived anew at every run from receipts, typed rows and findings. The newest accepted receipt per year, county, layout and
part counts; a school with a critical finding is quarantined in that part: all its rows there go, citing the finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline import findings
from pipeline.schema.entry import RecordType
from pipeline.schema.model import Catalogue
from pipeline.store.conflicts import settled
from pipeline.store.corrected import MET_SCHEMA, verdicts
from pipeline.store.corrections import read_corrections
from pipeline.store.county_status import county_status
from pipeline.store.expected import (
    arrivals,
    expected_counties,
    owed_stages,
    roster_schools,
    with_pupils_of_roster,
)
from pipeline.store.home import Home
from pipeline.store.ingest import RECORDS, ROW_SCHEMA, SUBMISSION_SCHEMA, read_years, typed_schema
from pipeline.store.parts import COLUMNS, PART, keyed_parts, of_withdrawals, one_school_layouts
from pipeline.store.receipts import Receipt, all_receipts
from pipeline.store.roster import roster_years
from pipeline.store.roster_findings import against_roster, not_come
from pipeline.store.units import (
    absent_stages,
    is_branch,
    one_row_each,
    stages_of_parts,
    told_stages,
    unit_records,
    units_of,
    untyped_rows,
    with_unknown_stages,
)
from pipeline.store.withdrawals import withdrawn_scopes

SCHOOL = ["submission_id", "part", "school_id"]
CLAIM = ["year", "school_id", "county_code", "submission_id", "part", "row"]
ORDER = ["year", "county_code", "part", "submission_id", "row"]
"""Order of typed rows, so that nothing depends on the order in which files came."""


@dataclass(frozen=True)
class Ledger:
    """What counts, as frames.

    ``submission``, ``submission_part``, ``submission_filter``, ``finding``, ``correction``, ``county_status``: public tables. ``units``: by record type,
    the counting typed rows, one row a unit (stage, class, room). ``absent``: a row a stage of a school that is quarantined
    or that the roster expects and that sent nothing.
    ``unit_record``: a row a unit and kind of rows of which having none is a true zero. ``came``: which counties told of which stage;
    ``expected_county``: which were expected to.
    ``county_return``: a row a year and county, what the county itself reported.
    """

    submission: pl.DataFrame
    submission_part: pl.DataFrame
    submission_filter: pl.DataFrame
    finding: pl.DataFrame
    correction: pl.DataFrame
    county_status: pl.DataFrame
    units: dict[RecordType, pl.DataFrame]
    absent: pl.DataFrame
    unit_record: pl.DataFrame
    came: pl.DataFrame
    expected_county: pl.DataFrame
    county_return: pl.DataFrame


@dataclass(frozen=True)
class Counted:
    """What counts of some years, before it is arranged: receipts, findings, source rows, parts (with their keys); typed rows of schools by
    record type: all, those that count, and the quarantined rows of parts that count; and the counties' rows that count."""

    submission: pl.DataFrame
    found: pl.DataFrame
    rows: pl.DataFrame
    parts: pl.DataFrame
    typed: dict[RecordType, pl.DataFrame]
    counting: dict[RecordType, pl.DataFrame]
    lost: dict[RecordType, pl.DataFrame]
    counties: pl.DataFrame


def counted(home: Home, catalogue: Catalogue, years: Sequence[int]) -> Counted:
    """Which rows of the given years count, as receipts and findings have it."""
    submission = submissions(home, years)
    withdrawn, one_school = withdrawn_scopes(home), one_school_layouts(catalogue)
    found = pl.concat(
        [read_years(home, name, years, findings.SCHEMA) for name in ("reading_findings", "rule_findings")]
    )
    typed = {record: read_years(home, record, years, typed_schema(catalogue, record)).sort(ORDER) for record in RECORDS}
    of_counties = typed.pop("county")
    rows = _quarantine(read_years(home, "rows", years, ROW_SCHEMA), found)
    rows = _quarantine_counties(rows, found, of_counties)
    parts = keyed_parts(rows, submission, withdrawn, one_school)
    counting = _with_disposition(typed, rows, parts, "accepted")
    while (across := _across_files(catalogue, counting)).height:
        found = pl.concat([found, across])
        rows = _quarantine(rows, across)
        parts = keyed_parts(rows, submission, withdrawn, one_school)
        counting = _with_disposition(typed, rows, parts, "accepted")
    lost = _with_disposition(typed, rows, parts, "quarantined")
    counting, disputed = settled(home, catalogue, submission, counting)
    found = pl.concat([found, disputed])
    counties = _with_disposition({"county": of_counties}, rows, parts, "accepted")["county"]
    return Counted(submission, found, rows, parts, typed, counting, lost, counties)


def derive(home: Home, catalogue: Catalogue) -> Ledger:
    """The ledger of a home as it stands: what every receipt came to. ``catalogue``: with the rosters of the home.

    Raises HomeError for a roster or a correction that cannot be used.
    """
    years = home.years()
    then = counted(home, catalogue, years)
    submission, rows, parts, counting, lost = then.submission, then.rows, then.parts, then.counting, then.lost
    units = units_of(catalogue, counting, lost)
    stages = stages_of_parts(catalogue)
    came = arrivals(rows, parts, submission, _came(parts, stages), units["school"])
    untyped = untyped_rows(rows, parts, then.typed, stages)
    schools = roster_schools(home, catalogue, years)
    owed = owed_stages(catalogue, schools, came, told_stages(lost, units, untyped))
    found = pl.concat([then.found, _without_pupils(catalogue, units["stage"], counting, lost["stage"])])
    found = pl.concat([found, _unknown_pupils(catalogue, counting["stage"])])
    expected = expected_counties(home, catalogue, came)
    found = pl.concat([found, against_roster(catalogue, schools, owed, came)])
    found = pl.concat([found, of_withdrawals(parts, submission, catalogue)])
    met = read_years(home, "corrections", years, MET_SCHEMA)
    correction, not_applied = verdicts(read_corrections(home, catalogue), met, parts, came.newest, catalogue)
    found = pl.concat([found, not_applied])
    found = pl.concat([found, not_come(catalogue, came, parts, expected, units["stage"], roster_years(home))])
    finding = findings.with_ids(_with_sheets(found, rows))
    return Ledger(
        submission=submission.sort("received_seq"),
        submission_part=parts.select(COLUMNS).sort(PART),
        submission_filter=_filters(rows, catalogue, submission),
        finding=finding,
        county_status=county_status(parts, finding, expected, came.came),
        units=with_unknown_stages(catalogue, units, [lost["stage"], untyped, owed], came.came),
        absent=with_pupils_of_roster(catalogue, absent_stages(catalogue, lost, units, untyped, owed), schools),
        came=came.came,
        expected_county=expected,
        correction=correction,
        unit_record=unit_records(units["school"], counting, lost),
        county_return=one_row_each(then.counties.drop("school_id"), ["year", "county_code"]),
    )


def _came(parts: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """One row a year, county and judged stage of which a counting part told, be it only rows that a filter left out."""
    live = parts.filter((pl.col("status") == "accepted") & (pl.col("county_code") != ""))
    told = live.join(stages, on=["layout_id", "part"])
    return told.select("year", "county_code", "stage").unique().sort("year", "county_code", "stage")


def submissions(home: Home, years: Sequence[int]) -> pl.DataFrame:
    """One row a receipt of which a file was read in these years, with status and layout."""
    return _submissions(all_receipts(home), read_years(home, "submissions", years, SUBMISSION_SCHEMA))


def _submissions(receipts: Sequence[Receipt], read: pl.DataFrame) -> pl.DataFrame:
    schema = {
        "submission_id": pl.String(), "sha256": pl.String(), "file_name": pl.String(), "inbox_path": pl.String(),
        "year": pl.Int64(), "received_seq": pl.Int64(), "received_at": pl.String(), "size_bytes": pl.Int64(),
    }  # fmt: skip
    rows = [(r.submission_id, r.sha256, r.file_name, r.path, r.year, r.seq, r.received_at, r.size) for r in receipts]
    return pl.DataFrame(rows, schema=schema, orient="row").join(read, on="submission_id", how="inner")


def _quarantine(rows: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Marks every row of a school that has a critical finding in that part, and every row with one of its own."""
    critical = found.filter(pl.col("severity") == "critical")
    schools = critical.filter(pl.col("school_id").is_not_null()).select(SCHOOL).unique().with_columns(is_hit=True)
    numbers = critical.filter(pl.col("row").is_not_null()).select("submission_id", "part", "row").unique()
    marked = rows.join(schools, on=SCHOOL, how="left", maintain_order="left").join(
        numbers.with_columns(is_row_hit=True), on=["submission_id", "part", "row"], how="left", maintain_order="left"
    )
    hit = pl.col("is_hit").fill_null(False) | pl.col("is_row_hit").fill_null(False)
    accepted = pl.col("disposition") == "accepted"
    changed = pl.when(accepted & hit).then(pl.lit("quarantined")).otherwise("disposition")
    return marked.with_columns(disposition=changed).select(rows.columns)


def _quarantine_counties(rows: pl.DataFrame, found: pl.DataFrame, of_counties: pl.DataFrame) -> pl.DataFrame:
    """Sets aside all rows of a county about itself once one has a critical finding, as all of a school's rows go."""
    critical = found.filter(pl.col("severity") == "critical")
    own = rows.join(of_counties.select(PART).unique(), on=PART, how="semi")
    hit = own.join(critical, on=["submission_id", "part", "row"], how="semi").select(PART).unique()
    marked = rows.join(hit.with_columns(is_hit=True), on=PART, how="left", maintain_order="left")
    changed = pl.when((pl.col("disposition") == "accepted") & pl.col("is_hit")).then(pl.lit("quarantined"))
    return marked.with_columns(disposition=changed.otherwise("disposition")).select(rows.columns)


def _with_sheets(found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Names the sheet in findings of a part that were made without knowing it."""
    part = ["submission_id", "part"]
    sheets = rows.select(*part, pl.col("sheet").alias("of_part")).unique(part, keep="first", maintain_order=True)
    named = found.join(sheets, on=part, how="left", maintain_order="left")
    unknown = pl.col("sheet").fill_null("") == ""
    return named.with_columns(sheet=pl.when(unknown).then(pl.col("of_part").fill_null("")).otherwise("sheet")).drop(
        "of_part"
    )


def _filters(rows: pl.DataFrame, catalogue: Catalogue, submission: pl.DataFrame) -> pl.DataFrame:
    """One row a submission, part, county and filter of its layout: how many rows it left out, and why."""
    reasons = [
        (layout.id, sheet.part, f.id, f.reason.zh, f.reason.en)
        for layout in catalogue.layouts.values()
        for sheet in layout.sheets
        for f in sheet.filters
    ]
    words = pl.DataFrame(
        reasons,
        schema=dict.fromkeys(["layout_id", "part", "reason", "reason_zh", "reason_en"], pl.String),
        orient="row",
    )
    filtered = (
        rows.filter(pl.col("disposition") == "filtered").group_by([*PART, "reason"]).agg(rows=pl.len().cast(pl.Int64))
    )
    layouts = submission.select("submission_id", "layout_id")
    named = filtered.join(layouts, on="submission_id").join(words, on=["layout_id", "part", "reason"], how="left")
    return named.select(*PART, pl.col("reason").alias("filter_id"), "reason_zh", "reason_en", "rows").sort(
        [*PART, "filter_id"]
    )


def _with_disposition(
    typed: dict[RecordType, pl.DataFrame], rows: pl.DataFrame, parts: pl.DataFrame, kind: str
) -> dict[RecordType, pl.DataFrame]:
    """Typed rows of the parts that count, of source rows with the given disposition."""
    live = parts.filter(pl.col("status") == "accepted").select(PART)
    chosen = rows.filter(pl.col("disposition") == kind).join(live, on=PART, how="semi")
    key = ["submission_id", "part", "row"]
    return {r: f.join(chosen.select(key), on=key, how="semi", maintain_order="left") for r, f in typed.items()}


def _across_files(catalogue: Catalogue, counting: dict[RecordType, pl.DataFrame]) -> pl.DataFrame:
    """Findings that need more than one file: a school claimed by two counties, and branches without a proper parent."""
    rows = [*_claimed_twice(counting), *_lost_branches(catalogue, counting)]
    return findings.frame(rows)


def _claimed_twice(counting: dict[RecordType, pl.DataFrame]) -> list[dict[str, object]]:
    claims = pl.concat([frame.select(CLAIM) for frame in counting.values()])
    twice = (
        claims.group_by("year", "school_id")
        .agg(pl.col("county_code").unique().sort())
        .filter(pl.col("county_code").list.len() > 1)
    )
    hit = claims.join(twice.rename({"county_code": "claimed_by"}), on=["year", "school_id"])
    return [
        findings.of_reading("school_in_two_counties", _place(row, ""), found="、".join(row["claimed_by"]))
        for row in hit.sort(CLAIM)
        .unique(["submission_id", "part", "school_id"], keep="first", maintain_order=True)
        .iter_rows(named=True)
    ]


def _lost_branches(catalogue: Catalogue, counting: dict[RecordType, pl.DataFrame]) -> list[dict[str, object]]:
    """A finding in every part that holds rows of a branch without a proper parent, so that all of it is quarantined."""
    schools = counting["school"]
    units = schools.with_columns(is_branch(catalogue, schools).alias("is_branch"))
    columns = ["year", "school_id", "county_code", "is_branch"]
    by_id = {(u["year"], u["school_id"]): u for u in units.select(columns).iter_rows(named=True)}
    wrong: dict[tuple[int, str], tuple[str, str]] = {}
    for row in units.filter("is_branch").iter_rows(named=True):
        parent = by_id.get((row["year"], row["parent_school_id"]))
        shown = row["parent_school_id"] or "—"
        if parent is None or parent["county_code"] != row["county_code"]:
            wrong[row["year"], row["school_id"]] = ("branch_without_parent", shown)
        elif parent["is_branch"]:
            wrong[row["year"], row["school_id"]] = ("branch_of_branch", shown)
    rows = pl.concat([frame.select(CLAIM) for frame in counting.values()]).sort(CLAIM)
    held = rows.unique([*SCHOOL, "year"], keep="first", maintain_order=True)
    return [
        findings.of_reading(rule, _place(row, "parent_school_id"), found=shown)
        for row in held.iter_rows(named=True)
        for rule, shown in [wrong.get((row["year"], row["school_id"]), ("", ""))]
        if rule
    ]


def _without_pupils(
    catalogue: Catalogue, stages: pl.DataFrame, counting: dict[RecordType, pl.DataFrame], lost: pl.DataFrame
) -> pl.DataFrame:
    """A finding for each school that counts but has no pupils; none where its pupils are unknown or quarantined."""
    key = ["year", "school_id"]
    none = pl.all_horizontal(
        (pl.col("stage") != stage.id) | (pl.col(stage.pupils_field) <= 0).fill_null(False)
        for stage in catalogue.stages.values()
    )
    peopled = pl.concat([stages.filter(~none).select(key), lost.select(key)])
    claims = pl.concat([counting[record].select(CLAIM) for record in ("school", "stage")])
    held = claims.unique(key, keep="first", maintain_order=True).join(peopled, on=key, how="anti").sort(CLAIM)
    return findings.frame(
        findings.of_reading("school_without_pupils", _place(row, "")) for row in held.iter_rows(named=True)
    )


def _unknown_pupils(catalogue: Catalogue, stages: pl.DataFrame) -> pl.DataFrame:
    """A finding for each counting stage row of a judged stage that does not say how many pupils it has."""
    rows = []
    for stage in catalogue.judged_stages:
        blank = (pl.col("stage") == stage.id) & pl.col(stage.pupils_field).is_null()
        for row in stages.filter(blank).sort(CLAIM).iter_rows(named=True):
            rows.append(findings.of_reading("pupils_unknown", _place(row, stage.pupils_field)))
    return findings.frame(rows)


def _place(row: dict[str, object], field: str) -> dict[str, object]:
    keys = ("submission_id", "part", "year", "county_code", "school_id", "row")
    return {key: row[key] for key in keys} | {"sheet": "", "cell": "", "field": field}

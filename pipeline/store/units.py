"""The units that are computed: schools and campuses with their rows, who belongs to whom, and who is missing.

One row a unit (school or campus) of what counts. Quarantined schools are not gone: they are ``absent`` and count as
missing, and a quarantined campus leaves its school's figures unknown instead of too small.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.schema.entry import IDENTITY_COLUMNS, RecordType
from pipeline.schema.expressions import for_polars
from pipeline.schema.model import Catalogue

UNIT = ["year", "school_id"]

Frames = dict[RecordType, pl.DataFrame]
"""Typed rows by record type."""


def units_of(catalogue: Catalogue, counting: Frames, lost: Frames) -> Frames:
    """One row a unit (stage, class, room) of the rows that count; school rows have ``merged_into``, the school they
    belong to. ``lost``: quarantined rows of the parts that count."""
    units = {record: _one_row_each(frame, record) for record, frame in counting.items()}
    units["school"] = _with_parents(catalogue, _all_units(catalogue, units, lost["school"]))
    units["stage"] = _with_lost_campuses(catalogue, units, lost["stage"])
    return units


def _one_row_each(frame: pl.DataFrame, record: RecordType) -> pl.DataFrame:
    """One row a unit (and stage): where parts or layouts overlap, the first value that is given (``conflicts`` puts the newest
    receipt first). Lists stay lists."""
    if record in ("class", "room"):
        return frame.sort("year", "school_id", "part", "submission_id", "row")
    return one_row_each(frame, [*UNIT, "stage"] if record == "stage" else UNIT)


def one_row_each(frame: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """One row a key, without its place: of several the first value that is given."""
    cells = [c for c in frame.columns if c not in (*key, "submission_id", "part", "row")]
    if frame.height == frame.select(key).n_unique():
        return frame.select(*key, *cells).sort(key)
    return frame.group_by(key).agg(pl.col(c).drop_nulls().first() for c in cells).sort(key)


def _all_units(catalogue: Catalogue, units: Frames, lost: pl.DataFrame) -> pl.DataFrame:
    """Every unit that sent rows: school rows, and units of which only stage rows count.

    Of the latter, who they are is taken from the quarantined school row where there is one; its other cells are null.
    """
    schools = units["school"].drop("stage")
    identity = [c for c in IDENTITY_COLUMNS if c not in ("school_id", "stage")]
    fields = [f.id for f in catalogue.fields_of("identity")]
    stages = units["stage"].group_by(UNIT).agg(pl.col(c).drop_nulls().first() for c in identity)
    orphans = stages.join(schools.select(UNIT), on=UNIT, how="anti")
    named = lost.unique(UNIT, keep="first", maintain_order=True).select(*UNIT, *identity, *fields)
    joined = orphans.join(named, on=UNIT, how="left", suffix="_lost")
    known = [pl.coalesce(c, f"{c}_lost").alias(c) for c in identity]
    return pl.concat([schools, joined.select(*UNIT, *known, *fields)], how="diagonal").sort(UNIT)


def is_branch(catalogue: Catalogue, units: pl.DataFrame) -> pl.Series:
    """Whether each unit is merged into its parent (the catalogue's ``branch_when``; null counts as no)."""
    if catalogue.about.branch_when is None:
        return pl.Series([False] * units.height, dtype=pl.Boolean)
    return units.select(pl.sql_expr(for_polars(catalogue.about.branch_when)).fill_null(False).alias("x"))["x"]


def _with_parents(catalogue: Catalogue, units: pl.DataFrame) -> pl.DataFrame:
    """Adds ``merged_into``: the school a unit belongs to, itself unless it is a branch. A branch that names no parent stands by
    itself: its school row is quarantined, so what it shares is missing, and its pupils are not lost.
    """
    branch = is_branch(catalogue, units)
    target = pl.when(branch).then(pl.coalesce("parent_school_id", "school_id")).otherwise(pl.col("school_id"))
    return units.with_columns(target.alias("merged_into"))


def _with_lost_campuses(catalogue: Catalogue, units: Frames, lost: pl.DataFrame) -> pl.DataFrame:
    """Stage rows, and for campuses whose stage rows are quarantined a row with nothing but the pupils: what is merged
    with an unknown part is unknown."""
    campuses = units["school"].filter(pl.col("merged_into") != pl.col("school_id")).select(UNIT)
    pupils = {stage.pupils_field for stage in catalogue.stages.values()}
    known = [c for c in units["stage"].columns if c in (*UNIT, *IDENTITY_COLUMNS, *pupils)]
    key = [*UNIT, "stage"]
    rows = lost.unique(key, keep="first", maintain_order=True).join(campuses, on=UNIT, how="semi").select(known)
    return pl.concat([units["stage"], rows.join(units["stage"], on=key, how="anti")], how="diagonal").sort(key)


def pupils_given(catalogue: Catalogue) -> pl.Expr:
    """Pupils of a stage row, whichever field its stage keeps them in; null where blank."""
    stages = catalogue.stages.values()
    return pl.coalesce(*(pl.when(pl.col("stage") == s.id).then(pl.col(s.pupils_field)) for s in stages))


def stages_of_parts(catalogue: Catalogue) -> pl.DataFrame:
    """One row a layout, part and judged stage that the part's rows can tell of; ``is_row_each``: each row is a typed row of
    its own, while the rows of a form or of a vertical sheet are made into typed rows together."""
    judged = [stage.id for stage in catalogue.judged_stages]
    rows = []
    for layout in catalogue.layouts.values():
        for sheet in layout.sheets:
            named = (
                {c.stage for c in sheet.columns}
                | {c.stage for c in sheet.cells}
                | {d.stage for d in sheet.derived}
                | {sheet.constants.get("stage")}
            )
            by_row = sheet.record == "stage" or (sheet.record == "school" and "stage" in {c.to for c in sheet.columns})
            told = judged if by_row else [s for s in judged if sheet.record == "school" and s in named]
            is_row_each = not sheet.cells and sheet.vertical is None
            rows += [(layout.id, sheet.part, stage, is_row_each) for stage in told]
    schema = dict.fromkeys(["layout_id", "part", "stage"], pl.String) | {"is_row_each": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def untyped_rows(rows: pl.DataFrame, parts: pl.DataFrame, typed: Frames, stages: pl.DataFrame) -> pl.DataFrame:
    """One row a stage of a quarantined source row that could not be typed at all: year, county_code, school_id, stage.

    Rows that are made into typed rows together (forms, vertical sheets) are never untyped one by one.
    """
    place = ["submission_id", "part", "row"]
    live = parts.filter(pl.col("status") == "accepted").select(
        "submission_id", "part", "county_code", "year", "layout_id"
    )
    lost = rows.filter(pl.col("disposition") == "quarantined").join(live, on=["submission_id", "part", "county_code"])
    read = pl.concat([frame.select(place) for frame in typed.values()])
    row_each = stages.filter(pl.col("is_row_each"))
    unread = lost.join(read, on=place, how="anti").join(row_each, on=["layout_id", "part"])
    return unread.select(*place, "year", "county_code", "school_id", "stage")


def told_stages(lost: Frames, units: Frames, untyped: pl.DataFrame) -> pl.DataFrame:
    """One row a year, school and stage of which a row came, whatever became of it."""
    key = [*UNIT, "stage"]
    return pl.concat([frame.select(key) for frame in (units["stage"], lost["stage"], untyped)]).unique()


def absent_stages(
    catalogue: Catalogue, lost: Frames, units: Frames, untyped: pl.DataFrame, owed: pl.DataFrame
) -> pl.DataFrame:
    """One row a stage that is owed but not there: whose it is, and its pupils where readable.

    Stages of quarantined rows, of rows that could not be typed, of schools that do not say how many pupils they have, and
    of schools that the roster expects and that sent nothing (``owed``; their pupils are last year's).
    A row without a school code stands under a code of its own, so that it is counted.
    """
    given = pupils_given(catalogue)
    unknown = units["stage"].filter(given.is_null())
    rows = pl.concat([_named(lost["stage"]), _named(untyped), unknown], how="diagonal").sort(
        "county_code", nulls_last=True
    )
    rows = pl.concat([rows.unique([*UNIT, "stage"], keep="first", maintain_order=True), owed], how="diagonal")
    present = units["stage"].filter(given.is_not_null()).select(*UNIT, "stage")
    known = pl.concat([units["school"], lost["school"], owed], how="diagonal")
    known = known.unique(UNIT, keep="first", maintain_order=True)
    identity = [c for c in lost["school"].columns if c in known.columns and c not in (*UNIT, "stage", "county_code")]
    cells = [c for c in rows.columns if c not in (*identity, "submission_id", "part", "row")]
    named = rows.select(cells).join(known.select(*UNIT, *identity), on=UNIT, how="left")
    return named.join(present, on=[*UNIT, "stage"], how="anti").sort(*UNIT, "stage")


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with a school code each: those without one get a code from their place."""
    place = pl.concat_str("submission_id", "part", "row", separator=":")
    return rows.with_columns(pl.coalesce("school_id", pl.lit("?") + place).alias("school_id"))


def with_unknown_stages(
    catalogue: Catalogue, units: Frames, lost: Sequence[pl.DataFrame], came: pl.DataFrame
) -> Frames:
    """Units with a stage row without pupils for every stage that a school has but of which no number counts, so that what it
    shares is not given to its other stages.

    Such are stages that came but were set aside, or that the roster expects (``lost``), and of schools of a type that may
    have it a judged stage of which the county's return tells nothing at all (``came``: year, county_code, stage told of).
    """
    key = [*UNIT, "stage"]
    schools = units["school"].select(*UNIT, "county_code", "school_type")
    silent = [
        schools.filter(pl.col("school_type").is_in(stage.shared_by)).with_columns(stage=pl.lit(stage.id))
        for stage in catalogue.judged_stages
    ]
    unheard = pl.concat(silent).join(came, on=["year", "county_code", "stage"], how="anti").select(key)
    known = pl.concat([unheard, *(frame.select(key) for frame in lost)]).drop_nulls().unique()
    owners = schools.select(*UNIT, "county_code")
    added = known.join(units["stage"], on=key, how="anti").join(owners, on=UNIT)
    return units | {"stage": pl.concat([units["stage"], added], how="diagonal").sort(key)}


def unit_records(units: pl.DataFrame, counting: Frames, lost: Frames) -> pl.DataFrame:
    """One row a unit and kind of rows of which having none is a true zero: the county sent such rows, and none of the
    unit's own was quarantined."""
    frames = []
    for record, rows in counting.items():
        counties = rows.select("year", "county_code").unique()
        whole = units.join(counties, on=["year", "county_code"], how="semi").join(lost[record], on=UNIT, how="anti")
        frames.append(whole.select(*UNIT, pl.lit(record).alias("record")))
    return pl.concat(frames).sort(*UNIT, "record")

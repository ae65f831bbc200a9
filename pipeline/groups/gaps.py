"""Gaps inside groups and districts: between all schools of one, and between the lead and the members, before they joined and now."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.groups.members import GROUP, Named
from pipeline.groups.spread import spread

HOLD = ["year", "kind", "group_id"]
PLACE = ["year", "standard_id", "stage", "indicator_id"]
KEY = ["year", "standard_id", "kind", "group_id", "stage", "indicator_id"]

CAN_NARROW = (pl.col("members_mean_before") > 0) & (pl.col("members_mean_followed") > 0)
"""Where a gap to the lead can be told in parts of the members' mean, before they joined and now."""


@dataclass(frozen=True)
class Measured:
    """What gaps are made from. ``values``: PLACE, school_id, pupils, value, state of the schools that a standard counts, by indicator
    of its gap. ``asked``: standard_id, stage, indicator_id of these. ``absent``: year, standard_id, school_id, stage, pupils of schools,
    or of stages of them, that it would count and that are not there.
    ``limit_pct``: share of pupils without a value from which a gap is incomplete."""

    values: pl.DataFrame
    asked: pl.DataFrame
    absent: pl.DataFrame
    limit_pct: float


def rested_on(named: Named, gaps: pl.DataFrame, measured: Measured) -> pl.DataFrame:
    """year, kind, group_id, standard_id → ``compared``: schools in the gaps inside it that are ok; ``followed``: members in the gaps
    to the lead that are known before joining and now."""
    by = [*HOLD, "standard_id"]
    rows = _school_rows(named, measured)
    inside = rows.filter(pl.col("value").is_not_null()).join(gaps.filter(pl.col("state") == "ok"), on=KEY, how="semi")
    followed = _followed(_valued_members(rows, gaps), measured).join(gaps.filter(CAN_NARROW), on=KEY, how="semi")
    number = pl.col("school_id").n_unique().cast(pl.Int64)
    compared = inside.group_by(by).agg(number.alias("compared"))
    return compared.join(followed.group_by(by).agg(number.alias("followed")), on=by, how="full", coalesce=True)


def group_gaps(named: Named, measured: Measured) -> pl.DataFrame:
    """One row a group or district and KEY of which a school has, or owes, a value."""
    rows = _school_rows(named, measured)
    about = _about(named)
    whole = _whole(rows, "").with_columns(_state(measured.limit_pct))
    led = _led(rows, about, measured)
    joined = whole.join(led, on=KEY, how="left").join(about, on=HOLD, how="left")
    before = _before(rows, joined, measured)
    made = joined.join(before, on=KEY, how="left").with_columns(
        pl.col("members_followed", "members", "members_missing").fill_null(0),
        pl.col("lead_state").fill_null("not_applicable"),
    )
    return made.with_columns(_before_state(measured)).sort(KEY)


def _school_rows(named: Named, measured: Measured) -> pl.DataFrame:
    """A row a school of a group and KEY, sorted; schools that are named and absent have no value."""
    held = named.members.select(*HOLD, "school_id", "role", "joined_year")
    here = held.join(measured.values, on=["year", "school_id"])
    gone = _absent_rows(named, measured, here)
    owed = pl.concat([here.select(gone.columns), gone]).filter(pl.col("state") != "not_applicable")
    value = pl.when(pl.col("state") == "ok").then(pl.col("value")).alias("value")
    return owed.with_columns(value).sort(*KEY, "school_id")


def _absent_rows(named: Named, measured: Measured, here: pl.DataFrame) -> pl.DataFrame:
    """Rows of schools that are named and not there: in the stages they are known to have, else in those of their group; and of the
    stages that are not there of schools that are."""
    missing = [*HOLD, "school_id", "role"]
    absent = named.unplaced.filter(pl.col("reason") == "absent").select(missing)
    owing = pl.concat([absent, named.members.select(missing)])
    told = owing.join(measured.absent, on=["year", "school_id"]).join(measured.asked, on=["standard_id", "stage"])
    stageless = named.unplaced.filter(pl.col("reason") == "not_returned").select(missing)
    groups = here.select(*HOLD, "standard_id", "stage", "indicator_id").unique()
    untold = stageless.join(groups, on=HOLD).with_columns(pl.lit(None, pl.Float64).alias("pupils"))
    wanted = [
        *KEY, "school_id", "role", pl.lit(None, pl.Int64).alias("joined_year"), pl.col("pupils").cast(pl.Float64),
        pl.lit(None, pl.Float64).alias("value"), pl.lit("absent").alias("state"),
    ]  # fmt: skip
    return pl.concat([told.select(wanted), untold.select(wanted)])


def _whole(rows: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """Schools and pupils with a value and without, and the spread of the values. ``pupils_missing``: null where some are unknown."""
    lacks = pl.col("value").is_null() | pl.col("pupils").is_null()
    missing = rows.group_by(KEY, maintain_order=True).agg(
        lacks.sum().cast(pl.Int64).alias("schools_missing"),
        pl.when(pl.col("pupils").is_not_null().all()).then(pl.col("pupils").filter(lacks).sum()).alias("pupils_missing"),
    )  # fmt: skip
    made = missing.join(spread(rows, KEY), on=KEY, how="left", maintain_order="left")
    made = made.with_columns(pl.col("schools").fill_null(0))
    return made.rename({c: prefix + c for c in made.columns if c not in KEY}) if prefix else made


def _is_incomplete(limit_pct: float, prefix: str = "") -> pl.Expr:
    """No value at all, missing schools of unknown size, or too many pupils without a value (as for counties)."""
    missing, pupils = pl.col(f"{prefix}pupils_missing"), pl.col(f"{prefix}pupils")
    too_many = missing * 100 > limit_pct * (pupils + missing)
    return (pl.col(f"{prefix}schools") == 0) | missing.is_null() | too_many.fill_null(False)


def _state(limit_pct: float) -> pl.Expr:
    return (
        pl.when(_is_incomplete(limit_pct)).then(pl.lit("incomplete"))
        .when(pl.col("schools") == 1).then(pl.lit("single_member"))
        .when(pl.col("mean") == 0).then(pl.lit("zero_mean"))
        .otherwise(pl.lit("ok")).alias("state")
    )  # fmt: skip


# -- who leads ---------------------------------------------------------------------------------------------------------


def _about(named: Named) -> pl.DataFrame:
    """year, kind, group_id → its name, its county (null where it has schools of several) and its lead."""
    held = pl.col("reason").is_in(["absent", "not_returned", "no_pupils"])
    columns = [*HOLD, "school_id", "group_name", "county_code", "role"]
    is_school = (pl.col("reason") != "no_pupils").alias("is_school")
    named_too = named.unplaced.filter(held).select(*columns, is_school)
    every = pl.concat([named.members.select(*columns, pl.lit(True).alias("is_school")), named_too])
    lead = pl.col("school_id").filter(pl.col("role") == "lead")
    counties = pl.col("county_code").filter(pl.col("is_school")).drop_nulls()
    return (
        every.sort(*HOLD, "school_id")
        .group_by(HOLD, maintain_order=True)
        .agg(
            pl.col("group_name").first(),
            pl.when(counties.n_unique() == 1).then(counties.first()).alias("county_code"),
            lead.len().cast(pl.Int64).alias("leads"),
            pl.when(lead.len() == 1).then(lead.first()).alias("lead_school_id"),
        )
    )


def _led(rows: pl.DataFrame, about: pl.DataFrame, measured: Measured) -> pl.DataFrame:
    """KEY → the lead's value, the members' weighted mean, and how far they are apart; with the state of the comparison."""
    groups = rows.filter(pl.col("kind") == GROUP).join(about.select(*HOLD, "leads", "lead_school_id"), on=HOLD)
    is_lead = pl.col("role").eq_missing(pl.lit("lead"))
    only = groups.filter(is_lead & (pl.col("leads") == 1))
    lead = only.select(*KEY, pl.col("value").alias("lead_value"), has_lead=pl.lit(True))
    members = _whole(groups.filter(~is_lead).sort(*KEY, "school_id"), "members_")
    every = groups.select(*KEY, "leads").unique().join(lead, on=KEY, how="left").join(members, on=KEY, how="left")
    state = (
        pl.when(pl.col("leads") == 0).then(pl.lit("no_lead"))
        .when(pl.col("leads") > 1).then(pl.lit("two_leads"))
        .when(pl.col("has_lead").is_null()).then(pl.lit("lead_elsewhere"))
        .when(pl.col("lead_value").is_null()).then(pl.lit("lead_missing"))
        .when(pl.col("members_schools").is_null()).then(pl.lit("no_members"))
        .when(_is_incomplete(measured.limit_pct, "members_")).then(pl.lit("members_missing"))
        .otherwise(pl.lit("ok"))
    )  # fmt: skip
    told = every.with_columns(state.alias("lead_state"))
    apart = pl.when(pl.col("lead_state") == "ok").then(pl.col("lead_value") - pl.col("members_mean"))
    return told.select(
        *KEY, "lead_value", pl.col("members_schools").alias("members"), pl.col("members_schools_missing").alias("members_missing"),
        pl.col("members_pupils"), "members_mean", apart.alias("difference"), _ratio("lead_value", "members_mean", "lead_state"),
        "lead_state",
    )  # fmt: skip


def _ratio(lead: str, members: str, state: str) -> pl.Expr:
    can = (pl.col(members) != 0) & (pl.col(state) == "ok")
    return pl.when(can).then(pl.col(lead) / pl.col(members)).alias("ratio")


# -- before and after --------------------------------------------------------------------------------------------------


def _before(rows: pl.DataFrame, groups: pl.DataFrame, measured: Measured) -> pl.DataFrame:
    """KEY → the same members in their last year before joining and now, each time weighted by their pupils of that time, against
    the present lead at that time. Followed are members of which, and of whose lead, both values are known."""
    members = _valued_members(rows, groups)
    followed = _followed(members, measured)
    now = spread(followed, KEY).select(*KEY, members_followed="schools", members_mean_followed="mean")
    past = spread(followed, KEY, "value_before", "pupils_before").select(*KEY, members_mean_before="mean")
    led = spread(followed, KEY, "lead_before", "pupils_before").select(*KEY, lead_value_before="mean")
    years = followed.group_by(KEY).agg(
        pl.col("year_before").min().alias("first_year_before"), pl.col("year_before").max().alias("last_year_before"),
        pl.col("lead_value").first(),
    )  # fmt: skip
    both = now.join(past, on=KEY).join(led, on=KEY).join(years, on=KEY)
    before = pl.col("lead_value_before") - pl.col("members_mean_before")
    after = pl.col("lead_value") - pl.col("members_mean_followed")
    found = both.select(
        *KEY, "members_followed", "first_year_before", "last_year_before", "lead_value_before", "members_mean_before",
        "members_mean_followed", before.alias("difference_before"), after.alias("difference_followed"),
        (before.abs() - after.abs()).alias("narrowed_by"),
    )  # fmt: skip
    waiting = members.group_by(KEY).agg(
        pl.len().cast(pl.Int64).alias("members_known"),
        pl.col("joined_year").is_not_null().any().alias("is_any_dated"),
        (pl.col("joined_year") - 1).is_in(measured.values["year"].unique().implode()).any().alias("is_any_year"),
    )
    return waiting.join(found, on=KEY, how="left")


def _valued_members(rows: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Rows of members with a value where the lead has one, with lead_school_id and lead_value."""
    leads = groups.filter(pl.col("lead_value").is_not_null()).select(*KEY, "lead_school_id", "lead_value")
    members = rows.join(leads, on=KEY).filter(pl.col("school_id") != pl.col("lead_school_id"))
    return members.filter(pl.col("value").is_not_null())


def _followed(members: pl.DataFrame, measured: Measured) -> pl.DataFrame:
    """Members of which, and of whose lead, the value is known in the last year before they joined too: value_before,
    pupils_before, lead_before."""
    dated = members.filter(pl.col("joined_year").is_not_null())
    dated = dated.with_columns((pl.col("joined_year") - 1).alias("year_before"))
    then = measured.values.filter((pl.col("state") == "ok") & pl.col("pupils").is_not_null()).select(
        *(pl.col(c).alias("year_before") if c == "year" else c for c in PLACE), "school_id", "value", "pupils"
    )
    on = ["year_before", "standard_id", "stage", "indicator_id"]
    own = then.rename({"value": "value_before", "pupils": "pupils_before"})
    lead = then.select(*on, pl.col("school_id").alias("lead_school_id"), pl.col("value").alias("lead_before"))
    return dated.join(own, on=[*on, "school_id"]).join(lead, on=[*on, "lead_school_id"]).sort(*KEY, "school_id")


def _before_state(measured: Measured) -> pl.Expr:
    return (
        pl.when(pl.col("kind") != GROUP).then(pl.lit("not_applicable"))
        .when(pl.col("lead_value").is_null()).then(pl.lit("no_lead"))
        .when(pl.col("members_known").fill_null(0) == 0).then(pl.lit("no_members"))
        .when(pl.col("members_followed") == pl.col("members_known")).then(pl.lit("ok"))
        .when(pl.col("members_followed") > 0).then(pl.lit("partial"))
        .when(~pl.col("is_any_dated")).then(pl.lit("joining_unknown"))
        .when(~pl.col("is_any_year").fill_null(False)).then(pl.lit("no_year_before"))
        .otherwise(pl.lit("missing_before")).alias("before_state")
    )  # fmt: skip

"""What groups and districts are ranked by. Only state ok is ranked; ties share the smaller rank."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from pipeline.groups.gaps import CAN_NARROW, HOLD
from pipeline.groups.members import Named

RANKED = ["year", "kind", "standard_id", "measure", "group_id"]
LOWER_IS_BETTER = ("mean_cv",)
DECIMALS = 12
"""Rank keys are rounded to so many decimals, so that ties are ties."""


@dataclass(frozen=True)
class Scored:
    """``scores``: year, standard_id, school_id, stage, pupils, score of the schools that count (score null where an item is missing).
    ``absent``: year, standard_id, school_id, pupils of schools that would count and are not there. ``area``: see ``catalogue_tables.area``."""

    scores: pl.DataFrame
    absent: pl.DataFrame
    area: pl.DataFrame
    limit_pct: float


def group_measures(named: Named, gaps: pl.DataFrame, rested: pl.DataFrame, scored: Scored) -> pl.DataFrame:
    """One row a RANKED: value, schools that it rests on, state; with the ranks among the groups of a county and of a province.
    ``rested``: see ``gaps.rested_on``."""
    parts = [
        _mean_score(named, scored),
        _score_rise(named, scored),
        _mean_cv(gaps, rested),
        _gap_narrowed(gaps, rested),
    ]
    wanted = [*RANKED, pl.col("value").cast(pl.Float64), pl.col("schools").cast(pl.Int64), "state"]
    rows = pl.concat([part.select(wanted) for part in parts])
    size = sizes(named)
    told = rows.join(size, on=HOLD)
    value = pl.when(pl.col("state") == "ok").then(pl.col("value"))
    told = told.with_columns(
        pl.when(pl.col("group_size") == 1).then(pl.lit("single_member")).otherwise("state").alias("state")
    )
    told = told.with_columns(value.alias("value"))
    for level in ("county", "province"):
        places = group_areas(named, scored.area, level).select(*HOLD, pl.col("area_code").alias(f"{level}_code"))
        told = told.join(places, on=HOLD, how="left")
        told = with_rank(told, f"{level}_code", f"rank_{level}", f"compared_{level}")
    return told.sort(RANKED)


def with_rank(rows: pl.DataFrame, area: str, rank: str, compared: str) -> pl.DataFrame:
    """Ranks (1 is best) among rows of state ok of an area, and how many there are; null for others and where the area is null."""
    among = ["year", "kind", "standard_id", "measure", area]
    can = (pl.col("state") == "ok") & pl.col(area).is_not_null()
    sign = pl.when(pl.col("measure").is_in(LOWER_IS_BETTER)).then(1.0).otherwise(-1.0)
    key = pl.when(can).then(sign * pl.col("value").round(DECIMALS))
    keyed = rows.with_columns(key.alias("rank_key"))
    return keyed.with_columns(
        pl.when(can).then(pl.col("rank_key").rank("min").over(among)).cast(pl.Int64).alias(rank),
        pl.when(can).then(pl.col("rank_key").count().over(among)).cast(pl.Int64).alias(compared),
    ).drop("rank_key")


def sizes(named: Named) -> pl.DataFrame:
    """year, kind, group_id, group_name, group_size: schools of a group, those that are named and absent included."""
    every = pl.concat([f.select(*HOLD, "group_name", "school_id") for f in (named.members, named.missing)])
    found = every.sort(*HOLD, "school_id").group_by(HOLD, maintain_order=True)
    return found.agg(pl.col("group_name").first(), pl.col("school_id").n_unique().cast(pl.Int64).alias("group_size"))


def group_areas(named: Named, area: pl.DataFrame, level: str) -> pl.DataFrame:
    """year, kind, group_id, area_level, area_code of the groups all of whose schools lie in one area of a level."""
    places = area.filter(pl.col("area_level") == level)
    seats = pl.concat([f.select(*HOLD, "county_code") for f in (named.members, named.missing)])
    rows = seats.drop_nulls("county_code").unique().join(places, on="county_code", how="left")
    inside = (pl.col("valid_from") <= pl.col("year")) & (pl.col("year") <= pl.col("valid_to"))
    code = pl.when(inside.fill_null(False)).then(pl.col("area_code"))
    found = rows.with_columns(code.alias("area_code")).filter(
        pl.col("area_code").is_not_null() | pl.col("area_level").is_null()
    )
    one = found.group_by(HOLD).agg(
        pl.when((pl.col("area_code").n_unique() == 1) & pl.col("area_code").is_not_null().all()).then(
            pl.col("area_code").first()
        )
    )
    return one.filter(pl.col("area_code").is_not_null()).with_columns(pl.lit(level).alias("area_level"))


# -- by score ----------------------------------------------------------------------------------------------------------

BY = [*HOLD, "standard_id"]


def _mean_score(named: Named, scored: Scored) -> pl.DataFrame:
    """The plain mean of the scores of a group's schools, as for counties."""
    rows = named.members.select(*HOLD, "school_id").join(scored.scores, on=["year", "school_id"])
    gone = _gone(named, scored, rows)
    made = rows.sort(*BY, "school_id", "stage").group_by(BY, maintain_order=True).agg(
        pl.col("score").mean().alias("value"),
        pl.col("school_id").filter(pl.col("score").is_not_null()).n_unique().alias("schools"),
        pl.col("pupils").sum().alias("pupils"),
        pl.col("pupils").filter(pl.col("score").is_null()).sum().alias("unscored"),
        (pl.col("score").is_null() & pl.col("pupils").is_null()).any().alias("is_size_unknown"),
    )  # fmt: skip
    both = made.join(gone, on=BY, how="full", coalesce=True)
    lost = pl.col("unscored").fill_null(0) + pl.col("pupils_gone").fill_null(0)
    every = pl.col("pupils").fill_null(0) + pl.col("pupils_gone").fill_null(0)
    is_unknown = pl.col("is_unknown", "is_size_unknown").fill_null(False)
    lacks = pl.any_horizontal(is_unknown) | pl.col("value").is_null() | (lost * 100 > scored.limit_pct * every)
    state = pl.when(lacks).then(pl.lit("incomplete")).otherwise(pl.lit("ok")).alias("state")
    return both.with_columns(state, pl.col("schools").fill_null(0), measure=pl.lit("mean_score"))


def _gone(named: Named, scored: Scored, rows: pl.DataFrame) -> pl.DataFrame:
    """Pupils of the schools of a group, or of stages of them, that are not there, by standard that scores schools; ``is_unknown``
    where nobody knows how many."""
    absent = named.unplaced.filter(pl.col("reason") == "absent")
    owing = pl.concat([f.select(*HOLD, "school_id") for f in (absent, named.members)])
    owed = scored.absent.join(scored.scores, on="standard_id", how="semi")
    told = owing.join(owed, on=["year", "school_id"]).select(*BY, "pupils")
    nowhere = named.unplaced.filter(pl.col("reason") == "not_returned").select(*HOLD, "school_id")
    untold = nowhere.join(rows.select(BY).unique(), on=HOLD).select(*BY, pl.lit(None, pl.Float64).alias("pupils"))
    every = pl.concat([told.with_columns(pl.col("pupils").cast(pl.Float64)), untold])
    return every.sort(BY).group_by(BY, maintain_order=True).agg(
        pl.col("pupils").sum().alias("pupils_gone"), pl.col("pupils").is_null().any().alias("is_unknown")
    )  # fmt: skip


def _score_rise(named: Named, scored: Scored) -> pl.DataFrame:
    """By how many points the members' scores rose since their last year before joining: the plain mean over members and stages.
    Incomplete where too many pupils are in members without a score now."""
    scores = scored.scores.select("year", "standard_id", "school_id", "stage", "score")
    others = _without_leads(named)
    members = others.members.select(*HOLD, "school_id", "joined_year")
    now = members.join(scores, on=["year", "school_id"]).with_columns(year_before=pl.col("joined_year") - 1)
    then = scores.rename({"year": "year_before", "score": "score_before"})
    both = now.join(then, on=["year_before", "standard_id", "school_id", "stage"], how="left", maintain_order="left")
    rise = both.with_columns(rise=pl.col("score") - pl.col("score_before")).sort(*BY, "school_id", "stage")
    made = rise.group_by(BY, maintain_order=True).agg(
        pl.col("rise").mean().alias("value"),
        pl.col("school_id").filter(pl.col("rise").is_not_null()).n_unique().alias("schools"),
        pl.col("joined_year").is_not_null().any().alias("is_dated"),
        pl.col("year_before").is_in(scores["year"].unique().implode()).any().alias("is_before"),
    )  # fmt: skip
    state = (
        pl.when(pl.col("value").is_not_null())
        .then(pl.when("is_incomplete").then(pl.lit("incomplete")).otherwise(pl.lit("ok")))
        .when(~pl.col("is_dated")).then(pl.lit("joining_unknown"))
        .when(~pl.col("is_before").fill_null(False)).then(pl.lit("no_year_before"))
        .otherwise(pl.lit("missing_before")).alias("state")
    )  # fmt: skip
    few = _mean_score(others, scored).select(*BY, is_incomplete=pl.col("state") == "incomplete")
    return made.join(few, on=BY, how="left").with_columns(state, measure=pl.lit("score_rise"))


def _without_leads(named: Named) -> Named:
    is_member = ~pl.col("role").eq_missing(pl.lit("lead"))
    return replace(named, members=named.members.filter(is_member), unplaced=named.unplaced.filter(is_member))


# -- by gap ------------------------------------------------------------------------------------------------------------


def _mean_cv(gaps: pl.DataFrame, rested: pl.DataFrame) -> pl.DataFrame:
    """The mean of the gap coefficients inside a group over the stages in which it has more than one school."""
    rows = gaps.sort(*BY, "stage", "indicator_id").with_columns(state_of=pl.col("state"))
    many = pl.col("state_of") != "single_member"
    made = rows.group_by(BY, maintain_order=True).agg(
        pl.col("cv").filter(many).mean().alias("value"), many.any().alias("is_many"), (pl.col("state_of") == "incomplete").any().alias("is_incomplete"),
        (pl.col("state_of") == "zero_mean").any().alias("is_zero"),
    )  # fmt: skip
    state = (
        pl.when(~pl.col("is_many")).then(pl.lit("single_member"))
        .when("is_incomplete").then(pl.lit("incomplete"))
        .when("is_zero").then(pl.lit("zero_mean"))
        .otherwise(pl.lit("ok")).alias("state")
    )  # fmt: skip
    schools = pl.col("compared").fill_null(0).alias("schools")
    return made.join(rested, on=BY, how="left").with_columns(state, schools, measure=pl.lit("mean_cv"))


REASONS = ("no_lead", "no_members", "joining_unknown", "no_year_before", "missing_before")
"""Why nothing is known of the time before, the first that stands nearest to a comparison last."""


def _gap_narrowed(gaps: pl.DataFrame, rested: pl.DataFrame) -> pl.DataFrame:
    """By how much of the members' mean the lead is nearer to them than before they joined: the plain mean over stages and
    indicators of |before| ÷ members before − |now| ÷ the same members now."""
    groups = gaps.filter(pl.col("before_state") != "not_applicable").sort(*BY, "stage", "indicator_id")
    before = pl.col("difference_before").abs() / pl.col("members_mean_before")
    now = pl.col("difference_followed").abs() / pl.col("members_mean_followed")
    made = groups.with_columns(narrowed=pl.when(CAN_NARROW).then(before - now)).group_by(BY, maintain_order=True).agg(
        pl.col("narrowed").mean().alias("value"),
        (CAN_NARROW & (pl.col("lead_state") == "members_missing")).any().alias("is_incomplete"),
        pl.col("before_state").replace_strict({r: i for i, r in enumerate(REASONS)}, default=len(REASONS), return_dtype=pl.Int64)
        .max().alias("reason"),
    )  # fmt: skip
    why = pl.col("reason").replace_strict(dict(enumerate((*REASONS, "zero_mean"))), return_dtype=pl.String)
    known = pl.when("is_incomplete").then(pl.lit("incomplete")).otherwise(pl.lit("ok"))
    state = pl.when(pl.col("value").is_not_null()).then(known).otherwise(why).alias("state")
    schools = pl.col("followed").fill_null(0).alias("schools")
    return made.join(rested, on=BY, how="left").with_columns(state, schools, measure=pl.lit("gap_narrowed"))

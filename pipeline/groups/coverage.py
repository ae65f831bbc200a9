"""What groups and districts reach: schools and pupils inside, the new and the weak among them, their forms, against a target."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.groups.members import KIND_COLUMNS, Named
from pipeline.schema.group_rules import GroupRules

AREA = ["year", "area_level", "area_code"]
COVERED = [*AREA, "kind"]
FORMS = ("close", "cooperative", "mixed", "unknown")


@dataclass(frozen=True)
class Schools:
    """``schools``: year, school_id, county_code, pupils, is_new_school of all schools with compulsory pupils. ``weak``: year, school_id,
    is_weak of those of which it is known. ``absent``: year, school_id, county_code of schools of which nothing is there. ``area``:
    see ``catalogue_tables.area``."""

    schools: pl.DataFrame
    weak: pl.DataFrame
    absent: pl.DataFrame
    area: pl.DataFrame


def group_coverage(named: Named, given: Schools, rules: GroupRules) -> pl.DataFrame:
    """One row a COVERED that has a school, be it there or not. A county of which neither register nor return (of an absent school
    the roster) names any group (district) tells nothing; what it has is unknown and not 0."""
    kinds = pl.DataFrame({"kind": list(KIND_COLUMNS)})
    told = _told(named, given)
    members = named.members.select("year", "school_id", "kind", "group_id", "joined_year", is_in=pl.lit(True))
    rows = (
        given.schools.join(kinds, how="cross")
        .join(told, on=["year", "county_code", "kind"], how="left")
        .join(members, on=["year", "school_id", "kind"], how="left")
        .with_columns(pl.col("is_told", "is_in").fill_null(False), year_before=pl.col("joined_year") - 1)
        .join(given.weak, on=["year", "school_id"], how="left")
        .join(
            given.weak.rename({"year": "year_before", "is_weak": "was_weak"}),
            on=["year_before", "school_id"],
            how="left",
        )
    )
    spread = _by_area(rows, given.area).sort(*COVERED, "school_id")
    counted = spread.group_by(COVERED, maintain_order=True).agg(*_counts())
    gone = _by_area(given.absent, given.area).group_by(AREA).agg(pl.len().cast(pl.Int64).alias("schools_absent"))
    made = (
        _counties(given, told)
        .join(counted, on=COVERED, how="left")
        .join(_groups(named, given.area), on=COVERED, how="left")
        .join(gone, on=AREA, how="left")
    )
    return _finished(made, rules).sort(COVERED)


def _told(named: Named, given: Schools) -> pl.DataFrame:
    """year, county_code, kind of which something is known: the register keeps the county's, or some return of it names one."""
    key = ["year", "county_code", "kind"]
    years = given.schools.select("year").unique()
    kept = named.keeps.join(years, how="cross").select(key)
    said = pl.concat([named.members.select(key), named.unplaced.select(key)]).filter(
        pl.col("county_code").is_not_null()
    )
    return pl.concat([kept, said]).unique().with_columns(is_told=pl.lit(True))


def _counties(given: Schools, told: pl.DataFrame) -> pl.DataFrame:
    """COVERED → the counties in it that have schools, be they there or not, and those that tell of the kind."""
    place = ["year", "county_code"]
    seats = pl.concat([given.schools.select(place), given.absent.select(place)]).unique()
    rows = seats.join(pl.DataFrame({"kind": list(KIND_COLUMNS)}), how="cross").join(
        told, on=[*place, "kind"], how="left"
    )
    return _by_area(rows, given.area).group_by(COVERED).agg(
        pl.len().cast(pl.Int64).alias("counties"), pl.col("is_told").fill_null(False).sum().cast(pl.Int64).alias("counties_told")
    )  # fmt: skip


def _by_area(rows: pl.DataFrame, area: pl.DataFrame) -> pl.DataFrame:
    """Rows with a county, once for every area that it lies in."""
    inside = (pl.col("valid_from") <= pl.col("year")) & (pl.col("year") <= pl.col("valid_to"))
    return rows.join(area, on="county_code").filter(inside).drop("valid_from", "valid_to")


def _counts() -> list[pl.Expr]:
    """Counts over the schools of an area; those inside are of the counties that tell of the kind."""
    told, inside = pl.col("is_told"), pl.col("is_in")

    def number(what: pl.Expr) -> pl.Expr:
        return what.fill_null(False).sum().cast(pl.Int64)

    def pupils(where: pl.Expr) -> pl.Expr:
        held = pl.col("pupils").filter(where)
        return pl.when(held.is_not_null().all()).then(held.sum())

    new, weak, was_weak = pl.col("is_new_school"), pl.col("is_weak"), pl.col("was_weak")
    return [
        pl.len().cast(pl.Int64).alias("schools"), number(told).alias("schools_told"), number(inside).alias("schools_in"),
        pupils(pl.lit(True)).alias("pupils"), pupils(told).alias("pupils_told"), pupils(inside).alias("pupils_in"),
        pl.when((new.is_not_null() & told).any()).then(number(new & told)).alias("new_schools"),
        pl.when((new.is_not_null() & told).any()).then(number(new & inside)).alias("new_schools_in"),
        pl.when((weak.is_not_null() & told).any()).then(number(weak & told)).alias("weak_schools"),
        pl.when((weak.is_not_null() & told).any()).then(number(weak & inside)).alias("weak_schools_in"),
        pl.when(was_weak.is_not_null().any()).then(number(was_weak & inside)).alias("weak_before_joining"),
    ]  # fmt: skip


def _groups(named: Named, area: pl.DataFrame) -> pl.DataFrame:
    """COVERED → how many groups there are, those included of which every school is absent; and how many are close, cooperative, of
    both forms, or of none that is known."""
    hold = ["year", "kind", "group_id"]
    form = pl.col("form").drop_nulls()
    kind = (
        pl.when(form.n_unique() == 0).then(pl.lit("unknown"))
        .when(form.n_unique() == 1).then(form.first()).otherwise(pl.lit("mixed")).alias("of_form")
    )  # fmt: skip
    every = pl.concat([f.select(*hold, "county_code", "form") for f in (named.members, named.missing)])
    seats = every.select(*hold, "county_code").unique().join(every.group_by(hold).agg(kind), on=hold)
    here = _by_area(seats, area).unique([*COVERED, "group_id"])
    return here.group_by(COVERED).agg(
        pl.len().cast(pl.Int64).alias("groups"),
        *((pl.col("of_form") == form).sum().cast(pl.Int64).alias(f"groups_{form}") for form in FORMS),
    )


def _finished(made: pl.DataFrame, rules: GroupRules) -> pl.DataFrame:
    """Shares, states and the target; what no county tells of is null. An area of which no school is there has none and no pupil."""
    is_group, has = pl.col("kind") == "group", pl.col("counties_told") > 0
    is_aimed = is_group & has & (pl.col("area_level") == rules.target_level)
    target = pl.when(is_aimed).then(pl.lit(rules.target, pl.Float64))
    is_reached = pl.col("groups").fill_null(0) >= target
    counts = ("schools", "schools_told", "schools_in")
    pupils = ("pupils", "pupils_told", "pupils_in")
    inside = (
        "schools_in",
        "pupils_in",
        "new_schools",
        "new_schools_in",
        "weak_schools",
        "weak_schools_in",
        "weak_before_joining",
    )
    state = (
        pl.when(~has).then(pl.lit("not_reported"))
        .when(pl.col("counties_told") < pl.col("counties")).then(pl.lit("partial")).otherwise(pl.lit("ok"))
    )  # fmt: skip
    is_empty = pl.col("schools").is_null()
    made = made.with_columns(
        *(pl.col(c).fill_null(0) for c in counts),
        *(pl.when(is_empty).then(0.0).otherwise(pl.col(c)).alias(c) for c in pupils),
    )
    return made.with_columns(
        *(pl.when(has).then(pl.col(c)).alias(c) for c in inside),
        pl.when(has).then(pl.col("groups").fill_null(0)).alias("groups"),
        *(pl.when(has & is_group).then(pl.col(f"groups_{f}").fill_null(0)).alias(f"groups_{f}") for f in FORMS),
        pl.col("schools_absent").fill_null(0),
        pl.when(has & (pl.col("schools_told") > 0))
        .then(pl.col("schools_in") / pl.col("schools_told"))
        .alias("share_schools"),
        pl.when(has & (pl.col("pupils_told") > 0))
        .then(pl.col("pupils_in") / pl.col("pupils_told"))
        .alias("share_pupils"),
        target.alias("target_groups"),
        pl.when(is_reached | (pl.col("counties_told") == pl.col("counties"))).then(is_reached).alias("is_target_met"),
        (target - pl.col("groups").fill_null(0)).clip(lower_bound=0).alias("groups_short"),
        state.alias("state"),
    )

"""The members of groups and districts at each collection, and what of register and returns is no member.

A county whose groups (or districts) stand in the register is taken from it alone; the others from their returns. A branch is part of
the school it is merged into and no member of its own; it is told, as is everything else that is named and not counted.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.groups.spells import Spell
from pipeline.schema.group_rules import GroupRules

GROUP, DISTRICT = "group", "district"
KIND_COLUMNS = {GROUP: "group_id", DISTRICT: "district_id"}
"""Kind → the identity column of a return that says which one a school is in."""

KEY = ["year", "kind", "school_id"]
NAMED = {
    "year": pl.Int64(), "kind": pl.String(), "school_id": pl.String(), "group_id": pl.String(), "group_name": pl.String(),
    "county_code": pl.String(), "role": pl.String(), "form": pl.String(), "joined_year": pl.Int64(), "source": pl.String(),
    "register_line": pl.Int64(),
}  # fmt: skip
"""What is said of one school in one year, by whom."""


@dataclass(frozen=True)
class Named:
    """``members``: a row a year, kind and school that is in one: NAMED and ``return_group_id``. ``unplaced``: a row a year, kind and
    unit that is named and no member, with ``reason`` and ``merged_into``. ``keeps``: a row a kind and county whose groups (districts)
    stand in the register."""

    members: pl.DataFrame
    unplaced: pl.DataFrame
    keeps: pl.DataFrame

    @property
    def missing(self) -> pl.DataFrame:
        """Schools of groups that should be there and are not."""
        return self.unplaced.filter(pl.col("reason").is_in(["absent", "not_returned"]))


def named(
    spells: list[Spell], units: pl.DataFrame, schools: pl.DataFrame, absent: pl.DataFrame, rules: GroupRules
) -> Named:
    """Who is in what. ``units``: every unit of the returns; ``schools``: those that count (``school_total``); ``absent``: those
    that are quarantined or sent nothing; all with year, county_code and school_id."""
    years = sorted(set(units["year"]))
    said = _said(units, absent)
    homes = _homes(said)
    by_register = _of_register(spells, years, homes, rules)
    covered = {(s.entry.kind, s.entry.county_code or homes.get(s.entry.school_id)) for s in spells}
    by_return = pl.concat([_of_returns(said, kind, rules) for kind in KIND_COLUMNS])
    keeps = pl.DataFrame(
        [pair for pair in sorted(covered, key=str) if pair[1] is not None],
        schema={"kind": pl.String, "county_code": pl.String}, orient="row",
    )  # fmt: skip
    free = by_return.join(keeps, on=["kind", "county_code"], how="anti").join(by_register, on=KEY, how="anti")
    every = pl.concat([by_register, free.select(by_register.columns)])
    told = by_return.select(*KEY, pl.col("group_name").alias("return_group_id"))
    counted = schools.select("year", "school_id", pl.col("county_code").alias("own_county"))
    members = (
        every.join(counted, on=["year", "school_id"])
        .with_columns(pl.coalesce("own_county", "county_code").alias("county_code"))
        .drop("own_county")
        .join(told, on=KEY, how="left")
    )
    passed_over = by_return.join(keeps, on=["kind", "county_code"]).join(every.select(KEY), on=KEY, how="anti")
    unplaced = pl.concat(
        [
            _with_reason(every.join(counted, on=["year", "school_id"], how="anti"), units, absent),
            _plain(passed_over.select(every.columns), "not_in_register"),
        ]
    )
    return Named(members.sort(KEY), unplaced.sort(KEY), keeps)


def _said(units: pl.DataFrame, absent: pl.DataFrame) -> pl.DataFrame:
    """Whose group and district is told: by its return or, of a school that is quarantined or sent nothing, as far as its quarantined row
    or the roster says."""
    columns = ["year", "county_code", "school_id", "group_role", *KIND_COLUMNS.values()]
    gone = absent.select(c for c in columns if c in absent.columns).unique(["year", "school_id"], maintain_order=True)
    gone = gone.join(units, on=["year", "school_id"], how="anti")
    return pl.concat([units.select(columns), gone], how="diagonal").sort("year", "school_id")


def _homes(units: pl.DataFrame) -> dict[str, str]:
    """School → the county of its newest return."""
    known = units.filter(pl.col("county_code").is_not_null()).sort("year", "school_id")
    return dict(known.select("school_id", "county_code").iter_rows())


# -- the register ------------------------------------------------------------------------------------------------------


def _of_register(spells: list[Spell], years: list[int], homes: dict[str, str], rules: GroupRules) -> pl.DataFrame:
    rows = [row for year in years for row in _in_year(spells, year, homes, rules)]
    return pl.DataFrame(rows, schema=NAMED, orient="row")


def _in_year(spells: list[Spell], year: int, homes: dict[str, str], rules: GroupRules) -> Iterator[tuple[Any, ...]]:
    day = rules.counts_on(year)
    for spell in spells:
        e = spell.entry
        if spell.holds_on(day):
            county = e.county_code or homes.get(e.school_id)
            since = _first_collection(spell.joined_on, rules)
            yield (
                year, e.kind, e.school_id, e.group_id, e.group_name, county, spell.role, spell.form, since, "register",
                spell.line,
            )  # fmt: skip


def _first_collection(joined: datetime.date | None, rules: GroupRules) -> int | None:
    """The first collection year in which a school that joined on a day is a member."""
    if joined is None:
        return None
    return joined.year if joined <= rules.counts_on(joined.year) else joined.year + 1


# -- the returns -------------------------------------------------------------------------------------------------------


def _of_returns(units: pl.DataFrame, kind: str, rules: GroupRules) -> pl.DataFrame:
    """What the units say of themselves. A county's own word for a group is no other's, so the county's code stands before it."""
    column = KIND_COLUMNS[kind]
    role = (
        pl.col("group_role").replace_strict(rules.roles, default=None, return_dtype=pl.String)
        if kind == GROUP
        else pl.lit(None, pl.String)
    )
    said = units.filter(pl.col(column).is_not_null() & pl.col("county_code").is_not_null())
    return said.join(_joined(units, column), on=["year", "school_id"], how="left").select(
        "year", pl.lit(kind).alias("kind"), "school_id",
        pl.concat_str("county_code", pl.lit(":"), column).alias("group_id"), pl.col(column).alias("group_name"), "county_code",
        role.alias("role"), pl.lit(None, pl.String).alias("form"), "joined_year", pl.lit("return").alias("source"),
        pl.lit(None, pl.Int64).alias("register_line"),
    )  # fmt: skip


def _joined(units: pl.DataFrame, column: str) -> pl.DataFrame:
    """year, school_id → the year since which the returns hold the school in its group; null where nothing shows that it was outside
    the year before: its county must have named some group then, and the school must have been there.

    Where the group of the year before is named no more by any school of the county, it was renamed or merged and not left.
    """
    place = ["year", "county_code"]
    units = units.select(*place, "school_id", pl.col(column).alias("now"))
    groups = units.filter(pl.col("now").is_not_null()).select(*place, "now").unique()
    known = units.join(groups.select(place).unique(), on=place, how="semi")
    past = known.select(pl.col("year") + 1, "county_code", "school_id", before="now", had=pl.lit(True))
    still = groups.select(*place, before="now", is_still=pl.lit(True))
    both = known.join(past, on=[*place, "school_id"], how="left").join(still, on=[*place, "before"], how="left")
    is_new = pl.col("had") & (pl.col("before").is_null() | (pl.col("is_still") & (pl.col("before") != pl.col("now"))))
    since = pl.when(pl.col("had").is_null()).then(0).when(is_new.fill_null(False)).then(pl.col("year"))
    found = both.with_columns(since.cast(pl.Int64).alias("since")).sort("school_id", "year")
    joined = pl.col("since").forward_fill().over("school_id", order_by="year")
    return found.select("year", "school_id", pl.when(joined > 0).then(joined).alias("joined_year"))


# -- what is no member -------------------------------------------------------------------------------------------------


def _with_reason(rows: pl.DataFrame, units: pl.DataFrame, absent: pl.DataFrame) -> pl.DataFrame:
    """Rows that are named and not among the schools that count, each with the reason."""
    there = units.select("year", "school_id", "merged_into")
    gone = absent.select("year", "school_id", pl.lit(True).alias("is_absent")).unique()
    joined = rows.join(there, on=["year", "school_id"], how="left").join(gone, on=["year", "school_id"], how="left")
    reason = (
        pl.when(pl.col("merged_into") != pl.col("school_id")).then(pl.lit("branch"))
        .when(pl.col("is_absent").is_not_null()).then(pl.lit("absent"))
        .when(pl.col("merged_into").is_not_null()).then(pl.lit("no_pupils"))
        .otherwise(pl.lit("not_returned"))
    )  # fmt: skip
    merged = pl.when(pl.col("merged_into") != pl.col("school_id")).then(pl.col("merged_into")).alias("merged_into")
    return joined.select(*NAMED, merged, reason.alias("reason"))


def _plain(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    return rows.select(*NAMED, pl.lit(None, pl.String).alias("merged_into"), pl.lit(reason).alias("reason"))

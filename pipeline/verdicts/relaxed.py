"""Relaxations: who was granted which, from when to when, and whether it is in force, needed, and when the full demand is due.

A grant is an entry of the register (``registers/relaxations.csv``), never the mere fact that a school was built early. One that
names no school is for every school of its county that the condition fits. A school is the campus that the entry names.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.errors import CatalogueError, HomeError
from pipeline.schema.county import Every, Relaxation
from pipeline.schema.limits import COMMON_YEAR, day_in
from pipeline.schema.model import Catalogue, Standard
from pipeline.schema.register import RelaxationGrant
from pipeline.schema.verdict_limits import VerdictLimits
from pipeline.store.home import Home
from pipeline.store.registers import read_register
from pipeline.tables.catalogue_tables import clause_of
from pipeline.verdicts.every import GRANTED, asked, of_schools
from pipeline.verdicts.ground import Ground, granted_in, in_scope, judged_standards
from pipeline.verdicts.standing import relaxed_items

IN_FORCE = "in_force"
KEY = ["year", "standard_id", "relaxation_id", "county_code", "school_id", "starts"]
RETURN_BASIS = "报表填报的起始年份 / the year that the return itself gives"
_GRANT = {
    "relaxation_id": pl.String, "county_code": pl.String, "named": pl.String, "starts": pl.Date, "expires": pl.Date,
    "basis": pl.String, "granted_to": pl.String, "position": pl.Int64,
}  # fmt: skip


def relaxations(ground: Ground, home: Home) -> pl.DataFrame:
    """One row a year, standard, relaxation, school and grant: see the words of the table ``relaxation``.

    Of a grant to a whole county, the schools that need it and a row of school '' for the grant itself.
    """
    catalogue = ground.catalogue
    rules, granted = VerdictLimits.of(catalogue), _granted(home, catalogue)
    parts = [
        _of_relaxation(ground, standard, relaxation, granted, rules)
        for standard in judged_standards(catalogue)
        for relaxation in standard.relaxations
    ]
    rows = pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA)
    put_in_force(ground, rows)
    told = _with_need(rows, _needed(ground))
    return told.filter((pl.col("granted_to") != "county") | (pl.col("school_id") == "") | pl.col("is_needed"))


def put_in_force(ground: Ground, rows: pl.DataFrame) -> None:
    """Registers the relaxations in force, for the tests to read."""
    held = (
        rows.filter((pl.col("state") == IN_FORCE) & (pl.col("school_id") != ""))
        .select("relaxation_id", "year", "school_id")
        .unique()
        .sort(pl.all())
    )
    ground.connection.register(GRANTED, held.to_arrow())


def _granted(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Entries of the register. Raises HomeError for a relaxation that no standard has."""
    known = {r.id for standard in catalogue.standards.values() for r in standard.relaxations}
    rules, rows = VerdictLimits.of(catalogue), []
    for position, (entry, place) in enumerate(read_register(home, RelaxationGrant)):
        if entry.relaxation_id not in known:
            listed = ", ".join(sorted(known)) or "—"
            error: CatalogueError = place.error(
                (), f"没有放宽口径“{entry.relaxation_id}”；可用的有 {listed}",
                f"there is no relaxation “{entry.relaxation_id}”; known are {listed}",
            )  # fmt: skip
            raise HomeError(error.zh, error.en)
        expires = entry.expires or rules.expiry(entry.starts)
        to = "school" if entry.school_id else "county"
        rows.append(
            (entry.relaxation_id, entry.county_code, entry.school_id, entry.starts, expires, entry.basis, to, position)
        )
    return pl.DataFrame(rows, schema=_GRANT, orient="row")


_SCHEMA = {
    "year": pl.Int64, "standard_id": pl.String, "relaxation_id": pl.String, "county_code": pl.String, "school_id": pl.String,
    "starts": pl.String, "expires": pl.String, "granted_to": pl.String, "basis": pl.String, "label_zh": pl.String,
    "label_en": pl.String, "item_id": pl.String, "indicator_id": pl.String, "state": pl.String, "clause": pl.String, "grade": pl.String,
}  # fmt: skip


def _of_relaxation(
    ground: Ground, standard: Standard, relaxation: Relaxation, granted: pl.DataFrame, rules: VerdictLimits
) -> pl.DataFrame:
    """Rows of one relaxation: each grant in every year (of a grant to a county, with school ''), and of those to a county the
    schools that it fits and that have on file what is needed."""
    units = _units(ground, standard, relaxation)
    own = granted.filter(pl.col("relaxation_id") == relaxation.id)
    named = own.filter(pl.col("named") != "")
    years = ground.read("select distinct year from owed order by year")
    by_name = named.join(years, how="cross").join(
        units.drop("county_code"), left_on=["year", "named"], right_on=["year", "school_id"], how="left"
    ).with_columns(school_id="named")  # fmt: skip
    wide = own.filter(pl.col("named") == "").join(units.filter(pl.col("fits") & pl.col("is_on_file")), on="county_code")
    columns = [*_GRANT, "year", "school_id", "fits", "is_on_file", "is_there"]
    of_county = own.filter(pl.col("named") == "").join(years, how="cross").with_columns(
        school_id=pl.lit(""), fits=pl.lit(True), is_on_file=pl.lit(True), is_there=pl.lit(True)
    )  # fmt: skip
    rows = pl.concat([by_name.select(columns), wide.select(columns), of_county.select(columns)])
    if rules.relaxation_by_return:
        rows = pl.concat([rows, _of_returns(units, rows, relaxation, rules).select(columns)])
    made = _with_state(rows, rules)
    first = made.sort("year", "school_id", "county_code", "starts", pl.col("granted_to") == "county", "position")
    once = first.unique(["year", "school_id", "county_code", "starts"], keep="first", maintain_order=True)
    return once.with_columns(
        standard_id=pl.lit(standard.id), label_zh=pl.lit(relaxation.label.zh), label_en=pl.lit(relaxation.label.en),
        item_id=pl.lit(relaxation.item, pl.String), indicator_id=pl.lit(relaxation.indicator, pl.String),
        clause=pl.lit(clause_of(relaxation.source), pl.String), grade=pl.lit(relaxation.source.grade),
        starts=pl.col("starts").cast(pl.String), expires=pl.col("expires").cast(pl.String),
    ).select(pl.col(c).cast(t) for c, t in _SCHEMA.items())  # fmt: skip


def _units(ground: Ground, standard: Standard, relaxation: Relaxation) -> pl.DataFrame:
    """Campuses in scope: whether the condition fits, and what must be on file is."""
    told = ", ".join(f"cast({name} as bigint)" for name in granted_in(ground.catalogue)) or "cast(null as bigint)"
    return ground.read(f"""
select
    year, county_code, school_id, cast(({relaxation.when}) as boolean) as fits,
    cast(({relaxation.needs or "true"}) as boolean) as is_on_file, true as is_there, {told} as told
from of_unit where {in_scope(standard)} order by year, school_id
""")


def _of_returns(units: pl.DataFrame, rows: pl.DataFrame, relaxation: Relaxation, rules: VerdictLimits) -> pl.DataFrame:
    """Grants by what a return itself says, of schools of which the register says nothing."""
    told = units.filter(pl.col("fits") & pl.col("told").is_between(1, 9995)).join(
        rows.select("year", "school_id"), on=["year", "school_id"], how="anti"
    )
    starts = [day_in(year, rules.reference_day) for year in told["told"]]
    return told.with_columns(
        pl.Series("starts", starts, pl.Date), pl.Series("expires", [rules.expiry(d) for d in starts], pl.Date),
        relaxation_id=pl.lit(relaxation.id), named=pl.col("school_id"), basis=pl.lit(RETURN_BASIS), granted_to=pl.lit("return"),
        position=pl.lit(0, pl.Int64),
    )  # fmt: skip


def _with_state(rows: pl.DataFrame, rules: VerdictLimits) -> pl.DataFrame:
    day = day_in(COMMON_YEAR, rules.reference_day)
    on = pl.date(pl.col("year"), day.month, day.day)
    state = (
        pl.when(on < pl.col("starts")).then(pl.lit("not_yet"))
        .when(on >= pl.col("expires")).then(pl.lit("expired"))
        .when(pl.col("is_there").is_null()).then(pl.lit("school_unknown"))
        .when(pl.col("fits").is_null()).then(pl.lit("condition_unknown"))
        .when(~pl.col("fits")).then(pl.lit("condition_unmet"))
        .when(~pl.col("is_on_file").fill_null(False)).then(pl.lit("not_on_file"))
        .otherwise(pl.lit(IN_FORCE))
    )  # fmt: skip
    return rows.with_columns(state=state)


# -- who needs it ------------------------------------------------------------------------------------------------------


def _needed(ground: Ground) -> pl.DataFrame:
    """One row a year, relaxation and school that meets a demand by it and not without it."""
    parts = [pl.DataFrame(schema={"year": pl.Int64, "school_id": pl.String, "relaxation_id": pl.String})]
    for standard in judged_standards(ground.catalogue):
        sources = [
            of_schools(ground, ask)
            for item in standard.county_items
            for test in item.tests
            if isinstance(test, Every) and (ask := asked(standard, item.id, test)).relaxed
        ]
        own: Sequence[Relaxation] = [r for r in standard.relaxations if r.indicator is not None]
        if own:
            items = relaxed_items(ground.catalogue, standard, own)
            sources.append(
                f"select u.year, u.school_id, coalesce(relaxed_by, floor_by) as relaxed_by from ({items}) as x"
                " inner join of_unit_stage as u on u.year = x.year and u.merged_into = x.school_id and u.stage = x.stage"
            )
        for source in sources:
            parts.append(
                ground.read(f"select distinct year, school_id, relaxed_by as relaxation_id from ({source}) as s where relaxed_by is not null")
            )  # fmt: skip
    return pl.concat(parts).unique()


def _with_need(rows: pl.DataFrame, needed: pl.DataFrame) -> pl.DataFrame:
    """``is_needed``: in force, and the school meets a demand by it only; then the full demand is due when it expires."""
    found = rows.join(
        needed.with_columns(is_hit=True), on=["year", "school_id", "relaxation_id"], how="left", maintain_order="left"
    )
    is_needed = (pl.col("state") == IN_FORCE) & pl.col("is_hit").fill_null(False)
    due = pl.when(is_needed).then(pl.col("expires"))
    return found.with_columns(is_needed=is_needed, due=due).drop("is_hit").sort(KEY)

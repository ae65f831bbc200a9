"""Reads the schools of gaps from the public tables, of a home at work or of a release alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.advice.county import Case, Other, School
from pipeline.advice.pairing import DISTRICT, GROUP
from pipeline.schema.expressions import columns_of, for_polars
from pipeline.schema.model import Catalogue, Indicator
from pipeline.store.home import Home

Tables = Callable[[str], pl.LazyFrame]
"""A public table by its name."""

ROW = ["school_id", "stage"]
MEMBERSHIP = "group_membership"


def of_home(home: Home) -> Tables:
    """The tables of a home at work."""
    return lambda name: pl.scan_parquet(home.table(name))


def of_release(folder: Path) -> Tables:
    """The tables of a release; nothing is written there."""
    return lambda name: pl.scan_parquet(folder / "tables" / f"{name}.parquet")


def county_gaps(tables: Tables) -> pl.DataFrame:
    """Gaps of counties, in order of their key."""
    key = ["year", "standard_id", "area_code", "stage", "indicator_id"]
    return tables("gap_coefficient").filter(pl.col("area_level") == "county").sort(key).collect()


def cases(tables: Tables, catalogue: Catalogue, gaps: pl.DataFrame, limit: float | None = None) -> Iterator[Case]:
    """A case a gap (rows of ``county_gaps``), in no order. ``limit`` replaces that of the standard; one must be there."""
    for (year, standard, name), rows in gaps.group_by("year", "standard_id", "indicator_id", maintain_order=True):
        indicator = catalogue.indicators[str(name)]
        counties = rows["area_code"].unique().to_list()
        schools = _schools(tables, catalogue, indicator, int(year), str(standard), counties)
        others = _others(tables, catalogue, indicator, int(year), str(standard), counties)
        missing = _missing(tables, indicator, int(year), str(standard), counties)
        cvs = _other_gaps(tables, int(year), str(standard))
        for gap in rows.iter_rows(named=True):
            place = (pl.col("county_code") == gap["area_code"]) & (pl.col("stage") == gap["stage"])
            held = schools.filter(place)
            counts = {n: frame.filter(place) for n, frame in others.items()}
            found = [
                _other(catalogue, n, frame, held, cvs.get((gap["area_code"], gap["stage"], n)))
                for n, frame in counts.items()
            ]
            yield _case(gap, held, indicator, catalogue, limit, missing.filter(place)["school_id"].to_list(), found)


def _case(
    gap: dict[str, Any], held: pl.DataFrame, indicator: Indicator, catalogue: Catalogue, limit: float | None,
    missing: list[str], others: Sequence[Other],
) -> Case:  # fmt: skip
    schools = tuple(
        School(
            row["school_id"], row["name"] or row["school_id"], row["pupils"], row["denominator"], row["units"], row["value"],
            row["threshold"], row["group_id"] or "", row["district_id"] or "", row["share"],
        )
        for row in held.iter_rows(named=True)
    )  # fmt: skip
    return Case(
        gap["year"], gap["standard_id"], gap["area_code"], gap["stage"], gap["indicator_id"], indicator.direction, schools,
        gap["cv"], gap["cv_high"], float(gap["cv_limit"] if limit is None else limit), gap["cv_least"], gap["state"],
        gap["schools_missing"], tuple(missing), indicator.whole_units is not None, _is_counted(indicator, catalogue),
        _per_unit(held), _unit(indicator, catalogue), tuple(others),
    )  # fmt: skip


def _unit(indicator: Indicator, catalogue: Catalogue) -> tuple[str, str]:
    """What one unit is called: the unit of the field in which the ledger tells the indicator."""
    unit = catalogue.fields[indicator.ledger.field].unit if indicator.ledger else None
    return (unit.zh, unit.en) if unit else ("", "")


def _schools(
    tables: Tables, catalogue: Catalogue, indicator: Indicator, year: int, standard: str, counties: list[str]
) -> pl.DataFrame:
    """Schools that the standard counts and of which the indicator has a value, in order of their id."""
    values = _of_counties(tables, "indicator_value", year, counties).filter(
        pl.col("indicator_id") == indicator.id, pl.col("state") == "ok"
    )
    scope = tables("school_scope").filter(pl.col("year") == year, pl.col("standard_id") == standard, "is_counted")
    levels = tables("indicator_attainment").filter(
        pl.col("year") == year, pl.col("standard_id") == standard, pl.col("indicator_id") == indicator.id
    )
    named = tables("school").filter(pl.col("year") == year).select("school_id", "name")
    rows = (
        values.join(scope.select(ROW), on=ROW)
        .join(levels.select(*ROW, "threshold"), on=ROW, how="left")
        .join(_units(tables, indicator, year, counties), on=ROW)
        .join(named, on="school_id", how="left")
        .join(_classes(tables, year), on="school_id", how="left")
        .sort("school_id")
        .collect()
    )
    units = pl.col("units").fill_null(pl.col("numerator"))
    return (
        rows.with_columns(units)
        .join(_shares(tables, catalogue, indicator, year, counties), on=ROW, how="left")
        .with_columns(pl.col("share").fill_null(1.0))
    )


def _units(tables: Tables, indicator: Indicator, year: int, counties: list[str]) -> pl.LazyFrame:
    """What an indicator counts in a school's stage; null where it names no whole units (its numerator is meant then)."""
    units = pl.sql_expr(for_polars(indicator.whole_units)) if indicator.whole_units else pl.lit(None)
    return _of_counties(tables, "school_stage", year, counties).select(*ROW, units.cast(pl.Float64).alias("units"))


def _classes(tables: Tables, year: int) -> pl.LazyFrame:
    """The group and the district of every school that is in one."""
    held = tables(MEMBERSHIP).filter(pl.col("year") == year)
    kinds = [
        held.filter(pl.col("kind") == kind).select("school_id", pl.col("group_id").alias(f"{kind}_id"))
        for kind in (GROUP, DISTRICT)
    ]
    return kinds[0].join(kinds[1], on="school_id", how="full", coalesce=True)


def _shares(tables: Tables, catalogue: Catalogue, indicator: Indicator, year: int, counties: list[str]) -> pl.DataFrame:
    """The part of what the whole school has that stands in each stage row, for indicators over shared fields: as the
    indicator's own fields are shared, or where the school has none of these, as its other shared fields are."""
    read = columns_of(indicator.numerator)
    shared = [f.id for f in catalogue.fields_of("split") if not f.is_derived]
    own = [name for name in shared if name in read]
    rows = _of_counties(tables, "school_stage", year, counties)
    if not own or indicator.scope != "stage":
        return rows.select(*ROW, pl.lit(1.0).alias("share")).collect()
    order = [*own, *(name for name in shared if name not in own)]
    totals = (
        tables("school_total")
        .filter(pl.col("year") == year)
        .select("school_id", *(pl.col(n).alias(f"{n}__all") for n in order))
    )
    parts = [pl.when(pl.col(f"{n}__all") > 0).then(pl.col(n) / pl.col(f"{n}__all")) for n in order]
    return rows.join(totals, on="school_id").select(*ROW, pl.coalesce(parts).alias("share")).collect()


def _others(
    tables: Tables, catalogue: Catalogue, indicator: Indicator, year: int, standard: str, counties: list[str]
) -> dict[str, pl.DataFrame]:
    """Indicator → its units by school, for the standard's other counts of the same body of people."""
    held = catalogue.standards[standard]
    named = {*(item.indicator for item in held.items), *(held.gap.indicators if held.gap else ())}
    body = indicator.drawn_from
    found = [
        i
        for i in catalogue.indicators.values()
        if i.id in named and i.id != indicator.id and body and i.drawn_from == body
    ]
    made = {}
    for other in found:
        whole = pl.sql_expr(for_polars(str(body))).cast(pl.Float64).alias("of")
        people = _of_counties(tables, "school_stage", year, counties).select(*ROW, whole).collect()
        made[other.id] = _schools(tables, catalogue, other, year, standard, counties).join(people, on=ROW, how="left")
    return made


def _other(
    catalogue: Catalogue, name: str, frame: pl.DataFrame, held: pl.DataFrame, gap: dict[str, Any] | None
) -> Other:
    """Another count, by school in the order of the case's schools."""
    rows = held.select("school_id").join(frame, on="school_id", how="left", maintain_order="left")
    limit = gap["cv_limit"] if gap is not None else None
    cv = gap["cv"] if gap is not None and gap["schools_missing"] == 0 else None
    return Other(name, _per_unit(frame), tuple(rows["units"]), tuple(rows["of"]), tuple(rows["threshold"]), cv, limit)


def _other_gaps(tables: Tables, year: int, standard: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    asked = (pl.col("year") == year) & (pl.col("standard_id") == standard) & (pl.col("area_level") == "county")
    rows = tables("gap_coefficient").filter(asked).collect().iter_rows(named=True)
    return {(row["area_code"], row["stage"], row["indicator_id"]): row for row in rows}


def _missing(tables: Tables, indicator: Indicator, year: int, standard: str, counties: list[str]) -> pl.DataFrame:
    """Schools that the standard counts and that came without the value, or that it would count and that did not come."""
    scope = tables("school_scope").filter(pl.col("year") == year, pl.col("standard_id") == standard, "is_counted")
    came = _of_counties(tables, "indicator_value", year, counties).filter(
        pl.col("indicator_id") == indicator.id, pl.col("state").is_in(["missing", "not_collected"])
    )
    would = pl.col("counted_by").str.split(", ").list.contains(standard)
    gone = _of_counties(tables, "missing_school", year, counties).filter(would)
    kept = [*ROW, "county_code"]
    return pl.concat([came.join(scope.select(ROW), on=ROW).select(kept), gone.select(kept)]).sort("school_id").collect()


def _of_counties(tables: Tables, name: str, year: int, counties: list[str]) -> pl.LazyFrame:
    return tables(name).filter(pl.col("year") == year, pl.col("county_code").is_in(counties))


def _per_unit(rows: pl.DataFrame) -> float:
    """What one unit adds to the numerator: the same in every school, seen where there are units."""
    seen = rows.filter(pl.col("units") > 0).head(1)
    return 1.0 if seen.is_empty() else float((seen["numerator"] / seen["units"]).item())


def _is_counted(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether the numerator counts whole things: it names them, or it is made of whole numbers alone."""
    fields = [catalogue.fields.get(name) for name in columns_of(indicator.numerator)]
    return indicator.whole_units is not None or all(f is not None and f.type == "integer" for f in fields)

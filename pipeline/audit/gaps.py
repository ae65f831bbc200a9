"""Gap coefficients recomputed: for every area straight from its schools, never from its counties' results (method 3, 6).

Here: gap_coefficient. Not here: values of schools, the search for its bounds (``bounds``), composites, ranks.
With x a school's value and P its pupils: mean X = Σ P x / Σ P, sd S = sqrt(Σ P (x − X)² / Σ P), cv = S / X, Theil's
T = Σ P ((x / X) ln(x / X) − x / X + 1) / Σ P, the same as Σ P x ln(x / X) / (X Σ P) with less cancelling. (教督〔2012〕3号)
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipeline.audit.bounds import least_gaps
from pipeline.audit.formulas import with_formulas
from pipeline.audit.inputs import read_table
from pipeline.audit.schools import Schools
from pipeline.audit.values import left_out_by
from pipeline.audit.verdicts import judged
from pipeline.schema.model import Catalogue, Division, Standard
from pipeline.store.home import Home

GAP_KEY = ["year", "standard_id", "area_level", "area_code", "stage", "indicator_id"]
AREA = ["year", "area_level", "area_code"]
PLACE = [*AREA, "stage"]
NUMBERS = (
    "schools", "pupils", "schools_missing", "pupils_missing", "counties_expected", "counties_came", "mean", "sd", "cv",
    "cv_low", "cv_high", "cv_least",
)  # fmt: skip
LEVELS = ("county", "prefecture", "province", "nation")


@dataclass(frozen=True)
class Parts:
    """``area``: year, county_code, area_level, area_code; ``expected``: a row an area and
    judged stage, counties_expected and counties_came;
    ``absent``: schools that are quarantined or sent nothing, by stage, with the columns of school_stage."""

    area: pl.DataFrame
    expected: pl.DataFrame
    absent: pl.DataFrame


def gap_parts(home: Home, catalogue: Catalogue) -> Parts:
    """Areas, what was expected of them, and absent schools. Raises HomeError when a working table is not there."""
    told = read_table(home, "came").with_columns(came=pl.lit(True))
    asked = read_table(home, "expected_county")
    area = _areas(catalogue, asked["year"].unique().to_list())
    places = area.join(asked, on=["year", "county_code"]).join(told, on=["year", "county_code", "stage"], how="left")
    expected = places.group_by(PLACE).agg(
        pl.col("is_expected").sum().alias("counties_expected"), pl.col("came").count().alias("counties_came")
    )
    return Parts(area, expected, read_table(home, "absent"))


def gap_table(
    catalogue: Catalogue, schools: Schools, scope: pl.DataFrame, values: dict[str, pl.DataFrame], parts: Parts
) -> pl.DataFrame:
    """gap_coefficient: a row a year, standard, area, judged stage and indicator, sorted by key.

    ``values`` by indicator stand in the order of ``schools.stage``.
    """
    counts = schools.stage.select("year", "school_id", "stage").with_row_index("__row")
    frames = []
    for standard in catalogue.standards.values():
        if standard.gap is not None:
            counted = scope.filter((pl.col("standard_id") == standard.id) & pl.col("is_counted"))
            rows = counts.join(counted, on=["year", "school_id", "stage"], how="semi", maintain_order="left")["__row"]
            wide = _wide(standard, schools, values, rows)
            least = _least(standard, catalogue, schools, wide, rows)
            frames.append(_of_standard(standard, catalogue, parts, wide, least))
    empty = {name: pl.Int64() if name == "year" else pl.String() for name in GAP_KEY}
    return pl.concat(frames).sort(GAP_KEY) if frames else pl.DataFrame(schema=empty)


def absent_schools(catalogue: Catalogue, parts: Parts) -> pl.DataFrame:
    """A row a standard and absent school's stage that it would count: year, county_code, stage, pupils, standard_id."""
    columns = ("year", "county_code", "stage", "pupils")
    frames = [
        parts.absent.filter(left_out_by(parts.absent, standard).is_null() & pl.col("county_code").is_not_null())
        .select(columns)
        .with_columns(pl.lit(standard.id).alias("standard_id"))
        for standard in catalogue.standards.values()
    ]
    return pl.concat(frames)


# -- areas -------------------------------------------------------------------------------------------------------------


def _areas(catalogue: Catalogue, years: list[int]) -> pl.DataFrame:
    """A row a year, county valid in it, and area that the county lies in: itself, what it belongs to, the nation."""
    found: list[tuple[int, str, str, str]] = []
    for year in sorted(years):
        valid = {d.code: d for d in catalogue.divisions if d.valid_from <= year <= d.valid_to}
        for county in valid.values():
            if county.level == "county":
                found += [(year, county.code, area.level, area.code) for area in _upwards(county, valid)]
                found.append((year, county.code, "nation", "0"))
    schema = {"year": pl.Int64, "county_code": pl.String, "area_level": pl.String, "area_code": pl.String}
    return pl.DataFrame(found, schema=schema, orient="row")


def _upwards(division: Division | None, valid: dict[str, Division]) -> list[Division]:
    chain = []
    while division is not None:
        chain.append(division)
        division = valid.get(division.parent_code)
    return chain


# -- one standard ------------------------------------------------------------------------------------------------------


def _wide(standard: Standard, schools: Schools, values: dict[str, pl.DataFrame], rows: pl.Series) -> pl.DataFrame:
    """The schools that a standard counts: year, county_code, stage, pupils, and for each indicator its value and whether it
    is owed and not there (``<id>``, ``<id>__missing``)."""
    columns = []
    for name in _indicators(standard):
        made = values[name]
        missing = made["state"].is_in(["missing", "not_collected"])
        columns += [made["value"].alias(name), missing.alias(f"{name}__missing")]
    return schools.stage.select("year", "county_code", "stage", pl.col("pupils").alias("__pupils")).hstack(columns)[
        rows
    ]


def _indicators(standard: Standard) -> tuple[str, ...]:
    assert standard.gap is not None, "only standards that measure gaps come here"
    return standard.gap.indicators


def _of_standard(
    standard: Standard, catalogue: Catalogue, parts: Parts, wide: pl.DataFrame, least: pl.DataFrame
) -> pl.DataFrame:
    """All gap rows of a standard: every area of the divisions, every judged stage, every indicator."""
    absent = _absent_counted(standard, parts)
    measured = pl.concat(
        [_measured(standard, wide, parts.area.filter(pl.col("area_level") == level)) for level in LEVELS]
    )
    # Every area and stage stands once for every indicator, whether a school came or not.
    frame = parts.expected.join(
        pl.DataFrame({"indicator_id": _indicators(standard)}, schema={"indicator_id": pl.String}), how="cross"
    )
    frame = frame.join(measured, on=[*PLACE, "indicator_id"], how="left").join(absent, on=PLACE, how="left")
    filled = ("schools", "pupils", "schools_missing", "pupils_missing", "__absent", "__absent_pupils")
    frame = frame.with_columns(pl.col(name).fill_null(0.0) for name in filled).with_columns(
        pl.col("schools_missing") + pl.col("__absent"), pl.col("pupils_missing") + pl.col("__absent_pupils")
    )
    of_county = least.with_columns(pl.lit("county").alias("area_level")).rename({"county_code": "area_code"})
    frame = frame.join(of_county, on=[*PLACE, "indicator_id"], how="left")
    return judged(frame.with_columns(pl.lit(standard.id).alias("standard_id")), standard, catalogue).select(
        *GAP_KEY, *NUMBERS, "cv_limit", "is_met", "state", "theil"
    )


def _absent_counted(standard: Standard, parts: Parts) -> pl.DataFrame:
    """Absent schools that the standard would count, by area and stage: how many, their pupils, whether some are unknown."""
    counted = parts.absent.filter(left_out_by(parts.absent, standard).is_null()).select(
        "year", "county_code", "stage", "pupils"
    )
    return (
        counted.join(parts.area, on=["year", "county_code"])
        .group_by(PLACE)
        .agg(
            pl.len().cast(pl.Float64).alias("__absent"),
            pl.col("pupils").sum().alias("__absent_pupils"),
            pl.col("pupils").is_null().any().alias("__absent_unknown"),
        )
    )


def _measured(standard: Standard, wide: pl.DataFrame, area: pl.DataFrame) -> pl.DataFrame:
    """A row an area of one level, stage and indicator: counts, mean, sd and theil over the schools in it."""
    names = _indicators(standard)
    located = wide.join(area, on=["year", "county_code"])
    sums = located.group_by(PLACE).agg(x for name in names for x in _sums(name))
    means = sums.select(*PLACE, *((pl.col(f"{n}__sum") / pl.col(f"{n}__pupils")).alias(f"{n}__mean") for n in names))
    spread = located.join(means, on=PLACE).group_by(PLACE).agg(x for name in names for x in _deviations(name))
    joined = sums.join(spread, on=PLACE)
    return pl.concat([joined.select(*PLACE, pl.lit(name).alias("indicator_id"), *_moments(name)) for name in names])


def _sums(name: str) -> list[pl.Expr]:
    x, pupils, missing = pl.col(name), pl.col("__pupils"), pl.col(f"{name}__missing")
    return [
        x.count().alias(f"{name}__schools"),
        (pupils * x).sum().alias(f"{name}__sum"),
        pl.when(x.is_not_null()).then(pupils).sum().alias(f"{name}__pupils"),
        missing.sum().alias(f"{name}__n_missing"),
        pl.when(missing).then(pupils).sum().alias(f"{name}__p_missing"),
        x.min().alias(f"{name}__low"),
        x.max().alias(f"{name}__high"),
    ]


def _deviations(name: str) -> list[pl.Expr]:
    x, pupils, mean = pl.col(name), pl.col("__pupils"), pl.col(f"{name}__mean")
    ratio = x / mean
    logarithm = pl.when(ratio > 0).then(ratio * ratio.log()).otherwise(pl.when(ratio.is_not_null()).then(0.0))
    return [
        (pupils * (x - mean) ** 2).sum().alias(f"{name}__squares"),
        (pupils * (logarithm - ratio + 1)).sum().alias(f"{name}__theil"),
    ]


def _moments(name: str) -> list[pl.Expr]:
    """Where all values are the same number, that number is the mean and nothing deviates (method 11)."""
    low, pupils = pl.col(f"{name}__low"), pl.col(f"{name}__pupils")
    same = low == pl.col(f"{name}__high")
    some = pl.col(f"{name}__schools") > 0
    mean = pl.when(some).then(pl.when(same).then(low).otherwise(pl.col(f"{name}__sum") / pupils))
    sd = pl.when(some).then(pl.when(same).then(0.0).otherwise((pl.col(f"{name}__squares") / pupils).sqrt()))
    theil = pl.when(some & (mean != 0)).then(pl.when(same).then(0.0).otherwise(pl.col(f"{name}__theil") / pupils))
    return [
        pl.col(f"{name}__schools").cast(pl.Float64).alias("schools"),
        pupils.alias("pupils"),
        pl.col(f"{name}__n_missing").cast(pl.Float64).alias("schools_missing"),
        pl.col(f"{name}__p_missing").cast(pl.Float64).alias("pupils_missing"),
        mean.alias("mean"),
        pl.col(f"{name}__high").alias("__high"),
        sd.alias("sd"),
        theil.alias("theil"),
    ]


def _least(
    standard: Standard, catalogue: Catalogue, schools: Schools, wide: pl.DataFrame, rows: pl.Series
) -> pl.DataFrame:
    """A row a county, stage and indicator that counts whole things: the least gap that whole units allow."""
    named = {name: catalogue.indicators[name].whole_units for name in _indicators(standard)}
    texts = {f"__{name}": text for name, text in named.items() if text}
    made = with_formulas(schools.stage, texts, pl.Float64()).select(*texts)[rows] if texts else pl.DataFrame()
    frames = []
    for column in made.columns:
        name = column.removeprefix("__")
        units = wide.select("year", "county_code", "stage", pl.col("__pupils").alias("pupils"), pl.col(name).alias("x"))
        units = units.with_columns(made[column].alias("units")).drop_nulls(["x", "units"])
        frames.append(least_gaps(units, ["year", "county_code", "stage"]).with_columns(indicator_id=pl.lit(name)))
    if not frames:
        schema = {
            "year": pl.Int64,
            "county_code": pl.String,
            "stage": pl.String,
            "cv_least": pl.Float64,
            "indicator_id": pl.String,
        }
        return pl.DataFrame(schema=schema)
    return pl.concat(frames)

"""How often suspicion is wrong, and what it finds: ``python -m tests.bench.suspicion [SEEDS] [COUNTIES] [YEARS] [PLANTS]`` prints
both (PLANTS 0: only how often it is wrong).

Wrong: counties of clean samples that any test flags in any year, by test and together. Found: of counties into which something was
planted (one county a sample and plant), how many the test that should see it flags. Nothing is written outside a temporary folder.
"""

from __future__ import annotations

import functools
import multiprocessing
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.sample.county import county_years
from pipeline.sample.frames import county_rows
from pipeline.sample.names import names_of
from pipeline.sample.places import provinces
from pipeline.schema import Catalogue, load_catalogue
from pipeline.schema.model import Division
from pipeline.store.home import Home
from pipeline.store.ingest import write_parquet
from pipeline.suspicion import table, words
from tests.pipeline.computed import RECORDS, computed

SCHOOLS = 45.0
FIRST_YEAR = 2024
READ = ("unit", "unit_stage", "indicator_attainment")
"""Tables that the tests of suspicion read."""
Plant = Callable[[dict[str, pl.DataFrame], str, int, np.random.Generator], None]


def clean_home(folder: Path, seed: int, counties: int, years: int = 2) -> tuple[Home, Catalogue]:
    """A sample province without mistakes, computed without files, and the catalogue that knows its counties."""
    catalogue, province = load_catalogue(), provinces(1, counties, seed)[0]
    told = tuple(
        Division(
            code=p.code, name_zh=p.name_zh, name_en=p.name_en, level=p.level, parent_code=p.parent, is_fictional=True
        )
        for p in province.divisions()
    )
    catalogue = catalogue.model_copy(update={"divisions": told})
    given = {}
    for county in province.each_county():
        for made in county_years(county, SCHOOLS, range(FIRST_YEAR, FIRST_YEAR + years), catalogue):
            rows = county_rows(made, catalogue, names_of(made.units))
            given[made.year, county.place.code] = {part: rows[record] for record, part in RECORDS.items()}
    return computed(folder, catalogue, given, upto="indicator_attainment"), catalogue


def flagged(home: Home, catalogue: Catalogue) -> pl.DataFrame:
    """Rows of the table that are flagged."""
    return table.tables(home, catalogue)[table.SUSPICION].filter("is_flagged")


def planted(
    home: Home, catalogue: Catalogue, folder: Path, plant: Plant, county: str, year: int, seed: int
) -> set[str]:
    """Tests that flag a county of a copy of the home into which something was planted."""
    frames = {name: pl.read_parquet(home.table(name)) for name in READ}
    plant(frames, county, year, np.random.default_rng(seed))
    spoilt = Home(folder)
    for name, frame in frames.items():
        write_parquet(frame, spoilt.table(name))
    rows = flagged(spoilt, catalogue)
    shutil.rmtree(folder)
    return set(rows.filter((pl.col("county_code") == county) & (pl.col("year") == year))["test_id"])


# -- what is planted -----------------------------------------------------------------------------------------------------


def heap(
    share: float, reach: float, frames: dict[str, pl.DataFrame], county: str, year: int, draws: np.random.Generator
) -> None:
    """``share`` of the values that stand up to ``reach`` below a level are reported less than 2 % above it instead."""
    rows = frames["indicator_attainment"]
    value = ["year", "school_id", "stage", "indicator_id"]
    each = rows.select(value).unique(maintain_order=True)
    drawn = each.with_columns(
        lucky=pl.Series(draws.random(each.height) < share), to=pl.Series(1 + 0.019 * draws.random(each.height))
    )
    ratio = pl.col("value") / pl.col("threshold")
    here = (pl.col("county_code") == county) & (pl.col("year") == year) & (pl.col("threshold") > 0)
    pushed = pl.when(here & (ratio >= 1 - reach) & (ratio < 1) & pl.col("lucky")).then(
        pl.col("threshold") * pl.col("to")
    )
    joined = rows.join(drawn, on=value, how="left", maintain_order="left")
    frames["indicator_attainment"] = joined.with_columns(pushed.otherwise("value").alias("value")).drop("lucky", "to")


def copy_year(
    share: float, frames: dict[str, pl.DataFrame], county: str, year: int, draws: np.random.Generator
) -> None:
    """``share`` of the schools (one at least) send last year's figures again; pupils, classes and a tenth of the rest are new."""
    schools = frames["unit"].filter((pl.col("county_code") == county) & (pl.col("year") == year))["school_id"].sort()
    chosen = draws.choice(schools.to_numpy(), max(1, round(share * schools.len())), replace=False).tolist()
    for name in ("unit", "unit_stage"):
        frames[name] = _from(frames[name], {s: (year - 1, s) for s in chosen}, year, draws)


def twin(keep: float, frames: dict[str, pl.DataFrame], county: str, year: int, draws: np.random.Generator) -> None:
    """A school reports another's figures of the same kind; of them ``keep`` are its own."""
    of = frames["unit"].filter(
        (pl.col("county_code") == county) & (pl.col("year") == year) & (pl.col("school_type") == "211")
    )
    one, other = of["school_id"].sort().to_list()[:2]
    for name in ("unit", "unit_stage"):
        frames[name] = _from(frames[name], {one: (year, other)}, year, draws, keep)


def round_off(
    share: float, frames: dict[str, pl.DataFrame], county: str, year: int, draws: np.random.Generator
) -> None:
    """``share`` of the county's figures of three digits and more are rounded to tens."""
    for name in ("unit", "unit_stage"):
        rows = frames[name]
        here = (pl.col("county_code") == county) & (pl.col("year") == year)
        frames[name] = rows.with_columns(
            pl.when(here & pl.Series(draws.random(rows.height) < share) & (pl.col(c) >= 100))
            .then((pl.col(c) / 10).round() * 10).otherwise(c).alias(c)
            for c in _numbers(rows)
        )  # fmt: skip


def vanish(share: float, frames: dict[str, pl.DataFrame], county: str, year: int, draws: np.random.Generator) -> None:
    """A fifth of the schools lose a fifth of their pupils; ``share`` of their shared resources grow by a fifth since last year."""
    schools = frames["unit"].filter((pl.col("county_code") == county) & (pl.col("year") == year))["school_id"].sort()
    chosen = draws.choice(schools.to_numpy(), max(3, schools.len() // 5), replace=False).tolist()
    here = (pl.col("year") == year) & pl.col("school_id").is_in(chosen)
    stages = frames["unit_stage"]
    frames["unit_stage"] = stages.with_columns(
        pl.when(here).then((pl.col("pupils") * 0.8).round()).otherwise("pupils").alias("pupils")
    )
    unit = frames["unit"]
    shared = [f.id for f in load_catalogue().fields_of("split") if f.id in unit.columns]
    frames["unit"] = unit.with_columns(
        pl.when(here & pl.Series(draws.random(unit.height) < share))
        .then((pl.col(c) * 1.2).round())
        .otherwise(c)
        .alias(c)
        for c in shared
    )


PLANTS: Mapping[str, tuple[str, Plant]] = {
    **{
        f"{s:.0%} of values up to {reach:.0%} below pushed above ({test})": (test, functools.partial(heap, s, reach))
        for test in ("just_above", "just_risen")
        for reach in (0.05, 0.15)
        for s in (0.3, 0.5)
    },
    "one school copies its year": ("as_last_year", functools.partial(copy_year, 0.0)),
    "30% of schools copy their year": ("as_last_year", functools.partial(copy_year, 0.3)),
    "a twin": ("twins", functools.partial(twin, 0.0)),
    "a twin with 30% of its own": ("twins", functools.partial(twin, 0.3)),
    **{f"rounded {s:.0%}": ("round_figures", functools.partial(round_off, s)) for s in (0.1, 0.3, 0.5)},
    **{f"growing {s:.0%}": ("growing", functools.partial(vanish, s)) for s in (0.3, 0.5)},
}
"""What is planted, and the test that should see it."""


def _numbers(rows: pl.DataFrame) -> list[str]:
    return [c for c, kind in rows.schema.items() if kind.is_float()]


def _from(
    rows: pl.DataFrame, source: dict[str, tuple[int, str]], year: int, draws: np.random.Generator, own: float = 0.1
) -> pl.DataFrame:
    """Rows in which the figures of some schools come from elsewhere; each stays its own with chance ``own``, pupils always."""
    key = ["year", "school_id", *(["stage"] if "stage" in rows.columns else [])]
    numbers = [c for c in _numbers(rows) if c not in ("pupils", "classes", "is_public")]
    there = pl.DataFrame(
        [(year, s, *of) for s, of in source.items()],
        schema={"year": pl.Int64, "school_id": pl.String, "year_of": pl.Int64, "school_of": pl.String}, orient="row",
    )  # fmt: skip
    lent = rows.select(
        pl.col("year").alias("year_of"),
        pl.col("school_id").alias("school_of"),
        *key[2:],
        *(pl.col(c).alias(f"{c}_of") for c in numbers),
    )
    joined = rows.join(there, on=["year", "school_id"], how="left").join(
        lent, on=["year_of", "school_of", *key[2:]], how="left", maintain_order="left"
    )
    return joined.select(
        pl.when(pl.Series(draws.random(rows.height) >= own) & pl.col(f"{c}_of").is_not_null()).then(f"{c}_of").otherwise(c).alias(c)
        if c in numbers else pl.col(c)
        for c in rows.columns
    )  # fmt: skip


# -- the measure -----------------------------------------------------------------------------------------------------------


def one_seed(
    seed: int, counties: int, years: int, plants: bool
) -> tuple[int, list[tuple[str, int, str]], dict[str, bool]]:
    """Counties of one clean sample, what is flagged of them (county, year, test), and which plants were found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home, catalogue = clean_home(folder / "clean", seed, counties, years)
        codes = sorted(pl.read_parquet(home.table("unit"))["county_code"].unique().to_list())
        wrong = [tuple(row) for row in flagged(home, catalogue).select("county_code", "year", "test_id").iter_rows()]
        found = {}
        for n, (what, (test, plant)) in enumerate(PLANTS.items() if plants else ()):
            county = codes[(n * 7 + seed) % len(codes)]
            found[what] = test in planted(
                home, catalogue, folder / "spoilt", plant, county, FIRST_YEAR + years - 1, seed
            )
    return len(codes), wrong, found  # type: ignore[return-value]


def measure(
    seeds: int, counties: int, years: int, plants: bool = True
) -> tuple[int, Counter[str], int, dict[str, int]]:
    """Clean counties, counties flagged by test, counties flagged by any, plants found."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        asked = [(seed, counties, years, plants) for seed in range(1, seeds + 1)]
        made = list(pool.map(one_seed, *zip(*asked, strict=True)))
    by_test: Counter[str] = Counter()
    for _, wrong, _ in made:
        by_test.update(test for _, test in {(county, test) for county, _, test in wrong})
    together = sum(len({county for county, _, _ in wrong}) for _, wrong, _ in made)
    found = {what: sum(f[what] for _, _, f in made) for what in (PLANTS if plants else ())}
    return sum(n for n, _, _ in made), by_test, together, found


def main(seeds: int = 20, counties: int = 20, years: int = 2, plants: int = 1) -> None:
    """Prints the flagged of the clean counties and the found of the planted."""
    clean, by_test, together, found = measure(seeds, counties, years, bool(plants))
    print(f"{clean} clean counties, {years} years each ({seeds} samples of about {counties})")
    for test in words.tests():
        print(f"  {test:14} {by_test[test]:4} counties flagged, {by_test[test] / clean:.2%}")
    print(f"  {'together':14} {together:4} counties flagged, {together / clean:.2%}")
    for what, (test, _) in PLANTS.items() if plants else ():
        print(f"  {what:32} {test:14} found {found[what]} of {seeds}")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))

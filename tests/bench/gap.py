"""Ratios of the gap computation to a bare Parquet scan and to a pandas groupby, in one run.

2 million school-years × 8 indicators, four area levels, made up: 10 years of 200,000 schools in 2,900 counties. The SQL is
the product's own (``pipeline/sql/gap_coefficient.sql``), rendered for the first standard of the shipped catalogue that
measures eight gaps. Every peer reads the same Parquet file from disk. Run: ``make bench``.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from pipeline.schema import load_catalogue
from pipeline.schema.model import Catalogue, Division
from pipeline.tables import compute

COUNTIES, SCHOOLS, YEARS, INDICATORS = 2_900, 200_000, 10, 8
ROUNDS = 5


def catalogue_for_bench() -> tuple[Catalogue, list[str]]:
    """The shipped catalogue with one standard of eight gaps, and made-up divisions of four levels."""
    shipped = load_catalogue()
    standard = next(s for s in shipped.standards.values() if s.gap and len(s.gap.indicators) == INDICATORS)
    provinces = [
        Division(code=f"{90 + p}", name_zh="省", name_en="P", level="province", parent_code="") for p in range(10)
    ]
    prefectures = [
        Division(
            code=f"{90 + f // 29}{f % 29:02}",
            name_zh="市",
            name_en="F",
            level="prefecture",
            parent_code=f"{90 + f // 29}",
        )
        for f in range(290)
    ]
    counties = [
        Division(
            code=f"{prefectures[c // 10].code}{c % 10:02}",
            name_zh="县",
            name_en="C",
            level="county",
            parent_code=prefectures[c // 10].code,
        )
        for c in range(COUNTIES)
    ]
    divisions = (*provinces, *prefectures, *counties)
    changed = shipped.model_copy(update={"standards": {standard.id: standard}, "divisions": divisions})
    assert standard.gap is not None
    return changed, list(standard.gap.indicators)


def write_input(path: Path, catalogue: Catalogue, ids: list[str]) -> None:
    """One row a school-year, sorted as ``indicator_wide`` is."""
    rng = np.random.default_rng(1)
    rows = SCHOOLS * YEARS
    county = np.sort(rng.integers(0, COUNTIES, SCHOOLS))
    codes = np.array([d.code for d in catalogue.divisions if d.level == "county"])
    stage = catalogue.judged_stages[0].id
    columns = {
        "year": np.repeat(np.arange(2001, 2001 + YEARS), SCHOOLS),
        "school_id": np.tile(np.char.add("S", np.arange(SCHOOLS).astype(str)), YEARS),
        "stage": np.full(rows, stage),
        "county_code": np.tile(codes[county], YEARS),
        "pupils": rng.integers(50, 3000, rows).astype(float),
        "is_counted_1": np.full(rows, True),
    }
    columns |= {f"x_{name}": rng.lognormal(1.0, 0.4, rows) for name in ids}
    pl.DataFrame(columns).write_parquet(path)


def prepared(catalogue: Catalogue, path: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """A connection as the product makes it, with the made-up rows in place of the working tables."""
    connection = compute.connect(catalogue, threads=threads)
    connection.execute(f"create view indicator_wide as select * from read_parquet('{path}')")
    connection.execute("create table unit as select distinct year, county_code from indicator_wide")
    empty = "select 0 as year, '' as standard_id, '' as school_id, '' as county_code, '' as stage, 0.0 as pupils, true as is_counted"
    connection.execute(f"create table absent_scope as {empty} where false")
    return connection


def pandas_gaps(path: Path, catalogue: Catalogue, ids: list[str]) -> pd.DataFrame:
    """The same means, deviations and coefficients at four levels, as one writes them with pandas groupby."""
    names = [f"x_{name}" for name in ids]
    frame = pd.read_parquet(path, columns=["year", "stage", "county_code", "pupils", *names])
    parents = {d.code: d.parent_code for d in catalogue.divisions}
    frame["county"] = frame["county_code"]
    frame["prefecture"] = frame["county_code"].map(parents)
    frame["province"] = frame["prefecture"].map(parents)
    frame["nation"] = "0"
    results = []
    for level in ("county", "prefecture", "province", "nation"):
        keys = [frame["year"], frame["stage"], frame[level]]
        pupils = frame.groupby(keys)["pupils"]
        total = pupils.transform("sum")
        for name in names:
            product = frame["pupils"] * frame[name]
            mean = product.groupby(keys).transform("sum") / total
            square = (frame["pupils"] * (frame[name] - mean) ** 2).groupby(keys).sum()
            means = product.groupby(keys).sum() / pupils.sum()
            results.append((np.sqrt(square / pupils.sum()) / means).rename(f"{level}.{name}"))
    return pd.concat(results)


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median wall time of a piece of work, after one run that is not counted."""
    work()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def bench() -> None:
    """Prints the table of ratios, then the profile of the computation."""
    catalogue, ids = catalogue_for_bench()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "indicator_wide.parquet"
        write_input(path, catalogue, ids)
        sql = compute.render("gap_coefficient", catalogue)
        scan = "select max(year), max(stage), max(county_code), sum(pupils), count(is_counted_1), " + ", ".join(
            f"sum(x_{name})" for name in ids
        )
        print(
            f"{SCHOOLS * YEARS:,} school-years × {len(ids)} indicators, 4 area levels, {path.stat().st_size >> 20} MB Parquet"
        )
        print(
            f"{os.cpu_count()} cores; medians of {ROUNDS}; ratio 1 = the bare scan of the same columns at the same threads\n"
        )
        print(f"{'threads':>7}  {'what':<46} {'seconds':>8} {'÷ scan':>7}")
        for threads in (1, os.cpu_count() or 2):
            with prepared(catalogue, path, threads) as connection:
                base = seconds(lambda c=connection: c.execute(f"{scan} from indicator_wide").fetchall())
                gaps = seconds(
                    lambda c=connection: c.execute(
                        f"create or replace temp table g as select * exclude (theil) from ({sql})"
                    )
                )
                whole = seconds(lambda c=connection: c.execute(f"create or replace temp table g as {sql}"))
            for what, taken in (
                ("bare scan", base),
                ("gap_coefficient without theil", gaps),
                ("gap_coefficient as shipped", whole),
            ):
                print(f"{threads:>7}  {what:<46} {taken:>8.3f} {taken / base:>7.2f}")
        peer = seconds(lambda: pandas_gaps(path, catalogue, ids), rounds=1)
        print(f"{'':>7}  {'pandas groupby, the same coefficients':<46} {peer:>8.3f} {peer / base:>7.2f}")
        print(
            f"\npandas takes {peer / whole:.0f} times as long as gap_coefficient as shipped ({os.cpu_count()} threads)"
        )
        if "--profile" in sys.argv:
            with prepared(catalogue, path, 1) as connection:
                print(connection.execute(f"explain analyze {sql}").fetchall()[0][1])


if __name__ == "__main__":
    bench()

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
from collections.abc import Callable, Mapping
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


def places(catalogue: Catalogue) -> pl.DataFrame:
    """One row a year and county, numbered as ``place`` is."""
    codes = [d.code for d in catalogue.divisions if d.level == "county"]
    rows = [(y * COUNTIES + c, 2001 + y, code) for y in range(YEARS) for c, code in enumerate(codes)]
    frame = pl.DataFrame(rows, schema=["place_no", "year", "county_code"], orient="row")
    return frame.with_columns(stage=pl.lit(catalogue.judged_stages[0].id))


def write_input(path: Path, ids: list[str]) -> None:
    """One row a school-year, sorted as ``indicator_wide`` is."""
    rng = np.random.default_rng(1)
    rows = SCHOOLS * YEARS
    county = np.sort(rng.integers(0, COUNTIES, SCHOOLS))
    columns = {
        "place_no": np.repeat(np.arange(YEARS) * COUNTIES, SCHOOLS) + np.tile(county, YEARS),
        "school_id": np.tile(np.char.add("S", np.arange(SCHOOLS).astype(str)), YEARS),
        "pupils": rng.integers(50, 3000, rows).astype(float),
        "is_counted_1": np.full(rows, True),
    }
    columns |= {f"x_{name}": rng.lognormal(1.0, 0.4, rows) for name in ids}
    columns |= {f"u_{name}": rng.integers(0, 60, rows).astype(float) for name in ids}
    pl.DataFrame(columns).write_parquet(path)


def prepared(catalogue: Catalogue, path: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """A connection as the product makes it, with the made-up rows in place of the working tables."""
    connection = compute.connect(catalogue, threads=threads)
    connection.execute(f"create view indicator_wide as select * from read_parquet('{path}')")
    connection.register("place", places(catalogue).to_arrow())
    connection.execute("create table came as select distinct year, county_code, stage from place")
    connection.execute("create table expected_county as select *, true as is_expected from came")
    connection.execute(f"create table expected as {compute.render('expected', catalogue)}")
    connection.execute(
        f"create table least_gap as select * from ({compute.render('least_gap', catalogue)}) where false"
    )
    empty = "select 0 as year, '' as standard_id, '' as school_id, '' as county_code, '' as stage, 0.0 as pupils, true as is_counted"
    connection.execute(f"create table absent_scope as {empty} where false")
    return connection


def pandas_gaps(path: Path, catalogue: Catalogue, ids: list[str]) -> pd.DataFrame:
    """The same means, deviations and coefficients at four levels, as one writes them with pandas groupby."""
    names = [f"x_{name}" for name in ids]
    frame = pd.read_parquet(path, columns=["place_no", "pupils", *names])
    frame = frame.merge(places(catalogue).to_pandas(), on="place_no")
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


def in_turn(works: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Wall times of pieces of work, taken in turn so that each round sees the same machine; the first is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if number:
                taken[name].append(time.perf_counter() - start)
    return taken


def show(threads: object, taken: Mapping[str, list[float]], base: list[float]) -> None:
    """One line a piece of work: its median time, and the median of its ratios to the base, round by round."""
    for what, times in taken.items():
        ratio = statistics.median(t / b for t, b in zip(times, base, strict=False))
        print(f"{threads!s:>7}  {what:<46} {statistics.median(times):>8.3f} {ratio:>7.2f}")


def bench() -> None:
    """Prints the table of ratios, then with --profile what DuckDB says of each operator."""
    catalogue, ids = catalogue_for_bench()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "indicator_wide.parquet"
        write_input(path, ids)
        sql, least = compute.render("gap_coefficient", catalogue), compute.render("least_gap", catalogue)
        columns = ", ".join(f"sum(x_{name})" for name in ids)
        scan = f"select max(place_no), sum(pupils), count(is_counted_1), {columns} from indicator_wide"
        make = "create or replace temp table made as"
        size = path.stat().st_size >> 20
        print(f"{SCHOOLS * YEARS:,} school-years × {len(ids)} indicators, 4 area levels, {size} MB Parquet")
        print(f"{os.cpu_count()} cores; {ROUNDS} rounds in turn, medians; ratio 1 = bare scan of the same columns\n")
        print(f"{'threads':>7}  {'what':<46} {'seconds':>8} {'÷ scan':>7}")
        for threads in (1, os.cpu_count() or 2):
            with prepared(catalogue, path, threads) as connection:
                works = {
                    "bare scan": lambda c=connection: c.execute(scan).fetchall(),
                    "gap_coefficient without theil": lambda c=connection: c.execute(
                        f"{make} select * exclude (theil) from ({sql})"
                    ),
                    "gap_coefficient as shipped": lambda c=connection: c.execute(f"{make} {sql}"),
                    "least_gap, of counted things": lambda c=connection: c.execute(f"{make} {least}"),
                }
                taken = in_turn(works)
            show(threads, taken, taken["bare scan"])
        peer = {"pandas groupby, the same coefficients": lambda: pandas_gaps(path, catalogue, ids)}
        show("", in_turn(peer, rounds=1), taken["bare scan"])
        if "--profile" in sys.argv:
            with prepared(catalogue, path, 1) as connection:
                print(connection.execute(f"explain analyze {sql}").fetchall()[0][1])


if __name__ == "__main__":
    bench()

"""What each county would be ranked by if its return held small errors: the real formulas, draw by draw (method 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.certainty.cells import Needed, Return, drawn
from pipeline.certainty.inputs import Key
from pipeline.certainty.place import Place
from pipeline.certainty.replay import Replayed, replay
from pipeline.certainty.versions import Judge
from pipeline.errors import FaultError
from pipeline.schema.certainty_limits import Certainty
from pipeline.schema.model import Catalogue
from pipeline.store.home import Home

Numbers = NDArray[np.float64]
RECORDS = ("stage", "class", "room")
AGREES = 1e-9
"""The first version has no errors: it must give the published values to this part of them."""
NOTHING = 1e-12

Drawn = dict[tuple[Key, str], Numbers]
"""Place and measure → the measure in every draw."""


def with_errors(home: Home, catalogue: Catalogue, judged: Mapping[Key, Judge], asked: Certainty) -> Drawn:
    """The measures of every place with errors drawn, in the years that the settings ask for.

    Raises FaultError when the formulas here do not give the published values of a return without errors.
    """
    years = sorted({key[0] for key in judged})
    years = years if asked.years is None else years[max(len(years) - asked.years, 0) :]
    of_county: dict[tuple[int, str], list[tuple[Key, Judge]]] = defaultdict(list)
    for key, judge in judged.items():
        if key[0] in years:
            of_county[key[0], key[3]].append((key, judge))
    found: Drawn = {}
    asked_of = {name for judge in judged.values() for name in _read_by(judge.place)}
    needed = Needed.of(catalogue, asked_of)
    for given in returns(home, set(of_county)):
        made = replay(drawn(given, needed, catalogue, asked, asked.draws), needed, catalogue)
        for key, judge in of_county[given.year, given.county]:
            pupils, values = _of_place(made, key, judge.place)
            for measure in judge.standard.measures:
                if measure in ("mean_cv", "worst_ratio") or judge.place.demands is not None:
                    found[key, measure] = judge.with_errors(measure, pupils, values)
    return found


def _read_by(place: Place) -> tuple[str, ...]:
    return (*place.gaps, *(place.demands.indicators if place.demands else ()))


def returns(home: Home, wanted: set[tuple[int, str]]) -> Iterator[Return]:
    """The rows that count, of each wanted year and county. A branch belongs to the county of the school that it is merged into."""
    unit = pl.read_parquet(home.table("unit"))
    parent = unit.select("year", pl.col("school_id").alias("merged_into"), pl.col("county_code").alias("of_county"))
    unit = unit.join(parent, on=["year", "merged_into"]).sort("year", "of_county", "school_id")
    home_of = unit.select("year", "school_id", "of_county")
    tables = {record: pl.read_parquet(home.table(f"unit_{record}")) for record in (*RECORDS, "record")}
    parts = {
        record: rows.join(home_of, on=["year", "school_id"]).partition_by("year", "of_county", as_dict=True)
        for record, rows in tables.items()
    }
    for (year, county), rows in unit.partition_by("year", "of_county", as_dict=True, maintain_order=True).items():
        if (year, county) in wanted:
            of_kind = {r: parts[r].get((year, county), tables[r].clear()) for r in (*RECORDS, "record")}
            sent = of_kind.pop("record")
            yield Return(year, county, rows.drop("of_county"), {r: _bare(f) for r, f in of_kind.items()}, sent)


def _bare(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop("of_county", strict=False)


def _of_place(made: Replayed, key: Key, place: Place) -> tuple[Numbers, dict[str, Numbers]]:
    """Pupils and values of a place's schools, draws × schools, without the version that has no errors; what is missing, or
    does not apply, in the return or in a draw is as in the return."""
    position = {pair: i for i, pair in enumerate(made.keys)}
    at = [position[school, key[2]] for school in place.schools if (school, key[2]) in position]
    if len(at) < len(place.schools):
        raise _disagrees(key, "school_stage")
    values = {}
    for name in _read_by(place):
        returned, found = place.values[name], made.values[name][:, at]
        if not np.allclose(found[0], returned, rtol=AGREES, atol=NOTHING, equal_nan=True):
            raise _disagrees(key, name)
        draws = found[1:] if len(found) > 1 else found
        values[name] = np.where(np.isnan(draws) | np.isnan(returned), returned, draws)
    pupils = made.pupils[:, at]
    return (pupils[1:] if len(pupils) > 1 else pupils), values


def _disagrees(key: Key, name: str) -> FaultError:
    year, _, stage, county = key
    return FaultError(
        f"误差试算在没有误差时与已算的 {name} 不一致：{year} 年 {county} {stage}",
        f"without errors the drawn computation disagrees on {name}: {year}, county {county}, {stage}",
    )

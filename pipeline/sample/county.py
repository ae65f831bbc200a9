"""A county of the sample year by year: what its return would hold if nobody made a mistake.

Here: the order of drawing, from pupils over classes to quantities, and what one year passes to the next. Not here: how the truth is
written (``frames``) or spoilt (``mistakes``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.sample.draws import Array
from pipeline.sample.parameters import parameters
from pipeline.sample.places import County
from pipeline.sample.pupils import Classes, classes_in, heads_in
from pipeline.sample.quantities import draw
from pipeline.sample.units import Numbers, Units, units_of
from pipeline.sample.year import Year
from pipeline.schema.model import Catalogue


@dataclass(frozen=True)
class Rooms:
    """Special rooms of a county in one year as columns, a row a room; ``kind`` counts the kinds of the parameter file."""

    unit: Numbers
    kind: Numbers
    area: Array


@dataclass(frozen=True)
class CountyYear:
    """The truth of one county and year: ``values`` by name, see ``quantities``."""

    units: Units
    year: int
    heads: Array
    values: dict[str, Any]
    sets: Classes
    rooms: Rooms
    start: int
    """The first year of the sample."""


def county_years(county: County, mean_units: float, years: Sequence[int], catalogue: Catalogue) -> Iterator[CountyYear]:
    """A county in each year, in order; later years move on from the first, never drawn anew."""
    units = units_of(county, mean_units)
    first: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for year in years:
        made = _in_year(units, year, years[0], first, before, catalogue)
        first, before = first or made.values, made.values
        yield made


def _in_year(
    units: Units, year: int, start: int, first: dict[str, Any], before: dict[str, Any], catalogue: Catalogue
) -> CountyYear:
    spec = parameters("structure")
    years_on = year - start
    progress = min(1.0, years_on / spec["trend_years"])
    heads = heads_in(units, year, start)
    formed = classes_in(units, heads, years_on, units.county.is_prepared(progress))
    values: dict[str, Any] = {
        spec["one"]: np.ones(len(units)),
        spec["heads_to"]: heads,
        spec["sets_to"]: formed.counted(*heads.shape),
        spec["grades_to"]: _levels(formed, heads.shape),
    }
    weights = np.array([catalogue.stages[stage].split_weight for stage in spec["stages"]])
    now = Year(units, year, years_on, progress, weights, values, first, before)
    for quantity in parameters("quantities"):
        draw(now, quantity)
    _build_lately(units, start, values)
    return CountyYear(units, year, heads, values, formed, _rooms(units, values), start)


def _build_lately(units: Units, start: int, values: dict[str, Any]) -> None:
    """Some members of school groups are new schools: groups are asked to take them in."""
    spec, n = parameters("structure")["traits"]["group"]["new"], len(units)
    is_new = (units.group >= 0) & ~units.leads & (units.county.draws.uniform("group new", size=n) < spec["chance"])
    ago = np.floor(units.county.draws.uniform("group new year", size=n) * spec["years"])
    values[spec["to"]] = np.where(is_new, start - ago, values[spec["to"]])


def _levels(formed: Classes, shape: tuple[int, ...]) -> Array:
    """How many grades of each unit and stage have pupils."""
    held = np.unique(np.stack([formed.unit, formed.stage, formed.grade], axis=1), axis=0)
    made = np.zeros(shape)
    np.add.at(made, (held[:, 0], held[:, 1]), 1)
    return made


def _rooms(units: Units, values: dict[str, Any]) -> Rooms:
    """One row a room: those of standard size first, then some of those that lack, too small."""
    spec, draws = parameters("structure")["room_rows"], units.county.draws
    needed = np.minimum(values[spec["needed"]], values[spec["places"]]).astype(int)
    most = max(1, int(needed.max(initial=0)))
    parts = []
    for k, kind in enumerate(spec["kinds"]):
        standard = np.asarray(values[kind["standard"]]).astype(int)[:, None]
        number = np.arange(most)[None, :]
        at = draws.uniform("room area", kind["kind"], size=(len(units), 40))[:, :most]
        small = draws.uniform("room small", kind["kind"], size=(len(units), 40))[:, :most] < spec["small_share"]
        proper = number < standard
        there = (number < needed[:, None]) & (proper | small)
        low, high = (
            np.where(proper, kind["proper"][0], kind["small"][0]),
            np.where(proper, kind["proper"][1], kind["small"][1]),
        )
        area = np.round(low + (high - low) * at, 1)
        unit, _ = np.nonzero(there)
        parts.append((unit, np.full(len(unit), k), area[there]))
    unit, kinds, area = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((kinds, unit))
    return Rooms(unit[order], kinds[order], area[order])

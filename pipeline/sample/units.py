"""The units of a county: schools, campuses and teaching points, with everything about them that stays over the years.

Here: how many there are of each kind, where they lie, whose they are, their codes and first pupils. Not here: names (``names``),
pupils of later years (``pupils``), resources (``quantities``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.sample.draws import Array, Draws, shares_to_counts
from pipeline.sample.parameters import Spec, parameters
from pipeline.sample.places import County

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """All units of a county as columns, a row a unit; ``heads`` has a column a stage, 0 where the unit has none."""

    county: County
    kind: list[Spec]
    place: Numbers
    """0 city, 1 town, 2 village."""
    heads: Array
    usual: Array
    """Pupils of a usual school of this kind and place, by which resources for each pupil are scaled."""
    private: Flags
    prefecture_run: Flags
    parent: Numbers
    """Row of the parent, or −1."""
    is_branch: Flags
    district: Numbers
    group: Numbers
    """Number of the group, or −1."""
    leads: Flags

    def __len__(self) -> int:
        return len(self.kind)

    def is_kind(self, *names: str) -> Flags:
        """Which units are of one of these kinds."""
        return np.array([kind["id"] in names for kind in self.kind])

    @property
    def codes(self) -> list[str]:
        """Ten digits: kind, province, six of a serial number."""
        county, serials = self.county, range(1, len(self) + 1)
        return [
            f"{kind['code']}{county.place.code[:2]}{county.number:03d}{serial:03d}"
            for kind, serial in zip(self.kind, serials, strict=True)
        ]


def units_of(county: County, mean_units: float) -> Units:
    """The units of a county; ``mean_units`` is how many counties have on average, beside the few special schools."""
    kinds, places = _kinds_and_places(county, mean_units)
    draws, n = county.draws, len(kinds)
    heads, usual = _first_heads(kinds, places, draws)
    chances = parameters("structure")["traits"]
    private = draws.uniform("private", size=n) < _chance(chances["private"]["chance"], kinds, places)
    run = ~private & (draws.uniform("run", size=n) < _chance(chances["prefecture_run"]["chance"], kinds, places))
    parent, is_branch = _parents(kinds, places, private | run, draws)
    _attach(heads, kinds, places, private | is_branch, draws)
    group, leads = _groups(kinds, places, heads, private | run | (parent >= 0), draws)
    districts = max(1, round(n / chances["districts"]["units_each"]))
    district = (np.arange(n) + draws.stream("district").integers(0, 2, size=n)) % districts
    return Units(county, kinds, places, heads, usual, private, run, parent, is_branch, district, group, leads)


def _kinds_and_places(county: County, mean_units: float) -> tuple[list[Spec], Numbers]:
    spec, draws = parameters("structure"), county.draws
    size = spec["units"]
    drawn = size["low"] + (size["high"] - size["low"]) * float(draws.uniform("units")[0])
    total = max(3, round(drawn * mean_units / size["mean"]))
    kinds: list[Spec] = []
    places: list[int] = []
    pools = list(county.kind["mix"])
    for pool, count in zip(
        pools, shares_to_counts(np.array([county.kind["mix"][p] for p in pools]), total), strict=True
    ):
        pool_kinds = [kind for kind in spec["kinds"] if kind.get("pool") == pool]
        bounds = np.cumsum([kind["weight"] for kind in pool_kinds])
        steps = (np.arange(count) + draws.uniform("kind", pool)[0]) / count
        chosen = np.searchsorted(bounds / bounds[-1], steps[draws.permutation(count, "kind order", pool)])
        kinds += [pool_kinds[int(i)] for i in np.minimum(chosen, len(pool_kinds) - 1)]
        counts = shares_to_counts(np.array(county.kind["places"][pool], dtype=float), int(count))
        places += list(np.repeat(np.arange(3), counts)[draws.permutation(int(count), "place", pool)])
    for kind in spec["kinds"]:
        if "each" in kind:
            more = int(
                kind["each"][county.kind["id"]] * mean_units / size["mean"] + draws.uniform("each", kind["id"])[0]
            )
            kinds += [kind] * more
            bounds = np.cumsum(kind["places"])
            places += [int(np.searchsorted(bounds, u)) for u in draws.uniform("each place", kind["id"], size=more)]
    return kinds, np.array(places, dtype=np.int64)


def _first_heads(kinds: list[Spec], places: Numbers, draws: Draws) -> tuple[Array, Array]:
    """Pupils of the first year by stage, and the usual pupils of such a school."""
    stages = parameters("structure")["stages"]
    n = len(kinds)
    z, share_z, upper = draws.normal("size", size=n), draws.normal("share", size=n), draws.uniform("upper", size=n)
    heads, usual = np.zeros((n, len(stages))), np.zeros(n)
    for i, kind in enumerate(kinds):
        size, place = kind["size"], places[i]
        median = size["median"][place]
        total = np.clip(median * np.exp(size["sd"][place] * z[i]), *size["range"])
        own = [stages.index(stage) for stage in kind["stages"]]
        lower = own[:-1] if "upper" in kind else own
        if len(lower) == 2:
            mean, sd, low, high = kind["share"]
            share = float(np.clip(mean + sd * share_z[i], low, high))
            heads[i, lower] = total * (1 - share), total * share
        else:
            heads[i, lower] = total
        if "upper" in kind:
            low, high = kind["upper"]
            heads[i, own[-1]] = heads[i, lower[-1]] * (low + (high - low) * upper[i])
        usual[i] = kind.get("reference", median * kind.get("times", 1))
    return np.round(heads), usual


def _chance(table: Mapping[str, Any], kinds: list[Spec], places: Numbers) -> Array:
    return np.array([table.get(kind["id"], (0, 0, 0))[p] for kind, p in zip(kinds, places, strict=True)], dtype=float)


def _parents(kinds: list[Spec], places: Numbers, taken: Flags, draws: Draws) -> tuple[Numbers, Flags]:
    """Whose branch or point a unit is. A parent is a school of its own; private schools have neither."""
    spec, n = parameters("structure")["traits"], len(kinds)
    ids = np.array([kind["id"] for kind in kinds])
    pick = draws.uniform("parent", size=n)
    wants = ~taken & (draws.uniform("branch", size=n) < _chance(spec["branch"]["chance"], kinds, places))
    named = draws.uniform("point parent", size=n) < spec["point_with_parent"]
    parent = np.full(n, -1)
    for i in range(n):
        if ids[i] in parameters("structure")["points"]["kinds"]:
            of = spec["point_of"] if named[i] else []
        else:
            of = spec["branch"]["of"].get(ids[i], []) if wants[i] else []
        able = np.flatnonzero(np.isin(ids, of) & ~taken & ~wants)
        able = able[np.argsort(np.abs(places[able] - 1), kind="stable")][: max(1, len(able) // 2)]
        if len(able):
            parent[i] = able[int(pick[i] * len(able)) % len(able)]
    return parent, wants & (parent >= 0)


def _attach(heads: Array, kinds: list[Spec], places: Numbers, not_these: Flags, draws: Draws) -> None:
    """Pupils of another stage that some schools teach: attached classes are a stage row of their host."""
    spec = parameters("structure")
    for entry in spec["traits"]["attached"]:
        column, (low, high) = spec["stages"].index(entry["stage"]), entry["heads"]
        chance = _chance(entry["chance"], kinds, places)
        does = ~not_these & (draws.uniform("attached", entry["stage"], size=len(kinds)) < chance)
        some = np.round(low + (high - low) * draws.uniform("attached heads", entry["stage"], size=len(kinds)))
        heads[:, column] = np.where(does, some, heads[:, column])


def _groups(kinds: list[Spec], places: Numbers, heads: Array, taken: Flags, draws: Draws) -> tuple[Numbers, Flags]:
    """Which schools work in groups: each group has one lead, the largest school that asks for one, and some members."""
    spec, n = parameters("structure")["traits"]["group"], len(kinds)
    able = np.isin([kind["id"] for kind in kinds], spec["of"]) & ~taken
    asks = able & (draws.uniform("group", size=n) < np.array(spec["chance"])[places])
    found = np.flatnonzero(asks)
    count = min(len(found) // (spec["members"] + 1), max(1, round(n / spec["units_each"])))
    group, leads = np.full(n, -1), np.zeros(n, dtype=bool)
    if not count:
        return group, leads
    order = found[np.argsort(-heads[found].sum(axis=1), kind="stable")]
    leads[order[:count]] = True
    group[order] = np.arange(len(order)) % count
    return group, leads

"""Provinces, prefectures and counties of the sample: their codes, names, and what holds for a whole county.

Here: which counties there are and the numbers that all schools of one share. Not here: schools.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.errors import HomeError
from pipeline.sample.draws import Draws, shares_to_counts
from pipeline.sample.parameters import Spec, parameters


@dataclass(frozen=True)
class Place:
    """A division with its names; ``parent`` is empty for a province."""

    code: str
    name_zh: str
    name_en: str
    level: str
    parent: str


@dataclass(frozen=True)
class County:
    """A county: where it lies, what kind it is, how rich, how unequal, and where it stands in the line of those prepared."""

    place: Place
    kind: Spec
    draws: Draws
    wealth: float
    inequality: float
    rank: float
    number: int

    def is_prepared(self, progress: float) -> bool:
        """Whether its schools were brought up to the levels by now; ``progress`` runs from 0 to 1 over the trend."""
        spec = parameters("structure")["prepared"]
        first = 1 / spec["block"]
        return self.rank < first + (spec["developed"] - first) * progress


@dataclass(frozen=True)
class Province:
    """A province and its draws; county k of it does not depend on how many there are."""

    place: Place
    draws: Draws
    counties: int

    @cached_property
    def _stems(self) -> list[tuple[str, str]]:
        names = parameters("names")
        pairs = [(a[0] + b[0], a[1] + b[1]) for a in names["first"] for b in names["second"]]
        return [pairs[i] for i in self.draws.permutation(len(pairs), "names")]

    def _seats(self) -> list[tuple[int, int]]:
        """For each county the number of its prefecture and its number therein."""
        low, high = parameters("structure")["provinces"]["prefecture_counties"]
        sizes = self.draws.stream("prefectures").integers(low, high + 1, size=self.counties + 1)
        seats = [(prefecture, n) for prefecture, size in enumerate(sizes) for n in range(size)]
        return seats[: self.counties]

    def _prefecture(self, number: int) -> Place:
        spec, word = parameters("structure")["provinces"]["prefecture_codes"], parameters("names")["prefecture_word"]
        if spec["first"] + number > spec["last"]:
            raise HomeError("示例省的县太多，请减少每省县数", "too many counties in one sample province; ask for fewer")
        zh, en = self._stems[-1 - number]
        code = f"{self.place.code}{spec['first'] + number:02d}"
        return Place(code, zh + word["zh"], f"{en} {word['en']}", "prefecture", self.place.code)

    def divisions(self) -> list[Place]:
        """The province, its prefectures and its counties."""
        prefectures = [self._prefecture(i) for i in range(self._seats()[-1][0] + 1)]
        return [self.place, *prefectures, *(county.place for county in self.each_county())]

    def each_county(self) -> Iterator[County]:
        """The counties in order of their numbers; codes rise within a prefecture by kind."""
        given: dict[tuple[int, int], int] = {}
        for k, (prefecture, _) in enumerate(self._seats()):
            draws = Draws(self.draws.seed, (*self.draws.path, k))
            kind = self._kind(k)
            nth = given.setdefault((prefecture, kind["first_code"]), 0)
            given[prefecture, kind["first_code"]] += 1
            parent = self._prefecture(prefecture)
            zh, en = self._stems[k]
            place = Place(
                f"{parent.code}{kind['first_code'] + nth:02d}",
                zh + kind["word"]["zh"],
                f"{en} {kind['word']['en']}",
                "county",
                parent.code,
            )
            yield self._county(k, place, kind, draws)

    def _kind(self, k: int) -> Spec:
        spec = parameters("structure")
        size = spec["county_types_in_block"]
        counts = shares_to_counts(np.array([kind["share"] for kind in spec["counties"]]), size)
        dealt = np.repeat(np.arange(len(counts)), counts)[self.draws.permutation(size, "kinds", k // size)]
        return spec["counties"][int(dealt[k % size])]

    def _county(self, k: int, place: Place, kind: Spec, draws: Draws) -> County:
        spec = parameters("structure")
        block = spec["prepared"]["block"]
        order = self.draws.permutation(block, "prepared", k // block)
        rank = (int(order[k % block]) + 1 - float(draws.uniform("rank")[0])) / block
        low, high = spec["inequality"]
        if rank < 1 / block:
            high = spec["prepared"]["inequality"]
        unequal = low + (high - low) * float(draws.uniform("inequality")[0])
        return County(place, kind, draws, float(draws.normal("wealth")[0]), unequal, rank, k)


def provinces(count: int, counties: int, seed: int) -> list[Province]:
    """The provinces of a sample, with ``counties`` each on average. Raises HomeError for more than there are codes."""
    spec, names = parameters("structure")["provinces"], parameters("names")
    if not 1 <= count <= len(names["provinces"]):
        raise HomeError(f"示例省数应在1至{len(names['provinces'])}之间", f"1 to {len(names['provinces'])} provinces")
    made = []
    for p, (zh, en) in enumerate(names["provinces"][:count]):
        draws = Draws(seed, (p,))
        place = Place(
            str(spec["first_code"] + p),
            zh + names["province_word"]["zh"],
            f"{en} {names['province_word']['en']}",
            "province",
            "",
        )
        made.append(Province(place, draws, max(1, counties + _more(p, count, counties, seed))))
    return made


def _more(p: int, count: int, counties: int, seed: int) -> int:
    """By how many counties a province differs from the mean; neighbours differ in opposite ways, so that the mean holds."""
    if p == count - 1 and count % 2:
        return 0
    spread = parameters("structure")["provinces"]["county_spread"]
    by = round(counties * spread * float(Draws(seed, (p // 2,)).uniform("spread")[0]))
    return -by if p % 2 else by

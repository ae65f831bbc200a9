"""The register of surveys of a sample: some counties keep it; one of them counts fewer satisfied people than its return says.

Here: who of those that the county's cells tell of was asked where. Not here: the cells themselves (``quantities.yaml``), and writing
(``registers``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.sample.parameters import parameters
from pipeline.sample.places import County
from pipeline.sample.units import units_of

Cells = Mapping[str, Any]
Three = tuple[int, int, int]
"""Sent, valid, satisfied."""


def survey_rows(
    counties: Sequence[County], mean_units: float, years: Sequence[int], cells: Mapping[tuple[str, int], Cells]
) -> Iterator[dict[str, Any]]:
    """Rows of the register. ``cells``: what each county's return says in truth, by code and year.

    Totals agree with the cells, but for the last year of the first county whose rate is high: there fewer are satisfied.
    """
    spec = parameters("structure")["surveys"]
    kept = [c for c in counties if c is counties[0] or float(c.draws.uniform("survey")[0]) <= spec["chance"]]
    differing = _differing(kept, years[-1], cells)
    for county in kept:
        units = units_of(county, mean_units)
        order = county.draws.permutation(len(units), "survey schools")[: spec["schools"]]
        schools = [units.codes[int(i)] for i in sorted(order)]
        for year in years:
            share = spec["differing_share"] if (county is differing and year == years[-1]) else None
            for way, names in spec["ways"].items():
                own = cells[county.place.code, year]
                for row in _of_way(own, names, schools, share):
                    yield {"year": year, "county_code": county.place.code, "way": way, **row}


def _differing(counties: Sequence[County], year: int, cells: Mapping[tuple[str, int], Cells]) -> County | None:
    spec = parameters("structure")["surveys"]
    for county in counties:
        rate = cells[county.place.code, year].get(spec["reported"])
        if rate is not None and rate >= spec["high"]:
            return county
    return None


def _of_way(cells: Cells, names: Mapping[str, Any], schools: Sequence[str], share: float | None) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The people of the cells, parents and the others apart, over parties and schools."""
    parties = parameters("structure")["surveys"]["parties"]
    whole, parents = _three(cells, names["all"], share), _three(cells, names["parents"], share)
    rest = (whole[0] - parents[0], whole[1] - parents[1], whole[2] - parents[2])
    for total, is_parent in ((parents, True), (rest, False)):
        own = [party for party in parties if bool(party.get("is_parent")) == is_parent]
        places = [(p, school) for p in own for school in (schools if p["at_school"] else [""])]
        weights = [p["weight"] / (len(schools) if p["at_school"] else 1) for p, _ in places]
        for (party, school), (sent, valid, satisfied) in zip(places, spread(total, weights), strict=True):
            if sent:
                yield {
                    "school_id": school, "party": party["word"], "sent": sent, "valid": valid, "satisfied": satisfied,
                }  # fmt: skip


def _three(cells: Cells, names: Sequence[str], share: float | None) -> Three:
    sent, valid, satisfied = (int(cells[name]) for name in names)
    return sent, valid, satisfied if share is None else int(valid * share)


def spread(total: Three, weights: Sequence[float]) -> list[Three]:
    """A total over parts by weight, in whole people, so that in every part satisfied ≤ valid ≤ sent.

    The people stand in a row that is cut by weight; valid and satisfied ones stand in it at even distances.
    """
    sent, valid, satisfied = total
    whole, reached, passed = sum(weights), 0.0, (0, 0, 0)
    found = []
    for n, weight in enumerate(weights, 1):
        reached += weight
        cut = sent if n == len(weights) else int(sent * reached / whole)
        valid_here = cut * valid // sent if sent else 0
        here = (cut, valid_here, valid_here * satisfied // valid if valid else 0)
        found.append((here[0] - passed[0], here[1] - passed[1], here[2] - passed[2]))
        passed = here
    return found

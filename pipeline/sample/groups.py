"""The school groups of a county through the years, and the register that tells of them.

Here: when a group began, who joined later, what form it has, what it was renamed to; all from streams of their own. Not here: who is in
which group at all (``units``), and what a register may say (``schema.register``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.sample.draws import Array
from pipeline.sample.parameters import Spec, parameters
from pipeline.sample.places import Province
from pipeline.sample.units import Flags, Numbers, Units


@dataclass(frozen=True)
class History:
    """The groups of a county; years are counted from the first of the sample, those before it are negative.

    ``joined``: by unit, the first collection in which it is in its group. By group: ``is_close``, and ``renamed``, the first collection
    under another name (a year that never comes where it keeps its name)."""

    units: Units
    joined: Numbers
    is_close: Flags
    renamed: Numbers

    def in_group(self, years_on: int) -> Flags:
        """Which units are in a group at the collection of a year."""
        return (self.units.group >= 0) & (self.joined <= years_on)

    def name(self, unit: int, first_name: str, years_on: int) -> str | None:
        """What the group of a unit is called in a year; None where the unit is in none."""
        if not self.in_group(years_on)[unit]:
            return None
        return renamed_to(first_name) if self.renamed[self.units.group[unit]] <= years_on else first_name


def renamed_to(name: str) -> str:
    """The second name of a group."""
    words = parameters("names")
    return name.removesuffix(words["group_word"][0]) + str(words["group_word_later"][0])


def history_of(units: Units) -> History:
    """The history of a county's groups; a lead is there from the first day."""
    spec, draws = parameters("structure")["traits"]["group"], units.county.draws
    count, n = int(units.group.max(initial=-1)) + 1, len(units)
    begins = _years(
        draws.uniform("group begin", size=count), draws.uniform("group begin year", size=count), spec["begin"]
    )
    later = _years(draws.uniform("group join", size=n), draws.uniform("group join year", size=n), spec["join"])
    joined = (np.where(units.leads, 0, later) + (begins[units.group] if count else 0)).astype(np.int64)
    never = 10_000
    is_renamed = draws.uniform("group renamed", size=count) < spec["renamed"]["chance"]
    renamed = np.where(is_renamed, np.maximum(begins + 1, spec["renamed"]["year"]), never)
    return History(units, joined, draws.uniform("group form", size=count) < spec["close"], renamed)


def _years(chance: Array, at: Array, spec: Spec) -> Numbers:
    """Years from one range for the share that is late, from the other for the rest."""
    low, high = (np.where(chance < spec["late"], spec["years"][i], spec["else"][i]) for i in (0, 1))
    return np.minimum(low + np.floor(at * (high - low + 1)), high).astype(np.int64)


def register_rows(units: Units, names: Iterable[str], first: int, last: int) -> Iterator[dict[str, Any]]:
    """Rows of the register of a county's groups up to the last year; a renamed group has rows of its own under the new name."""
    spec, history = parameters("structure"), history_of(units)
    roles, forms, day = spec["roles"], spec["traits"]["group"]["forms"], spec["traits"]["group"]["day"]
    for unit, name in enumerate(names):
        group = int(units.group[unit])
        if group < 0 or first + history.joined[unit] > last:
            continue
        code = f"{units.county.place.code}-J{group + 1:02d}"
        row = {
            "kind": "group", "group_id": code, "group_name": name, "county_code": units.county.place.code,
            "school_id": units.codes[unit], "role": roles["lead" if units.leads[unit] else "member"],
            "form": forms["close" if history.is_close[group] else "cooperative"],
            "joined_on": f"{first + int(history.joined[unit])}-{day}",
        }  # fmt: skip
        later, year = int(history.renamed[group]), first + int(history.renamed[group])
        after = row | {"group_id": f"{code}-2", "group_name": renamed_to(name)}
        if year > last:
            yield row
        elif history.joined[unit] >= later:
            yield after
        else:
            yield row | {"left_on": f"{year}-{day}"}
            yield after | {"joined_on": f"{year}-{day}", "former_group_id": code}


def budget_rows(province: Province, years: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Rows of the register of budgets: what each prefecture may award, in some years less than the table gives."""
    spec, draws = parameters("structure")["traits"]["group"]["budget"], province.draws
    low, high = spec["yuan"]
    for year in years:
        for number, place in enumerate(p for p in province.divisions() if p.level == "prefecture"):
            u = float(draws.uniform("group budget", number, year)[0])
            yield {
                "year": year,
                "area_code": place.code,
                "budget_yuan": round(low + (high - low) * u, -3),
                "basis": spec["basis"],
            }
